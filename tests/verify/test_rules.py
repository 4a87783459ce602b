"""Every rule: when it passes, when it fails, what it needs, and what it says."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapparot.contests import Figures
from sapparot.verify import admission
from sapparot.verify.facts import Claim, Finding, Profile
from sapparot.verify.hood import Hood, Surroundings
from sapparot.verify.neighbours import median, overlap
from sapparot.verify.policy import Policy
from sapparot.verify.register import Device
from sapparot.verify.rules import RULES, in_force, judged
from sapparot.verify.scene import Scene
from sapparot.verify.sentences import NOT_APPLICABLE, SENTENCES, sentence, title
from sapparot.verify.shapes import cell, compatible
from sapparot.verify.weights import CERTAIN, WEIGHTS
from sapparot.verify.wording import REASONS, WORDS
from sapparot.verify.wording import RULES as WORDING
from tests.verify.cast import FAR, OTHER_VOTES, SHEET, STATION, VOTES, default_policy, final, row, shape

BY_NAME = {rule.__name__: rule for rule in RULES}
SHAPE = shape()
HERE, AWAY = (15_243_630, 101_134_340), (15_800_000, 102_000_000)
OPTIONAL = (
    "absurd", "eligible", "closes", "received", "observed", "earlier", "live", "other", "partner", "neighbours", "twin",
    "photo_twin", "place", "station_place", "home_place", "home", "duty", "ours",
)  # fmt: skip
MEMBERS = ("votes", "valid", "spoiled", "no_vote", "ballots_cast")


def profile(votes: dict[str, int], turnout: int | None = 560) -> Profile:
    counts = [votes.get(key, 0) for key in SHAPE.keys]
    return Profile(row(votes), sum(counts), turnout, counts.index(max(counts)))


def neighbours(here: list[Profile], there: list[Profile] | None = None) -> Surroundings:
    return Surroundings(Hood(here), None, None if there is None else Hood(there))


def progress(votes: dict[str, int], seq: int = 1) -> Claim:
    figures = Figures(votes)
    return Claim(1, "p", "d", "sao", "progress", SHAPE.lay(figures).row, sum(votes.values()), seq, 0)


def scene(**changes: Any) -> Scene:
    """A final in which every rule passes, with changes; members of the figures may be changed by their names."""
    given_figures = final() | {name: changes.pop(name) for name in MEMBERS if name in changes}
    figures = Figures(**given_figures)
    around = neighbours([profile(VOTES)] * 6, [profile(VOTES)] * 6)
    everything: dict[str, Any] = {
        "policy": default_policy(), "stage": "final", "figures": figures, "shape": SHAPE, "laid": SHAPE.lay(figures),
        "eligible": 686, "closes": 0, "received": 7200, "observed": 7100, "replaces": "own", "finals": (row(VOTES),),
        "live": row({"1": 100, "2": 10, "3": 50, "4": 1}), "other": profile(VOTES), "partner": 0, "neighbours": around,
        "twin": "", "photo_twin": "", "place": HERE, "station_place": HERE, "home_place": HERE, "home": STATION,
        "station": STATION, "duty": (FAR, STATION), "ours": row(VOTES),
    }  # fmt: skip
    return Scene(**(everything | changes))


def without(given_scene: Scene, name: str) -> Scene:
    """The same scene with one input not known."""
    if name not in MEMBERS:
        return msgspec.structs.replace(given_scene, **{name: None})
    figures = msgspec.structs.replace(given_scene.figures, **{name: {} if name == "votes" else None})
    return msgspec.structs.replace(given_scene, figures=figures, laid=SHAPE.lay(figures))


OFFICIAL = {"stage": "official"}
COUNTING = {"stage": "progress", "earlier": progress({"1": 100}), "seq": 2}
SHIFTED = {"2": 212, "3": 35, "4": 120, "1": 3}
# rule: (changes for passing, changes for failing, inputs without which it is unknown)
CASES: dict[str, tuple[dict[str, Any], dict[str, Any], tuple[str, ...]]] = {
    "numbers_are_plausible": ({}, {"absurd": "votes 1: -5"}, ("votes",)),
    "options_stand": ({}, {"votes": VOTES | {"77": 1}}, ("votes",)),
    "votes_sum_to_valid": ({}, {"valid": 371}, ("votes", "valid")),
    "ballots_add_up": ({}, {"spoiled": 7}, ("valid", "spoiled", "no_vote", "ballots_cast")),
    "cast_within_eligible": ({}, {"ballots_cast": 687}, ("ballots_cast", "eligible")),
    "complete_reaches_turnout": ({}, {"ballots_cast": 600}, ("valid", "spoiled", "no_vote")),
    "same_turnout_on_both_ballots": ({}, {"ballots_cast": 400}, ("ballots_cast", "other")),
    "progress_never_falls": (COUNTING, COUNTING | {"votes": {"1": 90, "2": 1}}, ("votes",)),
    "final_not_below_progress": ({}, {"votes": VOTES | {"2": 9}}, ("votes",)),
    "device_keeps_its_word": ({}, {"finals": (row(OTHER_VOTES),)}, ()),
    "replaces_own_report": ({}, {"replaces": "foreign"}, ()),
    "counted_after_closing": ({}, {"received": -60}, ("received", "closes")),
    "observed_after_closing": ({}, {"observed": -600}, ("observed", "closes")),
    "paper_takes_time": ({}, {"received": 60}, ("received", "closes", "votes", "spoiled", "no_vote")),
    "clock_not_ahead": ({}, {"observed": 7200 + 3600}, ("observed", "received")),
    "turnout_like_neighbours": ({}, {"ballots_cast": 120}, ("ballots_cast", "eligible", "neighbours")),
    "leader_like_neighbours": ({}, {"votes": OTHER_VOTES}, ("votes", "neighbours")),
    "leader_like_other_ballot": ({}, {"other": profile(OTHER_VOTES)}, ("votes", "other", "neighbours")),
    "rows_not_shifted": ({}, {"votes": SHIFTED}, ("votes", "neighbours")),
    "figures_not_copied": ({}, {"twin": FAR}, ("twin",)),
    "photograph_not_copied": ({}, {"photo_twin": FAR}, ("photo_twin",)),
    "device_near_station": ({}, {"place": AWAY}, ("place", "station_place")),
    "device_at_one_place": (
        {"home": "neighbour"},
        {"home": FAR, "home_place": AWAY},
        ("home", "home_place", "station_place"),
    ),
    "duty_matches": ({}, {"duty": (FAR,)}, ("duty",)),
    "official_matches_ours": (OFFICIAL, OFFICIAL | {"ours": row(OTHER_VOTES)}, ("ours",)),
    "officials_agree": (OFFICIAL | {"officials": (row(),)}, OFFICIAL | {"officials": (row(), row(OTHER_VOTES))}, ("officials",)),
}  # fmt: skip


@pytest.mark.parametrize("rule", BY_NAME)
def test_a_rule_passes_fails_and_says_so_in_both_languages(rule: str) -> None:
    passing, failing, _ = CASES[rule]
    good, bad = BY_NAME[rule](scene(**passing)), BY_NAME[rule](scene(**failing))
    assert (good.outcome, bad.outcome) == ("passed", "failed"), (good, bad)
    for finding in (good, bad):
        said = sentence(finding)
        assert re.search("[ก-๙]", said.th) and re.search("[a-z]", said.en) and "{" not in said.th + said.en
        for value in bad.values.values() if finding is bad else ():
            shown = f"{value:,}" if isinstance(value, int) else value
            assert shown in said.th or ("direction", value) in WORDS or rule == "numbers_are_plausible", (value, said)


@pytest.mark.parametrize(("rule", "missing"), [(rule, name) for rule, case in CASES.items() for name in case[2]])
def test_a_rule_without_what_it_needs_does_not_know(rule: str, missing: str) -> None:
    finding = BY_NAME[rule](without(scene(**CASES[rule][0]), missing))
    assert finding.outcome == "unknown"
    assert ("missing", finding.values["missing"]) in WORDS and sentence(finding).th.startswith("ยังตรวจไม่ได้")


def test_every_rule_has_a_case_a_weight_and_sentences() -> None:
    assert set(CASES) == set(BY_NAME)
    assert set(WEIGHTS) == set(SENTENCES) == set(BY_NAME) | CERTAIN
    assert len(BY_NAME) == len(RULES)


CHANGES = st.fixed_dictionaries(
    {"stage": st.sampled_from(("progress", "final", "official", "reading"))},
    optional={
        "votes": st.dictionaries(st.sampled_from(("1", "2", "3", "4", "77")), st.integers(0, 300)),
        "valid": st.none() | st.integers(0, 700),
        "spoiled": st.none() | st.integers(0, 20),
        "no_vote": st.none() | st.integers(0, 20),
        "ballots_cast": st.none() | st.integers(0, 900),
        "eligible": st.none() | st.integers(1, 900),
        "received": st.none() | st.integers(-100, 9000),
        "observed": st.none() | st.integers(-100, 9000),
        "replaces": st.sampled_from(("nothing", "own", "foreign", "awaited")),
        "earlier": st.none() | st.builds(progress, st.dictionaries(st.sampled_from(("1", "2")), st.integers(0, 300))),
        "live": st.none() | st.just(row(OTHER_VOTES)),
        "other": st.none() | st.just(profile(OTHER_VOTES)),
        "partner": st.none() | st.integers(0, 3),
        "neighbours": st.none() | st.just(neighbours([])),
        "twin": st.sampled_from((None, "", FAR)),
        "photo_twin": st.sampled_from((None, "", FAR)),
        "home": st.sampled_from((None, STATION, FAR)),
        "home_place": st.sampled_from((None, HERE, AWAY)),
        "place": st.sampled_from((None, HERE, AWAY)),
        "duty": st.sampled_from(((), (STATION,), (FAR,), (FAR, STATION))),
        "ours": st.sampled_from((None, row(VOTES), row(OTHER_VOTES))),
    },
)


@given(CHANGES, st.sampled_from(OPTIONAL[1:] + MEMBERS))
def test_knowing_less_never_makes_a_rule_pass(changes: dict[str, Any], name: str) -> None:
    before = scene(**changes)
    known, less = judged(before), judged(without(before, name))
    for finding, poorer in zip(known, less, strict=True):
        assert poorer.outcome != "passed" or finding.outcome == "passed", (finding, poorer)


@given(CHANGES)
def test_every_finding_can_be_said(changes: dict[str, Any]) -> None:
    for finding in judged(scene(**changes)):
        assert sentence(finding).th and sentence(finding).en and title(finding.rule).th


def test_rules_judge_only_the_stages_they_are_about() -> None:
    outcomes = {finding.rule: finding for finding in judged(scene(**COUNTING))}
    assert outcomes["votes_sum_to_valid"].outcome == "not_applicable"
    assert sentence(outcomes["votes_sum_to_valid"]) == NOT_APPLICABLE
    assert {f.rule for f in judged(scene(**OFFICIAL)) if f.outcome == "not_applicable"} >= {
        "device_near_station",
        "paper_takes_time",
    }


def test_more_votes_than_valid_ballots_are_certain_even_when_options_are_missing() -> None:
    assert BY_NAME["votes_sum_to_valid"](scene(votes={"1": 400})).outcome == "failed"
    assert BY_NAME["votes_sum_to_valid"](scene(votes={"1": 300})).outcome == "unknown"
    assert BY_NAME["votes_sum_to_valid"](scene(votes={"1": 370})).outcome == "passed"


def test_what_a_report_says_about_its_own_limit_can_only_refute_it() -> None:
    rule = BY_NAME["cast_within_eligible"]
    figures = {"figures": Figures(**final(), eligible=300), "eligible": None}
    assert rule(scene(**figures)).outcome == "failed"
    assert rule(scene(**figures | {"figures": Figures(**final(), eligible=900)})).outcome == "unknown"


def test_a_final_without_ballots_cast_can_still_hold_too_many() -> None:
    rule = BY_NAME["cast_within_eligible"]
    assert rule(scene(ballots_cast=None, valid=None, votes={"1": 900})).outcome == "failed"


def test_progress_that_was_held_up_on_its_way_is_no_fall() -> None:
    late = {"stage": "progress", "earlier": progress({"1": 100}, seq=5), "seq": 3, "votes": {"1": 60}}
    assert BY_NAME["progress_never_falls"](scene(**late)).outcome == "passed"


def test_an_option_that_progress_had_and_the_final_leaves_out_is_not_known() -> None:
    assert BY_NAME["final_not_below_progress"](scene(votes={"1": 212, "2": 35, "4": 3}, valid=999)).outcome == "unknown"


def test_shifted_rows_name_the_direction() -> None:
    down = BY_NAME["rows_not_shifted"](scene(votes=SHIFTED))
    assert down.values["direction"] == "down" and "ลง" in sentence(down).th
    up = BY_NAME["rows_not_shifted"](
        scene(
            votes={"1": 35, "2": 120, "3": 3, "4": 212},
            neighbours=neighbours([profile({"1": 5, "2": 35, "3": 120, "4": 3})] * 6),
        )
    )
    assert up.values["direction"] == "up" and "ขึ้น" in sentence(up).th


def test_a_few_lying_neighbours_do_not_move_the_median() -> None:
    around = neighbours([profile(OTHER_VOTES), *[profile(VOTES)] * 5])
    assert BY_NAME["leader_like_neighbours"](scene(neighbours=around)).outcome == "passed"


def test_a_party_that_stands_on_one_ballot_only_is_not_compared() -> None:
    assert BY_NAME["leader_like_other_ballot"](scene(partner=None)).outcome == "not_applicable"


def test_the_middle_of_values() -> None:
    assert [median([3]), median([4, 1]), median([9, 1, 5])] == [3, 2, 5]


def test_equal_shares_overlap_wholly_and_disjoint_ones_not_at_all() -> None:
    assert [overlap([1, 3], [10, 30]), overlap([1, 0], [0, 1]), overlap([], [])] == [1000, 0, 0]


def test_a_policy_switches_rules_off() -> None:
    policy = Policy(weights={"clock_not_ahead": "off"})
    assert "clock_not_ahead" not in {rule.__name__ for rule in in_force(policy)}


DEVICE = Device("k", "sao", 1, 0, 10_000, {})
GATES: dict[str, tuple[Callable[[], Finding], Callable[[], Finding], Callable[[], Finding] | None]] = {
    "entry_is_readable": (
        lambda: admission.entry_is_readable("report", None),
        lambda: admission.entry_is_readable("report", "members"),
        None,
    ),
    "signature_holds": (
        lambda: admission.signature_holds(True),
        lambda: admission.signature_holds(False),
        lambda: admission.signature_holds(None),
    ),
    "enrolment_is_authentic": (
        lambda: admission.enrolment_is_authentic("k", None),
        lambda: admission.enrolment_is_authentic("k", "taken"),
        None,
    ),
    "device_is_enrolled": (
        lambda: admission.device_is_enrolled(DEVICE, "k", 5),
        lambda: admission.device_is_enrolled(DEVICE, "k", 20_000),
        lambda: admission.device_is_enrolled(DEVICE, "k", None),
    ),
    "election_is_ours": (
        lambda: admission.election_is_ours("small", "small"),
        lambda: admission.election_is_ours("large", "small"),
        lambda: admission.election_is_ours(None, "small"),
    ),
    "sheet_is_known": (
        lambda: admission.sheet_is_known(SHEET, True),
        lambda: admission.sheet_is_known("x", False),
        lambda: admission.sheet_is_known(None, False),
    ),
    "stage_is_allowed": (
        lambda: admission.stage_is_allowed("official", 2, Policy()),
        lambda: admission.stage_is_allowed("official", 1, Policy()),
        lambda: admission.stage_is_allowed("final", None, Policy()),
    ),
    "official_from_own_area": (
        lambda: admission.official_from_own_area(SHEET, True),
        lambda: admission.official_from_own_area(SHEET, False),
        lambda: admission.official_from_own_area(SHEET, None),
    ),
    "report_is_new": (
        lambda: admission.report_is_new(False),
        lambda: admission.report_is_new(True),
        lambda: admission.report_is_new(None),
    ),
    "reading_is_blind": (
        lambda: admission.reading_is_blind("reading", True, reads_itself=False),
        lambda: admission.reading_is_blind("reading", False, reads_itself=False),
        lambda: admission.reading_is_blind("reading", None, reads_itself=False),
    ),
    "device_has_room": (
        lambda: admission.device_has_room(True, Policy()),
        lambda: admission.device_has_room(False, Policy()),
        lambda: admission.device_has_room(None, Policy()),
    ),
    "group_has_room": (
        lambda: admission.group_has_room(3, Policy()),
        lambda: admission.group_has_room(16, Policy()),
        lambda: admission.group_has_room(None, Policy()),
    ),
    "decision_is_allowed": (
        lambda: admission.decision_is_allowed(2, 2),
        lambda: admission.decision_is_allowed(1, 2),
        None,
    ),
}


@pytest.mark.parametrize("rule", sorted(CERTAIN))
def test_a_rule_about_admission_passes_fails_and_does_not_know(rule: str) -> None:
    good, bad, open_question = GATES[rule]
    outcomes = [good().outcome, bad().outcome, open_question().outcome if open_question else "unknown"]
    assert outcomes == ["passed", "failed", "unknown"]
    for finding in (good(), bad()):
        said = sentence(finding)
        assert re.search("[ก-๙]", said.th) and "{" not in said.th + said.en and "\n" not in said.th


def test_what_a_stranger_wrote_is_shortened_and_made_harmless() -> None:
    finding = admission.sheet_is_known("\x1b[31m" + "x" * 500, False)
    assert "\x1b" not in str(finding.values["sheet"]) and len(str(finding.values["sheet"])) <= admission.LONGEST


def test_templates_name_only_values_and_both_languages_name_the_same() -> None:
    for texts in WORDING.values():
        for thai, english in texts:
            assert set(re.findall(r"{(\w+)}", thai)) == set(re.findall(r"{(\w+)}", english)), english


def test_every_reason_of_a_move_has_words() -> None:
    assert all(th and en for th, en in REASONS.values())


def test_rows_are_compared_where_both_give_a_figure() -> None:
    assert compatible(row(VOTES), row(VOTES, spoiled=None), 0)
    assert not compatible(row(VOTES), row(VOTES, spoiled=7), 0)
    assert compatible(row(VOTES), row(VOTES, spoiled=7), 1)
    assert cell(row(VOTES), 0) == 212

"""Every rule, broken by whole entries: the fold hands each rule what it needs and writes the values that a reader of the log is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from sapparot.verify import Engine, Finding, genuine, sentence
from sapparot.verify.letters import DECISION_TYPE, READING_TYPE, REPORT_TYPE
from sapparot.verify.wording import RULES
from tests.verify.cast import (
    FAR,
    LIST,
    NEXT,
    OTHER_VOTES,
    SHEET,
    VOTES,
    Evening,
    default_policy,
    final,
    jws,
    key_of,
    kid,
    minutes,
    photo,
    small,
)

SAME_FORM = [{"role": "form", "sha256": photo(99)}]
THERE = f"{NEXT}/constituency"
BESIDE = [f"01-01-010111-00{number}" for number in range(2, 6)]
"""Stations around the usual one."""
FEW = {"1": 60, "2": 20, "3": 30, "4": 3}
"""Votes that every one of them has room for."""


def confirm(evening: Evening, votes: dict[str, int], sheet: str = SHEET) -> None:
    """Let two independent people report the same."""
    for who in ("somchai", "malee"):
        evening.report(who, final(votes), sheet=sheet)


def around(evening: Evening, votes: dict[str, int], ballot: str = "constituency") -> None:
    """Let the same, and a little more from station to station, be confirmed around the usual one."""
    for number, station in enumerate(BESIDE):
        confirm(evening, {option: count + number for option, count in votes.items()}, f"{station}/{ballot}")


def official(evening: Evening, who: str, votes: dict[str, int] = VOTES) -> None:
    evening.report(who, final(votes), stage="official")


def taken(evening: Evening) -> None:
    evening.enrol("malee", network="sao")


def revoked(evening: Evening) -> None:
    evening.revoke("fah", 60)
    evening.report("fah")


def elsewhere(evening: Evening) -> None:
    evening.enrol("head", areas=["02-01"])
    official(evening, "head")


def twice(evening: Evening) -> None:
    for _ in range(2):
        evening.report("fah", id="the same")


def own(evening: Evening) -> None:
    evening.report("reader")
    evening.reading("reader", photo(1))


def everywhere(evening: Evening) -> None:
    for station in small().stations.codes[1:21]:
        evening.report("fah", sheet=f"{station}/list")
    evening.report("fah")


def loud(evening: Evening) -> None:
    for _ in range(5):
        evening.report("fah")


def other_turnout(evening: Evening) -> None:
    confirm(evening, VOTES)
    evening.report("fah", final({"1": 380}), sheet=LIST)


def not_ours(evening: Evening) -> None:
    confirm(evening, VOTES)
    official(evening, "head", OTHER_VOTES)


def at_odds(evening: Evening) -> None:
    official(evening, "head")
    official(evening, "wari", OTHER_VOTES)


def falling(evening: Evening) -> None:
    evening.progress("fah", {"1": 50})
    evening.progress("fah", {"1": 40}, 70)


def below(evening: Evening) -> None:
    evening.progress("fah", {"1": 250})
    evening.report("fah")


def two_minds(evening: Evening) -> None:
    evening.report("fah")
    evening.report("fah", final(OTHER_VOTES))


def of_another(evening: Evening) -> None:
    evening.report("somchai", id="first")
    evening.report("fah", replaces="first")


def many_came(evening: Evening) -> None:
    around(evening, {"1": 20, "2": 9, "3": 5, "4": 3})
    evening.report("fah", final({"1": 400, "2": 200, "3": 30}), 200)


def another_leads(evening: Evening) -> None:
    around(evening, FEW)
    evening.report("fah", final({"1": 1, "2": 366, "3": 2, "4": 1}))


def split(evening: Evening) -> None:
    around(evening, FEW)
    around(evening, {"3": 60, "1": 30, "2": 20, "4": 3, "5": 1}, "list")
    confirm(evening, {"1": 150, "2": 150, "3": 10, "4": 3, "5": 1}, LIST)
    evening.report("fah", final({"1": 200, "2": 60, "3": 40, "4": 14}))


def shifted(evening: Evening) -> None:
    around(evening, FEW)
    evening.report("fah", final({"1": 0, "2": 212, "3": 35, "4": 123}))


def copied(evening: Evening) -> None:
    evening.report("somchai", sheet=THERE)
    evening.report("fah")


def one_picture(evening: Evening) -> None:
    evening.report("somchai", final(OTHER_VOTES), sheet=THERE, evidence=SAME_FORM)
    evening.report("fah", evidence=SAME_FORM)


def two_places(evening: Evening) -> None:
    evening.report("fah", sheet=f"{FAR}/list")
    evening.report("fah")


def no_duty(evening: Evening) -> None:
    evening.put("duties", {"election": "small", "duties": {kid("fah"): [FAR, NEXT]}})
    evening.report("fah")


def unsigned(evening: Evening) -> None:
    evening.engine = Engine(genuine)
    evening.signed = True
    for _, kind, body in evening.entries[:]:
        evening.engine.apply(0, kind, body)
    evening.enrol("fah")
    evening.signed = False
    evening.report("fah")


BREAKS: dict[str, tuple[Callable[[Evening], object], dict[str, Any]]] = {
    "entry_is_readable": (
        lambda e: e.put("report", {"jws": "x"}),
        {"kind": "report", "problem": "header"},
    ),
    "signature_holds": (unsigned, {}),
    "enrolment_is_authentic": (taken, {"device": kid("malee"), "reason": "taken"}),
    "device_is_enrolled": (revoked, {"device": kid("fah"), "reason": "revoked"}),
    "election_is_ours": (lambda e: e.report("fah", election="th-2566"), {"election": "th-2566"}),
    "sheet_is_known": (lambda e: e.report("fah", sheet="99-99-1/list"), {"sheet": "99-99-1/list"}),
    "stage_is_allowed": (lambda e: official(e, "fah"), {"stage": "official", "level": 1, "needed": 2}),
    "official_from_own_area": (elsewhere, {"sheet": SHEET}),
    "report_is_new": (twice, {}),
    "reading_is_blind": (own, {}),
    "device_has_room": (everywhere, {"stations": 20}),
    "group_has_room": (loud, {"claims": 4, "room": 16}),
    "decision_is_allowed": (
        lambda e: e.decide("somchai", figures=final()),
        {"people": 0, "needed": 1, "reason": "people"},
    ),
    "numbers_are_plausible": (lambda e: e.report("fah", final({"1": -5})), {"number": "1: -5"}),
    "options_stand": (lambda e: e.report("fah", final(VOTES | {"9": 1})), {"option": "9", "strange": 1}),
    "votes_sum_to_valid": (lambda e: e.report("fah", final(valid=371)), {"total": 370, "valid": 371}),
    "ballots_add_up": (lambda e: e.report("fah", final(ballots_cast=386)), {"total": 385, "cast": 386}),
    "cast_within_eligible": (lambda e: e.report("fah", final({"1": 700}), 300), {"cast": 715, "eligible": 686}),
    "complete_reaches_turnout": (
        lambda e: e.report("fah", final(ballots_cast=500)),
        {"counted": 385, "turnout": 500},
    ),
    "same_turnout_on_both_ballots": (other_turnout, {"cast": 395, "other": 385}),
    "official_matches_ours": (not_ours, {"figure": "1", "ours": 212, "official": 35, "differing": 2}),
    "officials_agree": (at_odds, {"figure": "1", "here": 35, "there": 212, "groups": 1}),
    "progress_never_falls": (falling, {"option": "1", "before": 50, "now": 40}),
    "final_not_below_progress": (below, {"option": "1", "before": 250, "now": 212}),
    "device_keeps_its_word": (two_minds, {"finals": 2}),
    "replaces_own_report": (of_another, {}),
    "counted_after_closing": (lambda e: e.progress("fah", {"1": 1}, -10), {"minutes": 10}),
    "observed_after_closing": (lambda e: e.report("fah", observed_at="2026-03-01T09:30:00Z"), {"minutes": 30}),
    "paper_takes_time": (lambda e: e.report("fah", after=2), {"ballots": 385, "minutes": 2}),
    "clock_not_ahead": (lambda e: e.report("fah", observed_at="2026-03-01T15:00:00Z"), {"minutes": 180}),
    "turnout_like_neighbours": (many_came, {"value": 940, "median": 112, "neighbours": 4}),
    "leader_like_neighbours": (another_leads, {"value": 989, "median": 180, "neighbours": 4}),
    "leader_like_other_ballot": (split, {"value": 605, "median": 10, "neighbours": 4}),
    "rows_not_shifted": (shifted, {"fits": 313, "shifted": 906, "direction": "down"}),
    "figures_not_copied": (copied, {"station": NEXT}),
    "photograph_not_copied": (one_picture, {"station": NEXT}),
    "device_near_station": (lambda e: e.report("fah", place=[1800, 9900]), {"km": 381}),
    "device_at_one_place": (two_places, {"km": 151, "station": FAR}),
    "duty_matches": (no_duty, {"station": FAR}),
}
"""What breaks each rule, and the values of the finding, worked out by hand."""


def test_no_rule_is_left_out() -> None:
    assert BREAKS.keys() == RULES.keys()
    assert key_of("fah").kid == kid("fah")


@pytest.mark.parametrize("rule", BREAKS)
def test_a_broken_rule_is_a_finding_with_its_values(rule: str) -> None:
    broken, values = BREAKS[rule]
    near = msgspec.structs.replace(default_policy().neighbours, fewest=len(BESIDE))
    policy = msgspec.structs.replace(default_policy(), neighbours=near)
    evening = Evening(policy=policy)
    broken(evening)
    [found] = evening.findings(rule)
    assert found["values"] == values
    assert found["weight"] == policy.weight(rule)


UNREADABLE: dict[str, tuple[str, bytes | dict[str, Any]]] = {
    "crowded": ("policy", b'{"policy":' + b"[" * 1000),
    "members": ("revocation", {"jws": 1}),
    "received_at": ("report", {"jws": jws("fah", REPORT_TYPE, {})}),
    "words": ("decision", {"at": minutes(1), "jws": [jws("wari", DECISION_TYPE, {}), jws("anan", DECISION_TYPE, [])]}),
    "header": ("enrolment", {"jws": "no signature"}),
    "jws": ("enrolment", {"jws": "e30.e30.e30"}),
    "typ": ("report", {"at": minutes(1), "jws": jws("fah", READING_TYPE, {})}),
    "key": ("network", {"id": "odd", "key": {"kty": "odd"}, "name": {"th": "ก", "en": "a"}}),
    "definition": ("areas", {"id": "odd"}),
}
"""An entry of each kind of trouble: the log keeps a word of ours for it, which no new version of a library changes."""


@pytest.mark.parametrize("problem", UNREADABLE)
def test_what_is_wrong_with_an_entry_is_a_code_with_words_in_both_languages(problem: str) -> None:
    evening = Evening(defined=problem != "definition")
    kind, body = UNREADABLE[problem]
    for _ in range(2):
        evening.put(kind, body)
    told = evening.findings("entry_is_readable")[-1]["values"]
    assert told == {"kind": kind, "problem": problem}
    assert problem not in sentence(Finding("entry_is_readable", "failed", told)).th


def test_figures_that_nobody_can_object_to_break_no_rule() -> None:
    evening = Evening()
    confirm(evening, VOTES)
    assert evening.rules() == []

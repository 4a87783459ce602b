"""Evenings on which somebody lies."""

from __future__ import annotations

from msgspec.structs import replace

from sapparot.verify.engine import Engine
from sapparot.verify.policy import Evening as Limits
from tests.verify.cast import NEXT, OTHER_VOTES, VOTES, Evening, default_policy, final, photo, small

LIE = final(OTHER_VOTES)


def test_a_single_liar_is_never_counted_by_the_headline_layers() -> None:
    evening = Evening()
    evening.report("ploy", LIE)
    assert evening.standing().layer == "reported" and "reported" not in default_policy().headline


def test_a_whole_network_that_colludes_confirms_nothing_by_itself() -> None:
    evening = Evening()
    for name in ("ploy", "prapat"):
        evening.report(name, LIE)
    assert evening.standing().state == "reported" and evening.standing().sources == 1


def test_a_colluding_network_cannot_outvote_the_honest_ones() -> None:
    evening = Evening()
    for name in ("ploy", "prapat"):
        evening.report(name, LIE)
    for name in ("somchai", "wichai", "kong"):
        evening.report(name)
    assert evening.standing().state == "confirmed" and evening.moves()[-1]["figures"]["votes"] == VOTES


def test_who_repeats_a_lie_does_not_keep_the_others_of_the_group_from_contradicting_it() -> None:
    evening = Evening()
    for name in ("ploy", "kong"):
        for _ in range(default_policy().agreement.room + 4):
            evening.report(name, LIE)
    assert evening.standing().layer == "confirmed"
    evening.report("prapat")
    assert evening.standing().state == "disputed"
    for _ in range(40):
        evening.report("prapat")
        evening.report("prapat", final(VOTES | {"1": evening.serial}))
    room = default_policy().agreement.room // 4
    assert len(evening.findings("group_has_room")) == 2 * (20 - room) + 81 - room, "a quarter for each phone, then none"


def test_a_group_with_many_phones_of_heads_says_one_official_word_whenever_our_figures_change() -> None:
    evening = Evening()
    for number in range(3 * default_policy().agreement.room):
        evening.enrol(f"head {number}", network="rajabhat", level=2)
        evening.report(f"head {number}", final(VOTES | {"1": number}), stage="official")
    for name in ("somchai", "wichai"):
        evening.report(name)
    assert [one["values"]["official"] for one in evening.findings("official_matches_ours")] == [number]


def test_what_finds_no_room_is_marked_as_refused_for_whoever_looks_later() -> None:
    evening = Evening()
    for _ in range(default_policy().agreement.room // 4 + 1):
        evening.report("ploy", LIE)
    step = Engine()
    assert [step.step(*entry).refused for entry in evening.entries][-2:] == [False, True]


def test_a_liar_who_also_tells_the_truth_supports_neither() -> None:
    evening = Evening()
    evening.report("ploy", LIE)
    evening.report("prapat")
    evening.report("somchai")
    assert evening.standing().state == "disputed"


def test_a_liar_cannot_silence_the_truth_by_repeating_it() -> None:
    evening = Evening()
    evening.report("somchai")
    for _ in range(30):
        evening.report("ploy", LIE)
    for name in ("wichai", "kong"):
        evening.report(name)
    assert evening.standing().state == "confirmed" and evening.moves()[-1]["figures"]["votes"] == VOTES


def test_a_final_before_paper_could_be_read_is_disputed() -> None:
    evening = Evening()
    evening.report("ploy", LIE, after=2)
    assert evening.standing().state == "disputed" and "paper_takes_time" in evening.rules()
    evening.report("somchai")
    evening.report("wichai")
    assert evening.standing().state == "confirmed"


def test_a_final_before_closing_is_disputed() -> None:
    evening = Evening()
    evening.report("ploy", LIE, after=-30)
    assert evening.standing().state == "disputed" and "counted_after_closing" in evening.rules()


def test_a_stolen_photograph_disputes_only_the_sheet_of_the_thief() -> None:
    evening = Evening()
    shown = [{"role": "form", "sha256": photo(9)}]
    evening.report("somchai", evidence=shown)
    evening.report("ploy", final({"1": 90, "2": 7}), sheet="01-01-010111-002/constituency", evidence=shown)
    assert evening.standing().state == "reported"
    assert evening.standing("01-01-010111-002/constituency").state == "disputed"


def test_a_liars_progress_never_reaches_a_final() -> None:
    evening = Evening()
    evening.progress("ploy", {"2": 500}, after=60)
    evening.report("somchai")
    evening.report("wichai")
    assert evening.standing().state == "confirmed" and evening.moves()[-1]["figures"]["votes"] == VOTES
    assert evening.rules() == ["final_not_below_progress"] * 2


def test_a_person_of_the_war_room_cannot_decide_a_disputed_sheet_alone_with_two_devices_that_are_none() -> None:
    evening = Evening()
    evening.report("somchai")
    evening.report("ploy", LIE)
    evening.decide("wari", "nobody", figures=LIE)
    evening.decide("wari", "head", figures=LIE)
    assert evening.standing().state == "disputed" and len(evening.findings("decision_is_allowed")) == 2


def test_one_phone_disputes_no_more_stations_than_the_policy_lets_it_speak_about() -> None:
    evening = Evening(policy=replace(default_policy(), evening=Limits(stations=2)))
    evening.enrol("role", network="rajabhat", level=2)
    stations = small().stations.codes[:5]
    sheets = [f"{station}/{ballot.code}" for station in stations for ballot in small().ballots]
    for sheet in (*sheets, *sheets):
        evening.report("ploy", {"votes": {"1": 7}}, sheet=sheet)
    assert [finding["sheet"] for finding in evening.findings("device_has_room")] == 2 * sheets[4:]
    for sheet in sheets:
        evening.report("role", {"votes": {"1": 8}}, sheet=sheet)
    assert [evening.standing(sheet).state for sheet in sheets] == ["disputed"] * 4 + ["reported"] * 6


def test_a_phone_with_all_its_stations_still_corrects_what_it_said_of_them() -> None:
    evening = Evening(policy=replace(default_policy(), evening=Limits(stations=1)))
    for figures in (LIE, final()):
        evening.report("ploy", figures, replaces=f"r{evening.serial}")
    evening.report("ploy", sheet=f"{NEXT}/constituency", replaces=f"r{evening.serial}")
    assert evening.standing().state == "reported" and evening.moves()[-1]["figures"]["votes"] == VOTES
    assert evening.rules() == ["device_has_room"]


def test_a_total_that_one_source_gives_alone_is_not_confirmed() -> None:
    bare = final(no_vote=None, ballots_cast=None)
    evening = Evening()
    evening.report("somchai", bare)
    evening.report("ploy", bare | {"no_vote": 200})
    assert evening.standing().state == "confirmed"
    assert evening.moves()[-1]["figures"] == bare
    evening.report("wichai", bare | {"no_vote": 200})
    assert evening.moves()[-1]["figures"]["no_vote"] == 200, "now two sources say so"


def test_totals_of_an_outvoted_liar_are_not_among_the_confirmed_ones() -> None:
    bare = {"votes": VOTES}
    evening = Evening()
    evening.report("ploy", bare | {"valid": 999, "spoiled": 1})
    for name in ("somchai", "wichai"):
        evening.report(name, bare)
    assert evening.standing().reason == "dissent_outvoted"
    assert evening.moves()[-1]["figures"] == {
        "votes": VOTES, "valid": None, "spoiled": None, "no_vote": None, "ballots_cast": None,
    }  # fmt: skip


def test_one_liar_leaves_room_for_its_group_and_takes_nothing_along_when_it_is_revoked() -> None:
    evening = Evening()
    for number in range(20):
        evening.report("nok", final(VOTES | {"1": 300 + number}), after=100)
    evening.report("wichai")
    evening.report("somchai")
    assert evening.standing().state == "disputed"
    evening.revoke("nok", after=50)
    assert evening.standing().state == "confirmed" and evening.moves()[-1]["figures"]["votes"] == VOTES

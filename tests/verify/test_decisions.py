"""What people and authorities say beside the volunteers: decisions, official figures, revocations."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from sapparot.verify import Engine
from sapparot.verify.facts import NOTHING
from sapparot.verify.letters import DECISION_TYPE, REVOCATION_TYPE
from sapparot.verify.policy import Interests
from sapparot.verify.states import people_needed, settle, step, weigh
from tests.verify.cast import (
    FAR,
    LIST,
    OTHER_VOTES,
    SHEET,
    VOTES,
    Evening,
    claim,
    default_policy,
    final,
    jws,
    kid,
    minutes,
    photo,
    row,
)

INTERESTS = Interests(default_policy())


def test_two_people_of_the_war_room_settle_a_disputed_sheet() -> None:
    evening = Evening()
    evening.report("somchai")
    evening.report("wichai", final(OTHER_VOTES))
    evening.decide("wari", figures=final())
    assert evening.standing().state == "disputed" and evening.rules() == ["decision_is_allowed"]
    evening.decide("wari", "wari", figures=final())
    assert evening.standing().state == "disputed"
    evening.decide("wari", "anan", figures=final())
    move = evening.moves()[-1]
    assert (move["state"], move["layer"], move["reason"], move["sources"]) == ("settled", "settled", "decided", 2)
    evening.report("ploy", final(OTHER_VOTES))
    assert evening.standing().state == "settled"


def test_one_person_with_two_devices_decides_once() -> None:
    evening = disputed()
    evening.enrol("second", network="media", level=3, same=kid("wari"))
    evening.enrol("third", network="media", level=3, same=kid("second"))
    evening.decide("wari", "second", "third", figures=final())
    assert evening.standing().state == "disputed" and void(evening) == ["people"]
    evening.decide("third", "anan", figures=final(), after=250)
    assert evening.standing().state == "settled" and evening.standing().sources == 2


@pytest.mark.parametrize("same", ["nobody", kid("reader"), kid("second")])
def test_a_device_is_of_no_person_that_its_network_does_not_know(same: str) -> None:
    evening = disputed()
    evening.enrol("second", network="media", level=3, same=same)
    assert [found["values"]["reason"] for found in evening.findings("enrolment_is_authentic")] == ["same"]
    evening.decide("wari", "second", figures=final())
    assert evening.standing().state == "disputed"


def test_whose_a_device_is_stays_whatever_its_network_says_later() -> None:
    evening = disputed()
    evening.enrol("second", network="media", level=3, same=kid("wari"))
    evening.enrol("second", network="media", level=3)
    evening.enrol("second", network="media", level=3, same=kid("anan"))
    assert evening.rules() == ["enrolment_is_authentic"]
    evening.decide("wari", "second", figures=final())
    assert evening.standing().state == "disputed"


def test_who_reported_the_figures_does_not_read_them_with_another_device() -> None:
    evening = Evening()
    evening.report("wari", evidence=[{"role": "form", "sha256": photo(7)}])
    evening.enrol("second", network="media", level=3, same=kid("wari"))
    evening.reading("second", photo(7))
    assert evening.rules() == ["reading_is_blind"]


def test_who_sent_the_progress_of_a_sheet_does_not_read_its_photograph() -> None:
    evening = Evening()
    evening.report("somchai", evidence=[{"role": "form", "sha256": photo(7)}])
    evening.progress("wari", {"1": 1})
    evening.reading("wari", photo(7))
    assert evening.rules() == ["reading_is_blind"] and evening.standing().state == "reported"


def test_a_decision_can_name_the_report_whose_figures_hold() -> None:
    evening = Evening()
    evening.report("somchai")
    position = evening.last
    evening.report("wichai", final(OTHER_VOTES))
    evening.decide("wari", "anan", use=position, figures=None)
    assert evening.standing().state == "settled" and evening.standing().row == row()


@pytest.mark.parametrize(
    ("names", "members", "reason"),
    [
        (("wari", "somchai"), {"figures": final()}, "people"),
        (("wari", "anan"), {"figures": None, "use": 10**12}, "figures"),
        (("wari", "anan"), {"figures": final({"9": 3})}, "figures"),
        (("wari", "anan"), {"figures": final({"1": -3})}, "figures"),
        (("wari", "anan"), {"figures": final(), "sheet": "nowhere/list"}, "sheet"),
    ],
)
def test_a_decision_that_lacks_something_is_ignored_visibly(
    names: tuple[str, ...], members: dict[str, Any], reason: str
) -> None:
    evening = Evening()
    evening.report("somchai")
    evening.report("wichai", final(OTHER_VOTES))
    evening.decide(*names, **members)
    assert evening.standing().state == "disputed"
    assert [finding["values"]["reason"] for finding in evening.findings("decision_is_allowed")] == [reason]


def disputed() -> Evening:
    evening = Evening()
    evening.report("somchai")
    evening.report("wichai", final(OTHER_VOTES))
    return evening


def void(evening: Evening) -> list[Any]:
    return [finding["values"]["reason"] for finding in evening.findings("decision_is_allowed")]


def test_a_decision_that_was_superseded_cannot_be_brought_back() -> None:
    evening = disputed()
    evening.decide("wari", "anan", figures=final(), after=240)
    old = evening.entries[-1][2]
    evening.decide("wari", "anan", figures=final(OTHER_VOTES), after=250)
    settled = evening.standing()
    evening.put("decision", old)
    assert evening.standing() == settled and void(evening) == ["replayed"]


def test_where_the_policy_says_so_people_of_one_interest_do_not_decide_alone() -> None:
    policy = default_policy()
    evening = Evening(policy=replace(policy, decisions=replace(policy.decisions, groups=2)))
    evening.report("somchai")
    evening.decide("wari", figures=final(), after=200)
    assert evening.standing().state == "settled", "where one person is enough, one group is"
    evening.decide("wari", "anan", figures=final(OTHER_VOTES))
    assert evening.standing().row == row() and void(evening) == ["groups"]
    evening.decide("wari", "reader", figures=final(OTHER_VOTES), after=250)
    assert evening.standing().row == row(OTHER_VOTES)


def test_a_decision_of_tomorrow_shuts_nobody_out() -> None:
    evening = Evening()
    evening.report("somchai")
    said = {"v": 1, "at": "9999-01-01T00:00:00Z", "sheet": SHEET, "figures": final(OTHER_VOTES)}
    evening.put("decision", {"at": minutes(240), "jws": [jws("wari", DECISION_TYPE, said, signed=True)]})
    assert evening.standing().state == "reported" and void(evening) == ["ahead"]
    said |= {"at": minutes(244)}
    evening.put("decision", {"at": minutes(240), "jws": [jws("wari", DECISION_TYPE, said, signed=True)]})
    assert evening.standing().state == "settled", "clocks of phones are never quite right"
    evening.decide("wari", "anan", figures=final(), after=250)
    assert evening.standing().row == row()


def test_a_forged_signature_decides_nothing_even_where_signatures_of_reports_are_not_checked_again() -> None:
    evening = disputed()
    said = {"v": 1, "at": minutes(240), "sheet": SHEET, **{"figures": final()}}
    forged = [jws("wari", DECISION_TYPE, said, signed=True), jws("anan", DECISION_TYPE, said)]
    evening.put("decision", {"at": minutes(240), "jws": forged})
    assert evening.standing().state == "disputed" and void(evening) == ["people"]


def test_signatures_under_other_words_cannot_be_put_together() -> None:
    evening = disputed()
    said = {"v": 1, "at": minutes(240), "sheet": SHEET, "figures": final()}
    other = said | {"figures": final(OTHER_VOTES)}
    signed = [jws("wari", DECISION_TYPE, said, signed=True), jws("anan", DECISION_TYPE, other, signed=True)]
    evening.put("decision", {"at": minutes(240), "jws": signed})
    assert evening.standing().state == "disputed" and evening.rules() == ["entry_is_readable"]


def test_who_was_revoked_when_the_decision_came_decides_nothing_whatever_time_it_names() -> None:
    evening = disputed()
    evening.revoke("anan", 200)
    said = {"v": 1, "at": minutes(190), "sheet": SHEET, "figures": final()}
    signed = [jws(name, DECISION_TYPE, said, signed=True) for name in ("wari", "anan")]
    evening.put("decision", {"at": minutes(240), "jws": signed})
    assert evening.standing().state == "disputed" and void(evening) == ["people"]


def test_one_person_settles_a_sheet_that_nobody_disputes_and_two_overrule_confirmed_figures() -> None:
    policy = default_policy()
    reported = step(NOTHING, weigh([claim("sao")], INTERESTS))
    confirmed = step(reported, weigh([claim("sao"), claim("vote62")], INTERESTS))
    disputed = step(reported, weigh([claim("sao"), claim("vote62", OTHER_VOTES)], INTERESTS))
    assert people_needed(reported, row(OTHER_VOTES), policy) == 1
    assert people_needed(confirmed, row(), policy) == 1
    assert people_needed(confirmed, row(OTHER_VOTES), policy) == 2
    assert people_needed(disputed, row(), policy) == 2
    assert people_needed(settle(row(), 2), row(OTHER_VOTES), policy) == 2


def test_official_figures_never_change_what_we_count() -> None:
    evening = Evening()
    evening.report("somchai")
    evening.report("head", final(VOTES | {"1": 100}), stage="official")
    assert evening.standing().state == "reported"
    (finding,) = evening.findings("official_matches_ours")
    assert finding["values"] == {"figure": "1", "official": 100, "ours": 212, "differing": 3}


def test_official_figures_that_came_first_are_compared_when_ours_come() -> None:
    evening = Evening()
    evening.report("head", final(VOTES | {"1": 100}), stage="official")
    assert evening.rules() == [] and evening.standing().state == "empty"
    evening.report("somchai")
    assert evening.rules() == ["official_matches_ours"]


def test_official_figures_of_a_whole_constituency_are_known() -> None:
    evening = Evening()
    evening.report("head", final({"1": 90_000}, valid=None), stage="official", sheet="01-01/constituency")
    assert evening.outs == []


def test_official_figures_count_from_the_area_that_the_enrolment_names_alone() -> None:
    evening = Evening()
    evening.enrol("near", network="rajabhat", level=2, areas=["01-01"])
    evening.enrol("far", network="rajabhat", level=2, areas=["01-02", "02-01"])
    evening.enrol("none", network="rajabhat", level=2, areas=[])
    for sheet in (SHEET, LIST, "01-01/list", "01-01-010111/list"):
        evening.report("near", final(), stage="official", sheet=sheet)
        assert evening.outs == [], sheet
        for name in ("far", "none"):
            evening.report(name, final(), stage="official", sheet=sheet)
            assert evening.outs.pop()["rule"] == "official_from_own_area" and evening.outs == []
    evening.report("near", final(), stage="official", sheet="01/list")
    assert evening.rules() == ["official_from_own_area"], "nor from an area around it"
    evening.report("far", final(VOTES | {"1": 1}), stage="official")
    evening.report("somchai")
    assert "official_matches_ours" not in evening.rules(), "what does not count is compared with nothing"


def test_a_head_that_is_enrolled_again_speaks_for_its_new_areas() -> None:
    evening = Evening()
    for areas, rules in ((["02-01"], ["official_from_own_area"]), (["01-01"], []), (None, [])):
        evening.enrol("near", network="rajabhat", level=2, areas=areas)
        evening.report("near", final(), stage="official")
        assert [out["rule"] for out in evening.outs] == rules
        evening.outs.clear()


def test_a_report_whose_area_is_not_its_own_is_marked_as_refused_for_whoever_looks_later() -> None:
    evening = Evening()
    evening.enrol("near", network="rajabhat", level=2, areas=["01-01"])
    for sheet, refused in ((SHEET, False), (FAR + "/list", True), ("01-01/list", False), ("02-01/list", True)):
        evening.report("near", final(), stage="official", sheet=sheet)
        step = Engine()
        steps = [step.step(*entry) for entry in evening.entries]
        assert (steps[-1].refused, steps[-1].sheet is None) == (refused, False), sheet


def test_official_figures_that_groups_report_differently_are_told_apart() -> None:
    evening = Evening()
    evening.enrol("second", network="media", level=2)
    evening.enrol("civil", network="vote62", level=2)
    evening.enrol("same", network="ilaw", level=2)
    evening.report("head", final(), stage="official")
    evening.report("second", final(), stage="official")
    assert evening.rules() == []
    evening.report("civil", final(VOTES | {"1": 100}), stage="official")
    [found] = evening.findings("officials_agree")
    assert found["values"] == {"figure": "1", "here": 100, "there": 212, "groups": 2} and found["weight"] == "note"
    evening.report("same", final(VOTES | {"1": 100}), stage="official")
    assert [one["values"]["groups"] for one in evening.findings("officials_agree")] == [2, 2], "one group, one voice"


def test_a_device_corrects_its_own_official_figures_and_nobody_elses() -> None:
    evening = Evening()
    evening.enrol("second", network="media", level=2)
    evening.report("head", final(VOTES | {"1": 100}), stage="official")
    evening.report("second", final(VOTES | {"1": 90}), stage="official")
    evening.report("head", final(VOTES | {"1": 80}), stage="official", seq=0)
    evening.report("head", final(), stage="official")
    evening.report("somchai")
    assert [one["values"]["official"] for one in evening.findings("official_matches_ours")] == [90]


def test_official_figures_of_a_revoked_device_or_of_the_wrong_station_are_taken_back() -> None:
    evening = Evening()
    evening.enrol("second", network="media", level=2)
    evening.report("head", final(VOTES | {"1": 100}), stage="official", id="wrong")
    evening.report("head", final(VOTES | {"1": 100}), stage="official", sheet=FAR + "/constituency", replaces="wrong")
    evening.report("second", final(VOTES | {"1": 90}), stage="official", after=130)
    said = {"v": 1, "kid": kid("second"), "network": "media", "at": minutes(125), "reason": "lost"}
    evening.put("revocation", {"jws": jws("media", REVOCATION_TYPE, said)})
    evening.outs.clear()
    evening.report("somchai", after=140)
    assert evening.rules() == []


def test_what_a_revoked_device_said_since_then_no_longer_counts() -> None:
    evening = Evening()
    evening.report("somchai", after=100)
    evening.report("wichai", final(OTHER_VOTES), after=130)
    evening.revoke("wichai", after=110)
    assert evening.standing().state == "reported"
    evening.report("wichai", after=140)
    assert evening.standing().sources == 1 and evening.rules() == ["device_is_enrolled"]


def test_confirmed_figures_that_lose_a_source_are_disputed_and_kept() -> None:
    evening = Evening()
    evening.report("somchai", after=100)
    evening.report("wichai", after=130)
    evening.revoke("wichai", after=110)
    standing = evening.standing()
    assert (standing.state, standing.layer, standing.reason) == ("disputed", "confirmed", "support_lost")


def test_false_figures_that_were_confirmed_stay_counted_and_marked_when_both_phones_are_taken_back() -> None:
    evening = Evening()
    evening.report("somchai", final(OTHER_VOTES), after=100)
    evening.report("wichai", final(OTHER_VOTES), after=130)
    evening.revoke("somchai", after=-60)
    evening.revoke("wichai", after=-60)
    standing = evening.standing()
    assert (standing.state, standing.layer, standing.reason) == ("disputed", "confirmed", "support_lost")
    assert standing.row == row(OTHER_VOTES) and standing.layer in default_policy().headline

"""How a sheet goes from state to state."""

from __future__ import annotations

import pytest

from sapparot.verify.facts import NOTHING
from sapparot.verify.policy import Agreement, Interests, Policy
from tests.verify.cast import LIST, OTHER_VOTES, SHEET, VOTES, Evening, default_policy, final, photo, row

INTERESTS = Interests(default_policy())


def test_nothing_said_is_an_empty_sheet() -> None:
    assert Evening().standing() == NOTHING


def test_progress_makes_a_sheet_live_and_the_largest_count_is_the_newest() -> None:
    evening = Evening()
    evening.progress("somchai", {"1": 10, "2": 3})
    evening.progress("wichai", {"1": 20, "2": 3})
    evening.progress("somchai", {"1": 15, "2": 3})
    moves = evening.moves()
    assert [(move["was"], move["state"], move["layer"]) for move in moves] == [
        ("empty", "live", "live"),
        ("live", "live", "live"),
    ]
    assert moves[-1]["figures"] == {
        "votes": {"1": 20, "2": 3}, "valid": None, "spoiled": None, "no_vote": None, "ballots_cast": None,
    }  # fmt: skip
    assert moves[-1]["cause"] == evening.last - 1 and moves[-1]["sources"] == 1


def test_one_final_is_reported_and_a_second_independent_one_confirms_it() -> None:
    evening = Evening()
    first, second = evening.report("somchai"), evening.report("wichai")
    assert first == [
        {
            "kind": "move", "v": 1, "sheet": SHEET, "was": "empty", "state": "reported", "layer": "reported", "sources": 1,
            "reason": "first_final", "cause": evening.last - 1, "figures": final(),
        }
    ]  # fmt: skip
    assert [(out["was"], out["state"], out["layer"], out["sources"]) for out in second] == [
        ("reported", "confirmed", "confirmed", 2)
    ]


def test_two_networks_of_one_group_count_once() -> None:
    evening = Evening()
    evening.report("somchai")
    evening.report("malee")
    assert evening.standing().state == "reported" and evening.standing().sources == 1


def test_rival_parties_agreeing_count_most() -> None:
    rivals = Policy(agreement=Agreement(rivals=1), groups=default_policy().groups)
    for names, state in ((("ploy", "kong"), "confirmed"), (("ploy", "somchai"), "disputed")):
        evening = Evening(policy=rivals)
        for name in names:
            evening.report(name)
        assert evening.standing().reason == ("rivals_agree" if "kong" in names else "independent_sources_agree")
        evening.report("wichai", final(OTHER_VOTES))
        assert evening.standing().state == state


def test_a_network_that_no_group_names_is_a_group_of_its_own() -> None:
    evening = Evening()
    evening.report("somchai")
    evening.report("fah")
    assert evening.standing().state == "confirmed"


def test_a_stranger_network_cannot_slip_into_a_group_by_its_name() -> None:
    assert INTERESTS.group("officials") != INTERESTS.group("sao")


def test_different_finals_dispute_a_sheet_and_it_falls_back_to_progress() -> None:
    evening = Evening()
    evening.progress("somchai", {"1": 10})
    evening.report("somchai")
    evening.report("wichai", final(OTHER_VOTES))
    assert [(move["state"], move["layer"]) for move in evening.moves()] == [
        ("live", "live"),
        ("reported", "reported"),
        ("disputed", "live"),
    ]
    assert evening.moves()[-1]["figures"]["votes"] == {"1": 10} and evening.moves()[-1]["reason"] == "sources_differ"


def test_a_disputed_sheet_without_progress_counts_nowhere() -> None:
    evening = Evening()
    evening.report("somchai")
    evening.report("wichai", final(OTHER_VOTES))
    assert evening.moves()[-1]["layer"] == "none" and evening.moves()[-1]["figures"] is None


def test_a_failed_rule_of_weight_disputes_a_sheet() -> None:
    evening = Evening()
    evening.report("somchai", final(valid=999))
    assert evening.standing().state == "disputed" and evening.standing().reason == "rule_failed"
    assert {"votes_sum_to_valid", "ballots_add_up"} <= set(evening.rules())


def test_two_groups_with_the_same_broken_figures_confirm_nothing() -> None:
    evening = Evening()
    for name in ("somchai", "wichai", "ploy"):
        evening.report(name, final(valid=999))
    assert evening.standing().state == "disputed"


def test_one_dissent_is_outvoted_by_three_groups_and_not_by_two() -> None:
    evening = Evening()
    evening.report("dao", final(OTHER_VOTES))
    evening.report("somchai")
    evening.report("wichai")
    assert evening.standing().state == "disputed"
    evening.report("ploy")
    assert evening.standing().state == "confirmed" and evening.standing().reason == "dissent_outvoted"
    assert evening.moves()[-1]["figures"]["votes"] == VOTES


def test_two_dissenting_groups_are_never_outvoted() -> None:
    evening = Evening()
    for name in ("dao", "kong"):
        evening.report(name, final(OTHER_VOTES))
    for name in ("somchai", "wichai", "ploy", "fah", "wari"):
        evening.report(name)
    assert evening.standing().state == "disputed"


def test_a_claim_that_refutes_itself_is_outvoted_by_two_groups() -> None:
    evening = Evening()
    evening.report("dao", final(OTHER_VOTES, valid=1))
    evening.report("somchai")
    assert evening.standing().state == "disputed"
    evening.report("wichai")
    assert evening.standing().state == "confirmed"


def test_confirmed_figures_are_kept_when_they_are_contested() -> None:
    evening = Evening()
    evening.report("somchai")
    evening.report("wichai")
    evening.report("dao", final(OTHER_VOTES))
    standing = evening.standing()
    assert (standing.state, standing.layer, standing.row) == ("disputed", "confirmed", row())
    assert evening.moves()[-1]["figures"]["votes"] == VOTES


def test_other_figures_never_take_the_place_of_confirmed_ones_without_a_decision() -> None:
    evening = Evening()
    evening.report("somchai", id="a")
    evening.report("wichai", id="b")
    for name in ("ploy", "kong", "fah", "wari"):
        evening.report(name, final(OTHER_VOTES))
    evening.report("somchai", final(OTHER_VOTES), replaces="a")
    evening.report("wichai", final(OTHER_VOTES), replaces="b")
    standing = evening.standing()
    assert (standing.state, standing.layer, standing.row) == ("disputed", "confirmed", row())


def test_a_device_that_contradicts_itself_disputes_the_sheet_until_it_says_what_it_replaces() -> None:
    evening = Evening()
    evening.report("somchai", id="first")
    evening.report("somchai", final(OTHER_VOTES), id="second")
    assert evening.standing().state == "disputed" and evening.rules() == ["device_keeps_its_word"]
    evening.report("somchai", id="third", replaces="second")
    assert evening.standing().state == "reported"


def test_a_correction_withdraws_the_earlier_final() -> None:
    evening = Evening()
    evening.report("somchai", final(OTHER_VOTES), id="wrong")
    evening.report("wichai")
    assert evening.standing().state == "disputed"
    evening.report("somchai", replaces="wrong")
    assert evening.standing().state == "confirmed" and evening.rules() == []


def test_a_correction_may_arrive_before_what_it_corrects() -> None:
    evening = Evening()
    evening.report("somchai", replaces="wrong")
    evening.report("somchai", final(OTHER_VOTES), id="wrong")
    assert evening.standing().state == "reported" and evening.standing().row == row()


def test_a_report_for_the_wrong_station_is_withdrawn_there_by_its_correction() -> None:
    evening = Evening()
    elsewhere = "01-01-010111-002/constituency"
    shown = [{"role": "form", "sha256": photo(77)}]
    evening.report("somchai", id="wrong", sheet=elsewhere, evidence=shown)
    evening.report("somchai", replaces="wrong", evidence=shown)
    assert evening.standing(elsewhere).state == "empty" and evening.standing().state == "reported"
    assert evening.moves(elsewhere)[-1]["reason"] == "nothing_stands" and evening.rules() == []


def test_nobody_can_withdraw_what_another_device_reported() -> None:
    evening = Evening()
    evening.report("somchai", id="mine")
    evening.report("dao", final(OTHER_VOTES), replaces="mine")
    assert evening.standing().state == "disputed" and "replaces_own_report" in evening.rules()


def test_a_blind_reading_of_the_photograph_confirms_a_final() -> None:
    evening = Evening()
    evening.report("somchai", evidence=[{"role": "form", "sha256": photo(5)}])
    evening.reading("reader", photo(5))
    assert evening.standing().state == "confirmed"


@pytest.mark.parametrize(
    ("who", "shown", "rule"),
    [("reader", photo(6), "reading_is_blind"), ("nok", photo(5), "stage_is_allowed")],
)
def test_a_reading_of_an_unknown_photograph_or_by_a_volunteer_counts_for_nothing(
    who: str, shown: str, rule: str
) -> None:
    evening = Evening()
    evening.report("somchai", evidence=[{"role": "form", "sha256": photo(5)}])
    evening.reading(who, shown)
    assert evening.standing().state == "reported" and evening.rules() == [rule]


def test_who_reported_a_sheet_cannot_read_its_photograph() -> None:
    evening = Evening()
    evening.report("reader", evidence=[{"role": "form", "sha256": photo(5)}])
    evening.reading("reader", photo(5))
    assert evening.standing().sources == 1 and evening.rules() == ["reading_is_blind"]


def test_a_final_that_leaves_figures_out_neither_confirms_nor_disputes() -> None:
    partial = {"votes": {"1": 212}, "valid": None, "spoiled": None, "no_vote": None, "ballots_cast": None}
    evening = Evening()
    evening.report("somchai")
    evening.report("wichai", partial)
    assert evening.standing().state == "reported" and evening.standing().row == row()
    evening.report("ploy")
    assert evening.standing().state == "confirmed"


def test_a_total_that_one_of_two_finals_leaves_out_does_not_stop_their_agreement() -> None:
    evening = Evening()
    evening.report("somchai", final(spoiled=None))
    evening.report("wichai")
    assert evening.standing().state == "confirmed" and evening.moves()[-1]["figures"]["spoiled"] == 6


def test_options_that_are_not_named_are_zero_when_the_others_make_up_the_valid_ballots() -> None:
    evening = Evening()
    evening.report("somchai", final({"1": 200, "3": 50}))
    evening.report("wichai", final({"1": 200, "2": 0, "3": 50, "4": 0}))
    assert evening.standing().state == "confirmed"


def test_a_policy_can_tolerate_small_differences() -> None:
    tolerant = Policy(agreement=Agreement(tolerance=2), groups=default_policy().groups)
    evening = Evening(policy=tolerant)
    evening.report("somchai")
    evening.report("wichai", final(VOTES | {"1": 213}))
    assert evening.standing().state == "confirmed"
    kept = evening.standing().row
    evening.report("ploy", final(VOTES | {"1": 211}))
    assert evening.standing().row == kept and evening.standing().sources == 3


def test_a_new_policy_is_applied_to_what_was_reported_before() -> None:
    evening = Evening()
    evening.report("somchai")
    evening.report("wichai")
    evening.report("ploy", sheet=LIST)
    evening.report("malee", sheet=LIST)
    evening.report("somchai", sheet="01-01-010111-004/list")
    evening.report("malee", sheet="01-01-010111-004/list")
    evening.put("policy", {"policy": {"groups": [{"id": "all", "kind": "other", "networks": ["sao", "vote62"]}]}})
    assert evening.standing().state == "disputed" and evening.standing().reason == "support_lost"
    assert evening.standing("01-01-010111-004/list").state == "confirmed"


def test_a_policy_that_cannot_be_read_leaves_the_old_one_in_force() -> None:
    evening = Evening()
    evening.put("policy", {"policy": {"agreement": {"sources": 0}}})
    assert evening.rules() == ["entry_is_readable"] and evening.engine.policy == default_policy()


def test_the_room_of_a_group_is_bounded() -> None:
    evening = Evening()
    for number in range(20):
        evening.enrol(f"phone {number}")
        evening.report(f"phone {number}", final(VOTES | {"1": number}))
    assert len(evening.findings("group_has_room")) == 4
    for number in range(6):
        evening.report("wichai", final(VOTES | {"1": number}))
    assert len(evening.findings("group_has_room")) == 4 + 2, "a quarter of the room for one phone"

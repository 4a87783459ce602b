"""Who leads, what can no longer change, and the parliament that would follow."""

from typing import Any

from sapparot.tally import COUNTED_LAYERS, Lead, Result, Tally, leads, outlook
from tests.tally.tiny import LIST, STATIONS, counting, definitions, entries, move, options

UNTOLD = {"spoiled": None, "no_vote": None, "ballots_cast": None}


def over_headline(things: list[dict[str, Any]]) -> tuple[Result, dict[str, Lead]]:
    result = counting(things).result()
    return result, {lead.area: lead for lead in leads(result, "constituency")}


def test_a_leader_is_decided_when_all_outstanding_voters_cannot_overtake() -> None:
    things = [move(f"{code}/constituency", "confirmed", {"1": 0, "3": 0}) for code in ("A2-x-2",)]
    things.append(move("A2-x-1/constituency", "confirmed", {"1": 401, "3": 200}))
    _, found = over_headline(things[1:])
    # 200 eligible voters of A2-x-2 are outstanding and the margin is 201.
    assert (found["A2"].leaders, found["A2"].margin, found["A2"].outstanding) == ((1,), 201, 200)
    assert found["A2"].decided == 1
    _, found = over_headline([move("A2-x-1/constituency", "confirmed", {"1": 400, "3": 200})])
    assert found["A2"].decided is None


def test_a_disputed_sheet_still_counts_but_decides_nothing() -> None:
    sheet = move("A2-x-1/constituency", "disputed", {"1": 600, "3": 0}, layer="confirmed")
    _, found = over_headline([sheet])
    assert (found["A2"].leaders, found["A2"].margin) == ((1,), 597)
    assert (found["A2"].outstanding, found["A2"].decided) == (800, None)


def test_who_may_have_chosen_nobody_is_a_rival_until_the_sheet_tells_their_number() -> None:
    def leader(**totals: int) -> Lead:
        sheets = [move("A2-x-2/constituency", "confirmed", {"1": 0, "3": 0}, totals={"no_vote": 0})]
        sheets.append(move("A2-x-1/constituency", "confirmed", {"1": 250, "3": 0}, totals=UNTOLD | totals))
        return over_headline(sheets)[1]["A2"]

    # 600 may vote there: of up to 350 ballots the sheet does not say for whom they were.
    assert (leader().outstanding, leader().decided) == (0, None)
    assert leader(no_vote=10).decided == 1
    assert leader(ballots_cast=450).decided == 1
    assert leader(ballots_cast=450, spoiled=10).decided == 1
    assert leader(ballots_cast=500).decided is None  # 250 may have chosen nobody: level
    assert leader(ballots_cast=510, spoiled=11).decided == 1


def test_ballots_of_which_a_counted_sheet_does_not_tell_the_votes_can_still_go_to_anybody() -> None:
    whole = move("A2-x-2/constituency", "confirmed", {"1": 0, "3": 0}, totals={"no_vote": 0})
    part = move("A2-x-1/constituency", "settled", {"1": 250}, totals=UNTOLD | {"ballots_cast": 500})
    assert (found := over_headline([whole, part])[1]["A2"]).decided is None
    assert found.outstanding == 250
    part = move("A2-x-1/constituency", "settled", {"1": 250}, totals=UNTOLD | {"ballots_cast": 499})
    assert over_headline([whole, part])[1]["A2"].decided == 1


def test_nobody_leads_against_more_who_chose_nobody() -> None:
    _, found = over_headline([move("B1-x-1/constituency", "confirmed", {"2": 10}, totals={"no_vote": 11})])
    assert (found["B1"].leaders, found["B1"].margin) == ((), 0)


def test_a_tie_has_two_leaders_and_gives_no_seat() -> None:
    result, found = over_headline([move("A1-x-1/constituency", "confirmed", {"1": 9, "2": 9, "10": 3})])
    assert found["A1"].leaders == (1, 2)
    parliament = outlook(result, list(found.values()))
    assert (parliament.undecided, [seat for seat in parliament.seats if seat.total]) == (3, [])


def test_without_votes_the_list_seats_wait_and_the_reason_is_given() -> None:
    result, found = over_headline([])
    parliament = outlook(result, list(found.values()))
    assert parliament.lists is None
    assert parliament.refused is not None
    assert parliament.bounds is not None
    assert (parliament.bounds.fixed, parliament.bounds.open) == (0, 10)


def test_the_parliament_joins_constituencies_and_lists() -> None:
    votes = {str(number): {"red": 60, "blue": 31, "green": 30}[party] for number, party in LIST}
    things = [move(f"{code}/list", "confirmed", votes) for code, *_ in STATIONS]
    things += [move(f"{code}/constituency", "confirmed", {"1": 100}) for code in ("A1-x-1", "A2-x-1")]
    result, found = over_headline(things)
    parliament = outlook(result, list(found.values()))
    totals = {seat.party: (seat.constituency_seats, seat.list_seats) for seat in parliament.seats}
    assert sum(constituency for constituency, _ in totals.values()) == 2
    assert totals["red"][0] == 1
    assert totals["blue"][0] == 1
    assert sum(lists for _, lists in totals.values()) == 10
    assert parliament.votes["red"] == 60 * 8 * sum(party == "red" for _, party in LIST)


def test_all_layers_show_the_trend_and_decide_nothing() -> None:
    result = counting([move("A2-x-1/constituency", "live", {"1": 600})]).result()
    (lead,) = [lead for lead in leads(result, "constituency", COUNTED_LAYERS) if lead.area == "A2"]
    assert (lead.leaders, lead.decided) == ((1,), None)


def test_all_layers_decide_nothing_when_the_headline_has_all_of_them_too() -> None:
    policy = {"kind": "policy", "v": 1, "policy": {"headline": list(COUNTED_LAYERS)}}
    sheets = [move(f"{code}/constituency", "confirmed", {"1": 200, "3": 0}) for code in ("A2-x-1", "A2-x-2")]
    result, found = over_headline([policy, *sheets])
    assert found["A2"].decided == 1
    everywhere = leads(result, "constituency", COUNTED_LAYERS)
    assert [lead.decided for lead in everywhere] == [None, None, None]
    trend = outlook(result, everywhere, COUNTED_LAYERS)
    assert (trend.bounds, trend.safe) == (None, {})


def test_all_lists_of_a_party_bound_its_seats() -> None:
    votes = {str(number): {"red": 60, "blue": 31, "green": 30}[party] for number, party in LIST}
    result, found = over_headline([move(f"{code}/list", "confirmed", votes) for code, *_ in STATIONS])
    parliament = outlook(result, list(found.values()))
    given = {seat.party: seat.list_seats for seat in parliament.seats}
    assert parliament.low == parliament.high == given


def test_a_list_of_nobody_waits_for_votes_like_any_other() -> None:
    things = definitions()
    (contest,) = [each for each in things[3]["contests"] if each["ballot"] == "list"]
    contest["options"] = options([(1, None)])
    tally = Tally()
    tally.apply_many(entries(things))
    parliament = outlook(tally.result(), [])
    assert parliament.refused is not None and parliament.bounds is not None
    assert parliament.low == {"red": 0, "blue": 0, "green": 0}

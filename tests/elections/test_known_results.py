"""The rules give the parliaments that were announced."""

from __future__ import annotations

import csv
import random
from fractions import Fraction
from pathlib import Path

import pytest

from sapparot.contests.allotment import PartyVotes
from sapparot.contests.facts import SeatRule
from sapparot.contests.seats import parliament, quota_text, seats
from sapparot.contests.votes_csv import seats_command

HERE = Path(__file__).parent
TH_2562 = SeatRule("th-2562", 150)
TH_2566 = SeatRule("th-2566", 100)
RERUN_VALID = 119_636
STRUCK_OUT = 19_711


def table(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def parties(name: str) -> list[PartyVotes]:
    return [
        PartyVotes(
            row["party"],
            int(row["votes"]),
            int(row["constituency_seats"]),
            int(row["list_names"]) if row.get("list_names") else None,
        )
        for row in table(name)
    ]


def announced(day: str) -> dict[str, int]:
    return {row["party"]: int(row[day]) for row in table("th-2562/published.csv") if row[day] != "0"}


def list_seats(rule: SeatRule, given: list[PartyVotes]) -> dict[str, int]:
    outcome = seats(rule, given)
    assert outcome.ties == () and outcome.unfilled == 0 and outcome.note is None
    return {party.party: party.list_seats for party in outcome.parties if party.list_seats}


def changed(given: list[PartyVotes], votes: dict[str, int], seat_of: str | None = None) -> list[PartyVotes]:
    """The same parties with some votes taken away, and a constituency seat where a rerun was still to come."""
    return [
        PartyVotes(
            party.party,
            party.votes - votes.get(party.party, 0),
            party.constituency_seats - (party.party == seat_of),
            party.list_names,
        )
        for party in given
    ]


@pytest.mark.parametrize("day", ["2023-05-14", "2026-02-09"])
def test_largest_remainders_give_the_announced_list_seats(day: str) -> None:
    outcome = seats_command(HERE / f"th-2566/{day}.csv", "th-2566")
    seated = {party.party: (party.list_seats, party.constituency_seats) for party in outcome.parties if party.total}
    published = table(f"th-2566/{day}-published.csv")
    assert seated == {row["party"]: (int(row["list_seats"]), int(row["constituency_seats"])) for row in published}
    assert sum(party.total for party in outcome.parties) == 500


def test_the_votes_missing_from_the_compilation_of_2023_change_no_seat() -> None:
    given = parties("th-2566/2023-05-14.csv")
    expected = list_seats(TH_2566, given)
    missing = 37_522_746 - sum(party.votes for party in given)
    assert missing == 12
    for lucky in given:
        assert list_seats(TH_2566, changed(given, {lucky.party: -missing})) == expected


def test_the_published_total_of_2023_has_this_quota() -> None:
    given = changed(parties("th-2566/2023-05-14.csv"), {"ก้าวไกล": -12})
    assert quota_text(seats(TH_2566, given).quota) == "375227.46"


def test_the_votes_of_2019_add_up_to_the_published_total() -> None:
    given = parties("th-2562/votes.csv")
    assert sum(party.votes for party in given if party.list_names) == 35_561_556
    assert sum(party.constituency_seats for party in given) == 350


def test_all_350_constituencies_of_2019_give_the_list_seats_of_28_may() -> None:
    outcome = seats_command(HERE / "th-2562/votes.csv", "th-2562")
    assert {party.party: party.list_seats for party in outcome.parties if party.list_seats} == announced("2019-05-28")
    totals = {party.party: party.total for party in outcome.parties}
    assert [totals[party] for party in ("เพื่อไทย", "พลังประชารัฐ", "อนาคตใหม่", "ประชาธิปัตย์", "ภูมิใจไทย")] == [
        136,
        116,
        81,
        53,
        51,
    ]
    assert sum(totals.values()) == 500 and sum(total > 0 for total in totals.values()) == 26
    assert quota_text(outcome.quota) == "71123.112"
    assert outcome.note is None


def splits(count: int) -> list[dict[str, int]]:
    """Ways in which the rerun's remaining votes can have fallen: no party had as many as the third, 2,772."""
    chance = random.Random(2562)
    rerun = {row["party"]: row["votes"] for row in table("th-2562/chiang-mai-8.csv")}
    known = {party: int(votes) for party, votes in rerun.items() if votes}
    unknown = [party for party, votes in rerun.items() if not votes]
    before = {party.party: party.votes for party in parties("th-2562/votes.csv")}
    ways: list[dict[str, int]] = []
    while len(ways) < count:
        left, way = RERUN_VALID - sum(known.values()), dict(known)
        for party in chance.sample(unknown, len(unknown)):
            way[party] = min(left, 2_771, before[party], chance.choice([left, left // 4, left // 9]))
            left -= way[party]
        if left == 0:
            ways.append(way)
    return ways


def test_349_constituencies_of_2019_give_the_149_list_seats_of_8_may() -> None:
    expected = announced("2019-05-08")
    for rerun in splits(60):
        given = changed(parties("th-2562/votes.csv"), rerun, seat_of="อนาคตใหม่")
        assert list_seats(TH_2562, given) == expected
        quota = seats(TH_2562, given).quota
        assert quota_text(quota) == "17720960/249" and round(quota, 4) == Fraction("71168.5141")


def test_striking_out_a_candidate_gives_the_list_seats_of_28_january_2020() -> None:
    given = changed(parties("th-2562/votes.csv"), {"ประชาธิปัตย์": STRUCK_OUT})
    assert list_seats(TH_2562, given) == announced("2020-01-28")


def test_constituency_winners_join_the_lists_to_the_parliament_of_2023() -> None:
    published = table("th-2566/2023-05-14-published.csv")
    won = [row["party"] for row in published for _ in range(int(row["constituency_seats"]))]
    lists = seats(TH_2566, parties("th-2566/2023-05-14.csv")).parties
    house = {party.party: party.total for party in parliament(won, lists)}
    assert sum(house.values()) == 500
    assert (house["ก้าวไกล"], house["เพื่อไทย"], house["เพื่อไทรวมพลัง"]) == (151, 141, 2)

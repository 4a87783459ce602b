"""Elections of other shapes are counted and published too."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sapparot.publish.facts import SnapshotMeta
from sapparot.publish.render import Renderer
from sapparot.tally import Tally
from tests.tally.tiny import definitions, entries, move

BOTH = ("constituency", "list")


def published(things: list[dict[str, Any]]) -> dict[str, Any]:
    tally = Tally()
    tally.apply_many(entries(things))
    assert tally.compare() == []
    result = tally.result()
    meta = SnapshotMeta(1, len(things), "ab" * 32, "2023-05-14T11:00:00.000000Z", True, None)
    files = Renderer(result.election).render(result, meta)
    return {name: json.loads(data) for name, data in files.items() if name.endswith(".json")}


@pytest.mark.parametrize(
    "rule",
    [
        {"name": "th-2562", "list_seats": 150},
        {"name": "th-2566", "list_seats": 0},
        {"name": "elsewhere-1900", "list_seats": 10},
    ],
)
@pytest.mark.parametrize("ballots", [BOTH, ("constituency",), ("list",)])
def test_where_no_list_seats_can_be_given_the_reason_stands_in_the_file(
    ballots: tuple[str, ...], rule: dict[str, Any]
) -> None:
    things = definitions(ballots, seat_rule=rule)
    things += [move(f"A2-x-1/{ballot}", "confirmed", {"1": 300}) for ballot in ballots]
    seats = published(things)["seats.json"]
    assert seats["headline"]["lists"] is None
    assert set(seats["headline"]["refused"]) == {"th", "en"}
    assert seats["headline"]["list_fixed"] is None


def test_one_ballot_can_fill_lists_and_constituencies() -> None:
    votes = [("A1-x-1", {"1": 300, "2": 100, "10": 50}), ("A2-x-1", {"1": 200, "3": 300})]
    things = definitions(("constituency",))
    things += [move(f"{station}/constituency", "confirmed", given) for station, given in votes]
    seats = published(things)["seats.json"]["headline"]
    assert {row["party"]: row["constituency"] for row in seats["parties"]} == {"red": 2, "blue": 0, "green": 0}
    assert sum(row["list"] for row in seats["parties"]) == 10
    # Nothing bounds lists that are filled from the votes of many contests.
    assert seats["list_fixed"] is None


def test_a_list_ballot_alone_has_no_constituency_seats() -> None:
    files = published([*definitions(("list",)), move("A2-x-1/list", "confirmed", {"1": 300})])
    assert [row["constituency"] for row in files["seats.json"]["headline"]["parties"]] == [0]
    assert files["constituencies.json"]["level"] == "country"


def test_stations_may_lie_in_constituencies_without_smaller_areas() -> None:
    things = definitions()
    for thing in things:
        if thing["kind"] == "areas":
            thing["items"] = [area for area in thing["items"] if area["kind"] != "subdistrict"]
        if thing["kind"] == "stations":
            thing["items"] = [[*item[:5], item[5][:2]] for item in thing["items"]]
    files = published([*things, move("A1-x-1/list", "confirmed", {"1": 5})])
    assert files["stations/A1.json"]["areas"] == []
    assert files["headline.json"]["ballots"][1]["whole"]["counted"] == 1


def test_stations_outside_every_constituency_have_a_file_of_their_own() -> None:
    things = definitions()
    for thing in things:
        if thing["kind"] == "stations":
            thing["items"].append(["overseas-1", 900, "overseas", None, None, "N"])
    files = published([*things, move("overseas-1/list", "confirmed", {"1": 700})])
    block = files["stations/_elsewhere.json"]["ballots"][0]
    assert (block["ballot"], block["rows"][0][0]) == ("list", "overseas-1")
    assert files["headline.json"]["ballots"][1]["totals"]["confirmed"]["valid"] == 700

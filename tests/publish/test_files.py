"""What stands in the files: figures that agree with each other, and members that the format document names."""

from __future__ import annotations

import csv
import io
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from sapparot.contests import assemble
from sapparot.publish import rules
from sapparot.publish.facts import SnapshotKept, SnapshotMeta
from sapparot.publish.render import Renderer
from sapparot.tally import LAYERS, STATES, TOTALS, Tally
from tests.publish.evening import CLOCK
from tests.tally.tiny import DEFINED, LIST, OPTIONS, STATIONS, counting, definitions, entries, move, options, text

DOCUMENT = (Path(__file__).parents[2] / "docs/formats/snapshots.md").read_text("utf-8")
META = SnapshotMeta(7, 900, "ab" * 32, "2023-05-14T11:00:00.000000Z", True, "cd" * 32)
CODES = {*LAYERS, *STATES, *TOTALS, *OPTIONS, "list", "constituency", "red", "blue", "green", "th", "en"}
"""Member names that are data, or explained once for all."""


@cache
def files() -> dict[str, Any]:
    things = [
        move("A1-x-1/constituency", "confirmed", {"1": 90, "2": 40, "10": 7}),
        move("A1-x-2/constituency", "reported", {"1": 5, "2": 40}),
        move("A2-x-1/constituency", "settled", {"1": 401, "3": 2}, reason='he said "two", they agreed'),
        move("B1-9/constituency", "disputed", {"2": 60}, layer="live"),
        *(move(f"{code}/list", "confirmed", {str(number): number for number, _ in LIST}) for code, *_ in STATIONS[:5]),
    ]
    result = counting(things).result()
    rendered = Renderer(result.election).render(result, META)
    return {name: json.loads(data) if name.endswith(".json") else data.decode() for name, data in rendered.items()}


def rows() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files()["sheets.csv"], newline="")))


def test_the_csv_holds_every_sheet_once_with_its_figures() -> None:
    assert len(rows()) == 2 * len(STATIONS)
    sheet = next(row for row in rows() if (row["station"], row["ballot"]) == ("A2-x-1", "constituency"))
    assert (sheet["state"], sheet["reason"], sheet["sources"]) == ("settled", 'he said "two", they agreed', "1")
    assert (sheet["1"], sheet["2"], sheet["3"], sheet["valid"], sheet["eligible"]) == ("401", "", "2", "403", "600")
    empty = next(row for row in rows() if (row["station"], row["ballot"]) == ("B1-x-1", "list"))
    assert (empty["state"], empty["position"], empty["1"]) == ("empty", "", "")


@pytest.mark.parametrize("ballot", ["constituency", "list"])
def test_every_file_adds_up_to_the_same(ballot: str) -> None:
    by_layer: dict[str, int] = {}
    for row in rows():
        if row["ballot"] == ballot and row["layer"] != "none":
            by_layer[row["layer"]] = by_layer.get(row["layer"], 0) + int(row["valid"])
    told = {block["ballot"]: block for block in files()["headline.json"]["ballots"]}[ballot]
    assert {layer: totals["valid"] for layer, totals in told["totals"].items()} == by_layer
    for name in ("constituencies.json", "kinds.json"):
        sums: dict[str, int] = {}
        for area in files()[name]["areas"]:
            for layer, votes in area["ballots"].get(ballot, {"votes": {}})["votes"].items():
                sums[layer] = sums.get(layer, 0) + votes[TOTALS.index("valid")]
        assert sums == by_layer
    country, *provinces = files()["provinces.json"]["areas"]
    for areas in ([country], provinces):
        parts = [area["ballots"][ballot]["votes"] for area in areas]
        layers = {layer: sum(votes[layer][1] for votes in parts if layer in votes) for layer in by_layer}
        assert layers == by_layer


def test_a_station_file_gives_sheets_in_named_columns() -> None:
    block = files()["stations/A1.json"]["ballots"][0]
    sheet = dict(zip(block["columns"], block["rows"][0], strict=True))
    assert (sheet["station"], sheet["state"], sheet["10"], sheet["ballots_cast"]) == ("A1-x-1", "confirmed", 7, 142)
    inside = files()["stations/A1.json"]["areas"]
    assert [area["area"] for area in inside] == ["A1-x", "A1-y"]
    assert inside[0]["ballots"][0]["layers"]["reported"][block["columns"].index("2") - 7] == 40


def test_leads_say_what_is_decided() -> None:
    areas = {area["area"]: area["ballots"]["constituency"] for area in files()["constituencies.json"]["areas"]}
    assert areas["A2"]["lead"]["decided"] == 1
    assert areas["A1"]["lead"]["decided"] is None
    assert areas["A1"]["lead_of_all_layers"]["leaders"] == [1]


def test_no_file_holds_a_floating_point_number() -> None:
    def numbers(value: Any) -> bool:
        if isinstance(value, dict):
            return all(map(numbers, value.values()))
        if isinstance(value, list):
            return all(map(numbers, value))
        return not isinstance(value, float)

    assert all(numbers(data) for data in files().values())


def members(value: Any) -> set[str]:
    """Give the member names anywhere in a value, without those that are data."""
    if isinstance(value, list):
        return set().union(*map(members, value)) if value else set()
    if not isinstance(value, dict):
        return set()
    inner: set[str] = set().union(*map(members, value.values())) if value else set()
    return {name for name in value if name not in CODES} | inner


@pytest.mark.parametrize("name", sorted(files()))
def test_the_document_names_every_file_and_member(name: str) -> None:
    shown = "stations/<area>.json" if name.startswith("stations/") else name
    assert shown in DOCUMENT
    names = set() if name.endswith(".csv") else members(files()[name]) - set(files())
    assert not [one for one in sorted(names) if f"`{one}`" not in DOCUMENT and f"`{one}[]`" not in DOCUMENT]


def test_the_document_names_every_member_of_pointers_events_and_the_definition() -> None:
    kept = SnapshotKept(7, 900, b"r" * 32, CLOCK.now(), True, b"m" * 32, {"list": 5}, CLOCK.now())
    definition = Renderer(assemble([body for _, _, body in DEFINED])).definition
    said = [json.loads(rules.latest(kept, 7)), rules.event(kept), json.loads(rules.statement(META, b""))]
    said += [json.loads(rules.entry(META, b"")[1]), {name: None for name in json.loads(definition)}]
    said.append({name: None for name in rules.missed(3, 4)})
    assert not [one for one in sorted(members(said)) if f"`{one}`" not in DOCUMENT and one != "kind"]


def rendered(things: list[dict[str, Any]]) -> dict[str, Any]:
    tally = Tally()
    tally.apply_many(entries(things))
    result = tally.result()
    return {
        name: json.loads(data)
        for name, data in Renderer(result.election).render(result, META).items()
        if name != "sheets.csv"
    }


def test_a_contest_without_a_station_stops_no_snapshot() -> None:
    things = definitions()
    things[4]["items"] = [item for item in things[4]["items"] if not item[0].startswith("B1")]
    made = rendered(things)
    assert [area["area"] for area in made["constituencies.json"]["areas"]] == ["A1", "A2"]
    assert made["seats.json"]["headline"]["undecided"] == 3


def test_who_leads_is_told_of_each_ballot_that_is_contested_in_the_areas_of_the_file() -> None:
    whole = rendered(
        [*definitions(["list"]), move("A1-x-1/list", "confirmed", {str(number): number for number, _ in LIST})]
    )
    (country,) = whole["constituencies.json"]["areas"]
    assert country["ballots"]["list"]["lead"]["leaders"] == [21]
    assert (
        rendered(definitions())["constituencies.json"]["areas"][0]["ballots"]["list"].keys() & {"lead", "columns"}
        == set()
    )


def test_kinds_of_stations_are_covered_when_no_ballot_is_contested_in_the_whole_country() -> None:
    (covered,) = rendered(definitions(["constituency"]))["coverage.json"]["ballots"]
    assert [area["area"] for area in covered["kinds"]] == ["N/ordinary", "N/advance", "N/overseas", "N/special"]


def test_columns_stand_with_each_area_when_a_wider_ballot_has_several_contests() -> None:
    things = definitions()
    things[0]["ballots"].append({"code": "wide", "scope": "province", "name": text("wide")})
    things[3]["contests"] += [
        {"ballot": "wide", "area": area, "options": options([(number, None)])} for area, number in (("A", 4), ("B", 5))
    ]
    file = rendered(things)["constituencies.json"]
    assert file["columns"].keys() == {"list"}
    assert [area["ballots"]["wide"]["columns"][-1] for area in file["areas"]] == ["4", "4", "5"]


def test_an_election_whose_stations_are_not_listed_yet_has_its_files() -> None:
    things = definitions()
    things[4]["items"] = []
    made = rendered(things)
    assert (made["constituencies.json"]["areas"], made["headline.json"]["ballots"][0]["whole"]["sheets"]) == ([], 0)


def test_an_area_stands_in_a_station_file_when_all_its_stations_do() -> None:
    things = definitions()
    kinds = {"A": "constituency", "A1": "district", "A2": "district"}
    things[2]["items"] = [area | {"kind": kinds.get(area["code"], area["kind"])} for area in things[2]["items"]]
    things[3]["contests"] = [each for each in things[3]["contests"] if each["area"] not in kinds]
    things[4]["items"] += [["B1-8", 5, "ordinary", None, None, "B"]]
    made = rendered([*things, move("B1-8/list", "confirmed", {"1": 3})])
    around = {
        name: [area["area"] for area in file["areas"]] for name, file in made.items() if name.startswith("stations/")
    }
    assert around == {
        "stations/A.json": ["A1", "A2", "A1-x", "A1-y", "A2-x"], "stations/B1.json": ["B1-x"], "stations/_elsewhere.json": [],
    }  # fmt: skip

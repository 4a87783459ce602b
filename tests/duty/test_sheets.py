"""What a phone is told of its station."""

from __future__ import annotations

import asyncio
import gzip
import re

import pytest

from sapparot.base.database import Connection
from sapparot.contests import Election, save
from sapparot.duty import Rolls, rolls
from sapparot.duty.sheets.api import PLACES_DOOR, SheetsDoor, areas_of
from sapparot.duty.sheets.facts import StationSheets
from tests.duty.asking import ask
from tests.shape.house import ROOT

STATION = "01-01-010111-001"


def test_a_phone_gets_everything_that_it_needs_of_its_station(
    defined: Connection, database_url: str, small: Election
) -> None:
    said = asyncio.run(ask(SheetsDoor(Rolls(database_url)), f"/v1/sheets/{STATION}"))
    assert said.status == 200
    assert said.json["station"] == {
        "code": STATION, "kind": "ordinary", "eligible": 686, "lat": 15243630, "lon": 101134340,
    }  # fmt: skip
    assert [area["code"] for area in said.json["areas"]] == ["01-01-010111", "01-01", "01", "SM"]
    assert said.json["closes_at"] == "2026-03-01T10:00:00.000000Z"
    assert [sheet["sheet"] for sheet in said.json["sheets"]] == [f"{STATION}/constituency", f"{STATION}/list"]
    first = said.json["sheets"][0]
    contest = small.contests["constituency", "01-01"]
    assert [option["number"] for option in first["options"]] == list(contest.numbers)
    assert all(option["name"]["th"] for option in first["options"])
    assert all((option["party"] is None) == (option["color"] is None) for option in first["options"])
    assert any(option["color"].startswith("#") for option in first["options"] if option["color"])
    assert all(form["pages"] >= 1 for sheet in said.json["sheets"] for form in sheet["forms"])


def test_a_phone_that_has_the_answer_already_is_told_so(defined: Connection, database_url: str) -> None:
    async def twice() -> None:
        door = SheetsDoor(Rolls(database_url))
        first = await ask(door, f"/v1/sheets/{STATION}", {"accept-encoding": "gzip, br"})
        plain = await ask(door, f"/v1/sheets/{STATION}")
        assert gzip.decompress(first.body) == plain.body
        again = await ask(door, f"/v1/sheets/{STATION}", {"if-none-match": f"W/{first.headers['etag']}"})
        assert (again.status, again.body) == (304, b"")
        assert "max-age" in again.headers["cache-control"]

    asyncio.run(twice())


def test_a_station_or_election_that_nobody_knows_is_a_clear_problem(defined: Connection, database_url: str) -> None:
    async def strangers() -> None:
        door = SheetsDoor(Rolls(database_url))
        for path in ("/v1/sheets/99-99-999999-001", "/v1/sheets/", "/v1/sheets/" + "9" * 5000, "/v1/sheets/ก\x00"):
            said = await ask(door, path)
            assert (said.status, said.json["code"]) == (404, "duty.station_unknown")
            assert said.json["detail_th"]
        said = await ask(door, f"/v1/sheets/{STATION}", query="election=xx")
        assert (said.status, said.json["code"]) == (404, "duty.election_unknown")

    asyncio.run(strangers())


def test_a_server_without_an_election_says_so_and_notices_when_it_comes(
    database: Connection,
    database_url: str,
    small_entries: list[tuple[str, bytes]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rolls, "FRESH_SECONDS", 0.0)
    door = SheetsDoor(Rolls(database_url))
    said = asyncio.run(ask(door, f"/v1/sheets/{STATION}"))
    assert (said.status, said.json["code"]) == (404, "duty.election_unknown")
    save(database, small_entries)
    database.commit()
    assert asyncio.run(ask(door, f"/v1/sheets/{STATION}")).status == 200


def test_the_page_of_the_format_names_every_member() -> None:
    page = (ROOT / "docs/formats/sheets.md").read_text()
    described = set(re.findall(r"`(\w+)`", page))
    assert set(StationSheets.__struct_fields__) <= described


def test_areas_are_named_from_the_province_down_past_the_constituencies(defined: Connection, database_url: str) -> None:
    async def down() -> None:
        door = SheetsDoor(Rolls(database_url), PLACES_DOOR, areas_of)
        assert [one["code"] for one in (await ask(door, "/v1/places/")).json["inside"]] == ["01", "02"]
        assert (await ask(door, "/v1/places/")).json["around"] == []
        inside = (await ask(door, "/v1/places/01")).json["inside"]
        assert [one["code"] for one in inside if one["kind"] == "constituency"] == ["01-01", "01-02"]
        found = {one["name"]["th"]: (one["code"], one["parent"]) for one in inside}
        assert found["ตำบลหนองเดือน"] == ("01-01-010111", "01-01")
        smallest = (await ask(door, "/v1/places/01-01-010111")).json
        assert [one["code"] for one in smallest["around"]] == ["01-01-010111", "01-01", "01"]
        assert smallest["inside"] == []
        for code in ("99", "01-01-010111-001", "9" * 5000, "ก\x00"):
            said = await ask(door, f"/v1/places/{code}")
            assert (said.status, said.json["code"]) == (404, "duty.place_unknown")

    asyncio.run(down())


def test_a_constituency_is_told_with_the_options_of_all_its_stations(defined: Connection, database_url: str) -> None:
    said = asyncio.run(ask(SheetsDoor(Rolls(database_url)), "/v1/sheets/01-02"))
    assert said.status == 200 and said.json["station"]["code"].startswith("01-02-")
    assert [sheet["ballot"] for sheet in said.json["sheets"]] == ["constituency", "list"]
    assert asyncio.run(ask(SheetsDoor(Rolls(database_url)), "/v1/sheets/01")).status == 404

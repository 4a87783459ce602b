"""Trails from a real database: what verify noted, the ledger keeps and people know."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sapparot import contests, people
from sapparot.base import outbox
from sapparot.base.database import Connection, connect, pool
from sapparot.base.objects import Objects
from sapparot.base.text import Text
from sapparot.ledger.store import append, load_tree
from sapparot.people.facts import Enrolment
from sapparot.people.rules import code_hash
from sapparot.people.store import enrol
from sapparot.verify import policy_entry
from sapparot.verify.store import Trace, put_in_force, record
from sapparot.verify.worker import Verifier
from sapparot.web.public import records
from sapparot.web.public.records import LogRecords
from sapparot.web.public.trail import Trail, story
from tests.verify.cast import (
    CLOSES,
    LIST,
    OTHER_VOTES,
    SHEET,
    STATION,
    Evening,
    default_policy,
    definitions,
    final,
    key_of,
    kid,
    photo,
)


def evening_in(database: Connection, **more: Any) -> None:
    """Let an evening of three reports go through the log and the follower."""
    contests.save(database, list(definitions()))
    put_in_force(database, policy_entry(default_policy()))
    outbox.take(database, 10_000)
    evening = Evening()
    evening.report("somchai")
    evening.put("duties", {"election": "small", "duties": {kid("wichai"): [STATION], kid("ploy"): []}})
    evening.report("wichai", final(OTHER_VOTES))
    evening.report("ploy", final(valid=1), **more)
    append(database, load_tree(database), [(kind, body) for _, kind, body in evening.entries])
    database.commit()
    verifier = Verifier()
    verifier.start(database)
    verifier.step(database)
    append(database, load_tree(database), [(entry.kind, entry.body) for entry in outbox.take(database, 10_000)])
    database.commit()
    verifier.step(database)


def flood(database: Connection, sheet: int, reports: int) -> None:
    """Let one device report a sheet again and again, the trail noted as verify notes it."""
    evening = Evening()
    for number in range(reports):
        evening.report("somchai", final(valid=number))
    entries = [(kind, body) for _, kind, body in evening.entries if kind == "report"]
    tree = load_tree(database)
    first = tree.size
    append(database, tree, entries)
    record(database, [Trace(sheet, first + number, "report") for number in range(reports)])
    database.commit()


async def enrolled(url: str, name: str, code: str) -> None:
    """Enrol a device of the cast under an invite."""
    database = pool(url, 2)
    await database.open()
    async with database.connection() as connection:
        ask = Enrolment(kid(name), key_of(name).jwk, code_hash(code))
        await enrol(connection, [ask], CLOSES, {"sao": key_of("sao")})
    await database.close()


async def trails(url: str, *sheets: str) -> list[Trail]:
    """Read trails as the pages do before the first snapshot."""
    return await read_trails(url, dict.fromkeys(sheets))


async def read_trails(url: str, sheets: dict[str, int | None], public: Path | str = "memory://") -> list[Trail]:
    """Read trails as the pages do, with the positions of the last published moves."""
    database = pool(url, 2)
    await database.open()
    try:
        return await LogRecords(database, url, Objects.at(public)).trails("small", sheets)
    finally:
        await database.close()


def test_a_trail_brings_the_entries_of_its_sheet_with_every_rule_judged(
    database: Connection, database_url: str
) -> None:
    evening_in(database)
    of_sheet, of_list, of_none = asyncio.run(trails(database_url, SHEET, LIST, "nowhere/list"))
    told = story(of_sheet)
    assert told.state == "disputed"
    assert [one.stage for one in told.told] == ["final"] * 3
    assert all(one.checks and any(check.outcome == "passed" for check in one.checks) for one in told.told)
    assert any("valid" in remark.text.en for remark in told.told[2].remarks)
    assert story(of_list).state == story(of_none).state == "empty"


def test_a_report_from_a_station_where_its_sender_has_a_duty_is_shown_as_checked(
    database: Connection, database_url: str
) -> None:
    evening_in(database)
    (of_sheet,) = asyncio.run(trails(database_url, SHEET))
    told = [[check.outcome for check in one.checks if "duty" in check.text.en] for one in story(of_sheet).told]
    assert told == [["unknown"], ["passed"], ["unknown"]], "before the log said so, after it, and with no duty left"


def test_devices_are_shown_with_their_network_and_level_only(database: Connection, database_url: str) -> None:
    people.add_network(database, people.Network("sao", Text("สมาคม อบต.", "Subdistricts"), key_of("sao").jwk))
    code = people.make_invite(database, "sao", people.Invited(), 5, CLOSES + timedelta(days=1))
    database.commit()
    asyncio.run(enrolled(database_url, "somchai", code))
    with connect(database_url) as connection:
        evening_in(connection)
    (trail,) = asyncio.run(trails(database_url, SHEET))
    first, second, _ = story(trail).told
    assert first.reporter is not None
    assert (first.reporter.network, first.reporter.level) == ("sao", 1)
    assert first.reporter.name == Text("สมาคม อบต.", "Subdistricts")
    assert second.reporter is None, "nobody enrolled it here"


def test_a_photograph_whose_file_is_gone_is_known_to_be_lost_until_it_is_there_again(
    database: Connection, database_url: str, tmp_path: Path
) -> None:
    original, copy = photo(7), "c0" * 32
    database.execute(
        "INSERT INTO evidence.photographs (original, published, kind, size, width, height, carrier, received_at)"
        " VALUES (decode(%s, 'hex'), decode(%s, 'hex'), 'jpg', 1, 1, 1, 'x', now())",
        (original, copy),
    )
    evening_in(database, evidence=[{"role": "form", "sha256": original}])

    def shown() -> list[tuple[str | None, bool]]:
        (trail,) = asyncio.run(read_trails(database_url, {SHEET: None}, tmp_path))
        return [(shot.published, shot.lost) for one in story(trail).told for shot in one.photographs if shot.published]

    assert shown() == [(copy, True)]
    Objects.at(tmp_path).put(f"v1/evidence/{copy}.jpg", b"x")
    assert shown() == [(copy, False)]


def test_a_flood_of_reports_hides_neither_the_standing_of_a_sheet_nor_the_report_behind_it(
    database: Connection, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "LOOKED_AT", 60)
    evening_in(database)
    (before,) = asyncio.run(trails(database_url, SHEET))
    standing = story(before)
    with connect(database_url) as connection:
        (sheet,) = connection.execute("SELECT DISTINCT sheet FROM verify.trail").fetchone() or (0,)
        flood(connection, int(sheet), 300)
    moved = max(entry.position for entry in before.entries if entry.kind == "move")
    (trail,) = asyncio.run(read_trails(database_url, {SHEET: moved}))
    flooded = story(trail)
    assert (flooded.state, flooded.figures, flooded.reason) == (standing.state, standing.figures, standing.reason)
    assert moved in {step.position for one in flooded.told for step in one.steps}, "the report behind it is told too"
    assert len(flooded.told) <= records.SHOWN + 1
    assert flooded.gap is not None
    assert standing.gap is None


def test_the_newest_of_every_kind_are_shown() -> None:
    traces = [Trace(1, position, "move" if position < 5 else "report") for position in range(500)]
    kept = records.newest(traces)
    assert [trace.position for trace in kept] == [0, 1, 2, 3, 4, *range(500 - records.SHOWN, 500)]

"""Trails from a real database: what verify noted, the ledger keeps and people know."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from sapparot import contests, people
from sapparot.base import outbox
from sapparot.base.database import Connection, connect, pool
from sapparot.base.text import Text
from sapparot.ledger.store import append, load_tree
from sapparot.people.facts import Enrolment
from sapparot.people.rules import code_hash
from sapparot.people.store import enrol
from sapparot.verify import policy_entry
from sapparot.verify.store import put_in_force
from sapparot.verify.worker import Verifier
from sapparot.web.public.records import LogRecords
from sapparot.web.public.trail import Trail, story
from tests.verify.cast import CLOSES, LIST, OTHER_VOTES, SHEET, Evening, default_policy, definitions, final, key_of, kid


def evening_in(database: Connection) -> None:
    """Let an evening of three reports go through the log and the follower."""
    contests.save(database, list(definitions()))
    put_in_force(database, policy_entry(default_policy()))
    outbox.take(database, 10_000)
    evening = Evening()
    evening.report("somchai")
    evening.report("wichai", final(OTHER_VOTES))
    evening.report("ploy", final(valid=1))
    append(database, load_tree(database), [(kind, body) for _, kind, body in evening.entries])
    database.commit()
    verifier = Verifier()
    verifier.start(database)
    verifier.step(database)
    append(database, load_tree(database), [(entry.kind, entry.body) for entry in outbox.take(database, 10_000)])
    database.commit()
    verifier.step(database)


async def enrolled(url: str, name: str, code: str) -> None:
    """Enrol a device of the cast under an invite."""
    database = pool(url, 2)
    await database.open()
    async with database.connection() as connection:
        ask = Enrolment(kid(name), key_of(name).jwk, code_hash(code))
        await enrol(connection, [ask], CLOSES, {"sao": key_of("sao")})
    await database.close()


async def trails(url: str, *sheets: str) -> list[Trail]:
    """Read trails as the pages do."""
    database = pool(url, 2)
    await database.open()
    try:
        return await LogRecords(database, url).trails("small", sheets)
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


def test_devices_are_shown_with_their_network_and_level_only(database: Connection, database_url: str) -> None:
    people.add_network(database, people.Network("sao", Text("สมาคม อบต.", "Subdistricts"), key_of("sao").jwk))
    code = people.make_invite(database, "sao", 1, 5, CLOSES + timedelta(days=1))
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

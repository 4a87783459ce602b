"""The receipt of a photograph is that of its entry in the log."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from sapparot.base import outbox
from sapparot.base.database import Connection, pool
from sapparot.base.problems import Problem
from sapparot.evidence.api import logged_entry
from sapparot.evidence.facts import PhotographKept
from sapparot.evidence.store import keep

KEPT = PhotographKept(
    original="ab" * 32,
    published="cd" * 32,
    kind="jpg",
    size=1000,
    width=640,
    height=480,
    carrier="phone",
    received_at=datetime(2023, 5, 14, 11, 42, 10, 123456, UTC),
)


def test_a_photograph_that_was_kept_leads_to_the_entry_that_waits_for_the_log(
    database: Connection, database_url: str
) -> None:
    async def asked() -> bytes:
        async with pool(database_url, 2) as connections, connections.connection() as connection:
            await keep(connection, KEPT)
            with pytest.raises(Problem, match=r"evidence\.unknown"):
                await logged_entry(connection, "cd" * 32)
            with pytest.raises(Problem, match=r"evidence\.bad_name"):
                await logged_entry(connection, "AB" * 32)
            return await logged_entry(connection, KEPT.original)

    assert asyncio.run(asked()) == outbox.take(database, 10)[0].body

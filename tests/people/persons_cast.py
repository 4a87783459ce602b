"""Two networks and their people in a database of one test, without any door."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import psycopg

from sapparot.base.clock import FixedClock
from sapparot.base.database import AsyncConnection, connect
from sapparot.base.jws import SigningKey
from sapparot.base.text import Text
from sapparot.people import Network, Persons, Vault, add_network
from sapparot.people.persons.facts import Particulars

NOW = datetime(2026, 2, 1, 9, 0, tzinfo=UTC)
KEY = SigningKey.from_secret("EdDSA", bytes(32))
SOMCHAI = ("สมชาย ใจดี", "+66812345678")
SOMYING = ("สมหญิง รักชาติ", "+66891112222")
Found = TypeVar("Found")


class Town:
    """The networks ``vote62`` and ``teachers``, and the register of persons."""

    def __init__(self, url: str, data: Path) -> None:
        self.url = url
        self.clock = FixedClock(NOW)
        self.vault = Vault(data / "secrets")
        self.persons = Persons(self.vault, self.clock)
        with connect(url) as connection:
            add_network(connection, Network("vote62", Text("โหวต62", "Vote62"), KEY.jwk))
            add_network(connection, Network("teachers", Text("ครูไทย", "Teachers"), KEY.jwk))

    def run(self, work: Callable[[AsyncConnection], Awaitable[Found]]) -> Found:
        """Do something on an asynchronous connection and commit it."""

        async def whole() -> Found:
            async with await psycopg.AsyncConnection.connect(self.url, autocommit=True) as connection:
                return await work(connection)

        return asyncio.run(whole())

    def person(
        self, state: str = "active", network: str = "vote62", who: tuple[str, str] = SOMCHAI, area: str | None = None
    ) -> UUID:
        """Put a person into a network."""
        made = uuid.uuid4()
        sealed = self.vault.seal(made, Particulars(*who))
        with connect(self.url) as connection:
            connection.execute(
                "INSERT INTO people.persons (id, network, state, area, sealed, phone, joined_at) VALUES (%s, %s, %s, %s, %s, %s, %s)",
                (made, network, state, area, sealed, self.vault.find(who[1]), NOW),
            )
        return made

    def sql(self, query: str, *values: object) -> list[tuple[object, ...]]:
        """Run SQL and return its rows, if it has any."""
        with connect(self.url) as connection:
            cursor = connection.execute(query.encode(), values)
            return cursor.fetchall() if cursor.description else []

    def dump(self) -> str:
        """Everything that the database holds, as text, bytes as they are and in hexadecimal."""
        parts: list[str] = []
        with connect(self.url) as connection:
            tables = connection.execute(
                "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
            ).fetchall()
            for schema, table in tables:
                for row in connection.execute(f'SELECT * FROM "{schema}"."{table}"'.encode()).fetchall():
                    for value in row:
                        parts.append(value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value))
        return "\n".join(parts)

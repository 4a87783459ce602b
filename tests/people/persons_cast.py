"""Two networks and their people in a database of one test, without any door."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import psycopg

from sapparot.base.clock import FixedClock
from sapparot.base.database import AsyncConnection, connect
from sapparot.base.jws import SigningKey
from sapparot.base.text import Text
from sapparot.people import Network, Persons, Vault, add_network
from sapparot.people.granting import Office
from sapparot.people.joining import Join, Reception
from sapparot.people.joining.reception import SignedUp
from sapparot.people.keyring import Keyring
from sapparot.people.organising import Bureau
from sapparot.people.own import Account
from sapparot.people.parting import Farewell
from sapparot.people.persons import Reader
from sapparot.people.persons.facts import Agreed, Particulars

NOW = datetime(2026, 2, 1, 9, 0, tzinfo=UTC)
KEY = SigningKey.from_secret("EdDSA", bytes(32))
SOMCHAI = ("สมชาย ใจดี", "+66812345678")
SOMYING = ("สมหญิง รักชาติ", "+66891112222")
Found = TypeVar("Found")


class Town:
    """The networks ``vote62`` and ``teachers``, and the register of persons."""

    def __init__(self, url: str, data: Path) -> None:
        self._build(url, data)
        with connect(url) as connection:
            add_network(connection, Network("vote62", Text("โหวต62", "Vote62"), KEY.jwk))
            add_network(connection, Network("teachers", Text("ครูไทย", "Teachers"), KEY.jwk))

    def _build(self, url: str, data: Path) -> None:
        self.url = url
        self.clock = FixedClock(NOW)
        self.vault = Vault(data / "secrets")
        self.persons = Persons(self.vault, self.clock)
        self.reception = Reception(self.persons)
        keys = Keyring(data / "secrets" / "networks")
        for network in ("vote62", "teachers"):
            keys.make(network)
        self.farewell = Farewell(keys)
        self.office = Office(self.farewell, self.clock, keys)
        self.bureau = Bureau(self.persons, self.farewell)
        self.account = Account(self.persons)

    @classmethod
    def over(cls, url: str, data: Path) -> Town:
        """The same over a database that has its networks."""
        town = cls.__new__(cls)
        town._build(url, data)
        return town

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

    def organiser(self, network: str = "vote62") -> Reader:
        """Put an organiser into a network; return it as somebody who looks."""
        who = self.person(network=network, who=(f"ผู้จัด {network}", f"+6620000{len(network):03}0"))
        self.sql("INSERT INTO people.grants (person, role, granted_at) VALUES (%s, 'organiser', %s)", who, NOW)
        return Reader(who, network, "organiser")

    def device(self, person: UUID, level: int = 1) -> str:
        """Enrol a device of a person, without asking a door."""
        key = SigningKey.from_secret("EdDSA", uuid.uuid4().bytes * 2)
        self.sql(
            "INSERT INTO people.devices (kid, key, network, level, enrolled_at, until, person)"
            " SELECT %s, %s, network, %s, %s, %s, id FROM people.persons WHERE id = %s",
            *(key.kid, json.dumps(key.jwk), level, NOW, NOW, person),
        )
        return key.kid

    def join(self, name: str, phone: str, **other: object) -> UUID:
        """Sign up and prove the telephone with the code of that very sign-up."""
        asked = {"network": "vote62", "consents": (Agreed("duty", 1),)} | other
        ask = Join(name=name, phone=phone, **asked)  # type: ignore[arg-type]
        signed = self.run(lambda connection: self.reception.join(connection, ask))
        self.prove(signed)
        return signed.person

    def prove(self, signed: SignedUp) -> None:
        """Prove the telephone with the code of this sign-up."""
        now = self.clock.now()
        self.run(lambda connection: self.persons.proven(connection, signed.person, now, signed.application))

    def state(self, person: UUID) -> str:
        """The state of a person."""
        return str(self.sql("SELECT state FROM people.persons WHERE id = %s", person)[0][0])

    def entries(self) -> list[dict[str, Any]]:
        """The entries that wait for the log."""
        return [json.loads(bytes(row[0])) for row in self.sql("SELECT body FROM base.outbox ORDER BY number")]

    def sql(self, query: str, *values: object) -> list[tuple[Any, ...]]:
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

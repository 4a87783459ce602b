"""Volunteers in the database, with the consents that they gave."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid4

from sapparot.base.database import Connection
from sapparot.base.shipped import shipped
from sapparot.duty.assignments.facts import Terms
from sapparot.duty.assignments.roster import Roster
from sapparot.duty.rolls import Rolls
from sapparot.people.signin.facts import Identity, Role
from sapparot.verify import Interests, load

NETWORKS = ("ilaw", "sao", "pao")
"""Civil society, and two networks of officials, which form one group."""
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def interests() -> Interests:
    return Interests(load(shipped("data") / "policies" / "default.toml"))


def add_networks(connection: Connection) -> None:
    for network in NETWORKS:
        connection.execute(
            "INSERT INTO people.networks (id, name_th, name_en, key) VALUES (%s, 'ก', 'k', '{}') ON CONFLICT DO NOTHING",
            (network,),
        )
    connection.commit()


def volunteer(
    connection: Connection,
    network: str = "ilaw",
    area: str | None = "01-01",
    *,
    level: int = 1,
    consents: Sequence[str] = ("duty", "announcements"),
    roles: tuple[tuple[Role, str | None], ...] = (),
) -> Identity:
    person = uuid4()
    connection.execute(
        "INSERT INTO people.persons (id, network, level, state, area, phone, joined_at)"
        " VALUES (%s, %s, %s, 'active', %s, %s, %s)",
        (person, network, level, area, secrets.token_bytes(32), LONG_AGO),
    )
    for purpose in consents:
        connection.execute(
            "INSERT INTO people.consents (person, purpose, version, given_at) VALUES (%s, %s, 1, %s)",
            (person, purpose, LONG_AGO),
        )
    connection.commit()
    return Identity(person, network, level, roles)


def roster(url: str, clock: object, terms: Terms | None = None) -> Roster:
    return Roster(Rolls(url), interests(), clock, terms or Terms())  # type: ignore[arg-type]


def states(connection: Connection, person: UUID) -> list[tuple[str, str, str]]:
    found = connection.execute(
        "SELECT place, job, state FROM duty.duties WHERE person = %s ORDER BY id", (person,)
    ).fetchall()
    connection.commit()
    return [(row[0], row[1], row[2]) for row in found]

"""Who comes back by another way than a code: whether it may, and whether somebody signed in just now, as what is grave needs."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sapparot.base.asgi import Scope
from sapparot.base.database import AsyncConnection
from sapparot.base.problems import Problem
from sapparot.people.persons import Person, Persons
from sapparot.people.persons import store as persons_store
from sapparot.people.persons.problems import NETWORK_ENDED, PERSON_ENDED, PERSON_UNKNOWN
from sapparot.people.signin import store
from sapparot.people.signin.problems import SIGN_IN_AGAIN
from sapparot.people.signin.rules import token_of

FRESH = timedelta(minutes=15)
"""How long after signing in a person may add a way to sign in, give roles, take names out or end a network: a browser that was left open
gives nobody a lasting hold."""


async def welcome_back(connection: AsyncConnection, persons: Persons, person: UUID) -> Person:
    """Return a person who may come in: active, or waiting for approval; raises :class:`Problem`."""
    found = await persons.get(connection, person)
    if found is None:
        raise Problem(PERSON_UNKNOWN)
    if found.state not in ("active", "waiting"):
        raise Problem(PERSON_ENDED)
    if (await persons_store.terms(connection, found.network)).state != "active":
        raise Problem(NETWORK_ENDED)
    return found


async def is_fresh(connection: AsyncConnection, scope: Scope, now: datetime) -> bool:
    """Tell whether a browser signed in just now."""
    began = await store.began_at(connection, token_of(scope) or "")
    return began is not None and now < began + FRESH


async def check_fresh(connection: AsyncConnection, scope: Scope, now: datetime) -> None:
    """Raise :class:`Problem` when a browser signed in too long ago for what is grave."""
    if not await is_fresh(connection, scope, now):
        raise Problem(SIGN_IN_AGAIN)

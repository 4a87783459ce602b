"""A fixed cast of people, and browsers in which they are signed in."""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from sapparot.base.database import connect
from sapparot.people import Vault
from sapparot.people.persons.facts import Particulars
from tests.intake.phones import NETWORK, Answer, Front

_NUMBERS = count()


class Browser:
    """A browser that keeps the session's cookie and asks from a page of the same host."""

    def __init__(self, front: Front, token: str = "") -> None:
        self.front = front
        self.token = token

    def call(self, method: str, path: str, said: object = None, **headers: str) -> Answer:
        """Ask as a page of ours does; ``said`` goes as JSON, bytes as they are."""
        body = said if isinstance(said, bytes) or said is None else json.dumps(said).encode()
        named = (
            {"host": "localhost", "cookie": f"sapparot_session={self.token}"} if self.token else {"host": "localhost"}
        )
        if method != "GET":
            named["sec_fetch_site"] = "same-origin"
        if body is not None:
            named["content_type"] = "application/json"
        answer = self.front.call(method, path, body, **(named | headers))
        given = answer.headers.get("set-cookie", "")
        if given.startswith("sapparot_session="):
            self.token = given.split(";")[0].partition("=")[2]
        return answer

    def get(self, path: str) -> Answer:
        """Ask for something."""
        return self.call("GET", path)

    def post(self, path: str, said: object = None) -> Answer:
        """Send something."""
        return self.call("POST", path, said)


def code_of(answer: Answer) -> tuple[int, str]:
    """Status and code of a problem."""
    return answer.status, str(answer.problem["code"])


def said(answer: Answer) -> Any:
    """What the JSON of an answer says."""
    assert answer.status < 300, answer.body
    return json.loads(answer.body)


def fresh_number() -> str:
    """A telephone in E.164 that nobody in this run has."""
    return f"+6681{next(_NUMBERS):07}"


def person(
    front: Front,
    network: str = NETWORK,
    *,
    level: int = 1,
    state: str = "active",
    roles: tuple[str, ...] = (),
    who: tuple[str, str] | None = None,
) -> UUID:
    """Add a person; a role is ``organiser`` or ``head:10-01``; ``who`` is a name and a telephone in E.164."""
    identity, now = uuid4(), datetime.now(UTC)
    vault = Vault(front.settings.data / "secrets")
    named = Particulars(*(who or (f"คนที่ {identity.hex[:6]}", fresh_number())))
    with connect(front.url) as connection:
        connection.execute(
            "INSERT INTO people.persons (id, network, level, state, sealed, phone, joined_at) VALUES (%s, %s, %s, %s, %s, %s, %s)",
            (identity, network, level, state, vault.seal(identity, named), vault.find(named.phone), now),
        )
        for role, _, area in (each.partition(":") for each in roles):
            connection.execute(
                "INSERT INTO people.grants (person, role, area, granted_at) VALUES (%s, %s, %s, %s)",
                (identity, role, area or None, now),
            )
    return identity


def signed_in(front: Front, identity: UUID, ago: timedelta = timedelta(), seen: timedelta = timedelta()) -> Browser:
    """A browser in which the person signed in some time ago, and was last seen some time ago."""
    token, now = secrets.token_urlsafe(32), datetime.now(UTC)
    with connect(front.url) as connection:
        connection.execute(
            "INSERT INTO people.sessions (token_hash, person, method, began_at, seen_at, until)"
            " VALUES (%s, %s, 'code', %s, %s, %s)",
            (hashlib.sha256(token.encode()).digest(), identity, now - ago, now - seen, now - ago + timedelta(days=90)),
        )
    return Browser(front, token)

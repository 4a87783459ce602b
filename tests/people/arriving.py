"""A web side whose messages stand on the outbox page, and people who sign in at it with codes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sapparot.base.clock import clock_from
from sapparot.base.database import connect
from sapparot.base.operators import operator_token
from sapparot.people import Vault
from sapparot.people.messages import Messenger, senders_from
from tests.conftest import database_at
from tests.intake.phones import NETWORK, Answer, Front, Served, run_id, serving
from tests.people.cast import Browser, said

WEB = ("intake", "web")


@contextmanager
def web_side(server: str, template: str, data: Path, **chosen: Any) -> Iterator[Served]:
    """The whole web side over a database of its own."""
    name = f"web_{run_id()}_{data.name[-12:].replace('-', '_')}"
    with connect(server, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        with serving(database_at(server, name), data, WEB, **({"senders": "page"} | chosen)) as running:
            yield running
    finally:
        with connect(server, autocommit=True) as admin:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def deliver(front: Front) -> None:
    """Let the messenger do what is due."""
    settings = front.settings
    senders = senders_from(settings.senders or "", settings.senders_file)
    messenger = Messenger(Vault(settings.data / "secrets"), senders, clock_from(settings.clock))
    with connect(front.url) as connection:
        while messenger.step(connection):
            continue


def outbox(front: Front) -> Any:
    """What the operator sees."""
    deliver(front)
    token = operator_token(front.settings.data)
    return said(front.call("GET", "/v1/outbox", authorization=f"Bearer {token}"))


def code_for(front: Front, phone: str) -> str:
    """The newest code that was sent to a telephone."""
    text = next(message["text"] for message in outbox(front)["messages"] if message["phone"] == phone)
    found = re.search(r"\b\d{6}\b", text)
    assert found, text
    return found[0]


def ask_code(front: Front, phone: str, network: str = NETWORK) -> str:
    """Ask for a code and return the handle."""
    answer = Browser(front).post("/v1/sign-in", {"network": network, "phone": phone})
    assert answer.status == 202, answer.body
    return str(json.loads(answer.body)["handle"])


def try_code(browser: Browser, handle: str, code: str) -> Answer:
    """Try a code."""
    return browser.post("/v1/sign-in/code", {"handle": handle, "code": code})


def forget_pace(front: Front) -> None:
    """Make every code that was asked for an old one: tests do not wait half a minute."""
    with connect(front.url) as connection:
        connection.execute("UPDATE people.codes SET made_at = made_at - interval '2 days'")

"""A web side whose messages stand on the outbox page, and people who sign in at it with codes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sapparot import app, side
from sapparot.base.clock import clock_from
from sapparot.base.database import connect
from sapparot.base.doors import Door, check_doors
from sapparot.base.operators import operator_token
from sapparot.base.shipped import shipped
from sapparot.base.text import Text
from sapparot.contests import define, read_folder, save
from sapparot.people import Network, Vault, add_network
from sapparot.people.messages import Messenger, senders_from
from tests.databases import Databases
from tests.intake.phones import NETWORK, Answer, Front, Served, serving
from tests.people.cast import Browser, said

WEB = ("intake", "web")
TEACHERS = Text("เครือข่ายครูไทย", "Teachers' network")


@contextmanager
def web_side(databases: Databases, data: Path, **chosen: Any) -> Iterator[Served]:
    """The whole web side over a database of its own."""
    with (
        databases.lent() as url,
        serving(url, data, WEB, **({"senders": "page"} | chosen)) as running,
    ):
        yield running


@contextmanager
def doors_noted() -> Iterator[list[Door]]:
    """Every door of the web sides that start meanwhile."""
    known: list[Door] = []

    def noted(routes: list[tuple[str, str]], doors: list[Door]) -> None:
        known.extend(doors)
        check_doors(routes, doors)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(side, "check_doors", noted)
        yield known


def found(front: Front, network: str, name: Text = TEACHERS) -> None:
    """Let another network take part."""
    with connect(front.url) as connection:
        add_network(connection, Network(network, name, app.keyring(front.settings).make(network).jwk))


def define_small(front: Front) -> None:
    """Define the invented election of 60 stations."""
    with connect(front.url) as connection:
        save(connection, define(read_folder(shipped("data") / "elections" / "small")))


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

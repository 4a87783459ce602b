"""Nobody outside a network learns who one of its people is by any endpoint that there is, whatever their role.

Generated from the doors of the running program: each is asked with the ids of rows that stand for the victim.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest

from sapparot.base import guard
from sapparot.base.database import Connection, connect
from sapparot.base.doors import Door
from sapparot.contests import defined
from tests.databases import Databases
from tests.intake.phones import NETWORK, Answer, Front
from tests.people.arriving import define_small, doors_noted, found, web_side
from tests.people.cast import Browser, fresh_number, person, signed_in
from tests.web.leading import upload

OTHER = "teachers"
AREA, STATION = "01-01", "01-01-010111-001"
NAME = "ปิยะพงษ์ ไม่เปิดเผย"
TRACES = ("ปิยะพงษ์", "ไม่เปิดเผย", "897654321", "897-654-321", "089-765-4321", "89 765 4321")
CALLERS = (
    "nobody",
    "device",
    "waiting",
    "left",
    "",
    "head:01-01",
    "reviewer",
    "decider",
    "lead",
    "organiser",
    "centre",
)
QUERIES = ("", "?q=08-9765-4321", "?q=%E0%B8%9B%E0%B8%B4&area=01-01&state=active")
"""Written otherwise than the traces: a page that repeats a question tells nothing."""
FORM = "application/x-www-form-urlencoded"
STREAMS = {"/v1/events"}
"""Their answers never end."""


class Case(NamedTuple):
    """Running doors, somebody in their network, and where each place of an address leads: to rows of hers."""

    front: Front
    doors: list[Door]
    victim: UUID
    places: dict[str, str]


def add(connection: Connection, statement: str, *values: object) -> str:
    """Add a row and return what identifies it."""
    row = connection.execute(statement, values).fetchone()
    return str(row[0]) if row else ""


def ways_in(connection: Connection, victim: UUID) -> dict[str, str]:
    """Give the victim a telephone, a link, a passkey and an account, and return where they are found."""
    ids = {
        "{kid}": f"kid-{victim.hex[:8]}",
        "{link}": str(uuid4()),
        "{passkey}": str(uuid4()),
        "{account}": str(uuid4()),
    }
    add(
        connection, "INSERT INTO people.devices (kid, key, network, level, person, enrolled_at, until)"
        " VALUES (%s, '{}', %s, 1, %s, now(), now() + interval '9 days') RETURNING kid", ids["{kid}"], NETWORK, victim,
    )  # fmt: skip
    add(
        connection, "INSERT INTO people.invite_links (id, code_hash, network, made_by, made_at, uses, expires_at, vouched)"
        " VALUES (%s, %s, %s, %s, now(), 9, now() + interval '9 days', true) RETURNING id",
        ids["{link}"], b"v" * 32, NETWORK, victim,
    )  # fmt: skip
    add(
        connection, "INSERT INTO people.passkeys (id, person, credential, key, count, transports, sealed, made_at)"
        " VALUES (%s, %s, 'c', 'k', 0, '{}', '', now()) RETURNING id", ids["{passkey}"], victim,
    )  # fmt: skip
    add(
        connection, "INSERT INTO people.linked (id, person, network, provider, account, made_at)"
        " VALUES (%s, %s, %s, 'line', %s, now()) RETURNING id", ids["{account}"], victim, NETWORK, b"a" * 32,
    )  # fmt: skip
    return ids | {"{invite}": ids["{link}"]}


def work(connection: Connection, victim: UUID) -> dict[str, str]:
    """Give the victim a duty, a plan and an announcement, and return where they are found."""
    (election,) = defined(connection)
    run = add(
        connection, "INSERT INTO duty.runs (election, network, asked_by, asked_at, wish, state)"
        " VALUES (%s, %s, %s, now(), '{}', 'failed') RETURNING id", election, NETWORK, victim,
    )  # fmt: skip
    duty = add(
        connection, "INSERT INTO duty.duties (election, person, network, place, job, state, slot, turn, how, since)"
        " VALUES (%s, %s, %s, %s, 'final', 'accepted', 0, 0, 'chosen', now()) RETURNING id",
        election, victim, NETWORK, STATION,
    )  # fmt: skip
    add(
        connection,
        "INSERT INTO duty.steps (duty, number, state, at) VALUES (%s, 1, 'accepted', now()) RETURNING 1",
        duty,
    )
    told = add(
        connection, "INSERT INTO duty.announcements (network, made_by, made_at, chosen, th, en)"
        " VALUES (%s, %s, now(), '{}', 'ก', 'k') RETURNING id", NETWORK, victim,
    )  # fmt: skip
    add(
        connection, "INSERT INTO duty.messages (person, announcement, th, en, at, sent)"
        " VALUES (%s, %s, 'ก', 'k', now(), 'in_app') RETURNING id", victim, told,
    )  # fmt: skip
    return {
        "/duties/runs/{id}": run, "/plans/{number}": run, "/duties/{id}": duty, "/announcements/{id}": told,
        "/announcements/{number}": told,
    }  # fmt: skip


def rows(connection: Connection, victim: UUID) -> dict[str, str]:
    """Give the victim one row of everything that has an id, and return it by the part of the address that leads there."""
    connection.execute("UPDATE people.persons SET area = %s WHERE id = %s", (AREA, victim))
    grant = add(connection, "SELECT id FROM people.grants WHERE person = %s", victim)
    return {
        "/networks/{id}": NETWORK, "/grants/{id}": grant, **work(connection, victim), **ways_in(connection, victim),
        "/province/{code}": "01", "/constituency/{code}": AREA, "/station/{code}": STATION, "{area}": AREA,
        "{station}": STATION, "{person}": str(victim), "{session}": "00" * 32, "{purpose}": "head", "{provider}": "line",
        "{path}": "app.css",
    }  # fmt: skip


@pytest.fixture(scope="module")
def case(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    """The whole web side with two networks, an election, and the victim in the first of them."""
    with pytest.MonkeyPatch.context() as patch, doors_noted() as doors:
        patch.setattr(guard, "STRANGERS_PER_MINUTE", 1_000_000)  # all callers come from one address
        with web_side(databases, tmp_path_factory.mktemp("front"), senders=None) as front:
            found(front, OTHER)
            define_small(front)
            victim = person(front, roles=(f"head:{AREA}",), level=2, who=(NAME, "+66897654321"))
            with connect(front.url) as connection:
                places = rows(connection, victim)
            organiser = signed_in(front, person(front, roles=("organiser",)))
            looked = upload(organiser, "/organise/import", f"name,phone\n{NAME},0897654321\n".encode())
            places["{file}"] = re.findall(r"/organise/import/([0-9a-f]{64})", looked.body.decode())[0]
            yield Case(front, [door for door in doors if door.path not in STREAMS], victim, places)


def address(case: Case, door: Door) -> str:
    """The address of a door whose places lead to the victim."""
    path = door.path
    for place, row in case.places.items():
        named = re.search(r"\{\w+\}", place)
        path = path.replace(place, place.replace(named[0] if named else "", row))
    assert "{" not in path, f"say above where {door.path} leads"
    return path + "x" if path.endswith("/") and len(path) > 1 else path


def calls(case: Case, door: Door) -> Iterator[tuple[str, bytes | None, str]]:
    """Every address, body and type of body with which a door is tried."""
    path, victim = address(case, door), str(case.victim)
    if door.method == "GET":
        queries = QUERIES[2:] if door.path.startswith("/en/") else QUERIES  # the same pages with other words
        yield from ((path + query, None, FORM) for query in queries)
        return
    about = {"person": victim, "role": "head", "area": AREA, "place": STATION, "job": "final", "phone": "08-9765-4321"}
    many = about | {"people": [victim], "duty": case.places["/duties/{id}"], "purpose": "head", "network": NETWORK}
    yield path, None, FORM
    if door.path.startswith("/v1/"):
        yield from ((path, json.dumps(body).encode(), "application/json") for body in ({}, about, {"people": [victim]}))
    else:
        yield path, urlencode(many, doseq=True).encode(), FORM


def caller(case: Case, kind: str) -> tuple[Browser, dict[str, str]]:
    """A fresh caller from outside, and the headers that it brings."""
    if kind == "nobody":
        return Browser(case.front), {}
    if kind == "device":
        return Browser(case.front), {"authorization": f"Bearer {case.front.stranger().token}"}
    state = kind if kind in ("waiting", "left") else "active"
    level = {"head:01-01": 2, "reviewer": 3, "decider": 3, "lead": 3}.get(kind, 1)
    roles = (kind,) if kind and state == "active" else ()
    made = person(case.front, OTHER, roles=roles, level=level, state=state, who=("คนนอก", fresh_number()))
    return signed_in(case.front, made), {}


def ask(browser: Browser, door: Door, call: tuple[str, bytes | None, str], headers: dict[str, str]) -> Answer:
    path, body, kind = call
    return browser.call(door.method, path, body, tus_resumable="1.0.0", **headers, content_type=kind)


def told(answer: Answer) -> list[str]:
    """The traces of the victim in an answer and its headers."""
    text = answer.body.decode("utf-8", "replace") + str(answer.headers)
    return [trace for trace in TRACES if trace in text]


@pytest.mark.parametrize("kind", CALLERS)
def test_no_endpoint_tells_who_somebody_of_another_network_is(case: Case, kind: str) -> None:
    browser, headers = caller(case, kind)
    for door in case.doors:
        for call in calls(case, door):
            answer = ask(browser, door, call, headers)
            assert answer.status < 500, (door.method, call, answer.body)
            assert not told(answer), (kind, door.method, call)
        ends = door.method not in ("GET", "HEAD") and kind not in ("nobody", "device", "left")
        if ends and browser.get("/v1/me").status != 200:  # it left, or signed out
            browser, headers = caller(case, kind)


def test_the_own_networks_organiser_does_learn_it_so_that_the_test_above_means_something(case: Case) -> None:
    organiser = signed_in(case.front, person(case.front, roles=("organiser",)))
    reads = [door for door in case.doors if door.method == "GET" and not door.path.startswith("/en/")]
    learned = {door.path for door in reads for call in calls(case, door) if told(ask(organiser, door, call, {}))}
    assert learned >= {
        "/organise/people",
        "/organise/people/{person}",
        "/v1/networks/{id}/people",
        "/v1/networks/{id}/people.csv",
        "/organise/announcements/{number}/people",
    }

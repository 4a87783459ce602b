"""Nobody outside a network learns who one of its people is by any endpoint that there is, whatever their role."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from sapparot.base.database import connect
from tests.databases import Databases
from tests.intake.phones import NETWORK, Front
from tests.people.arriving import found, web_side
from tests.people.cast import Browser, fresh_number, person, said, signed_in

OTHER = "teachers"
NAME = "ปิยะพงษ์ ไม่เปิดเผย"
TRACES = ("ปิยะพงษ์", "ไม่เปิดเผย", "897654321", "897-654-321", "089-765-4321", "89 765 4321")
ROLES = ("", "head:10-01", "reviewer", "decider", "lead", "organiser", "centre")
QUERIES = ("", "?q=089-765-4321", "?q=%E0%B8%9B%E0%B8%B4", "?area=10-01", "?state=active")
BODIES: tuple[object, ...] = (
    None,
    {},
    {"people": ["{person}"]},
    {"person": "{person}", "role": "head", "area": "10-01"},
    {"state": "left"},
)


@pytest.fixture(scope="module")
def front(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """The whole web side with a second network."""
    with web_side(databases, tmp_path_factory.mktemp("front"), senders=None) as running:
        found(running, OTHER)
        yield running


@pytest.fixture(scope="module")
def victim(front: Front) -> UUID:
    who = person(front, roles=("head:10-01",), level=2, who=(NAME, "+66897654321"))
    with connect(front.url) as connection:
        connection.execute("UPDATE people.persons SET area = '10-01' WHERE id = %s", (who,))
    return who


@pytest.fixture(scope="module")
def doors(front: Front) -> list[tuple[str, str]]:
    """Method and path of every endpoint that is described."""
    paths: dict[str, Any] = said(Browser(front).get("/v1/openapi.json"))["paths"]
    return [(method.upper(), path) for path, methods in sorted(paths.items()) for method in methods]


def calls(doors: list[tuple[str, str]], victim: UUID) -> Iterator[tuple[str, str, object]]:
    """Every endpoint, its places filled so that they lead to the victim, with several queries or bodies."""
    for method, path in doors:
        filled = path.replace("/networks/{id}", f"/networks/{NETWORK}").replace("{area}", "10-01")
        filled = re.sub(r"\{\w+\}", str(victim), filled)
        if method == "GET":
            yield from ((method, filled + query, None) for query in QUERIES)
        else:
            for body in BODIES:
                yield method, filled, json.loads(json.dumps(body).replace("{person}", str(victim)))


@pytest.mark.parametrize("role", [None, *ROLES])
def test_no_endpoint_tells_who_somebody_of_another_network_is(
    front: Front, doors: list[tuple[str, str]], victim: UUID, role: str | None
) -> None:
    assert len(doors) > 30
    browser = Browser(front) if role is None else signed_in(front, stranger(front, role))
    for method, path, body in calls(doors, victim):
        answer = browser.call(method, path, body)
        assert answer.status < 500, (method, path, body, answer.body)
        told = answer.body.decode("utf-8", "replace")
        assert not [trace for trace in TRACES if trace in told], (role, method, path)
        if role is not None and method != "GET" and browser.get("/v1/me").status != 200:  # it left, or signed out
            browser = signed_in(front, stranger(front, role))


def stranger(front: Front, role: str) -> UUID:
    level = {"head:10-01": 2, "reviewer": 3, "decider": 3, "lead": 3}.get(role, 1)
    return person(front, OTHER, roles=(role,) if role else (), level=level, who=("คนนอก", fresh_number()))


def test_the_own_networks_organiser_does_learn_it_so_that_the_test_above_means_something(
    front: Front, doors: list[tuple[str, str]], victim: UUID
) -> None:
    organiser = signed_in(front, person(front, roles=("organiser",)))
    told = [organiser.call(*call).body.decode("utf-8", "replace") for call in calls(doors, victim) if call[0] == "GET"]
    assert [trace for trace in TRACES if any(trace in body for body in told)][:2] == list(TRACES[:2])

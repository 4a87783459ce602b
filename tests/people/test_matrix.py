"""Every endpoint against every kind of caller: exactly those get past a door who may. Generated from the doors of the running program."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple
from uuid import uuid4

import pytest

from sapparot.base import guard
from sapparot.base.doors import Caller, Door
from sapparot.base.guard import SAFE
from sapparot.base.operators import operator_token
from tests.databases import Databases
from tests.intake.phones import NETWORK, Answer, Front, Served
from tests.people.arriving import doors_noted, found, web_side
from tests.people.cast import Browser, fresh_number, person, signed_in

OTHER = "teachers"
AREA = "10-01"
KINDS: dict[str, tuple[str, ...]] = {
    "volunteer": (),
    "head of the area": (f"head:{AREA}",),
    "head of another area": ("head:90-09",),
    "organiser": ("organiser",),
    "reviewer": ("reviewer",),
    "decider": ("decider",),
    "lead": ("lead",),
    "centre": ("centre",),
    "organiser of another network": ("organiser",),
}
HEADS = {"head of the area", "head of another area"}
ORGANISERS = {"organiser", "organiser of another network"}
NOBODY = ("nobody", "ended", "erased", "waiting", "device", "operator")
OPEN_TO: dict[Caller, set[str]] = {
    "anyone": {*KINDS, *NOBODY},
    "here": {*KINDS, *NOBODY},  # all of them sit at this machine
    "device": {"device"},
    "operator": {"operator"},
    "applicant": {*KINDS, "waiting"},
    "person": set(KINDS),
    "head": HEADS,
    "organiser": ORGANISERS,
    "warroom": {"reviewer", "decider", "lead"},
    "centre": {"centre"},
}
REFUSED = {
    "people.sign_in_first", "people.not_for_you", "people.not_yet_approved", "people.token_missing", "people.token_invalid",
    "people.token_expired", "people.device_revoked", "base.operators_only", "base.cross_origin",
}  # fmt: skip
"""What a door says to whom it does not let in."""
STREAMS = {"/v1/events"}
"""Open to anyone, and their answers never end."""
OPEN_AND_CHANGING = {
    ("POST", path)
    for path in [
        "/v1/text/",
        "/v1/devices",
        "/v1/join",
        "/v1/sign-in",
        "/v1/sign-in/code",
        "/v1/sign-in/passkey",
        "/v1/sign-in/passkey/options",
        "/sign-in",
        "/sign-in/code",
        "/sign-in/with/{provider}",
        "/en/sign-in",
        "/en/sign-in/code",
        "/en/sign-in/with/{provider}",
    ]
}
"""What a stranger may change. A new door that is open to anyone and takes something is named here, or this test fails."""


class House(NamedTuple):
    """Running doors."""

    front: Front
    doors: list[Door]
    readers: dict[str, tuple[Browser, dict[str, str]]]
    """A caller of each kind that only reads."""


@pytest.fixture(scope="module")
def house(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with pytest.MonkeyPatch.context() as patch, doors_noted() as known:
        patch.setattr(guard, "STRANGERS_PER_MINUTE", 1_000_000)  # all kinds of callers come from one address
        with web_side(databases, tmp_path_factory.mktemp("matrix")) as running:
            found(running, OTHER)
            yield House(running, known, {})


def caller(front: Front, kind: str) -> tuple[Browser, dict[str, str]]:
    """A fresh caller of a kind, and the headers that it brings."""
    if kind == "operator":
        return Browser(front), {"authorization": f"Bearer {operator_token(front.settings.data)}"}
    if kind == "device":
        phone = front.stranger()
        return Browser(front), {"authorization": f"Bearer {phone.token}"}
    if kind in ("ended", "erased", "waiting"):
        state = {"ended": "expelled", "erased": "erased", "waiting": "waiting"}[kind]
        return signed_in(front, person(front, state=state, roles=("organiser", "centre"))), {}
    if kind == "nobody":
        return Browser(front), {}
    network = OTHER if kind == "organiser of another network" else NETWORK
    return signed_in(front, person(front, network, roles=KINDS[kind], level=1, who=("คน หนึ่ง", fresh_number()))), {}


def call(house: House, kind: str, door: Door) -> Answer:
    """Call an endpoint whose places lead to the network and the area of the cast. Who changes something is fresh: it may end by that."""
    if door.method in SAFE and kind not in house.readers:
        house.readers[kind] = caller(house.front, kind)
    browser, headers = house.readers[kind] if door.method in SAFE else caller(house.front, kind)
    path = door.path.replace("/networks/{id}", f"/networks/{NETWORK}").replace("{area}", AREA)
    path += "x" if path.endswith("/") and len(path) > 1 else ""
    body: dict[str, str] | None = {} if door.body_limit else None
    for place in (str(uuid4()), "1"):  # some ids are numbers: the other kind finds no route at all
        answer = browser.call(door.method, re.sub(r"\{\w+\}", place, path), body, tus_resumable="1.0.0", **headers)
        if answer.status != 404:
            break
    return answer


def refused(answer: Answer) -> str | None:
    """The code of a refusal at the door; None when the caller got past it, whatever came then."""
    if answer.status == 303 and "/sign-in" in answer.headers["location"]:  # a page leads there who is not signed in
        return "people.sign_in_first"
    if answer.status == 403 and "html" in answer.headers.get("content-type", ""):
        return "people.not_for_you"
    if answer.status not in (401, 403) or "json" not in answer.headers.get("content-type", ""):
        return None
    if not answer.body:  # an answer to HEAD
        return "people.token_missing"
    code = str(json.loads(answer.body).get("code"))
    return code if code in REFUSED else None


@pytest.mark.parametrize("kind", [*KINDS, *NOBODY])
def test_exactly_those_pass_a_door_who_may(house: House, kind: str) -> None:
    wrong = []
    for door in house.doors:
        if door.path in STREAMS:
            continue
        answer = call(house, kind, door)
        assert answer.status < 500, (door.method, door.path, answer.body)
        code, allowed = refused(answer), kind in OPEN_TO[door.who]
        leads_out = door.path.endswith("/sign-in/out")  # who signs out is led to signing in
        allowed, code = (allowed, None) if leads_out and allowed else (allowed, code)
        inside = code == "people.not_for_you" and kind in KINDS and door.who != "anyone"  # the handler looks closer
        if (code is None and not allowed) or (code is not None and allowed and not inside):
            wrong.append((door.method, door.path, door.who, answer.status, code))
    assert not wrong, "\n".join(map(str, wrong))


def test_an_organiser_of_another_network_and_a_head_of_another_area_change_and_read_nothing_here(house: House) -> None:
    wrong = []
    for door in house.doors:
        for kind, place in (
            ("organiser of another network", "/networks/{id}/"),
            ("head of another area", "/areas/{area}/"),
        ):
            if place in door.path and door.who in ("organiser", "head"):
                status = call(house, kind, door).status
                wrong += [(door.method, door.path, kind, status)] if status not in (400, 403, 404, 415) else []
    assert not wrong, "\n".join(map(str, wrong))


def test_everything_that_changes_something_is_closed_to_strangers_but_what_is_named_here(house: House) -> None:
    changing = {(door.method, door.path) for door in house.doors if door.who == "anyone" and door.method not in SAFE}
    assert changing == OPEN_AND_CHANGING


def test_every_kind_of_door_is_known_here_so_that_a_new_one_cannot_slip_through(house: House) -> None:
    assert {door.who for door in house.doors} <= set(OPEN_TO)
    assert len({(door.method, door.path) for door in house.doors}) == len(house.doors) > 60


def test_a_door_that_forgot_its_guard_would_be_found(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    [me] = [door for door in house.doors if (door.method, door.path) == ("GET", "/v1/me")]
    assert isinstance(house.front, Served)
    monkeypatch.setattr("sapparot.people.signin.authority.check_may", lambda identity, who: None)
    [imports] = [door for door in house.doors if door.who == "organiser" and door.method == "GET"][:1]
    assert refused(call(house, "nobody", me)) == "people.sign_in_first"
    assert "organiser" in OPEN_TO[imports.who]
    assert refused(call(house, "volunteer", imports)) is None, "this is what the matrix would report"

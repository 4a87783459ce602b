"""Every endpoint stands behind a named door, or the program does not start."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

import msgspec

Caller = Literal[
    "anyone", "here", "device", "operator", "applicant", "person", "head", "organiser", "warroom", "centre"
]
"""Who may call: anyone; anyone who sits at this machine; an enrolled device; the operator of the machine; any person who is signed in,
an applicant also while it waits for approval; or a person who was given a role: head (of an area), organiser (of a network), warroom
(reviewer, decider or lead), centre (of the whole installation)."""
BY_SESSION: frozenset[Caller] = frozenset({"applicant", "person", "head", "organiser", "warroom", "centre"})
"""Callers who are known by the session of their browser."""
LOOPBACK = re.compile(r"(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?", re.IGNORECASE)
"""Host names, with or without a port, under which a browser reaches the very machine that it runs on."""


class Door(msgspec.Struct, frozen=True):
    """Who may call an endpoint, how often one caller may come and how large a body may be."""

    method: str
    path: str
    who: Caller
    per_minute: int
    """Requests of one caller (person or device, else address) in a minute."""
    body_limit: int = 0
    """Bytes; 0 means that the endpoint takes no body."""


class UnguardedRoute(RuntimeError):
    """A route has no door, or a door has no route."""


def check_doors(routes: Iterable[tuple[str, str]], doors: Iterable[Door]) -> None:
    """Refuse to start unless routes and doors match one to one; ``routes`` are (method, path)."""
    named = [(door.method, door.path) for door in doors]
    if len(set(named)) != len(named):
        raise UnguardedRoute("a door is named twice")
    wanted = set(routes)
    if missing := sorted(wanted - set(named)):
        raise UnguardedRoute(f"no door names these routes: {missing}")
    if idle := sorted(set(named) - wanted):
        raise UnguardedRoute(f"these doors lead nowhere: {idle}")

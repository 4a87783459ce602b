"""Duties and what a plan is made of."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

Job = Literal["progress", "final", "official", "reading"]
"""Reporting while ballots are read aloud; the signed form; the authority's figures; reading photographs from afar."""
State = Literal["offered", "accepted", "declined", "dropped", "done", "replaced"]
"""``replaced``: somebody else was put in the place of a person who could not be reached, or did not come."""

ON_SITE: tuple[Job, ...] = ("progress", "final")
"""Jobs for which a person stands at the station."""


class Volunteer(Struct, frozen=True):
    """Somebody who can be planned: group of interest under the policy, area of service, stations that they can still take on."""

    person: UUID
    group: str
    area: str
    places: int = 1


class Terms(Struct, frozen=True):
    """What a plan aims at: people at a station at most, independent groups that are wanted there, and the seed that breaks ties."""

    capacity: int = 2
    sources: int = 2
    seed: int = 0


class Planned(Struct, frozen=True):
    """A person and the code of the station where they are wanted; metres from the middle of their area, 0 when it is a wide one."""

    person: UUID
    station: str
    metres: int


class Plan(Struct, frozen=True):
    """A plan and what it reaches together with the duties that stood before."""

    planned: tuple[Planned, ...]
    covered: int
    """Stations with somebody."""
    independent: int
    """Stations with people of two groups or more."""
    metres: int
    """Sum of all distances."""


class Duty(Struct, frozen=True):
    """A person's assignment to a station or constituency and a job, as it stands now."""

    id: int
    election: str
    person: UUID
    network: str
    place: str
    job: Job
    state: State
    since: datetime
    """When it came into this state."""
    how: str
    """How it began: ``chosen`` by the person, ``given`` by somebody, ``planned`` by a run, ``replacement`` for somebody."""
    run: int | None = None


class DutyStep(Struct, frozen=True):
    """One step in the life of a duty; ``by`` is None when the program took it."""

    duty: int
    state: State
    at: datetime
    by: UUID | None
    reason: str

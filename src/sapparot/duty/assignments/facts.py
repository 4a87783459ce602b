"""Duties and what a plan is made of."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

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
    places: int = 1
    """Stations at which one person can be at one time."""


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
    missed_at: datetime | None = None
    """When the person had not checked in although it was time."""


class Standing(Struct, frozen=True):
    """What somebody holds: the slot of the place and the turn of the person that are used up by it."""

    place: str
    job: Job
    slot: int
    person: UUID
    turn: int
    state: State


class Manned(Struct, frozen=True):
    """Stations at which people of one network have a duty in one state; ``missed``: they should have checked in and have not."""

    network: str
    state: State
    missed: bool
    places: list[str]


class Seat(Struct, frozen=True):
    """What somebody asks for, or is to get."""

    person: UUID
    place: str
    job: Job


class Spare(Struct, frozen=True):
    """Somebody who has no duty yet and could take one over: group of interest, network, metres from the place."""

    person: UUID
    network: str
    group: str
    metres: int


class Candidate(Struct, frozen=True):
    """Somebody of a network who could be offered a place; ``metres`` from the middle of the own area, 10^9 when nobody knows."""

    id: UUID
    area: str | None
    trained: bool
    metres: int


class DutyStep(Struct, frozen=True):
    """One step in the life of a duty; ``by`` is None when the program took it."""

    duty: int
    state: State
    at: datetime
    by: UUID | None
    reason: str


class Wish(Struct, frozen=True, forbid_unknown_fields=True):
    """What an automatic plan is asked for: jobs at stations, in an area or everywhere, and the seed that breaks ties.

    With ``renew`` offers that nobody answered are taken back first, so that the plan may place these people anew.
    """

    jobs: Annotated[tuple[Literal["progress", "final"], ...], Meta(min_length=1, max_length=2)] = ("progress", "final")
    area: Annotated[str, Meta(max_length=64)] | None = None
    trained: bool = False
    """Only people who have passed the training."""
    renew: bool = False
    look: bool = False
    """Only say what the plan would do: nothing is offered and nothing taken back."""
    seed: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 0


class Outcome(Struct, frozen=True, omit_defaults=True):
    """What a plan came to: people looked at, people given a place, stations of the election or area, and what was reached there."""

    people: int
    placed: int
    stations: int
    covered: int
    independent: int
    metres: int
    problem: str = ""
    before: int = 0
    """Stations that had somebody before."""
    provinces: dict[str, int] = {}
    """People given a place, by the code of the province."""


class Run(Struct, frozen=True):
    """An automatic plan: asked for, then done or failed; ``network`` is None for the people of all networks."""

    id: int
    election: str
    network: str | None
    asked_by: UUID | None
    asked_at: datetime
    wish: Wish
    state: Literal["waiting", "done", "failed"]
    ended_at: datetime | None = None
    outcome: Outcome | None = None

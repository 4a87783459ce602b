"""Coverage, gaps and missing people."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from sapparot.base.text import Text
from sapparot.duty.assignments.facts import Job


class AreaCovered(Struct, frozen=True):
    """An area, or the whole election: stations by what stands there for a job.

    ``covered`` have somebody who accepted, ``independent`` people of two groups, ``offered`` nobody yet but an offer; ``arrived`` have a
    check-in, ``missing`` somebody who should have checked in and has not. ``own`` counts stations where people of one network accepted.
    """

    area: str | None
    name: Text
    stations: int
    eligible: int
    covered: int
    covered_eligible: int
    independent: int
    offered: int
    arrived: int
    missing: int
    own: int


class Covered(Struct, frozen=True):
    """An area and the areas directly inside it; for the centre also ``networks``, at how many stations people of each accepted."""

    job: Job
    whole: AreaCovered
    inside: tuple[AreaCovered, ...]
    networks: dict[str, int] = {}


class Gap(Struct, frozen=True):
    """A station that needs somebody; ``weight`` says how much it matters.

    ``why``: ``nobody``, or ``one_group`` when a second independent group is missing; ``asked`` counts offers that wait. ``margin`` is the
    distance of first and second in its constituency in votes so far, None when nothing is known.
    """

    station: str
    area: Text
    constituency: str | None
    eligible: int
    why: Literal["nobody", "one_group"]
    asked: int
    margin: int | None
    weight: int


class Missing(Struct, frozen=True):
    """Somebody who accepted a duty on site and has not checked in although it was time."""

    duty: int
    person: UUID
    network: str
    station: str
    job: Job
    since: datetime

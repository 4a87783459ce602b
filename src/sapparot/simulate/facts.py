"""What an evening needs to be played, and what came of it."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from sapparot.simulate.mix import Mix


class EveningPlan(Struct, frozen=True, kw_only=True):
    """An evening to play against a server.

    ``source`` is the election folder with volunteers.toml, ``truth`` what nation.draw_nation wrote, ``clock`` the file of the
    conductor that the server follows too, ``work`` a directory for the schedule and the senders' logs.
    ``invites`` maps "network/level", of heads "network/2/constituency", to an invite code that is good for as many devices as
    :func:`play.invites_needed` says.
    """

    url: str
    source: Path
    truth: Path
    work: Path
    clock: Path
    invites: dict[str, str]
    mix: Mix = Mix()
    photos: int = 300
    seed: int = 1
    speed: float | None = None
    """Simulated seconds per second; None lets the conductor find the fastest that everybody can follow."""
    senders: int = 2
    connections: int = 128
    """Of each sender."""
    flat: Flat | None = None
    """An even load instead of an evening's course."""
    people: Gathering | None = None
    """Through the doors of people; None takes the short cut of invite codes for bare devices."""


class Gathering(Struct, frozen=True, kw_only=True):
    """How the people of an evening come through the doors of people.

    ``operator`` is the file of the operator's token, which opens the outbox with everybody's codes; ``election`` the folder that was
    imported; ``centre`` and ``organisers`` are network and telephone of people who have these roles.
    """

    operator: Path
    election: Path
    centre: tuple[str, str]
    organisers: tuple[tuple[str, str], ...]


GATHERED = (
    "joined", "shared", "chosen", "planned", "dropped", "replaced", "absent", "arrived", "enrolled", "lost",
)  # fmt: skip
"""What is counted of people, in the order in which it happens."""


class Gathered(Struct, frozen=True, kw_only=True):
    """What came of the people: joined, with a family's phone, chose a station, accepted the plan's, gave it back, stepped in, did not
    come, checked in; devices enrolled, and lost.
    """

    joined: int
    shared: int
    chosen: int
    planned: int
    dropped: int
    replaced: int
    absent: int
    arrived: int
    enrolled: int
    lost: int
    lost_refused: int = 0
    """Reports of lost phones that were refused."""


class Flat(Struct, frozen=True, kw_only=True):
    """An even load for benches: ``rate`` reports per second for ``seconds``, ``lines`` of them in a body; rate None: as fast as it goes."""

    rate: float | None
    seconds: float = 30.0
    lines: int = 1
    reports: int = 100_000
    """How many at most."""


OUTCOMES = ("unsent", "accepted", "duplicate", "refused", "conflict", "failed")
"""What can become of a line."""


class Job(Struct, frozen=True):
    """What one sender has to do; ``offset`` is the election's local time, seconds east of UTC."""

    plan: EveningPlan
    part: int
    offset: int


class Segment(Struct, frozen=True):
    """From ``wall`` (monotonic seconds) on, simulated time ran from ``epoch`` at ``speed``."""

    wall: float
    epoch: float
    speed: float


class Seen(Struct, frozen=True):
    """A snapshot as a reader saw it first: its number, the size of the log it covers, and when (monotonic seconds)."""

    n: int
    size: int
    wall: float


class Counts(Struct, frozen=True):
    """Lines that senders put on the wire, by what was answered in the end; ``sent`` counts a line once however often it was tried.

    ``failed`` lines were never answered or their device could not enrol. ``unwanted`` lines were sent to be refused.
    """

    sent: int
    accepted: int
    duplicate: int
    refused: int
    conflict: int
    failed: int
    retried: int
    unwanted: int
    photographs: int


class Progress(Struct, frozen=True):
    """How far the evening is: the phase ("enrol", "count", "settle"), steps done of all, and simulated time.

    ``entries`` and ``counted`` are what the newest snapshot says: the size of the log, and of each ballot's sheets the share that is
    counted, in basis points.
    """

    phase: str
    done: int
    total: int
    epoch: float
    speed: float
    entries: int = 0
    counted: tuple[int, ...] = ()


class EveningLog(Struct, frozen=True, kw_only=True):
    """What was sent and answered. Times in monotonic seconds; ``segments`` map simulated time to them.

    ``outcomes`` is an .npz of columns per scheduled event: ``outcome`` (a position in OUTCOMES) and ``received``
    (microseconds since 1970 as the server acknowledged, 0 when it did not).
    """

    counts: Counts
    devices: int
    enrolled_s: float
    sender_cpu_s: float
    """Processor seconds of all senders, enrolment included."""
    began: float
    ended: float
    segments: tuple[Segment, ...]
    seen: tuple[Seen, ...]
    schedule: Path
    outcomes: Path
    gathered: Gathered | None = None

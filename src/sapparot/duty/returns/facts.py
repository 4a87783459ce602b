"""What the log says about the sheets of a constituency, and the stations with the people who guard them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

from sapparot.base.text import Text
from sapparot.duty.assignments.facts import Duty, Job

Show = Literal["all", "gaps", "missing", "silent", "disputed", "photographs"]
"""Which stations of a constituency: every one; those without two independent groups; where somebody should be and is not; without a
final of both ballots; with a disputed sheet; with a final whose form no photograph shows."""


class Shot(Struct, frozen=True):
    """A photograph that a report names: its role, and the SHA-256 of its original, or of the smaller copy that goes before it."""

    role: str
    names: tuple[str, ...]


class Told(Struct, frozen=True):
    """The newest report of one kind about a sheet: where it stands in the log, when it came, of which device and network."""

    position: int
    at: datetime
    kid: str
    network: str
    seq: int
    shots: tuple[Shot, ...] = ()


class Return(Struct, frozen=True):
    """What came of one sheet: how it stands, its newest progress, each network's newest final, devices' newest official figures.

    ``moved`` is the position of the last move, None before the first.
    """

    state: str = "empty"
    layer: str = "none"
    reason: str = ""
    moved: int | None = None
    progress: Told | None = None
    finals: tuple[Told, ...] = ()
    officials: tuple[Told, ...] = ()


NOTHING = Return()


class SheetReturn(Struct, frozen=True):
    """One sheet of a station, as its head sees it.

    ``finals`` counts the networks that gave a final, ``own`` whether the reader's is one of them; ``named`` and ``arrived`` count
    photographs of forms and boards.
    """

    sheet: str
    ballot: str
    state: str
    reason: str
    progress_at: datetime | None
    final_at: datetime | None
    official_at: datetime | None
    finals: int
    own: bool
    named: int
    arrived: int
    form: bool
    """Whether a photograph of the form has arrived."""


class Elsewhere(Struct, frozen=True):
    """Somebody of another network who guards a station. Which keys it signs with is said by its reports in the public log, not here:
    a head who learns a name by consent must not learn from it what else the person reports.
    """

    network: str
    jobs: tuple[Job, ...]


class StationReturn(Struct, frozen=True):
    """A station: its kind (ordinary, advance, overseas, special), where it is, who guards it, and its sheets.

    ``own`` are duties of the reader's network, ``others`` counts people of other networks, ``elsewhere`` says of each what all may know,
    ``groups`` independent groups that accepted; ``missing`` says that somebody of the own network should be there and is not.
    """

    code: str
    kind: str
    area: Text
    eligible: int
    own: tuple[Duty, ...]
    others: int
    elsewhere: tuple[Elsewhere, ...]
    groups: int
    arrived: bool
    missing: bool
    sheets: tuple[SheetReturn, ...]


class Returns(Struct, frozen=True):
    """The stations of an area for one network; ``counts`` says how many of them each selection holds."""

    area: str
    name: Text
    counts: dict[Show, int]
    stations: tuple[StationReturn, ...]

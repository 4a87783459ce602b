"""Everything the rules may look at when they judge one report. None stands for what is not known."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from sapparot.contests import Figures
from sapparot.verify.facts import Claim, Place, Profile, Row, Stage
from sapparot.verify.hood import Surroundings
from sapparot.verify.policy import Policy
from sapparot.verify.shapes import Laid, Shape

Replaces = Literal["nothing", "own", "foreign", "awaited"]
"""What a report says it replaces: nothing, a report of its own device, somebody else's, or one that is not here (yet)."""


class Scene(Struct, frozen=True, gc=False, kw_only=True):
    """One report with what was known when it came. Times are seconds since 1970.

    `absurd` names a number that cannot stand on a sheet; `figures` holds no such number. `earlier` is the device's own
    progress on this sheet, `finals` its standing finals, `live` the sheet's best progress. `neighbours` are the counted
    figures of the stations around, on this ballot and on the other one; `partner` is the column, on the other
    ballot, of the party that leads here. `twin` and `photo_twin` are codes of stations with the same figures or the same
    photograph: "" when none has them. `home` is the first station that the device reported from, `duty` those at which its
    owner had agreed to serve, in order: empty where the log names none. `ours` holds the figures that we count, `officials`
    what each other independent group reports as the authority's.
    """

    policy: Policy
    stage: Stage
    figures: Figures
    shape: Shape
    laid: Laid
    absurd: str | None = None
    eligible: int | None = None
    closes: int | None = None
    received: int | None = None
    observed: int | None = None
    seq: int = 0
    replaces: Replaces = "nothing"
    earlier: Claim | None = None
    finals: tuple[Row, ...] = ()
    live: Row | None = None
    other: Profile | None = None
    partner: int | None = None
    neighbours: Surroundings | None = None
    twin: str | None = None
    photo_twin: str | None = None
    place: Place | None = None
    station_place: Place | None = None
    home_place: Place | None = None
    home: str | None = None
    station: str | None = None
    duty: tuple[str, ...] = ()
    ours: Row | None = None
    officials: tuple[Row, ...] | None = None

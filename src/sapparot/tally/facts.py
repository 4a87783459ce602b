"""What the tally holds: codes of states and layers, and what it tells about itself."""

from typing import TypeAlias

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Bools: TypeAlias = NDArray[np.bool_]
Int8s: TypeAlias = NDArray[np.int8]
Int32s: TypeAlias = NDArray[np.int32]
Int64s: TypeAlias = NDArray[np.int64]
Entry: TypeAlias = tuple[int, str, bytes]
"""One entry of the log: position, kind, canonical JSON."""

STATES = ("empty", "live", "reported", "confirmed", "disputed", "settled")
"""States of a sheet; the position in this tuple is the code in arrays."""

LAYERS = ("none", "live", "reported", "confirmed", "settled")
"""Layers a sheet can count in; the position is the code in arrays. A sheet in layer "none" counts nowhere."""

COUNTED_LAYERS = LAYERS[1:]
"""Layers that have sums; sums of layer code k stand at k - 1."""

TOTALS = ("unlisted", "valid", "spoiled", "no_vote", "ballots_cast")
"""Columns after the options. `unlisted` gathers votes for numbers that do not stand in the contest."""

NOT_GIVEN = -1
"""Stands in a figure that the sheet does not give; it adds nothing to a sum."""


class UnreadEntry(Struct, frozen=True):
    """An entry that could not be used as it stands; its sheet, where it is known, counts nowhere since then."""

    position: int
    sheet: str | None
    why: str


class Difference(Struct, frozen=True):
    """One sum that is not what its sheets add up to.

    `what` is votes, sheets or eligible; `column` names the option column, the total or the state; `layer` the layer.
    """

    ballot: str
    level: str
    area: str
    what: str
    layer: str
    column: str
    running: int
    recomputed: int

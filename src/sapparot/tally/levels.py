"""The levels of areas on which sums are kept, and the smallest cells that all of them are made of."""

from collections.abc import Iterable

import numpy as np
from msgspec import Struct

from sapparot.contests import Election
from sapparot.tally.facts import Int32s

STATION_KINDS = ("ordinary", "advance", "overseas", "special")


class Level(Struct, frozen=True, eq=False):
    """All areas of one kind. `of[station]` is a position in `codes`, -1 where the station lies in none of them."""

    name: str
    codes: list[str]
    of: Int32s

    @property
    def everywhere(self) -> bool:
        """Tell whether every station lies in an area of this level."""
        return bool((self.of >= 0).all())


class Cells(Struct, frozen=True, eq=False):
    """The partition of stations by all levels at once.

    `of[station]` is a cell; `level[name][cell]` is the area of that level, -1 for none. A sum over cells is a sum over
    stations, a few thousand rows instead of a hundred thousand.
    """

    count: int
    of: Int32s
    level: dict[str, Int32s]


def kinds_of_stations(election: Election) -> tuple[str, ...]:
    """Give the kinds of stations that this election has, the usual ones first."""
    found = set(election.stations.kind)
    return (*(kind for kind in STATION_KINDS if kind in found), *sorted(found - set(STATION_KINDS)))


def levels_of(election: Election) -> tuple[Level, ...]:
    """Give one level per kind of area, and for the country and the areas of contests one more that sets kinds of stations apart.

    The level "constituency/kind" has the codes "10-01/ordinary", "10-01/advance" and so on, areas first.
    """
    roll = election.stations
    plain = [Level(kind, codes, roll.column(kind)) for kind, codes in roll.area_codes.items()]
    divided = {plain[0].name, *(ballot.scope for ballot in election.ballots)}
    kinds = kinds_of_stations(election)
    code = {kind: number for number, kind in enumerate(kinds)}
    kind_of = np.array([code[kind] for kind in roll.kind], dtype=np.int32)
    apart = [_apart(level, kinds, kind_of) for level in plain if level.name in divided]
    return (*plain, *apart)


def _apart(level: Level, kinds: tuple[str, ...], kind_of: Int32s) -> Level:
    codes = [f"{code}/{kind}" for code in level.codes for kind in kinds]
    of = np.where(level.of < 0, -1, level.of * len(kinds) + kind_of)
    return Level(f"{level.name}/kind", codes, of.astype(np.int32))


def cells_of(levels: Iterable[Level], stations: int) -> Cells:
    """Divide `stations` stations into the cells in which no level tells two of them apart."""
    of = np.zeros(stations, dtype=np.int64)
    named = list(levels)
    for level in named:
        # Renumbering after each level keeps the combined number small: never more than stations x areas.
        _, of = np.unique(of * (len(level.codes) + 1) + level.of + 1, return_inverse=True)
    first = np.unique(of, return_index=True)[1] if stations else np.zeros(0, dtype=np.int64)
    return Cells(len(first), of.astype(np.int32), {level.name: level.of[first] for level in named})

"""What holds true for every sheet of one ballot, in dense columns: the rows that all sums are made of."""

import numpy as np
from msgspec import Struct

from sapparot.contests import Contest, Election
from sapparot.tally.facts import NOT_GIVEN, TOTALS, Bools, Int8s, Int32s, Int64s


class Moves(Struct, frozen=True, eq=False):
    """New standings of k different sheets of one ballot; `figures` is int32[k, width]."""

    stations: Int64s
    figures: Int32s
    state: Int8s
    layer: Int8s
    position: Int64s
    sources: Int32s
    reason: list[str]


class Change(Struct, frozen=True, eq=False):
    """What was and what is for k sheets of one ballot."""

    stations: Int64s
    figures_before: Int32s
    state_before: Int8s
    layer_before: Int8s
    after: Moves


class Standings:
    """Every sheet of one ballot; row i is station i.

    `figures` is int32[stations, width]: one column per option of the widest contest, then TOTALS; NOT_GIVEN where the
    sheet gives nothing. `contest[i]` is a position in `Election.contest_list`, -1 where the station has no such sheet; `partial[i]` tells
    that the sheet does not give the votes of every option.
    """

    def __init__(self, election: Election, ballot: str) -> None:
        stations = len(election.stations)
        place = election.ballot_index[ballot]
        self.ballot = ballot
        self.contest: Int32s = election.sheet_contest.reshape(stations, len(election.ballots))[:, place].copy()
        self.contests: dict[int, Contest] = {
            number: contest for number, contest in enumerate(election.contest_list) if contest.ballot == ballot
        }
        self.options = max((len(contest.numbers) for contest in self.contests.values()), default=0)
        self.width = self.options + len(TOTALS)
        self.eligible: Int32s = election.stations.eligible
        self.figures: Int32s = np.full((stations, self.width), NOT_GIVEN, dtype=np.int32)
        self.state: Int8s = np.zeros(stations, dtype=np.int8)
        self.layer: Int8s = np.zeros(stations, dtype=np.int8)
        self.position: Int64s = np.full(stations, -1, dtype=np.int64)
        self.partial: Bools = np.ones(stations, dtype=np.bool_)
        self.sources: Int32s = np.zeros(stations, dtype=np.int32)
        self.reason: list[str] = [""] * stations
        widths = [len(contest.numbers) if contest.ballot == ballot else 0 for contest in election.contest_list]
        self._widths: Int64s = np.asarray(widths, dtype=np.int64)

    @property
    def sheets(self) -> Int64s:
        """Give the stations that have a sheet of this ballot."""
        return np.flatnonzero(self.contest >= 0)

    def put(self, moves: Moves) -> Change:
        """Replace standings and tell what was there before."""
        rows = moves.stations
        change = Change(rows, self.figures[rows], self.state[rows], self.layer[rows], moves)
        self.figures[rows] = moves.figures
        self.state[rows] = moves.state
        self.layer[rows] = moves.layer
        self.position[rows] = moves.position
        self.sources[rows] = moves.sources
        standing = np.arange(self.options) < self._widths[self.contest[rows]][:, None]
        self.partial[rows] = ((moves.figures[:, : self.options] == NOT_GIVEN) & standing).any(axis=1)
        for row, reason in zip(rows.tolist(), moves.reason, strict=True):
            self.reason[row] = reason
        return change

    def column_name(self, column: int) -> str:
        """Name a column of `figures`: "option 3" counts columns from 1, totals have their own names."""
        return TOTALS[column - self.options] if column >= self.options else f"option {column + 1}"

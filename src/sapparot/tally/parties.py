"""Which party each column of figures belongs to, so that votes can be added over areas with different options."""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from sapparot.contests import Election
from sapparot.tally.facts import COUNTED_LAYERS, Int32s, Int64s
from sapparot.tally.levels import Level
from sapparot.tally.standings import Standings


class PartyColumns(Struct, frozen=True, eq=False):
    """The options of one ballot by party.

    `contest_of[level][area]` is the contest of an area, -1 where an area has several or none. `party_of[contest]` gives
    for every column a position in `Election.parties`, `parties` for an option without a party and for unused columns.
    """

    parties: int
    contest_of: dict[str, Int32s]
    party_of: Int32s
    scope: Level

    def add_up(self, votes: dict[str, Int64s], board: Standings, level: Level) -> Int64s:
        """Add the sums of one ballot by party: int64[areas of `level`, COUNTED_LAYERS, parties + 1].

        The last column holds options without a party.
        """
        mixed = bool((self.contest_of[level.name][level.of[level.of >= 0]] < 0).any())
        source = self.scope if mixed else level
        contest = self.contest_of[source.name]
        target = _around(source, level)
        if target is None:
            return self._add_sheets(board, level)
        held = np.flatnonzero((contest >= 0) & (target >= 0))
        row = target[held].astype(np.int64)[:, None] * len(COUNTED_LAYERS) + np.arange(len(COUNTED_LAYERS))
        return self._spread(level, row, self.party_of[contest[held]][:, None, :], votes[source.name][held])

    def _add_sheets(self, board: Standings, level: Level) -> Int64s:
        """Add the sheets themselves: an area of one contest lies in several of `level`."""
        rows = np.flatnonzero((board.contest >= 0) & (board.layer > 0) & (level.of >= 0))
        row = level.of[rows].astype(np.int64) * len(COUNTED_LAYERS) + board.layer[rows] - 1
        return self._spread(level, row, self.party_of[board.contest[rows]], np.maximum(board.figures[rows], 0))

    def _spread(self, level: Level, row: Int64s, party: Int32s, votes: NDArray[np.integer]) -> Int64s:
        """Add votes, one column for each option, to the parties of their rows."""
        found = np.zeros(len(level.codes) * len(COUNTED_LAYERS) * (self.parties + 1), dtype=np.int64)
        key = row[..., None] * (self.parties + 1) + party
        np.add.at(found, key.reshape(-1), votes[..., : self.party_of.shape[1]].reshape(-1))
        return found.reshape(len(level.codes), len(COUNTED_LAYERS), self.parties + 1)


def party_columns(election: Election, board: Standings, levels: tuple[Level, ...]) -> PartyColumns:
    """Work the columns of one ballot out."""
    place = {code: number for number, code in enumerate(election.parties)}
    party_of = np.full((len(election.contest_list), board.options), len(place), dtype=np.int32)
    for number, contest in board.contests.items():
        for column, option in enumerate(contest.options):
            if option.party is not None:
                party_of[number, column] = place[option.party]
    scope_kind = next(ballot.scope for ballot in election.ballots if ballot.code == board.ballot)
    return PartyColumns(
        parties=len(place),
        contest_of={level.name: _contest_of(level, board.contest) for level in levels},
        party_of=party_of,
        scope=next(level for level in levels if level.name == scope_kind),
    )


def _contest_of(level: Level, contest: Int32s) -> Int32s:
    """Give the one contest of each area, -1 where its stations have none or several."""
    inside = np.flatnonzero((level.of >= 0) & (contest >= 0))
    low = np.full(len(level.codes), np.iinfo(np.int32).max, dtype=np.int32)
    high = np.full(len(level.codes), -1, dtype=np.int32)
    np.minimum.at(low, level.of[inside], contest[inside])
    np.maximum.at(high, level.of[inside], contest[inside])
    return np.where(low == high, high, -1).astype(np.int32)


def _around(inner: Level, outer: Level) -> Int32s | None:
    """Give for each inner area the outer area that its stations lie in, -1 for none; None when those of one lie in several."""
    found = np.full(len(inner.codes), -1, dtype=np.int32)
    inside = inner.of >= 0
    found[inner.of[inside]] = outer.of[inside]
    return found if np.array_equal(found[inner.of[inside]], outer.of[inside]) else None

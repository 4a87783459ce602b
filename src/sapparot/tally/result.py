"""A result: sums over sheets by layer, on every level, and the headline that the policy makes of the layers."""

from collections.abc import Iterable

import numpy as np
from msgspec import Struct

from sapparot.contests import Contest, Election
from sapparot.tally.facts import LAYERS, NOT_GIVEN, STATES, TOTALS, Bools, Int64s, UnreadEntry
from sapparot.tally.levels import Level
from sapparot.tally.parties import PartyColumns
from sapparot.tally.standings import Standings
from sapparot.tally.sums import Sums, add_rows

DISPUTED = STATES.index("disputed")
NO_VOTE = TOTALS.index("no_vote")


def over_layers(sums: Int64s, layers: Iterable[str]) -> Int64s:
    """Add up some layers: [areas, COUNTED_LAYERS, n] becomes [areas, n]."""
    added: Int64s = sums[:, [LAYERS.index(layer) - 1 for layer in layers], :].sum(axis=1)
    return added


class Result(Struct, frozen=True, eq=False):
    """What the sheets add up to. Arrays are views of the tally: read them before the next entry is applied."""

    election: Election
    headline: tuple[str, ...]
    levels: dict[str, Level]
    standings: dict[str, Standings]
    sums: dict[str, Sums]
    parties: dict[str, PartyColumns]
    unread: tuple[UnreadEntry, ...]

    @property
    def top_level(self) -> str:
        """Name the level of the whole country: the kind of area that was defined first."""
        return next(iter(self.levels))

    @property
    def wide_level(self) -> str:
        """Name the largest kind of area of which there are several (provinces); the country when there is none."""
        names = [name for name in self.levels if "/" not in name]
        return next((name for name in names if len(self.levels[name].codes) > 1), names[0])

    @property
    def contest_level(self) -> str:
        """Name the finest kind of area in which a ballot is contested (constituencies)."""
        scopes = {ballot.scope for ballot in self.election.ballots}
        names = [name for name in self.levels if name in scopes]
        return max(reversed(names), key=lambda name: len(self.levels[name].codes))  # of equals the last is the finest

    @property
    def fine_levels(self) -> list[str]:
        """Name the kinds of areas below the contest level, largest first (subdistricts)."""
        names = [name for name in self.levels if "/" not in name]
        return names[names.index(self.contest_level) + 1 :]

    def votes(self, ballot: str, level: str) -> Int64s:
        """Give sums by layer: int64[areas, COUNTED_LAYERS, width], columns as in `Standings.figures`.

        Option columns mean something only on levels where an area has one contest; elsewhere use `by_party`.
        """
        return self.sums[ballot].votes[level]

    def by_party(self, ballot: str, level: str) -> Int64s:
        """Give votes by layer and party: int64[areas, COUNTED_LAYERS, parties + 1], parties as in `Election.parties`."""
        return self.parties[ballot].add_up(self.sums[ballot].votes, self.standings[ballot], self.levels[level])

    def headline_votes(self, ballot: str, level: str) -> Int64s:
        """Give sums over the layers of the headline: int64[areas, width]."""
        return over_layers(self.votes(ballot, level), self.headline)

    def sheets(self, ballot: str, level: str) -> Int64s:
        """Count sheets: int64[areas, STATES, LAYERS]."""
        return self.sums[ballot].sheets[level]

    def eligible(self, ballot: str, level: str) -> Int64s:
        """Add up the eligible voters of sheets: int64[areas, STATES, LAYERS]."""
        return self.sums[ballot].eligible[level]

    def counted(self, marks: Int64s) -> Int64s:
        """Give the part of [areas, STATES, LAYERS] that stands in layers of the headline: int64[areas]."""
        added: Int64s = marks[:, :, [LAYERS.index(layer) for layer in self.headline]].sum(axis=(1, 2))
        return added

    def contests(self, ballot: str) -> list[tuple[int, Contest]]:
        """Give the contests of a ballot with the position of each one's area on the level of its scope."""
        board, columns = self.standings[ballot], self.parties[ballot]
        place = {code: position for position, code in enumerate(columns.scope.codes)}
        return [(place[contest.area], contest) for contest in board.contests.values()]

    def certain_votes(self, ballot: str) -> Int64s:
        """Give headline sums without disputed sheets: int64[areas of the ballot's scope, width].

        The figures of a disputed sheet may still count, but a decision can change every one of them. Where a sheet does not say how many
        chose nobody, as many as can have done so stand there.
        """
        board, scope = self.standings[ballot], self.parties[ballot].scope
        found = self.headline_votes(ballot, scope.name)
        disputed = self._headlined(ballot, board.state == DISPUTED)
        add_rows(found, scope.of[disputed].astype(np.int64), -np.maximum(board.figures[disputed], 0))
        column = board.options + NO_VOTE
        silent = self._headlined(
            ballot, ~board.partial & (board.state != DISPUTED) & (board.figures[:, column] == NOT_GIVEN)
        )
        np.add.at(found[:, column], scope.of[silent], self._untold(ballot, silent))
        return found

    def outstanding(self, ballot: str) -> Int64s:
        """Add up the eligible voters of sheets that are not counted or are disputed: int64[areas of the scope].

        With those whose votes a counted sheet does not tell, these are all the voters who could still change who leads.
        """
        board, scope = self.standings[ballot], self.parties[ballot].scope
        marks = self.eligible(ballot, scope.name)
        undisputed = marks.copy()
        undisputed[:, DISPUTED, :] = 0
        left: Int64s = marks.sum(axis=(1, 2)) - self.counted(undisputed)
        partial = self._headlined(ballot, board.partial & (board.state != DISPUTED))
        np.add.at(left, scope.of[partial], self._untold(ballot, partial))
        return left

    def _headlined(self, ballot: str, chosen: Bools) -> Int64s:
        """Give those of the chosen sheets that stand in layers of the headline."""
        board, codes = self.standings[ballot], [LAYERS.index(layer) for layer in self.headline]
        return np.flatnonzero(chosen & np.isin(board.layer, codes) & (self.parties[ballot].scope.of >= 0))

    def _untold(self, ballot: str, rows: Int64s) -> Int64s:
        """Count the ballots of sheets that may hold more than they tell: up to the ballots cast, else the eligible voters."""
        board = self.standings[ballot]
        figures = np.maximum(board.figures[rows], 0).astype(np.int64)
        told = figures[:, : board.options].sum(axis=1)
        for name in ("unlisted", "spoiled", "no_vote"):
            told += figures[:, board.options + TOTALS.index(name)]
        cast = board.figures[rows, board.options + TOTALS.index("ballots_cast")]
        room: Int64s = np.maximum(0, np.where(cast == NOT_GIVEN, board.eligible[rows], cast) - told)
        return room

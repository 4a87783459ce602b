"""The tally as a fold over the log: entries go in, in order; sums come out. Nothing here is kept anywhere else."""

from collections.abc import Iterable
from typing import Literal, TypeAlias

import msgspec
from msgspec import Struct

from sapparot.contests import BINDING_KINDS, DEFINITION_KINDS, Definition, DefinitionError, Election
from sapparot.tally.facts import Difference, Entry, UnreadEntry
from sapparot.tally.levels import Level, cells_of, levels_of
from sapparot.tally.moves import MoveReader
from sapparot.tally.parties import party_columns
from sapparot.tally.result import Result
from sapparot.tally.standings import Standings
from sapparot.tally.sums import Sums, recompute

CountedLayer: TypeAlias = Literal["live", "reported", "confirmed", "settled"]
DEFAULT_HEADLINE: tuple[CountedLayer, ...] = ("confirmed", "settled")
"""Layers of the headline until a policy says otherwise."""

KINDS = DEFINITION_KINDS | {"policy", "move"}
"""Kinds of entries that change the tally; it passes over all others."""


class NoElection(LookupError):
    """The log has not defined an election yet."""


class _Headline(Struct, frozen=True):
    headline: tuple[CountedLayer, ...] = DEFAULT_HEADLINE


class _PolicySet(Struct, frozen=True):
    policy: _Headline


class _Count:
    """Everything that exists once the election is known."""

    def __init__(self, election: Election) -> None:
        self.election = election
        self.levels: tuple[Level, ...] = levels_of(election)
        self.cells = cells_of(self.levels, len(election.stations))
        self.standings = {ballot.code: Standings(election, ballot.code) for ballot in election.ballots}
        self.sums = {code: recompute(board, self.levels, self.cells) for code, board in self.standings.items()}
        self.parties = {code: party_columns(election, board, self.levels) for code, board in self.standings.items()}
        self.reader = MoveReader(election, self.standings.values())


class Tally:
    """Folds definitions, policies and moves. The same entries give the same result, however they are cut into batches."""

    def __init__(self) -> None:
        self.unread: list[UnreadEntry] = []
        self.headline: tuple[CountedLayer, ...] = DEFAULT_HEADLINE
        self._definition = Definition()
        self._count: _Count | None = None

    @property
    def election(self) -> Election | None:
        """Give the election once the log has defined it."""
        return self._count.election if self._count else None

    @property
    def kinds(self) -> frozenset[str]:
        """Give the kinds of entries that still matter; the others may be left out."""
        return KINDS if self._definition.bound else KINDS | BINDING_KINDS

    def apply_many(self, entries: Iterable[Entry]) -> None:
        """Take entries in the order of the log."""
        moves: list[tuple[int, bytes]] = []
        for position, kind, body in entries:
            if kind == "move":
                moves.append((position, body))
            elif kind in KINDS:
                self._move(moves)
                moves = []
                take = self._govern if kind == "policy" else self._define
                take(position, body)
            elif kind in BINDING_KINDS:
                self._definition.bind()
        self._move(moves)

    def result(self) -> Result:
        """Give the result as it stands: views that hold until the next `apply`. Raises NoElection."""
        count = self._ready()
        return Result(
            election=count.election,
            headline=self.headline,
            levels={level.name: level for level in count.levels},
            standings=count.standings,
            sums=count.sums,
            parties=count.parties,
            unread=tuple(self.unread),
        )

    def recompute(self) -> dict[str, Sums]:
        """Add up every sheet anew, per ballot, without touching the running sums. Raises NoElection."""
        count = self._ready()
        return {code: recompute(board, count.levels, count.cells) for code, board in count.standings.items()}

    def compare(self) -> list[Difference]:
        """Name every running sum that is not what its sheets add up to; none when all is well. Raises NoElection."""
        count = self._ready()
        fresh = self.recompute()
        return [
            difference
            for code, board in count.standings.items()
            for difference in count.sums[code].differences(fresh[code], board)
        ]

    def _ready(self) -> _Count:
        if self._count is None:
            raise NoElection("the log defines no election")
        return self._count

    def _move(self, moves: list[tuple[int, bytes]]) -> None:
        if not moves:
            return
        if self._count is None:
            self.unread.extend(UnreadEntry(position, None, "no election is defined yet") for position, _ in moves)
            return
        gathered, unread = self._count.reader.read(moves)
        self.unread.extend(unread)
        for board, found in zip(self._count.standings.values(), gathered, strict=True):
            if found is not None:
                self._count.sums[board.ballot].follow(board.put(found), board.eligible)

    def _define(self, position: int, body: bytes) -> None:
        try:
            election = self._definition.add(body)
        except DefinitionError as error:
            self.unread.append(UnreadEntry(position, None, str(error)))
            return
        if election is None:
            return
        if not self._definition.counts(election):
            self.unread.append(UnreadEntry(position, None, "this log counts another election already"))
            return
        self._count = _Count(election)

    def _govern(self, position: int, body: bytes) -> None:
        try:
            headline = msgspec.json.decode(body, type=_PolicySet).policy.headline
        except msgspec.DecodeError as error:
            self.unread.append(UnreadEntry(position, None, str(error)))
            return
        # A layer named twice must not count twice.
        self.headline = tuple(dict.fromkeys(headline))

"""Reads move entries into rows of figures."""

from collections.abc import Iterable
from itertools import chain
from operator import itemgetter
from typing import Annotated, Literal, TypeAlias

import msgspec
import numpy as np
from msgspec import Meta, Struct

from sapparot.contests import Contest, Election
from sapparot.tally.facts import LAYERS, NOT_GIVEN, STATES, UnreadEntry
from sapparot.tally.standings import Moves, Standings

LARGEST = 2**31 - 1
UNREAD = "unread"
"""Reason of a standing whose move could not be used."""

Count: TypeAlias = Annotated[int, Meta(ge=0, le=LARGEST)]
State: TypeAlias = Literal["empty", "live", "reported", "confirmed", "disputed", "settled"]
Layer: TypeAlias = Literal["none", "live", "reported", "confirmed", "settled"]

STATE_CODE = {state: code for code, state in enumerate(STATES)}
LAYER_CODE = {layer: code for code, layer in enumerate(LAYERS)}


class CountedFigures(Struct, frozen=True, gc=False):
    """Figures that can be added up: whole numbers from 0 to LARGEST."""

    votes: dict[str, Count] = {}
    valid: Count | None = None
    spoiled: Count | None = None
    no_vote: Count | None = None
    ballots_cast: Count | None = None


class MoveRead(Struct, frozen=True, gc=False):
    """What the tally needs of a move entry."""

    sheet: str
    state: State
    layer: Layer
    figures: CountedFigures | None = None
    reason: str = ""
    sources: Count = 0


class _SheetOnly(Struct, frozen=True):
    sheet: str


MOVE = msgspec.json.Decoder(MoveRead)
SHEET_ONLY = msgspec.json.Decoder(_SheetOnly)


class _Row:
    """Lays the figures of one contest out as a row of the width of its ballot."""

    def __init__(self, contest: Contest, options: int) -> None:
        self._columns = {str(number): column for column, number in enumerate(contest.numbers)}
        # Members of canonical JSON stand in the order of their text: 1, 10, 11, 2. When a move names every option, its
        # values in that order need only be put in the order of columns.
        self._names = sorted(self._columns)
        place = {name: at for at, name in enumerate(self._names)}
        places = [place[str(number)] for number in contest.numbers]
        self._pick = itemgetter(*places) if len(places) > 1 else tuple
        self._filler = (NOT_GIVEN,) * (options - len(places))

    def lay(self, figures: CountedFigures) -> tuple[int, ...]:
        votes = figures.votes
        if list(votes) == self._names:
            picked, unlisted = self._pick(tuple(votes.values())), 0
        else:
            picked, unlisted = self._search(votes)
        totals = (figures.valid, figures.spoiled, figures.no_vote, figures.ballots_cast)
        return (*picked, *self._filler, unlisted, *(NOT_GIVEN if total is None else total for total in totals))

    def _search(self, votes: dict[str, int]) -> tuple[tuple[int, ...], int]:
        row = [NOT_GIVEN] * len(self._columns)
        unlisted = 0
        for name, count in votes.items():
            column = self._columns.get(name)
            if column is None:
                unlisted += count
            else:
                row[column] = count
        return tuple(row), unlisted


class MoveReader:
    """Turns move entries of one election into `Moves` per ballot."""

    def __init__(self, election: Election, boards: Iterable[Standings]) -> None:
        self._election = election
        self._boards = list(boards)
        self._rows = [
            {number: _Row(contest, board.options) for number, contest in board.contests.items()}
            for board in self._boards
        ]

    def read(self, entries: Iterable[tuple[int, bytes]]) -> tuple[list[Moves | None], list[UnreadEntry]]:
        """Give the last move of every sheet, per ballot in the order of the boards, and what could not be used.

        A move that cannot be used takes its sheet out of every layer: what is unclear counts nowhere.
        """
        latest: list[dict[int, tuple[int, MoveRead]]] = [{} for _ in self._boards]
        unread: list[UnreadEntry] = []
        sheet_number = self._election.sheet_number
        for position, body in entries:
            move, why = _decoded(body)
            number = sheet_number(move.sheet) if move else None
            if move and number is None:
                why = why or "there is no such sheet"
            elif move and move.figures is None and move.layer != "none":
                move, why = _unusable(move.sheet), "counts in a layer without figures"
            if why:
                unread.append(UnreadEntry(position, move.sheet if move else None, why))
            if move is None or number is None:
                continue
            station, ballot = divmod(number, len(self._boards))
            latest[ballot][station] = (position, move)
        return [self._gathered(ballot, found) if found else None for ballot, found in enumerate(latest)], unread

    def _gathered(self, ballot: int, found: dict[int, tuple[int, MoveRead]]) -> Moves:
        board, rows = self._boards[ballot], self._rows[ballot]
        nothing = (NOT_GIVEN,) * board.width
        contests = board.contest
        laid = [
            nothing if move.layer == "none" or move.figures is None else rows[int(contests[station])].lay(move.figures)
            for station, (_, move) in found.items()
        ]
        flat = np.fromiter(chain.from_iterable(laid), dtype=np.int64, count=len(laid) * board.width)
        moves = [move for _, move in found.values()]
        return Moves(
            stations=np.fromiter(found, dtype=np.int64, count=len(found)),
            # Votes for numbers that do not stand are added up, so only their sum can pass LARGEST.
            figures=np.minimum(flat, LARGEST).astype(np.int32).reshape(len(laid), board.width),
            state=np.array([STATE_CODE[move.state] for move in moves], dtype=np.int8),
            layer=np.array([LAYER_CODE[move.layer] for move in moves], dtype=np.int8),
            position=np.array([position for position, _ in found.values()], dtype=np.int64),
            sources=np.array([move.sources for move in moves], dtype=np.int32),
            reason=[move.reason for move in moves],
        )


def _decoded(body: bytes) -> tuple[MoveRead | None, str]:
    """Read a move; what cannot be read is one of its sheet, if that can be read, with why."""
    try:
        return MOVE.decode(body), ""
    except msgspec.DecodeError as error:
        why = str(error)
    try:
        return _unusable(SHEET_ONLY.decode(body).sheet), why
    except msgspec.DecodeError:
        return None, why


def _unusable(sheet: str) -> MoveRead:
    return MoveRead(sheet, "empty", "none", reason=UNREAD)

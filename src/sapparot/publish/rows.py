"""Every sheet as one row of JSON and one row of CSV."""

from collections.abc import Iterator

import msgspec
import numpy as np
from msgspec import Struct

from sapparot.contests import Contest, Election
from sapparot.tally import LAYERS, NOT_GIVEN, STATES, TOTALS, Int64s, Result, Standings

STANDING_COLUMNS = ("station", "state", "layer", "reason", "sources", "position", "eligible")
"""First columns of a row of a station file; TOTALS and one column per option of the contest follow."""

SHEET_COLUMNS = ("ballot", *STANDING_COLUMNS, *TOTALS)
"""First columns of sheets.csv; one column per option number that stands anywhere follows."""

NEWLINE = "\r\n"
QUOTED = frozenset(',"\r\n')
_plain = msgspec.json.Encoder()


class Block(Struct, frozen=True, eq=False):
    """Sheets of one contest."""

    board: Standings
    contest: Contest
    stations: Int64s

    def columns(self) -> list[int]:
        """Give the columns of `Standings.figures` that this contest uses: TOTALS, then its options."""
        return [*range(self.board.options, self.board.width), *range(len(self.contest.numbers))]


class SheetRows:
    """Writes sheets as rows and keeps them: per ballot, one JSON list and one CSV line for every station.

    Only sheets that have moved are written anew. Which ones follows from the positions of their last moves, so nobody has
    to tell; `refresh` may be called at any time to have less to do later.
    """

    def __init__(self, result: Result) -> None:
        stations = len(result.election.stations)
        self.numbers = option_numbers(result.election)
        self.json: dict[str, list[bytes]] = {ballot: [b""] * stations for ballot in result.standings}
        self.csv: dict[str, list[bytes]] = {ballot: [b""] * stations for ballot in result.standings}
        self._size = NOT_GIVEN

    def refresh(self, result: Result, size: int) -> None:
        """Write anew what moved since the last call; `size` is the size of the log that `result` comes from."""
        for board in result.standings.values():
            moved = np.flatnonzero((board.position >= self._size) & (board.contest >= 0))
            for block in blocks_of(board, moved):
                self._write(block, result.election)
        self._size = size

    def _write(self, block: Block, election: Election) -> None:
        ballot = block.board.ballot
        texts, lines = self.json[ballot], self.csv[ballot]
        fill = _Filling(block.contest, self.numbers)
        values = block.board.figures[block.stations][:, block.columns()].tolist()
        written = _plain.encode(values)[2:-2].decode().replace(str(NOT_GIVEN), "null").split("],[")
        for front, row in zip(_fronts(block, election), written, strict=True):
            station, standing = front
            texts[station] = f"[{_plain.encode(standing)[1:-1].decode()},{row}]".encode()
            bare = row.replace("null", "")
            lines[station] = f"{csv_line((ballot, *standing))},{fill(bare)}{NEWLINE}".encode()


def blocks_of(board: Standings, stations: Int64s) -> Iterator[Block]:
    """Give the sheets of some stations by contest."""
    contests = board.contest[stations]
    order = np.argsort(contests, kind="stable")
    edges = np.flatnonzero(np.diff(contests[order], prepend=-2, append=-2))
    for start, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        number = int(contests[order[start]])
        if number >= 0:
            yield Block(board, board.contests[number], stations[order[start:end]])


def option_numbers(election: Election) -> list[int]:
    """Give every option number that stands anywhere, ascending."""
    return sorted({number for contest in election.contest_list for number in contest.numbers})


def csv_head(numbers: list[int]) -> bytes:
    """Give the first line of sheets.csv."""
    return (csv_line((*SHEET_COLUMNS, *numbers)) + NEWLINE).encode()


def csv_line(fields: tuple[str | int | None, ...]) -> str:
    """Write fields as RFC 4180 asks; None is an empty field."""
    return ",".join([_field(field) for field in fields])


def _field(value: str | int | None) -> str:
    if isinstance(value, str):
        return value if QUOTED.isdisjoint(value) else '"' + value.replace('"', '""') + '"'
    return "" if value is None else str(value)


class _Filling:
    """Puts the option columns of one contest under the numbers of all contests."""

    def __init__(self, contest: Contest, numbers: list[int]) -> None:
        place = {number: at for at, number in enumerate(numbers, len(TOTALS))}
        self._places = [*range(len(TOTALS)), *(place[number] for number in contest.numbers)]
        self._width = len(TOTALS) + len(numbers)
        # Numbers nearly always run 1, 2, 3 ...: then only empty fields are missing at the end.
        self._tail = "," * (self._width - len(self._places)) if self._places == [*range(len(self._places))] else None

    def __call__(self, row: str) -> str:
        if self._tail is not None:
            return row + self._tail
        fields = [""] * self._width
        for place, field in zip(self._places, row.split(","), strict=True):
            fields[place] = field
        return ",".join(fields)


def _fronts(block: Block, election: Election) -> Iterator[tuple[int, tuple[str | int | None, ...]]]:
    """Give each station with the STANDING_COLUMNS of its sheet."""
    board, roll, rows = block.board, election.stations, block.stations
    columns = zip(
        rows.tolist(),
        board.state[rows].tolist(),
        board.layer[rows].tolist(),
        board.sources[rows].tolist(),
        board.position[rows].tolist(),
        roll.eligible[rows].tolist(),
        strict=True,
    )
    for row, state, layer, sources, position, eligible in columns:
        where = None if position == NOT_GIVEN else position
        yield row, (roll.codes[row], STATES[state], LAYERS[layer], board.reason[row], sources, where, eligible)

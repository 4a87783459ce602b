"""The files that hold every sheet: one of stations per constituency, and one CSV."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from msgspec import Raw, Struct

from sapparot.base import canonical
from sapparot.publish.areas import columns_of
from sapparot.publish.facts import FILE_VERSION
from sapparot.publish.rows import STANDING_COLUMNS, Block, SheetRows, blocks_of, csv_head
from sapparot.tally import COUNTED_LAYERS, LAYERS, Int64s, Result
from sapparot.tally.facts import Int32s

NOWHERE = "_elsewhere"
"""Name of the file of stations that lie in no constituency; no area can have it as its code."""


class Group(Struct, frozen=True, eq=False):
    """The stations of one constituency in the order of the roll, and the areas by kind that hold none but these."""

    area: str
    stations: list[int]
    blocks: list[Block]
    inside: dict[str, list[int]]


class SheetFiles:
    """Joins rows of sheets into files."""

    def __init__(self, result: Result) -> None:
        self._rows = SheetRows(result)
        self._groups = groups_of(result)

    def refresh(self, result: Result, size: int) -> None:
        """Write anew the rows of sheets that moved since the last call."""
        self._rows.refresh(result, size)

    def render(self, result: Result, size: int) -> dict[str, bytes]:
        """Give the files "stations/<area>.json" and "sheets.csv" of the log up to `size`."""
        self._rows.refresh(result, size)
        files = {f"stations/{group.area}.json": self._station_file(group, result) for group in self._groups}
        lines = [csv_head(self._rows.numbers)]
        for group in self._groups:
            for block in group.blocks:
                rows = self._rows.csv[block.board.ballot]
                lines.extend([rows[station] for station in block.stations.tolist()])
        files["sheets.csv"] = b"".join(lines)
        return files

    def _station_file(self, group: Group, result: Result) -> bytes:
        area = result.election.areas.get(group.area)
        return canonical.encode(
            {
                "v": FILE_VERSION,
                "election": result.election.id,
                "area": group.area,
                "name": area and area.name,
                "ballots": [self._ballot(block) for block in group.blocks],
                "areas": [
                    entry for level, areas in group.inside.items() for entry in _sums(group, level, areas, result)
                ],
            }
        )

    def _ballot(self, block: Block) -> dict[str, Any]:
        rows = self._rows.json[block.board.ballot]
        return {
            "ballot": block.board.ballot,
            "contest": block.contest.area,
            "columns": [*STANDING_COLUMNS, *columns_of(block.contest)],
            "rows": Raw(b"[" + b",".join([rows[station] for station in block.stations.tolist()]) + b"]"),
        }


def groups_of(result: Result) -> list[Group]:
    """Give the stations by area of the contest level, in its order; stations outside of all come last."""
    level = result.levels[result.contest_level]
    order = np.argsort(level.of, kind="stable")
    edges = np.searchsorted(level.of[order], np.arange(len(level.codes) + 1)).tolist()
    slices = [*zip(level.codes, edges, edges[1:], strict=False), (NOWHERE, 0, edges[0])]
    sizes = {name: np.bincount(of[of >= 0]) for name in result.fine_levels for of in [result.levels[name].of]}
    return [_group(name, order[start:end], result, sizes) for name, start, end in slices if start < end]


def _group(name: str, stations: Int64s, result: Result, sizes: Mapping[str, Int64s]) -> Group:
    blocks = [block for board in result.standings.values() for block in blocks_of(board, stations)]
    inside = {level: _whole(result.levels[level].of[stations], stations_of) for level, stations_of in sizes.items()}
    return Group(name, stations.tolist(), blocks, inside)


def _whole(areas: Int32s, sizes: Int64s) -> list[int]:
    """Give the areas of which all stations are here: one kind of area can be larger in one place than in another."""
    found, here = np.unique(areas[areas >= 0], return_counts=True)
    whole: list[int] = found[here == sizes[found]].tolist()
    return whole


def _sums(group: Group, level: str, areas: list[int], result: Result) -> Iterator[dict[str, Any]]:
    """Give the sums of the areas of one kind inside a group; votes in the columns of the contest."""
    codes, named = result.levels[level].codes, result.election.areas
    ballots = [_ballot_sums(block, level, areas, result) for block in group.blocks]
    for area, *sums in zip(areas, *ballots, strict=True):
        code = codes[area]
        yield {"area": code, "kind": level, "name": named[code].name, "ballots": [each for each in sums if each]}


def _ballot_sums(block: Block, level: str, areas: list[int], result: Result) -> Iterator[dict[str, Any] | None]:
    """Give the sums of each area; None where it does not vote in this contest."""
    ballot, columns = block.board.ballot, columns_of(block.contest)
    contest_of = result.parties[ballot].contest_of[level][areas].tolist()
    sheets = result.sheets(ballot, level)[areas].sum(axis=1).tolist()
    votes = result.votes(ballot, level)[areas][:, :, block.columns()].tolist()
    for contest, by_layer, layers in zip(contest_of, sheets, votes, strict=True):
        there = contest >= 0 and block.board.contests[contest] is block.contest
        yield (
            {
                "ballot": ballot,
                "columns": columns,
                "sheets": dict(zip(LAYERS, by_layer, strict=True)),
                "layers": {layer: layers[at] for at, layer in enumerate(COUNTED_LAYERS) if by_layer[at + 1]},
            }
            if there
            else None
        )

"""The files of a full snapshot: every sheet, as docs/formats/snapshots.md has it."""

from __future__ import annotations

import csv
import io
from typing import Any

from tests.second.forms import canonical
from tests.second.ground import Contest, Station
from tests.second.standing import LAYERS
from tests.second.sums import FIRST, TOTALS, Count, Sheet, by_layer, columns_of

HEAD = ("station", "state", "layer", "reason", "sources", "position", "eligible")
ELSEWHERE = "_elsewhere"


def sheet_files(count: Count) -> dict[str, bytes]:
    """Make the files of all areas, and the table of all sheets."""
    numbers = sorted({int(key) for contest in count.election.contests.values() for key in contest.keys})
    lines: list[list[Any]] = [["ballot", *HEAD, *TOTALS, *numbers]]
    made = {}
    for area, stations in _areas(count).items():
        sheets = [sheet for sheet in count.sheets if sheet.station in stations]
        groups = _grouped(count, sheets)
        lines += [_line(sheet, numbers) for group in groups for sheet in group]
        made[f"stations/{area}.json"] = canonical(
            {
                "v": 1, "election": count.election.id, "area": area,
                "name": count.election.areas[area]["name"] if area != ELSEWHERE else None,
                "ballots": [_ballot(group) for group in groups],
                "areas": _smaller(count, stations, sheets),
            }
        )  # fmt: skip
    table = io.StringIO(newline="")
    csv.writer(table, lineterminator="\r\n").writerows(lines)
    return made | {"sheets.csv": table.getvalue().encode()}


def _areas(count: Count) -> dict[str, set[Station]]:
    """Give the stations of each area of the contest level, then those in none."""
    level = count.contest_level
    found: dict[str, set[Station]] = {area: set() for area in (*count.levels[level], ELSEWHERE)}
    for station in count.election.stations:
        found[station.around.get(level, ELSEWHERE)].add(station)
    return {area: stations for area, stations in found.items() if stations}


def _grouped(count: Count, sheets: list[Sheet]) -> list[list[Sheet]]:
    """Give the sheets of each ballot and contest, in the order of the definition."""
    groups: dict[Contest, list[Sheet]] = {}
    for sheet in sheets:
        groups.setdefault(sheet.contest, []).append(sheet)
    ballots, contests = count.election.ballots, count.election.contests.values()
    order = [contest for ballot in ballots for contest in contests if contest.ballot == ballot]
    return [groups[contest] for contest in order if contest in groups]


def _row(sheet: Sheet) -> list[Any]:
    stand = sheet.stand
    row = stand.row or (None,) * (FIRST + len(sheet.contest.keys))
    return [
        sheet.station.code, stand.state, stand.layer, stand.reason, stand.sources, stand.position,
        sheet.station.eligible, *row,
    ]  # fmt: skip


def _ballot(sheets: list[Sheet]) -> dict[str, Any]:
    contest = sheets[0].contest
    return {
        "ballot": contest.ballot, "contest": contest.area, "columns": [*HEAD, *columns_of(contest)],
        "rows": [_row(sheet) for sheet in sheets],
    }  # fmt: skip


def _line(sheet: Sheet, numbers: list[int]) -> list[Any]:
    row = _row(sheet)
    known = len(HEAD) + FIRST
    votes = dict(zip(map(int, sheet.contest.keys), row[known:], strict=True))
    return [sheet.contest.ballot, *row[:known], *(votes.get(number) for number in numbers)]


def _smaller(count: Count, stations: set[Station], sheets: list[Sheet]) -> list[dict[str, Any]]:
    rows = []
    for level in count.smaller:
        for area in count.levels[level]:
            own = {station for station in count.election.stations if station.around.get(level) == area}
            if own and own <= stations:
                given = count.election.areas[area]
                inside = [sheet for sheet in sheets if sheet.station.around.get(level) == area]
                ballots = [_sums(group) for group in _grouped(count, inside)]
                rows.append({"area": area, "kind": level, "name": given["name"], "ballots": ballots})
    return rows


def _sums(sheets: list[Sheet]) -> dict[str, Any]:
    contest = sheets[0].contest
    return {
        "ballot": contest.ballot, "columns": columns_of(contest),
        "sheets": {layer: sum(sheet.stand.layer == layer for sheet in sheets) for layer in LAYERS},
        "layers": by_layer(sheets, FIRST + len(contest.keys)),
    }  # fmt: skip

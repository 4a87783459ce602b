"""Sums of areas as they stand in files: the country, provinces, constituencies, and kinds of stations set apart."""

from collections.abc import Mapping
from functools import cache
from typing import Any, TypeAlias

import numpy as np

from sapparot.contests import Contest
from sapparot.tally import COUNTED_LAYERS, LAYERS, STATES, TOTALS, Int64s, Lead, Result, share

Block: TypeAlias = dict[str, Any]
Leads: TypeAlias = Mapping[str, tuple[list[Lead], list[Lead]]]
"""Per ballot, who leads over the layers of the headline and over all layers."""


def columns_of(contest: Contest) -> tuple[str, ...]:
    """Name the columns of sums of one contest: TOTALS, then the numbers of its options."""
    return _columns(contest.numbers)


@cache
def _columns(numbers: tuple[int, ...]) -> tuple[str, ...]:
    return (*TOTALS, *map(str, numbers))


def constituencies(result: Result, leads: Leads) -> Block:
    """Give every area of the contest level with its ballots: sheets, sums by layer, who leads."""
    level = result.contest_level
    areas = _contest_areas(result, level)
    for ballot, (headline, everything) in leads.items():
        for counted, any_layer in zip(headline, everything, strict=True):
            if counted.area in areas:
                areas[counted.area]["ballots"][ballot] |= {"lead": counted, "lead_of_all_layers": any_layer}
    return _legend(result, level) | {"areas": list(areas.values())}


def kinds(result: Result) -> Block | None:
    """Give the areas of the contest level by kind of station; None when all stations are of one kind."""
    level = f"{result.contest_level}/kind"
    if len(result.levels[level].codes) <= len(result.levels[result.contest_level].codes):
        return None
    return _legend(result, result.contest_level) | {"areas": list(_contest_areas(result, level).values())}


def provinces(result: Result) -> Block:
    """Give the country and the areas of the wide level, votes by party; the last column is votes for no party."""
    levels = dict.fromkeys((result.top_level, result.wide_level))
    return {
        "level": result.wide_level,
        "states": STATES,
        "layers": LAYERS,
        "columns": [*TOTALS, *result.election.parties, None],
        "areas": [area for level in levels for area in _party_areas(result, level)],
    }


def _legend(result: Result, level: str) -> Block:
    """Say what the numbers of a file are; `columns` holds those of ballots with one contest for all areas."""
    wide = [ballot.code for ballot in result.election.ballots if ballot.scope != level]
    contests = {ballot: list(result.standings[ballot].contests.values()) for ballot in wide}
    return {
        "level": level,
        "states": STATES,
        "layers": LAYERS,
        "columns": {ballot: columns_of(one) for ballot, found in contests.items() if len(found) == 1 for one in found},
    }


def _contest_areas(result: Result, level: str) -> dict[str, Block]:
    """Give the areas of a level on which each has one contest a ballot, by code; those without a sheet are left out."""
    rows = {ballot.code: _contest_rows(result, ballot.code, level) for ballot in result.election.ballots}
    found: dict[str, Block] = {}
    for place, code in enumerate(result.levels[level].codes):
        ballots = {ballot: blocks[place] for ballot, blocks in rows.items() if blocks[place] is not None}
        if ballots:
            found[code] = _named(result, code) | {"ballots": ballots}
    return found


def _named(result: Result, code: str) -> Block:
    base, _, kind = code.partition("/")
    area = result.election.areas[base]
    named: Block = {"area": base, "in": area.parent, "name": area.name}
    return named | ({"kind": kind} if kind else {})


def _contest_rows(result: Result, ballot: str, level: str) -> list[Block | None]:
    votes, options = result.votes(ballot, level), result.standings[ballot].options
    # TOTALS first, so that every row is cut behind the last option of its contest.
    turned = np.concatenate((votes[:, :, options:], votes[:, :, :options]), axis=2)
    contests = result.standings[ballot].contests
    own = result.parties[ballot].scope.name == level.partition("/")[0] or len(contests) > 1
    found: list[Block | None] = []
    for number, block, layers in zip(
        result.parties[ballot].contest_of[level].tolist(),
        _sheets(result, ballot, level),
        turned.tolist(),
        strict=True,
    ):
        if number < 0:
            found.append(None)
            continue
        columns = columns_of(contests[number])
        block["votes"] = _present(block, [row[: len(columns)] for row in layers])
        found.append(block | ({"columns": columns} if own else {}))
    return found


def _party_areas(result: Result, level: str) -> list[Block]:
    ballots = [ballot.code for ballot in result.election.ballots]
    rows = {ballot: _party_rows(result, ballot, level) for ballot in ballots}
    return [
        _named(result, code) | {"kind": level, "ballots": {ballot: rows[ballot][place] for ballot in ballots}}
        for place, code in enumerate(result.levels[level].codes)
    ]


def _party_rows(result: Result, ballot: str, level: str) -> list[Block]:
    totals = result.votes(ballot, level)[:, :, result.standings[ballot].options :]
    votes: Int64s = np.concatenate((totals, result.by_party(ballot, level)), axis=2)
    blocks = _sheets(result, ballot, level)
    for block, layers in zip(blocks, votes.tolist(), strict=True):
        block["votes"] = _present(block, layers)
    return blocks


def _present(block: Block, layers: list[list[int]]) -> dict[str, list[int]]:
    """Keep the layers in which a sheet counts."""
    return {layer: layers[at] for at, layer in enumerate(COUNTED_LAYERS) if block["sheets"][at + 1]}


def _sheets(result: Result, ballot: str, level: str) -> list[Block]:
    """Give, per area, sheets and eligible voters by state and by layer, and the counted share of both."""
    sheets, eligible = result.sheets(ballot, level), result.eligible(ballot, level)
    columns = zip(
        sheets.sum(axis=2).tolist(),
        sheets.sum(axis=1).tolist(),
        eligible.sum(axis=2).tolist(),
        eligible.sum(axis=1).tolist(),
        result.counted(sheets).tolist(),
        result.counted(eligible).tolist(),
        strict=True,
    )
    return [
        {
            "sheets_by_state": states,
            "sheets": layers,
            "eligible_by_state": people_by_state,
            "eligible": people,
            "counted": counted,
            "counted_eligible": voters,
            "share": share(counted, sum(layers)),
            "eligible_share": share(voters, sum(people)),
        }
        for states, layers, people_by_state, people, counted, voters in columns
    ]

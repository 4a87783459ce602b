"""Holds what was published against the truth, and against the clock. The system under test never sees this.

Files and their members: docs/formats/snapshots.md. ``read`` gives a file of the public store by name.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterable
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
import numpy as np
from msgspec import Struct

from sapparot.base import canonical
from sapparot.simulate.conductor import TimeLine
from sapparot.simulate.facts import EveningLog
from sapparot.simulate.published import read_rows
from sapparot.simulate.sums import Floats
from sapparot.simulate.truth import Truth

Read: TypeAlias = Callable[[str], bytes]
TOTALS = ("valid", "spoiled", "no_vote", "ballots_cast")
NAMED = 100
"""Wrong sheets that are named."""
WITHIN = 1
"""List seats by which a party may still differ from the end once the trend is known."""


class SheetsJudged(Struct, frozen=True):
    """Sheets by what the headline says of them. A disputed or uncounted sheet claims nothing, so it is neither right nor wrong.

    Of the uncounted ones ``provisional`` stand in a lower layer, ``provisional_wrong`` of them with figures that are not true.
    """

    right: int
    wrong: int
    disputed: int
    uncounted: int
    provisional: int
    provisional_wrong: int
    wrong_sheets: tuple[str, ...]
    """The first NAMED of the wrong ones."""


class SeatsOf(Struct, frozen=True):
    """Seats of one party."""

    party: str
    constituency: int
    list: int
    total: int


class Times(Struct, frozen=True):
    """Simulated times (RFC 3339, UTC) of the snapshots from which on the trend and all leaders stood; None when never."""

    trend_at: str | None
    leaders_at: str | None


def judge_sheets(table: bytes, truth: Truth, headline: Iterable[str]) -> SheetsJudged:
    """Compare sheets.csv of a full snapshot with the truth; ``headline`` names the layers that count."""
    layers = frozenset(headline)
    station = {code: number for number, code in enumerate(truth.codes)}
    ballots = {code: number for number, code in enumerate(truth.ballots)}
    found: Counter[str] = Counter()
    wrong: list[str] = []
    rows = csv.reader(table.decode("utf-8").splitlines())
    columns = {name: place for place, name in enumerate(next(rows))}
    compare = _Comparison(truth, columns)
    of = itemgetter(*(columns[name] for name in ("ballot", "station", "state", "layer")))
    for row in rows:
        ballot, code, state, layer = of(row)
        true = layer != "none" and compare(row, station[code], ballots[ballot])
        verdict = _verdict(state, layer in layers, true)
        found[verdict] += 1
        if verdict == "wrong":
            wrong.append(f"{code}/{ballot}")
        if verdict == "uncounted" and layer == "reported":
            found["provisional"] += 1
            found["provisional_wrong"] += not true
    return SheetsJudged(
        right=found["right"],
        wrong=found["wrong"],
        disputed=found["disputed"],
        uncounted=found["uncounted"],
        provisional=found["provisional"],
        provisional_wrong=found["provisional_wrong"],
        wrong_sheets=tuple(wrong[:NAMED]),
    )


def _verdict(state: str, counted: bool, true: bool) -> str:
    if state == "disputed":
        return "disputed"
    if not counted:
        return "uncounted"
    return "right" if true else "wrong"


class _Comparison:
    """Compares rows of one table with the truth, figure by figure."""

    def __init__(self, truth: Truth, columns: dict[str, int]) -> None:
        self._truth = truth
        self._cells = [
            itemgetter(*(columns[name] for name in (*TOTALS, *(str(option.number) for option in options))))
            for options in truth.contests
        ]
        self._votes = truth.votes
        self._valid = [votes.sum(axis=1).tolist() for votes in truth.votes]

    def __call__(self, row: list[str], station: int, ballot: int) -> bool:
        truth = self._truth
        contest = int(truth.contest[ballot, station])
        votes = self._votes[ballot][station, : len(truth.contests[contest])].tolist()
        spoiled, no_vote = int(truth.spoiled[ballot, station]), int(truth.no_vote[ballot, station])
        figures = (self._valid[ballot][station], spoiled, no_vote, int(truth.cast[station]), *votes)
        return bool(self._cells[contest](row) == tuple(map(str, figures)))


def parliament(read: Read, n: int) -> list[SeatsOf]:
    """Return the parliament of the headline of snapshot ``n``, largest party first; parties without a seat are left out."""
    rows = _seats(_file(read, n, "headline.json"))
    return [msgspec.convert(row, SeatsOf) for row in rows if row["total"]]


def published_parliament(source: Path) -> list[SeatsOf]:
    """Return the parliament that the authority announced, from published/seats.csv."""
    rows = read_rows(source / "published" / "seats.csv")
    seats = [SeatsOf(row["party"], int(row["constituency"]), int(row["list"]), int(row["total"])) for row in rows]
    return sorted((party for party in seats if party.total), key=lambda party: (-party.total, party.party))


def times(read: Read, last: int) -> Times:
    """Walk back from snapshot ``last``: since when were the list seats nearly those of the end, since when all leaders?"""
    end_seats, end_leaders = _list_seats(_file(read, last, "headline.json")), _leaders(read, last)
    return Times(
        _since(read, last, lambda n: _near(_list_seats(_file(read, n, "headline.json")), end_seats)),
        _since(read, last, lambda n: _leaders(read, n) == end_leaders) if all(end_leaders.values()) else None,
    )


def _since(read: Read, last: int, holds: Callable[[int], bool]) -> str | None:
    """Return the time of the earliest snapshot from which on it holds without a break."""
    earliest = next((n for n in range(last, 0, -1) if not holds(n)), 0) + 1
    return None if earliest > last else str(_file(read, earliest, "headline.json")["snapshot"]["at"])


def _file(read: Read, n: int, name: str) -> dict[str, Any]:
    return dict(canonical.decode(read(f"v1/snapshots/{n}/{name}")))


def _seats(headline: dict[str, Any]) -> list[dict[str, Any]]:
    return list(headline["parliament"]["headline"]["parties"])


def _list_seats(headline: dict[str, Any]) -> dict[str, int]:
    return {row["party"]: row["list"] for row in _seats(headline) if row["list"]}


def _near(now: dict[str, int], end: dict[str, int]) -> bool:
    return bool(now) and all(abs(now.get(party, 0) - end.get(party, 0)) <= WITHIN for party in now.keys() | end.keys())


def _leaders(read: Read, n: int) -> dict[str, tuple[int, ...]]:
    """Return who leads where, by area."""
    areas = _file(read, n, "constituencies.json")["areas"]
    return {
        area["area"]: tuple(block["lead"]["leaders"])
        for area in areas
        for block in area["ballots"].values()
        if "lead" in block
    }


def visible_seconds(received: Iterable[tuple[int, str]], log: EveningLog) -> Floats:
    """Return the seconds from a report's acceptance until a reader could see a snapshot that covers it.

    ``received`` gives, per report, the position in the log from which on it had its effect, and ``at`` of its entry. Reports
    that no seen snapshot covers are left out.
    """
    pairs = list(received)
    positions = np.array([position for position, _ in pairs], np.int64)
    moments = np.array([at.removesuffix("Z") for _, at in pairs], "datetime64[us]").astype(np.int64) / 1e6
    sizes, walls = np.array([seen.size for seen in log.seen]), np.array([seen.wall for seen in log.seen])
    place = np.searchsorted(sizes, positions, side="right")
    covered = place < len(sizes)
    accepted = TimeLine(log.segments).wall(moments[covered])
    return np.asarray(walls[place[covered]] - accepted)

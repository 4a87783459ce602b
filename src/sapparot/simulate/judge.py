"""Holds what was published against the truth, and against the clock. The system under test never sees this.

Files and their members: docs/formats/snapshots.md. ``read`` gives a file of the public store by name.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from operator import itemgetter
from pathlib import Path
from typing import TypeAlias

import numpy as np
from msgspec import Struct

from sapparot.base import canonical
from sapparot.contests.facts import SeatRule
from sapparot.simulate.conductor import TimeLine
from sapparot.simulate.facts import EveningLog
from sapparot.simulate.published import read_rows
from sapparot.simulate.sums import Floats
from sapparot.simulate.truth import Truth

Read: TypeAlias = Callable[[str], bytes]
TOTALS = ("valid", "spoiled", "no_vote", "ballots_cast")
NAMED = 100
"""Wrong sheets that are named."""
WITHIN = 1.0
"""List seat-equivalents by which a party may still differ from the end once the trend is known."""


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


class Sheet(Struct, frozen=True):
    """A sheet as the headline has it; ``station`` and ``ballot`` are places in the truth.

    ``votes``, by option and then ``no_vote``, are those with which a sheet counts that is not right; () when it does not count.
    """

    key: str
    station: int
    ballot: int
    layer: str
    verdict: str
    true: bool
    votes: tuple[int, ...]


class SeatsOf(Struct, frozen=True):
    """Seats of one party."""

    party: str
    constituency: int
    list: int
    total: int


class Moment(Struct, frozen=True):
    """How near a snapshot was to the end: list seat-equivalents by which the party that is farthest off was off, and leaders.

    A seat-equivalent is the share of the list votes that one seat stands for. ``off`` is over all layers, the real-time trend;
    ``off_counted`` over the layers of the headline; both None before there are votes. ``leaders`` counts the constituencies
    that have the single leader in the headline which they have in the end.
    """

    n: int
    at: str
    off: float | None
    off_counted: float | None
    leaders: int


class Times(Struct, frozen=True):
    """Simulated times (RFC 3339, UTC) of the snapshots from which on it stood without a break; None when never.

    ``trend_at``: the list trend over all layers was within one seat-equivalent of the end; ``trend_counted_at``: over the
    headline. ``leaders_at``: every constituency had its leader.
    """

    trend_at: str | None
    trend_counted_at: str | None
    leaders_at: str | None
    course: tuple[Moment, ...]


def judge_sheets(sheets: Iterable[Sheet]) -> SheetsJudged:
    """Count how the sheets of a full snapshot compare with the truth."""
    found: Counter[str] = Counter()
    wrong: list[str] = []
    for sheet in sheets:
        found[sheet.verdict] += 1
        if sheet.verdict == "wrong":
            wrong.append(sheet.key)
        if sheet.verdict == "uncounted" and sheet.layer == "reported":
            found["provisional"] += 1
            found["provisional_wrong"] += not sheet.true
    return SheetsJudged(
        right=found["right"],
        wrong=found["wrong"],
        disputed=found["disputed"],
        uncounted=found["uncounted"],
        provisional=found["provisional"],
        provisional_wrong=found["provisional_wrong"],
        wrong_sheets=tuple(wrong[:NAMED]),
    )


def read_sheets(table: bytes, truth: Truth, headline: Iterable[str]) -> Iterator[Sheet]:
    """Read sheets.csv of a full snapshot beside the truth; ``headline`` names the layers that count."""
    layers = frozenset(headline)
    station = {code: number for number, code in enumerate(truth.codes)}
    ballots = {code: number for number, code in enumerate(truth.ballots)}
    rows = csv.reader(table.decode("utf-8").splitlines())
    columns = {name: place for place, name in enumerate(next(rows))}
    compare = _Comparison(truth, columns)
    of = itemgetter(*(columns[name] for name in ("ballot", "station", "state", "layer")))
    for row in rows:
        ballot, code, state, layer = of(row)
        place = station[code], ballots[ballot]
        true = layer != "none" and compare(row, *place)
        verdict = _verdict(state, layer in layers, true)
        votes = compare.votes(row, *place) if layer in layers and verdict != "right" else ()
        yield Sheet(f"{code}/{ballot}", *place, layer, verdict, true, votes)


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

    def votes(self, row: list[str], station: int, ballot: int) -> tuple[int, ...]:
        """Return the votes that a row gives, by option, and then ``no_vote``; what is not given is nothing."""
        cells = self._cells[int(self._truth.contest[ballot, station])](row)
        return tuple(int(cell or 0) for cell in (*cells[len(TOTALS) :], cells[TOTALS.index("no_vote")]))


def parliament(read: Read, n: int) -> list[SeatsOf]:
    """Return the parliament of the headline of snapshot ``n``, largest party first; parties without a seat are left out."""
    file = canonical.decode(read(f"v1/snapshots/{n}/headline.json"), _HeadlineFile)
    return [party for party in file.parliament.headline.parties if party.total]


def seat_rule(read: Read, n: int) -> SeatRule:
    """Return the rule by which snapshot ``n`` gives seats."""
    return _seats_of(read, n).rule


def published_parliament(source: Path) -> list[SeatsOf]:
    """Return the parliament that the authority announced, from published/seats.csv."""
    rows = read_rows(source / "published" / "seats.csv")
    seats = [SeatsOf(row["party"], int(row["constituency"]), int(row["list"]), int(row["total"])) for row in rows]
    return sorted((party for party in seats if party.total), key=lambda party: (-party.total, party.party))


def times(read: Read, last: int) -> Times:
    """Follow the snapshots up to ``last``: since when was the trend nearly that of the end, since when were all leaders known?

    Old light snapshots have lost these files (a long evening is thinned): the course passes over them.
    """
    end = _seats_of(read, last)
    final = _equivalents(end.headline, end.rule.list_seats)
    leaders = _leaders(read, last)
    course = []
    for n in range(1, last + 1):
        try:
            now, leading = _seats_of(read, n), _leaders(read, n)
        except FileNotFoundError:
            continue
        off, counted = (
            _distance(_equivalents(part, now.rule.list_seats), final) for part in (now.all_layers, now.headline)
        )
        known = sum(leaders[area] == found for area, found in leading.items() if len(found) == 1)
        course.append(Moment(n, now.snapshot.at, off, counted, known))
    return Times(
        trend_at=_since(course, lambda moment: moment.off is not None and moment.off <= WITHIN),
        trend_counted_at=_since(course, lambda moment: moment.off_counted is not None and moment.off_counted <= WITHIN),
        leaders_at=_since(course, lambda moment: moment.leaders == len(leaders)),
        course=tuple(course),
    )


def _since(course: list[Moment], holds: Callable[[Moment], bool]) -> str | None:
    """Return the time of the earliest snapshot from which on it holds without a break."""
    earliest = None
    for moment in reversed(course):
        if not holds(moment):
            break
        earliest = moment.at
    return earliest


class _Rows(Struct):
    parties: list[SeatsOf]


class _Parliaments(Struct):
    headline: _Rows


class _HeadlineFile(Struct):
    parliament: _Parliaments


class _Votes(Struct):
    party: str
    votes: int


class _Lists(Struct):
    votes: int
    parties: list[_Votes]


class _Calculation(Struct):
    lists: _Lists | None


class _Snapshot(Struct):
    at: str


class _SeatsFile(Struct):
    snapshot: _Snapshot
    rule: SeatRule
    headline: _Calculation
    all_layers: _Calculation


class _Lead(Struct):
    leaders: tuple[int, ...]


class _Ballot(Struct):
    lead: _Lead | None = None


class _Area(Struct):
    area: str
    ballots: dict[str, _Ballot]


class _AreasFile(Struct):
    areas: list[_Area]


def _seats_of(read: Read, n: int) -> _SeatsFile:
    return canonical.decode(read(f"v1/snapshots/{n}/seats.json"), _SeatsFile)


def _equivalents(calculation: _Calculation, seats: int) -> dict[str, float]:
    """Return what each party's list votes are worth in seats, without rounding."""
    lists = calculation.lists
    if lists is None or not lists.votes:
        return {}
    return {party.party: party.votes * seats / lists.votes for party in lists.parties}


def _distance(now: dict[str, float], end: dict[str, float]) -> float | None:
    if not now or not end:
        return None
    return round(max(abs(now.get(party, 0.0) - end.get(party, 0.0)) for party in now.keys() | end.keys()), 3)


def _leaders(read: Read, n: int) -> dict[str, tuple[int, ...]]:
    """Return who leads where, by area; several when they are level."""
    file = canonical.decode(read(f"v1/snapshots/{n}/constituencies.json"), _AreasFile)
    return {
        area.area: block.lead.leaders
        for area in file.areas
        for block in area.ballots.values()
        if block.lead is not None
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

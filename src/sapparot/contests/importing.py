"""From the tables that a team brings to the entries that define its election: everything is checked, or nothing is done.

The tables are described in docs/formats/election-tables.md.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from sapparot.base import canonical
from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.contests import problems
from sapparot.contests.entries import LIMIT, entries
from sapparot.contests.facts import Ballot, ContestDefined, Option, Party
from sapparot.contests.header import FILE as HEADER
from sapparot.contests.header import Header, read_header
from sapparot.contests.tables import Cells, Columns, Flaws, rows
from sapparot.places import Area, Station

PARTIES, AREAS, OPTIONS, STATIONS = "parties.csv", "areas.csv", "options.csv", "stations.csv"
FILES = {HEADER: 256 * 1024, PARTIES: 4 << 20, AREAS: 16 << 20, OPTIONS: 16 << 20, STATIONS: 128 << 20}
"""The tables and their largest sizes in bytes."""
TABLES = {
    PARTIES: Columns(("code",), ("number", "name_th", "name_en", "short_th", "short_en", "color")),
    AREAS: Columns(("code", "kind", "parent"), ("name_th", "name_en", "lat", "lon", "registered", "stations")),
    OPTIONS: Columns(("ballot", "area", "number"), ("party", "name_th", "name_en", "list_names")),
    STATIONS: Columns(("code", "area", "eligible"), ("kind", "lat", "lon")),
}
T = TypeVar("T")
STATION_KINDS = ("ordinary", "advance", "overseas", "special")
GREY = "#808080"
MOST_OPTION = 9_999
"""The largest number on a ballot paper, of a party's number and of the names on a list."""
MOST_PEOPLE = 2_000_000_000
MOST_STATIONS = 10_000_000
MOST_ELIGIBLE = 100_000
"""People of one station. Real ones have hundreds; one counting place for many advance voters has thousands."""

APART = ("advance", "overseas")
"""Kinds of stations that an announced number of stations or people may count or leave out."""
TOLERANCE = 5
"""Percent by which announced people may differ from those of the stations: the lists are closed on different days."""


def read_folder(folder: Path, station_list: Path | None = None) -> dict[str, bytes]:
    """Read the tables of a folder; `station_list` stands in for its stations.csv. Raises Problem for unfit files."""
    flaws = Flaws()
    for path in sorted(folder.glob("*.csv")):
        if path.name not in FILES:
            flaws.add(path.name, problems.UNKNOWN_FILE)
    files: dict[str, bytes] = {}
    for name, most in FILES.items():
        path = station_list if station_list is not None and name == STATIONS else folder / name
        if not path.is_file():
            continue
        if path.stat().st_size > most:
            flaws.add(name, problems.LARGE_FILE.fill(most=most))
        else:
            files[name] = path.read_bytes()
    _refuse(flaws)
    return files


def define(files: Mapping[str, bytes], *, without_stations: bool = False) -> list[tuple[str, bytes]]:
    """Give the definition entries of an election from its tables.

    Raises Problem IMPORT_REFUSED whose `errors` name file, row, column and bad value in Thai and English: up to 100, and
    `error_count` of all. `without_stations` lets stations.csv be absent, for an election whose stations are not listed yet.
    """
    flaws = Flaws()
    for name in FILES:
        if name not in files and not (without_stations and name == STATIONS):
            flaws.add(name, problems.MISSING_FILE)
    _refuse(flaws)
    draft = Draft(flaws, read_header(flaws, files[HEADER]))
    _read_parties(draft, files[PARTIES])
    _read_areas(draft, files[AREAS])
    if not (draft.ballots and draft.parties and draft.areas):
        # Whatever refers to an unreadable table would be called wrong, and hide the reason.
        _refuse(flaws)
    _read_options(draft, files[OPTIONS])
    _check_contests(draft)
    if STATIONS in files:
        _read_stations(draft, files[STATIONS])
        # A station that cannot be read would be missed here, and hide the reason.
        _refuse(flaws)
        _check_announced(draft)
    _refuse(flaws)
    return entries(
        draft.header.entry(), [*draft.parties.values()], [*draft.areas.values()], draft.contests(), draft.stations
    )


def _refuse(flaws: Flaws) -> None:
    if flaws.count:
        errors = [
            {"file": flaw.file, "row": flaw.row, "column": flaw.column, "value": flaw.shown}
            | {"th": flaw.text.th, "en": flaw.text.en}
            for flaw in flaws.found
        ]
        raise Problem(problems.IMPORT_REFUSED, errors=errors, error_count=flaws.count)


class Draft:
    """An election while its tables are read, in the order in which they refer to each other."""

    def __init__(self, flaws: Flaws, header: Header) -> None:
        self.flaws = flaws
        self.header = header
        self.ballots: dict[str, Ballot] = {ballot.code: ballot for ballot in header.ballots}
        self.parties: dict[str, Party] = {}
        self.areas: dict[str, Area] = {}
        self.around: dict[str, dict[str, str]] = {}
        """For each area the code of the nearest area of each kind around it, itself included."""
        self.options: dict[tuple[str, str], dict[int, Option]] = {}
        self.stations: dict[str, list[Station]] = {}
        self.announced: dict[str, Cells] = {}
        """Rows of areas for which the authority announced stations or people."""
        self.sums: dict[str, Sums] = {}
        """What stations.csv lists in each area."""

    @property
    def whole(self) -> str:
        """Give the kind of the area around all others."""
        return next(iter(self.areas.values())).kind

    def lists(self) -> str | None:
        """Give the ballot whose votes fill the lists: the first of the whole country, where lists get seats."""
        lists = (ballot.code for ballot in self.header.ballots if ballot.scope == self.whole)
        return next(lists, None) if self.header.seat_rule.list_seats else None

    def contests(self) -> list[ContestDefined]:
        """Give the contests with as many seats as their ballot says."""
        return [
            ContestDefined(
                ballot, area, tuple(options[number] for number in sorted(options)), self.header.seats[ballot]
            )
            for (ballot, area), options in self.options.items()
        ]


def _read_parties(draft: Draft, data: bytes) -> None:
    seen = Seen()
    for cells in rows(draft.flaws, PARTIES, data, TABLES[PARTIES]):
        code = seen.once(cells, "code", cells.code("code"))
        number = seen.once(cells, "number", cells.integer("number", 1, MOST_OPTION, required=False))
        name = cells.name() or Text("", "")
        short = cells.name("short_th", "short_en", required=False) or name
        draft.parties[code or ""] = Party(code or "", number, name, short, cells.color("color", GREY) or "")


def _read_areas(draft: Draft, data: bytes) -> None:
    seen = Seen()
    for cells in rows(draft.flaws, AREAS, data, TABLES[AREAS]):
        code = seen.once(cells, "code", cells.code("code")) or ""
        kind = cells.code("kind") or ""
        parent = cells.code("parent", required=False)
        if parent is not None and parent not in draft.areas:
            cells.wrong("parent", problems.UNKNOWN_PARENT)
        elif not cells.values["parent"] and draft.areas:
            cells.wrong("parent", problems.SECOND_ROOT)
        lat, lon = cells.place()
        registered = cells.integer("registered", 0, MOST_PEOPLE, required=False)
        stations = cells.integer("stations", 0, MOST_STATIONS, required=False)
        name = cells.name() or Text("", "")
        draft.areas[code] = Area(code, kind, parent, name, lat, lon, registered, stations)
        draft.around[code] = draft.around.get(parent or "", {}) | {kind: code}
        if registered is not None or stations is not None:
            draft.announced[code] = cells


def _read_options(draft: Draft, data: bytes) -> None:
    seen, lists = Seen(), draft.lists()
    for cells in rows(draft.flaws, OPTIONS, data, TABLES[OPTIONS]):
        contest = _contest(draft, cells)
        number = cells.integer("number", 1, MOST_OPTION)
        seen.once(cells, "number", number, within=contest)
        party = cells.code("party", required=False)
        if party is not None and party not in draft.parties:
            cells.wrong("party", problems.UNKNOWN_PARTY)
        if contest[0] == lists:
            if not cells.values.get("party"):
                cells.wrong("party", problems.LIST_OF_NOBODY)
            seen.once(cells, "party", party, within=contest)
        name = cells.name(required=not cells.values.get("party"))
        list_names = cells.integer("list_names", 1, MOST_OPTION, required=False)
        if cells.good and number is not None:
            option = Option(number, party, name or draft.parties[party or ""].name, list_names)
            draft.options.setdefault(contest, {})[number] = option


def _contest(draft: Draft, cells: Cells) -> tuple[str, str]:
    ballot, area = cells.code("ballot") or "", cells.code("area") or ""
    known, place = draft.ballots.get(ballot), draft.areas.get(area)
    if ballot and known is None:
        cells.wrong("ballot", problems.UNKNOWN_BALLOT)
    if area and place is None:
        cells.wrong("area", problems.UNKNOWN_AREA)
    if known and place and known.scope != place.kind:
        cells.wrong("area", problems.WRONG_SCOPE.fill(scope=known.scope, kind=place.kind))
    return ballot, area


def _check_contests(draft: Draft) -> None:
    for number, ballot in enumerate(draft.header.ballots, 1):
        contested = [area.code for area in draft.areas.values() if area.kind == ballot.scope]
        if not contested:
            draft.flaws.add(HEADER, problems.NO_SUCH_SCOPE, cell=(f"ballots[{number}].scope", ballot.scope))
        seats = draft.header.seats.get(ballot.code, 1)
        if seats > 1 and ballot.scope != draft.whole:
            draft.flaws.add(HEADER, problems.ONE_SEAT, cell=(f"ballots[{number}].seats", str(seats)))
        for area in contested:
            if (ballot.code, area) not in draft.options:
                draft.flaws.add(OPTIONS, problems.NO_OPTION.fill(ballot=ballot.code), cell=("area", area))
    for contest in draft.contests():
        if len(canonical.encode(contest)) > LIMIT:
            reason = problems.LARGE_CONTEST.fill(ballot=contest.ballot)
            draft.flaws.add(OPTIONS, reason, cell=("area", contest.area))


def _read_stations(draft: Draft, data: bytes) -> None:
    seen = Seen()
    for cells in rows(draft.flaws, STATIONS, data, TABLES[STATIONS]):
        code = seen.once(cells, "code", cells.code("code")) or ""
        eligible = cells.integer("eligible", 1, MOST_ELIGIBLE) or 0
        kind = cells.choice("kind", STATION_KINDS, STATION_KINDS[0])
        lat, lon = cells.place()
        area = cells.code("area") or ""
        around = draft.around.get(area)
        if around is None:
            if area:
                cells.wrong("area", problems.UNKNOWN_AREA)
            continue
        for ballot in draft.header.ballots:
            if ballot.scope not in around:
                cells.wrong("area", problems.NO_CONTEST.fill(scope=ballot.scope, ballot=ballot.code))
        if draft.flaws.count == 0:
            listed = around[draft.header.ballots[0].scope]
            own = None if area == listed else area
            draft.stations.setdefault(listed, []).append(Station(code, eligible, kind, lat, lon, own))
            draft.sums.setdefault(area, Sums()).add(kind, eligible)


def _check_announced(draft: Draft) -> None:
    """Hold the list of stations against what the authority announced: half a list must not pass for an election."""
    for area in reversed(draft.areas.values()):  # children stand below their parents
        if area.parent is not None and area.code in draft.sums:
            draft.sums.setdefault(area.parent, Sums()).include(draft.sums[area.code])
    for code, column, reason in min(_differing(draft, 1), _differing(draft, 0), key=len):
        draft.announced[code].wrong(column, reason)


def _differing(draft: Draft, apart: int) -> list[tuple[str, str, Text]]:
    """Give what differs in which areas when the announced numbers count the kinds that stand apart (1), or leave them out (0)."""
    found = []
    for code in draft.announced:
        area, sums = draft.areas[code], draft.sums.get(code, Sums())
        count, people = sums.stations[apart], sums.people[apart]
        if area.stations not in (None, count):
            found.append((code, "stations", problems.OTHER_COUNT.fill(found=count)))
        if area.registered is not None and abs(people - area.registered) * 100 > area.registered * TOLERANCE:
            found.append((code, "registered", problems.OTHER_PEOPLE.fill(found=people, most=TOLERANCE)))
    return found


class Sums:
    """Stations of an area and their eligible people: without the kinds that are counted apart, and with them."""

    def __init__(self) -> None:
        self.stations = [0, 0]
        self.people = [0, 0]

    def add(self, kind: str, eligible: int) -> None:
        """Count a station."""
        for place in range(int(kind in APART), 2):
            self.stations[place] += 1
            self.people[place] += eligible

    def include(self, inner: "Sums") -> None:
        """Count what lies in an area inside this one."""
        for place in range(2):
            self.stations[place] += inner.stations[place]
            self.people[place] += inner.people[place]


class Seen:
    """Remembers in which row a value stood, so that nothing stands twice."""

    def __init__(self) -> None:
        self.rows: dict[object, int | None] = {}

    def once(self, cells: Cells, column: str, value: T, within: object = None) -> T:
        """Note a value that already stood in this column (within the same `within`); give the value back."""
        if value is not None:
            first = self.rows.setdefault((column, within, value), cells.row)
            if first != cells.row:
                cells.wrong(column, problems.TWICE.fill(first=first))
        return value

"""From the entries that define an election to the whole of it in memory: the same from the database and the log."""

from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from typing import TypeAlias, TypeVar

import msgspec
import numpy as np

from sapparot.contests.facts import (
    AreasDefined,
    Contest,
    Election,
    ElectionDefined,
    Int32s,
    OptionsDefined,
    PartiesDefined,
    Party,
    StationRoll,
    StationsDefined,
)
from sapparot.contests.problems import DefinitionError
from sapparot.places import Area, Station, column_of

Part: TypeAlias = PartiesDefined | AreasDefined | OptionsDefined | StationsDefined
DefinitionEntry: TypeAlias = ElectionDefined | Part
T = TypeVar("T")

DEFINITION_KINDS = frozenset({"election", "parties", "areas", "options", "stations"})
"""Kinds of entries that define an election."""
BINDING_KINDS = frozenset({"report", "reading", "decision", "duties"})
"""Kinds of entries that rest on what was defined: from the first one on, the election stays as it is."""

ENTRY = msgspec.json.Decoder(DefinitionEntry)


def assemble(bodies: Iterable[bytes]) -> Election:
    """Build an election from its definition entries, header and parts in any order between them.

    Raises DefinitionError when the header or a part is missing, or when parts contradict each other.
    """
    header, parts = _sorted_out(bodies)
    areas = _areas(parts)
    parties = _keyed(
        (party for part in parts if isinstance(part, PartiesDefined) for party in part.items), _code, "party"
    )
    contests = _contests(header, parts, areas, parties)
    stations = _stations(parts, areas)
    contest_list = tuple(contests.values())
    return Election(
        id=header.id,
        name=header.name,
        date=header.date,
        opens_at=header.opens_at,
        closes_at=header.closes_at,
        seat_rule=header.seat_rule,
        ballots=header.ballots,
        forms=header.forms,
        parties=parties,
        areas=areas,
        contests=contests,
        stations=stations,
        contest_list=contest_list,
        sheet_contest=_sheet_contest(header, contest_list, stations),
        ballot_index={ballot.code: position for position, ballot in enumerate(header.ballots)},
    )


class Definition:
    """Collects definition entries as they come by in the log, until they are an election, and says which one counts.

    The first election that a log completes counts. As long as nothing rests on it, another whole definition of the same id, a correction,
    takes its place; others change nothing.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, list[bytes]] = {}
        self._missing: dict[str, int] = {}
        self._counted: str | None = None
        self.bound = False
        """Whether something rests on what was defined."""

    def bind(self) -> None:
        """Hear of an entry of BINDING_KINDS, whatever it holds."""
        self.bound = True

    def counts(self, election: Election) -> bool:
        """Tell whether the election that was just completed is the one that counts from here on."""
        if self._counted is not None and (self.bound or election.id != self._counted):
            return False
        self._counted = election.id
        return True

    def add(self, body: bytes) -> Election | None:
        """Take one definition entry; give the election when this was its last part.

        Raises DefinitionError for an entry that cannot be read or parts that contradict each other.
        """
        entry = _read(body)
        election = entry.id if isinstance(entry, ElectionDefined) else entry.election
        waiting = self._waiting.setdefault(election, [])
        waiting.append(body)
        missing = self._missing.get(election, 0) + (entry.parts if isinstance(entry, ElectionDefined) else -1)
        self._missing[election] = missing
        # Parts may stand before their header: then the balance is negative until the header comes.
        if missing != 0:
            return None
        del self._waiting[election], self._missing[election]
        return assemble(waiting)


def _read(body: bytes) -> DefinitionEntry:
    try:
        entry: DefinitionEntry = ENTRY.decode(body)
    except msgspec.DecodeError as error:
        raise DefinitionError(f"a definition entry cannot be read: {error}") from error
    return entry


def _sorted_out(bodies: Iterable[bytes]) -> tuple[ElectionDefined, list[Part]]:
    headers: list[ElectionDefined] = []
    parts: list[Part] = []
    for body in bodies:
        entry = _read(body)
        if isinstance(entry, ElectionDefined):
            headers.append(entry)
        else:
            parts.append(entry)
    if len(headers) != 1:
        raise DefinitionError(f"a definition has one election header, not {len(headers)}")
    header = headers[0]
    strangers = {part.election for part in parts} - {header.id}
    if strangers:
        raise DefinitionError(f"parts of {', '.join(sorted(strangers))} in the definition of {header.id}")
    if len(parts) != header.parts:
        raise DefinitionError(f"{header.id} has {header.parts} parts, {len(parts)} are here")
    return header, parts


def _code(item: Area | Party | Station) -> str:
    return item.code


def _keyed(items: Iterable[T], key: Callable[[T], str], what: str) -> dict[str, T]:
    found: dict[str, T] = {}
    for item in items:
        if found.setdefault(key(item), item) is not item:
            raise DefinitionError(f"{what} {key(item)} is defined twice")
    return found


def _areas(parts: list[Part]) -> dict[str, Area]:
    areas = _keyed((area for part in parts if isinstance(part, AreasDefined) for area in part.items), _code, "area")
    seen: set[str] = set()
    for area in areas.values():
        if area.parent is not None and area.parent not in seen:
            raise DefinitionError(f"area {area.code} stands before its parent {area.parent}, or that one is missing")
        seen.add(area.code)
    return areas


def _contests(
    header: ElectionDefined, parts: list[Part], areas: Mapping[str, Area], parties: Mapping[str, Party]
) -> dict[tuple[str, str], Contest]:
    scopes = {ballot.code: ballot.scope for ballot in header.ballots}
    found: dict[tuple[str, str], Contest] = {}
    for given in chain.from_iterable(part.contests for part in parts if isinstance(part, OptionsDefined)):
        contest = Contest(given.ballot, given.area, given.options, given.seats)
        where = f"contest {given.ballot} in {given.area}"
        area = areas.get(given.area)
        if area is None or scopes.get(given.ballot) != area.kind:
            raise DefinitionError(f"{where}: no such ballot or no such area for it")
        if not contest.options or len(contest.column) != len(contest.options):
            raise DefinitionError(f"{where}: has no option, or one number twice")
        if any(option.party is not None and option.party not in parties for option in contest.options):
            raise DefinitionError(f"{where}: an option of a party that is not defined")
        if found.setdefault((given.ballot, given.area), contest) is not contest:
            raise DefinitionError(f"{where} is defined twice")
    return found


def _stations(parts: list[Part], areas: Mapping[str, Area]) -> StationRoll:
    items: list[Station] = []
    places: list[str] = []
    for part in parts:
        if isinstance(part, StationsDefined):
            items.extend(part.items)
            places.extend([part.area if item.area is None else item.area for item in part.items])
    codes = [item.code for item in items]
    index = {code: number for number, code in enumerate(codes)}
    if len(index) != len(codes):
        raise DefinitionError(f"{len(codes) - len(index)} station codes are defined twice")
    unknown = set(places) - areas.keys()
    if unknown:
        raise DefinitionError(f"stations in unknown areas: {', '.join(sorted(unknown)[:5])}")
    columns, area_codes = _columns(places, areas)
    return StationRoll(
        codes=codes,
        index=index,
        eligible=_int32([item.eligible for item in items]),
        kind=[item.kind for item in items],
        lat=_int32([item.lat or 0 for item in items]),
        lon=_int32([item.lon or 0 for item in items]),
        columns=columns,
        area_codes=area_codes,
    )


def _int32(values: list[int]) -> Int32s:
    try:
        return np.array(values, dtype=np.int32)
    except OverflowError as error:
        raise DefinitionError("a number of a station is larger than 32 bits") from error


def _columns(places: list[str], areas: Mapping[str, Area]) -> tuple[dict[str, Int32s], dict[str, list[str]]]:
    area_codes: dict[str, list[str]] = {}
    for area in areas.values():
        area_codes.setdefault(area.kind, []).append(area.code)
    row = {code: number for number, code in enumerate(areas)}
    rows = np.array([row[place] for place in places], dtype=np.int64)
    columns: dict[str, Int32s] = {}
    for kind, codes in area_codes.items():
        around = column_of(areas, codes, kind)
        columns[kind] = np.array(list(around.values()), dtype=np.int32)[rows]
    return columns, area_codes


def _sheet_contest(header: ElectionDefined, contests: tuple[Contest, ...], stations: StationRoll) -> Int32s:
    sheets = np.full((len(stations), len(header.ballots)), -1, dtype=np.int32)
    position = {(contest.ballot, contest.area): number for number, contest in enumerate(contests)}
    for column, ballot in enumerate(header.ballots):
        codes = stations.area_codes.get(ballot.scope, [])
        of_area = np.array([*(position.get((ballot.code, code), -1) for code in codes), -1], dtype=np.int32)
        # UNKNOWN_PLACE is -1, which picks the last element: no area, no contest.
        sheets[:, column] = of_area[stations.column(ballot.scope)]
    return sheets.reshape(-1)

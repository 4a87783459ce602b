"""The face of the comparison, for heads and the war room: read from the log when somebody asks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from msgspec import Struct
from msgspec.structs import replace

from sapparot import ledger, people, verify
from sapparot.base.clock import Clock
from sapparot.base.database import AsyncConnection
from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.contests import Election
from sapparot.duty.assignments.nearby import Nearby
from sapparot.duty.comparison import store
from sapparot.duty.comparison.facts import (
    Compared,
    Explanation,
    Figures,
    NewExplanation,
    Officially,
    Said,
    SheetCompared,
    Source,
)
from sapparot.duty.comparison.rules import Side, Voice, announced, compared, figures, official, summed
from sapparot.duty.comparison.wording import explained, split_in_words
from sapparot.duty.problems import NOT_YOUR_AREA, PLACE_UNKNOWN
from sapparot.duty.returns.book import Book
from sapparot.duty.returns.facts import NOTHING, Return, Told
from sapparot.duty.returns.rules import SHOTS, is_hash, read_move
from sapparot.people.signin.facts import Identity
from sapparot.people.signin.rules import refused
from sapparot.places import ancestors, enclosing

AT_ONCE = 2_000
"""Entries that are read together."""
LARGEST = 100_000_000
"""No figure of a form, or of a constituency, is larger."""


class Sheets(Struct, frozen=True):
    """Every sheet of a ballot in an area, compared; the names of its options by number; the sum of it all."""

    rows: tuple[SheetCompared, ...]
    names: dict[str, Text]
    whole: Compared


class Balance:
    """Compares own finals, those of other networks, the board and the authority, sheet by sheet."""

    def __init__(self, nearby: Nearby, book: Book, clock: Clock) -> None:
        self._rolls, self._interests = nearby.roster.rolls, nearby.roster.interests
        self._nearby = nearby
        self._book = book
        self._clock = clock

    async def compare(self, connection: AsyncConnection, area: str, ballot: str, network: str | None = None) -> Sheets:
        """Compare every sheet of a ballot in an area of at most 2,000 stations; raises :class:`Problem` PLACE_UNKNOWN.

        ``network`` is whose finals are `own`; without one all are `others`.
        """
        election = await self._rolls.election()
        sheets = self._sheets(election, area, ballot)
        found = await self._book.of(connection, election, area)
        returns = {election.sheet_key(sheet): found.get(sheet, NOTHING) for sheet in sheets}
        names = option_names(election, area, ballot)
        spoken = await self._spoken(connection, returns, names)
        rows = await _compared(connection, (returns, spoken), network, names)
        known = await store.explanations(connection, election.id, [key.rpartition("/")[0] for key in returns])
        rows = [replace(row, explanation=known.get((row.sheet.rpartition("/")[0], ballot))) for row in rows]
        layers = {key: held.layer for key, held in returns.items()}
        whole = summed((area, election.areas[area].name, ballot), rows, layers)
        number = election.area_sheet(f"{area}/{ballot}")
        theirs = found.get(number, NOTHING) if number is not None else NOTHING
        said, officially = (await self._spoken(connection, {"": theirs}, names))[""]
        if officially.sources:
            spoke = announced(said, officially, whole.public)
            differences = tuple(explained(one, names, public=True) for one in spoke.differences)
            whole = replace(whole, announced=replace(spoke, differences=differences))
        return Sheets(tuple(rows), names, whole)

    async def explain(self, connection: AsyncConnection, who: Identity, said: NewExplanation) -> Explanation:
        """Add what a head (of its constituency), or somebody of the war room, says about the differences of a sheet."""
        election = await self._rolls.election()
        station, _, ballot = said.sheet.rpartition("/")
        if election.sheet_number(said.sheet) is None:
            raise Problem(PLACE_UNKNOWN)
        home = self._nearby.home(election, station)
        around = [each.code for each in ancestors(election.areas, home)] if home else []
        if not who.has("reviewer", "decider", "lead") and not any(who.heads(code) for code in around):
            raise refused(who, NOT_YOUR_AREA)
        owner = who.person if said.mine else None
        kept = Explanation(said.state, owner, " ".join(said.reason.split()), who.person, self._clock.now())
        await store.explain(connection, election.id, (station, ballot), kept)
        return kept

    async def _spoken(
        self, connection: AsyncConnection, returns: Mapping[str, Return], names: Mapping[str, Text]
    ) -> dict[str, tuple[Said | None, Officially]]:
        """Say what is reported as official of each sheet; what a phone reported after it was revoked is nobody's word."""
        told = [one for held in returns.values() for one in held.officials]
        devices = await people.devices_async(connection, sorted({one.kid for one in told}))
        said = await _read(connection, [one.position for one in told])
        titles = await people.titles(connection) if told else {}
        spoken = {}
        for key, held in returns.items():
            voices = []
            for one in held.officials:
                ended = devices[one.kid].revoked_at if one.kid in devices else None
                if one.position in said and (ended is None or one.at < ended.replace(microsecond=0)):
                    source = Source(
                        one.network, titles.get(one.network) or Text(one.network, one.network), said[one.position]
                    )
                    voices.append(Voice(self._interests.group(one.network), source))
            figures, officially = official(voices)
            spoken[key] = figures, replace(officially, says=split_in_words(officially.sources, names))
        return spoken

    def _sheets(self, election: Election, area: str, ballot: str) -> list[int]:
        position = election.ballot_index.get(ballot)
        if position is None:
            raise Problem(PLACE_UNKNOWN)
        count = len(election.ballots)
        numbers = (number * count + position for number in self._book.stations(election, area))
        return [number for number in numbers if election.sheet_contest[number] >= 0]


def sides_of(held: Return, network: str | None) -> dict[Side, Told]:
    """Return the newest report of each side of a sheet but the authority, of whom there is only what others report."""
    own = next((one for one in held.finals if one.network == network), None)
    others = max((one for one in held.finals if one is not own), key=lambda one: one.position, default=None)
    sides: dict[Side, Told | None] = {"board": held.progress, "own": own, "others": others}
    return {side: told for side, told in sides.items() if told is not None}


def option_names(election: Election, area: str, ballot: str) -> dict[str, Text]:
    """Return the names of the options for which an area votes, by number."""
    scope = next((one.scope for one in election.ballots if one.code == ballot), "")
    around = enclosing(election.areas, area, scope)
    contest = election.contests.get((ballot, around.code)) if around else None
    return {str(option.number): option.name for option in contest.options} if contest else {}


async def _compared(
    connection: AsyncConnection,
    known: tuple[Mapping[str, Return], Mapping[str, tuple[Said | None, Officially]]],
    network: str | None,
    names: Mapping[str, Text],
) -> list[SheetCompared]:
    returns, officials = known
    sides = {key: sides_of(held, network) for key, held in returns.items()}
    said = await _read(connection, [told.position for one in sides.values() for told in one.values()])
    public = await _public(connection, [held.moved for held in returns.values() if held.moved is not None])
    rows = []
    for key, held in returns.items():
        spoken = {side: said[told.position] for side, told in sides[key].items() if told.position in said}
        theirs, officially = officials[key]
        if theirs is not None:
            spoken["official"] = theirs
        row = compared(key, held.state, spoken, public.get(held.moved) if held.moved is not None else None)
        differences = tuple(explained(one, names) for one in row.differences)
        rows.append(replace(row, differences=differences, officially=officially))
    return rows


async def _read(connection: AsyncConnection, positions: Sequence[int]) -> dict[int, Said]:
    """Return the figures of the reports at some positions."""
    said: dict[int, Said] = {}
    for start in range(0, len(positions), AT_ONCE):
        entries = await ledger.get_async(connection, positions[start : start + AT_ONCE])
        said |= await asyncio.to_thread(_said, entries)
    return said


def _said(entries: Iterable[ledger.Entry]) -> dict[int, Said]:
    found = {}
    for entry in entries:
        try:
            letter = verify.open_letter(entry.body, verify.REPORT_TYPE)
        except verify.Unreadable:
            continue
        report = letter.report
        totals = (report.valid, report.spoiled, report.no_vote, report.ballots_cast)
        shots = tuple(item.sha256 for item in report.evidence[:SHOTS] if is_hash(item.sha256))
        found[entry.position] = Said(
            bearable(figures(report.votes, totals)), entry.position, datetime.fromtimestamp(letter.at, UTC), shots
        )
    return found


def bearable(given: Mapping[str, int]) -> Figures:
    """Leave out numbers that cannot stand on a form: a rule has named them, and nothing is to be added up with them."""
    return {name: value for name, value in given.items() if 0 <= value <= LARGEST}


async def _public(connection: AsyncConnection, positions: Sequence[int]) -> dict[int, Figures]:
    """Return the figures that moves put into the public count."""
    found = {}
    for entry in await ledger.get_async(connection, positions):
        move = read_move(entry.body)
        if move is not None and move.figures is not None:
            held = move.figures
            found[entry.position] = figures(held.votes, (held.valid, held.spoiled, held.no_vote, held.ballots_cast))
    return found

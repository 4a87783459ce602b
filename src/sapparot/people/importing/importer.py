"""Brings people of a file into a network, some hundred in each transaction.

How far a file came is recorded together with its people, under the file's SHA-256: a crash, or a connection that broke, leaves whole
steps done, and bringing the same file again goes on from there; when all is done, it changes nothing. Two uploads of one file at once
take turns.

A code that is no area of the election refuses the whole file: which codes there are may change between two steps, and a file that goes
on counts on the same people in the same order.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from uuid import UUID

from sapparot.base.database import AsyncConnection
from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.people.importing import store
from sapparot.people.importing.facts import Listed, Report, Sheet
from sapparot.people.importing.problems import AREAS_UNKNOWN
from sapparot.people.importing.rules import people_of
from sapparot.people.importing.table import read_table
from sapparot.people.joining.rules import clean_name
from sapparot.people.joining.store import new_id
from sapparot.people.persons import Persons, Vault
from sapparot.people.persons.facts import Particulars
from sapparot.people.problems import NETWORK_UNKNOWN
from sapparot.people.terms import store as terms

STEP = 500
SHOWN = 1000
"""Flaws, and twins, that a report lists at most."""
NAMED = 20
"""Rows with an unknown area that a refusal names at most."""
_ROW = Text('แถว {row} คอลัมน์ {column} "{code}"', 'row {row} column {column} "{code}"')
_MORE = Text("และอีก {more:,} แถว", "and {more:,} rows more")


class Importer:
    """Brings lists of people."""

    def __init__(self, persons: Persons) -> None:
        self._persons = persons

    async def look(self, connection: AsyncConnection, network: str, data: bytes) -> Report:
        """Say what a file would do, and change nothing."""
        sheet = await self._read(data)
        phones = [self._persons.vault.find(person.phone) for person in sheet.people]
        merged = len(await store.known(connection, network, phones))
        counts = store.Counts(len(phones), len(phones) - merged, merged)
        return _report(sheet, counts, dry_run=True, again=False)

    async def bring(self, connection: AsyncConnection, network: str, by: UUID | None, data: bytes) -> Report:
        """List the people of a file in a network."""
        sheet = await self._read(data)
        if await terms.terms(connection, network) is None:
            raise Problem(NETWORK_UNKNOWN)
        file = hashlib.sha256(data).digest()
        steps = 0
        while True:
            async with connection.transaction():
                now = self._persons.clock.now()
                known, counts = await store.begin(connection, network, file, by, now)
                step = sheet.people[counts.done : counts.done + STEP]
                if step:
                    new = await self._put(connection, network, step)
                    added, merged = counts.added + new, counts.merged + len(step) - new
                    await store.advance(connection, network, file, store.Counts(counts.done + len(step), added, merged))
            if not step:
                return _report(sheet, counts, dry_run=False, again=known and steps == 0)
            steps += 1

    async def one(self, connection: AsyncConnection, network: str, who: tuple[str, str]) -> None:
        """List one person, of whom (name, telephone) are known; raises :class:`Problem` for what is neither."""
        if await terms.terms(connection, network) is None:
            raise Problem(NETWORK_UNKNOWN)
        async with connection.transaction():
            await self._put(connection, network, [Listed(1, clean_name(who[0]), self._persons.phone(who[1]))])

    async def _read(self, data: bytes) -> Sheet:
        """Read a file; raises :class:`Problem` for what is no list of people, and for areas that the election lacks."""
        sheet = await asyncio.to_thread(lambda: people_of(read_table(data), self._persons.region))
        unknown = [code for code in sheet.areas if not await self._persons.knows_area(code)]
        if unknown:
            raise Problem(AREAS_UNKNOWN, _named(sheet, unknown))
        return sheet

    async def _put(self, connection: AsyncConnection, network: str, people: Sequence[Listed]) -> int:
        vault = self._persons.vault
        by_phone = {vault.find(person.phone): person for person in people}
        rows = [_row(new_id(), index, person, vault) for index, person in sorted(by_phone.items())]
        fresh = await store.put(connection, network, rows, self._persons.clock.now())
        known = await store.known(connection, network, [row.phone for row in rows if row.id not in fresh], lock=True)
        await store.merge(connection, [_merged(one, by_phone[one.phone], vault) for one in known])
        return len(fresh)


def _named(sheet: Sheet, codes: Sequence[str]) -> Text:
    """Say where codes stand in a file."""
    rows = sorted((row, code) for code in codes for row in sheet.areas[code])
    column = sheet.table.headings["area"]
    said = [_ROW.fill(row=row, column=column, code=code) for row, code in rows[:NAMED]]
    if len(rows) > NAMED:
        said.append(_MORE.fill(more=len(rows) - NAMED))
    title = AREAS_UNKNOWN.title
    return Text(f"{title.th}: {'; '.join(one.th for one in said)}", f"{title.en}: {'; '.join(one.en for one in said)}")


def _row(made: UUID, index: bytes, person: Listed, vault: Vault) -> store.Row:
    return store.Row(made, person.area, vault.seal(made, Particulars(person.name, person.phone, person.mail)), index)


def _merged(one: store.Known, person: Listed, vault: Vault) -> store.Known:
    """The organiser's word stands for who never came; who came speaks for itself, and who left or was expelled stays away."""
    if one.state in ("left", "expelled"):
        return one
    area = one.area or person.area
    if one.state in ("listed", "applied"):
        sealed = vault.seal(one.id, Particulars(person.name, person.phone, person.mail))
        return one._replace(state="listed", area=person.area or one.area, sealed=sealed)
    return one._replace(state="active", area=area)


def _report(sheet: Sheet, counts: store.Counts, *, dry_run: bool, again: bool) -> Report:
    return Report(
        dry_run=dry_run, rows=len(sheet.table.rows), people=counts.done, added=counts.added, merged=counts.merged, again=again,
        flaws=list(sheet.flaws[:SHOWN]), flaw_count=len(sheet.flaws),
        twins=list(sheet.twins[:SHOWN]), twin_count=len(sheet.twins),
        ignored_columns=list(sheet.table.ignored), encoding=sheet.table.encoding,
    )  # fmt: skip

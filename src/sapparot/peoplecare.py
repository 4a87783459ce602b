"""The commands ``sapparot people``: what an operator does on the machine itself about people (docs/reference/personal-data.md).

The operator gives the first roles, brings lists, and replaces the key of the vault. No command prints who somebody is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar
from uuid import UUID

import typer

from sapparot import app as application
from sapparot.base.clock import clock_from, stamp
from sapparot.base.database import AsyncConnection, beside, connect
from sapparot.base.logs import configure_logs
from sapparot.base.problems import Problem
from sapparot.base.settings import Settings, settings_from
from sapparot.base.text import Text
from sapparot.duty.rolls import Rolls
from sapparot.people import Vault, cancel_invite, standing_invites
from sapparot.people.granting import GrantRole, NewGrant
from sapparot.people.granting.facts import Granter
from sapparot.people.importing import AREAS_UNKNOWN
from sapparot.people.persons.problems import PERSON_UNKNOWN

if TYPE_CHECKING:
    from sapparot.people.house import People
    from sapparot.people.importing import Report

commands = typer.Typer(
    help="Give the first roles, bring lists of people, and replace the key of the vault.", no_args_is_help=True
)
Data = Annotated[
    Path | None, typer.Option("--data", help="Directory of everything that is kept (SAPPAROT_DATA, ./sapparot-data).")
]
NetworkId = Annotated[str, typer.Argument(metavar="NETWORK", help="Id of the network.")]
Found = TypeVar("Found")


@commands.command("add")
def add(
    network: NetworkId,
    phone: Annotated[str, typer.Option(prompt=True, help="Telephone; asked for when it is not given.")],
    name: Annotated[str, typer.Option(prompt=True, help="Name; asked for when it is not given.")],
    data: Data = None,
) -> None:
    """List one person in a network and print the id; it takes part after signing in with a code on that telephone."""

    async def work(people: People, connection: AsyncConnection) -> UUID:
        await people.importer.one(connection, network, (name, phone))
        found = await people.persons.by_phone(connection, network, phone)
        if found is None:
            raise Problem(PERSON_UNKNOWN)
        return found.id

    typer.echo(_run(data, work))


@commands.command("grant")
def grant(
    person: Annotated[UUID, typer.Argument(metavar="PERSON", help="Id of the person.")],
    role: Annotated[
        GrantRole, typer.Argument(metavar="ROLE", help="centre, organiser, lead, head, reviewer or decider.")
    ],
    area: Annotated[str | None, typer.Option(help="Constituency of a head.")] = None,
    data: Data = None,
) -> None:
    """Give a person a role, as only the operator can give the first one; print the number of the grant."""

    async def work(people: People, connection: AsyncConnection) -> int:
        made = await people.office.grant(connection, _operator(), NewGrant(person, role, area))
        return made.id

    typer.echo(_run(data, work))


@commands.command("ungrant")
def ungrant(
    number: Annotated[int, typer.Argument(min=1, max=2**63 - 1, metavar="GRANT", help="Number of the grant.")],
    data: Data = None,
) -> None:
    """End a grant; devices enrolled at a level that is gone are revoked by entries of the log."""

    async def work(people: People, connection: AsyncConnection) -> None:
        await people.office.end(connection, _operator(), number)

    _run(data, work)


@commands.command("lost")
def lost(
    person: Annotated[UUID, typer.Argument(metavar="PERSON", help="Id of the person.")],
    data: Data = None,
) -> None:
    """End all by which a person comes in and reports, but its telephone number; print how many devices were revoked."""

    async def work(people: People, connection: AsyncConnection) -> int:
        return await people.office.lost(connection, _operator(), person)

    typer.echo(_run(data, work))


@commands.command("import")
def bring(
    network: NetworkId,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV file of people.", exists=True, dir_okay=False)],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what it would do.")] = False,
    data: Data = None,
) -> None:
    """List the people of a CSV file in a network; the same file again goes on where it was. Exit 1 when rows were left out."""

    async def work(people: People, connection: AsyncConnection) -> Report:
        body = file.read_bytes()
        try:
            if dry_run:
                return await people.importer.look(connection, network, body)
            return await people.importer.bring(connection, network, None, body)
        except Problem as problem:
            if problem.kind is not AREAS_UNKNOWN:
                raise
            said = problem.detail
            raise Problem(AREAS_UNKNOWN, Text(f"{file.name}: {said.th}", f"{file.name}: {said.en}")) from problem

    report = _run(data, work)
    for flaw in report.flaws:
        typer.echo(f"{flaw.row} {flaw.column}: {flaw.said.th}\n{flaw.row} {flaw.column}: {flaw.said.en}", err=True)
    typer.echo(
        f"{report.people:,} people, {report.added:,} added, {report.merged:,} merged, {report.flaw_count:,} rows left out"
    )
    if report.flaw_count:
        raise typer.Exit(1)


@commands.command("invites")
def invites(
    network: NetworkId,
    cancel: Annotated[
        str | None, typer.Option(metavar="NAME", help="End this one; devices that it enrolled stay.")
    ] = None,
    data: Data = None,
) -> None:
    """List the invites of `sapparot invite` that still enrol devices, by names that give no code away, or cancel one."""
    settings = settings_from(data=data)
    now = clock_from(settings.clock).now()
    with application.database_of(settings) as url, connect(url) as connection:
        if cancel is not None:
            cancel_invite(connection, network, cancel, now)
            return
        for one in standing_invites(connection, network, now):
            area = f" ({one.invited.area})" if one.invited.area else ""
            used = f"{one.used:,} of {one.uses:,} used"
            typer.echo(f"{one.name} level {one.invited.level}{area}, {used}, until {stamp(one.expires_at)}")


@commands.command("reseal")
def reseal(
    new_key: Annotated[bool, typer.Option("--new-key", help="Make a new key of the vault first.")] = False,
    data: Data = None,
) -> None:
    """Seal everything that says who somebody is under the newest key of the vault; print how many rows were under an older one."""

    async def work(people: People, connection: AsyncConnection) -> int:
        return await people.reseal(connection)

    typer.echo(f"{_run(data, work, _new_key if new_key else None):,}")


def _operator() -> Granter:
    return Granter(None, "", frozenset())


def _new_key(settings: Settings, url: str) -> None:
    """Make a new key of the vault, and make it known before anything is sealed under it."""
    Vault(settings.data / "secrets").advance()
    application.share(settings, url)


def _run(
    data: Path | None,
    work: Callable[[People, AsyncConnection], Awaitable[Found]],
    first: Callable[[Settings, str], None] | None = None,
) -> Found:
    from sapparot.peoplehouse import people_of  # no other command waits for the house

    settings = settings_from(data=data)
    configure_logs(settings.log_format)

    async def whole(people: People, url: str) -> Found:
        rolls = Rolls(url)
        people.maps.append(rolls.constituency)
        people.persons.maps.append(rolls.area)
        with connect(url) as connection:
            async with await beside(connection) as other:
                return await work(people, other)

    with application.database_of(settings) as url:
        application.share(settings, url)
        if first:
            first(settings, url)
        return asyncio.run(whole(people_of(settings, clock_from(settings.clock)), url))

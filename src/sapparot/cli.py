"""The command line: each command calls one slice."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from sapparot import app as application
from sapparot.base.clock import clock_from
from sapparot.base.database import connect
from sapparot.base.embedded import DatabaseUnavailable
from sapparot.base.logs import configure_logs
from sapparot.base.problems import Problem
from sapparot.base.settings import SettingInvalid, Settings, settings_from
from sapparot.base.text import Text
from sapparot.people import Network, add_network, make_invite

cli = typer.Typer(
    name="sapparot",
    help="An independent real-time count of an election that anyone can check.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

Data = Annotated[
    Path | None, typer.Option("--data", help="Directory of everything that is kept (SAPPAROT_DATA, ./sapparot-data).")
]


def _settings(**overrides: object) -> Settings:
    settings = settings_from(**overrides)  # type: ignore[arg-type]
    configure_logs(settings.log_format)
    return settings


Role = Annotated[
    str,
    typer.Option(
        "--role", help="Roles of this process: intake, web, sequence, verify, publish; work is the last three."
    ),
]


@cli.callback()
def about() -> None:
    """An independent real-time count of an election that anyone can check."""


@cli.command()
def up(
    role: Role = "",
    data: Data = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on (SAPPAROT_HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on (SAPPAROT_PORT).")] = None,
) -> None:
    """Run the count: every role in one process with an embedded database, or some of them with --role."""
    application.up(_settings(data=data, host=host, port=port), application.roles_from(role))


@cli.command()
def network(
    identity: Annotated[str, typer.Argument(metavar="ID", help="Small letters, digits and hyphens.")],
    th: Annotated[str, typer.Option(help="Name in Thai.")],
    en: Annotated[str, typer.Option(help="Name in English.")],
    data: Data = None,
) -> None:
    """Add a network that recruits volunteers; its key is made here and announced in the log."""
    settings = _settings(data=data)
    with application.database_of(settings) as url, connect(url) as connection:
        key = application.keyring(settings)[identity]
        add_network(connection, Network(identity, Text(th, en), key.jwk))


@cli.command()
def invite(
    identity: Annotated[str, typer.Argument(metavar="NETWORK", help="Id of the network.")],
    level: Annotated[int, typer.Option(min=1, max=3, help="1 station, 2 constituency head, 3 war room.")] = 1,
    uses: Annotated[int, typer.Option(min=1, help="How many devices it may enrol.")] = 1,
    days: Annotated[int, typer.Option(min=1, help="How long it stands.")] = 30,
    data: Data = None,
) -> None:
    """Print a new invite code of a network; only its hash is kept."""
    settings = _settings(data=data)
    until = clock_from(settings.clock).now() + timedelta(days=days)
    with application.database_of(settings) as url, connect(url) as connection:
        typer.echo(make_invite(connection, identity, level, uses, until))


def main() -> None:
    """Run the command line."""
    try:
        cli()
    except Problem as problem:
        typer.echo(f"{problem.detail.th}\n{problem.detail.en} [{problem.kind.code}]", err=True)
        sys.exit(2)
    except (SettingInvalid, DatabaseUnavailable, application.UnknownRole) as error:
        typer.echo(str(error), err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()

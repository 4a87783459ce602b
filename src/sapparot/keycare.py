"""The commands ``sapparot keys``: what an operator does with keys besides making them (docs/howto/keys.md)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from sapparot import app as application
from sapparot.audit.chain import announced, enrolments
from sapparot.audit.problems import NO_COPY
from sapparot.audit.source import CHECKPOINT, open_folder, read_small, size_of
from sapparot.audit.tilelog import EntriesMissing, TileLog
from sapparot.base.clock import clock_from, unstamp
from sapparot.base.database import connect
from sapparot.base.logs import configure_logs
from sapparot.base.problems import Problem
from sapparot.base.settings import Settings, settings_from
from sapparot.base.text import Text
from sapparot.ledger.agent import Agent, serve_agent
from sapparot.people import networks, rotate_network
from sapparot.people import revoke as revoke_device
from sapparot.people.problems import NETWORK_UNKNOWN, NOT_REVOKED

commands = typer.Typer(
    help="Replace and revoke keys, each by an entry of the public log, and keep the log's key in a process of its own.",
    no_args_is_help=True,
)
Data = Annotated[
    Path | None, typer.Option("--data", help="Directory of everything that is kept (SAPPAROT_DATA, ./sapparot-data).")
]
NETWORK_MISSING = Text(
    "บันทึกสาธารณะนี้ไม่มีเครือข่าย {network} ที่มีคือ {known}", "this log announces no network {network}; there are {known}"
)


@commands.command("rotate")
def rotate(
    identity: Annotated[str, typer.Argument(metavar="NETWORK", help="Id of the network.")],
    data: Data = None,
) -> None:
    """Give a network a new key and announce it in the log; stop the server first, and run it again if it was interrupted."""
    settings = _settings(data)
    with application.database_of(settings) as url, connect(url) as connection:
        if identity not in {network.id for network in networks(connection)}:  # no key is made for a mistyped id
            raise Problem(NETWORK_UNKNOWN, network=identity)
        keys = application.keyring(settings)
        rotate_network(connection, identity, keys.next(identity).jwk)
        connection.commit()
        # A crash here leaves the next key announced and not in use; the same command announces it again and puts it to use.
        keys.advance(identity)
        typer.echo(keys[identity].kid)


@commands.command("revoke", context_settings={"ignore_unknown_options": True})  # a thumbprint may begin with a hyphen
def revoke(
    kids: Annotated[list[str], typer.Argument(metavar="DEVICE...", help="Thumbprints of the devices' keys.")],
    reason: Annotated[
        Literal["lost", "broken", "misused", "ended"],
        typer.Option(help="Why: of the device, since it stands in the public log for ever."),
    ],
    since: Annotated[
        str | None, typer.Option(help="Moment with its offset, after which nothing it reported counts; now by default.")
    ] = None,
    data: Data = None,
) -> None:
    """End the right of devices to report, by entries that their networks sign; exit 1 when one is not enrolled or was revoked before."""
    settings = _settings(data)
    now = clock_from(settings.clock).now()
    moment = _moment(since, now) or now
    with application.database_of(settings) as url, connect(url) as connection:
        keys = application.keyring(settings)
        unknown = [kid for kid in kids if not revoke_device(connection, kid, moment, reason, keys)]
    for kid in (each for each in kids if each not in unknown):
        typer.echo(kid)
    for kid in unknown:
        said = NOT_REVOKED.title
        typer.echo(f"{kid}: {said.th}\n{kid}: {said.en} [{NOT_REVOKED.code}]", err=True)
    if unknown:
        raise typer.Exit(1)


@commands.command("list")
def enrolled(
    network: Annotated[str, typer.Argument(metavar="NETWORK", help="Id of the network.")],
    copy: Annotated[str, typer.Argument(metavar="DIR", help="Data directory, or a copy of its public files.")],
    since: Annotated[
        str | None, typer.Option(help="Moment with its offset: only what the log took from then on; all by default.")
    ] = None,
) -> None:
    """List the devices that a network enrolled, from the files of the log: position, from when, level, thumbprint."""
    moment = _moment(since, clock_from(_settings(None).clock).now())
    folder = open_folder(copy)
    log = TileLog(str(folder / "log"), size_of(read_small(folder, CHECKPOINT) or ""))
    try:
        devices = enrolments(log, network, moment)
        if not devices and network not in announced(log):
            raise Problem(NETWORK_UNKNOWN, NETWORK_MISSING.fill(network=network, known=", ".join(announced(log))))
        for device in devices:
            ended = " revoked" if device.revoked else ""
            typer.echo(f"{device.position} {device.since} {device.level} {device.kid}{ended}")
    except EntriesMissing as missing:
        raise NO_COPY.about(missing) from missing


@commands.command("agent")
def agent(
    path: Annotated[Path, typer.Argument(metavar="SOCKET", help="Where to listen; its owner and its group may call.")],
    data: Data = None,
) -> None:
    """Hold the key of the log in a process of its own that signs only checkpoints that continue it; prints the verifier key."""
    settings = _settings(data)
    signer = application.note_signer(settings)
    record = settings.data / "secrets" / "log.signed"
    with serve_agent(Agent(signer.name, application.log_key(settings), record), path) as server:
        typer.echo(signer.verifier_key())
        server.serve_forever()


def _moment(since: str | None, now: datetime) -> datetime | None:
    try:
        moment = unstamp(since) if since else None
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--since") from error
    # Such as a year of the Buddhist era: nothing would be revoked for 543 years.
    if moment is not None and moment > now:
        why = "this moment has not come yet; years are those of the common era"
        raise typer.BadParameter(why, param_hint="--since")
    return moment


def _settings(data: Path | None) -> Settings:
    settings = settings_from(data=data)
    configure_logs(settings.log_format)
    return settings

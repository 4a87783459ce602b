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
from sapparot.base.presence import alone
from sapparot.base.problems import STILL_RUNNING, Problem
from sapparot.base.settings import Settings, settings_from
from sapparot.base.shared import replace as replace_secret
from sapparot.base.shared import successor
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
COSTS = {
    "tokens.key": Text(
        "โทเค็นของทุกเครื่องใช้ไม่ได้อีก แอปขอโทเค็นใหม่เองเมื่อเจ้าของเข้าระบบอยู่ เครื่องที่ใช้รหัสเชิญต้องลงทะเบียนใหม่ด้วยรหัสเชิญ",
        "every phone's token ends: the app fetches another while its person is signed in; a phone of an invite code enrols again with one",
    ),
    "phones.key": Text(
        "จะไม่มีใครถูกค้นพบด้วยเบอร์โทรศัพท์หรือบัญชีที่ผูกไว้อีก ใครไม่มีพาสคีย์ต้องเข้าร่วมใหม่เป็นคนใหม่ และเบอร์ที่ถูกให้ออกจะไม่ถูกจำได้",
        "nobody is found by a telephone or a linked account any more: who has no passkey joins again as somebody new, and telephones of"
        " the expelled are not known again",
    ),
    "vault/": Text(
        "ชื่อ เบอร์โทรศัพท์ และข้อความที่ปิดผนึกด้วยกุญแจนี้จะเปิดไม่ได้ จนกว่าจะพบไฟล์เดิมและใส่กลับที่เดิม",
        "names, telephones and messages that were sealed under it stay closed, unless the file is found and put back under its old name",
    ),
    "codes.key": Text(
        "รหัสที่ส่งไปแล้วและยังไม่ได้พิมพ์ใช้ไม่ได้ ต้องขอรหัสใหม่",
        "codes that were sent and not typed yet are void: people ask for another",
    ),
    "once.key": Text(
        "ใครกำลังเข้าระบบด้วยพาสคีย์หรือบัญชีอื่นต้องเริ่มใหม่",
        "who is signing in with a passkey or an account elsewhere begins again",
    ),
    "text.key": Text(
        "ใครรายงานด้วยข้อความจะได้กุญแจใหม่และต้องผูกบัญชีแชตใหม่ รายงานที่ส่งด้วยข้อความก่อนหน้านี้ผู้ส่งแก้ไม่ได้อีก ผู้ดูแลระบบเพิกถอนได้เท่านั้น",
        "who reports by text message gets another key and binds a chat account anew; what was written before is changed by its writer no"
        " more, only revoked by the operator",
    ),
}
"""What is lost when another secret takes the place of one."""
ASK = Text("แทนที่กุญแจลับนี้หรือไม่", "Replace this secret?")
REPLACED = Text(
    "ต่อไปนี้ใช้ {file} ให้คัดลอกไปทุกเครื่องก่อนเปิดระบบ",
    "{file} is the secret from now on: copy it to every machine before they start",
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


@commands.command("replace")
def replace(
    name: Annotated[str, typer.Argument(metavar="SECRET", help="File below secrets/, such as tokens.key.")],
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing.")] = False,
    data: Data = None,
) -> None:
    """Put a server secret in the place of one that is lost, when every process is stopped; says what that costs, and asks first."""
    settings = _settings(data)
    folder = settings.data / "secrets"
    with application.database_of(settings) as url, connect(url, autocommit=True) as connection:
        if not alone(connection):
            raise Problem(STILL_RUNNING)
        taken = successor(connection, folder, name)
        cost = next(said for begin, said in COSTS.items() if name.startswith(begin))
        typer.echo(f"{cost.th}\n{cost.en}", err=True)
        if not yes:
            typer.confirm(f"{ASK.th}\n{ASK.en}", abort=True, err=True)
        replace_secret(connection, folder, taken)
    done = REPLACED.fill(file=folder / taken)
    typer.echo(f"{done.th}\n{done.en}")


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

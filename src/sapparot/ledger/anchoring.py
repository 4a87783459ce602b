"""The anchors of one installation, as its settings name them, and the commands ``sapparot anchor``."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from sapparot.base.logs import configure_logs
from sapparot.base.objects import Objects, public_objects
from sapparot.base.problems import Problem
from sapparot.base.settings import Settings, settings_from
from sapparot.base.text import Text
from sapparot.ledger.anchors import Anchor, Anchors, Outcome
from sapparot.ledger.bitcoin import Header, HeaderInvalid, read_headers
from sapparot.ledger.calendars import OpenTimestamps, WebCalendar
from sapparot.ledger.evm import Evm, WebRpc
from sapparot.ledger.evm import deploy as deploy_contract
from sapparot.ledger.problems import ANCHORS_OFF, EVM_NOT_SET, FILE_UNUSABLE, NOTHING_TO_ANCHOR
from sapparot.ledger.published import VERIFIER_KEY_NAME

LOOK_EVERY = 2.0
"""Seconds between two looks for a transaction."""

NOTHING_HERE = Text("ที่นี่ยังไม่มีหลักฐานที่ฝากไว้", "Nothing is anchored here")


class _Compiled(msgspec.Struct, frozen=True):
    bytecode: str


Data = Annotated[
    Path | None, typer.Option("--data", help="Directory of everything that is kept (SAPPAROT_DATA, ./sapparot-data).")
]
commands = typer.Typer(
    help="Show the ledger checkpoint to outsiders who keep its date, and check what they gave back: an anchor proves that the log"
    " up to this size existed then, not that its figures are right. Off until SAPPAROT_ANCHORS says where.",
    no_args_is_help=True,
)


def _tell(outcomes: Iterable[Outcome]) -> None:
    failed = False
    for outcome in outcomes:
        failed |= outcome.failed
        typer.echo(f"{outcome.size}.{outcome.kind}: {outcome.says.th} · {outcome.says.en}", err=outcome.failed)
    if failed:
        raise typer.Exit(1)


@commands.command("add")
def add(data: Data = None) -> None:
    """Anchor the checkpoint that is published now, where it has not been; OpenTimestamps costs nothing, a chain costs gas."""
    _tell(asked_anchors(_settings(data)).add())


@commands.command("upgrade")
def upgrade(data: Data = None) -> None:
    """Fetch what was pending: the way into a Bitcoin block some hours later, the block of a transaction. Run it again until nothing is."""
    _tell(asked_anchors(_settings(data)).upgrade())


@commands.command("check")
def check(
    data: Data = None,
    headers: Annotated[
        Path | None,
        typer.Option(
            help="Bitcoin block headers from a source you trust: lines of a height and 160 hexadecimal digits."
        ),
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option(help="Verifier key of the log from a source you trust; the directory's own by default."),
    ] = None,
) -> None:
    """Say what each kept proof is worth; exit 1 when one is refused. Bitcoin blocks are never asked for online: give --headers."""
    refused = told = False
    for size, kind, attested in checking_anchors(_settings(data), headers, key).check():
        refused, told = refused or attested.state == "refused", True
        at = f" {attested.at:%Y-%m-%d %H:%M:%SZ}" if attested.at else ""
        typer.echo(f"{size}.{kind} {attested.state}{at}\n  {attested.says.th}\n  {attested.says.en}")
    if not told:
        typer.echo(f"{NOTHING_HERE.th}\n{NOTHING_HERE.en}")
    if refused:
        raise typer.Exit(1)


@commands.command("deploy")
def deploy(
    file: Annotated[Path, typer.Argument(help="The compiled contract: contracts/built/CheckpointAnchor.json.")],
) -> None:
    """Put the contract on the chain of SAPPAROT_EVM_RPC, owned for ever by SAPPAROT_EVM_ACCOUNT, and print its address."""
    typer.echo(put_on_chain(_settings(), file))


def _settings(data: Path | None = None) -> Settings:
    settings = settings_from(data=data)
    configure_logs(settings.log_format)
    return settings


def asked_anchors(settings: Settings) -> Anchors:
    """Return the anchors that ``SAPPAROT_ANCHORS`` names; raises :class:`Problem` when there are none."""
    if settings.anchors is None:
        raise Problem(ANCHORS_OFF)
    return _anchors(settings, settings.anchors.split(","))


def checking_anchors(settings: Settings, headers: Path | None, key: Path | None) -> Anchors:
    """Return whatever can check proofs here, with block headers from a file and the log's key from another, when given."""
    kinds = ["ots", "evm"] if settings.evm_rpc and settings.evm_contract else ["ots"]
    return _anchors(settings, kinds, headers, key)


def put_on_chain(settings: Settings, file: Path) -> str:
    """Put the compiled contract in ``file`` on the chain; return its address once a block holds it."""
    if settings.evm_rpc is None or settings.evm_account is None:
        raise Problem(EVM_NOT_SET)
    try:
        compiled = msgspec.json.decode(file.read_bytes(), type=_Compiled)
    except (OSError, msgspec.DecodeError) as error:
        raise _unusable(file, error) from error
    return deploy_contract(
        WebRpc(settings.evm_rpc), settings.evm_account, compiled.bytecode, lambda: time.sleep(LOOK_EVERY)
    )


def _anchors(settings: Settings, kinds: list[str], headers: Path | None = None, key: Path | None = None) -> Anchors:
    calendars = [WebCalendar(address) for address in settings.anchor_calendars.split()]
    made: dict[str, Anchor] = {"ots": OpenTimestamps(calendars, _blocks(headers))}
    if settings.evm_rpc and settings.evm_contract:
        made["evm"] = Evm(WebRpc(settings.evm_rpc), settings.evm_contract, settings.evm_account)
    if not set(kinds) <= set(made):
        raise Problem(EVM_NOT_SET)
    public = public_objects(settings.data, settings.public)
    return Anchors(public, _verifier_key(public, key), [made[kind] for kind in kinds])


def _blocks(file: Path | None) -> dict[int, Header]:
    try:
        return read_headers(file.read_text("utf-8")) if file else {}
    except (OSError, UnicodeDecodeError, HeaderInvalid) as error:
        raise _unusable(file, error) from error


def _verifier_key(public: Objects, file: Path | None) -> str:
    try:
        return (file.read_bytes() if file else public.get(VERIFIER_KEY_NAME)).decode().strip()
    except (OSError, UnicodeDecodeError) as error:
        if file is None:
            raise Problem(NOTHING_TO_ANCHOR) from error
        raise _unusable(file, error) from error


def _unusable(file: Path | None, error: Exception) -> Problem:
    says = Text("ใช้ไฟล์ {file} ไม่ได้: {why}", "the file {file} cannot be used: {why}")
    return Problem(FILE_UNUSABLE, says.fill(file=file, why=error))

"""The commands ``sapparot evidence``: what an operator does about photographs (docs/howto/take-a-photograph-down.md)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from sapparot import app as application
from sapparot import evidence, ledger
from sapparot.base.clock import clock_from
from sapparot.base.database import Connection, connect
from sapparot.base.jws import MalformedJws, parse
from sapparot.base.logs import configure_logs
from sapparot.base.objects import public_objects, sealed_objects
from sapparot.base.problems import Problem
from sapparot.base.settings import settings_from
from sapparot.base.text import Text
from sapparot.duty.returns.rules import is_hash
from sapparot.evidence.problems import UNKNOWN
from sapparot.evidence.removal import take_down
from sapparot.evidence.rules import PREFIX, name_in

commands = typer.Typer(help="Take photographs down.", no_args_is_help=True)
Data = Annotated[
    Path | None, typer.Option("--data", help="Directory of everything that is kept (SAPPAROT_DATA, ./sapparot-data).")
]
AT_ONCE = 2000
"""Entries of the log that are read together."""
LEFT = Text(
    "{name} อยู่ในรายงานเดียวกันว่าเป็นภาพเดียวกัน (รายการที่ {position}) แต่ภาพนี้หรือรายงานนั้นมาจากเครื่องอื่น หรือภาพยังมาไม่ถึง จึงยังไม่ลบ "
    "โปรดเปิดดู แล้วสั่งลบเองถ้าควรลบ",
    "{name} is named as the same photograph (entry {position}), but another device brought it or says so, or it has not come: it stays. "
    "Look at it, and take it down by itself if it should go",
)


class _Signed(msgspec.Struct):
    jws: str


class _Shot(msgspec.Struct):
    sha256: Any = None
    small: Any = None


class _Named(msgspec.Struct):
    """What a report or reading says of photographs."""

    evidence: list[_Shot] = []


@commands.command("remove")
def remove(
    name: Annotated[str, typer.Argument(metavar="SHA256", help="Hash of the original, or of the published copy.")],
    data: Data = None,
) -> None:
    """Take a photograph down for good: its copy, its small copy and the sealed original go, its entry in the log stays."""
    settings = settings_from(data=data)
    configure_logs(settings.log_format)
    name = name_in(PREFIX + name.lower())
    if settings.database_url is None and not settings.data.is_dir():
        raise Problem(UNKNOWN)  # a mistyped directory must not be made
    stores = sealed_objects(settings.data), public_objects(settings.data, settings.public)
    now = clock_from(settings.clock).now()
    with application.database_of(settings) as url, connect(url) as connection:
        gone = {one.original: one for one in take_down(connection, name, stores, now)}
        if not gone:
            raise Problem(UNKNOWN)
        same = dict(_same(connection, set(gone)))
        brought = evidence.carriers_of(connection, [other for other, _ in same])
        carriers = {one.carrier for one in gone.values()}
        for other, signer in same:
            if signer in carriers and signer == brought.get(other):
                gone |= {one.original: one for one in take_down(connection, other, stores, now)}
    for one in gone.values():
        typer.echo(f"{one.original} {one.published}")
    for other, position in {other: position for (other, _), position in same.items()}.items():
        if other not in gone:
            said = LEFT.fill(name=other, position=f"{position:,}")
            typer.echo(f"{said.th}\n{said.en}", err=True)


def _same(connection: Connection, originals: set[str]) -> Iterator[tuple[tuple[str, str], int]]:
    """Yield what the log names as one photograph with one of these, a smaller copy or its original, with who signed that, and where."""
    size, at = ledger.head(connection).size, 0
    while entries := ledger.read_kinds(connection, (at, size), ["report", "reading"], AT_ONCE):
        at = entries[-1].position + 1
        for entry in entries:
            signer, shots = _shots(entry.body, originals)
            for shot in shots:
                names = {name for name in (shot.sha256, shot.small) if is_hash(name)}
                yield from (((name, signer), entry.position) for name in names - originals if names & originals)


def _shots(body: bytes, originals: set[str]) -> tuple[str, list[_Shot]]:
    """Give who signed an entry that may name one of ``originals``, and its photographs; none for what cannot be read."""
    try:
        jws = parse(msgspec.json.decode(body, type=_Signed).jws)
        if b"\\" not in jws.payload and not any(name.encode() in jws.payload for name in originals):
            return "", []
        return jws.header.kid, msgspec.json.decode(jws.payload, type=_Named).evidence
    except (MalformedJws, msgspec.MsgspecError, ValueError, RecursionError):
        return "", []

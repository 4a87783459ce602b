"""The web server of a cosigner (C2SP tlog-witness): ``add-checkpoint`` with its six answers, and the newest note of every log."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

import structlog
from prometheus_client import Counter, Gauge

from sapparot.base import metrics
from sapparot.base.asgi import (
    AsgiApp,
    Gone,
    Receive,
    Room,
    Scope,
    Send,
    address_of,
    read_body,
    respond,
    respond_problem,
    size_of,
)
from sapparot.base.clock import Clock
from sapparot.base.disk import write_whole
from sapparot.base.doors import Door, check_doors
from sapparot.base.gate import Gate
from sapparot.base.keys import secret_file
from sapparot.base.operators import kept, operator_token
from sapparot.base.problems import BUSY, NOT_FOUND, Problem
from sapparot.base.text import Text
from sapparot.ledger.cosignatures import CosigningKey
from sapparot.ledger.cosigner import Cosigned, Cosigner
from sapparot.ledger.kept import KeptNotes, origin_hash
from sapparot.ledger.problems import KEY_UNUSABLE, OTHER_NAME
from sapparot.ledger.signatures import ED25519, KeyInvalid, VerifierKey
from sapparot.ledger.submission import BODY_BYTES, SIZE_TYPE

log = structlog.get_logger()

ADD_DOOR = Door("POST", "/add-checkpoint", "anyone", body_limit=BODY_BYTES, per_minute=6000)
KEY_DOOR = Door("GET", "/cosigner.vkey", "anyone", per_minute=600)
KEY_FILE = "cosigner.vkey"
TEXT = b"text/plain; charset=utf-8"
EACH_BYTES, ALL_BYTES = 16 * BODY_BYTES, 256 * BODY_BYTES
"""Bytes of requests in memory at once, of one caller and of all."""

ANSWERS = Counter("sapparot_cosigner_answers", "Answers to add-checkpoint", ["status"])
SIZE = Gauge("sapparot_cosigner_size", "Size of the checkpoint cosigned last", ["log"])
AT = Gauge("sapparot_cosigner_time_seconds", "When a checkpoint was cosigned last", ["log"])


def checkpoint_door(origin: str) -> Door:
    """Return the door of the newest note of a log."""
    return Door("GET", f"/{origin_hash(origin)}/checkpoint", "anyone", per_minute=600)


class AddCheckpoint:
    """Answers ``add-checkpoint``; the check and the disk are a thread's affair."""

    def __init__(self, cosigner: Cosigner) -> None:
        self._cosigner = cosigner
        self._room = Room(EACH_BYTES, ALL_BYTES)
        for origin in cosigner.origins:
            if head := cosigner.head(origin):
                SIZE.labels(origin).set(head.size)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            status = await self._answer(scope, receive, send)
        except Problem as problem:
            status = problem.kind.status
            tell = log.warning if status in (422, 500) else log.info
            tell("a checkpoint was refused", status=status, reason=problem.detail.en)
            await respond_problem(send, problem)
        except OSError as error:
            status = BUSY.status
            log.error("the disk refused a checkpoint; nothing was cosigned", reason=str(error))
            await respond_problem(send, Problem(BUSY))
        except Gone:
            return
        ANSWERS.labels(str(status)).inc()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> int:
        caller = address_of(scope)
        size = min(size_of(scope, BODY_BYTES), BODY_BYTES)
        self._room.enter(caller, size)
        try:
            body = await read_body(scope, receive, BODY_BYTES)
            answer = await asyncio.to_thread(self._cosigner.submit, body)
        finally:
            self._room.leave(caller, size)
        if not isinstance(answer, Cosigned):
            log.info("a log asked from another size", log=answer.origin, size=answer.size)
            await respond(send, 409, b"%d\n" % answer.size, SIZE_TYPE.encode())
            return 409
        SIZE.labels(answer.origin).set(answer.size)
        AT.labels(answer.origin).set_to_current_time()
        log.info("cosigned", log=answer.origin, size=answer.size)
        await respond(send, 200, answer.line.encode() + b"\n", TEXT)
        return 200


class Latest:
    """Answers with the newest note of one log."""

    def __init__(self, cosigner: Cosigner, origin: str) -> None:
        self._cosigner = cosigner
        self._origin = origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; 404 before the first checkpoint."""
        note = await asyncio.to_thread(self._cosigner.latest, self._origin)
        if note is None:
            await respond_problem(send, Problem(NOT_FOUND))
        else:
            await respond(send, 200, note, TEXT, [(b"cache-control", b"max-age=5")])


class Words:
    """Answers with a text that does not change."""

    def __init__(self, text: str) -> None:
        self._text = text.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await respond(send, 200, self._text, TEXT)


def cosigner_doors(cosigner: Cosigner) -> dict[Door, AsgiApp]:
    """Return the doors of a cosigner with the applications behind them."""
    doors: dict[Door, AsgiApp] = {
        ADD_DOOR: AddCheckpoint(cosigner),
        KEY_DOOR: Words(cosigner.key.verifier_key.text + "\n"),
    }
    return doors | {checkpoint_door(origin): Latest(cosigner, origin) for origin in cosigner.origins}


def open_cosigner(place: Path, name: str, logs: Iterable[VerifierKey], clock: Clock) -> Cosigner:
    """Return the cosigner that lives in ``place``; its key is made at the first start.

    Raises :class:`Problem` for a name that no key may have, another name than before, a directory in use or a damaged state.
    """
    kept = KeptNotes(place / "logs")
    return Cosigner(cosigning_key(place, name), logs, kept, clock)


def cosigning_key(place: Path, name: str) -> CosigningKey:
    """Return the key that lives in ``place``, made at the first start; raises :class:`Problem` for another name than then."""
    try:
        key = CosigningKey(name, secret_file(place / "secrets" / "cosigner.key"))
    except ValueError as error:
        raise Problem(
            KEY_UNUSABLE, Text(f"ใช้ชื่อ {name!r} ไม่ได้", f"The name {name!r} cannot be used: {error}")
        ) from error
    named = place / KEY_FILE
    if not named.exists():
        write_whole(named, key.verifier_key.text.encode() + b"\n")
    if named.read_text().strip() != key.verifier_key.text:
        raise Problem(OTHER_NAME)
    return key


def read_log_key(text: str) -> VerifierKey:
    """Read a log's verifier key, or the file that holds it; raises :class:`Problem`."""
    try:
        path = Path(text)
        line = text if "+" in text else path.read_text().strip()
        return VerifierKey.read(line, ED25519)
    except (KeyInvalid, OSError, UnicodeDecodeError) as error:
        said = Text(f"ใช้กุญแจของบันทึกสาธารณะ {text!r} ไม่ได้", f"The key of the log {text!r} cannot be used: {error}")
        raise Problem(KEY_UNUSABLE, said) from error


def gate_of(doors: dict[Door, AsgiApp], place: Path) -> Gate:
    """Return the application with ``doors`` and those for whoever watches it; ``place`` holds the operators' token."""
    doors = doors | {metrics.METRICS_DOOR: metrics.metrics, metrics.HEALTH_DOOR: metrics.health}
    apps = kept(doors, operator_token(place))
    exact = {(door.method, door.path): app for door, app in apps.items() if not door.path.endswith("/")}
    prefixes = {(door.method, door.path): app for door, app in apps.items() if door.path.endswith("/")}
    gate = Gate(exact, prefixes)
    check_doors(gate.routes(), doors)
    return gate

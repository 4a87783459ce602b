"""The web server of a mirror: the files that it has verified, and a thread that follows the log."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

import structlog
from prometheus_client import Counter, Gauge

from sapparot.base.asgi import AsgiApp, Receive, Scope, Send, respond, respond_problem
from sapparot.base.clock import Clock
from sapparot.base.doors import Door
from sapparot.base.outside import Unanswered, ask
from sapparot.base.problems import NOT_FOUND, Problem
from sapparot.ledger.cosigner_doors import cosigning_key
from sapparot.ledger.kept import KeptNotes, origin_hash
from sapparot.ledger.mirror import Forked, Mirror
from sapparot.ledger.notes import NoteInvalid
from sapparot.ledger.problems import MIRROR_OF_ANOTHER
from sapparot.ledger.signatures import VerifierKey
from sapparot.ledger.tiles import MOST_BYTES, WIDTH, TileInvalid

log = structlog.get_logger()

FILE_BYTES = WIDTH * (MOST_BYTES + 2)
"""The largest file of a log: a bundle of the largest entries."""
FILE_SECONDS = 60.0
LONGEST_PAUSE = 60.0
_TILE = re.compile(r"tile/(entries|[0-9]|[1-5][0-9]|6[0-3])/(x[0-9]{3}/)*[0-9]{3}(\.p/[1-9][0-9]{0,2})?")
_NAMES = {
    "checkpoint": (b"text/plain; charset=utf-8", b"max-age=2"),
    "log.vkey": (b"text/plain; charset=utf-8", b"max-age=60"),
}
_FOR_EVER = (b"application/octet-stream", b"public, max-age=31536000, immutable")

MIRRORED = Gauge("sapparot_mirror_size", "Size of the checkpoint that the mirror serves")
STEPS = Counter("sapparot_mirror_steps", "Looks at the log's checkpoint", ["outcome"])


def open_mirror(
    place: Path, log_key: VerifierKey, fetch: Callable[[str], bytes], clock: Clock, *, name: str | None = None
) -> Mirror:
    """Return the mirror that lives in ``place``, which cosigns under ``name`` when it has one.

    Raises :class:`Problem` for a directory that is in use or of another log, or a name that the key may not have.
    """
    try:
        mirror = Mirror(place / "log", log_key, KeptNotes(place / "followed"), fetch, clock=clock)
    except NoteInvalid as error:
        raise Problem(MIRROR_OF_ANOTHER) from error
    mirror.key = cosigning_key(place, name) if name else None
    MIRRORED.set(mirror.head().size)
    return mirror


def from_web(address: str) -> Callable[[str], bytes]:
    """Return what fetches files below a web address: ``FileNotFoundError`` for 404, else :class:`Unanswered` for what is not 200."""

    def fetch(path: str) -> bytes:
        answer = ask(f"{address.rstrip('/')}/{path}", most=FILE_BYTES, seconds=FILE_SECONDS)
        if answer.status == 404:
            raise FileNotFoundError(path)
        if answer.status != 200:
            raise Unanswered(f"the log answered {answer.status} for {path}")
        return answer.body

    return fetch


def follow(mirror: Mirror, every: float, stop: threading.Event) -> None:
    """Look at the log every so many seconds until ``stop`` is set; after failures less often."""
    pause = every
    while not stop.wait(pause):
        try:
            moved = mirror.step()
        except (OSError, NoteInvalid, TileInvalid) as error:
            STEPS.labels("failed").inc()
            log.warning("the log could not be mirrored; trying again", reason=str(error))
            pause = min(2 * pause, max(LONGEST_PAUSE, every))
        except Forked as error:
            STEPS.labels("forked").inc()
            log.error("THE LOG WAS REWRITTEN; both signed notes are kept", reason=str(error))
            pause = max(LONGEST_PAUSE, every)
        else:
            STEPS.labels("moved" if moved else "same").inc()
            MIRRORED.set(mirror.head().size)
            pause = every


class Files:
    """Serves the mirrored files below a prefix."""

    def __init__(self, place: Path, prefix: str) -> None:
        self._place = place
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        name = scope["path"].removeprefix(self._prefix)
        media, lasting = _NAMES.get(name) or (_FOR_EVER if _TILE.fullmatch(name) else (b"", b""))
        try:
            if not media:
                raise FileNotFoundError(name)
            data = await asyncio.to_thread((self._place / name).read_bytes)
        except OSError:
            await respond_problem(send, Problem(NOT_FOUND))
        else:
            await respond(send, 200, data, media, [(b"cache-control", lasting)])


def mirror_doors(mirror: Mirror) -> dict[Door, AsgiApp]:
    """Return the doors of a mirror: the log's own paths, and the same below ``/mirror/<origin hash>/`` as C2SP tlog-mirror has it."""
    doors: dict[Door, AsgiApp] = {}
    for prefix in ("/", f"/mirror/{origin_hash(mirror.log_key.name)}/"):
        files = Files(mirror.place, prefix)
        doors |= dict.fromkeys(_paths(prefix), files)
    return doors


def _paths(prefix: str) -> Iterable[Door]:
    return (
        Door("GET", f"{prefix}checkpoint", "anyone", per_minute=6_000),
        Door("GET", f"{prefix}log.vkey", "anyone", per_minute=6_000),
        Door("GET", f"{prefix}tile/", "anyone", per_minute=60_000),
    )

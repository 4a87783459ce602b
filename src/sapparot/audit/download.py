"""A copy made over HTTP: many files at once, each whole or not at all, and none that is here already.

Names whose bytes never change (tiles, bundles, snapshots, photographs) are fetched once; stopping and starting again goes on where it
stopped. Nothing is believed here: what a server sends is judged later, as if it had been copied by hand.
"""

from __future__ import annotations

import http.client
import re
import ssl
import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

from sapparot.audit.problems import NO_COPY, UNREACHABLE
from sapparot.audit.source import CHECKPOINT
from sapparot.base.clock import monotonic
from sapparot.base.outside import packed, pieces
from sapparot.ledger.tiles import MOST_BYTES as MOST_ENTRY_BYTES
from sapparot.ledger.tiles import WIDTH, TileInvalid, read_bundle
from sapparot.ledger.tree import HASH_SIZE

AT_ONCE = 8
ATTEMPTS = 6
SECONDS = 30.0
"""Patience with a server that says nothing."""
PACE_FROM = 30.0
LEAST_PACE = 64
"""Bytes a second that a body brings on the whole, from so many seconds on: a server that drips would hold the audit for ever."""
LONGEST_PAUSE = 60.0
PIECE = 256 * 1024
MOST_BYTES = 2**30
"""A file larger than this is not a published one."""
BUNDLE_BYTES = WIDTH * (MOST_ENTRY_BYTES + 2)
_OF_THE_LOG = re.compile(r"log/tile/(entries|[0-9]+)/[x0-9/]+(?:\.p/([0-9]+))?")


class _Again(Exception):
    """The answer was none; asking again may help, after some seconds when the server named them."""

    def __init__(self, why: str, seconds: float = 0.0) -> None:
        super().__init__(why)
        self.seconds = seconds


class Download:
    """Fetches files below one address into a directory."""

    def __init__(self, url: str, folder: Path, pause: Callable[[float], object] | None = None) -> None:
        """`pause` waits for some seconds before a further attempt. Raises a problem for what is no address."""
        try:
            parts = urlsplit(url)
            self._secure, self._host, self._port = parts.scheme == "https", parts.hostname or "", parts.port
        except ValueError as error:
            raise UNREACHABLE.about(f"{url} ({error})") from error
        self._prefix = parts.path.rstrip("/")
        self._url = url
        self._folder = folder
        self._pause = pause or threading.Event().wait
        self._local = threading.local()

    def wait(self, seconds: float) -> None:
        """Give the server time."""
        self._pause(seconds)

    def fresh(self, names: Iterable[str]) -> None:
        """Fetch files that change; what the server no longer has is gone from the copy too."""
        for name in names:
            if not self._fetch(name):
                (self._folder / name).unlink(missing_ok=True)
                if name == CHECKPOINT:
                    raise NO_COPY.about(f"{self._url}/{name}")

    def bring(self, names: Iterable[str], tell: Callable[[int], None], *, needed: bool = False) -> None:
        """Fetch files that never change and are not here yet; those that the server does not have stay away.

        With `needed` the first that the server does not have ends the download with a problem.
        """
        waiting: deque[Future[bool]] = deque()
        done = 0
        with ThreadPoolExecutor(AT_ONCE) as pool:
            try:
                for name in names:
                    if not (self._folder / name).exists():
                        waiting.append(pool.submit(self._needed if needed else self._fetch, name))
                        if len(waiting) >= 2 * AT_ONCE:
                            waiting.popleft().result()
                    done += 1
                    tell(done)
                while waiting:
                    waiting.popleft().result()
            finally:
                pool.shutdown(cancel_futures=True)

    def _needed(self, name: str) -> bool:
        if not self._fetch(name):
            raise UNREACHABLE.about(f"{self._url}/{name} (HTTP 404)")
        return True

    def _fetch(self, name: str) -> bool:
        """Fetch one file; return False when the server says that there is none. Raises a problem when it cannot be had."""
        why, asked = "", 0.0
        for attempt in range(ATTEMPTS):
            if attempt:
                self._pause(min(LONGEST_PAUSE, max(asked, 0.25 * 2**attempt)))
            try:
                return self._attempt(name)
            except (_Again, OSError, http.client.HTTPException) as error:
                self._close()
                why = str(error) or type(error).__name__
                asked = error.seconds if isinstance(error, _Again) else 0.0
        raise UNREACHABLE.about(f"{self._url}/{name} ({why})")

    def _attempt(self, name: str) -> bool:
        connection = self._connection()
        connection.request("GET", f"{self._prefix}/{name}")
        with connection.getresponse() as answer:
            if answer.status in (404, 410):
                answer.read(PIECE)
                return False
            if answer.status in (408, 425, 429) or answer.status >= 500:
                raise _Again(f"HTTP {answer.status}", _seconds(answer.getheader("Retry-After")))
            if answer.status != 200:
                raise UNREACHABLE.about(f"{self._url}/{name} (HTTP {answer.status})")
            path = self._folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_name(f"{path.name}.{threading.get_ident()}.part")
            try:
                with draft.open("wb") as file:
                    _copy(answer, file)
                _hold_to_its_name(name, draft)
                draft.replace(path)
            finally:
                draft.unlink(missing_ok=True)
        return True

    def _connection(self) -> http.client.HTTPConnection:
        """Return this thread's connection, kept between files."""
        known = getattr(self._local, "connection", None)
        if isinstance(known, http.client.HTTPConnection):
            return known
        made: http.client.HTTPConnection
        if self._secure:
            context = ssl.create_default_context()
            made = http.client.HTTPSConnection(self._host, self._port, timeout=SECONDS, context=context)
        else:
            made = http.client.HTTPConnection(self._host, self._port, timeout=SECONDS)
        self._local.connection = made
        return made

    def _close(self) -> None:
        known = getattr(self._local, "connection", None)
        if isinstance(known, http.client.HTTPConnection):
            known.close()
        self._local.connection = None


def _copy(answer: http.client.HTTPResponse, file: BinaryIO) -> None:
    """Write a body in pieces; raises when it ends early or is larger than anything published."""
    # Only bundles have a reason to come packed, and a small body could unpack to more than the disk holds.
    most = BUNDLE_BYTES if packed(answer) else MOST_BYTES
    written, length, began = 0, answer.length, monotonic()
    for piece in pieces(answer, PIECE):
        written += len(piece)
        if (taken := monotonic() - began) > PACE_FROM and written < taken * LEAST_PACE:
            raise _Again(f"fewer than {LEAST_PACE} bytes a second came")
        if written > most:
            raise _Again("the file is larger than any published one")
        file.write(piece)
    if length is not None and answer.length:
        raise _Again(f"{length - answer.length} of {length} bytes came")


def _hold_to_its_name(name: str, path: Path) -> None:
    """Raise for a tile or bundle that is none, such as the page of a proxy: once kept, it would not be asked for again."""
    named = _OF_THE_LOG.fullmatch(name)
    if named is None:
        return
    width = int(named[2] or WIDTH)
    if path.stat().st_size > BUNDLE_BYTES:
        raise _Again("the file is larger than any bundle")
    data = path.read_bytes()
    try:
        if named[1] == "entries":
            read_bundle(data, width)
        elif len(data) != width * HASH_SIZE:
            raise TileInvalid(f"{len(data)} bytes are not a tile of {width} hashes")
    except TileInvalid as error:
        raise _Again(str(error)) from error


def _seconds(header: str | None) -> float:
    """Return the seconds that a server asks for; 0 for anything else."""
    return float(header) if header is not None and header.isascii() and header.isdecimal() and len(header) < 6 else 0.0

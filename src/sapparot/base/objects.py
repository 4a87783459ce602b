"""Named bytes: a local directory by default, any S3 in production.

A name appears whole or not at all (the local store writes beside and renames). Local stores keep no attributes, so content type and
encoding stand in the name: ``headline.json``, ``sheets.csv``.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import FileIO
from pathlib import Path, PurePosixPath
from typing import TypeVar

import obstore
from obstore.exceptions import AlreadyExistsError
from obstore.store import LocalStore, ObjectStore, from_url

from sapparot.base.disk import force

MEDIA_TYPES = {
    ".json": "application/json",
    ".ndjson": "application/x-ndjson",
    ".csv": "text/csv; charset=utf-8",
    ".jws": "application/jose",
    ".jpg": "image/jpeg",
    ".txt": "text/plain; charset=utf-8",
    ".vkey": "text/plain; charset=utf-8",
}

PIECE = 256 * 1024
"""Bytes of a large object that are in memory at once."""
FILES_AT_ONCE = 128
"""More files than these are forced onto the disk by one call for everything that waits."""
SYNCS_AT_ONCE = 16
AT_ONCE = 16
"""Requests to a store elsewhere that are on their way together: each takes a journey there and back."""
Given = TypeVar("Given")
Result = TypeVar("Result")
_NOWHERE = frozenset(("", ".", ".."))
"""Parts of a name that the stores refuse."""


class Objects:
    """One store of named bytes."""

    def __init__(self, store: ObjectStore, directory: Path | None = None) -> None:
        """``directory``: where a local store keeps its files."""
        self._store = store
        self._directory = directory

    @classmethod
    def at(cls, place: Path | str) -> Objects:
        """Open a directory (made when missing) or a store URL such as ``s3://bucket/prefix``."""
        if isinstance(place, str) and "://" in place:
            return cls(from_url(place))
        return cls(LocalStore(str(place), mkdir=True, automatic_cleanup=True), Path(place))

    def put(self, name: str, data: bytes) -> None:
        """Store ``data`` under ``name``, replacing what was there."""
        obstore.put(self._store, name, data)

    def put_new(self, files: Mapping[str, bytes]) -> list[str]:
        """Store files under names that are free; return the names under which other bytes stand already: they stay.

        So a write that lands late takes nothing away. A directory is looked at first, which leaves the moment between two calls; a store
        that cannot tell (``AWS_CONDITIONAL_PUT=disabled``) takes all.
        """
        put = self._create if self._directory is None else self._put_where_none
        return [name for name, free in zip(files, self.together(put, files.items()), strict=True) if not free]

    def _create(self, file: tuple[str, bytes]) -> bool:
        """Store a file elsewhere; False when other bytes stand there."""
        name, data = file
        try:
            obstore.put(self._store, name, data, mode="create")
        except AlreadyExistsError:
            return self.get(name) == data
        except NotImplementedError:  # so obstore says that conditional puts are switched off
            self.put(name, data)
        return True

    def _put_where_none(self, file: tuple[str, bytes]) -> bool:
        """Store a file in a directory; False when other bytes stand there."""
        name, data = file
        with suppress(FileNotFoundError):
            return self.get(name) == data
        self.put(name, data)
        return True

    def together(self, call: Callable[[Given], Result], items: Iterable[Given]) -> list[Result]:
        """Call for each item, several at once when the store is elsewhere; raises what a call raised."""
        if self._directory is not None:
            return list(map(call, items))
        with ThreadPoolExecutor(AT_ONCE) as threads:
            return list(threads.map(call, items))

    def get(self, name: str) -> bytes:
        """Return the bytes; raises ``FileNotFoundError``."""
        if self._directory is None or not _NOWHERE.isdisjoint(name.split("/")):
            return bytes(obstore.get(self._store, name).bytes())
        try:  # a fifth of the time that the way through the store takes, which proofs feel
            with FileIO(f"{self._directory}/{name}") as file:
                return file.readall()
        except (IsADirectoryError, NotADirectoryError) as error:
            raise FileNotFoundError(name) from error

    def exists(self, name: str) -> bool:
        """Tell whether the name is taken."""
        try:
            obstore.head(self._store, name)
        except FileNotFoundError:
            return False
        return True

    def gone(self, names: Iterable[str]) -> set[str]:
        """Return those of some names that a directory has not; other stores are not asked: they keep what they acknowledge."""
        place = self._directory
        return set() if place is None else {name for name in names if not (place / name).is_file()}

    def names(self, prefix: str = "") -> Iterator[str]:
        """Yield every name below ``prefix``, in no particular order."""
        for chunk in obstore.list(self._store, prefix or None):
            for item in chunk:
                yield item["path"]

    def delete(self, name: str) -> None:
        """Remove the name."""
        obstore.delete(self._store, name)

    async def get_async(self, name: str) -> bytes:
        """Return the bytes without blocking the event loop; raises ``FileNotFoundError``."""
        return bytes(await (await obstore.get_async(self._store, name)).bytes_async())

    async def open_async(self, name: str) -> tuple[int, AsyncIterator[bytes]]:
        """Return the size and the bytes piece by piece, for what is large; raises ``FileNotFoundError``."""
        found = await obstore.get_async(self._store, name)

        async def pieces() -> AsyncIterator[bytes]:
            async for piece in found.stream(min_chunk_size=PIECE):
                yield bytes(piece)

        return found.meta["size"], pieces()

    async def put_async(self, name: str, data: bytes) -> None:
        """Store ``data`` without blocking the event loop."""
        await obstore.put_async(self._store, name, data)

    async def keep_async(self, name: str, data: bytes) -> None:
        """Store ``data`` so that even a power failure after the return cannot take it; for what cannot be made again."""
        await self.put_async(name, data)
        if self._directory is not None:  # other stores keep what they acknowledge, the local one only writes
            await asyncio.to_thread(_sync, self._directory / name, self._directory)

    def sync(self, names: Collection[str]) -> None:
        """Return when what was put under ``names`` outlives a power failure; many names cost little more than a few."""
        if self._directory is None or not names:
            return  # other stores keep what they acknowledge
        if len(names) > FILES_AT_ONCE:
            os.sync()
            return
        files = {self._directory / name for name in names}
        folders = {above for file in files for above in file.parents if above.is_relative_to(self._directory)}
        with ThreadPoolExecutor(SYNCS_AT_ONCE) as threads:  # the journal of the file system writes them together
            deque(threads.map(force, [*files, *folders]), maxlen=0)


def media_type(name: str) -> str:
    """Return the content type that the name's ending says."""
    return MEDIA_TYPES.get(PurePosixPath(name).suffix, "application/octet-stream")


def public_objects(data: Path, place: str | None = None) -> Objects:
    """Return the store of everything that anyone may download: the URL ``place``, or ``public`` of the data directory."""
    return Objects.at(place or data / "public")


def sealed_objects(data: Path) -> Objects:
    """Return the store of original photographs, for the war room only."""
    place = data / "sealed"
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Objects.at(place)


def _sync(file: Path, root: Path) -> None:
    """Force a file, and the directories that lead to it, onto the disk."""
    for path in (file, *(parent for parent in file.parents if parent.is_relative_to(root))):
        force(path)

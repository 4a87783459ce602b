"""Published snapshots: the manifest is the one in the log, every file is the one in the manifest, and none stands beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from sapparot.audit.chain import PublicationKey, Snapshot
from sapparot.audit.facts import Finding, Tell
from sapparot.audit.source import file_sha256, read_file
from sapparot.audit.wording import found
from sapparot.base import canonical
from sapparot.base.jws import MalformedJws, PublicKey, parse
from sapparot.publish import rules
from sapparot.publish.facts import FILE_VERSION, SnapshotMeta, SnapshotPublished

MANIFEST_BYTES = 64 * 1024 * 1024
SNAPSHOTS = "v1/snapshots"
DEFINITIONS = "v1/definitions"
LATEST_BYTES = 1024 * 1024
NUMBER = re.compile("[1-9][0-9]{0,15}")
DEFINITION = re.compile(r"([0-9a-f]{64})\.json")


class _File(Struct):
    sha256: str
    size: int


class Manifest(Struct):
    """What a manifest says of its snapshot, and the files that it has."""

    files: dict[str, _File]
    definition: str = ""
    n: int = 0
    size: int = -1
    root: str = ""
    at: str = ""
    full: bool = False


class _Full(Struct):
    n: int
    url: str


class Latest(Struct):
    """What the pointer to the newest snapshot says of it, all of which follows from that snapshot and those before it."""

    n: int
    size: int
    root: str
    manifest: str
    at: str = ""
    full: bool = False
    url: str = ""
    counted: dict[str, int] = {}
    last_full: _Full | None = None
    v: int = FILE_VERSION


class _Whole(Struct):
    share: int


class _Ballot(Struct):
    ballot: str
    whole: _Whole


class _Headline(Struct):
    ballots: list[_Ballot]


def read_manifest(data: bytes) -> dict[str, str]:
    """Return the SHA-256 of each file that a manifest names; names that no published file can have are left out."""
    try:
        files = canonical.decode(data, Manifest).files
    except msgspec.MsgspecError:
        return {}
    return {name: one.sha256 for name, one in files.items() if rules.wanted_file(f"/{rules.snapshot_name(1, name)}")}


def definition_of(manifest: bytes) -> list[str]:
    """Return the name of the definition that a manifest rests on, when it names one."""
    try:
        name = f"{canonical.decode(manifest, Manifest).definition}.json"
    except msgspec.MsgspecError:
        return []
    return [f"{DEFINITIONS}/{name}"] if DEFINITION.fullmatch(name) else []


def read_key(folder: Path) -> dict[str, Any] | None:
    """Return the publication key (a JWK) that a copy brings; None when it brings none."""
    data = read_file(folder / rules.KEY, LATEST_BYTES)
    try:
        return None if data is None else canonical.decode(data, dict[str, Any])
    except msgspec.MsgspecError:
        return {}


def latest_of(folder: Path) -> Latest | None:
    """Return what the pointer to the newest snapshot says; None when there is none or it cannot be read."""
    data = read_file(folder / rules.LATEST, LATEST_BYTES)
    try:
        return None if data is None else canonical.decode(data, Latest)
    except msgspec.MsgspecError:
        return None


def not_yet_logged(folder: Path, last: int, size: int) -> list[SnapshotPublished]:
    """Give the snapshots behind number `last` whose entries come after the checkpoint, but which count no entry after its `size`.

    What the log would say of them follows from their manifests, so that they can be counted again too.
    """
    found_: list[SnapshotPublished] = []
    while True:
        n = last + 1 + len(found_)
        data = read_file(folder / rules.snapshot_name(n, rules.MANIFEST), MANIFEST_BYTES)
        said = _manifest_of(n, data)
        if data is None or said is None or not 0 <= said.size <= size:
            return found_
        found_.append(SnapshotPublished(n, said.size, said.root, said.at, said.full, rules.digest(data)))


def _manifest_of(n: int, data: bytes | None) -> Manifest | None:
    """Return the manifest of snapshot ``n``; None for bytes that are not that."""
    try:
        said = None if data is None else canonical.decode(data, Manifest)
    except msgspec.MsgspecError:
        return None
    return said if said is not None and said.n == n else None


class Published:
    """The snapshots in a copy, beside those that the log names."""

    def __init__(self, folder: Path, snapshots: Sequence[Snapshot], keys: Sequence[PublicationKey]) -> None:
        """`keys`: those that the log announced, in its order."""
        self._folder = folder
        self._snapshots = {snapshot.said.n: snapshot for snapshot in snapshots}
        self._keys = keys
        self._offered = read_key(folder)
        self._rested: dict[str, None] = {}
        self.files = 0

    def check(self, tell: Tell) -> Iterator[Finding]:
        """Check every snapshot that the log names and every one that the copy holds."""
        for done, snapshot in enumerate(self._snapshots.values(), 1):
            yield from self._snapshot(snapshot)
            tell("files", done, len(self._snapshots))
        if self._keys and self._offered not in (None, self._keys[-1].key):
            yield found("snapshot.other_key", self._keys[-1].position, rules.KEY)
        yield from self._strangers()
        yield from self._definitions()
        yield from self._latest()

    def _snapshot(self, snapshot: Snapshot) -> Iterator[Finding]:
        said, position = snapshot.said, snapshot.position
        folder = f"{SNAPSHOTS}/{said.n}"
        manifest = read_file(self._folder / folder / rules.MANIFEST, MANIFEST_BYTES)
        if manifest is None:
            yield self._absent(snapshot, f"{folder}/{rules.MANIFEST}")
            return
        if rules.digest(manifest) != said.manifest:
            yield found("snapshot.manifest", position, f"{folder}/{rules.MANIFEST}")
        signature = read_file(self._folder / folder / rules.SIGNATURE, LATEST_BYTES)
        key = self._key_at(position)
        if key is None or signature is None:
            yield found("snapshot.unsigned", position, f"{folder}/{rules.SIGNATURE}")
        elif not _signed(key, said, manifest, signature):
            yield found("snapshot.signature", position, f"{folder}/{rules.SIGNATURE}")
        self._rested |= dict.fromkeys(definition_of(manifest))
        named = read_manifest(manifest)
        for name, wanted in named.items():
            held = file_sha256(self._folder / folder / name)
            self.files += held is not None
            if held is None:
                yield self._absent(snapshot, f"{folder}/{name}")
            elif held != wanted:
                yield found("snapshot.file", position, f"{folder}/{name}")
        yield from self._beside(folder, position, named)

    def _absent(self, snapshot: Snapshot, name: str) -> Finding:
        last = snapshot.said.n == max(self._snapshots)
        return found("snapshot.last_missing" if last else "snapshot.pruned", snapshot.position, name)

    def _beside(self, folder: str, position: int, named: dict[str, str]) -> Iterator[Finding]:
        """Find files that stand in the folder of a snapshot without being part of it."""
        known = {*named, rules.MANIFEST, rules.SIGNATURE}
        for path in sorted((self._folder / folder).rglob("*")):
            name = path.relative_to(self._folder / folder).as_posix()
            if (path.is_symlink() or not path.is_dir()) and name not in known:
                yield found("snapshot.stranger", position, f"{folder}/{name}")

    def _key_at(self, position: int) -> dict[str, Any] | None:
        """Return the key that was announced last before a position; an older log announces none, and the copy's own has to do."""
        return next((key.key for key in reversed(self._keys) if key.position < position), self._offered)

    def _strangers(self) -> Iterator[Finding]:
        """Find snapshots in the copy that the log does not name; the newest may have been published after the checkpoint."""
        last = max(self._snapshots, default=0)
        folder = self._folder / SNAPSHOTS
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if not NUMBER.fullmatch(path.name):
                yield found("snapshot.stranger", file=f"{SNAPSHOTS}/{path.name}")
            elif (number := int(path.name)) not in self._snapshots:
                code = self._newer(number) if number > last else "snapshot.unlogged"
                yield found(code, file=f"{SNAPSHOTS}/{path.name}")

    def _newer(self, number: int) -> str:
        """Tell what a snapshot behind the last one is: one of a later log, one that is not done yet, or none at all."""
        path = self._folder / rules.snapshot_name(number, rules.MANIFEST)
        if not path.exists():
            return "snapshot.unfinished"
        mine = _manifest_of(number, read_file(path, MANIFEST_BYTES))
        return "snapshot.unlogged" if mine is None else "snapshot.ahead"

    def _definitions(self) -> Iterator[Finding]:
        folder = self._folder / DEFINITIONS
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            match = DEFINITION.fullmatch(path.name)
            if match is not None and file_sha256(path) != match[1]:
                yield found("definition.altered", file=f"{DEFINITIONS}/{path.name}")
        for name in self._rested:
            if not (self._folder / name).is_file():
                yield found("definition.missing", file=name)

    def _latest(self) -> Iterator[Finding]:
        if not self._snapshots:
            return
        if not (self._folder / rules.LATEST).exists():
            yield found("latest.missing", file=rules.LATEST)
            return
        data, latest = read_file(self._folder / rules.LATEST, LATEST_BYTES), latest_of(self._folder)
        if latest is None:
            yield found("latest.differs", file=rules.LATEST)
            return
        known = self._snapshots.get(latest.n)
        if known is None:
            ahead = latest.n > max(self._snapshots)
            yield found("snapshot.ahead" if ahead else "latest.differs", file=rules.LATEST)
        elif data != canonical.encode(self._pointer(known.said, latest)):  # also one that says more than it should
            yield found("latest.differs", known.position, rules.LATEST)
        elif latest.n < (last := max(self._snapshots)):
            yield found("latest.behind", known.position, rules.LATEST, n=latest.n, last=last)

    def _pointer(self, said: SnapshotPublished, latest: Latest) -> Latest:
        """Give the pointer to a snapshot; what is counted is in its headline, and is taken as it is where that is not in the copy."""
        full = max((n for n, snapshot in self._snapshots.items() if snapshot.said.full and n <= said.n), default=0)
        last_full = _Full(full, f"/{rules.snapshot_name(full, '')}") if full else None
        url, counted = f"/{rules.snapshot_name(said.n, '')}", self._counted(said.n)
        counted = latest.counted if counted is None else counted
        return Latest(said.n, said.size, said.root, said.manifest, said.at, said.full, url, counted, last_full)

    def _counted(self, n: int) -> dict[str, int] | None:
        data = read_file(self._folder / rules.snapshot_name(n, "headline.json"), MANIFEST_BYTES)
        try:
            ballots = [] if data is None else canonical.decode(data, _Headline).ballots
        except msgspec.MsgspecError:
            ballots = []
        return {one.ballot: one.whole.share for one in ballots} or None


def _signed(key: dict[str, Any], said: SnapshotPublished, manifest: bytes, signature: bytes) -> bool:
    """Tell whether the publication key signed the manifest."""
    meta = SnapshotMeta(said.n, said.size, said.root, said.at, said.full, None)
    try:
        jws = parse(signature)
        verifier = PublicKey.from_jwk(key)
    except MalformedJws:
        return False
    typed = jws.header.typ == rules.SIGNATURE_TYPE
    return typed and jws.payload == rules.statement(meta, manifest) and verifier.verify(jws)

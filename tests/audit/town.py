"""A small election as a copy that can be audited: made through the engine, without a database, honestly or by an insider."""

from __future__ import annotations

import hashlib
import random
from collections import deque
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from msgspec import Struct

from sapparot.base import canonical
from sapparot.base.clock import stamp
from sapparot.base.jws import SigningKey
from sapparot.ledger.facts import Head
from sapparot.ledger.notes import NoteSigner, checkpoint_text
from sapparot.ledger.tiles import WIDTH, bundle_path, pack_bundle, tile_path
from sapparot.ledger.tree import Tree, leaf_hash, levels
from sapparot.publish import rules
from sapparot.publish.facts import SnapshotKept, SnapshotMeta
from sapparot.publish.headline import counted_shares
from sapparot.publish.render import Renderer
from sapparot.tally import Tally
from sapparot.verify import Engine
from tests.verify.cast import (
    CLOSES,
    FAR,
    LIST,
    NEXT,
    OTHER_VOTES,
    PEOPLE,
    SHEET,
    STATION,
    VOTES,
    Evening,
    final,
    kid,
    minutes,
)  # fmt: skip

LOG_KEY = NoteSigner("example.org/log", b"l" * 32)
PUBLICATION_KEY = SigningKey.from_secret("EdDSA", b"p" * 32)
PROMISE_KEY = SigningKey.from_secret("EdDSA", b"o" * 32)
SHEETS = (SHEET, LIST, f"{NEXT}/constituency", f"{NEXT}/list")
REPORTS = 120
SNAPSHOTS = 4
Statement = tuple[str, bytes]


def photograph(number: int) -> bytes:
    """The published copy of a photograph, as far as an audit looks at it."""
    return b"\xff\xd8" + number.to_bytes(4, "big") * 50 + b"\xff\xd9"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def evidence(number: int) -> Statement:
    """The entry of a photograph."""
    said = {
        "at": minutes(30), "height": 10, "kind": "evidence", "original": sha256(b"original %d" % number),
        "published": sha256(photograph(number)), "type": "image/jpeg", "v": 1, "width": 10,
    }  # fmt: skip
    return "evidence", canonical.encode(said)


@cache
def statements() -> tuple[Statement, ...]:
    """What people and devices said, signed as it should be."""
    chance = random.Random(7)
    evening = Evening(signed=True)
    evening.put("promise_key", {"key": PROMISE_KEY.jwk, "log": LOG_KEY.name})
    evening.put("publication_key", {"key": PUBLICATION_KEY.jwk})
    volunteers = [name for name, (_, level) in PEOPLE.items() if level == 1]
    evening.put("duties", {"election": "small", "duties": {kid("somchai"): [STATION], kid("malee"): [FAR]}})
    for number in range(REPORTS):
        who, sheet, after = chance.choice(volunteers), chance.choice(SHEETS), 20.0 + number
        if chance.random() < 0.3:
            evening.progress(who, {"1": chance.randint(0, 90)}, after, sheet=sheet)
        else:
            evening.report(who, final(chance.choice((VOTES, VOTES, OTHER_VOTES))), after, sheet=sheet)
        if number % 20 == 0:
            evening.put(*evidence(number))
    evening.decide("wari", "anan", figures=final())
    return tuple((kind, body) for _, kind, body in evening.entries)


class Record(Struct):
    """A log and the other published files by name."""

    log: list[Statement]
    files: dict[str, bytes]


class Keeper:
    """Keeps the record of what was said: conclusions and snapshots stand behind what they rest on."""

    def __init__(self) -> None:
        self.record = Record([], {rules.KEY: canonical.encode(PUBLICATION_KEY.jwk)})
        self._engine, self._tally, self._tree = Engine(), Tally(), Tree()
        self._outs: deque[Statement] = deque()
        self._previous: str | None = None
        self._renderer: Renderer | None = None
        self._n = self._counted = 0

    def keep(self, said: Sequence[Statement]) -> Record:
        first = next(at for at, (kind, _) in enumerate(said) if kind == "report")
        due = {first + (len(said) - first) * step // SNAPSHOTS for step in range(1, SNAPSHOTS)}
        for at, entry in enumerate(said):
            self._append(entry)
            while self._outs:
                self._append(self._outs.popleft())
            if at in due:
                self._publish(full=False)
        self._publish(full=True)
        return self.record

    def _append(self, entry: Statement) -> None:
        self._outs.extend(self._engine.apply(len(self.record.log), *entry))
        self._tree.append(leaf_hash(entry[1]))
        self.record.log.append(entry)

    def _publish(self, *, full: bool) -> None:
        log = self.record.log
        self._tally.apply_many([(at, *log[at]) for at in range(self._counted, len(log))])
        self._counted, self._n = len(log), self._n + 1
        meta = SnapshotMeta(self._n, len(log), self._tree.root().hex(), stamp(CLOSES), full, self._previous)
        result = self._tally.result()
        self._renderer = self._renderer or Renderer(result.election)
        files = self._renderer.render(result, meta)
        entry = rules.entry(meta, files[rules.MANIFEST])
        self.record.files[rules.definition_name(self._renderer.definition_sha256)] = self._renderer.definition
        self.record.files |= {rules.snapshot_name(self._n, name): data for name, data in files.items()}
        signed = PUBLICATION_KEY.sign(rules.statement(meta, files[rules.MANIFEST]), rules.SIGNATURE_TYPE)
        self.record.files[rules.snapshot_name(self._n, rules.SIGNATURE)] = signed.encode()
        self._previous = rules.digest(files[rules.MANIFEST])
        root, manifest = self._tree.root(), bytes.fromhex(self._previous)
        kept = SnapshotKept(meta.n, meta.size, root, CLOSES, full, manifest, counted_shares(result), CLOSES)
        self.record.files[rules.LATEST] = rules.latest(kept, meta.n if full else None)
        self._append(entry)


def kept(said: Sequence[Statement]) -> Record:
    """The record of what was said, with the photographs that it names."""
    record = Keeper().keep(said)
    for number in range(0, REPORTS, 20):
        record.files[f"v1/evidence/{sha256(photograph(number))}.jpg"] = photograph(number)
    return record


@cache
def honest() -> Record:
    return kept(statements())


def head_of(log: Sequence[Statement]) -> Head:
    tree = Tree()
    for _, body in log:
        tree.append(leaf_hash(body))
    return Head(tree.size, tree.root())


def note_of(log: Sequence[Statement], key: NoteSigner = LOG_KEY) -> str:
    """The checkpoint over a log, signed."""
    return key.sign(checkpoint_text(key.name, head_of(log)))


def write(record: Record, folder: Path, *, note: str | None = None, key: NoteSigner = LOG_KEY) -> Path:
    """Write a copy: tiles of the whole log, the checkpoint over it (or another note), and the other files."""
    files = {f"log/{name}": data for name, data in tiled([body for _, body in record.log]).items()}
    files["log/checkpoint"] = (note or note_of(record.log, key)).encode()
    files["log/log.vkey"] = key.verifier_key().encode() + b"\n"
    for name, data in (record.files | files).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def tiled(bodies: Sequence[bytes]) -> dict[str, bytes]:
    """The tiles and bundles of a log."""
    files = {}
    for start in range(0, len(bodies), WIDTH):
        part = bodies[start : start + WIDTH]
        files[bundle_path(start // WIDTH, len(part))] = pack_bundle(part)
    level, row = 0, [leaf_hash(body) for body in bodies]
    while row:
        for start in range(0, len(row), WIDTH):
            files[tile_path(level, start // WIDTH, len(row[start : start + WIDTH]))] = b"".join(
                row[start : start + WIDTH]
            )
        row = [levels(row[start : start + WIDTH])[-1][0] for start in range(0, len(row) - WIDTH + 1, WIDTH)]
        level += 1
    return files

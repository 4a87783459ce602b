"""How long a recount of a national evening takes: the whole log again, in two processes.

Run: make bench ARGS="recount [--stations 95137] [--snapshots 120] [--every 1]"
"""

from __future__ import annotations

import argparse
import resource
import struct
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from bench.verify_fold import above_zero, definitions, register, reports
from sapparot.ledger.tree import Tree, leaf_hash
from sapparot.publish import rules
from sapparot.publish.facts import SnapshotMeta
from sapparot.publish.recount import recount
from sapparot.publish.render import Renderer
from sapparot.tally import KINDS, Entry, Tally
from sapparot.verify import Engine

HEAD = struct.Struct("<BI")
KIND_NAMES = (
    *("election", "parties", "areas", "options", "stations", "network", "policy"),
    *("enrolment", "report", "move", "finding", "snapshot"),
)
AT = "2023-05-14T11:00:00.000000Z"


class FileLog(msgspec.Struct, frozen=True):
    """A log in a file, which another process can read too."""

    path: str

    def __call__(self) -> Iterator[Entry]:
        with Path(self.path).open("rb") as file:
            position = 0
            while head := file.read(HEAD.size):
                kind, size = HEAD.unpack(head)
                yield position, KIND_NAMES[kind], file.read(size)
                position += 1


class Writer:
    """Lays out the log of an evening; conclusions stand right behind what they follow from."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._engine, self._tally, self._tree = Engine(), Tally(), Tree()
        self._outs: deque[tuple[str, bytes]] = deque()
        self._new: list[Entry] = []
        self._renderer: Renderer | None = None
        self.n = 0
        self.previous: str | None = None

    def add(self, kind: str, body: bytes) -> None:
        """Append an entry and everything that follows from it."""
        self._outs.append((kind, body))
        while self._outs:
            kind, body = self._outs.popleft()
            position = self._tree.size
            self._file.write(HEAD.pack(KIND_NAMES.index(kind), len(body)) + body)
            self._tree.append(leaf_hash(body))
            if kind in KINDS:
                self._new.append((position, kind, body))
            self._outs.extend(self._engine.apply(position, kind, body))

    def publish(self, *, full: bool) -> None:
        """Append the entry of a snapshot of everything so far."""
        self._tally.apply_many(self._new)
        self._new = []
        self.n += 1
        meta = SnapshotMeta(self.n, self._tree.size, self._tree.root().hex(), AT, full, self.previous)
        result = self._tally.result()
        self._renderer = self._renderer or Renderer(result.election)
        manifest = self._renderer.render(result, meta)[rules.MANIFEST]
        self.previous = rules.digest(manifest)
        self.add(*rules.entry(meta, manifest))

    @property
    def size(self) -> int:
        """Entries so far."""
        return self._tree.size

    def codes(self) -> list[str]:
        """Station codes of the election."""
        assert self._engine.election is not None
        return self._engine.election.stations.codes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stations", type=above_zero, default=95_137)
    parser.add_argument("--snapshots", type=above_zero, default=120)
    parser.add_argument("--every", type=above_zero, default=1)
    given = parser.parse_args()
    with tempfile.NamedTemporaryFile(prefix="sapparot-log-") as file:
        writer = Writer(file)  # type: ignore[arg-type]
        begin = time.perf_counter()
        lay_out(writer, given.stations, given.snapshots)
        file.flush()
        print(f"{writer.size:,} entries, {writer.n} snapshots, laid out in {time.perf_counter() - begin:.0f} s")
        source = FileLog(file.name)
        begin = time.perf_counter()
        read = sum(1 for _ in source())
        floor = time.perf_counter() - begin
        begin = time.perf_counter()
        report = recount(source, given.every)
        spent = time.perf_counter() - begin
    assert report.equal
    print(
        f"recount: {spent:.1f} s, {spent / read * 1e6:.1f} us an entry, {spent / floor:.0f} times the floor (read the log)"
    )
    print(f"{report.conclusions.compared:,} conclusions and {report.snapshots.compared} snapshots are the same")
    peaks = [resource.getrusage(who).ru_maxrss // 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(f"memory: {peaks[0]} and {peaks[1]} MiB")


def lay_out(writer: Writer, stations: int, snapshots: int) -> None:
    """Write the evening of a nation, with a full snapshot after every tenth."""
    for kind, body in [*definitions(stations), *register(stations)]:
        writer.add(kind, body)
    every = max(1, stations * 6 // snapshots)
    for number, (kind, body) in enumerate(reports(stations, writer.codes()), 1):
        writer.add(kind, body)
        if number % every == 0:
            writer.publish(full=writer.n % 10 == 9)


if __name__ == "__main__":
    main()

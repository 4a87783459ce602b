"""The recount: the public log alone gives every conclusion and every snapshot again, byte for byte.

Two parts that need nothing of each other run side by side. One applies the rules to every report again and compares what follows with
what the log says followed. The other adds up the moves in the log and compares every snapshot with the hash that the log holds of it.
"""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor

import msgspec
from msgspec import Struct

from sapparot.base.children import nothing_from_here
from sapparot.base.heap import look_seldom
from sapparot.base.text import Text
from sapparot.ledger.tree import Tree, leaf_hash
from sapparot.publish import rules
from sapparot.publish.facts import SnapshotMeta, SnapshotPublished
from sapparot.publish.render import Renderer
from sapparot.tally import Entry, Tally
from sapparot.verify import Engine, genuine

DERIVED = frozenset({"move", "finding"})
"""Kinds of entries that the rules conclude."""

NAMED = 100
"""Disagreements that a report names one by one; it counts all of them."""

LAST = 0
"""Render the last snapshot only."""

FROM_NOTHING = Text("ไม่ได้เป็นผลจากรายการใดก่อนหน้า", "follows from nothing")
SOMETHING_ELSE = Text("ตามกฎแล้วต้องเป็นอย่างอื่น", "something else follows")
UNREADABLE = Text("อ่านรายการนี้ไม่ได้ ({why})", "it cannot be read: {why}")
OTHER_ROOT = Text("รากไม่ใช่ของบันทึกสาธารณะที่มีจำนวนรายการเท่านี้", "the root is not that of the log at this size")
NOT_NEXT = Text("หมายเลข {n} ต่อจากหมายเลข {number}", "number {n} follows number {number}")
NO_PLACE = Text(
    "ภาพรวมของ {claimed} รายการอยู่หลังภาพรวมของ {size} รายการที่ตำแหน่ง {position} ไม่ได้",
    "size {claimed} cannot stand after size {size} at position {position}",
)
NO_ELECTION = Text("ไม่มีข้อกำหนดของการเลือกตั้งก่อนหน้า", "no election is defined before it")
OTHER_FILES = Text("ไฟล์ที่สร้างใหม่ไม่เหมือนเดิม", "its files come out differently")

SNAPSHOT = msgspec.json.Decoder(SnapshotPublished)


class Disagreement(Struct, frozen=True):
    """An entry of the log that does not follow from those before it."""

    position: int
    kind: str
    why: Text


class PartCounted(Struct, frozen=True):
    """One part of a recount: how many entries were compared, how many disagree, and the first of those.

    `waiting` counts conclusions that the log does not hold yet, because it ends before they got their place; `rendered` snapshots
    whose files were made again, where the others had only their place and their root compared.
    """

    compared: int
    disagreeing: int
    disagreements: tuple[Disagreement, ...]
    waiting: int = 0
    rendered: int = 0


class RecountReport(Struct, frozen=True):
    """Both parts of a recount."""

    conclusions: PartCounted
    snapshots: PartCounted

    @property
    def equal(self) -> bool:
        """Tell whether everything came out the same."""
        return not self.conclusions.disagreeing and not self.snapshots.disagreeing


Source = Callable[[], Iterable[Entry]]
Tell = Callable[[int], None]
TOLD = 2_000
"""Entries between two words of how far a recount is."""


def nobody(_: int) -> None:
    """Tell nobody."""


def recount(
    source: Source, every: int = 1, *, signatures: bool = False, processes: int = 2, tell: Tell = nobody
) -> RecountReport:
    """Count the log that `source` opens.

    Renders each `every`-th snapshot and the last one; LAST renders the last only. `signatures` verifies each signature
    again. With one process the parts run one after the other; with two, `source` must be importable by the other one.
    `tell` hears how many entries have been judged, which takes longest.
    """
    if processes < 2:
        conclusions = recount_conclusions(source, signatures=signatures, tell=tell)
        return RecountReport(conclusions, recount_snapshots(source, every))
    spawn = multiprocessing.get_context("spawn")
    with nothing_from_here():  # only while they begin: the process, and the one that tracks what they share
        other = ProcessPoolExecutor(1, mp_context=spawn, initializer=look_seldom)
        snapshots = other.submit(recount_snapshots, source, every)
    with other:
        conclusions = recount_conclusions(source, signatures=signatures, tell=tell)
        return RecountReport(conclusions, snapshots.result())


class _Findings:
    """Collects disagreements, the first NAMED of them by name."""

    def __init__(self) -> None:
        self.compared = 0
        self.count = 0
        self.rendered = 0
        self.named: list[Disagreement] = []

    def add(self, position: int, kind: str, why: Text) -> None:
        self.count += 1
        if len(self.named) < NAMED:
            self.named.append(Disagreement(position, kind, why))

    def part(self, waiting: int = 0) -> PartCounted:
        return PartCounted(self.compared, self.count, tuple(self.named), waiting, self.rendered)


def recount_conclusions(source: Source, *, signatures: bool = False, tell: Tell = nobody) -> PartCounted:
    """Apply the rules to every entry again and compare what follows with the moves and findings in the log."""
    engine = Engine(genuine if signatures else None)
    due: deque[tuple[str, bytes]] = deque()
    found = _Findings()
    for position, kind, body in source():
        if position % TOLD == 0:
            tell(position)
        if kind in DERIVED:
            found.compared += 1
            expected = due.popleft() if due else None
            if expected == (kind, body):
                continue  # the engine wrote these very bytes: reading them again tells it nothing
            found.add(position, kind, FROM_NOTHING if expected is None else SOMETHING_ELSE)
        due.extend(engine.apply(position, kind, body))
    return found.part(waiting=len(due))


def recount_snapshots(source: Source, every: int = 1) -> PartCounted:
    """Add the moves up again, render snapshots again and compare them with what the log says was published."""
    recounter = _Snapshots(every)
    for position, kind, body in source():
        recounter.take(position, kind, body)
    return recounter.end()


class _Snapshots:
    """Follows the log one snapshot at a time: the entry of a snapshot stands behind the entries that it counts."""

    def __init__(self, every: int) -> None:
        self._every = every
        self._tally = Tally()
        self._tree = Tree()
        self._entries: deque[Entry] = deque()
        self._leaves: deque[bytes] = deque()
        self._renderer: Renderer | None = None
        self._last: SnapshotPublished | None = None
        self._pending: tuple[int, SnapshotMeta, str] | None = None
        self._found = _Findings()

    def take(self, position: int, kind: str, body: bytes) -> None:
        """Keep an entry until the snapshot comes that counts it."""
        self._leaves.append(leaf_hash(body))
        if kind in self._tally.kinds:
            self._entries.append((position, kind, body))
        elif kind == "snapshot":
            self._snapshot(position, body)

    def end(self) -> PartCounted:
        """Render the last snapshot and give the report."""
        self._render()
        return self._found.part()

    def _snapshot(self, position: int, body: bytes) -> None:
        self._found.compared += 1
        if self._every and self._found.compared % self._every == 0:
            self._render()
        self._pending = None
        try:
            published = SNAPSHOT.decode(body)
        except msgspec.DecodeError as error:
            self._found.add(position, "snapshot", UNREADABLE.fill(why=error))
            return
        if why := self._misplaced(position, published):
            self._found.add(position, "snapshot", why)
            return
        self._advance(published.size)
        if self._tree.root().hex() != published.root:
            self._found.add(position, "snapshot", OTHER_ROOT)
        previous = self._last.manifest if self._last else None
        meta = SnapshotMeta(published.n, published.size, published.root, published.at, published.full, previous)
        self._pending = position, meta, published.manifest
        self._last = published

    def _misplaced(self, position: int, published: SnapshotPublished) -> Text | None:
        number, size = (self._last.n, self._last.size) if self._last else (0, 0)
        if published.n != number + 1:
            return NOT_NEXT.fill(n=published.n, number=number)
        if not size <= published.size <= position:
            return NO_PLACE.fill(claimed=published.size, size=size, position=position)
        return None

    def _advance(self, size: int) -> None:
        """Count everything before position `size`."""
        batch: list[Entry] = []
        while self._entries and self._entries[0][0] < size:
            batch.append(self._entries.popleft())
        self._tally.apply_many(batch)
        while self._tree.size < size:
            self._tree.append(self._leaves.popleft())

    def _render(self) -> None:
        """Render the snapshot that was read last: the tally still stands where it stood."""
        if self._pending is None:
            return
        position, meta, manifest = self._pending
        self._pending = None
        if self._tally.election is None:
            self._found.add(position, "snapshot", NO_ELECTION)
            return
        if self._renderer is None or self._renderer.election is not self._tally.election:
            self._renderer = Renderer(self._tally.election)
        files = self._renderer.render(self._tally.result(), meta)
        self._found.rendered += 1
        if rules.digest(files[rules.MANIFEST]) != manifest:
            self._found.add(position, "snapshot", OTHER_FILES)

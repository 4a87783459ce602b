"""The publisher: follows the log, keeps the tally and puts snapshots of the result out.

Durable order, and what a crash leaves after each step:

1. The files of snapshot n are stored, its manifest last, and forced onto the disk. A crash before step 2, of the whole machine too,
   leaves files that nothing points to and no door shows; the next snapshot takes the same number and writes over them. A process that
   slept in this step, or has a slow store, may have lost the lead meanwhile, and another one may have published this very number: so it
   asks again and again over the connection that holds the lead, and stops when that is gone. What it asks is over before it stores
   anything: a transaction that waited for a slow store would be ended by the server. What is on its way when the lead is lost takes
   nothing away: a file is stored only where none stands, and over other bytes only by who has just asked.
2. One transaction records the snapshot, queues its entry for the log and moves the cursor. A crash after it leaves a pointer to the
   snapshot before; the next start counts the log up to the recorded size, renders the recorded snapshot again, stores whichever of its
   files are missing or damaged, and sets the pointer.
3. The pointer ``latest.json`` is replaced, and once more when an older one lands late. A crash after it leaves a light snapshot with its
   files that was to be thinned; it stays.
4. A light snapshot that is old keeps only its manifest and signature; the log alone gives its files again. Nothing is left to do.

The tally is a view: it lives in memory, and every start counts the log anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

import structlog
from msgspec import to_builtins

from sapparot import ledger
from sapparot.base import canonical, outbox
from sapparot.base.clock import Clock, monotonic, stamp
from sapparot.base.database import Connection
from sapparot.base.follow import advance
from sapparot.base.jws import SigningKey
from sapparot.base.metrics import SNAPSHOT_TIME, TALLY_ALARMS
from sapparot.base.objects import AT_ONCE, Objects
from sapparot.base.pointers import Pointers
from sapparot.base.problems import Problem
from sapparot.publish import rules, store
from sapparot.publish.facts import Pace, SnapshotKept, SnapshotMeta
from sapparot.publish.headline import counted_shares
from sapparot.publish.problems import BEHIND, SUMS_DIFFER
from sapparot.publish.render import Renderer
from sapparot.tally import Result, Tally

log = structlog.get_logger()

BATCH = 20_000
"""Entries read at once."""

LEAD_SECONDS = 0.2
"""How long a publisher that stores files believes that it still leads."""
LOOK_SECONDS = 0.1
"""How often the log is looked at while nothing in it changes the result."""


class Publisher:
    """Makes snapshots; the same log, numbers and moments give the same files."""

    name = "publish"

    def __init__(self, public: Objects, key: SigningKey, clock: Clock, pace: Pace | None = None) -> None:
        self._public = public
        self._pointers = Pointers(public)
        self._key = key
        self._clock = clock
        self._pace = pace or Pace()
        self._tally = Tally()
        self._position = 0
        self._timing = rules.Timing()
        self._look_at = float("-inf")
        self._last: SnapshotKept | None = None
        self._renderer: Renderer | None = None

    def start(self, connection: Connection) -> None:
        """Announce the key, count the log up to the last snapshot, and make good whatever of it is not in public.

        Raises when a later one is public: the database was restored from an older copy.
        """
        store.announce(connection, rules.key_entry(self._key.jwk))
        self._last = store.last(connection)
        connection.commit()
        self._not_behind()
        self._public.put(rules.KEY, canonical.encode(self._key.jwk))
        if self._last is None:
            return
        while self._position < self._last.size:
            self._read(connection, self._last.size)
        self._repair(connection, self._last)

    def step(self, connection: Connection) -> int:
        """Count new entries and, when it is time, publish; return how many entries changed the result."""
        now = monotonic()
        if now < self._look_at:
            return 0
        for name, data in self._pointers.displaced().items():
            self._ask(connection)
            self._pointers.put(name, data)
        head = ledger.head(connection)
        done = self._read(connection, head.size)
        if done:
            self._timing.change(now)
        if self._position < head.size:
            return done
        self._look_at = now + LOOK_SECONDS
        due = self._timing.due(now, self._pace)
        if due != "nothing" and self._tally.election is not None:
            self._publish(connection, head, full=due == "full")
            self._look_at = min(self._timing.next_light(self._pace), now + max(self._pace.light, self._pace.pause))
        return done

    def _read(self, connection: Connection, end: int) -> int:
        """Count at most BATCH entries that matter before position ``end``; return how many there were."""
        entries = ledger.read_kinds(connection, (self._position, end), sorted(self._tally.kinds), BATCH)
        self._tally.apply_many(entries)
        self._position = end if len(entries) < BATCH else entries[-1].position + 1
        return len(entries)

    def _publish(self, connection: Connection, head: ledger.Head, *, full: bool) -> None:
        began = monotonic()
        last, moment, result = self._last, self._moment(), self._tally.result()
        if check := full or self._timing.check_is_due(began, self._pace):
            self._check(connection, head.size)
            self._timing.checked(began, monotonic() - began)
        n, previous = (last.n + 1, last.manifest.hex()) if last else (1, None)
        meta = SnapshotMeta(n, head.size, head.root.hex(), stamp(moment), full, previous)
        connection.commit()
        files = self._files(result, meta)
        self._store(connection, n, files)
        self._public.sync([rules.snapshot_name(n, name) for name in files])
        manifest = files[rules.MANIFEST]
        kept = SnapshotKept(
            n=n,
            size=head.size,
            root=head.root,
            at=moment,
            full=full,
            manifest=bytes.fromhex(rules.digest(manifest)),
            counted=counted_shares(result),
            published_at=self._clock.now(),
        )
        store.keep(connection, kept)
        outbox.put(connection, [rules.entry(meta, manifest)])
        advance(connection, self.name, head.size)
        connection.commit()
        self._last = kept
        self._point(connection, kept)
        self._timing.made(began, monotonic() - began, full=full)
        if check:
            self._renderer_for(result).refresh(result, head.size)
        self._thin(connection, n - self._pace.kept)

    def _moment(self) -> datetime:
        """Give the moment of the next snapshot, never before the last one: another machine, with another clock, may have made that."""
        now = self._clock.now()
        return max(now, self._last.at) if self._last else now

    def _store(self, connection: Connection, n: int, files: Mapping[str, bytes]) -> None:
        """Store the files of snapshot ``n``, some at a time, while we lead; raises when the connection that holds the lead is gone."""
        named = [(rules.snapshot_name(n, name), data) for name, data in files.items()]
        *others, manifest = named
        asked = float("-inf")
        for batch in [*(others[at : at + AT_ONCE] for at in range(0, len(others), AT_ONCE)), [manifest]]:
            some = dict(batch)
            if monotonic() - asked >= LEAD_SECONDS:
                asked = self._ask(connection)
            for name in self._public.put_new(some):  # a crash left other bytes there, or who led before us did
                asked = self._ask(connection)
                self._public.put(name, some[name])

    def _ask(self, connection: Connection) -> float:
        """Raise when the connection that holds the lead is gone; return the moment of the question."""
        now = monotonic()
        store.ask(connection)
        connection.commit()
        return now

    def _files(self, result: Result, meta: SnapshotMeta) -> dict[str, bytes]:
        """Give every file of a snapshot, the signature and the manifest last."""
        files = self._renderer_for(result).render(result, meta)
        manifest = files.pop(rules.MANIFEST)
        signature = self._key.sign(rules.statement(meta, manifest), rules.SIGNATURE_TYPE)
        return files | {rules.SIGNATURE: signature.encode(), rules.MANIFEST: manifest}

    def _not_behind(self) -> None:
        """Raise when a newer snapshot is public than was ever kept here: ours would take its number and its place with other bytes."""
        try:
            pointed = rules.pointed(self._public.get(rules.LATEST))
        except FileNotFoundError:
            return
        if pointed > (self._last.n if self._last else 0):
            raise Problem(BEHIND, n=pointed)

    def _point(self, connection: Connection, kept: SnapshotKept) -> None:
        pointer = rules.latest(kept, store.last_full(connection))
        connection.commit()
        self._pointers.put(rules.LATEST, pointer)
        SNAPSHOT_TIME.set(kept.at.timestamp())

    def _thin(self, connection: Connection, n: int) -> None:
        """Remove the large files of a light snapshot: a long evening makes tens of thousands, a megabyte each."""
        if n < 1 or store.is_full(connection, n):
            return
        connection.commit()
        lasting = {rules.snapshot_name(n, name) for name in (rules.MANIFEST, rules.SIGNATURE)}
        self._public.together(
            self._public.delete, sorted(set(self._public.names(rules.snapshot_name(n, ""))) - lasting)
        )

    def _renderer_for(self, result: Result) -> Renderer:
        if self._renderer is None or self._renderer.election is not result.election:
            self._renderer = Renderer(result.election)
            name = rules.definition_name(self._renderer.definition_sha256)
            self._public.put(name, self._renderer.definition)  # again: a power failure may have torn it
            self._public.sync([name])
        return self._renderer

    def _check(self, connection: Connection, size: int) -> None:
        """Compare running sums with recomputed ones; on the smallest difference raise the alarm and publish nothing.

        The follower is then started again and counts the log anew.
        """
        differences = self._tally.compare()
        if not differences:
            return
        connection.rollback()
        store.raise_alarm(connection, self._clock.now(), size, differences)
        connection.commit()
        TALLY_ALARMS.inc(len(differences))
        log.error("sums differ", size=size, differences=[to_builtins(difference) for difference in differences])
        raise Problem(SUMS_DIFFER, size=size)

    def _repair(self, connection: Connection, last: SnapshotKept) -> None:
        """Store again what is missing or damaged of the last snapshot, and set the pointer to it."""
        previous = store.manifest_of(connection, last.n - 1)
        meta = SnapshotMeta(
            last.n, last.size, last.root.hex(), stamp(last.at), last.full, previous.hex() if previous else None
        )
        connection.commit()
        files = self._files(self._tally.result(), meta)
        if rules.digest(files[rules.MANIFEST]) == last.manifest.hex():
            self._public.together(self._make_good, [(rules.snapshot_name(last.n, name), files[name]) for name in files])
            self._public.sync([rules.snapshot_name(last.n, name) for name in files])
        else:
            log.warning("another version of the program made the last snapshot; its files stay as they are", n=last.n)
        self._point(connection, last)

    def _make_good(self, file: tuple[str, bytes]) -> None:
        name, data = file
        with suppress(FileNotFoundError):
            if self._public.get(name) == data:
                return
        log.warning("a published file was missing or damaged", name=name)
        self._public.put(name, data)

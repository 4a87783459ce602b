"""Admission: a report whose signature stands under an enrolled key gets its place in the log; every other one is refused, visibly.

This is the sequencer's source of reports. It runs in the sequencer's transaction: what is taken off the queue, refusals and log entries
commit together, so a crash at any moment leaves each report either waiting or placed, never both.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter, OrderedDict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple
from uuid import UUID

from sapparot.base import canonical
from sapparot.base.clock import Clock, stamp
from sapparot.base.database import AsyncConnection, Connection
from sapparot.base.jws import Jws, MalformedJws, PublicKey, parse, unb64
from sapparot.base.metrics import INTAKE_REFUSED
from sapparot.intake import store
from sapparot.intake.facts import REPORT_TYPE, Line
from sapparot.intake.problems import AMBIGUOUS, BAD_SIGNATURE, DEVICE_REVOKED, DEVICE_UNKNOWN, NOT_A_REPORT
from sapparot.intake.rules import reads_one_way
from sapparot.intake.store import Received, Refusal
from sapparot.people import Device, devices_async, enrolled

KEYS_KEPT = 120_000
"""Public keys kept ready, about 2 kB each: those of a national evening, each of which is needed several times."""
CHUNK = 100
"""Reports that one thread judges at a time."""
FOR_GOOD = frozenset({AMBIGUOUS.code, DEVICE_REVOKED.code})
"""Refusals of signed bytes that nothing later can turn into an admission, so that the log never holds two reports of one id."""


class _Case(NamedTuple):
    """A report with what is known about the device that it names."""

    report: Received
    jws: Jws | None
    key: PublicKey | None
    revoked: Device | None


class Admission:
    """Checks signatures of waiting reports, several at a time where the machine has processors to spare."""

    def __init__(self, clock: Clock, threads: int | None = None) -> None:
        """``threads``: half as many as there are processors when not given; with one, nothing is handed over."""
        self._clock = clock
        self._keys: OrderedDict[str, PublicKey] = OrderedDict()
        threads = threads or max(1, (os.cpu_count() or 1) // 2)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="signatures") if threads > 1 else None

    def start(self, connection: Connection) -> None:
        """Only keys are kept in memory, and those never change."""

    def take(self, connection: Connection, limit: int) -> list[tuple[str, bytes]]:
        """Return the oldest waiting reports as log entries, and record the others as refused."""
        waiting = store.take(connection, limit)
        if not waiting:
            return []
        outcomes = self._judge(connection, waiting)
        refusals = [Refusal(report, code) for report, code in zip(waiting, outcomes, strict=True) if code]
        store.refuse(connection, refusals, self._clock.now())
        for code, number in Counter(refusal.code for refusal in refusals).items():
            INTAKE_REFUSED.labels(code).inc(number)
        return [entry(report) for report, code in zip(waiting, outcomes, strict=True) if not code]

    def _judge(self, connection: Connection, waiting: list[Received]) -> list[str | None]:
        parsed = [_parsed(report.jws) for report in waiting]
        kids = {jws.header.kid for jws in parsed if jws}
        keys, revoked = self._keys_for(connection, kids), enrolled(connection, kids, revoked=True)
        cases = [
            _Case(report, jws, keys.get(jws.header.kid), revoked.get(jws.header.kid))
            if jws
            else _Case(report, None, None, None)
            for report, jws in zip(waiting, parsed, strict=True)
        ]
        if self._pool is None:
            return _judged(cases)
        chunks = [cases[start : start + CHUNK] for start in range(0, len(cases), CHUNK)]
        return [code for codes in self._pool.map(_judged, chunks) for code in codes]

    def _keys_for(self, connection: Connection, kids: Iterable[str]) -> dict[str, PublicKey]:
        found = {kid: self._keys[kid] for kid in kids if kid in self._keys}
        missing = [kid for kid in kids if kid not in found]
        for device in enrolled(connection, missing).values() if missing else ():
            found[device.kid] = self._keys[device.kid] = PublicKey.from_jwk(device.key)
        for kid in found:
            self._keys.move_to_end(kid)
        while len(self._keys) > KEYS_KEPT:
            self._keys.popitem(last=False)
        return found


def entry(report: Received) -> tuple[str, bytes]:
    """Return the log entry of an admitted report."""
    return "report", canonical.encode(
        {"at": stamp(report.received_at), "jws": report.jws.decode(), "kind": "report", "v": 1}
    )


async def usurped(connection: AsyncConnection, lines: Sequence[Line]) -> dict[UUID, tuple[Line, bytes]]:
    """Return, by id, the lines that an enrolled device signed while bytes that are no report hold their id, with these bytes.

    Whoever carries others' reports could otherwise block one by sending forged bytes under its id first, or bytes that are signed
    and refused all the same.
    """
    holders = await store.held(connection, [line.id for line in lines])
    raws = [*(raw for raw, _ in holders.values()), *(line.jws for line in lines)]
    kids = {jws.header.kid for raw in raws if (jws := _parsed(raw))}
    known = await devices_async(connection, kids)
    return await asyncio.to_thread(_usurped, lines, holders, known)


def _usurped(
    lines: Sequence[Line], holders: dict[UUID, tuple[bytes, str | None]], known: dict[str, Device]
) -> dict[UUID, tuple[Line, bytes]]:
    found: dict[UUID, tuple[Line, bytes]] = {}
    for line in lines:
        holder, refused = holders.get(line.id, (None, None))
        if holder is None or line.id in found or not _signed(line.jws, known):
            continue
        if refused in FOR_GOOD or not _signed(holder, known):
            found[line.id] = (line, holder)
    return found


def _signed(raw: bytes, known: dict[str, Device]) -> bool:
    jws = _parsed(raw)
    device = known.get(jws.header.kid) if jws else None
    return jws is not None and device is not None and PublicKey.from_jwk(device.key).verify(jws)


def _parsed(line: bytes) -> Jws | None:
    try:
        jws = parse(line)
    except MalformedJws:
        return None
    return jws if jws.header.typ == REPORT_TYPE else None


def _judged(cases: list[_Case]) -> list[str | None]:
    """Return for each case the code of the refusal, or None when the report is admitted."""
    return [_refusal(case) for case in cases]


def _refusal(case: _Case) -> str | None:
    if case.jws is None:
        return NOT_A_REPORT.code
    if case.key is None:
        return DEVICE_UNKNOWN.code
    if case.revoked and case.revoked.revoked_at and case.report.received_at >= case.revoked.revoked_at:
        return DEVICE_REVOKED.code
    if not case.key.verify(case.jws):
        return BAD_SIGNATURE.code
    head, _, _ = case.jws.signing_input.partition(b".")
    return None if reads_one_way(unb64(head)) and reads_one_way(case.jws.payload) else AMBIGUOUS.code

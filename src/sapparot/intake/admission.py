"""Admission: a report whose signature stands under an enrolled key gets its place in the log; every other one is refused, visibly.

This is the sequencer's source of reports. It runs in the sequencer's transaction: cursor, refusals and log entries commit together, so a
crash at any moment leaves each report either waiting or placed, never both.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from sapparot.base import canonical
from sapparot.base.clock import Clock, stamp
from sapparot.base.database import AsyncConnection, Connection
from sapparot.base.jws import Jws, MalformedJws, PublicKey, parse
from sapparot.intake import store
from sapparot.intake.facts import REPORT_TYPE
from sapparot.intake.problems import BAD_SIGNATURE, DEVICE_REVOKED, DEVICE_UNKNOWN, NOT_A_REPORT
from sapparot.intake.store import Received, Refusal
from sapparot.people import Device, devices, devices_async

KEYS_KEPT = 60_000
"""Public keys kept ready, about 1 kB each."""


class Admission:
    """Checks signatures of waiting reports, several at a time."""

    def __init__(self, clock: Clock, threads: int = 2) -> None:
        self._clock = clock
        self._keys: OrderedDict[str, PublicKey] = OrderedDict()
        self._after = (0, UUID(int=0))
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="signatures")

    def start(self, connection: Connection) -> None:
        """Begin after the last report that was dealt with."""
        self._after = store.admitted(connection)

    def take(self, connection: Connection, limit: int) -> list[tuple[str, bytes]]:
        """Return the oldest waiting reports as log entries, and record the others as refused."""
        waiting = store.waiting(connection, self._after, limit)
        if not waiting:
            return []
        outcomes = self._judge(connection, waiting)
        refusals = [Refusal(report, code) for report, code in zip(waiting, outcomes, strict=True) if code]
        store.admit(connection, waiting[-1], refusals, self._clock.now())
        self._after = (waiting[-1].transaction, waiting[-1].id)
        return [entry(report) for report, code in zip(waiting, outcomes, strict=True) if not code]

    def _judge(self, connection: Connection, waiting: list[Received]) -> list[str | None]:
        parsed = [_parsed(report.jws) for report in waiting]
        keys = self._keys_for(connection, {jws.header.kid for jws in parsed if jws})
        revoked = devices(connection, [jws.header.kid for jws in parsed if jws], revoked=True)
        tasks = [
            (report, jws, keys.get(jws.header.kid) if jws else None, revoked.get(jws.header.kid) if jws else None)
            for report, jws in zip(waiting, parsed, strict=True)
        ]
        return list(self._pool.map(lambda task: _judged(*task), tasks, chunksize=64))

    def _keys_for(self, connection: Connection, kids: Iterable[str]) -> dict[str, PublicKey]:
        found = {kid: self._keys[kid] for kid in kids if kid in self._keys}
        missing = [kid for kid in kids if kid not in found]
        for device in devices(connection, missing).values() if missing else ():
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


async def authentic(connection: AsyncConnection, line: bytes) -> bool:
    """Tell whether an enrolled device signed these bytes."""
    jws = _parsed(line)
    if jws is None:
        return False
    device = (await devices_async(connection, [jws.header.kid])).get(jws.header.kid)
    return device is not None and PublicKey.from_jwk(device.key).verify(jws)


def _parsed(line: bytes) -> Jws | None:
    try:
        jws = parse(line)
    except MalformedJws:
        return None
    return jws if jws.header.typ == REPORT_TYPE else None


def _judged(report: Received, jws: Jws | None, key: PublicKey | None, revoked: Device | None) -> str | None:
    """Return the code of the refusal, or None when the report is admitted."""
    if jws is None:
        return NOT_A_REPORT.code
    if key is None:
        return DEVICE_UNKNOWN.code
    if revoked and revoked.revoked_at and report.received_at >= revoked.revoked_at:
        return DEVICE_REVOKED.code
    return None if key.verify(jws) else BAD_SIGNATURE.code

"""Reports whose time lies before that of what stands in front of them: the log grows as reports arrive, so somebody set that time back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np

from sapparot.audit.facts import Finding
from sapparot.audit.wording import found
from sapparot.base.clock import unstamp
from sapparot.verify.letters import seconds

PATIENCE = 600
"""Seconds by which two servers, or two clocks of one, may differ."""
SHARED = 3
"""Entries in a row that must have reached a time: one that was set ahead must not put all behind it in the wrong."""
SIZE = 4
LATEST = 2 ** (8 * SIZE) - 1


def packed(at: object) -> bytes:
    """Return a moment as whole seconds since 1970 in SIZE bytes, little-endian; 0 for what is none, or lies beyond."""
    try:
        moment = seconds(unstamp(at)) if isinstance(at, str) else 0
    except ValueError:
        moment = 0
    return (moment if 0 <= moment <= LATEST else 0).to_bytes(SIZE, "little")


def backdated(times: bytes, places: bytes) -> Iterator[Finding]:
    """Find reports that are older than one before them; `times` and `places` as `survey` gives them, put together."""
    moments, positions = np.frombuffer(times, "<u4").astype(np.int64), np.frombuffer(places, "<u8")
    shared = moments.copy()
    for ahead in range(1, min(SHARED, len(moments))):
        shared[:-ahead] = np.minimum(shared[:-ahead], moments[ahead:])
    reached = np.maximum.accumulate(shared)
    for at in np.flatnonzero((moments > 0) & (reached - moments > PATIENCE)).tolist():
        yield found("report.backdated", int(positions[at]), at=_said(moments[at]), reached=_said(reached[at]))


def _said(moment: np.int64) -> str:
    return f"{datetime.fromtimestamp(int(moment), UTC):%Y-%m-%dT%H:%M:%SZ}"

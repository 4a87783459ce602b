"""The doors of a process that has no others: those who watch it ask here, as they ask a process that answers phones and browsers."""

from __future__ import annotations

from pathlib import Path

from sapparot.base.asgi import AsgiApp
from sapparot.base.database import AsyncPool, pool
from sapparot.base.doors import Door, check_doors
from sapparot.base.gate import Gate
from sapparot.base.metrics import HEALTH_DOOR, METRICS_DOOR, READY_DOOR, Ready, health, metrics
from sapparot.base.operators import kept, operator_token


def watch_doors(database: AsyncPool) -> dict[Door, AsgiApp]:
    """Return the doors that every process has which listens."""
    return {METRICS_DOOR: metrics, HEALTH_DOOR: health, READY_DOOR: Ready(database)}


def watch_gate(data: Path, url: str) -> Gate:
    """Return these doors as an application of their own."""
    database = pool(url, 1)
    doors = watch_doors(database)
    exact = {(door.method, door.path): app for door, app in kept(doors, operator_token(data)).items()}
    gate = Gate(exact, {}, hooks=([database.open], [database.close]))
    check_doors(gate.routes(), doors)
    return gate

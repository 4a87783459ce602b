"""The entries that verify appends to the log (docs/formats/moves-and-findings.md)."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from sapparot.base import canonical
from sapparot.verify.facts import Finding, Standing, Value, Weight
from sapparot.verify.shapes import Shape

Entry: TypeAlias = tuple[str, bytes]
"""Kind and canonical JSON."""


class _Move(Struct):
    cause: int
    figures: dict[str, object] | None
    layer: str
    reason: str
    sheet: str
    sources: int
    state: str
    was: str
    kind: str = "move"
    v: int = 1


class _Finding(Struct):
    cause: int
    outcome: str
    rule: str
    sheet: str | None
    values: dict[str, Value]
    weight: str
    kind: str = "finding"
    v: int = 1


def move_entry(sheet: str, shape: Shape, was: Standing, now: Standing, cause: int) -> Entry:
    """Write that the standing of a sheet changed because of the entry at position `cause`."""
    figures = None if now.row is None else shape.unpack(now.row)
    return "move", canonical.encode(
        _Move(cause, figures, now.layer, now.reason, sheet, now.sources, now.state, was.state)
    )


def finding_entry(finding: Finding, weight: Weight, sheet: str | None, cause: int) -> Entry:
    """Write that a rule failed on the entry at position `cause`; `sheet` is None when the entry is about no sheet of ours."""
    values = {name: _bounded(value) for name, value in finding.values.items()}
    return "finding", canonical.encode(_Finding(cause, finding.outcome, finding.rule, sheet, values, weight))


def _bounded(value: Value) -> Value:
    """Keep integers within what canonical JSON can hold."""
    if isinstance(value, int):
        return max(-canonical.MAX_INTEGER, min(canonical.MAX_INTEGER, value))
    return value

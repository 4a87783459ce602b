"""What verify knows and says: findings on a report, claims about a sheet, and the standing that follows from them."""

from collections.abc import Mapping
from functools import cache
from typing import Literal, TypeAlias

from msgspec import Struct

Outcome: TypeAlias = Literal["passed", "failed", "unknown", "not_applicable"]
State: TypeAlias = Literal["empty", "live", "reported", "confirmed", "disputed", "settled"]
Layer: TypeAlias = Literal["none", "live", "reported", "confirmed", "settled"]
Weight: TypeAlias = Literal["dispute", "note", "off"]
Stage: TypeAlias = Literal["progress", "final", "official", "reading"]
Row: TypeAlias = bytes
"""The figures of one sheet, packed by `shapes.Shape`; equal figures are equal bytes."""

Value: TypeAlias = int | str
Place: TypeAlias = tuple[int, int]
"""Latitude and longitude in microdegrees, WGS 84."""


class Finding(Struct, frozen=True, gc=False):
    """The outcome of one rule on one report, with the few values that its sentence needs (see `sentences`)."""

    rule: str
    outcome: Outcome
    values: Mapping[str, Value] = {}


def passed(rule: str, **values: Value) -> Finding:
    """Say that a rule holds."""
    return Finding(rule, "passed", values)


def failed(rule: str, **values: Value) -> Finding:
    """Say that a rule does not hold."""
    return Finding(rule, "failed", values)


@cache
def unknown(rule: str, missing: str) -> Finding:
    """Say that a rule cannot be judged; `missing` is a key of `sentences.WORDS`."""
    return Finding(rule, "unknown", {"missing": missing})


@cache
def not_applicable(rule: str) -> Finding:
    """Say that a rule does not speak about this report."""
    return Finding(rule, "not_applicable")


class Claim(Struct, frozen=True, gc=False):
    """What one device says about one sheet: its current progress, a final it has not withdrawn, or a blind reading.

    `position` is its place in the ledger, `at` when it was received (seconds since 1970), `total` the sum of its votes,
    `failed` the names of the rules that failed on it, `channel` how it came when not signed by the person's own device.
    """

    position: int
    id: str
    device: str
    network: str
    stage: Stage
    row: Row
    total: int
    seq: int
    at: int
    failed: tuple[str, ...] = ()
    channel: str = ""


class Verdict(Struct, frozen=True, gc=False):
    """What the claims of a sheet say by themselves, whatever was held true before.

    `live` holds the figures to fall back to when the sheet is disputed; `sources` counts the independent groups behind `row`.
    """

    state: State
    reason: str
    row: Row | None = None
    live: Row | None = None
    sources: int = 0


class Standing(Struct, frozen=True, gc=False):
    """What we hold true for a sheet now: its state, the layer it counts in, its figures, and why.

    `row` is None exactly when `layer` is none. `sources` counts the independent groups behind the figures; for a settled
    sheet, the people who decided.
    """

    state: State
    layer: Layer
    row: Row | None
    sources: int
    reason: str


NOTHING = Standing("empty", "none", None, 0, "nothing_stands")
"""The standing of a sheet about which nothing was said."""


class Profile(Struct, frozen=True, gc=False):
    """The counted figures of a sheet as its neighbours see them.

    `turnout` is ballots cast per thousand eligible voters, None when either is not known; `top` is the column of the option
    with most votes.
    """

    row: Row
    total: int
    turnout: int | None
    top: int

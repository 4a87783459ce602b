"""What a demo is asked for, and what it finds."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from sapparot.simulate.deviations import Explained
from sapparot.simulate.facts import Flat, Gathered
from sapparot.simulate.judge import SeatsOf, SheetsJudged
from sapparot.simulate.mix import Mix

Doors = Literal["devices", "people"]


class DemoPlan(msgspec.Struct, frozen=True, kw_only=True):
    """The options of ``sapparot demo``."""

    election: Path
    """Folder of the election with its published results and volunteers."""
    scale: float = 1.0
    speed: float | None = None
    seed: int = 1
    honest: bool = False
    mix: Mix = Mix()
    """How much goes wrong, unless everybody is honest."""
    photos: int = 300
    flat: Flat | None = None
    """An even load instead of the evening's course, for benches."""
    doors: Doors = "devices"
    """``people``: everybody joins, trains, takes a duty and checks in before the evening; ``devices``: bare devices by invite code."""


class Reports(msgspec.Struct, frozen=True):
    """Lines that phones sent, by what became of them; ``refused`` at the door or for their signature."""

    sent: int
    accepted: int
    duplicate: int
    refused: int


class Visible(msgspec.Struct, frozen=True):
    """Seconds from acceptance to a published snapshot."""

    p50: float
    p99: float


class Recounted(msgspec.Struct, frozen=True):
    """How much the recount of a demo did: every conclusion, and of its ``snapshots`` some ``rendered`` again. It checks no signatures."""

    snapshots: int
    rendered: int


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What ``--json`` writes; ``sheets_judged`` tells more about the sheets."""

    reports: Reports
    accepted_per_s: float
    visible_s: Visible
    trend_at: str | None
    leaders_at: str | None
    sheets: dict[str, int]
    parliament: list[SeatsOf]
    parliament_equal: bool
    recount_equal: bool
    recounted: Recounted
    wall_s: float
    peak_rss_mib: float
    phases_s: dict[str, float]
    sheets_judged: SheetsJudged
    deviations: dict[str, dict[str, int]]
    """Seats by which a party differs from the published parliament, ours and theirs."""
    explained: Explained
    """Whether sheets that are disputed or uncounted explain every deviation, in leaders of constituencies and in list seats."""
    people: Gathered | None = None
    """What came of the people who came through their own doors."""

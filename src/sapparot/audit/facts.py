"""What an audit is asked, and what it says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeAlias

from msgspec import Struct

from sapparot.base.text import Text

Grade = Literal["fails", "gap", "note"]
"""`fails`: something does not hold. `gap`: something is missing, so that this cannot be judged. `note`: good to know, nothing is wrong."""
Verdict = Literal["holds", "fails", "unjudged"]

Tell: TypeAlias = Callable[[str, int, int], None]
"""Is told how far a stage is: the stage's name, how much is done, and of how much."""

EXIT: dict[Verdict, int] = {"holds": 0, "fails": 1, "unjudged": 2}


class Plan(Struct, frozen=True, kw_only=True):
    """What is to be audited and how.

    `source` is a directory or a URL; `key` a verifier key that is known from elsewhere; `checkpoints` notes that other people hold;
    `state` the file of the checkpoints that were seen before; `policy` a tlog-policy file; `sample` how many photographs are hashed
    (None: all); `every`: each so-manieth snapshot is rendered again; `keep`: where a URL's files are kept.
    """

    source: str
    key: str | None = None
    checkpoints: tuple[Path, ...] = ()
    state: Path | None = None
    policy: Path | None = None
    sample: int | None = None
    every: int = 1
    processes: int = 2
    keep: Path | None = None


class Finding(Struct, frozen=True):
    """One thing that was found: its code, its grade, where it is (a position in the log, a file), and a sentence."""

    code: str
    grade: Grade
    sentence: Text
    position: int | None = None
    file: str | None = None


class Checked(Struct, frozen=True):
    """One part of an audit that was done, with how much was looked at."""

    what: Text
    number: int


class Head(Struct, frozen=True):
    """The checkpoint that was audited: the log's name, its size and root (hexadecimal), and the note as it was signed."""

    origin: str
    size: int
    root: str
    note: str


class AuditReport(Struct, frozen=True):
    """Everything an audit says. `numbers` counts the findings by code; of each code only the first ones are named."""

    source: str
    head: Head | None
    verdict: Verdict
    checked: tuple[Checked, ...]
    findings: tuple[Finding, ...]
    numbers: dict[str, int]
    kinds: dict[str, int] = {}
    """Entries of the log by kind."""
    v: int = 1

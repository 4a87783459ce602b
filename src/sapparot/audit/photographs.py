"""Photographs: each published copy has the hash that stands in the log. What is not in the copy is said, not held against anybody."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sapparot.audit.chain import Photograph
from sapparot.audit.facts import Finding, Tell
from sapparot.audit.source import file_sha256
from sapparot.audit.wording import found

CHUNK = 64


def name_of(photograph: Photograph) -> str:
    """Return the name of a published copy in the public files."""
    return f"v1/evidence/{photograph.published}.jpg"


def contradictions(photographs: Iterable[Photograph]) -> list[Finding]:
    """Find originals that have two different copies in the log."""
    first: dict[str, Photograph] = {}
    found_: list[Finding] = []
    for photograph in photographs:
        known = first.setdefault(photograph.original, photograph)
        if known.published != photograph.published:
            found_.append(found("evidence.doubled", photograph.position, first=known.position))
    return found_


def chosen(photographs: Sequence[Photograph], sample: int | None) -> list[Photograph]:
    """Choose which to hash: all, or a sample that nobody can know beforehand."""
    if sample is None or sample >= len(photographs):
        return list(photographs)
    return random.SystemRandom().sample(photographs, sample)


def check(folder: Path, photographs: Sequence[Photograph], tell: Tell) -> list[Finding]:
    """Hash the published copies of some photographs."""
    findings: list[Finding] = []
    with ThreadPoolExecutor(2) as pool:
        for start in range(0, len(photographs), CHUNK):
            part = photographs[start : start + CHUNK]
            findings += [each for each in pool.map(lambda one: _check(folder, one), part) if each]
            tell("photographs", start + len(part), len(photographs))
    return findings


def _check(folder: Path, photograph: Photograph) -> Finding | None:
    name = name_of(photograph)
    held = file_sha256(folder / name)
    if held is None:
        return found("evidence.missing", photograph.position, file=name)
    return None if held == photograph.published else found("evidence.altered", photograph.position, file=name)

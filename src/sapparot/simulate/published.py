"""What an authority announced of an election, read from its folder: the totals from which a nation is drawn.

Tables and columns: docs/formats/election-tables.md and data/elections/README.md.
"""

from __future__ import annotations

import csv
import tomllib
from datetime import datetime
from pathlib import Path

import numpy as np
from msgspec import Struct

from sapparot.simulate.problems import SourceUnusable
from sapparot.simulate.sums import Ints


class Subdistrict(Struct, frozen=True):
    """A place in a constituency where stations stand; degrees of WGS 84."""

    code: str
    lat: float
    lon: float


class Constituency(Struct, frozen=True):
    """A constituency as announced: people registered and stations."""

    code: str
    province: str
    registered: int
    stations: int
    subdistricts: tuple[Subdistrict, ...]


class Choice(Struct, frozen=True):
    """An option of a contest; ``party`` is empty for a candidate without one."""

    number: int
    party: str


class Announced(Struct, frozen=True):
    """Totals of one ballot in the whole country."""

    spoiled: int
    no_vote: int


class Published(Struct, frozen=True, kw_only=True):
    """Everything announced. ``contests`` and ``votes`` go by (ballot, area); votes stand in the order of the options."""

    id: str
    closes_at: datetime
    ballots: tuple[tuple[str, str], ...]
    """Code and scope of each ballot."""
    country: str
    constituencies: tuple[Constituency, ...]
    contests: dict[tuple[str, str], tuple[Choice, ...]]
    votes: dict[tuple[str, str], Ints]
    totals: dict[str, Announced]


def read_published(folder: Path) -> Published:
    """Read the announced totals of the election in ``folder``; raises SourceUnusable."""
    header = tomllib.loads(_text(folder / "election.toml"))
    ballots = tuple((ballot["code"], ballot["scope"]) for ballot in header["ballots"])
    areas = read_rows(folder / "areas.csv")
    country = next(row["code"] for row in areas if row["kind"] == "country")
    contests = _contests(folder)
    return Published(
        id=header["id"],
        closes_at=header["closes_at"],
        ballots=ballots,
        country=country,
        constituencies=_constituencies(areas),
        contests=contests,
        votes=_votes(folder, contests, dict(ballots)),
        totals={
            row["ballot"]: Announced(int(row["spoiled"]), int(row["no_vote"]))
            for row in read_rows(folder / "published" / "totals.csv")
        },
    )


def read_rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV table; raises SourceUnusable when it is not there."""
    return list(csv.DictReader(_text(path).splitlines()))


def _text(path: Path) -> str:
    if not path.is_file():
        raise SourceUnusable(f"ไม่มีไฟล์ {path}", f"{path} is missing")
    return path.read_text("utf-8")


def _constituencies(areas: list[dict[str, str]]) -> tuple[Constituency, ...]:
    parent = {row["code"]: row["parent"] for row in areas}
    inside: dict[str, list[Subdistrict]] = {row["code"]: [] for row in areas if row["kind"] == "constituency"}
    for row in areas:
        if row["kind"] == "subdistrict" and (around := _enclosing(row["code"], parent, inside)):
            inside[around].append(_spot(row))
    found = []
    for row in areas:
        if row["kind"] == "constituency":
            if not row["registered"] or not row["stations"]:
                raise SourceUnusable(
                    f"areas.csv: {row['code']} ไม่มีจำนวนผู้มีสิทธิเลือกตั้งหรือจำนวนหน่วยเลือกตั้ง",
                    f"areas.csv: {row['code']} has no registered voters or no number of stations",
                )
            places = tuple(inside[row["code"]]) or (_spot(row),)
            count = int(row["registered"]), int(row["stations"])
            found.append(Constituency(row["code"], row["parent"], *count, places))
    return tuple(found)


def _enclosing(code: str, parent: dict[str, str], wanted: dict[str, list[Subdistrict]]) -> str:
    while code and code not in wanted:
        code = parent[code]
    return code


def _spot(row: dict[str, str]) -> Subdistrict:
    return Subdistrict(row["code"], float(row["lat"] or 0), float(row["lon"] or 0))


def _contests(folder: Path) -> dict[tuple[str, str], tuple[Choice, ...]]:
    found: dict[tuple[str, str], list[Choice]] = {}
    for row in read_rows(folder / "options.csv"):
        found.setdefault((row["ballot"], row["area"]), []).append(Choice(int(row["number"]), row["party"]))
    return {key: tuple(sorted(options, key=lambda option: option.number)) for key, options in found.items()}


def _votes(
    folder: Path, contests: dict[tuple[str, str], tuple[Choice, ...]], scopes: dict[str, str]
) -> dict[tuple[str, str], Ints]:
    constituency = read_rows(folder / "published" / "constituency.csv")
    of_candidate = {(row["area"], int(row["number"])): int(row["votes"]) for row in constituency}
    of_party = {row["party"]: int(row["votes"]) for row in read_rows(folder / "published" / "list.csv")}
    found = {}
    for (ballot, area), options in contests.items():
        if scopes[ballot] == "country":
            given = [of_party.get(option.party) for option in options]
        else:
            given = [of_candidate.get((area, option.number)) for option in options]
        if None in given:
            raise SourceUnusable(
                f"published/: มีตัวเลือกของบัตร {ballot} ใน {area} ที่ไม่มีคะแนน",
                f"published/: an option of {ballot} in {area} has no votes",
            )
        found[ballot, area] = np.array(given, np.int64)
    return found

"""Draws the polling stations of a nation and what was voted there, so that every published total comes out exactly.

At a scale below one a constituency keeps its voters and its votes and has fewer, larger stations: the parliament is the same.
"""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
from msgspec import Struct

from sapparot.contests import MOST_ELIGIBLE
from sapparot.simulate import truth as truths
from sapparot.simulate.ballots import cast_votes
from sapparot.simulate.problems import SourceUnusable
from sapparot.simulate.published import Constituency, Published, read_published, read_rows
from sapparot.simulate.sums import Ints, apportion
from sapparot.simulate.truth import Truth

FEWEST = 2
"""Stations of a constituency at the smallest scale: enough for neighbours to check each other."""
CROWD = 60_000
"""Voters of a station on average at most, at the smallest scale: no table of stations takes more than MOST_ELIGIBLE."""
LARGEST = 1_000
"""Voters of a station at most where constituencies allow it, at scale one (the commission plans for 800 to 1,000)."""
SPREAD = 0.012
"""How far stations lie from the middle of their subdistrict, standard deviation in degrees (about 1.3 km)."""
DEFINING = ("election.toml", "parties.csv", "options.csv")


class NationPlan(Struct, frozen=True, kw_only=True):
    """What to draw: ``scale`` is the share of a constituency's stations, ``folder`` receives the election to import."""

    source: Path
    folder: Path
    truth: Path
    scale: float = 1.0
    seed: int = 1


class Stations(Struct, frozen=True, eq=False):
    """Stations before anybody voted, in columns; ``place`` counts subdistricts across the nation."""

    codes: list[str]
    area: list[str]
    kind: list[str]
    constituency: Ints
    place: Ints
    eligible: Ints
    lat: Ints
    lon: Ints


def draw_nation(plan: NationPlan) -> Truth:
    """Write an election folder with stations and, elsewhere, the truth about them; return the truth.

    An election that lists its own stations keeps them. Raises SourceUnusable and SumsImpossible.
    """
    published = read_published(plan.source)
    chance = np.random.default_rng([plan.seed, 1])
    own = plan.source / "stations.csv"
    stations = _listed(published, own) if own.is_file() else _drawn(published, plan.scale, chance)
    truth = _truth(published, stations, chance)
    _write_folder(plan, stations)
    truths.save(truth, plan.truth)
    return truth


def _drawn(published: Published, scale: float, chance: np.random.Generator) -> Stations:
    """Draw stations whose eligible voters add up to the registered voters of each constituency."""
    columns: list[tuple[Ints, ...]] = []
    codes: list[str] = []
    area: list[str] = []
    first_place = 0
    for number, constituency in enumerate(published.constituencies):
        count = max(FEWEST, round(scale * constituency.stations), -(-constituency.registered // CROWD))
        places = _places(constituency, count, chance)
        spots = [constituency.subdistricts[place] for place in places.tolist()]
        units = np.arange(count) - np.searchsorted(places, places) + 1
        codes += [f"{spot.code}-{unit:03d}" for spot, unit in zip(spots, units.tolist(), strict=True)]
        area += [spot.code for spot in spots]
        middle = np.array([[spot.lat, spot.lon] for spot in spots])
        position = np.rint((middle + chance.normal(0, SPREAD, middle.shape)) * 1e6).astype(np.int64)
        columns.append((np.full(count, number), first_place + places, _sizes(constituency, count, chance), *position.T))
        first_place += len(constituency.subdistricts)
    joined = [np.concatenate(parts) for parts in zip(*columns, strict=True)]
    return Stations(codes, area, ["ordinary"] * len(codes), *joined)


def _places(constituency: Constituency, count: int, chance: np.random.Generator) -> Ints:
    """Spread stations over the subdistricts, each at least one while there are enough; ascending."""
    spots = len(constituency.subdistricts)
    some = np.full(spots, 1 if count >= spots else 0)
    some += apportion(count - int(some.sum()), chance.gamma(4.0, size=spots))
    return np.repeat(np.arange(spots), some)


def _sizes(constituency: Constituency, count: int, chance: np.random.Generator) -> Ints:
    """Draw the eligible voters of stations, bell-shaped around their mean and rarely above the legal size."""
    mean = constituency.registered / count
    largest = min(max(LARGEST * constituency.stations / count, 1.2 * mean), MOST_ELIGIBLE)
    weights = 0.15 + 1.7 * chance.beta(2.5, 2.5, count)
    return apportion(constituency.registered, weights, np.full(count, int(largest)))


def _listed(published: Published, path: Path) -> Stations:
    """Take the stations that the election lists itself."""
    rows = read_rows(path)
    homes = {
        place.code: (number, place)
        for number, constituency in enumerate(published.constituencies)
        for place in constituency.subdistricts
    }
    homes |= {item.code: (number, item.subdistricts[0]) for number, item in enumerate(published.constituencies)}
    strangers = {row["area"] for row in rows} - homes.keys()
    if strangers:
        areas = ", ".join(sorted(strangers)[:5])
        raise SourceUnusable(
            f"stations.csv: มีหน่วยเลือกตั้งที่ไม่อยู่ในเขตใดเลย ใน {areas}",
            f"stations.csv: stations outside every constituency, in {areas}",
        )
    found = [homes[row["area"]] for row in rows]
    order = {code: number for number, code in enumerate(dict.fromkeys(row["area"] for row in rows))}
    degrees = [(float(r["lat"] or s.lat), float(r["lon"] or s.lon)) for r, (_, s) in zip(rows, found, strict=True)]
    position = np.rint(np.array(degrees) * 1e6).astype(np.int64)
    return Stations(
        [row["code"] for row in rows],
        [row["area"] for row in rows],
        [row["kind"] for row in rows],
        np.array([number for number, _ in found]),
        np.array([order[row["area"]] for row in rows]),
        np.array([int(row["eligible"]) for row in rows]),
        *position.T,
    )


def _truth(published: Published, stations: Stations, chance: np.random.Generator) -> Truth:
    dealt = cast_votes(published, stations.constituency, stations.place, stations.eligible, chance)
    keys = list(published.contests)
    provinces = np.array([constituency.province for constituency in published.constituencies])
    contest = [
        [
            keys.index((ballot, published.country if scope == "country" else constituency.code))
            for constituency in published.constituencies
        ]
        for ballot, scope in published.ballots
    ]
    return Truth(
        election=published.id,
        ballots=tuple(code for code, _ in published.ballots),
        contests=tuple(published.contests.values()),
        codes=stations.codes,
        constituency=stations.constituency.astype(np.int32),
        province=provinces[stations.constituency],
        place=stations.place.astype(np.int32),
        eligible=stations.eligible.astype(np.int32),
        lat=stations.lat.astype(np.int32),
        lon=stations.lon.astype(np.int32),
        contest=np.array(contest, np.int32)[:, stations.constituency],
        cast=dealt.cast,
        votes=dealt.votes,
        spoiled=dealt.spoiled,
        no_vote=dealt.no_vote,
    )


def _write_folder(plan: NationPlan, stations: Stations) -> None:
    plan.folder.mkdir(parents=True, exist_ok=True)
    for name in DEFINING:
        shutil.copyfile(plan.source / name, plan.folder / name)
    _write_areas(plan, stations)
    with (plan.folder / "stations.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("code", "area", "eligible", "kind", "lat", "lon"))
        degrees = [[f"{value / 1e6:.6f}" for value in column.tolist()] for column in (stations.lat, stations.lon)]
        writer.writerows(
            zip(stations.codes, stations.area, stations.eligible.tolist(), stations.kind, *degrees, strict=True)
        )


def _write_areas(plan: NationPlan, stations: Stations) -> None:
    """Write the areas with the number of stations that were drawn wherever one was announced: what is listed must add up to it."""
    rows = read_rows(plan.source / "areas.csv")
    drawn = Counter(stations.area)
    for row in reversed(rows):  # children stand below their parents
        drawn[row["parent"]] += drawn[row["code"]]
        if row["stations"]:
            row["stations"] = str(drawn[row["code"]])
    with (plan.folder / "areas.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)

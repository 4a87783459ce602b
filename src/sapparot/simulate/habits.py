"""How the people of an evening behave who come through the doors of people: who chooses, who drops out, who loses the phone."""

from __future__ import annotations

import csv
from math import ceil
from pathlib import Path

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from sapparot.simulate.mix import Mix
from sapparot.simulate.people import NOBODY, NOT, Bools, Crew
from sapparot.simulate.truth import Int32s, Truth

FIRST = (
    "Somchai", "Somsri", "Prasert", "Wanida", "Anan", "Malee", "Kittipong", "Nattaya", "Surachai", "Pimchanok", "Thanawat", "Orawan",
    "Chaiwat", "Ratchanee", "Weerapong", "Siriporn",
)  # fmt: skip
LAST = (
    "Jaidee", "Srisuk", "Thongdee", "Boonmee", "Rattanakul", "Saetang", "Wongsa", "Phromma", "Chaiyasit", "Kaewkla", "Inthara",
    "Suwannarat", "Meesuk",
)  # fmt: skip
NUMBERS = 10_000_000
_STRIDE = 7_919  # shares no factor with NUMBERS


class Habits(Struct, frozen=True, eq=False, kw_only=True):
    """What each of d people does; everything else is done by everybody."""

    chooses: Bools
    """Takes the station at home before there is a plan; the others wait for the plan."""
    family: Int32s
    """Who takes up this person's phone too, with the same telephone number in another network; NOBODY for most."""
    drops: Bools
    """Gives the duty back on the day."""
    absent: Bools
    """Accepts a duty and does not come."""
    loses: Bools
    """Loses the phone after check-in, revokes it from another one and enrols that."""
    late: Bools
    """Joins without a plan: a spare, who steps in for somebody."""
    hasty: Bools
    """Answers the quiz before reading the lessons, and once more afterwards."""

    def shares(self) -> Bools:
        """Who takes up somebody else's phone."""
        found = np.zeros(len(self.family), bool)
        found[self.family[self.family != NOBODY]] = True
        return found


def with_spares(crew: Crew, truth: Truth, mix: Mix, seed: int) -> Crew:
    """Add spares to a crew: people without a station, somewhere in the country."""
    count = _spares(len(truth), mix)
    chance = np.random.default_rng([seed, 5])
    like = chance.choice(len(truth), count).astype(np.int32)
    extra = {
        "network": crew.network[like],
        "level": np.ones(count, np.int32),
        "home": crew.home[like],
        "clock_off": np.zeros(count, np.int32),
        "lies_for": np.full(count, NOT, np.int32),
        "offline": np.zeros(count, bool),
        "lost": np.zeros(count, bool),
    }
    return replace(crew, **{name: np.concatenate([getattr(crew, name), more]) for name, more in extra.items()})


def habits(crew: Crew, mix: Mix, seed: int) -> Habits:
    """Draw what everybody of a crew with spares does; equal arguments give equal habits."""
    chance = np.random.default_rng([seed, 6])
    size, level = len(crew), crew.level == 1
    late = np.arange(size) >= size - _spares(len(crew.main), mix)

    def some(permille: int) -> Bools:
        return np.asarray((chance.random(size) < permille / 1000) & level & ~late)

    family = _families(crew, some(mix.shared_permille))
    related = family != NOBODY
    related[family[related]] = True
    chooses = some(mix.choosers_permille) | related
    drops = some(mix.dropped_permille) & ~related
    absent = some(mix.no_show_permille) & ~related & ~drops
    loses = some(mix.lost_permille) & ~related & ~drops & ~absent
    hasty = some(mix.hasty_permille)
    return Habits(chooses=chooses, family=family, drops=drops, absent=absent, loses=loses, late=late, hasty=hasty)


def _spares(stations: int, mix: Mix) -> int:
    return ceil(stations * mix.spares_permille / 1000)


def _families(crew: Crew, sharing: Bools) -> Int32s:
    """Pair some of the stations' own volunteers with the next one, when that is of another network."""
    family = np.full(len(crew), NOBODY, np.int32)
    taken = -1
    for number in np.flatnonzero(sharing[: len(crew.main) - 1]).tolist():
        if number > taken and crew.network[number] != crew.network[number + 1]:
            family[number] = number + 1
            taken = number + 1
    return family


def areas(folder: Path) -> list[str]:
    """Return the area of every station of an election folder, in its order."""
    with (folder / "stations.csv").open(encoding="utf-8-sig", newline="") as table:
        return [row["area"] for row in csv.DictReader(table)]


def constituencies(folder: Path) -> list[str]:
    """Return the constituencies of an election folder, in its order."""
    with (folder / "areas.csv").open(encoding="utf-8-sig", newline="") as table:
        return [row["code"] for row in csv.DictReader(table) if row["kind"] == "constituency"]


def telephone(number: int, seed: int) -> str:
    """Return a person's telephone in E.164; nobody else's of the same evening."""
    return f"+6681{(number * _STRIDE + seed) % NUMBERS:07}"


def name(number: int) -> str:
    """Return a person's name; many share one, as people do."""
    return f"{FIRST[number % len(FIRST)]} {LAST[number // len(FIRST) % len(LAST)]}"

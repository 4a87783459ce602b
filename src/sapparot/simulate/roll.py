"""From duties back to a crew: who stands where in the end, and who walks over to a neighbour that lacks an independent source."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
from msgspec.structs import asdict, replace

from sapparot.simulate.people import NOBODY, Crew, Network, groups_of
from sapparot.simulate.truth import Int32s, Truth

WALK = 6
"""Neighbouring stations that somebody would walk to."""
SAVED = ("network", "level", "home", "main", "second", "third", "head", "clock_off", "lies_for", "offline", "lost")


def by_roster(crew: Crew, truth: Truth, stands: Int32s) -> Crew:
    """Return the crew with the sources of every station as duties have it: ``stands`` is the station of each of d people, or NOBODY.

    A station's people come first. Where they are not of two independent groups, neighbours of other groups walk over.
    """
    groups = groups_of(crew.networks)[crew.network]
    own: dict[int, list[int]] = defaultdict(list)
    for person in np.flatnonzero((stands != NOBODY) & (crew.level == 1)).tolist():
        own[int(stands[person])].append(person)
    sources = np.full((3, len(truth)), NOBODY, np.int32)
    for place in _places(truth.place):
        for at, station in enumerate(place):
            around = [place[(at + step) % len(place)] for step in range(1, min(WALK, len(place) - 1) + 1)]
            walkers = [own[neighbour][0] for neighbour in around if own[neighbour]]
            chosen = _chosen(own[station], walkers, groups)
            sources[: len(chosen), station] = chosen
    return replace(crew, main=sources[0], second=sources[1], third=sources[2])


def _chosen(own: list[int], walkers: list[int], groups: Int32s) -> list[int]:
    """Return up to three sources: the first, one of another group, and who is left of the station's own."""
    ordered = [*own, *walkers]
    if not ordered:
        return []
    first = ordered[0]
    other = next((person for person in ordered[1:] if groups[person] != groups[first]), None)
    further = [person for person in own[1:] if person != other]
    return [first, *([] if other is None else [other]), *further][:3]


def _places(place: Int32s) -> list[list[int]]:
    order = np.argsort(place, kind="stable")
    return [part.tolist() for part in np.split(order, np.flatnonzero(np.diff(place[order])) + 1)]


def save(crew: Crew, path: Path) -> None:
    """Write a crew, so that every process plays with the same one."""
    np.savez(path, **{name: values for name, values in asdict(crew).items() if name in SAVED})


def load(path: Path, networks: tuple[Network, ...]) -> Crew:
    """Read a crew."""
    with np.load(path) as arrays:
        return Crew(networks=networks, **{name: arrays[name] for name in SAVED})

"""Small nations, their crews and schedules."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from sapparot.simulate.evening import Events, schedule
from sapparot.simulate.mix import Mix
from sapparot.simulate.nation import NationPlan, draw_nation
from sapparot.simulate.people import Crew, read_networks, recruit
from sapparot.simulate.phone import Phones
from sapparot.simulate.published import Published, read_published
from sapparot.simulate.truth import Truth

ELECTIONS = Path(__file__).resolve().parents[2] / "data" / "elections"
SMALL, THAILAND = ELECTIONS / "small", ELECTIONS / "th-2566"


class Night(msgspec.Struct, frozen=True):
    """Everything that is drawn before an evening is played."""

    published: Published
    truth: Truth
    crew: Crew
    events: Events
    phones: Phones


Draw = Callable[..., Night]


def drawn(place: Path, source: Path = SMALL, *, scale: float = 1.0, seed: int = 1, mix: Mix | None = None) -> Night:
    """Draw a nation and its evening; the folder goes to ``place``."""
    chosen = mix or Mix()
    published = read_published(source)
    truth = draw_nation(
        NationPlan(source=source, folder=place / "nation", truth=place / "truth.npz", scale=scale, seed=seed)
    )
    crew = recruit(truth, read_networks(source), chosen, seed)
    events = schedule(truth, crew, published.closes_at.timestamp(), (chosen, 10, seed))
    zone = published.closes_at.tzinfo
    assert zone is not None
    return Night(published, truth, crew, events, Phones(truth, crew, events, seed, zone))


@pytest.fixture(scope="session")
def thailand(tmp_path_factory: pytest.TempPathFactory) -> Night:
    """All 400 constituencies with a twentieth of their stations."""
    return drawn(tmp_path_factory.mktemp("thailand"), THAILAND, scale=0.05)


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Night:
    """The invented election of 60 stations."""
    return drawn(tmp_path_factory.mktemp("small"))

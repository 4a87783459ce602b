"""People with duties become the crew of an evening; how they behave comes from the seed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from sapparot.simulate.evening import Trick, schedule
from sapparot.simulate.habits import Habits, habits, name, telephone, with_spares
from sapparot.simulate.mix import HONEST, Mix
from sapparot.simulate.people import NOBODY, Crew, groups_of
from sapparot.simulate.roll import by_roster, load, save
from tests.simulate.conftest import Night, drawn

BUSY = Mix(dropped_permille=200, lost_permille=200, shared_permille=300, no_show_permille=100, spares_permille=100)


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Night:
    return drawn(tmp_path_factory.mktemp("night"), mix=HONEST)


def crew_of(night: Night, mix: Mix = BUSY) -> Crew:
    return with_spares(night.crew, night.truth, mix, 1)


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_every_station_has_its_own_people_first_and_an_independent_source_where_there_is_one(
    night: Night, data: st.DataObject
) -> None:
    crew, stations = crew_of(night), len(night.truth)
    stands = np.array(
        data.draw(st.lists(st.integers(NOBODY, stations - 1), min_size=len(crew), max_size=len(crew))), np.int32
    )
    found, groups = by_roster(crew, night.truth, stands), groups_of(crew.networks)[crew.network]
    for station in range(stations):
        own = set(np.flatnonzero((stands == station) & (crew.level == 1)).tolist())
        sources = [part[station] for part in (found.main, found.second, found.third) if part[station] != NOBODY]
        assert len(set(sources)) == len(sources)
        assert not own or sources[0] in own
        if len({groups[person] for person in own}) > 1:
            assert groups[sources[0]] != groups[sources[1]]
        assert all(night.truth.place[stands[person]] == night.truth.place[station] for person in sources)


def test_a_crew_is_kept_as_it_is(night: Night, tmp_path: Path) -> None:
    crew = crew_of(night)
    save(crew, tmp_path / "crew.npz")
    again = load(tmp_path / "crew.npz", crew.networks)
    assert all(
        np.array_equal(getattr(again, name), getattr(crew, name)) for name in ("main", "network", "lost", "home")
    )


def test_habits_come_from_the_seed_and_do_not_contradict_each_other(night: Night) -> None:
    crew = crew_of(night)
    one, same, other = habits(crew, BUSY, 1), habits(crew, BUSY, 1), habits(crew, BUSY, 2)
    assert all(np.array_equal(getattr(one, field), getattr(same, field)) for field in Habits.__struct_fields__)
    assert not np.array_equal(one.chooses, other.chooses)
    shares, families = one.shares(), one.family != NOBODY
    assert families.sum() == shares.sum() > 0 and not (shares & families).any()
    assert (crew.network[families] != crew.network[one.family[families]]).all()
    for single in (one.drops, one.absent, one.loses):
        assert single.any() and not (single & (shares | families | one.late)).any()
    assert not (one.drops & one.loses).any() and not (one.absent & one.loses).any()
    assert one.late.sum() == len(crew) - len(night.crew)


@given(st.sets(st.integers(0, 9_999_999), max_size=50), st.integers(0, 1000))
def test_everybody_has_a_telephone_of_its_own_and_a_name(numbers: set[int], seed: int) -> None:
    assert len({telephone(number, seed) for number in numbers}) == len(numbers)
    assert all(len(telephone(number, seed)) == 12 and " " in name(number) for number in numbers)


def test_whoever_found_a_lost_phone_tries_once_with_it_and_nobody_reports_for_an_empty_station(night: Night) -> None:
    crew = crew_of(night)
    stands = np.where(crew.level == 1, crew.home, NOBODY).astype(np.int32)
    stands[crew.home == 0] = NOBODY
    lost = np.zeros(len(crew), bool)
    lost[:3] = True
    crew = replace(by_roster(crew, night.truth, stands), lost=lost)
    events = schedule(night.truth, crew, night.published.closes_at.timestamp(), (HONEST, 0, 1))
    tried = events[events["trick"] == Trick.LOST]
    assert set(tried["device"].tolist()) == set(np.flatnonzero(lost).tolist()) & set(events["device"].tolist())
    assert len(set(tried["device"].tolist())) == len(tried)
    assert (events["device"] >= 0).all()

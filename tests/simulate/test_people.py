"""Volunteers: everybody has a place, and two sources of a sheet share no interest."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sapparot.simulate.mix import HONEST, Mix
from sapparot.simulate.people import ANYONE, NOBODY, NOT, WRONG_CLOCKS, device_key, read_networks, recruit
from sapparot.simulate.problems import SourceUnusable
from sapparot.verify import policy
from tests.simulate.conftest import ELECTIONS, SMALL, THAILAND, Night


def groups(night: Night) -> np.ndarray:
    """The group of every device's network."""
    return np.array([network.group for network in night.crew.networks])[night.crew.network]


def test_the_two_sources_of_a_sheet_are_independent_unless_people_plot(thailand: Night) -> None:
    crew, group = thailand.crew, groups(thailand)
    there = crew.second != NOBODY
    same = group[crew.main[there]] == group[crew.second[there]]
    plotters = crew.lies_for[crew.second[there]] >= 0
    assert (plotters[same]).all()


def test_an_honest_evening_has_two_independent_sources_for_every_station(thailand: Night) -> None:
    crew = recruit(thailand.truth, read_networks(THAILAND), HONEST, 1)
    group = np.array([network.group for network in crew.networks])[crew.network]
    assert (crew.second != NOBODY).all()
    assert (group[crew.main] != group[crew.second]).all()
    assert (crew.lies_for == NOT).all()
    assert (crew.clock_off == 0).all()


def test_who_walks_over_stands_at_a_neighbouring_station(thailand: Night) -> None:
    crew, place = thailand.crew, thailand.truth.place
    walked = np.flatnonzero((crew.second != NOBODY) & (crew.second < len(thailand.truth)))
    assert (place[walked] == place[crew.second[walked]]).all()
    assert (crew.second[walked] != walked).all()


def test_networks_stand_only_where_they_work(thailand: Night) -> None:
    crew, truth = thailand.crew, thailand.truth
    province = truth.province[crew.home]
    for number, network in enumerate(crew.networks):
        there = (crew.network == number) & (crew.level == 1)
        assert all(network.works_in(code) for code in np.unique(province[there]).tolist())


def test_every_constituency_has_a_head_of_level_two(thailand: Night) -> None:
    crew = thailand.crew
    assert len(crew.head) == 400
    assert (crew.level[crew.head] == 2).all()


def test_plotters_work_for_one_party_in_the_chosen_provinces(thailand: Night) -> None:
    crew = thailand.crew
    plotters = np.flatnonzero(crew.lies_for >= 0)
    assert len(np.unique(crew.network[plotters])) == 1
    assert crew.networks[int(crew.network[plotters[0]])].party is not None
    assert 1 <= len(np.unique(thailand.truth.province[crew.home[plotters]])) <= Mix().plot_provinces
    assert (crew.lies_for == ANYONE).any()


def test_as_many_clocks_are_wrong_as_the_mix_says(thailand: Night) -> None:
    off = thailand.crew.clock_off
    wrong = off[off != 0]
    assert len(wrong) / len(off) == pytest.approx(Mix().wrong_clock_permille / 1000, rel=0.3)
    assert set(wrong.tolist()) == set(WRONG_CLOCKS)
    slow = recruit(thailand.truth, thailand.crew.networks, Mix(wrong_clock_permille=200), 1).clock_off
    assert (slow != 0).mean() == pytest.approx(0.2, rel=0.1)


def test_devices_have_the_same_keys_again() -> None:
    assert device_key(1, 7).kid == device_key(1, 7).kid != device_key(2, 7).kid
    assert {device_key(1, number).alg for number in range(60)} == {"ES256", "EdDSA"}


@pytest.mark.parametrize("source", [SMALL, THAILAND])
def test_the_policy_knows_the_same_groups(source: Path) -> None:
    interests = policy.Interests(policy.load(ELECTIONS.parent / "policies" / "default.toml"))
    for network in read_networks(source):
        assert interests.group(network.id) == network.group


def test_networks_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(SourceUnusable, match="missing"):
        read_networks(tmp_path)
    (tmp_path / "volunteers.toml").write_text('[[networks]]\nid = "a"\n', "utf-8")
    with pytest.raises(SourceUnusable, match="group"):
        read_networks(tmp_path)


def test_a_province_without_two_groups_is_refused(small: Night) -> None:
    one = tuple(network for network in small.crew.networks if network.group == "officials")
    with pytest.raises(SourceUnusable, match="no two independent groups"):
        recruit(small.truth, one, Mix(), 1)

"""The drawn nation has the published totals and plausible stations."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sapparot.contests import MOST_ELIGIBLE, assemble, define, read_folder
from sapparot.simulate.nation import NationPlan, _drawn, draw_nation
from sapparot.simulate.problems import SourceUnusable
from sapparot.simulate.published import Published, read_published
from sapparot.simulate.truth import Truth, load
from tests.simulate.conftest import SMALL, THAILAND, Night, drawn


def totals_are_exact(published: Published, truth: Truth) -> None:
    """Every published total comes out of the stations exactly."""
    for number, constituency in enumerate(published.constituencies):
        here = truth.constituency == number
        assert truth.eligible[here].sum() == constituency.registered
        for ballot, (code, scope) in enumerate(published.ballots):
            if scope == "constituency":
                wanted = published.votes[code, constituency.code]
                assert (truth.votes[ballot][here].sum(axis=0)[: len(wanted)] == wanted).all()
    for ballot, (code, scope) in enumerate(published.ballots):
        if scope == "country":
            wanted = published.votes[code, published.country]
            assert (truth.votes[ballot].sum(axis=0)[: len(wanted)] == wanted).all()
        cast = truth.votes[ballot].sum(axis=1) + truth.spoiled[ballot] + truth.no_vote[ballot]
        assert (cast == truth.cast).all()
        assert truth.votes[ballot].min() >= 0
    assert (truth.spoiled >= 0).all()
    assert (truth.no_vote >= 0).all()
    assert (truth.cast <= truth.eligible).all()


@pytest.mark.parametrize("seed", [1, 2, 99])
@pytest.mark.parametrize("scale", [0.001, 0.03, 0.2])
def test_totals_of_the_whole_country_are_exact_at_every_scale(tmp_path: Path, scale: float, seed: int) -> None:
    plan = NationPlan(source=THAILAND, folder=tmp_path / "n", truth=tmp_path / "t.npz", scale=scale, seed=seed)
    totals_are_exact(read_published(THAILAND), draw_nation(plan))


def test_totals_of_an_election_with_its_own_stations_are_exact(small: Night) -> None:
    totals_are_exact(small.published, small.truth)
    assert len(small.truth) == 60


def test_the_whole_nation_has_plausible_stations(tmp_path: Path) -> None:
    published = read_published(THAILAND)
    truth = draw_nation(NationPlan(source=THAILAND, folder=tmp_path / "n", truth=tmp_path / "t.npz"))
    totals_are_exact(published, truth)
    assert len(truth) == 95_137
    assert 500 < truth.eligible.mean() < 600
    assert truth.eligible.min() > 20
    assert np.percentile(truth.eligible, 99) < 1_100
    turnout = truth.cast / truth.eligible
    assert 0.5 < np.percentile(turnout, 1) < np.percentile(turnout, 99) < 1
    assert truth.spoiled[0].sum() == published.totals["constituency"].spoiled
    assert truth.no_vote[0].sum() == published.totals["constituency"].no_vote


def test_the_smallest_scale_leaves_a_few_stations_that_a_table_of_stations_takes(tmp_path: Path) -> None:
    night = drawn(tmp_path, THAILAND, scale=0.0001)
    assert set(np.bincount(night.truth.constituency)) <= {2, 3, 4}
    assert night.truth.eligible.max() <= MOST_ELIGIBLE


NATION = read_published(THAILAND)


@given(scale=st.floats(0.0001, 0.02), seed=st.integers(0, 10_000))
@settings(deadline=None, max_examples=25)
@example(scale=0.001, seed=2)
@example(scale=0.002, seed=5)
@example(scale=0.007, seed=9)
def test_whatever_the_seed_no_station_has_more_voters_than_a_table_of_stations_takes(scale: float, seed: int) -> None:
    stations = _drawn(NATION, scale, np.random.default_rng([seed, 1]))
    assert stations.eligible.min() >= 1
    assert stations.eligible.max() <= MOST_ELIGIBLE
    sums = np.bincount(stations.constituency, stations.eligible)
    assert sums.tolist() == [constituency.registered for constituency in NATION.constituencies]


def test_equal_seeds_give_equal_truths_and_others_do_not(tmp_path: Path) -> None:
    one, same, other = (drawn(tmp_path / name, seed=seed) for name, seed in (("a", 5), ("b", 5), ("c", 6)))
    assert (tmp_path / "a/nation/stations.csv").read_bytes() == (tmp_path / "b/nation/stations.csv").read_bytes()
    assert all((a == b).all() for a, b in zip(one.truth.votes, same.truth.votes, strict=True))
    assert one.events.tobytes() == same.events.tobytes()
    assert any((a != b).any() for a, b in zip(one.truth.votes, other.truth.votes, strict=True))


def test_the_folder_can_be_imported_and_says_nothing_of_the_votes(tmp_path: Path) -> None:
    night = drawn(tmp_path, THAILAND, scale=0.01)
    names = {path.name for path in (tmp_path / "nation").iterdir()}
    assert names == {"election.toml", "areas.csv", "parties.csv", "options.csv", "stations.csv"}
    rows = list(csv.DictReader((tmp_path / "nation/stations.csv").open(encoding="utf-8")))
    areas = {row["code"] for row in csv.DictReader((tmp_path / "nation/areas.csv").open(encoding="utf-8"))}
    assert [row["code"] for row in rows] == night.truth.codes
    assert len(set(night.truth.codes)) == len(rows)
    assert {row["area"] for row in rows} <= areas
    assert all(row["code"].startswith(f"{row['area']}-") for row in rows)
    assert len(assemble(body for _, body in define(read_folder(tmp_path / "nation"))).stations) == len(rows)


def test_the_areas_of_a_drawn_nation_announce_its_stations(tmp_path: Path) -> None:
    for scale, same in ((1.0, True), (0.002, False)):
        drawn(tmp_path / str(scale), THAILAND, scale=scale)
        areas = (tmp_path / str(scale) / "nation/areas.csv").read_bytes()
        assert (areas == (THAILAND / "areas.csv").read_bytes()) is same
    rows = list(csv.DictReader((tmp_path / "0.002/nation/areas.csv").open(encoding="utf-8")))
    stations = (tmp_path / "0.002/nation/stations.csv").read_text("utf-8").count("\n") - 1
    assert (rows[0]["registered"], rows[0]["stations"]) == ("52238594", str(stations))


def test_the_truth_is_read_back_as_it_was_written(small: Night, tmp_path: Path) -> None:
    night = drawn(tmp_path)
    back = load(tmp_path / "truth.npz")
    assert back.codes == night.truth.codes
    assert back.contests == night.truth.contests
    assert (back.votes[1] == night.truth.votes[1]).all()
    assert back.sheet_key(3) == night.truth.sheet_key(3)


def test_a_party_is_about_as_strong_on_both_ballots_of_a_station(thailand: Night) -> None:
    truth = thailand.truth
    shares = []
    for ballot in range(2):
        column = np.array(
            [
                next((place for place, option in enumerate(options) if option.party == "move-forward"), -1)
                for options in truth.contests
            ]
        )[truth.contest[ballot]]
        votes = truth.votes[ballot][np.arange(len(truth)), column]
        shares.append(np.where(column < 0, np.nan, votes / truth.votes[ballot].sum(axis=1)))
    there = ~np.isnan(shares[0])
    assert np.corrcoef(shares[0][there], shares[1][there])[0, 1] > 0.7


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    shutil.copytree(SMALL, tmp_path / "broken")
    (tmp_path / "broken/published/totals.csv").unlink()
    with pytest.raises(SourceUnusable, match=r"totals\.csv is missing"):
        read_published(tmp_path / "broken")


def test_an_option_without_votes_is_named(tmp_path: Path) -> None:
    shutil.copytree(SMALL, tmp_path / "broken")
    table = tmp_path / "broken/published/constituency.csv"
    table.write_text("\n".join(table.read_text("utf-8").splitlines()[:-1]) + "\n", "utf-8")
    with pytest.raises(SourceUnusable, match="02-01"):
        read_published(tmp_path / "broken")


def test_a_constituency_without_voters_is_named(tmp_path: Path) -> None:
    shutil.copytree(SMALL, tmp_path / "broken")
    table = tmp_path / "broken/areas.csv"
    table.write_text(table.read_text("utf-8").replace(",9604,20", ",,"), "utf-8")
    with pytest.raises(SourceUnusable, match="01-01"):
        read_published(tmp_path / "broken")

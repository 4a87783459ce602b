"""The schedule: who reports what and when, and what goes wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sapparot.simulate.evening import NONE, Events, Slip, Stage, Trick, flat, schedule
from sapparot.simulate.facts import Flat
from sapparot.simulate.mix import HONEST, Mix
from sapparot.simulate.people import read_networks, recruit
from tests.simulate.conftest import THAILAND, Night, drawn

HOUR = 3600.0


def hours(night: Night, events: Events) -> np.ndarray:
    """Hours after closing at which events leave their phones."""
    return (events["due"] - night.published.closes_at.timestamp()) / HOUR


def test_an_evening_looks_like_an_evening(thailand: Night) -> None:
    events = thailand.events
    progress, final = (events[events["stage"] == stage] for stage in (Stage.PROGRESS, Stage.FINAL))
    assert 0.25 <= hours(thailand, progress).min() < 0.3
    bulk = hours(thailand, final)
    assert ((bulk > 1) & (bulk < 4)).mean() > 0.85
    assert (bulk > 7).any()
    assert (np.diff(events["due"]) >= 0).all()


def test_a_sheet_has_about_one_progress_and_two_finals(thailand: Night) -> None:
    events = thailand.events[(thailand.events["again"] == NONE) & (thailand.events["trick"] < Trick.FORGED)]
    sheets = 2 * len(thailand.truth)
    assert 0.8 < (events["stage"] == Stage.PROGRESS).sum() / sheets < 1.1
    assert 2.0 < (events["stage"] == Stage.FINAL).sum() / sheets < 2.2
    assert len(np.unique(events["sheet"][events["stage"] == Stage.FINAL])) == sheets


def test_equal_seeds_give_equal_bytes(thailand: Night) -> None:
    again = schedule(thailand.truth, thailand.crew, thailand.published.closes_at.timestamp(), (Mix(), 10, 1))
    other = schedule(thailand.truth, thailand.crew, thailand.published.closes_at.timestamp(), (Mix(), 10, 2))
    assert again.tobytes() == thailand.events.tobytes() != other.tobytes()


def test_an_honest_evening_brings_two_true_finals_of_every_sheet(thailand: Night) -> None:
    truth = thailand.truth
    crew = recruit(truth, read_networks(THAILAND), HONEST, 3)
    events = schedule(truth, crew, thailand.published.closes_at.timestamp(), (HONEST, 0, 3))
    assert (events["slip"] == Slip.NOTHING).all()
    assert (events["trick"] < Trick.FORGED).all()
    finals = events[(events["stage"] == Stage.FINAL) & (events["again"] == NONE)]
    pairs = np.unique(np.stack([finals["sheet"], finals["device"]], axis=1), axis=0)
    assert (np.bincount(pairs[:, 0]) >= 2).all()


def test_corrections_name_an_earlier_report_of_the_same_device_and_sheet(thailand: Night) -> None:
    fixed = thailand.events[thailand.events["replaces"] != NONE]
    wrong = thailand.events[fixed["replaces"]]
    assert len(fixed) > 100
    for name in ("device", "sheet", "stage"):
        assert (fixed[name] == wrong[name]).all()
    assert (fixed["made"] > wrong["made"]).all()
    assert (wrong["slip"] != Slip.NOTHING).all()
    assert (fixed["slip"][fixed["again"] == NONE] == Slip.NOTHING).all()


def test_most_mistakes_are_corrected(thailand: Night) -> None:
    events = thailand.events
    own = (events["again"] == NONE) & (events["trick"] < Trick.FORGED)
    mistakes = own & (events["slip"] != Slip.NOTHING) & (events["slip"] != Slip.LIE)
    corrected = np.isin(np.arange(len(events)), events["replaces"][own])
    assert 0.8 < (mistakes & corrected).sum() / mistakes.sum() < 0.9
    assert 0.015 < mistakes.sum() / (own & (events["stage"] == Stage.FINAL)).sum() < 0.03


def test_rows_shift_only_on_long_forms(thailand: Night) -> None:
    shifted = thailand.events[thailand.events["slip"] == Slip.SHIFTED_ROWS]
    assert len(shifted)
    assert set((shifted["sheet"] % 2).tolist()) == {1}


def test_a_cut_off_phone_sends_everything_in_one_body_afterwards(thailand: Night) -> None:
    held = thailand.events[thailand.events["parcel"] != NONE]
    assert len(held)
    assert (held["parcel"] == held["device"]).all()
    for device in np.unique(held["device"]).tolist():
        assert len(np.unique(held["due"][held["device"] == device])) == 1
    assert thailand.crew.offline[held["device"]].all()


def test_bytes_sent_again_follow_their_original(thailand: Night) -> None:
    again = thailand.events[thailand.events["again"] != NONE]
    original = thailand.events[again["again"]]
    assert len(again)
    assert (original["again"] == NONE).all()
    assert (again["due"] > original["due"]).all()
    assert (again["device"] == original["device"]).all()


def test_each_device_counts_its_reports_in_the_order_of_writing(thailand: Night) -> None:
    own = thailand.events[(thailand.events["again"] == NONE) & (thailand.events["trick"] < Trick.FORGED)]
    order = np.lexsort((own["seq"], own["device"]))
    device, seq, made = (own[name][order] for name in ("device", "seq", "made"))
    same = device[1:] == device[:-1]
    assert (seq[1:][same] == seq[:-1][same] + 1).all()
    assert (made[1:][same] >= made[:-1][same]).all()
    assert (seq[1:][~same] == 1).all()


@pytest.mark.parametrize("trick", [Trick.FORGED, Trick.STRANGER, Trick.GARBAGE])
def test_a_few_bodies_must_be_refused(thailand: Night, trick: Trick) -> None:
    share = (thailand.events["trick"] == trick).mean()
    assert 0 < share < 0.002


def test_a_tiny_election_has_its_evening_too(tmp_path: Path) -> None:
    night = drawn(tmp_path, mix=HONEST)
    assert len(np.unique(night.events["sheet"][night.events["stage"] == Stage.FINAL])) == 120


def test_an_even_load_comes_at_its_rate_and_refers_to_nothing(thailand: Night) -> None:
    even = flat(thailand.events, 1000.0, Flat(rate=500, seconds=4))
    assert len(even) == 2000
    assert np.allclose(np.diff(even["due"]), 1 / 500)
    assert (even["replaces"] == NONE).all()
    assert (even["again"] == NONE).all()
    assert (even["trick"] == Trick.NOTHING).all()


def test_an_even_load_repeats_reports_as_often_as_needed(small: Night) -> None:
    even = flat(small.events, 1000.0, Flat(rate=None, reports=5000))
    assert len(even) == 5000
    assert (even["due"] == 1000.0).all()

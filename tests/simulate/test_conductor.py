"""Simulated time runs as fast as everybody can follow, and can be turned back into seconds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sapparot.base.clock import ConductedClock, Conductor, monotonic
from sapparot.simulate.conductor import (
    FASTEST,
    HORIZON,
    MOST_BEHIND,
    MOST_UNANSWERED,
    SHORTEST,
    SLOWEST,
    TOP_RATE,
    Baton,
    TimeLine,
    pace,
)
from sapparot.simulate.facts import Segment

DUE = np.arange(0.0, 400_000.0, 0.5)


def test_an_even_load_is_aimed_at() -> None:
    assert pace(DUE, 1000.0, 0, 0) == pytest.approx(TOP_RATE / 2, rel=0.05)


def test_time_slows_down_when_answers_or_the_pipeline_lag() -> None:
    free, answers, pipeline = (
        pace(DUE, 1000.0, 0, 0),
        pace(DUE, 1000.0, MOST_UNANSWERED // 2, 0),
        pace(DUE, 1000.0, 0, MOST_BEHIND // 2),
    )
    assert answers == pytest.approx(free / 2, rel=0.1) == pipeline
    assert pace(DUE, 1000.0, 10**6, 0) == pace(DUE, 1000.0, 0, 10**6) == SLOWEST


def test_a_small_nation_is_not_rushed() -> None:
    few = np.linspace(0.0, 3600.0, 3000)
    assert pace(few, 0.0, 0, 0) == pytest.approx(3600 / SHORTEST, rel=1.2)


def test_quiet_hours_pass_quickly() -> None:
    assert pace(np.array([0.0, 90_000.0]), 1.0, 0, 0) == FASTEST


def test_the_last_report_is_passed() -> None:
    epoch, due = 99.0, np.array([0.0, 100.0])
    for _ in range(100):
        epoch += pace(due, epoch, 0, 0) * HORIZON
        if epoch > 100:
            return
    pytest.fail("time never came to the last report")


def test_simulated_times_become_seconds() -> None:
    line = TimeLine((Segment(10.0, 1000.0, 2.0), Segment(20.0, 1020.0, 100.0), Segment(21.0, 1120.0, 1.0)))
    epochs = np.array([1000.0, 1010.0, 1020.0, 1070.0, 1130.0])
    assert line.wall(epochs) == pytest.approx([10.0, 15.0, 20.0, 20.5, 31.0])


def test_the_clock_of_others_follows_the_baton(tmp_path: Path) -> None:
    conductor = Conductor(tmp_path / "clock")
    baton = Baton(conductor, 5_000.0)
    baton.turn(1_000.0)
    clock = ConductedClock(tmp_path / "clock")
    assert clock.epoch() == pytest.approx(baton.epoch(), abs=50)
    line = TimeLine(tuple(baton.segments))
    now = monotonic()
    assert line.wall(np.array([clock.epoch()]))[0] == pytest.approx(now, abs=0.05)


def test_a_small_change_of_speed_is_not_worth_a_segment(tmp_path: Path) -> None:
    baton = Baton(Conductor(tmp_path / "clock"), 0.0)
    baton.turn(100.0)
    baton.turn(101.0)
    assert len(baton.segments) == 2

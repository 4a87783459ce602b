"""Everybody reads the same time, whoever conducts it."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapparot.base.clock import (
    ConductedClock,
    Conductor,
    FixedClock,
    SystemClock,
    clock_from,
    monotonic,
    stamp,
    unstamp,
)

EVENING = datetime(2023, 5, 14, 10, 0, tzinfo=UTC).timestamp()


def test_the_machines_clock_is_aware_and_in_utc() -> None:
    before = time.time()
    told = SystemClock().now().timestamp()
    assert before - 0.001 <= told <= time.time() + 0.001
    assert SystemClock().now().utcoffset() == timedelta(0)


def test_a_conducted_clock_runs_at_the_speed_that_was_set(tmp_path: Path) -> None:
    conductor = Conductor(tmp_path / "clock")
    clock = clock_from(str(tmp_path / "clock"))
    conductor.set(EVENING, 0.0)
    assert clock.now() == datetime(2023, 5, 14, 10, 0, tzinfo=UTC)
    base = conductor.set(EVENING, 1000.0)
    time.sleep(0.05)
    before = EVENING + (monotonic() - base) * 1000
    told = clock.now().timestamp()
    assert before - 0.001 <= told <= EVENING + (monotonic() - base) * 1000 + 0.001
    conductor.close()
    assert clock.now().timestamp() > told, "readers keep the last time line"


def test_other_processes_live_through_the_same_evening(tmp_path: Path) -> None:
    path = tmp_path / "clock"
    conductor = Conductor(path)
    base = conductor.set(EVENING, 100.0)
    program = (
        "import sys; from sapparot.base.clock import clock_from, monotonic; c = clock_from(sys.argv[1])\n"
        "print(monotonic(), c.now().timestamp(), monotonic())"
    )
    said = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True, timeout=60
    )
    earlier, told, later = map(float, said.stdout.split())
    assert EVENING + (earlier - base) * 100 - 0.01 <= told <= EVENING + (later - base) * 100 + 0.01


def test_a_reader_never_sees_half_of_a_change(tmp_path: Path) -> None:
    conductor = Conductor(tmp_path / "clock")
    clock, stop, seen = ConductedClock(tmp_path / "clock"), threading.Event(), set()
    lines = [(1000.0, 0.0), (5000.0, 0.0)]

    def read() -> None:
        while not stop.is_set():
            seen.add(clock.epoch())

    conductor.set(*lines[0])
    reader = threading.Thread(target=read)
    reader.start()
    for number in range(20_000):
        conductor.set(*lines[number % 2])
    stop.set()
    reader.join()
    assert seen <= {1000.0, 5000.0}


def test_a_second_conductor_does_not_pull_the_file_away_under_its_readers(tmp_path: Path) -> None:
    Conductor(tmp_path / "clock").set(EVENING, 0.0)
    clock = ConductedClock(tmp_path / "clock")
    for _ in range(200):
        second = Conductor(tmp_path / "clock")
        assert clock.epoch() in (0.0, EVENING)
        second.set(EVENING, 0.0)
        assert clock.epoch() == EVENING


def test_a_fixed_clock_stands_still_until_it_is_set() -> None:
    clock = FixedClock(datetime(2023, 5, 14, tzinfo=UTC))
    assert clock.now() == clock.now() == datetime(2023, 5, 14, tzinfo=UTC)
    clock.moment += timedelta(hours=1)
    assert clock.now() == datetime(2023, 5, 14, 1, tzinfo=UTC)


offsets = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(datetime(1000, 1, 2), datetime(9999, 12, 30), timezones=offsets)  # noqa: DTZ001 - made aware by hypothesis


@given(moments)
def test_a_moment_there_and_back_is_the_same(moment: datetime) -> None:
    text = stamp(moment)
    assert unstamp(text) == moment
    assert text.endswith("Z")
    assert len(text) == len("2023-05-14T11:42:10.000000Z")


@given(moments, moments)
def test_stamps_sort_as_their_moments_do(one: datetime, other: datetime) -> None:
    assert (stamp(one) < stamp(other)) == (one < other)


def test_an_offset_is_understood_and_demanded() -> None:
    assert stamp(unstamp("2023-05-14T18:42:10+07:00")) == "2023-05-14T11:42:10.000000Z"
    with pytest.raises(ValueError, match="offset"):
        unstamp("2023-05-14T18:42:10")


@pytest.mark.parametrize(
    "text", ["", "x", "2023-13-01T00:00:00Z", "0001-01-01T00:00:00+07:00", "9999-12-31T23:59:59-07:00", "\x00"]
)
def test_what_is_no_moment_is_one_kind_of_error(text: str) -> None:
    with pytest.raises(ValueError):
        unstamp(text)

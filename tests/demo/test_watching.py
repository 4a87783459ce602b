"""What is said of an evening while it runs: its memory, and how far it is."""

from __future__ import annotations

import io
import mmap
import subprocess
import sys
from zoneinfo import ZoneInfo

import psutil
import pytest
from rich.console import Console

from sapparot.demo import memory, progress
from sapparot.demo.memory import Peak, counted_mib, held_mib, tree
from sapparot.demo.progress import Bars, Lines, shown
from sapparot.simulate.facts import Progress

MIB = 1024 * 1024
ZONE = ZoneInfo("Asia/Bangkok")


def test_the_peak_is_what_processes_held_at_most_whoever_held_it() -> None:
    peak = Peak()
    peak.look()
    before = peak.mib
    child = [sys.executable, "-c", "held = b'x' * (80 << 20); print(flush=True); input()"]
    with subprocess.Popen(child, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdin and other.stdout
        other.stdout.readline()
        peak._asked_at = peak._measured_at = float("-inf")
        peak.look()
        exact = held_mib(tree())
        other.stdin.close()
    assert peak.mib >= before + 80
    assert peak.mib == pytest.approx(exact, rel=0.05)
    highest = peak.mib
    peak.look()
    assert peak.mib == highest


def test_between_measurements_the_peak_grows_with_what_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    measured = 0

    def held(pids: list[int]) -> float:
        nonlocal measured
        measured += 1
        return 50.0

    counted = iter([100.0, 100.5, 120.0, 90.0])
    monkeypatch.setattr(memory, "held_mib", held)
    monkeypatch.setattr(memory, "counted_mib", lambda pids: next(counted))
    peak = Peak()
    peak.look()
    peak._took = 3600.0  # a measurement takes so long that the next one is far away
    assert (peak.mib, measured) == (50.0, 1)
    peak.look()
    assert (peak.mib, measured) == (50.0, 1)
    peak.look()
    assert (peak.mib, measured) == (60.0, 1)
    peak.look()
    assert (peak.mib, measured) == (60.0, 1)


def test_a_look_costs_next_to_nothing_and_knows_what_is_held() -> None:
    pids = tree()
    before = counted_mib(pids)
    with mmap.mmap(-1, 64 * MIB, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as held:
        held.write(b"x" * 64 * MIB)
        assert counted_mib(pids) >= before + 60
    assert counted_mib([2**22 + 1]) == held_mib([2**22 + 1]) == 0.0  # no such process
    began = psutil.Process().cpu_times().user
    for _ in range(50):
        counted_mib(pids)
    assert (psutil.Process().cpu_times().user - began) / 50 < 0.01


def test_without_a_terminal_there_is_a_line_for_each_phase_and_every_ten_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [100.0]
    monkeypatch.setattr(progress, "monotonic", lambda: now[0])
    written = io.StringIO()
    with shown(Console(file=written, width=60), ZONE) as lines:
        assert isinstance(lines, Lines)
        lines(Progress("draw", 0, 0, 0.0, 0.0))
        for second in range(25):
            now[0] = 110.0 + second
            lines(Progress("count", 1_000 * second, 570_000, 1_684_065_600.0, 210.4, 12_345, (4_321, 987)))
    said = written.getvalue().splitlines()
    assert said[0].split("  ")[-1] == "drawing the nation"
    assert len(said) == 1 + 3
    assert said[2].endswith("20 s  counting, 19:00 (x210), 10,000 of 570,000, 12,345 entries, 43.2% and 9.9% counted")


def test_a_terminal_shows_bars() -> None:
    console = Console(file=io.StringIO(), force_terminal=True)
    assert isinstance(shown(console, ZONE), Bars)

"""How often full snapshots are made: never so often that reports wait for them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sapparot.publish.facts import Pace
from sapparot.publish.rules import FULL_SHARE, PAUSED_SHARE, Timing

PACE = Pace(light=0.0, full=60.0, pause=3.0)


def made(took: float) -> Timing:
    timing = Timing()
    timing.change(0.0)
    timing.made(0.0, took, full=True)
    return timing


@given(took=st.floats(0.01, 30.0), gaps=st.lists(st.floats(0.1, 10.0), min_size=1, max_size=60))
def test_full_snapshots_take_a_bounded_share_of_the_time_however_changes_come(took: float, gaps: list[float]) -> None:
    timing, now, spent = made(took), 0.0, took
    for gap in gaps:
        now += gap
        timing.change(now)
        for wait in (0.0, PACE.pause):
            if timing.due(now + wait, PACE) == "full":
                now += wait
                timing.made(now, took, full=True)
                spent += took
    assert spent <= took + now / PAUSED_SHARE


def test_when_nothing_changes_any_more_the_full_one_comes_sooner() -> None:
    took = 5.0
    timing = made(took)
    timing.change(10.0)
    timing.made(10.0, 0.1, full=False)
    assert timing.due(PAUSED_SHARE * took - 0.1, PACE) == "nothing"
    assert timing.due(PAUSED_SHARE * took, PACE) == "full"
    busy = made(took)
    busy.change(FULL_SHARE * took - 0.1)
    assert busy.due(FULL_SHARE * took - 0.1, PACE) == "light"

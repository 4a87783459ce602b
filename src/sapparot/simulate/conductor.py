"""Lets simulated time run: as fast as the machine can follow, or at a given speed; and remembers how it ran.

The adaptive pace aims at an even load. It looks ahead in the schedule for as many reports as should be sent in the next moment and
runs time to that point; when answers or the pipeline behind the doors lag, it sends fewer, and time slows down. Quiet hours pass quickly.
"""

from __future__ import annotations

import numpy as np

from sapparot.base.clock import Conductor, monotonic
from sapparot.simulate.facts import Segment
from sapparot.simulate.sums import Floats

TOP_RATE = 12_000.0
"""Reports per second that are tried when nothing lags: more than one machine takes."""
MOST_UNANSWERED = 3_000
"""Reports that are due and not answered yet, at which time stands nearly still."""
MOST_BEHIND = 5_000
"""Entries that the pipeline has not digested yet, at which time stands nearly still."""
SHORTEST = 30.0
"""Seconds that an evening takes at least: a small nation is not rushed, so that there are snapshots to look at."""
HORIZON = 0.25
"""Seconds over which the next stretch of the schedule is spread."""
OVERSHOOT = 30.0
"""Simulated seconds past the report that is aimed at: the last one of all is passed, not approached for ever."""
SLOWEST, FASTEST = 0.05, 7_200.0
"""Simulated seconds per second."""


class Baton:
    """Moves the conducted clock and keeps the segments."""

    def __init__(self, conductor: Conductor, epoch: float) -> None:
        self._conductor = conductor
        self.segments: list[Segment] = []
        self.set(epoch, 1.0)

    def set(self, epoch: float, speed: float) -> None:
        """Let time run on from ``epoch`` at ``speed``."""
        self.segments.append(Segment(self._conductor.set(epoch, speed), epoch, speed))

    def turn(self, speed: float) -> None:
        """Change the speed from now on; small changes are not worth a segment."""
        if abs(speed - self.speed) > 0.02 * self.speed:
            self.set(self.epoch(), speed)

    @property
    def speed(self) -> float:
        """Simulated seconds per second now."""
        return self.segments[-1].speed

    def epoch(self) -> float:
        """Return the simulated moment, in seconds since 1970."""
        last = self.segments[-1]
        return last.epoch + (monotonic() - last.wall) * last.speed


def pace(due: Floats, epoch: float, unanswered: int, behind: int) -> float:
    """Return the speed that suits the moment; ``due`` holds the times of all events, ascending."""
    pressure = max(unanswered / MOST_UNANSWERED, behind / MOST_BEHIND)
    reports = min(TOP_RATE, len(due) / SHORTEST) * HORIZON * (1.0 - pressure)
    if reports <= 0:
        return SLOWEST
    place = int(np.searchsorted(due, epoch)) + max(1, int(reports))
    target = due[min(place, len(due)) - 1] + OVERSHOOT
    return float(np.clip((target - epoch) / HORIZON, 1.0, FASTEST))


class TimeLine:
    """Turns simulated times into monotonic seconds, by the segments."""

    def __init__(self, segments: tuple[Segment, ...]) -> None:
        self._wall = np.array([segment.wall for segment in segments])
        self._epoch = np.array([segment.epoch for segment in segments])
        self._speed = np.array([segment.speed for segment in segments])

    def wall(self, epochs: Floats) -> Floats:
        """Return when simulated moments were, in monotonic seconds."""
        place = np.maximum(np.searchsorted(self._epoch, epochs, side="right") - 1, 0)
        return np.asarray(self._wall[place] + (epochs - self._epoch[place]) / self._speed[place])

"""Shows how far an evening is: bars on a terminal, a line now and then everywhere else."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from sapparot.base.clock import monotonic
from sapparot.simulate import facts

WORDS = {
    "draw": "drawing the nation",
    "stage": "importing, inviting",
    "join": "people join",
    "share": "families share phones",
    "plan": "heads, a plan of duties",
    "answer": "people answer the plan",
    "arrive": "people arrive",
    "enrol": "enrolling phones",
    "count": "counting",
    "settle": "settling",
    "recount": "recounting from the log",
}


LINE_SECONDS = 10.0
"""Between two lines of one phase."""


class Lines:
    """A line when a phase begins and every ten seconds: what a log or a pipe shows of the evening; a context manager."""

    def __init__(self, console: Console, zone: ZoneInfo) -> None:
        self._console = console
        self._zone = zone
        self._phase = ""
        self._began = monotonic()
        self._said_at = 0.0

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """There is nothing to put away."""

    def __call__(self, told: facts.Progress) -> None:
        """Write one step, unless there was a line of this phase just now."""
        now = monotonic()
        if told.phase == self._phase and now - self._said_at < LINE_SECONDS:
            return
        self._phase, self._said_at = told.phase, now
        self._console.print(line(told, now - self._began, self._zone), highlight=False, soft_wrap=True)


def line(told: facts.Progress, seconds: float, zone: ZoneInfo) -> str:
    """Say how far the evening is, in one line: seconds since the start, phase, simulated time, steps, log, share counted."""
    parts = [f"{seconds:6.0f} s  {WORDS[told.phase]}"]
    if told.epoch:
        parts.append(f"{datetime.fromtimestamp(told.epoch, zone):%H:%M} (x{told.speed:,.0f})")
    if told.total:
        parts.append(f"{told.done:,} of {told.total:,}")
    if told.entries:
        parts.append(f"{told.entries:,} entries")
    if told.counted:
        parts.append(f"{' and '.join(f'{share / 100:.1f}%' for share in told.counted)} counted")
    return ", ".join(parts)


def shown(console: Console, zone: ZoneInfo) -> Bars | Lines:
    """Return what shows the progress on this console, with times of this zone."""
    return Bars(console, zone) if console.is_terminal else Lines(console, zone)


class Bars:
    """A line for each phase; a context manager."""

    def __init__(self, console: Console, zone: ZoneInfo) -> None:
        self._zone = zone
        self._progress = Progress(
            TextColumn("{task.description:<26}"),
            BarColumn(30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[clock]}"),
            console=console,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Bars:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Show no more; may be called again."""
        self._finish()
        self._progress.stop()

    def __call__(self, told: facts.Progress) -> None:
        """Show one step."""
        if told.phase not in self._tasks:
            self._finish()
            self._tasks[told.phase] = self._progress.add_task(WORDS[told.phase], total=told.total or None, clock="")
        clock = f"{datetime.fromtimestamp(told.epoch, self._zone):%H:%M}  x{told.speed:,.0f}" if told.epoch else ""
        self._progress.update(
            self._tasks[told.phase],
            completed=told.done,
            total=told.total or None,
            clock=clock if told.speed > 1 else "",
        )

    def _finish(self) -> None:
        for task in self._progress.tasks:
            if not task.finished:
                self._progress.update(task.id, total=task.total or 1, completed=task.total or 1)
                self._progress.stop_task(task.id)

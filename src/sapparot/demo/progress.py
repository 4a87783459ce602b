"""Shows how far an evening is."""

from __future__ import annotations

from datetime import datetime

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from sapparot.base.text import BANGKOK
from sapparot.simulate import facts

WORDS = {
    "draw": "drawing the nation",
    "stage": "importing, inviting",
    "enrol": "enrolling phones",
    "count": "counting",
    "settle": "settling",
    "recount": "recounting from the log",
}


class Bars:
    """A line for each phase; a context manager."""

    def __init__(self, console: Console) -> None:
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
        clock = f"{datetime.fromtimestamp(told.epoch, BANGKOK):%H:%M}  x{told.speed:,.0f}" if told.epoch else ""
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

"""Work over the whole log, shared between processes.

A `Crew` sends out ranges of bundles; answers come back in order, few are under way at once. What has to go through the log from its
beginning to its end in one piece is done `Aside` meanwhile; the crew leaves it the first choice of a core, so that neither waits for the
other at the end.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import suppress
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import TYPE_CHECKING, Generic, ParamSpec, TypeVar, cast

from sapparot.audit.facts import Tell
from sapparot.audit.tilelog import EntriesMissing
from sapparot.base.children import nothing_from_here
from sapparot.base.heap import look_seldom

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext, SpawnContext

Job = TypeVar("Job")
Given = ParamSpec("Given")
Answer = TypeVar("Answer")
Span = tuple[int, int]

BUNDLES = 32
"""Bundles in one range: 8,192 entries."""
YIELDS = 5
"""By how much a crew is nicer than what is done aside."""
BEFOREHAND = "sapparot.audit.inspection"
"""What a process that helps has imported when it begins, where it can begin as a copy of one that has."""


class Crew(Generic[Job, Answer]):
    """Calls `work(job, first, end)` for every range of bundles; `work` and `job` must be importable and picklable."""

    def __init__(self, work: Callable[[Job, int, int], Answer], job: Job, processes: int) -> None:
        self._work = work
        self._job = job
        self._processes = processes

    def answers(self, bundles: int, stage: str, tell: Tell) -> Iterator[Answer]:
        """Yield the answer for each range in order."""
        work = self._shared if self._processes > 1 and bundles > BUNDLES else self._alone
        for done, answer in zip(_spans(bundles), work(_spans(bundles)), strict=True):
            tell(stage, done[1], bundles)
            yield answer

    def _alone(self, spans: Iterable[Span]) -> Iterator[Answer]:
        for span in spans:
            yield self._work(self._job, *span)

    def _shared(self, spans: Iterable[Span]) -> Iterator[Answer]:
        waiting: deque[Future[Answer]] = deque()
        with nothing_from_here():
            helpers = ProcessPoolExecutor(self._processes, _context(), _begin, (self._work, self._job))
        with helpers as pool:
            for span in spans:
                with nothing_from_here():  # the first ones begin the processes
                    waiting.append(pool.submit(_do, span))  # type: ignore[arg-type]
                if len(waiting) > 2 * self._processes:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()


class Aside:
    """Does long pieces of work in processes of their own; with one process each waits until it is asked for."""

    def __init__(self, processes: int) -> None:
        self._alone = processes < 2
        self._running: list[BaseProcess] = []

    def __enter__(self) -> Aside:
        return self

    def __exit__(self, *_: object) -> None:
        """End what nobody asked for any more."""
        for process in self._running:
            process.terminate()
            process.join()

    def begin(self, work: Callable[Given, Answer], *given: Given.args, **named: Given.kwargs) -> Callable[[], Answer]:
        """Begin `work`, importable and with picklable arguments; what is returned waits for its answer or EntriesMissing."""
        if self._alone:
            return lambda: work(*given, **named)
        with nothing_from_here():
            context = _context()
            ours, theirs = context.Pipe(duplex=False)
            process: BaseProcess = context.Process(target=_answer, args=(theirs, work, given, named), daemon=True)
            process.start()
        theirs.close()
        self._running.append(process)

        def wait() -> Answer:
            answer = ours.recv()  # EOFError when the process was killed, for want of memory perhaps
            if isinstance(answer, EntriesMissing):
                raise answer
            return cast(Answer, answer)

        return wait


def _context() -> ForkServerContext | SpawnContext:
    """Give what begins processes: copies of one that has imported the work; where the system has none such, each imports it itself."""
    if sys.platform == "linux":
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([BEFOREHAND])
        with suppress(OSError):  # the name of the temporary directory is too long for a socket
            forkserver.ensure_running()
            return context
    return multiprocessing.get_context("spawn")


def _answer(to: Connection, work: Callable[..., object], given: tuple[object, ...], named: dict[str, object]) -> None:
    look_seldom()
    try:
        to.send(work(*given, **named))
    except EntriesMissing as missing:
        to.send(missing)


def _spans(bundles: int) -> Iterator[Span]:
    """Yield ranges one by one: a hostile checkpoint may claim any number of entries."""
    for first in range(0, bundles, BUNDLES):
        yield first, min(first + BUNDLES, bundles)


_given: list[tuple[Callable[..., object], object]] = []
"""What this process was given to do; the job is sent once, not with every range."""


def _begin(work: Callable[..., object], job: object) -> None:
    if hasattr(os, "nice"):
        os.nice(YIELDS)
    look_seldom()
    _given[:] = [(work, job)]


def _do(span: Span) -> object:
    [(work, job)] = _given
    return work(job, *span)

"""Work over the whole log, shared between processes: ranges of bundles go out, answers come back in order, few are under way at once."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from typing import Generic, TypeVar

from sapparot.audit.facts import Tell

Job = TypeVar("Job")
Answer = TypeVar("Answer")
Span = tuple[int, int]

BUNDLES = 32
"""Bundles in one range: 8,192 entries."""


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
        context = multiprocessing.get_context("spawn")
        waiting: deque[Future[Answer]] = deque()
        with ProcessPoolExecutor(self._processes, context, _begin, (self._work, self._job)) as pool:
            for span in spans:
                waiting.append(pool.submit(_do, span))  # type: ignore[arg-type]
                if len(waiting) > 2 * self._processes:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()


def _spans(bundles: int) -> Iterator[Span]:
    """Yield ranges one by one: a hostile checkpoint may claim any number of entries."""
    for first in range(0, bundles, BUNDLES):
        yield first, min(first + BUNDLES, bundles)


_given: list[tuple[Callable[..., object], object]] = []
"""What this process was given to do; the job is sent once, not with every range."""


def _begin(work: Callable[..., object], job: object) -> None:
    _given[:] = [(work, job)]


def _do(span: Span) -> object:
    [(work, job)] = _given
    return work(job, *span)

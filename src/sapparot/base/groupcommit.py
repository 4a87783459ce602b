"""Natural group commit: one flush in flight, the next batch gathers meanwhile; no timer.

The latency of a lone item is one flush; under load the batches grow by themselves until the flush is the bottleneck. Waiting is bounded:
past the bound the caller is told at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Full(Exception):
    """More items wait than the bound allows."""


class Miscounted(RuntimeError):
    """A flush did not give one answer for each item."""


class GroupCommit(Generic[Item, Answer]):
    """Gathers items of many callers into one durable flush and hands each caller its own answers."""

    def __init__(
        self, flush: Callable[[list[Item]], Awaitable[Sequence[Answer]]], *, max_waiting: int, max_batch: int
    ) -> None:
        self._flush = flush
        self._max_waiting = max_waiting
        self._max_batch = max_batch
        self._waiting: list[tuple[list[Item], asyncio.Future[list[Answer]]]] = []
        self.waiting = 0
        self._running: asyncio.Task[None] | None = None

    async def submit(self, items: list[Item]) -> list[Answer]:
        """Return the answers of ``items`` once they are durable; raises :class:`Full`, or what the flush raised.

        A caller that is cancelled loses only its own answer: its items stay in the batch and its companions are answered.
        """
        if self.waiting + len(items) > self._max_waiting:
            raise Full
        answer: asyncio.Future[list[Answer]] = asyncio.get_running_loop().create_future()
        self._waiting.append((items, answer))
        self.waiting += len(items)
        if self._running is None:
            self._running = asyncio.create_task(self._drain())
        return await answer

    async def close(self) -> None:
        """Wait until everything that was submitted is durable or failed."""
        while self._running is not None:
            await asyncio.shield(self._running)

    async def _drain(self) -> None:
        try:
            await self._drain_all()
        finally:
            self._running = None
            for (
                _,
                future,
            ) in self._waiting:  # some are left only when this task was cancelled: nobody would ever answer them
                future.cancel()

    async def _drain_all(self) -> None:
        while self._waiting:
            group = self._take()
            items = [item for part, _ in group for item in part]
            try:
                answers = await self._flush(items)
                if len(answers) != len(items):
                    raise Miscounted(f"{len(items)} items got {len(answers)} answers")
            except BaseException as error:
                for _, future in group:
                    if not future.done():
                        future.set_exception(error)
                if not isinstance(error, Exception):
                    raise
            else:
                self._answer(group, answers)
            finally:
                self.waiting -= len(items)

    def _take(self) -> list[tuple[list[Item], asyncio.Future[list[Answer]]]]:
        size = taken = 0
        for part, _ in self._waiting:
            if taken and size + len(part) > self._max_batch:
                break
            size += len(part)
            taken += 1
        group, self._waiting = self._waiting[:taken], self._waiting[taken:]
        return group

    @staticmethod
    def _answer(group: list[tuple[list[Item], asyncio.Future[list[Answer]]]], answers: Sequence[Answer]) -> None:
        start = 0
        for part, future in group:
            end = start + len(part)
            if not future.done():
                future.set_result(list(answers[start:end]))
            start = end

"""Many callers share a flush, and each gets its own answers, whatever happens to the others."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

import pytest

from sapparot.base.groupcommit import Full, GroupCommit, Miscounted

Flush = Callable[[list[int]], Awaitable[Sequence[str]]]


class Disk:
    """Remembers every flush; can be held, and can fail."""

    def __init__(self) -> None:
        self.flushes: list[list[int]] = []
        self.open = asyncio.Event()
        self.open.set()
        self.fails = False
        self.at_once = 0

    async def __call__(self, items: list[int]) -> list[str]:
        self.at_once += 1
        assert self.at_once == 1, "two flushes at once"
        try:
            self.flushes.append(list(items))
            await self.open.wait()
            await asyncio.sleep(0)
            if self.fails:
                raise OSError("disk")
            return [f"answer to {item}" for item in items]
        finally:
            self.at_once -= 1


def live(scene: Callable[[Disk], Coroutine[Any, Any, None]]) -> None:
    """Play a scene; it may take ten seconds."""

    async def play() -> None:
        await asyncio.wait_for(scene(Disk()), 10)

    asyncio.run(play())


def gather(disk: Flush, *, waiting: int = 10_000, batch: int = 100) -> GroupCommit[int, str]:
    return GroupCommit(disk, max_waiting=waiting, max_batch=batch)


def test_a_lone_item_is_flushed_at_once() -> None:
    async def scene(disk: Disk) -> None:
        assert await gather(disk).submit([1]) == ["answer to 1"]
        assert disk.flushes == [[1]]

    live(scene)


def test_items_that_come_during_a_flush_share_the_next_one() -> None:
    async def scene(disk: Disk) -> None:
        commits = gather(disk)
        disk.open.clear()
        callers = [asyncio.create_task(commits.submit([number])) for number in range(10)]
        await asyncio.sleep(0.01)
        assert disk.flushes == [list(range(10))] or disk.flushes == [[0]]
        more = [asyncio.create_task(commits.submit([number])) for number in range(10, 20)]
        await asyncio.sleep(0.01)
        disk.open.set()
        assert [await one for one in callers + more] == [[f"answer to {number}"] for number in range(20)]
        assert len(disk.flushes) <= 3

    live(scene)


def test_nothing_is_lost_and_nobody_gets_the_answers_of_others() -> None:
    async def scene(disk: Disk) -> None:
        commits, chance = gather(disk, batch=7), random.Random(1)

        async def caller(number: int) -> None:
            for turn in range(20):
                items = [number * 10_000 + turn * 10 + place for place in range(chance.randint(1, 9))]
                assert await commits.submit(items) == [f"answer to {item}" for item in items]
                if chance.random() < 0.3:
                    await asyncio.sleep(0)

        await asyncio.gather(*(caller(number) for number in range(50)))
        flat = [item for flush in disk.flushes for item in flush]
        assert len(flat) == len(set(flat))
        assert commits.waiting == 0

    live(scene)


def test_a_caller_that_is_cancelled_loses_only_its_own_answer() -> None:
    async def scene(disk: Disk) -> None:
        commits = gather(disk)
        disk.open.clear()
        callers = [asyncio.create_task(commits.submit([number])) for number in range(6)]
        await asyncio.sleep(0.01)
        for number in (0, 2, 4):
            callers[number].cancel()
        disk.open.set()
        found = await asyncio.gather(*callers, return_exceptions=True)
        assert [isinstance(one, asyncio.CancelledError) for one in found] == [True, False] * 3
        assert [found[number] for number in (1, 3, 5)] == [[f"answer to {number}"] for number in (1, 3, 5)]
        assert sorted(item for flush in disk.flushes for item in flush) == list(range(6)), (
            "its item was flushed all the same"
        )
        assert commits.waiting == 0

    live(scene)


def test_a_flush_that_fails_is_told_to_its_callers_and_the_next_one_works() -> None:
    async def scene(disk: Disk) -> None:
        commits = gather(disk)
        disk.open.clear()
        disk.fails = True
        failing = [asyncio.create_task(commits.submit([number])) for number in range(3)]
        await asyncio.sleep(0.01)
        disk.open.set()
        found = await asyncio.gather(*failing, return_exceptions=True)
        assert all(isinstance(one, OSError) for one in found)
        disk.fails = False
        assert await commits.submit([9]) == ["answer to 9"]
        assert commits.waiting == 0

    live(scene)


def test_a_flush_that_answers_too_little_or_too_much_answers_nobody() -> None:
    async def scene(_: Disk) -> None:
        for answers in ([], ["one"], ["one", "two", "three"]):

            async def flush(items: list[int], answers: list[str] = answers) -> list[str]:
                return answers

            with pytest.raises(Miscounted):
                await gather(flush).submit([1, 2])

    live(scene)


def test_past_the_bound_callers_are_told_at_once_and_room_comes_back() -> None:
    async def scene(disk: Disk) -> None:
        commits = gather(disk, waiting=10)
        disk.open.clear()
        first = asyncio.create_task(commits.submit(list(range(8))))
        await asyncio.sleep(0.01)
        with pytest.raises(Full):
            await commits.submit([8, 9, 10])
        second = asyncio.create_task(commits.submit([8, 9]))
        await asyncio.sleep(0.01)
        with pytest.raises(Full):
            await commits.submit([10])
        disk.open.set()
        assert len(await first) == 8
        assert len(await second) == 2
        assert await commits.submit(list(range(10))) == [f"answer to {number}" for number in range(10)]
        with pytest.raises(Full):
            await commits.submit(list(range(11)))

    live(scene)


def test_a_failed_flush_gives_its_room_back() -> None:
    async def scene(disk: Disk) -> None:
        commits = gather(disk, waiting=5)
        disk.fails = True
        for _ in range(5):
            with pytest.raises(OSError, match="disk"):
                await commits.submit([1, 2, 3, 4, 5])
        assert commits.waiting == 0

    live(scene)


def test_a_batch_never_splits_a_caller_and_may_be_one_large_caller() -> None:
    async def scene(disk: Disk) -> None:
        commits = gather(disk, batch=10)
        disk.open.clear()
        sizes = [1, 6, 6, 25, 4]
        starts = [sum(sizes[:place]) for place in range(len(sizes))]
        callers = [
            asyncio.create_task(commits.submit(list(range(start, start + size))))
            for start, size in zip(starts, sizes, strict=True)
        ]
        await asyncio.sleep(0.01)
        disk.open.set()
        assert [len(await caller) for caller in callers] == sizes
        assert all(len(flush) <= 10 or len(flush) == 25 for flush in disk.flushes)

    live(scene)


def test_closing_waits_for_everything_that_was_submitted() -> None:
    async def scene(disk: Disk) -> None:
        commits = gather(disk, batch=2)
        await commits.close()
        disk.open.clear()
        callers = [asyncio.create_task(commits.submit([number])) for number in range(9)]
        await asyncio.sleep(0.01)
        closing = asyncio.create_task(commits.close())
        await asyncio.sleep(0.01)
        assert not closing.done()
        disk.open.set()
        await closing
        assert all(caller.done() for caller in callers)
        assert [await caller for caller in callers] == [[f"answer to {number}"] for number in range(9)]

    live(scene)


def test_when_the_loop_ends_in_the_middle_nobody_waits_for_ever() -> None:
    async def scene(disk: Disk) -> None:
        commits = gather(disk, batch=1)
        disk.open.clear()
        callers = [asyncio.create_task(commits.submit([number])) for number in range(3)]
        await asyncio.sleep(0.01)
        assert commits._running is not None
        commits._running.cancel()
        found = await asyncio.gather(*callers, return_exceptions=True)
        assert all(isinstance(one, asyncio.CancelledError) for one in found)

    live(scene)


def test_no_items_have_no_answers() -> None:
    async def scene(disk: Disk) -> None:
        assert await gather(disk).submit([]) == []

    live(scene)

"""One gatherer: a process that brings a part of the people through the doors of people. Started by muster.py with a job file.

It works act by act, as muster.py calls them out: people join and train, take up a family's phone, answer what they were offered, arrive.
Each person is a coroutine, and only so many are on their way at once; what is remembered of a person is some hundred bytes.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import uvloop

from sapparot.base.clock import ConductedClock, stamp
from sapparot.simulate import truth as truths
from sapparot.simulate.board import PEOPLE, Board
from sapparot.simulate.browsers import Browser, Street
from sapparot.simulate.facts import GATHERED, Job
from sapparot.simulate.habits import areas, constituencies, habits, name, telephone
from sapparot.simulate.people import NOBODY, device_key, read_networks
from sapparot.simulate.phone import REPLACED_FROM
from sapparot.simulate.processes import given_job
from sapparot.simulate.roll import load
from sapparot.simulate.walking import Member, Way

AT_ONCE = 32
"""People of one process who are on their way at one time: more would only wait for the database, and be told to come again."""
CONNECTIONS = 200
"""Of one process, each from an address of its own."""
LOOK_SECONDS = 0.05
Step = Callable[[int], Awaitable[None]]


class Person:
    """What is remembered of one person."""

    __slots__ = ("browser", "id", "kid", "old", "station", "token")

    def __init__(self) -> None:
        self.browser = Browser()
        self.id = self.station = self.kid = self.token = self.old = ""


class Ground(NamedTuple):
    """What the country is like: station codes with their numbers, places in hundredths of a degree, areas, constituencies."""

    codes: list[str]
    numbers: dict[str, int]
    place: list[list[int]]
    areas: list[str]
    constituency: list[int]
    constituencies: list[str]


def ground(truth: truths.Truth, folder: Path) -> Ground:
    """Read what the country is like."""
    place = (np.stack([truth.lat, truth.lon], axis=1) // 10_000).tolist()
    numbers = {code: number for number, code in enumerate(truth.codes)}
    named = np.unique(truth.constituency, return_inverse=True)[1].tolist()
    return Ground(truth.codes, numbers, place, areas(folder), named, constituencies(folder))


class Gatherer:
    """The people of one part of the country."""

    def __init__(self, job: Job) -> None:
        plan, self.part = job.plan, job.part
        assert plan.people is not None
        self._plan = plan
        self._ground = ground(truths.load(plan.truth), plan.people.election)
        self._networks = read_networks(plan.source)
        self._crew = load(plan.work / "crew.npz", self._networks)
        self._habits = habits(self._crew, plan.mix, plan.seed)
        size, sharing = len(self._crew), self._habits.shares()
        first, last = (size * (self.part + step) // plan.senders for step in (0, 1))
        # Who takes up a family's phone is brought by the process of the family.
        self._mine = [number for number in range(first, last) if not sharing[number]]
        self._family = {
            each: int(self._habits.family[each]) for each in self._mine if self._habits.family[each] != NOBODY
        }
        self._people = {number: Person() for number in [*self._mine, *self._family.values()]}
        self._clock = ConductedClock(plan.clock)
        self._board = Board(plan.work / "gathering", plan.senders, fields=PEOPLE)
        self._street = Street(plan.url, CONNECTIONS, self.part, plan.people.operator.read_text().strip())
        self._way = Way(self._street)
        self._tally = dict.fromkeys(("steps", *GATHERED), 0)

    async def run(self) -> None:
        """Live through the acts."""
        await self._street.run(self._acts)

    async def _acts(self) -> None:
        parent = os.getppid()
        acts: list[tuple[Step, Sequence[int]]] = [
            (self._join, self._mine),
            (self._share, list(self._family)),
            (self._answer, self._mine),
            (self._arrive, self._mine),
        ]
        for act, (step, people) in enumerate(acts, 1):
            while self._board.get(self.part, "act") < act:
                await asyncio.sleep(LOOK_SECONDS)
                if os.getppid() != parent:
                    return  # nobody conducts any more
            self._tally["steps"] = 0
            await self._everybody(people, step)
            self._write()
            self._board.put(self.part, done=act, **self._tally)

    async def _everybody(self, people: Sequence[int], step: Step) -> None:
        waiting = iter(people)

        async def walk() -> None:
            for number in waiting:
                await step(number)
                self._tally["steps"] += 1
                self._board.put(self.part, **self._tally)

        async with asyncio.TaskGroup() as walkers:
            for _ in range(min(AT_ONCE, len(people))):
                walkers.create_task(walk())

    def _write(self) -> None:
        """Write what muster.py and the senders need of these people."""
        people = sorted(self._people.items())
        np.savez(
            self._plan.work / f"people-{self.part}.npz",
            number=np.array([number for number, _ in people], np.int32),
            station=np.array([self._ground.numbers.get(one.station, NOBODY) for _, one in people], np.int32),
            id=np.array([one.id for _, one in people], "S36"),
            token=np.array([one.token for _, one in people], "S"),
            old=np.array([one.old for _, one in people], "S"),
        )

    async def _join(self, number: int) -> None:
        """Sign up; all but spares and heads pass the quiz, and who wants takes the station at home."""
        person = self._people[number]
        person.id = await self._way.sign_up(person.browser, self._member(number))
        self._tally["joined"] += 1
        if self._habits.late[number] or self._crew.level[number] > 1:
            return
        await self._way.learn(person.browser, hasty=bool(self._habits.hasty[number]))
        if self._habits.chooses[number]:
            await self._choose(number, person)
        if number in self._family:  # its phone is given to somebody else afterwards
            await self._enrol(number, person)

    async def _share(self, family: int) -> None:
        """Take up a family's phone: its telephone number and browser, another network, a key of one's own."""
        number = self._family[family]
        person = self._people[number]
        person.browser = self._people[family].browser
        who = self._member(number)._replace(phone=self._member(family).phone)
        person.id = await self._way.sign_up(person.browser, who)
        self._tally["joined"] += 1
        self._tally["shared"] += 1
        await self._way.learn(person.browser)
        await self._choose(number, person)
        await self._enrol(number, person)

    async def _answer(self, number: int) -> None:
        """Accept what the plan offers; some give their duty back."""
        person = self._people[number]
        waits = not person.station and not self._habits.late[number] and self._crew.level[number] == 1
        if waits and number not in self._family:
            person.station = await self._way.accept(person.browser)
            self._tally["planned"] += bool(person.station)
        if person.station and self._habits.drops[number]:
            await self._way.drop(person.browser)
            person.station = ""
            self._tally["dropped"] += 1

    async def _arrive(self, number: int) -> None:
        """Come with an enrolled phone and check in; those of a family do so one after the other, on one phone."""
        person = self._people[number]
        if number in self._family:
            await self._check_in(self._people[self._family[number]])
            await self._way.sign_in(person.browser, self._member(number))
            await self._check_in(person)
        elif self._crew.level[number] > 1:
            await self._lead(number, person)
        elif self._habits.late[number]:
            await self._step_in(number, person)
        elif self._habits.absent[number] and person.station:
            self._tally["absent"] += 1
            person.station = ""
        elif person.station:
            await self._come(number, person)

    async def _lead(self, number: int, person: Person) -> None:
        await self._way.learn(person.browser)
        await self._enrol(number, person)
        await self._way.choose(person.browser, self._constituency(number), ("official",))

    async def _step_in(self, number: int, person: Person) -> None:
        person.station = await self._way.accept(person.browser)
        if person.station:
            self._tally["replaced"] += 1
            await self._way.learn(person.browser)
            await self._come(number, person)

    async def _come(self, number: int, person: Person) -> None:
        await self._enrol(number, person)
        await self._check_in(person)
        if self._habits.loses[number]:
            lost, person.old = person.kid, person.token
            person.browser = Browser()
            await self._way.sign_in(person.browser, self._member(number))
            await self._way.revoke(person.browser, lost)
            await self._enrol(number, person, REPLACED_FROM + number)
            self._tally["lost"] += 1

    async def _choose(self, number: int, person: Person) -> None:
        home = self._ground.codes[self._crew.home[number]]
        if await self._way.choose(person.browser, home):
            person.station = home
            self._tally["chosen"] += 1

    async def _enrol(self, number: int, person: Person, device: int | None = None) -> None:
        key = device_key(self._plan.seed, number if device is None else device)
        person.kid, person.token = await self._way.enrol(person.browser, key)
        self._tally["enrolled"] += 1

    async def _check_in(self, person: Person) -> None:
        if person.station:
            lat, lon = self._ground.place[self._ground.numbers[person.station]]
            await self._way.check_in(person.browser, person.station, stamp(self._clock.now()), (lat, lon))
            self._tally["arrived"] += 1

    def _member(self, number: int) -> Member:
        network = self._networks[int(self._crew.network[number])].id
        # Who stands by serves anywhere in the constituency.
        area = self._constituency(number) if self._habits.late[number] else self._ground.areas[self._crew.home[number]]
        return Member(network, name(number), telephone(number, self._plan.seed), area)

    def _constituency(self, number: int) -> str:
        return self._ground.constituencies[self._ground.constituency[int(self._crew.home[number])]]


if __name__ == "__main__":
    uvloop.run(Gatherer(given_job()).run())

"""Gathers the people of an evening through the doors of people, before the evening: act by act, several processes at a time.

join: everybody signs up, proves the telephone and passes the quiz; some choose their station. share: a second person of a family takes up
its phone. Then organisers make heads, and the centre asks for a plan. answer: who was offered a duty accepts it; some give theirs back, and
the nearest spare is asked. arrive: people enrol their phones and check in; some lose them. What comes of it is the crew of the evening.
"""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
import numpy as np
from msgspec.structs import replace

from sapparot.base.clock import ConductedClock, Conductor, monotonic
from sapparot.simulate.board import PEOPLE, Board
from sapparot.simulate.browsers import Browser, Street
from sapparot.simulate.facts import GATHERED, EveningPlan, Gathered, Progress
from sapparot.simulate.habits import constituencies, with_spares
from sapparot.simulate.people import NOBODY, Bools, Crew
from sapparot.simulate.problems import DoorClosed
from sapparot.simulate.processes import processes
from sapparot.simulate.roll import by_roster, save
from sapparot.simulate.truth import Int32s, Truth
from sapparot.simulate.walking import Member, Way

ACTS = (("join", -4.0), ("share", -3.5), ("answer", -3.0), ("arrive", -1.0))
"""Acts, and how many hours after closing each begins."""
HOUR = 3600.0
LOOK_SECONDS = 0.1
TELL_SECONDS = 0.5
PLAN_SECONDS = 600.0
OFFICE = 60
"""The part of the addresses from which the centre and the organisers come."""
Tell = Callable[[Progress], None]


def muster(
    plan: EveningPlan, whole: tuple[Truth, Crew], closes_at: datetime, conducted: tuple[Conductor, Tell]
) -> tuple[Crew, Gathered]:
    """Gather everybody and return the crew as it stands at closing, and what came of people; raises DoorClosed."""
    truth, crew = whole
    crew = with_spares(crew, truth, plan.mix, plan.seed)
    save(crew, plan.work / "crew.npz")
    found = _Muster(plan, closes_at, *conducted).run(crew)
    crew = replace(by_roster(crew, truth, found.stands), lost=found.lost)
    save(crew, plan.work / "crew.npz")
    return crew, found.gathered


class _Found(msgspec.Struct, frozen=True, eq=False):
    stands: Int32s
    lost: Bools
    gathered: Gathered


class _Muster:
    def __init__(self, plan: EveningPlan, closes_at: datetime, conductor: Conductor, tell: Tell) -> None:
        self._plan = plan
        self._closes_at = closes_at
        self._conductor = conductor
        self._clock = ConductedClock(plan.clock)
        self._tell = tell
        self._told = 0.0
        self._board = Board(plan.work / "gathering", plan.senders, make=True, fields=PEOPLE)

    def run(self, crew: Crew) -> _Found:
        """Play every act."""
        with processes(self._plan, "gathering", self._closes_at) as gatherers:
            for act, (name, hours) in enumerate(ACTS, 1):
                self._move(hours)
                self._play(gatherers, act, name, len(crew))
                if name == "share":
                    self._tell(Progress("plan", 0, 0, 0.0, 1.0))
                    asyncio.run(_Office(self._plan).work(self._heads(crew)))
        return self._found(len(crew))

    def _move(self, hours: float) -> None:
        """Let it be so many hours after closing, or a minute later than now when that is over."""
        self._conductor.set(max(self._closes_at.timestamp() + hours * HOUR, self._clock.epoch() + 60), 1.0)

    def _play(self, gatherers: list[subprocess.Popen[bytes]], act: int, name: str, size: int) -> None:
        for part in range(self._plan.senders):
            self._board.put(part, act=act)
        while any(self._board.get(part, "done") < act for part in range(self._plan.senders)):
            for part, process in enumerate(gatherers):
                if process.poll() is not None and self._board.get(part, "done") < act:
                    log = self._plan.work / f"gathering-{part}.log"
                    raise DoorClosed(
                        f"โปรเซสรวมคนหยุดไปด้วยรหัส {process.returncode} ดูสาเหตุได้ใน {log}",
                        f"a gatherer ended with {process.returncode}; see {log}",
                    )
            if monotonic() - self._told >= TELL_SECONDS:
                self._told = monotonic()
                self._tell(Progress(name, self._board.total("steps"), size, self._clock.epoch(), 1.0))
            time.sleep(LOOK_SECONDS)

    def _heads(self, crew: Crew) -> list[tuple[str, str, str]]:
        """Return network, person and constituency of everybody who is to be head."""
        ids = self._read(len(crew), "id", "S36")
        named = constituencies(self._plan.source)
        networks = [crew.networks[number].id for number in crew.network[crew.head].tolist()]
        people = [ids[number].decode() for number in crew.head.tolist()]
        return list(zip(networks, people, named, strict=False))

    def _read(self, size: int, name: str, kind: str) -> Any:
        """Return what the gatherers wrote of each of ``size`` people, in a column of numbers ("i4") or bytes."""
        whole = np.full(size, NOBODY if kind == "i4" else b"", kind)
        for part in range(self._plan.senders):
            with np.load(self._plan.work / f"people-{part}.npz") as arrays:
                whole[arrays["number"]] = arrays[name]
        return whole

    def _found(self, size: int) -> _Found:
        tokens, old = self._read(size, "token", "S160"), self._read(size, "old", "S160")
        np.savez(self._plan.work / "tokens.npz", token=tokens, old=old)
        stands = self._read(size, "station", "i4")
        gathered = Gathered(**{name: self._board.total(name) for name in GATHERED})
        return _Found(stands, old != b"", gathered)


class _Office:
    """The centre and the organisers at their laptops."""

    def __init__(self, plan: EveningPlan) -> None:
        assert plan.people is not None
        self._people = plan.people
        operator = plan.people.operator.read_text().strip()
        self._street = Street(plan.url, 4, OFFICE, operator)
        self._way = Way(self._street)
        self._heads: list[tuple[str, str, str]] = []

    async def work(self, heads: list[tuple[str, str, str]]) -> None:
        """Make the heads, then ask for a plan and wait for it."""
        self._heads = heads
        await self._street.run(self._work)

    async def _work(self) -> None:
        organisers: dict[str, list[Browser]] = {}
        for network, phone in self._people.organisers:
            browser = Browser()
            await self._way.sign_in(browser, Member(network, "", phone))
            organisers.setdefault(network, []).append(browser)
        for number, (network, person, area) in enumerate(self._heads):
            able = organisers[network]
            said = {"person": person, "role": "head", "area": area}
            await self._way.ask(able[number % len(able)], "POST", "/v1/grants", said)
        await self._plan_duties()

    async def _plan_duties(self) -> None:
        network, phone = self._people.centre
        centre = Browser()
        await self._way.sign_in(centre, Member(network, "", phone))
        run = await self._way.ask(centre, "POST", "/v1/duties/runs", {"jobs": ["progress", "final"], "trained": True})
        deadline = monotonic() + PLAN_SECONDS
        while run["state"] == "waiting":
            if monotonic() > deadline:
                raise DoorClosed("ระบบไม่ได้จัดแผนหน้าที่ให้", "no plan of duties was made")
            await asyncio.sleep(0.5)
            run = await self._way.ask(centre, "GET", f"/v1/duties/runs/{run['id']}")
        if run["state"] != "done":
            raise DoorClosed(f"จัดแผนหน้าที่ไม่สำเร็จ: {run['outcome']}", f"the plan of duties failed: {run['outcome']}")

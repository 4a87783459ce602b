"""One sender: a process that carries the phones of a part of the country. Started by play.py with a job file.

It enrols its devices, then sends every event when the conducted clock says that it is due, and keeps what was answered.
"""

from __future__ import annotations

import hashlib
import os
import resource
import sys
from collections.abc import Iterator
from datetime import timedelta, timezone
from functools import lru_cache

import msgspec
import numpy as np
import uvloop

from sapparot.base.clock import ConductedClock, unstamp
from sapparot.base.heap import look_seldom
from sapparot.base.jws import parse
from sapparot.simulate import truth as truths
from sapparot.simulate.board import Board
from sapparot.simulate.evening import NONE, Events, Trick
from sapparot.simulate.facts import OUTCOMES, EveningPlan, Job
from sapparot.simulate.people import Crew, invites_of, read_networks, recruit
from sapparot.simulate.phone import Phones
from sapparot.simulate.processes import given_job
from sapparot.simulate.published import read_published
from sapparot.simulate.roll import load
from sapparot.simulate.sums import Ints
from sapparot.simulate.wire import Letter, Pool, request

LINES_LIMIT = 200
"""Reports that fit into one body."""
TOLD = 5
"""Unwelcome answers of each kind that a sender writes to its log."""
_CODE = {name: number for number, name in enumerate(OUTCOMES)}


class Promise(msgspec.Struct):
    """The member that we read of a promise."""

    jws: str


class Line(msgspec.Struct):
    """The members that we read of one answered line."""

    outcome: str = "refused"
    promise: Promise | None = None


class Received(msgspec.Struct):
    """The member that we read of a promise's payload."""

    received_at: str


class Welcome(msgspec.Struct):
    """The members that we read of an enrolment's answer."""

    token: str


_lines = msgspec.json.Decoder(Line)
_welcome = msgspec.json.Decoder(Welcome)


class Sender:
    """The state of a running part."""

    def __init__(self, job: Job) -> None:
        plan = job.plan
        self.part = job.part
        self._plan = plan
        truth = truths.load(plan.truth)
        self._crew: Crew = _crew(plan, truth)
        # A plain view of the mapped file: numpy's own class for it costs a microsecond at every look.
        self._events: Events = np.asarray(np.load(plan.work / "events.npy", mmap_mode="r"))
        zone = timezone(timedelta(seconds=job.offset))
        self._phones = Phones(truth, self._crew, self._events, plan.seed, zone)
        self.rows = np.load(plan.work / f"rows-{job.part}.npy")
        self._due = self._events["due"][self.rows]
        self._clock = ConductedClock(plan.clock)
        self._pool = Pool(plan.url, plan.connections, self._next_enrolment, plan.seed * 100 + job.part)
        devices = self._events["device"][self.rows]
        self._devices: Iterator[int] = iter(np.unique(devices).tolist())
        self.devices = len(np.unique(devices))
        self._invites = invites_of(self._crew, truth, read_published(plan.source).constituencies)
        self._tokens: dict[int, str] = {}
        self._lost: dict[int, str] = {}
        self._photographs: list[Letter] = []
        self._explained = 0
        self._place = 0
        self.outcome = np.zeros(len(self.rows), np.uint8)
        self.received = np.zeros(len(self.rows), np.int64)
        self.tally = {"enrolled": 0, "refused_devices": 0, "sent": 0, "answered": 0, "photographs": 0}
        self.tally |= dict.fromkeys(OUTCOMES[1:], 0)
        if plan.people is not None:
            self._take_tokens(np.unique(devices))

    async def run(self) -> None:
        """Enrol, play, and leave the log behind."""
        board = Board(self._plan.work / "board", self._plan.senders)
        parent = os.getppid()

        def told(finished: bool) -> bool:
            board.put(self.part, retried=self._pool.retried, **self.tally)
            self._explain()
            return finished or os.getppid() != parent  # nobody conducts any more

        enrolled = ("enrolled", "refused_devices")
        await self._pool.keep(lambda: told(sum(self.tally[name] for name in enrolled) == self.devices))
        board.put(self.part, ready=1)
        self._pool.source = self._next_report
        await self._pool.keep(lambda: told(self._finished()))
        self._pool.close()
        np.savez(self._plan.work / f"outcomes-{self.part}.npz", outcome=self.outcome, received=self.received)
        used = resource.getrusage(resource.RUSAGE_SELF)
        board.put(self.part, cpu_ms=round(1000 * (used.ru_utime + used.ru_stime)), done=1)

    def _take_tokens(self, devices: Ints) -> None:
        """Take the tokens of people who came through their own doors; who has none was not to be scheduled."""
        with np.load(self._plan.work / "tokens.npz") as arrays:
            now, old = arrays["token"], arrays["old"]
        self._tokens = {number: now[number].decode() for number in devices.tolist() if now[number]}
        self._lost = {number: old[number].decode() for number in devices.tolist() if old[number]}
        self._devices = iter(())
        self.tally["enrolled"] = len(self._tokens)
        self.tally["refused_devices"] = len(devices) - len(self._tokens)

    def _explain(self) -> None:
        """Write to the log why requests had to be repeated, a few times."""
        if self._pool.troubles and self._explained < TOLD:
            self._explained += 1
            sys.stderr.write("".join(f"sent again after {trouble}\n" for trouble in self._pool.troubles))
            self._pool.troubles.clear()

    def _finished(self) -> bool:
        return self._place == len(self.rows) and not self._photographs and not self._pool.waiting

    def _next_enrolment(self) -> Letter | None:
        device = next(self._devices, None)
        if device is None:
            return None
        body = self._phones.enrolment(device, self._plan.invites[self._invites[device]])
        data = request("POST", self._pool.host, "/v1/devices", {"Content-Type": "application/jose"}, body)
        return Letter(data, lambda status, answer: self._welcomed(device, status, answer))

    def _welcomed(self, device: int, status: int, answer: bytes) -> None:
        if status != 201:
            self.tally["refused_devices"] += 1
            if self.tally["refused_devices"] <= TOLD:
                sys.stderr.write(f"device {device} was not enrolled: {status} {answer.decode(errors='replace')}\n")
            return
        self._tokens[device] = _welcome.decode(answer).token
        self.tally["enrolled"] += 1

    def _next_report(self) -> Letter | None:
        """Return the next body that is due: one report, or those that a phone or a relay sends together."""
        if self._photographs:
            return self._photographs.pop()
        while self._place < len(self.rows) and self._due[self._place] <= self._clock.epoch():
            places = self._next_places()
            self._place = places.stop
            self.tally["sent"] += len(places)
            row = self.rows[places.start]
            tokens = self._lost if int(self._events["trick"][row]) == Trick.LOST else self._tokens
            token = tokens.get(int(self._events["device"][row]))
            if token is not None:
                return self._letter(places, token)
            self._settle(places, ["failed"] * len(places))
        return None

    def _next_places(self) -> range:
        first = self._place
        parcel, last = self._events["parcel"][self.rows[first]], first + 1
        if parcel != NONE:
            most = min(len(self.rows), first + LINES_LIMIT)
            while last < most and self._events["parcel"][self.rows[last]] == parcel:
                last += 1
        return range(first, last)

    def _letter(self, places: range, token: str) -> Letter:
        bearer = {"Authorization": f"Bearer {token}"}
        lines = []
        for place in places:
            line, photo = self._phones.line(int(self.rows[place]))
            lines.append(line)
            if photo:
                self._photographs.append(self._photograph(photo, bearer))
        trick = int(self._events["trick"][self.rows[places.start]])
        headers = {"Content-Type": "application/jose", **bearer}
        data = request("POST", self._pool.host, "/v1/reports", headers, b"\n".join(lines))
        return Letter(data, lambda _, body: self._answered(places, body), lose=trick == Trick.LOST_ANSWER)

    def _photograph(self, photo: bytes, bearer: dict[str, str]) -> Letter:
        name = hashlib.sha256(photo).hexdigest()
        headers = {"Content-Type": "image/jpeg", **bearer}
        data = request("PUT", self._pool.host, f"/v1/evidence/{name}", headers, photo)
        return Letter(data, lambda status, _: self._shown(status))

    def _shown(self, status: int) -> None:
        self.tally["photographs"] += status in (200, 201, 202, 204)

    def _answered(self, places: range, body: bytes) -> None:
        lines = [_lines.decode(line) for line in body.splitlines() if line]
        if len(lines) != len(places):  # a problem with the whole body
            lines = [Line()] * len(places)
        for place, line in zip(places, lines, strict=True):
            if line.promise is not None:
                self.received[place] = received_at(line.promise.jws)
        self._settle(places, [line.outcome for line in lines])

    def _settle(self, places: range, outcomes: list[str]) -> None:
        for place, outcome in zip(places, outcomes, strict=True):
            self.outcome[place] = _CODE[outcome]
            self.tally[outcome] += 1
        self.tally["answered"] += len(places)


def _crew(plan: EveningPlan, truth: truths.Truth) -> Crew:
    networks = read_networks(plan.source)
    if plan.people is not None:
        return load(plan.work / "crew.npz", networks)
    return recruit(truth, networks, plan.mix, plan.seed)


@lru_cache(maxsize=64)
def received_at(promise: str) -> int:
    """Return when the server took a report, in microseconds since 1970; one promise answers for many reports."""
    stamped = msgspec.json.decode(parse(promise).payload, type=Received)
    return round(unstamp(stamped.received_at).timestamp() * 1e6)


if __name__ == "__main__":
    sender = Sender(given_job())
    look_seldom()
    uvloop.run(sender.run())

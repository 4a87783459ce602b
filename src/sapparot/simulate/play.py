"""Plays an evening: writes the schedule, starts the senders, conducts time until every phone has its answers."""

from __future__ import annotations

import subprocess
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import msgspec
import numpy as np

from sapparot.base.clock import Conductor, monotonic
from sapparot.simulate import truth as truths
from sapparot.simulate.board import Board
from sapparot.simulate.conductor import Baton, pace
from sapparot.simulate.evening import Events, Trick, flat, schedule
from sapparot.simulate.facts import OUTCOMES, Counts, EveningLog, EveningPlan, Gathered, Progress
from sapparot.simulate.muster import muster
from sapparot.simulate.people import Crew, invites_of, read_networks, recruit
from sapparot.simulate.problems import DoorClosed
from sapparot.simulate.processes import processes
from sapparot.simulate.published import Published, read_published
from sapparot.simulate.sums import Floats, Ints
from sapparot.simulate.truth import Truth
from sapparot.simulate.watcher import Watcher

TURN = 0.1
"""Seconds between two looks of the conductor."""
SILENCE = 120.0
"""Seconds without a single answer after which the server is taken for dead."""
TELL = 0.5
"""Seconds between two reports of progress."""
BEFORE_CLOSING = 4 * 3600.0
"""The stage is set this long before closing: devices enrol in the afternoon."""
FLAT_AFTER = 6 * 3600.0
"""An even load begins this long after closing: every sheet can have been counted by then, and the rules have nothing against it."""
OnProgress: TypeAlias = Callable[[Progress], None]
Behind: TypeAlias = Callable[[], int]


def set_stage(clock: Path, source: Path) -> Conductor:
    """Make the conducted clock's file, standing in the afternoon of polling day; servers may start with it now."""
    conductor = Conductor(clock)
    conductor.set(read_published(source).closes_at.timestamp() - BEFORE_CLOSING, 1.0)
    return conductor


def invites_needed(plan: EveningPlan) -> dict[str, int]:
    """Return how many devices will enrol under each "network/level", those of heads under "network/2/constituency"."""
    truth = truths.load(plan.truth)
    crew = recruit(truth, read_networks(plan.source), plan.mix, plan.seed)
    return dict(Counter(invites_of(crew, truth, read_published(plan.source).constituencies)))


def play(
    plan: EveningPlan, conductor: Conductor, on_progress: OnProgress = lambda _: None, behind: Behind = lambda: 0
) -> EveningLog:
    """Play the evening against the server and return its log once every line is answered and nothing is ``behind``.

    ``behind`` tells how many entries the pipeline behind the doors has not digested. Raises DoorClosed when devices cannot
    enrol or a sender dies.
    """
    truth, published = truths.load(plan.truth), read_published(plan.source)
    crew = recruit(truth, read_networks(plan.source), plan.mix, plan.seed)
    plan.work.mkdir(parents=True, exist_ok=True)
    gathered, began = None, monotonic()
    if plan.people is not None:
        crew, gathered = muster(plan, (truth, crew), published.closes_at, (conductor, on_progress))
    events = _events(plan, truth, crew, published)
    parts = _parts(events, truth, plan.senders)
    if plan.flat is not None and plan.flat.lines > 1:
        for rows in parts:
            events["parcel"][rows] = np.arange(len(rows)) // plan.flat.lines
    np.save(plan.work / "events.npy", events)
    board = Board(plan.work / "board", plan.senders, make=True)
    for part, rows in enumerate(parts):
        np.save(plan.work / f"rows-{part}.npy", rows)
    with processes(plan, "sender", published.closes_at) as senders:
        evening = _Evening(plan, (senders, board), on_progress, behind)
        enrolled_s = evening.enrol(_devices(events))
        if gathered is not None:
            enrolled_s = monotonic() - began
        log = evening.count(conductor, events, _begins(plan, published), enrolled_s)
    return msgspec.structs.replace(log, gathered=gathered and _with_refusals(gathered, events, log.outcomes))


def _with_refusals(gathered: Gathered, events: Events, outcomes: Path) -> Gathered:
    with np.load(outcomes) as noted:
        refused = noted["outcome"] == OUTCOMES.index("refused")
    return msgspec.structs.replace(gathered, lost_refused=int((refused & (events["trick"] == Trick.LOST)).sum()))


def _begins(plan: EveningPlan, published: Published) -> float:
    return published.closes_at.timestamp() + (FLAT_AFTER if plan.flat else 0.0)


def _events(plan: EveningPlan, truth: Truth, crew: Crew, published: Published) -> Events:
    closes_at = published.closes_at.timestamp()
    events = schedule(truth, crew, closes_at, (plan.mix, plan.photos, plan.seed))
    if plan.flat is None:
        return events
    return flat(events, _begins(plan, published), plan.flat)


def _parts(events: Events, truth: Truth, senders: int) -> list[Ints]:
    """Share the events out by constituency, so that all reports of a device leave from one process, in order."""
    load = np.bincount(
        truth.constituency[events["sheet"] // len(truth.ballots)], minlength=truth.constituency.max() + 1
    )
    part = np.minimum(np.cumsum(load) * senders // max(1, len(events) + 1), senders - 1)
    of_event = part[truth.constituency[events["sheet"] // len(truth.ballots)]]
    return [np.flatnonzero(of_event == number) for number in range(senders)]


def _devices(events: Events) -> int:
    return len(np.unique(events["device"]))


class _Evening:
    """The conductor's side while the senders run."""

    def __init__(
        self,
        plan: EveningPlan,
        sending: tuple[list[subprocess.Popen[bytes]], Board],
        on_progress: OnProgress,
        behind: Behind,
    ) -> None:
        self._plan = plan
        self._senders, self._board = sending
        self._on_progress = on_progress
        self._behind = behind
        self._told = 0.0
        self._heard = (0, monotonic())
        self._waiting = True

    def enrol(self, devices: int) -> float:
        """Wait until every device has its token and its place in the log; return the seconds it took."""
        began = monotonic()
        while self._board.total("ready") < len(self._senders):
            self._check()
            self._check_refusals(devices)
            self._tell(Progress("enrol", self._board.total("enrolled"), devices, 0.0, 1.0))
            time.sleep(TURN / 2)
        self._check_refusals(devices)
        while self._behind() > 0:
            self._tell(Progress("enrol", devices, devices, 0.0, 1.0))
            time.sleep(TURN)
        return monotonic() - began

    def count(self, conductor: Conductor, events: Events, begins: float, enrolled_s: float) -> EveningLog:
        """Conduct the evening to its end."""
        due = events["due"].copy()
        baton = Baton(conductor, begins)
        watcher = Watcher(self._plan.url)
        began = monotonic()
        while self._board.total("done") < len(self._senders):
            self._check()
            self._turn(baton, due)
            watcher.look()
            answered = self._board.total("answered")
            self._tell(Progress("count", answered, len(due), baton.epoch(), baton.speed, *watcher.said))
            time.sleep(TURN)
        ended = monotonic()
        baton.turn(1.0)
        while (left := self._behind()) > 0:
            watcher.look()
            self._tell(Progress("settle", 0, left, baton.epoch(), baton.speed, *watcher.said))
            time.sleep(TURN)
        watcher.look()
        return EveningLog(
            counts=self._counts(events),
            devices=_devices(events),
            enrolled_s=enrolled_s,
            sender_cpu_s=self._board.total("cpu_ms") / 1000,
            began=began,
            ended=ended,
            segments=tuple(baton.segments),
            seen=tuple(watcher.seen),
            schedule=self._plan.work / "events.npy",
            outcomes=self._outcomes(len(events)),
        )

    def _turn(self, baton: Baton, due: Floats) -> None:
        epoch = baton.epoch()
        unanswered = int(np.searchsorted(due, epoch)) - self._board.total("answered")
        self._waiting = unanswered > 0
        if self._plan.flat is not None:
            return
        if self._plan.speed is not None:
            baton.turn(self._plan.speed)
        else:
            baton.turn(pace(due, epoch, unanswered, self._behind()))

    def _check(self) -> None:
        for part, process in enumerate(self._senders):
            if process.poll() not in (None, 0):
                ended, log = process.returncode, f"{self._plan.work}/sender-{part}.log"
                raise DoorClosed(
                    f"โปรเซสส่งรายงานหยุดไปด้วยรหัส {ended} ดูสาเหตุได้ใน {log}", f"a sender ended with {ended}; see {log}"
                )
        answers, now = self._board.total("enrolled") + self._board.total("answered"), monotonic()
        if answers != self._heard[0]:
            self._heard = (answers, now)
        elif self._waiting and now - self._heard[1] > SILENCE:
            raise DoorClosed(
                f"{self._plan.url} ไม่ตอบมา {SILENCE:.0f} วินาทีแล้ว",
                f"{self._plan.url} has not answered for {SILENCE:.0f} seconds",
            )

    def _check_refusals(self, devices: int) -> None:
        if refused := self._board.total("refused_devices"):
            logs = f"{self._plan.work}/sender-*.log"
            raise DoorClosed(
                f"ลงทะเบียนไม่ได้ {refused} เครื่องจาก {devices} เครื่อง ดูสาเหตุได้ใน {logs}",
                f"{refused} of {devices} devices were not enrolled; see {logs}",
            )

    def _tell(self, progress: Progress) -> None:
        if monotonic() - self._told >= TELL:
            self._told = monotonic()
            self._on_progress(progress)

    def _counts(self, events: Events) -> Counts:
        total = self._board.total
        names = ("sent", *OUTCOMES[1:], "retried", "photographs")
        unwanted = int((events["trick"] >= Trick.FORGED).sum())
        return Counts(unwanted=unwanted, **{name: total(name) for name in names})

    def _outcomes(self, count: int) -> Path:
        """Join what the senders noted into one file, a row per event."""
        outcome, received = np.zeros(count, np.uint8), np.zeros(count, np.int64)
        for part in range(len(self._senders)):
            rows = np.load(self._plan.work / f"rows-{part}.npy")
            with np.load(self._plan.work / f"outcomes-{part}.npz") as noted:
                outcome[rows], received[rows] = noted["outcome"], noted["received"]
        path = self._plan.work / "outcomes.npz"
        np.savez(path, outcome=outcome, received=received)
        return path

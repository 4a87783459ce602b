"""The demo from the first ballot to the recount."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from sapparot.app import database_of, name_demo
from sapparot.base.clock import monotonic
from sapparot.base.database import connect
from sapparot.base.objects import public_objects
from sapparot.base.settings import SettingInvalid, Settings, serious
from sapparot.base.shipped import shipped
from sapparot.demo import stage
from sapparot.demo.facts import DemoPlan, Recounted, Reports, Summary, Visible
from sapparot.demo.hosts import Host, guide, hosts, organisers, receive
from sapparot.demo.memory import Peak
from sapparot.demo.pipeline import Backlog, settle
from sapparot.demo.visible import report_times
from sapparot.intake import counts
from sapparot.publish.recount import recount
from sapparot.publish.stored import StoredLog
from sapparot.simulate import judge
from sapparot.simulate.deviations import explain
from sapparot.simulate.facts import EveningLog, EveningPlan, Gathering, Progress
from sapparot.simulate.habits import constituencies
from sapparot.simulate.mix import HONEST
from sapparot.simulate.nation import NationPlan, draw_nation
from sapparot.simulate.people import read_networks
from sapparot.simulate.play import invites_needed, play, set_stage
from sapparot.simulate.published import read_published
from sapparot.simulate.truth import Truth
from sapparot.verify import load

Tell = Callable[[Progress], None]
CODES_PER_MINUTE = 60_000
"""A demo's codes cost nothing: the limit that protects a bill would only make everybody wait."""
FOLLOWERS = ("sequence", "verify", "publish")
"""What stands still while the evening is judged and counted again."""
RECOUNTED = 25
"""About so many of the light snapshots are rendered again, beside the last one."""


class Demo:
    """One evening; ``run`` it once."""

    def __init__(self, plan: DemoPlan, settings: Settings, tell: Tell) -> None:
        self._plan = plan
        self._place = settings.data / "demo"
        self._clock = self._place / "clock"
        self._settings = msgspec.structs.replace(
            settings,
            clock=str(self._clock),
            policy=self._place / "policy.toml",
            senders=None if serious(settings) else "page",
            codes_per_minute=CODES_PER_MINUTE if plan.doors == "people" else settings.codes_per_minute,
        )
        if plan.doors == "people" and (named := serious(settings)):
            others = ", ".join(named)
            raise SettingInvalid(
                f"ผู้คนเข้าระบบด้วยรหัสที่แสดงบนหน้าเว็บไม่ได้ เมื่อตั้งค่าเหล่านี้ไว้: {others}",
                f"people cannot sign in with codes on a page beside {others}",
            )
        self._hosts: tuple[Host, ...] = ()
        self._servers: stage.Servers | None = None
        self._tell = tell
        self._phases: dict[str, float] = {}

    @property
    def address(self) -> str:
        """Return where the live page is."""
        return f"http://{self._settings.host}:{self._settings.port}/"

    @property
    def guide(self) -> str:
        """Say how a visitor takes part."""
        if self._settings.senders is None:
            return f"Nobody can sign in here, because codes would stand on a page: {', '.join(serious(self._settings))} is set"
        return guide(self.address, self._hosts)

    def go_on(self) -> None:
        """Let the log go on after the summary, for visitors."""
        if self._servers is not None:
            self._servers.go_on(*FOLLOWERS)

    @contextmanager
    def run(self) -> Iterator[Summary]:
        """Live through the evening and yield what came of it; the page is served until the block ends."""
        began = monotonic()
        with stage.cleared(self._settings.data):
            self._place.mkdir()
            name_demo(self._settings)
            yield from self._live(began)

    def _live(self, began: float) -> Iterator[Summary]:
        with self._phase("draw"):
            truth = draw_nation(self._nation())
            self._write_policy()
        conductor = set_stage(self._clock, self._plan.election)
        with Peak() as peak, database_of(self._settings) as url:
            with self._phase("stage"):
                evening = self._evening_plan(url)
            with stage.servers(self._settings, url) as servers:
                self._servers = servers
                backlog = Backlog(url)
                log = play(evening, conductor, self._tell, backlog)
                backlog.close()
                self._phases |= {"enrol": log.enrolled_s, "count": log.ended - log.began}
                with self._phase("settle"):
                    last = settle(url, servers.check)
                servers.stop(*FOLLOWERS)
                with self._phase("recount"), ThreadPoolExecutor(1) as beside:
                    every = max(1, last.n // RECOUNTED)
                    recounting = beside.submit(recount, StoredLog(url), every)
                    found = self._judge(truth, log, url, last.n)
                    recounted = recounting.result()
                wall, memory = monotonic() - began, peak.mib
                yield Summary(
                    **found,
                    recount_equal=recounted.equal,
                    recounted=Recounted(recounted.snapshots.compared, recounted.snapshots.rendered),
                    wall_s=round(wall, 1),
                    peak_rss_mib=round(memory),
                    phases_s={name: round(seconds, 1) for name, seconds in self._phases.items()},
                )

    @contextmanager
    def _phase(self, name: str) -> Iterator[None]:
        began = monotonic()
        self._tell(Progress(name, 0, 0, 0.0, 0.0))
        yield
        self._phases[name] = monotonic() - began

    def _nation(self) -> NationPlan:
        return NationPlan(
            source=self._plan.election,
            folder=self._place / "election",
            truth=self._place / "truth.npz",
            scale=self._plan.scale,
            seed=self._plan.seed,
        )

    def _write_policy(self) -> None:
        """Write the policy of the evening: below scale 1 a station stands for several, which together read more ballots a minute."""
        text = (shipped("data") / "policies" / "default.toml").read_text()
        for name in ("ballots_per_minute", "largest"):
            text = re.sub(rf"(?m)^{name} = (\d+)", lambda found: self._scaled(found), text)
        (self._place / "policy.toml").write_text(text)

    def _scaled(self, found: re.Match[str]) -> str:
        name, _, number = found[0].partition(" = ")
        return f"{name} = {round(int(number) / self._plan.scale)}"

    def _evening_plan(self, url: str) -> EveningPlan:
        plan = EveningPlan(
            url=self.address.rstrip("/"),
            source=self._plan.election,
            truth=self._place / "truth.npz",
            work=self._place / "evening",
            clock=self._clock,
            invites={},
            mix=HONEST if self._plan.honest else self._plan.mix,
            photos=self._plan.photos,
            seed=self._plan.seed,
            speed=self._plan.speed,
            flat=self._plan.flat,
        )
        by_people = self._plan.doors == "people"
        election, networks = self._place / "election", read_networks(self._plan.election)
        needed = {} if by_people else invites_needed(plan)
        codes = stage.fill(self._settings, url, election, networks, needed)
        areas = constituencies(election)
        if self._settings.senders:
            leaders = organisers(networks, len(areas)) if by_people else ()
            self._hosts = hosts(networks, areas[0])
            receive(self._settings, url, networks, (*self._hosts, *leaders))
            if by_people:
                plan = msgspec.structs.replace(plan, people=self._gathering(election, leaders))
        return msgspec.structs.replace(plan, invites=codes)

    def _gathering(self, election: Path, leaders: Sequence[Host]) -> Gathering:
        centre = next(host for host in self._hosts if host.role == "centre")
        return Gathering(
            operator=self._settings.data / "secrets" / "operator.token",
            election=election,
            centre=(centre.network, centre.phone),
            organisers=tuple((host.network, host.phone) for host in leaders),
        )

    def _judge(self, truth: Truth, log: EveningLog, url: str, last: int) -> dict[str, Any]:
        public = public_objects(self._settings.data, self._settings.public)
        layers = load(self._place / "policy.toml").headline
        sheets = list(judge.read_sheets(public.get(f"v1/snapshots/{last}/sheets.csv"), truth, layers))
        judged = judge.judge_sheets(sheets)
        ours, theirs = judge.parliament(public.get, last), judge.published_parliament(self._plan.election)
        seconds = judge.visible_seconds(report_times(url), log)
        when = judge.times(public.get, last)
        reports = _reports(log, url)
        published, rule = read_published(self._plan.election), judge.seat_rule(public.get, last)
        return {
            "reports": reports,
            "accepted_per_s": round(reports.accepted / (log.ended - log.began), 1),
            "visible_s": Visible(*(round(float(part), 3) for part in np.percentile(seconds, (50, 99)))),
            "trend_at": when.trend_at,
            "leaders_at": when.leaders_at,
            "sheets": {name: getattr(judged, name) for name in ("right", "wrong", "disputed", "uncounted")},
            "sheets_judged": judged,
            "parliament": ours,
            "parliament_equal": _by_party(ours) == _by_party(theirs),
            "deviations": _deviations(ours, theirs),
            "explained": explain(sheets, truth, published, rule, ours),
            "people": log.gathered,
        }


def _reports(log: EveningLog, url: str) -> Reports:
    """Count the lines; a report that was accepted at the door and then refused for its signature counts as refused."""
    with connect(url) as connection:
        stored = counts(connection)
    unsigned = sum(number for code, number in stored.items() if code != "received")
    sent = log.counts
    return Reports(sent.sent, sent.accepted - unsigned, sent.duplicate, sent.refused + sent.conflict + unsigned)


def _by_party(seats: list[judge.SeatsOf]) -> dict[str, judge.SeatsOf]:
    return {party.party: party for party in seats}


def _deviations(ours: list[judge.SeatsOf], theirs: list[judge.SeatsOf]) -> dict[str, dict[str, int]]:
    mine, published = _by_party(ours), _by_party(theirs)
    totals = {party: (mine.get(party), published.get(party)) for party in sorted(mine | published)}
    return {
        party: {"ours": our.total if our else 0, "published": their.total if their else 0}
        for party, (our, their) in totals.items()
        if our != their
    }

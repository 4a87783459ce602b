"""Senders against a real HTTP server that is busy, drops connections and forgets its answers."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from sapparot.simulate import conductor
from sapparot.simulate.evening import NONE, Events, Trick
from sapparot.simulate.facts import EveningLog, EveningPlan, Flat, Progress
from sapparot.simulate.mix import HONEST, Mix
from sapparot.simulate.nation import NationPlan, draw_nation
from sapparot.simulate.phone import Phones
from sapparot.simulate.play import invites_needed, play, set_stage
from sapparot.simulate.problems import DoorClosed
from tests.serving import LONG
from tests.simulate.conftest import SMALL, Night, drawn
from tests.simulate.doors import Doors, Trouble, serving

INVITES = {
    f"{network}/{level}": "code"
    for network in ("sao", "move-forward", "pheu-thai", "vote62", "rajabhat")
    for level in ("1", "2/01-01", "2/01-02", "2/02-01")
}


def plan_for(place: Path, url: str, **chosen: object) -> EveningPlan:
    """A plan for the small election."""
    draw_nation(NationPlan(source=SMALL, folder=place / "nation", truth=place / "truth.npz"))
    plan = EveningPlan(
        url=url,
        source=SMALL,
        truth=place / "truth.npz",
        work=place / "played",
        clock=place / "clock",
        invites=INVITES,
        connections=8,
        senders=1,
        speed=20_000.0,
    )
    return msgspec.structs.replace(plan, **chosen)


def played(place: Path, doors: Doors, **chosen: object) -> tuple[EveningLog, Events, list[Progress]]:
    """Play an evening against the doors."""
    told: list[Progress] = []
    with serving(doors) as url:
        plan = plan_for(place, url, **chosen)
        log = play(plan, set_stage(plan.clock, SMALL), told.append)
    return log, np.load(log.schedule), told


def bytes_of(place: Path, events: Events, mix: Mix) -> dict[str, bytes]:
    """Every report that phones must have brought through, by id."""
    night: Night = drawn(place, mix=mix)
    assert night.published.closes_at.tzinfo
    phones = Phones(night.truth, night.crew, events, 1, night.published.closes_at.tzinfo)
    rows = np.flatnonzero((events["again"] == NONE) & (events["trick"] != Trick.GARBAGE)).tolist()
    return {phones.report_id(row): phones.line(row)[0] for row in rows}


def test_an_evening_brings_every_report_through_once(tmp_path: Path) -> None:
    doors = Doors()
    mix = Mix(garbage=2000, resent_permille=100, lost_answer_permille=50, offline_permille=200)
    log, events, _ = played(tmp_path, doors, mix=mix, photos=5, senders=2)
    assert doors.reports == bytes_of(tmp_path / "again", events, mix)
    counts = log.counts
    assert counts.sent == len(events) == counts.accepted + counts.duplicate + counts.refused
    assert counts.refused == (events["trick"] == Trick.GARBAGE).sum() > 0
    assert counts.duplicate >= (events["again"] != NONE).sum() > 0
    assert (counts.conflict, counts.failed) == (0, 0)
    assert counts.photographs == len(doors.photographs) == events["photo"].sum()
    assert max(doors.bodies) > 1
    assert len(doors.devices) == log.devices
    assert log.ended > log.began


def test_outcomes_and_times_are_kept_for_every_event(tmp_path: Path) -> None:
    log, events, _ = played(tmp_path, Doors(), mix=HONEST, photos=0)
    with np.load(log.outcomes) as noted:
        assert len(noted["outcome"]) == len(events)
        assert (noted["outcome"] > 0).all()
        assert (noted["received"] == 1_684_062_000_000_000).all()


@pytest.mark.parametrize(
    "trouble",
    [Trouble(busy=3), Trouble(dropped_before=5), Trouble(dropped_after=5), Trouble(closing=2), Trouble(7, 11, 13, 5)],
    ids=["busy", "dropped before", "dropped after", "closing", "everything"],
)
def test_trouble_at_the_door_loses_nothing_and_changes_no_byte(tmp_path: Path, trouble: Trouble) -> None:
    doors = Doors(trouble)
    log, events, _ = played(tmp_path, doors, mix=HONEST, photos=0)
    assert doors.reports == bytes_of(tmp_path / "again", events, HONEST)
    assert log.counts.accepted + log.counts.duplicate == len(events)
    if not trouble.closing:
        assert log.counts.retried > 10


def test_time_finds_its_own_pace_through_the_whole_evening_and_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conductor, "SHORTEST", 2.0)
    log, events, told = played(tmp_path, Doors(), mix=HONEST, photos=0, speed=None)
    assert log.segments[0].epoch == pytest.approx(events["due"].min(), abs=3600)
    assert [one.epoch for one in log.segments] == sorted(one.epoch for one in log.segments)
    assert log.segments[-1].epoch > events["due"].max()
    assert {progress.phase for progress in told} <= {"enrol", "count", "settle"}
    assert log.ended - log.began < 60


def test_an_even_load_keeps_its_rate(tmp_path: Path) -> None:
    doors = Doors()
    log, _, _ = played(tmp_path, doors, flat=Flat(rate=300, seconds=3), mix=HONEST)
    assert len(doors.reports) == 900
    assert log.ended - log.began > 2.5
    assert log.ended - log.began < LONG, "it does not wait for what is not due"


def test_an_even_load_can_send_many_lines_in_a_body(tmp_path: Path) -> None:
    doors = Doors()
    log, _, _ = played(tmp_path, doors, flat=Flat(rate=None, reports=1000, lines=20), mix=HONEST)
    assert len(doors.reports) == 1000 == log.counts.accepted
    assert max(doors.bodies) == 20


def test_devices_that_cannot_enrol_end_the_evening(tmp_path: Path) -> None:
    with pytest.raises(DoorClosed, match="were not enrolled"):
        played(tmp_path, Doors(Trouble(silent_devices=True)))
    assert "invite_unknown" in (tmp_path / "played/sender-0.log").read_text("utf-8")


def test_invites_are_counted_for_every_device(tmp_path: Path) -> None:
    plan = plan_for(tmp_path, "http://127.0.0.1:9")
    needed = invites_needed(plan)
    assert needed.keys() <= INVITES.keys()
    assert sum(needed.values()) >= 60 + 3

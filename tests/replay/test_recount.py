"""The log alone gives everything again, and whatever is changed in it is found."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sapparot.base import canonical, outbox
from sapparot.base.database import Connection
from sapparot.publish.recount import LAST, RecountReport, recount
from sapparot.publish.stored import StoredLog
from sapparot.tally import Entry
from sapparot.verify.worker import Verifier
from tests.publish.evening import Evening
from tests.replay.night import SHEETS, Night, statements
from tests.verify.cast import PEOPLE
from tests.verify.cast import Evening as Claims


@cache
def night() -> list[Entry]:
    return Night().log


def counted(log: list[Entry], every: int = 1) -> RecountReport:
    return recount(lambda: log, every, processes=1)


def renumbered(log: list[Entry]) -> list[Entry]:
    return [(position, kind, body) for position, (_, kind, body) in enumerate(log)]


def first(kind: str, log: list[Entry]) -> int:
    return next(position for position, found, _ in log if found == kind)


def altered(position: int, **members: Any) -> list[Entry]:
    """The night with some members of one entry changed."""
    log = list(night())
    _, kind, body = log[position]
    log[position] = (position, kind, canonical.encode(canonical.decode(body) | members))
    return log


@pytest.mark.parametrize(("every", "rendered"), [(1, 7), (3, 3), (LAST, 1)])
def test_an_untouched_night_comes_out_the_same(every: int, rendered: int) -> None:
    report = counted(night(), every)
    assert report.equal
    assert report.conclusions.compared > 20
    assert (report.snapshots.compared, report.snapshots.rendered, report.conclusions.waiting) == (7, rendered, 0)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**6), reports=st.integers(1, 30))
def test_any_night_comes_out_the_same(seed: int, reports: int) -> None:
    assert counted(Night(seed, reports, snapshots=3).log).equal


def test_a_log_that_ends_early_waits_for_conclusions_and_agrees() -> None:
    cut = first("move", night())
    report = counted(night()[:cut])
    assert report.equal
    assert report.conclusions.waiting > 0


def test_one_vote_changed_in_a_move_is_found_twice() -> None:
    last = [position for position, kind, _ in night() if kind == "move"][-1]
    move = canonical.decode(night()[last][2])
    figures = move["figures"] | {"votes": move["figures"]["votes"] | {"1": 1 + move["figures"]["votes"]["1"]}}
    report = counted(altered(last, figures=figures))
    assert [one.position for one in report.conclusions.disagreements] == [last]
    assert report.snapshots.disagreeing > 0


def test_a_suppressed_move_is_found() -> None:
    gone = first("move", night())
    log = renumbered([entry for entry in night() if entry[0] != gone])
    assert not counted(log).equal


def test_an_invented_move_is_found() -> None:
    position = first("move", night())
    log = renumbered([*night()[: position + 1], night()[position], *night()[position + 1 :]])
    report = counted(log)
    assert report.conclusions.disagreements[0].position == position + 1


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"manifest": "0" * 64}, "its files come out differently"),
        ({"root": "0" * 64}, "the root is not that of the log at this size"),
        ({"at": "2026-03-01T10:00:00.000001Z"}, "its files come out differently"),
        ({"n": 9}, "number 9 follows number 0"),
        ({"size": 10**9}, "cannot stand after"),
        ({"full": "yes"}, "Expected `bool`"),
    ],
)
def test_a_false_snapshot_entry_is_found(change: dict[str, Any], why: str) -> None:
    report = counted(altered(first("snapshot", night()), **change))
    assert not report.equal
    assert why in report.snapshots.disagreements[0].why.en


def test_a_report_that_was_changed_after_the_fact_is_found() -> None:
    position = first("report", night())
    report = counted(altered(position, at="2026-03-01T10:20:00.000001Z"))
    assert "the root" in report.snapshots.disagreements[0].why.en


@pytest.mark.parametrize("reason", ["left", "expelled"])
def test_a_network_that_ends_changes_nothing_that_stands_in_the_log_or_follows_from_it(reason: str) -> None:
    evening = Claims()
    for number, name in enumerate(("somchai", "malee", "wichai", "nok", "ploy", "prapat")):
        evening.report(name, after=30.0 + number)
    before, standing = list(evening.entries), [evening.standing(sheet) for sheet in SHEETS]
    of_one = [name for name, (network, _) in PEOPLE.items() if network == "pheu-thai"]
    assert len(of_one) == 2 and standing[0].state == "confirmed"
    for name in of_one:
        assert evening.revoke(name, 300, reason=reason) == [], "nothing new is concluded"
    assert evening.entries[: len(before)] == before
    assert [evening.standing(sheet) for sheet in SHEETS] == standing
    night = Night(said=[(kind, body) for _, kind, body in evening.entries])
    assert counted(night.log).equal
    assert [kind for _, kind, _ in night.log].count("revocation") == 2
    late = evening.report("ploy", after=330, spoiled=9)
    assert evening.standing() == standing[0], "and who is revoked says nothing more"
    assert late


def test_the_log_in_a_database_is_recounted_in_two_processes(
    database: Connection, database_url: str, tmp_path: Path
) -> None:
    evening = Evening(database, tmp_path, [])
    verifier, publisher = Verifier(), evening.publisher()
    verifier.start(database)
    said = statements(1, 30)
    for start in range(0, len(said), 10):
        outbox.put(database, said[start : start + 10])
        evening.place()
        while verifier.step(database):
            evening.place()
        evening.step(publisher)
        evening.place()
    report = recount(StoredLog(database_url))
    assert report.equal
    assert report.snapshots.compared == evening.latest()["n"] > 1
    assert report.conclusions.compared > 20

"""Until something rests on it, an election is corrected as a whole, and nobody who serves is left at a place that is gone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sapparot.base import outbox
from sapparot.base.database import Connection, connect
from sapparot.base.presence import alone, present
from sapparot.base.problems import Problem
from sapparot.contests import BINDING_KINDS, define, load, read_folder
from sapparot.electioncare import correct
from tests.duty.crew import add_networks, volunteer
from tests.publish.evening import Evening
from tests.verify.cast import ROOT, corrected, definitions

Entries = Sequence[tuple[str, bytes]]
BODIES = [body for _, body in corrected()]
NOW = datetime(2026, 2, 27, tzinfo=UTC)
LOST = "01-01-010114"
"""An area of the election that :func:`without` leaves out."""


@pytest.fixture
def second(database_url: str) -> Iterator[Connection]:
    with connect(database_url) as connection:
        yield connection


def serve(connection: Connection, place: str) -> None:
    connection.execute(
        "INSERT INTO duty.duties (election, person, network, place, job, state, slot, turn, how, since)"
        " VALUES ('small', gen_random_uuid(), 'ilaw', %s, 'final', 'accepted', 0, 0, 'chosen', now())",
        (place,),
    )


def refused(connection: Connection, entries: Entries | None = None) -> Problem:
    """The correction is refused and everything is as it was."""
    with pytest.raises(Problem) as told:
        correct(connection, entries or corrected(), NOW)
    connection.rollback()
    assert load(connection, "small") == [body for _, body in definitions()]
    return told.value


def test_a_correction_takes_the_place_of_the_definition_and_stands_behind_it_in_the_log(defined: Connection) -> None:
    serve(defined, "01-01-010111-001")
    assert correct(defined, corrected(), NOW)
    defined.commit()
    assert load(defined, "small") == BODIES
    assert [one.body for one in outbox.take(defined, 1000)] == [*(body for _, body in definitions()), *BODIES]
    assert not correct(defined, corrected(), NOW)


def test_what_was_never_defined_is_defined(database: Connection) -> None:
    assert correct(database, corrected(), NOW)
    assert load(database, "small") == BODIES


def test_nothing_is_corrected_while_a_server_runs_whatever_its_roles(defined: Connection, database_url: str) -> None:
    with present(database_url):
        assert refused(defined).kind.code == "contests.still_running"
    assert correct(defined, corrected(), NOW)


def test_of_two_corrections_at_once_one_is_refused(defined: Connection, second: Connection) -> None:
    assert alone(second)
    assert refused(defined).kind.code == "contests.still_running"


def test_nothing_is_corrected_once_a_report_has_come_that_was_not_refused(defined: Connection) -> None:
    defined.execute(
        "INSERT INTO intake.received (id, flush, received_at, carrier, sha256, jws)"
        " VALUES (gen_random_uuid(), 1, now(), '', sha256('a'), 'a')"
    )
    defined.commit()
    assert refused(defined).kind.code == "contests.rested_on"
    defined.execute("INSERT INTO intake.refused SELECT id, sha256, 'intake.device_unknown', now() FROM intake.received")
    assert correct(defined, corrected(), NOW)


@pytest.mark.parametrize("placed", [False, True])
@pytest.mark.parametrize("kind", sorted(BINDING_KINDS))
def test_nothing_is_corrected_once_the_log_holds_or_awaits_what_rests_on_it(
    kind: str, placed: bool, defined: Connection, tmp_path: Path
) -> None:
    outbox.put(defined, [(kind, b"{}")])
    defined.commit()
    if placed:
        Evening(defined, tmp_path, []).place()
        assert outbox.count(defined, 1) == 0
    assert refused(defined).kind.code == "contests.rested_on"


def test_a_report_that_arrives_meanwhile_waits_until_the_correction_stands(
    defined: Connection, second: Connection
) -> None:
    correct(defined, corrected(), NOW)
    second.execute("SET lock_timeout = '100ms'")
    with pytest.raises(Exception, match="lock timeout"):
        second.execute("INSERT INTO intake.received DEFAULT VALUES")


def without() -> Entries:
    """The same election, its area LOST and the stations there under another code."""
    files = read_folder(ROOT / "data/elections/small")
    return define({name: text.replace(LOST.encode(), b"01-01-010119") for name, text in files.items()})


def invite(connection: Connection, left: int, expires_at: datetime) -> None:
    connection.execute(
        "INSERT INTO people.invites VALUES (sha256('x'), 'ilaw', 2, 1, %s, %s, %s)", (1 - left, expires_at, LOST)
    )


def enrol(connection: Connection, revoked_at: datetime | None) -> None:
    connection.execute(
        "INSERT INTO people.devices (kid, key, network, level, invite, enrolled_at, until, revoked_at)"
        " VALUES ('phone', '{}', 'ilaw', 2, sha256('x'), %s, %s, %s)",
        (NOW, NOW + timedelta(days=60), revoked_at),
    )


@pytest.mark.parametrize("what", ["duty", "volunteer", "head", "invite", "phone"])
def test_whom_a_correction_would_leave_without_a_place_is_named(what: str, defined: Connection) -> None:
    add_networks(defined)
    place = f"{LOST}-001" if what == "duty" else LOST
    if what == "duty":
        serve(defined, place)
    elif what == "volunteer":
        volunteer(defined, area=place)
    elif what == "head":
        head = volunteer(defined)
        defined.execute(
            "INSERT INTO people.grants (person, role, area, granted_at) VALUES (%s, 'head', %s, now())",
            (head.person, place),
        )
    elif what == "invite":
        invite(defined, 1, NOW + timedelta(days=1))
    else:
        invite(defined, 0, NOW - timedelta(days=1))
        enrol(defined, None)
    defined.commit()
    problem = refused(defined, without())
    assert problem.kind.code == "contests.in_use" and problem.extensions["error_count"] == 1
    assert place in str(problem.extensions["errors"])


def test_a_code_that_the_election_never_had_holds_no_correction_up(defined: Connection) -> None:
    add_networks(defined)
    volunteer(defined, area="01-99")
    serve(defined, "01-99-001")
    assert correct(defined, without(), NOW)


@pytest.mark.parametrize("left", [0, 1])
def test_an_invite_that_ended_holds_no_correction_up(left: int, defined: Connection) -> None:
    add_networks(defined)
    invite(defined, left, NOW - timedelta(days=1))
    if not left:
        enrol(defined, revoked_at=NOW)
    assert correct(defined, without(), NOW)

"""Until something rests on it, an election is corrected as a whole, and nobody who serves is left at a place that is gone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sapparot.base import outbox
from sapparot.base.database import Connection, connect
from sapparot.base.follow import lead
from sapparot.base.problems import Problem
from sapparot.contests import BINDING_KINDS, load
from sapparot.electioncare import correct
from tests.duty.crew import add_networks, volunteer
from tests.publish.evening import Evening
from tests.verify.cast import GONE, corrected, definitions

BODIES = [body for _, body in corrected()]


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


def refused(connection: Connection) -> Problem:
    """The correction is refused and everything is as it was."""
    with pytest.raises(Problem) as told:
        correct(connection, corrected())
    connection.rollback()
    assert load(connection, "small") == [body for _, body in definitions()]
    return told.value


def test_a_correction_takes_the_place_of_the_definition_and_stands_behind_it_in_the_log(defined: Connection) -> None:
    serve(defined, "01-01-010111-001")
    assert correct(defined, corrected())
    defined.commit()
    assert load(defined, "small") == BODIES
    assert [one.body for one in outbox.take(defined, 1000)] == [*(body for _, body in definitions()), *BODIES]
    assert not correct(defined, corrected())


def test_what_was_never_defined_is_defined(database: Connection) -> None:
    assert correct(database, corrected())
    assert load(database, "small") == BODIES


def test_nothing_is_corrected_while_a_sequencer_leads(defined: Connection, second: Connection) -> None:
    assert lead(second, "sequencer")
    assert refused(defined).kind.code == "contests.still_running"


def test_nothing_is_corrected_once_a_report_has_come(defined: Connection) -> None:
    defined.execute(
        "INSERT INTO intake.received (id, flush, received_at, carrier, sha256, jws)"
        " VALUES (gen_random_uuid(), 1, now(), '', sha256('a'), 'a')"
    )
    defined.commit()
    assert refused(defined).kind.code == "contests.rested_on"


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
    correct(defined, corrected())
    second.execute("SET lock_timeout = '100ms'")
    with pytest.raises(Exception, match="lock timeout"):
        second.execute("INSERT INTO intake.received DEFAULT VALUES")


@pytest.mark.parametrize("what", ["duty", "volunteer", "head", "invite"])
def test_whom_a_correction_would_leave_without_a_place_is_named(what: str, defined: Connection) -> None:
    add_networks(defined)
    place = GONE if what == "duty" else "01-99"
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
    else:
        defined.execute("INSERT INTO people.invites VALUES (sha256('x'), 'ilaw', 2, 1, 0, now(), %s)", (place,))
    defined.commit()
    problem = refused(defined)
    assert problem.kind.code == "contests.in_use" and problem.extensions["error_count"] == 1
    assert place in str(problem.extensions["errors"])

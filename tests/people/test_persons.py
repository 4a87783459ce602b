"""Persons come in by proving a telephone; who they are leaves only to readers who may know it, and every look is written down."""

from __future__ import annotations

import uuid
from datetime import timedelta
from uuid import UUID

import pytest

from sapparot.base.problems import Problem
from sapparot.people.persons import PROGRAM, Person, Reader
from sapparot.people.persons.facts import OPERATOR, Agreed, Application, Purpose, Why
from sapparot.people.persons.registry import APPLICATION
from tests.people.persons_cast import NOW, SOMCHAI, SOMYING, Town

ORGANISER = Reader(UUID(int=1), "vote62", "organiser")
STRANGE_ORGANISER = Reader(UUID(int=2), "teachers", "organiser")
HEAD = Reader(UUID(int=3), "vote62", "head")
STRANGE_HEAD = Reader(UUID(int=4), "teachers", "head")
CENTRE = Reader(UUID(int=5), "vote62", "centre")
WARROOM = Reader(UUID(int=6), "teachers", "warroom")


def by_phone(town: Town, network: str, phone: str) -> Person | None:
    return town.run(lambda connection: town.persons.by_phone(connection, network, phone))


TYPED = Application("สมชาย ใหม่", (Agreed("duty", 1),))


def names(town: Town, who: UUID, reader: Reader, why: Why = "duty") -> list[str]:
    found = town.run(lambda connection: town.persons.contact(connection, [who], reader, why))
    return [contact.name for contact in found.values()]


def agree(town: Town, who: UUID, *purposes: Purpose) -> None:
    for purpose in purposes:
        town.sql(
            "INSERT INTO people.consents (person, purpose, version, given_at) VALUES (%s, %s, 1, %s)", who, purpose, NOW
        )


def apply(town: Town, who: UUID, typed: Application, link: UUID | None = None) -> UUID:
    made = uuid.uuid4()
    sealed = town.vault.seal(who, typed, APPLICATION)
    town.sql("INSERT INTO people.applications VALUES (%s, %s, %s, %s, %s)", made, who, sealed, link, NOW)
    return made


def prove(town: Town, who: UUID, application: UUID | None = None) -> str:
    later = NOW + timedelta(minutes=2)
    return town.run(lambda connection: town.persons.proven(connection, who, later, application)).state


def test_a_person_is_found_by_its_telephone_in_its_own_network_only(town: Town) -> None:
    who = town.person()
    for phone in ("081-234-5678", "+66812345678", "๐๘๑๒๓๔๕๖๗๘"):
        found = by_phone(town, "vote62", phone)
        assert found is not None and found.id == who
    assert by_phone(town, "teachers", "0812345678") is None
    assert by_phone(town, "vote62", "0812345679") is None


def test_only_the_own_network_knows_a_name_without_consent(town: Town) -> None:
    who = town.person()
    assert [bool(names(town, who, reader)) for reader in (ORGANISER, HEAD)] == [True, True]
    assert not any(
        names(town, who, reader) for reader in (STRANGE_ORGANISER, STRANGE_HEAD, CENTRE, WARROOM, OPERATOR, PROGRAM)
    )


@pytest.mark.parametrize(
    ("purpose", "reader", "why"),
    [
        ("head", STRANGE_HEAD, "duty"), ("centre", CENTRE, "duty"), ("centre", WARROOM, "duty"), ("duty", PROGRAM, "duty"),
        ("announcements", PROGRAM, "announcement"), ("rewards", PROGRAM, "reward"),
    ],
)  # fmt: skip
def test_a_consent_opens_to_its_reader_alone_and_taking_it_back_closes_at_once(
    town: Town, purpose: Purpose, reader: Reader, why: Why
) -> None:
    who = town.person()
    agree(town, who, purpose)
    assert names(town, who, reader, why) == [SOMCHAI[0]]
    others: list[tuple[Reader, Why]] = [(STRANGE_ORGANISER, "list"), (OPERATOR, "list"), (PROGRAM, "list")]
    assert not any(names(town, who, other, wanted) for other, wanted in others)
    town.sql("UPDATE people.consents SET ended_at = %s WHERE person = %s", NOW, who)
    assert names(town, who, reader, why) == []


@pytest.mark.parametrize("state", ["applied", "left", "expelled", "erased"])
def test_nobody_learns_who_somebody_is_that_takes_no_part(town: Town, state: str) -> None:
    who = town.person(state)
    agree(town, who, "head", "centre", "announcements")
    assert not any(names(town, who, reader) for reader in (ORGANISER, HEAD, STRANGE_HEAD, CENTRE, PROGRAM))


def test_every_look_is_written_down_with_role_purpose_and_time_and_nothing_else_is(town: Town) -> None:
    who, other = town.person(), town.person(who=SOMYING, network="teachers")
    ids = [who, other, uuid.uuid4()]
    town.run(lambda connection: town.persons.contact(connection, ids, ORGANISER, "list"))
    assert town.sql("SELECT person, reader, role, network, purpose, at FROM people.reads") == [
        (who, ORGANISER.person, "organiser", "vote62", "list", NOW)
    ]


def test_who_proves_a_telephone_of_an_open_network_without_approval_is_active(town: Town) -> None:
    town.sql("UPDATE people.networks SET approval = false")
    who = town.person("applied")
    assert prove(town, who, apply(town, who, TYPED)) == "active"


def test_who_proves_a_telephone_waits_where_the_network_looks_first(town: Town) -> None:
    who = town.person("applied")
    assert [prove(town, who, apply(town, who, TYPED)), prove(town, who)] == ["waiting", "waiting"]


def test_who_was_listed_by_the_network_is_active_at_once(town: Town) -> None:
    assert prove(town, town.person("listed")) == "active"


@pytest.mark.parametrize("state", ["applied", "left", "expelled", "erased"])
def test_who_is_gone_or_never_proved_a_sign_up_does_not_come_by_a_code_alone(town: Town, state: str) -> None:
    with pytest.raises(Problem):
        prove(town, town.person(state))


def test_who_left_comes_back_by_signing_up_again_and_who_was_expelled_does_not(town: Town) -> None:
    left, gone = town.person("left"), town.person("expelled", who=SOMYING)
    assert prove(town, left, apply(town, left, TYPED)) == "waiting"
    with pytest.raises(Problem):
        prove(town, gone, apply(town, gone, TYPED))


def test_what_a_stranger_typed_for_somebody_elses_telephone_never_holds(town: Town) -> None:
    for digit, state in enumerate(("listed", "active")):
        who = town.person(state, who=("สมชาย", f"+6681000000{digit}"))
        apply(town, who, Application("คนแปลกหน้า", (Agreed("duty", 1), Agreed("centre", 1)), area="99"))
        prove(town, who)
        assert town.sql("SELECT area FROM people.persons WHERE id = %s", who) == [(None,)]
        assert town.sql("SELECT purpose FROM people.consents WHERE person = %s", who) == []
        assert town.sql("SELECT 1 FROM people.applications") == []
        reader = Reader(None, "vote62", "organiser")
        assert all(name == "สมชาย" for name in names(town, who, reader))


def test_what_was_typed_holds_when_its_own_code_proves_it(town: Town) -> None:
    town.sql("UPDATE people.networks SET approval = false")
    who = town.person("applied")
    typed = Application("สมชาย คนจริง", (Agreed("duty", 2), Agreed("rewards", 1)), area="10-0101", lang="en")
    assert prove(town, who, apply(town, who, typed)) == "active"
    person = town.run(lambda connection: town.persons.get(connection, who))
    assert person is not None and (person.area, person.lang) == ("10-0101", "en")
    assert names(town, who, ORGANISER) == ["สมชาย คนจริง"]
    assert town.sql("SELECT purpose, version FROM people.consents ORDER BY id") == [("duty", 2), ("rewards", 1)]


def test_nobody_comes_into_a_network_that_ended(town: Town) -> None:
    who = town.person("applied")
    town.sql("UPDATE people.networks SET state = 'left'")
    with pytest.raises(Problem, match="network_ended"):
        prove(town, who)


def test_training_is_passed_once_and_only_after_agreeing_to_be_called(town: Town) -> None:
    who = town.person()
    with pytest.raises(Problem, match="consent_first"):
        town.run(lambda connection: town.persons.trained(connection, who, NOW))
    agree(town, who, "duty")
    later = NOW + timedelta(days=1)
    assert town.run(lambda connection: town.persons.trained(connection, who, NOW)).trained_at == NOW
    assert town.run(lambda connection: town.persons.trained(connection, who, later)).trained_at == NOW


def test_the_whole_database_holds_no_name_and_no_telephone_in_clear(town: Town) -> None:
    who = town.person("applied")
    apply(town, who, Application(SOMYING[0], (Agreed("duty", 1),)))
    dump = town.dump()
    assert str(who) in dump
    assert not any(word in dump for word in ("สมชาย", "สมหญิง", "812345678", "891112222"))

"""Persons and networks end; what says who somebody was is gone, and the public log stays as it is."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from typer.testing import CliRunner

from sapparot import cli
from sapparot.audit.command import audit
from sapparot.audit.facts import AuditReport, Plan
from sapparot.base.database import connect
from sapparot.base.problems import Problem
from sapparot.duty.store import Holdings
from sapparot.people.granting import Grant, NewGrant
from sapparot.people.granting.facts import Granter, GrantRole
from sapparot.people.parting.worker import Keeper
from sapparot.people.persons.facts import Agreed
from tests.intake.phones import Front
from tests.people.persons_cast import NOW, SOMCHAI, SOMYING, Town

LEFT_NOTHING = ("สมชาย", "ใจดี", "812345678", "สมหญิง", "โครงการลับ")


def erase(town: Town, who: UUID, *, revoke: bool = True) -> tuple[int, int]:
    ended = town.run(lambda connection: town.farewell.erase(connection, [who], town.clock.now(), revoke=revoke))
    return ended.persons, ended.devices


def audited(front: Front, state: Path) -> AuditReport:
    """What a stranger finds in the public files, who remembers each checkpoint that was seen before."""
    plan = Plan(source=str(front.settings.data / "public"), state=state, processes=1)
    return audit(plan, lambda stage, done, total: None)


def keep(town: Town, days: int = 90, day: date | None = None) -> int:
    keeper = Keeper(town.farewell, town.clock, days, lambda _: day)
    done = 0
    with connect(town.url) as connection:
        while step := keeper.step(connection):
            done += step
        assert keeper.step(connection) == 0
    return done


def grant(town: Town, granter: Granter, who: UUID, role: GrantRole, area: str | None = None) -> Grant:
    return town.run(lambda connection: town.office.grant(connection, granter, NewGrant(who, role, area)))


def full_life(town: Town) -> UUID:
    """Somebody who left a trace everywhere."""
    town.sql("UPDATE people.networks SET approval = false, own_invites = 3")
    who = town.join(*SOMCHAI, consents=(Agreed("duty", 1), Agreed("centre", 1)), area="10-01")
    organiser = town.organiser()
    town.run(lambda connection: town.persons.contact(connection, [who], organiser, "list"))
    grant(town, Granter(organiser.person, "vote62", frozenset({"organiser"})), who, "head", "10-01")
    town.sql(
        "INSERT INTO people.sessions VALUES (%s, %s, 'code', %s, %s, %s)",
        bytes(32),
        who,
        NOW,
        NOW,
        NOW + timedelta(days=1),
    )
    town.sql(
        "INSERT INTO people.invite_links VALUES (%s, %s, 'vote62', %s, %s, 1, 0, %s, false, 'โครงการลับ', NULL)",
        *(UUID(int=9), bytes(32), who, NOW, NOW + timedelta(days=1)),
    )
    return who


@pytest.mark.parametrize("revoke", [True, False])
def test_erasure_leaves_no_plaintext_and_no_way_back_to_the_person(town: Town, revoke: bool) -> None:
    who = full_life(town)
    kid = town.device(who, level=2)
    before = town.sql("SELECT sealed, phone FROM people.persons WHERE id = %s", who)[0]
    assert erase(town, who, revoke=revoke) == (1, int(revoke))
    dump = town.dump()
    assert not [word for word in LEFT_NOTHING if word in dump]
    assert not [blob for blob in before if repr(blob) in dump or bytes(blob).decode("utf-8", "replace") in dump]
    assert town.sql("SELECT state, area, trained_at, level FROM people.persons WHERE id = %s", who) == [
        ("erased", None, None, 1)
    ]
    for table in ("sessions", "applications", "consents", "reads"):
        assert town.sql(f"SELECT 1 FROM people.{table} WHERE person = %s", who) == []
    assert town.sql("SELECT person, revoked_at IS NOT NULL FROM people.devices WHERE kid = %s", kid) == [(None, revoke)]
    assert town.sql("SELECT ended_at IS NOT NULL FROM people.grants WHERE person = %s", who) == [(True,)]
    assert erase(town, who) == (0, 0)
    with pytest.raises(Problem, match="person_unknown"):
        town.run(lambda connection: town.account.me(connection, who))


def test_the_same_telephone_may_join_again_after_erasure_and_is_another_person(town: Town) -> None:
    town.sql("UPDATE people.networks SET approval = false")
    first = town.join(*SOMCHAI)
    erase(town, first)
    assert town.join(*SOMCHAI) != first


def test_one_persons_erasure_touches_nobody_else(town: Town) -> None:
    town.sql("UPDATE people.networks SET approval = false")
    one, other = town.join(*SOMCHAI), town.join(*SOMYING)
    same_elsewhere = town.join(*SOMCHAI, network="teachers")
    erase(town, one)
    assert [town.state(each) for each in (one, other, same_elsewhere)] == ["erased", "active", "active"]
    me = town.run(lambda connection: town.account.me(connection, same_elsewhere))
    assert me.name == SOMCHAI[0]


def test_what_other_slices_keep_is_erased_in_the_same_transaction_or_nothing_is(town: Town) -> None:
    who = town.person()

    async def failing(*_: object) -> None:
        raise ConnectionError

    town.farewell._forget = [failing]
    with pytest.raises(ConnectionError):
        erase(town, who)
    assert town.state(who) == "active"


def test_a_network_that_ends_takes_its_people_and_devices_along_and_no_others(town: Town) -> None:
    mine = [town.person(who=(f"คน {n}", f"+6681000000{n}")) for n in range(3)]
    kids = [town.device(each) for each in mine]
    other = town.person(network="teachers")
    town.device(other)
    ended = town.run(lambda connection: town.farewell.end_network(connection, "vote62", "left", NOW))
    assert (ended.persons, ended.devices) == (3, 3)
    assert town.state(other) == "active"
    assert town.sql("SELECT count(*) FROM people.devices WHERE revoked_at IS NULL") == [(1,)]
    assert [entry["kind"] for entry in town.entries()] == ["network", "network"] + ["revocation"] * 3
    assert len(set(kids)) == 3
    again = town.run(lambda connection: town.farewell.end_network(connection, "vote62", "left", NOW))
    assert (again.persons, again.devices) == (0, 0)


def test_the_keeper_finishes_the_end_of_a_network_that_was_interrupted(town: Town) -> None:
    who = town.person()
    town.device(who)
    town.sql("UPDATE people.networks SET state = 'expelled', ended_at = %s WHERE id = 'vote62'", NOW)
    assert keep(town) == 2
    assert town.state(who) == "left"
    assert town.sql("SELECT state FROM people.networks WHERE id = 'vote62'") == [("expelled",)]


def test_the_keeper_sweeps_sign_ups_that_nobody_proved_and_nobody_else(town: Town) -> None:
    listed, applied = town.person("listed", who=SOMYING), town.person("applied")
    assert keep(town) == 0
    town.clock.moment = NOW + timedelta(days=1, minutes=1)
    assert keep(town) == 1
    assert town.sql("SELECT id FROM people.persons") == [(listed,)]
    assert applied != listed


def test_who_left_is_erased_after_a_month_and_who_was_expelled_is_kept_out_until_the_end(town: Town) -> None:
    left, out, stays = (town.person(who=(f"คน {n}", f"+6681000000{n}")) for n in range(3))
    for who, state in ((left, "left"), (out, "expelled")):
        town.sql("UPDATE people.persons SET state = %s, ended_at = %s WHERE id = %s", state, NOW, who)
    town.clock.moment = NOW + timedelta(days=29)
    assert keep(town) == 0
    town.clock.moment = NOW + timedelta(days=31)
    assert keep(town) == 1
    assert [town.state(each) for each in (left, out, stays)] == ["erased", "expelled", "active"]


def test_when_retention_ends_everybody_of_that_election_is_erased_and_who_joined_later_is_not(town: Town) -> None:
    old = town.person()
    town.device(old)
    town.clock.moment = NOW + timedelta(days=95)
    later = town.person(who=SOMYING)
    town.sql("UPDATE people.persons SET joined_at = %s WHERE id = %s", town.clock.moment, later)
    assert keep(town, 90, (NOW + timedelta(days=30)).date()) == 0, "retention has not ended"
    assert keep(town, 90, (NOW + timedelta(days=3)).date()) == 1
    assert [town.state(each) for each in (old, later)] == ["erased", "active"]
    assert not [word for word in LEFT_NOTHING[:3] if word in town.dump()]
    assert town.sql("SELECT person, revoked_at FROM people.devices") == [(None, None)]


ALL_ROLES: tuple[GrantRole, ...] = ("head", "reviewer", "decider", "lead", "organiser", "centre")
MAY: dict[GrantRole, set[GrantRole]] = {
    "centre": {"organiser", "lead"}, "organiser": {"head"}, "lead": {"reviewer", "decider"},
    "head": set(), "reviewer": set(), "decider": set(),
}  # fmt: skip


@pytest.mark.parametrize("granter", ALL_ROLES)
def test_each_role_gives_exactly_what_stands_below_it_and_never_to_itself(town: Town, granter: GrantRole) -> None:
    above, below = town.person(), town.person(who=SOMYING)
    stranger = town.person(network="teachers", who=SOMYING)
    by = Granter(above, "vote62", frozenset({granter}))
    for role in ALL_ROLES:
        area = "10-01" if role == "head" else None
        for who, wanted in ((below, MAY[granter]), (stranger, MAY[granter] - {"head"}), (above, set())):
            if role in wanted:
                assert grant(town, by, who, role, area).granted_by == above
            else:
                with pytest.raises(Problem):
                    grant(town, by, who, role, area)


def test_the_end_of_a_grant_lowers_the_level_and_revokes_what_was_enrolled_above_it(town: Town) -> None:
    boss, who = town.person(), town.person(who=SOMYING)
    by = Granter(boss, "vote62", frozenset({"organiser"}))
    given = grant(town, by, who, "head", "10-01")
    high, low = town.device(who, level=2), town.device(who, level=1)
    town.run(lambda connection: town.office.end(connection, by, given.id))
    assert town.sql("SELECT level FROM people.persons WHERE id = %s", who) == [(1,)]
    assert town.sql("SELECT kid FROM people.devices WHERE revoked_at IS NOT NULL") == [(high,)]
    assert low != high and town.entries()[-1]["kind"] == "revocation"


def test_of_many_grants_of_one_role_at_the_same_moment_one_stands(town: Town) -> None:
    boss, who = town.person(), town.person(who=SOMYING)
    by = Granter(boss, "vote62", frozenset({"organiser"}))

    async def all_at_once() -> set[int]:
        async def one() -> int:
            async with await psycopg.AsyncConnection.connect(town.url, autocommit=True) as connection:
                return (await town.office.grant(connection, by, NewGrant(who, "head", "10-01"))).id

        return set(await asyncio.gather(*(one() for _ in range(8))))

    assert len(asyncio.run(all_at_once())) == 1
    assert town.sql("SELECT count(*) FROM people.grants WHERE person = %s", who) == [(1,)]


def test_the_log_verifies_after_erasure_and_the_operators_commands_work(
    own: Front, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAPPAROT_DATA", str(own.settings.data))
    monkeypatch.setenv("SAPPAROT_DATABASE_URL", own.url)

    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(cli.cli, list(words))
        return done.exit_code, done.output.strip()

    assert run("network", "village", "--th", "หมู่บ้าน", "--en", "Village")[0] == 0
    code, who = run("people", "add", "village", "--phone", SOMCHAI[1], "--name", SOMCHAI[0])
    assert (code, str(UUID(who))) == (0, who)
    number = run("people", "grant", who, "centre")[1]
    assert run("people", "lost", who) == (0, "0"), "a centre has nobody above it but the operator"
    assert run("people", "lost", str(UUID(int=0)))[0] != 0
    assert run("people", "ungrant", number)[0] == 0
    (tmp_path / "list.csv").write_text("name,phone\nสมหญิง รักชาติ,0891112222\nx,1\n", "utf-8")
    assert run("people", "import", "village", str(tmp_path / "list.csv"), "--dry-run")[0] == 1
    assert "1 added" in run("people", "import", "village", str(tmp_path / "list.csv"))[1]
    assert run("people", "reseal", "--new-key") == (0, "2")
    assert run("people", "reseal") == (0, "0")
    phone = own.phone()
    assert own.post(phone, phone.report()).outcomes == ["accepted"]
    own.sequence()
    with connect(own.url) as connection:
        connection.execute("UPDATE people.devices SET person = %s", (who,))
    town = Town.over(own.url, own.settings.data)
    before = audited(own, tmp_path / "state.json")
    assert erase(town, UUID(who)) == (1, 1)
    own.sequence()
    after = audited(own, tmp_path / "state.json")
    assert before.verdict == after.verdict == "holds" and before.head and after.head
    assert after.head.size == before.head.size + 1, "the end of the device is all that was added"
    checked = {each.what.en: each.number for each in after.checked}
    assert (checked["other checkpoints compared"], checked["signatures verified"]) == (1, 3), "all is as it was signed"
    assert [len(own.log(kind)) for kind in ("report", "revocation")] == [1, 1]
    code, said = run("verify")
    assert (code, said.splitlines()[1].split(", ")[1]) == (0, "0 differences")
    assert not [word for word in LEFT_NOTHING[:3] if word in town.dump()]


@pytest.mark.parametrize("state", ["left", "expelled"])
def test_who_ends_holds_no_place_any_more_and_a_failure_there_ends_nobody(town: Town, state: str) -> None:
    who = town.person()
    freed: list[object] = []

    async def free(_: object, people: object) -> None:
        freed.append(people)

    town.farewell._free = [free]
    town.run(lambda connection: town.farewell.end(connection, [who], state, None, NOW))  # type: ignore[arg-type]
    assert freed == [[who]]
    other = town.person(who=SOMYING)

    async def failing(*_: object) -> None:
        raise ConnectionError

    town.farewell._free = [failing]
    with pytest.raises(ConnectionError):
        town.run(lambda connection: town.farewell.end(connection, [other], state, None, NOW))  # type: ignore[arg-type]
    assert town.state(other) == "active"


def test_an_expelled_persons_duty_is_free_for_somebody_else(town: Town) -> None:
    who = town.person()
    town.sql(
        "INSERT INTO duty.duties (election, place, job, person, network, state, slot, turn, how, since)"
        " VALUES ('tiny', '10-01-100101-001', 'final', %s, 'vote62', 'accepted', 0, 0, 'chosen', %s)",
        *(who, NOW),
    )
    town.sql("INSERT INTO duty.steps (duty, number, state, at) SELECT id, 1, 'accepted', %s FROM duty.duties", NOW)
    town.farewell._free = [Holdings(town.clock).free]
    town.run(lambda connection: town.farewell.end(connection, [who], "expelled", None, NOW))
    assert town.sql("SELECT state FROM duty.duties") == [("dropped",)]

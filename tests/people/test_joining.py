"""Joining takes the same way for everybody; invite links have caps, chains and an end."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest

from sapparot.base.problems import Problem
from sapparot.people.joining import Join
from sapparot.people.joining.facts import MadeInvite, NewInvite
from sapparot.people.joining.reception import SignedUp
from sapparot.people.own.facts import MeChange
from sapparot.people.persons.facts import Agreed
from sapparot.people.terms import store as terms
from sapparot.people.terms.facts import NewText, TermsChange
from tests.people.persons_cast import NOW, SOMCHAI, Town

DUTY = (Agreed("duty", 1),)


def join(town: Town, **changes: object) -> SignedUp:
    whole = {"network": "vote62", "name": SOMCHAI[0], "phone": "081 234 5678", "consents": DUTY} | changes
    return town.run(lambda connection: town.reception.join(connection, Join(**whole)))  # type: ignore[arg-type]


def invite(town: Town, maker: UUID | None = None, network: str = "vote62", **wanted: object) -> MadeInvite:
    made = NewInvite(**wanted)  # type: ignore[arg-type]
    return town.run(lambda connection: town.reception.invite(connection, (network, maker), made))


def own(town: Town, person: UUID, uses: int = 1) -> MadeInvite:
    async def make(connection: psycopg.AsyncConnection[tuple[object, ...]]) -> MadeInvite:
        known = await town.persons.get(connection, person)
        assert known is not None
        return await town.reception.own_invite(connection, known, uses)

    return town.run(make)


def refused(town: Town, **changes: object) -> str:
    with pytest.raises(Problem) as problem:
        join(town, **changes)
    return problem.value.kind.code


@pytest.mark.parametrize("state", [None, "listed", "applied", "waiting", "active", "left", "expelled"])
def test_signing_up_writes_the_same_rows_for_known_and_unknown_and_changes_nobody_known(
    town: Town, state: str | None
) -> None:
    who = town.person(state) if state else None
    before = town.sql("SELECT id, state, sealed, proven_at FROM people.persons")
    signed = join(town, name="คนแปลกหน้า")
    assert signed.person == who or state is None
    assert town.sql("SELECT count(*) FROM people.applications") == [(1,)]
    assert town.sql("SELECT count(*) FROM people.persons") == [(1,)]
    assert before in ([], town.sql("SELECT id, state, sealed, proven_at FROM people.persons"))


def test_two_sign_ups_with_one_telephone_at_the_same_moment_make_one_person(town: Town) -> None:
    async def both() -> list[SignedUp]:
        async def one(name: str, phone: str) -> SignedUp:
            async with await psycopg.AsyncConnection.connect(town.url, autocommit=True) as connection:
                return await town.reception.join(connection, Join("vote62", name, phone, DUTY))

        names = [("สมชาย", "0812345678"), ("สมหญิง", "+66 81 234 5678"), ("สมศรี", "66812345678"), ("สมศักดิ์", "812345678")]
        return await asyncio.gather(*(one(*each) for each in names))

    signed = asyncio.run(both())
    assert len({each.person for each in signed}) == 1
    assert len({each.application for each in signed}) == 4
    assert town.sql("SELECT count(*) FROM people.persons") == [(1,)]


def test_one_telephone_signs_up_only_so_often_and_only_the_newest_few_wait(town: Town) -> None:
    for _ in range(6):
        join(town)
    assert refused(town) == "base.too_many"
    assert join(town, phone="0812345679").phone == "+66812345679"
    assert town.sql("SELECT count(*) FROM people.applications GROUP BY person ORDER BY 1") == [(1,), (4,)]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"network": "nobody"}, "people.network_unknown"), ({"phone": "1234"}, "people.phone_invalid"),
        ({"name": "  "}, "people.name_unclear"), ({"name": "12345"}, "people.name_unclear"),
        ({"name": "สม\u202eชาย"}, "people.text_unclear"), ({"name": "สม\x00ชาย"}, "people.text_unclear"),
        ({"consents": ()}, "people.consent_required"), ({"consents": (Agreed("rewards", 1),)}, "people.consent_required"),
        ({"consents": (Agreed("duty", 2),)}, "people.consent_outdated"), ({"invite": "x"}, "people.invite_unknown"),
        ({"consents": (Agreed("duty", 1), Agreed("centre", 9))}, "people.consent_outdated"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_sign_up_is_refused_and_leaves_nothing(
    town: Town, changes: dict[str, object], code: str
) -> None:
    assert refused(town, **changes) == code
    assert town.sql("SELECT 1 FROM people.persons") == []


def test_a_network_by_invite_takes_nobody_without_and_says_so_to_known_and_unknown_alike(town: Town) -> None:
    town.sql("UPDATE people.networks SET open = false")
    town.person("listed")
    assert refused(town) == refused(town, phone="0812345679") == "people.invite_needed"
    assert join(town, invite=invite(town).code).person


def test_an_invite_that_vouches_makes_active_and_another_one_leaves_the_decision(town: Town) -> None:
    assert town.state(town.join("หนึ่ง", "0810000001", invite=invite(town, vouched=True).code)) == "active"
    assert town.state(town.join("สอง", "0810000002", invite=invite(town).code)) == "waiting"


def test_an_invite_of_another_network_expired_cancelled_or_used_up_brings_nobody(town: Town) -> None:
    assert refused(town, invite=invite(town, network="teachers").code) == "people.invite_unknown"
    short, full, gone = invite(town, days=1), invite(town), invite(town)
    town.sql("UPDATE people.invite_links SET ended_at = %s WHERE id = %s", NOW, gone.id)
    town.join("หนึ่ง", "0810000001", invite=full.code)
    assert refused(town, invite=full.code) == "people.invite_used_up"
    assert refused(town, invite=gone.code) == "people.invite_ended"
    town.clock.moment = NOW + timedelta(days=2)
    assert refused(town, invite=short.code) == "people.invite_expired"


def test_only_who_proves_a_telephone_uses_an_invite_up_and_who_comes_too_late_waits(town: Town) -> None:
    link = invite(town, uses=1, vouched=True)
    first, second = join(town, phone="0810000001", invite=link.code), join(town, phone="0810000002", invite=link.code)
    for signed in (first, second):
        town.prove(signed)
    assert [town.state(first.person), town.state(second.person)] == ["active", "waiting"]
    assert town.sql("SELECT used FROM people.invite_links") == [(1,)]


@pytest.mark.parametrize("approval", [True, False])
def test_a_closed_network_takes_as_many_as_its_link_has_uses_however_many_signed_up_before(
    town: Town, approval: bool
) -> None:
    town.sql("UPDATE people.networks SET open = false, approval = %s", approval)
    link = invite(town, uses=1)
    signed = [join(town, phone=f"081000000{number}", invite=link.code) for number in range(4)]
    town.prove(signed[0])
    for late in signed[1:]:
        with pytest.raises(Problem) as problem:
            town.prove(late)
        assert problem.value.kind.code == "people.invite_used_up"
        assert town.state(late.person) == "applied"


def test_a_sign_up_is_proven_by_its_own_code_alone_and_everybody_who_came_by_a_link_is_found_by_it(town: Town) -> None:
    town.sql("UPDATE people.networks SET approval = false")
    link = invite(town, uses=1)
    signed = [join(town, phone=f"081000000{number}", invite=link.code) for number in range(3)]
    with pytest.raises(Problem):
        town.run(lambda connection: town.persons.proven(connection, signed[0].person, NOW))
    for each in signed:
        town.prove(each)
    assert {row[0] for row in town.sql("SELECT link FROM people.persons")} == {link.id}, "beyond its uses as well"


def test_volunteers_invite_within_what_the_network_gives(town: Town) -> None:
    who = town.person()
    with pytest.raises(Problem, match="invites_spent"):
        own(town, who)
    town.sql("UPDATE people.networks SET own_invites = 3")
    assert [own(town, who, 2).uses, own(town, who, 1).uses] == [2, 1]
    with pytest.raises(Problem, match="invites_spent"):
        own(town, who)
    town.sql("UPDATE people.invite_links SET ended_at = %s", NOW)
    assert own(town, who, 3).uses == 3, "what nobody used comes back"


def test_two_own_invites_at_the_same_moment_keep_to_the_cap_together(town: Town) -> None:
    who = town.person()
    town.sql("UPDATE people.networks SET own_invites = 2")

    async def many() -> list[object]:
        async def one() -> object:
            async with await psycopg.AsyncConnection.connect(town.url, autocommit=True) as connection:
                known = await town.persons.get(connection, who)
                assert known is not None
                return await town.reception.own_invite(connection, known, 1)

        return await asyncio.gather(*(one() for _ in range(6)), return_exceptions=True)

    made = asyncio.run(many())
    assert sorted(type(each).__name__ for each in made) == ["MadeInvite"] * 2 + ["Problem"] * 4


def test_who_brought_whom_is_known_and_a_branch_is_cut_with_everybody_on_it(town: Town) -> None:
    organiser = town.organiser()
    town.sql("UPDATE people.networks SET own_invites = 5, approval = false")
    anna = town.join("อันนา", "0810000001", invite=invite(town, organiser.person, uses=2).code)
    boon = town.join("บุญ", "0810000002", invite=own(town, anna).code)
    chai = town.join("ชัย", "0810000003", invite=own(town, boon).code)
    other = town.join("อื่น", "0810000004")
    kids = [town.device(each) for each in (anna, boon, chai, other)]
    open_link = own(town, chai, 2)
    ended = town.run(lambda connection: town.bureau.end(connection, organiser, anna, ("expelled", True)))
    assert (ended.persons, ended.devices) == (3, 3)
    assert [town.state(each) for each in (anna, boon, chai, other)] == ["expelled"] * 3 + ["active"]
    revoked = town.sql("SELECT kid FROM people.devices WHERE revoked_at IS NOT NULL")
    assert {row[0] for row in revoked} == set(kids[:3])
    assert [entry["kind"] for entry in town.entries()][-3:] == ["revocation"] * 3
    assert refused(town, invite=open_link.code) == "people.invite_ended"


def test_cutting_a_link_ends_who_came_by_it_but_nobody_with_a_role_above(town: Town) -> None:
    organiser = town.organiser()
    town.sql("UPDATE people.networks SET approval = false")
    link = invite(town, organiser.person, uses=3)
    one, two = (town.join(f"คน {n}", f"081000000{n}", invite=link.code) for n in (1, 2))
    town.sql("INSERT INTO people.grants (person, role, granted_at) VALUES (%s, 'organiser', %s)", two, NOW)
    with pytest.raises(Problem, match="link_unknown"):
        stranger = town.organiser("teachers")
        town.run(lambda connection: town.bureau.end_link(connection, stranger, link.id, branch=True))
    ended = town.run(lambda connection: town.bureau.end_link(connection, organiser, link.id, branch=True))
    assert (ended.persons, town.state(one), town.state(two)) == (1, "expelled", "active")


def test_a_chain_that_bites_its_tail_has_an_end(town: Town) -> None:
    organiser = town.organiser()
    town.sql("UPDATE people.networks SET own_invites = 5, approval = false")
    anna = town.join("อันนา", "0810000001")
    boon = town.join("บุญ", "0810000002", invite=own(town, anna).code)
    town.run(lambda connection: town.farewell.end(connection, [anna], "left", None, NOW))
    assert town.join("อันนา", "0810000001", invite=own(town, boon).code) == anna
    ended = town.run(lambda connection: town.bureau.end(connection, organiser, anna, ("left", True)))
    assert (ended.persons, town.state(anna), town.state(boon)) == (2, "left", "left")


def test_another_wording_is_another_version_and_what_was_agreed_to_is_kept(town: Town) -> None:
    who = town.join(*("สมชาย", "0812345678"))
    wording = NewText("duty", "ข้อความใหม่ของเครือข่ายเรื่องหน้าที่อาสา", "A new wording of the network about duties")
    change = TermsChange(consents=(wording,))
    for _ in range(2):
        town.run(lambda connection: terms.change(connection, "vote62", change, NOW))
    assert refused(town) == "people.consent_outdated"
    assert join(town, consents=(Agreed("duty", 2),)).person == who
    assert town.sql("SELECT version FROM people.consent_texts WHERE purpose = 'duty' ORDER BY 1") == [(1,), (2,)]
    everything = town.run(lambda connection: town.account.everything(connection, who))
    assert [(each.consent.version, bool(each.text)) for each in everything.consents] == [(1, True)]


def test_who_says_no_area_serves_in_that_of_the_link_and_who_has_one_keeps_it(town: Town) -> None:
    link = invite(town, uses=9, area="01-01")
    silent = town.join("สมชาย", "0810000001", invite=link.code)
    spoke = town.join("สมหญิง", "0810000002", invite=link.code, area="02-01")
    settled = town.join("สมศรี", "0810000003", area="01-02")
    assert town.join("สมศรี", "0810000003", invite=link.code) == settled
    found = dict(town.sql("SELECT id, area FROM people.persons"))
    assert found == {silent: "01-01", spoke: "02-01", settled: "01-02"}


def test_who_clears_the_area_of_the_link_is_placed_nowhere_and_an_unknown_one_loses_nothing(town: Town) -> None:
    async def known(code: str) -> bool:
        return code.startswith("01")

    town.persons.maps.append(known)
    link = invite(town, uses=9, area="01-01")
    cleared = town.join("สมชาย", "0810000001", invite=link.code, area=None)
    unknown = town.join("สมหญิง", "0810000002", invite=link.code, area="99-9")
    assert dict(town.sql("SELECT id, area FROM people.persons")) == {cleared: None, unknown: None}
    with pytest.raises(Problem, match="area_unknown"):
        invite(town, area="99-9")

    def moves(area: str) -> None:
        town.run(lambda connection: town.account.change(connection, cleared, MeChange(area=area)))

    with pytest.raises(Problem, match="area_unknown"):
        moves("99-9")
    moves("01-02")
    assert town.sql("SELECT area FROM people.persons WHERE id = %s", cleared) == [("01-02",)]

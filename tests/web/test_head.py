"""The pages of a constituency head: the own constituency in the own network, and nothing of another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from sapparot.base import canonical
from sapparot.base.database import connect
from sapparot.base.jws import parse
from tests.databases import Databases
from tests.intake.phones import NETWORK, Front
from tests.people.arriving import define_small
from tests.people.cast import Browser, fresh_number, person, signed_in
from tests.web.leading import OTHER, leading, send, words

AREA, STATION, NEXT, FAR = "01-01", "01-01-010111-001", "01-01-010111-002", "01-02-010121-001"
ROOMS = ("", "/people", "/compare", "/announcements", f"/stations/{STATION}", f"/stations/{STATION}/people")


@pytest.fixture(scope="module")
def front(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with leading(databases, tmp_path_factory.mktemp("head")) as running:
        define_small(running)
        yield running


@pytest.fixture(scope="module")
def head(front: Front) -> Browser:
    return signed_in(front, person(front, level=2, roles=(f"head:{AREA}",)))


def serving(front: Front, name: str, network: str = NETWORK, area: str | None = AREA, state: str = "active") -> UUID:
    """Somebody who serves in an area and agreed to be called about duties."""
    who = person(front, network, state=state, who=(name, fresh_number()))
    with connect(front.url) as connection:
        connection.execute("UPDATE people.persons SET area = %s, proven_at = now() WHERE id = %s", (area, who))
        connection.execute(
            "INSERT INTO people.consents (person, purpose, version, given_at) VALUES (%s, 'duty', 1, now())", (who,)
        )
    return who


def rows(front: Front, sql: str, *values: object) -> list[tuple[Any, ...]]:
    with connect(front.url) as connection:
        return connection.execute(sql, values).fetchall()


def held(front: Front, who: UUID) -> list[tuple[Any, ...]]:
    return rows(front, "SELECT place, job, state, id FROM duty.duties WHERE person = %s ORDER BY id", who)


@pytest.mark.parametrize("lang", ["", "/en"])
def test_a_head_sees_the_own_constituency_and_no_other(front: Front, head: Browser, lang: str) -> None:
    said = words(head.get(f"{lang}/head"))
    assert "01-01-" in said and "01-02-" not in said
    for room in ROOMS:
        answer = head.get(f"{lang}/head/{AREA}{room}")
        assert ("Sapparot" in words(answer)) == bool(lang)
        assert answer.headers["cache-control"] == "no-store"
        assert not re.search(rb"<[^>]+ (style|on[a-z]+)=", answer.body), "no inline style or script"
        other = room.replace(STATION, FAR)
        assert head.get(f"{lang}/head/01-02{other}").status == 403
    assert head.get(f"/en/head/{AREA}/stations/{FAR}").status == 404
    assert head.get(f"/en/head/{AREA}/stations/nowhere/people").status == 404
    assert head.get("/en/head/99-99").status == 403


@pytest.mark.parametrize("roles", [(), ("organiser",), ("lead",), ("centre",)])
def test_nobody_else_has_a_constituency(front: Front, roles: tuple[str, ...]) -> None:
    browser = signed_in(front, person(front, roles=roles))
    assert "not open to you" in words(browser.get("/en/head"), 403)
    for room in ROOMS:
        assert "not open to you" in words(browser.get(f"/en/head/{AREA}{room}"), 403)


def test_a_head_of_an_area_that_is_none_hears_so(front: Front) -> None:
    browser = signed_in(front, person(front, level=2, roles=("head:77-07",)))
    assert "no station or constituency" in words(browser.get("/en/head"), 404)


def test_an_organiser_sees_the_provinces_of_the_election(front: Front) -> None:
    said = words(signed_in(front, person(front, roles=("organiser",))).get("/en/organise"))
    assert "Where your people can serve" in said and "Thung Tawan" in said


def test_who_waits_here_is_approved_and_nobody_else(front: Front, head: Browser) -> None:
    here = serving(front, "รอ อยู่ที่นี่", state="waiting")
    below = serving(front, "รอ ในตำบล", area="01-01-010112", state="waiting")
    away = serving(front, "รอ ที่อื่น", area="01-02", state="waiting")
    theirs = serving(front, "รอ เครือข่ายอื่น", OTHER, state="waiting")
    said = words(head.get(f"/en/head/{AREA}/people"))
    assert "2 people wait for your approval" in said and "2 people wait" in words(head.get("/en/head"))
    assert "รอ ในตำบล" in said and "รอ ที่อื่น" not in said and "เครือข่ายอื่น" not in said
    path = f"/en/head/{AREA}/people/approve"
    assert "2 people approved" in words(send(head, path, person=[str(one) for one in (here, below, away, theirs)]))
    states = dict(rows(front, "SELECT id, state FROM people.persons WHERE id = ANY(%s)", [here, below, away, theirs]))
    assert states == {here: "active", below: "active", away: "waiting", theirs: "waiting"}
    assert "Nobody was ticked" in words(send(head, path), 400)
    assert send(head, "/en/head/01-02/people/approve", person=str(away)).status == 403


def test_somebody_of_the_own_network_is_asked_to_a_station_of_the_own_area_only(front: Front, head: Browser) -> None:
    mine, theirs = serving(front, "อาสา ของเรา"), serving(front, "อาสา ของเขา", OTHER)
    path = f"/en/head/{AREA}/stations/{STATION}"
    assert "อาสา ของเรา" in words(head.get(f"{path}/people"))
    assert "อาสา ของเขา" not in words(head.get(f"{path}/people"))
    assert "Tick at least one job" in words(send(head, f"{path}/people", person=str(mine)), 400)
    assert "Nobody was chosen" in words(send(head, f"{path}/people", final="1"), 400)
    assert "no such volunteer" in words(send(head, f"{path}/people", person=str(theirs), final="1"), 400)
    assert send(head, f"/en/head/{AREA}/stations/{FAR}/people", person=str(mine), final="1").status == 404
    said = words(send(head, f"{path}/people", person=str(mine), final="1", progress="1"))
    assert "The offer is sent" in said and "อาสา ของเรา" in said and "asked, no answer yet" in said
    assert [one[:3] for one in held(front, mine)] == [(STATION, "progress", "offered"), (STATION, "final", "offered")]
    again = words(send(head, f"{path}/people", person=str(mine), final="1"), 400)
    assert "has this duty already" in again
    reads = rows(front, "SELECT role, purpose FROM people.reads WHERE person = %s", mine)
    assert set(reads) == {("head", "duty")} and len(reads) == 1, "looking again at once is the same look"


def test_a_duty_is_ended_or_given_to_somebody_else_by_hand(front: Front, head: Browser) -> None:
    first, second, third = (serving(front, f"คนที่ {name}") for name in ("หนึ่ง", "สอง", "สาม"))
    path = f"/en/head/{AREA}/stations/{NEXT}"
    send(head, f"{path}/people", person=str(first), final="1")
    number = held(front, first)[0][3]
    assert "instead of คนที่ หนึ่ง" in words(head.get(f"{path}/people?duty={number}"))
    send(head, f"{path}/people", person=str(second), final="1", duty=number, reason="ป่วย")
    assert (held(front, first)[0][2], held(front, second)[0][:3]) == ("replaced", (NEXT, "final", "offered"))
    number = held(front, second)[0][3]
    assert "has been told" in words(send(head, f"{path}/duty", duty=number, instead="nobody"))
    assert held(front, second)[0][2] == "replaced" and held(front, third) == []
    told = rows(front, "SELECT en FROM duty.messages WHERE person = %s ORDER BY id", second)
    assert len(told) == 2 and "need not go" in told[1][0] and "somebody else" not in told[1][0]
    assert "changed meanwhile" in words(send(head, f"{path}/duty", duty=number), 400)


def test_a_duty_of_another_network_or_another_area_is_none_of_the_heads_business(front: Front, head: Browser) -> None:
    own, theirs = serving(front, "คนเขตอื่น", area="01-02"), serving(front, "คนเครือข่ายอื่น", OTHER)
    both = signed_in(front, person(front, level=2, roles=(f"head:{AREA}", "head:01-02")))
    send(both, f"/en/head/01-02/stations/{FAR}/people", person=str(own), final="1")
    number = held(front, own)[0][3]
    stranger = signed_in(front, person(front, OTHER, level=2, roles=(f"head:{AREA}",)))
    send(stranger, f"/en/head/{AREA}/stations/{STATION}/people", person=str(theirs), final="1")
    foreign = held(front, theirs)[0][3]
    path = f"/en/head/{AREA}/stations/{STATION}/duty"
    for browser, one in ((head, number), (head, foreign), (both, number), (head, 10**8)):
        assert "no such duty" in words(send(browser, path, duty=one), 400)
    assert held(front, own)[0][2] == held(front, theirs)[0][2] == "offered"
    said = words(head.get(f"/en/head/{AREA}/stations/{STATION}"))
    assert "คนเครือข่ายอื่น" not in said and "1 person of another network guards it too" in said


def test_only_people_who_concern_the_head_have_a_page(front: Front, head: Browser) -> None:
    here, away = serving(front, "คนในเขต"), serving(front, "คนไกล", area="02-01")
    theirs, nobody = serving(front, "คนเขา", OTHER), uuid4()
    said = words(head.get(f"/en/head/{AREA}/people/{here}"))
    assert "คนในเขต" in said and "Call 081-" in said
    for who in (away, theirs, nobody):
        for answer in (
            head.get(f"/en/head/{AREA}/people/{who}"),
            send(head, f"/en/head/{AREA}/people/{who}/duty", station=STATION, final="1"),
            send(head, f"/en/head/{AREA}/people/{who}/phone", kid="x" * 43),
        ):
            assert "คน" not in words(answer, 404)
    organiser = signed_in(front, person(front, level=2, roles=("organiser", f"head:{AREA}")))
    send(organiser, f"/en/head/{AREA}/people/{here}/duty", station=STATION, final="1")
    assert "คนในเขต" in words(organiser.get(f"/en/head/{AREA}/people/{here}"))


def test_a_lost_phone_of_the_roster_is_revoked_at_once_and_the_log_says_why_but_not_whose(
    front: Front, head: Browser
) -> None:
    who, other = serving(front, "คนทำหาย"), serving(front, "คนอื่น")
    phone, beside = front.phone(), front.phone()
    with connect(front.url) as connection:
        connection.execute("UPDATE people.devices SET person = %s WHERE kid = %s", (who, phone.key.kid))
        connection.execute("UPDATE people.devices SET person = %s WHERE kid = %s", (other, beside.key.kid))
    path = f"/en/head/{AREA}/people/{who}"
    assert "Revoke this phone" in words(head.get(path))
    assert "no such person" in words(send(head, f"{path}/phone", kid=beside.key.kid, reason="lost"), 400)
    said_back = words(send(head, f"{path}/phone", kid=phone.key.kid, reason="misused"))
    assert "report no more" in said_back and "ask an organiser of your network" in said_back
    assert "revoked before" in words(send(head, f"{path}/phone", kid=phone.key.kid, reason="lost"))
    front.sequence()
    [said] = [canonical.decode(parse(one["jws"]).payload) for one in front.log("revocation")]
    assert (said["kid"], said["reason"]) == (phone.key.kid, "misused") and str(who) not in str(said)


def test_a_page_that_has_not_changed_is_not_sent_again(front: Front, head: Browser) -> None:
    page = head.get(f"/en/head/{AREA}")
    [tag] = re.findall(r'data-tag="([0-9a-f]{32})"', page.body.decode())
    assert page.headers["etag"] == f'W/"{tag}"'
    for known in (f'"{tag}"', f'W/"{tag}"'):
        assert head.call("GET", f"/en/head/{AREA}", if_none_match=known).status == 304
    assert head.call("GET", f"/head/{AREA}", if_none_match=f'"{tag}"').status == 200, "another language is another page"
    serving(front, "มาใหม่", state="waiting")
    assert head.call("GET", f"/en/head/{AREA}", if_none_match=f'"{tag}"').status == 200


@pytest.mark.parametrize("show", ["gaps", "missing", "silent", "disputed", "photographs", "all", "'; DROP", "ก"])
def test_every_selection_is_a_page_and_words_that_are_none_show_all(head: Browser, show: str) -> None:
    from urllib.parse import quote

    said = words(head.get(f"/en/head/{AREA}?show={quote(show)}&q={quote('หนองเดือน')}"))
    assert "01-01-010112" not in said
    assert ("01-01-010111-003" in said) == (show not in ("missing", "disputed", "photographs"))


def test_an_explanation_without_a_sheet_is_refused_in_words(head: Browser) -> None:
    path = f"/en/head/{AREA}/compare"
    assert "no station or constituency" in words(send(head, path, sheet="nothing/list", state="ours"), 400)
    assert "Kept" not in words(send(head, path, sheet=f"{FAR}/list", state="ours"), 400)
    said = words(send(head, path, sheet=f"{STATION}/list", state="<b>", reason="\0" + "x" * 4000))
    assert "explanation is kept" in said


def test_another_head_is_asked_for_the_official_figures_of_the_constituency_and_a_volunteer_is_not(
    front: Front, head: Browser
) -> None:
    leader, volunteer = serving(front, "หัวหน้าร่วม"), serving(front, "อาสาคนหนึ่ง")
    rows(front, "UPDATE people.persons SET level = 2 WHERE id = %s RETURNING id", leader)
    path = f"/en/head/{AREA}/people"
    assert "come from its own head" in words(send(head, f"{path}/{leader}/duty", official="1"), 400)
    grant = "INSERT INTO people.grants (person, role, area, granted_at) VALUES (%s, 'head', %s, now()) RETURNING id"
    rows(front, grant, leader, AREA)
    assert "official figures of the constituency" in words(head.get(f"{path}/{leader}"))
    assert "official figures of the constituency" not in words(head.get(f"{path}/{volunteer}"))
    assert "The offer is sent" in words(send(head, f"{path}/{leader}/duty", official="1"))
    assert [row[:3] for row in held(front, leader)] == [(AREA, "official", "offered")]
    send(head, f"{path}/{volunteer}/duty", official="1")
    assert held(front, volunteer) == []
    organiser = signed_in(front, person(front, roles=("organiser",)))
    ask = f"/en/organise/people/{leader}/duty"
    assert send(organiser, ask, area=STATION).status == 400
    assert send(organiser, ask, area="01-02").status == 400, "she does not head it"
    rows(front, grant, leader, "01-02")
    assert "The offer is sent" in words(send(organiser, ask, area="01-02"))
    assert [row[0] for row in held(front, leader)] == [AREA, "01-02"]


def test_a_head_tells_the_people_of_its_constituency_what_it_looked_at_and_nobody_else(front: Front) -> None:
    one = person(front, level=2, roles=(f"head:{AREA}", "organiser"))
    head, other = signed_in(front, one), signed_in(front, person(front, level=2, roles=(f"head:{AREA}",)))
    here, there = serving(front, "คนในเขต"), serving(front, "คนนอกเขต", area="01-02")
    with connect(front.url) as connection:
        connection.execute(
            "UPDATE people.consents SET purpose = 'announcements' WHERE person = ANY(%s)", ([here, there],)
        )
    path, text = f"/en/head/{AREA}/announcements", "ถ่ายรูปแบบฟอร์มด้วย"
    assert b'name="area"' not in head.get(path).body, "there is one area to speak to"
    looked = send(head, path, th=text, area="01-02")
    assert "Announce it to 1 person" in words(looked), "whatever area a form names, it is the own one"
    draft = re.search(rb'name="draft" value="([0-9a-f-]{36})"', looked.body)
    assert draft
    sent = send(head, f"{path}/send", th=text, draft=draft[1].decode())
    made = sent.headers["location"]
    assert sent.status == 303 and made.startswith(f"{path}/") and text in words(head.get(made))
    assert b"/head/01-01/people/%s" % str(here).encode() in head.get(f"{made}/people").body
    told = rows(front, "SELECT person FROM duty.messages WHERE person = ANY(%s)", [here, there])
    assert told == [(here,)]
    assert text not in words(other.get(path)) and other.get(made).status == 404, "a head sees its own"
    assert send(other, "/en/head/01-02/announcements/send", th=text, draft=str(uuid4())).status == 403

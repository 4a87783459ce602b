"""What organisers do with their people: plans, coverage, announcements, consent texts, branches; and nothing of another network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlencode
from uuid import UUID

import pytest

from sapparot import ledger
from sapparot.base import canonical
from sapparot.base.clock import SystemClock
from sapparot.base.database import connect
from sapparot.base.jws import parse
from sapparot.base.shipped import shipped
from sapparot.contests import define, read_folder, save
from sapparot.duty.house import Duties
from sapparot.people import Vault
from sapparot.people.messages import Mailer
from sapparot.people.messages.senders import PageSender
from sapparot.verify import Engine
from tests.databases import Databases
from tests.intake.phones import NETWORK, Answer, Front, eventually
from tests.people.cast import Browser, person, said, signed_in
from tests.web.leading import OTHER, leading, send, words

PAGES = ["/coverage", "/plans", "/announcements", "/consents", "/invites/tree"]
ODD = [
    "/plans/0",
    "/plans/999999999999999999999999",
    "/announcements/0",
    "/announcements/99999999999999999999",
    "/coverage?area=99-99",
]


@pytest.fixture(scope="module")
def front(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with leading(databases, tmp_path_factory.mktemp("work"), senders="page") as running:
        with connect(running.url) as connection:
            save(connection, define(read_folder(shipped("data") / "elections" / "small")))
        yield running


def volunteer(front: Front, number: int, area: str = "01-01", network: str = NETWORK) -> UUID:
    """Somebody who serves in an area and agreed to everything."""
    made = person(front, network, who=(f"อาสา {number}", f"+6683{number:07}"))
    with connect(front.url) as connection:
        connection.execute("UPDATE people.persons SET area = %s WHERE id = %s", (area, made))
        for purpose in ("duty", "announcements"):
            connection.execute(
                "INSERT INTO people.consents (person, purpose, version, given_at) VALUES (%s, %s, 1, now())",
                (made, purpose),
            )
    return made


@pytest.fixture(scope="module")
def crew(front: Front) -> list[UUID]:
    return [volunteer(front, number) for number in range(1, 6)] + [volunteer(front, 9, network=OTHER)]


def plan_now(front: Front) -> None:
    """Let the worker make the plans that wait."""
    worker = Duties(front.settings, front.url, SystemClock()).worker()
    with connect(front.url) as connection:
        worker.step(connection)


def mail_now(front: Front) -> None:
    """Let everything that waits go to telephones; here the outbox page is the sender."""
    mailer = Mailer(Vault(front.settings.data / "secrets"), [PageSender()], SystemClock())
    with connect(front.url) as connection:
        while mailer.step(connection):
            continue


def hidden(page: bytes, form: str) -> dict[str, str]:
    """The hidden fields of the form that leads to an address."""
    found = re.search(rb'(?s)action="%s">(.*?)</form>' % form.encode(), page)
    assert found, page.decode()[:2000]
    pairs = re.findall(rb'name="(\w+)" value="([^"]*)"', found[1])
    return {name.decode(): value.decode() for name, value in pairs}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("lang", ["", "/en"])
def test_every_page_is_there_in_both_languages_and_for_organisers_alone(
    front: Front, organiser: Browser, page: str, lang: str
) -> None:
    answer = organiser.get(f"{lang}/organise{page}")
    assert ("Sapparot" in words(answer)) == bool(lang)
    assert not re.search(rb"<[^>]+ (style|on[a-z]+)=", answer.body), "no inline style or script"
    for roles in ((), ("head:01-01",), ("centre",)):
        assert signed_in(front, person(front, roles=roles)).get(f"{lang}/organise{page}").status == 403


@pytest.mark.parametrize("page", ODD)
def test_what_is_not_there_is_a_page_that_says_so(organiser: Browser, page: str) -> None:
    answer = organiser.get(f"/organise{page}")
    assert (answer.status, b"<main" in answer.body) == (404, True)


def test_a_plan_is_looked_at_first_and_offers_nothing_until_it_is_held(
    front: Front, organiser: Browser, stranger: Browser, crew: list[UUID]
) -> None:
    begun = send(organiser, "/en/organise/plans", progress="1", final="1", area="01-01")
    path = begun.headers["location"]
    assert "being made" in words(organiser.get(path))
    assert b'http-equiv="refresh"' in organiser.get(path).body
    plan_now(front)
    looked = words(organiser.get(path))
    assert "This is what the plan would do" in looked and "Offer their places to 5 people" in looked
    assert count(front, "SELECT count(*) FROM duty.duties") == 0
    assert stranger.get(path).status == 404 and send(stranger, path).status == 404
    held = send(organiser, path).headers["location"]
    assert held != path
    plan_now(front)
    assert "The plan is made and offered" in words(organiser.get(held))
    assert count(front, "SELECT count(DISTINCT person) FROM duty.duties WHERE state = 'offered'") == 5
    assert count(front, "SELECT count(*) FROM duty.duties WHERE network <> 'vote62'") == 0
    told = words(organiser.get("/en/organise/plans"))
    assert "only looked" in told and "offered" in told
    assert "only looked" not in words(stranger.get("/en/organise/plans"))


def test_an_organiser_who_is_of_the_centre_too_plans_for_the_own_network_here(front: Front) -> None:
    both = signed_in(front, person(front, roles=("organiser", "centre")))
    send(both, "/en/organise/plans", final="1")
    assert count(front, "SELECT count(*) FROM duty.runs WHERE network IS NULL") == 0


def count(front: Front, query: str) -> int:
    with connect(front.url) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row
    return int(row[0])


def test_coverage_counts_the_own_network_area_by_area(front: Front, organiser: Browser, stranger: Browser) -> None:
    here = volunteer(front, 21)
    own = signed_in(front, here)
    said(own.post("/v1/me/duties", {"place": "01-01-010111-001", "jobs": ["final"]}))
    covered = "somebody of your network 1 1.6% somebody of any network 1 1.6%"
    assert eventually(lambda: covered in words(organiser.get("/en/organise/coverage"))), (
        "a board is believed for five seconds"
    )
    assert "somebody of your network 0 0.0%" in words(stranger.get("/en/organise/coverage"))
    inside = organiser.get("/en/organise/coverage?area=01-01&job=final")
    assert "01-01-010111-001" in words(inside) and "one group only" in words(inside)
    assert b"/en/organise/plans?area=01-01" in inside.body
    assert "somebody of your network 0" in words(organiser.get("/en/organise/coverage?job=progress&area=01"))
    assert organiser.get("/en/organise/coverage?job=official").status == 200, "a job that is not on site counts as none"


def test_an_announcement_is_looked_at_sent_once_watched_and_read_in_the_app(
    front: Front, organiser: Browser, stranger: Browser, crew: list[UUID]
) -> None:
    fields = {"th": "พรุ่งนี้ <b>หกโมงเช้า</b>", "en": "", "area": "01-01", "trained": "no", "mailed": "1"}
    looked = send(organiser, "/en/organise/announcements", **fields)
    reached = getting(looked)
    assert reached >= 5 and f"SMS parts, at most {reached}" in words(looked)
    assert b"<b>\xe0" not in looked.body, "what somebody wrote is text"
    assert count(front, "SELECT count(*) FROM duty.announcements") == 0
    form = hidden(looked.body, "/en/organise/announcements/send")
    back = send(organiser, "/en/organise/announcements", **form, change="1")
    assert "หกโมงเช้า" in words(back) and b'<option value="no" selected>' in back.body
    form["th"] = fields["th"]
    first, second = (send(organiser, "/en/organise/announcements/send", **form) for _ in range(2))
    path = first.headers["location"]
    assert path == second.headers["location"]
    assert count(front, "SELECT count(*) FROM people.messages WHERE mailing IS NOT NULL") == reached
    assert f"waiting {reached}" in words(organiser.get(path))
    mail_now(front)
    told = words(organiser.get(path))
    assert f"sent to telephones {reached}" in told and "อาสา 1" not in told
    assert ("announcement",) not in read_by(front, crew[0]), "who only watches is told no name"
    reached_by_name = words(organiser.get(f"{path}/people"))
    assert "อาสา 1" in reached_by_name and "083-000-0001" in reached_by_name
    own = signed_in(front, crew[0])
    [message] = said(own.get("/v1/me/messages"))["messages"][-1:]
    assert message["text"]["th"] == fields["th"]
    own.post("/v1/me/messages/seen", {"until": message["id"]})
    assert "read in the app 1" in words(organiser.get(path))
    assert [stranger.get(each).status for each in (path, f"{path}/people")] == [404, 404]
    assert send(stranger, path).status == 404
    assert "หกโมงเช้า" not in words(stranger.get("/organise/announcements"))
    assert ("announcement",) in read_by(front, crew[0])


def getting(page: Answer, status: int = 200) -> int:
    """How many people a preview says that a text reaches."""
    found = re.search(r"people who get it ([\d,]+)", words(page, status))
    assert found
    return int(found[1])


def read_by(front: Front, who: UUID) -> list[tuple[str]]:
    with connect(front.url) as connection:
        rows = connection.execute(
            "SELECT DISTINCT purpose FROM people.reads WHERE person = %s AND role = 'organiser'", (who,)
        )
        return [(str(row[0]),) for row in rows.fetchall()]


def test_what_is_on_its_way_is_stopped(front: Front, organiser: Browser, crew: list[UUID]) -> None:
    looked = send(organiser, "/en/organise/announcements", th="ยกเลิก", mailed="1", area="01")
    form = hidden(looked.body, "/en/organise/announcements/send")
    path = send(organiser, "/en/organise/announcements/send", **form).headers["location"]
    stopped = words(send(organiser, path))
    assert "cannot be called back" in stopped and f"Stopped: {getting(looked)}" in stopped
    mail_now(front)
    assert "sent to telephones 0" in words(organiser.get(path))


def test_nothing_written_nobody_reached_and_a_cost_that_grew_are_said_on_the_page(
    front: Front, organiser: Browser, crew: list[UUID]
) -> None:
    path = "/en/organise/announcements"
    assert "Nothing is written" in words(send(organiser, path, th="  "), 400)
    assert "Nobody of the selection" in words(send(organiser, path, th="ก", area="02-01"), 400)
    assert "no station or constituency" in words(send(organiser, path, th="ก", area="77"), 400)
    looked = send(organiser, path, th="ก" * 50, mailed="1", area="01")
    form = hidden(looked.body, f"{path}/send")
    volunteer(front, 31)
    dearer = send(organiser, f"{path}/send", **form)
    assert "it costs more" in words(dearer, 400) and getting(dearer, 400) == getting(looked) + 1
    odd = {"th": "ก", "job": "cook", "state": "x", "trained": "?", "draft": "no", "most": "-1"}
    assert "Look before it goes out" in words(send(organiser, f"{path}/send", **odd)), (
        "without a draft it is looked at first"
    )
    assert count(front, "SELECT count(*) FROM duty.announcements WHERE th = 'ก'") == 0


def test_another_wording_is_another_version_and_who_agreed_before_is_counted(
    front: Front, organiser: Browser, stranger: Browser, crew: list[UUID]
) -> None:
    path = "/en/organise/consents"
    th, en = "ให้ส่งข่าวของเครือข่ายมาที่โทรศัพท์ของฉัน วันละไม่เกินหนึ่งครั้ง", "News of the network, at most once a day."
    told = words(send(organiser, path, purpose="announcements", th=th, en=en))
    assert "Saved as version 2" in told and "0 people agree to it" in told and "agreed to an earlier version" in told
    assert "no new version" in words(send(organiser, path, purpose="announcements", th=th, en=en))
    assert "20 to 2,000" in words(send(organiser, path, purpose="announcements", th="สั้น", en=en), 400)
    assert "cannot be shown" in words(send(organiser, path, purpose="duty", th=th + "\u202e", en=en), 400)
    assert send(organiser, path, purpose="everything", th=th, en=en).status == 200
    assert "Version 2" not in words(stranger.get(path))
    asked = {one["purpose"]: one for one in said(signed_in(front, crew[0]).get("/v1/me"))["consents"]}
    assert (asked["announcements"]["version"], asked["announcements"]["agreed"]) == (2, 1), (
        "the phone sees that it is asked again"
    )


def test_branches_show_who_brought_whom_and_are_cut_off_whole(
    front: Front, organiser: Browser, stranger: Browser
) -> None:
    root = link(front, None, "รากของสาย")
    first = volunteer(front, 41)
    came(front, first, root)
    below = link(front, first, "สายย่อย")
    second = volunteer(front, 42)
    came(front, second, below)
    tree = words(organiser.get("/en/organise/invites/tree"))
    assert re.search(r"รากของสาย .* 1 came by it · 2 in the whole branch · 2 take part", tree)
    assert re.search(r"สายย่อย อาสา 41 · .* level 2 .* 1 came by it · 1 take part", tree)
    assert "รากของสาย" not in words(stranger.get("/en/organise/invites/tree"))
    cut = words(send(organiser, f"/en/organise/invites/{root}", branch="1"))
    assert "2 people who came by it are expelled" in cut
    ids = ", ".join(f"'{one}'" for one in (first, second))
    assert count(front, f"SELECT count(*) FROM people.persons WHERE id IN ({ids}) AND state = 'expelled'") == 2


def link(front: Front, maker: UUID | None, label: str) -> UUID:
    with connect(front.url) as connection:
        row = connection.execute(
            "INSERT INTO people.invite_links (id, code_hash, network, made_by, made_at, uses, used, expires_at, vouched, label)"
            " VALUES (gen_random_uuid(), sha256(%s::bytea), 'vote62', %s, clock_timestamp(), 9, 1, now() + interval '9 days', true, %s)"
            " RETURNING id",
            (label.encode(), maker, label),
        ).fetchone()
    assert row
    return UUID(str(row[0]))


def came(front: Front, who: UUID, by: UUID) -> None:
    with connect(front.url) as connection:
        connection.execute("UPDATE people.persons SET link = %s WHERE id = %s", (by, who))


def test_who_never_said_where_it_can_help_is_counted_found_and_given_an_area(
    front: Front, organiser: Browser, stranger: Browser
) -> None:
    silent = person(front, who=("เงียบ ไม่บอกพื้นที่", "+66839990001"), state="waiting")
    wide, placed = volunteer(front, 77, area="01"), volunteer(front, 78, area="01-01-010111")
    overview = words(organiser.get("/en/organise"))
    assert re.search(r"have not said where they can help \d+ see who", overview), overview
    seen = organiser.get("/en/organise/people?area=none").body.decode()
    assert str(silent) in seen and str(wide) in seen and str(placed) not in seen
    path = f"/en/organise/people/{silent}"
    assert send(stranger, f"{path}/area", area="01-01").status == 404
    assert "no such area" in words(send(organiser, f"{path}/area", area="77-77"), 400)
    assert "The area is saved" in words(send(organiser, f"{path}/area", area="01-01"))
    assert str(silent) not in organiser.get("/en/organise/people?area=none").body.decode()
    assert (
        str(silent)
        in signed_in(front, person(front, level=2, roles=("head:01-01",))).get("/head/01-01/people").body.decode()
    )
    small = organiser.get(f"/en/organise/people/{placed}").body
    assert b'<option value="01-01-010111" selected>' in small


def test_what_a_misused_phone_ever_reported_leaves_the_count_when_its_organiser_takes_it_back(
    front: Front, organiser: Browser, stranger: Browser
) -> None:
    liar, other = volunteer(front, 11), volunteer(front, 12)
    phone, beside = front.phone(), front.phone()
    with connect(front.url) as connection:
        for who, one in ((liar, phone), (other, beside)):
            connection.execute("UPDATE people.devices SET person = %s WHERE kid = %s", (who, one.key.kid))
    sheets = ["01-01-010111-001/constituency", "01-01-010111-002/constituency"]
    for sheet, one in zip(sheets, (phone, beside), strict=True):
        assert front.post(one, [one.report(sheet=sheet, election="small")]).outcomes == ["accepted"]
    assert standings(front, sheets) == ["reported", "reported"]
    path = f"/en/organise/people/{liar}"
    assert "Take all its reports back" in words(organiser.get(path))
    late = signed_in(front, person(front, roles=("organiser",)), ago=timedelta(minutes=16))
    taken = {"kid": phone.key.kid, "reason": "misused"}
    assert "no such person" in words(send(stranger, f"{path}/phone", **taken), 404)
    assert "no such person" in words(send(organiser, f"{path}/phone", **taken | {"kid": beside.key.kid}), 400)
    assert "people.sign_in_again" in words(send(late, f"{path}/phone", **taken), 403)
    assert standings(front, sheets) == ["reported", "reported"]
    assert "can report no more" in words(send(organiser, f"{path}/phone", kid=phone.key.kid))
    assert "Take all its reports back" in words(organiser.get(path)), "an ordinary revocation stands in no way"
    assert "none of its reports counts" in words(send(organiser, f"{path}/phone", **taken))
    assert "revoked before" in words(send(organiser, f"{path}/phone", **taken))
    assert "Take all its reports back" not in words(organiser.get(path))
    front.post(phone, [phone.report(sheet=sheets[0], election="small")])  # the door may not have heard of it yet
    assert standings(front, sheets) == ["empty", "reported"]
    told = [canonical.decode(parse(one["jws"]).payload) for one in front.log("revocation")]
    assert [(said["kid"], said["reason"]) for said in told] == [(phone.key.kid, "lost"), (phone.key.kid, "misused")]
    assert str(liar) not in str(told)


def test_phones_of_invite_codes_are_counted_found_by_their_code_and_revoked_with_all_that_they_reported(
    front: Front, organiser: Browser, stranger: Browser
) -> None:
    liar, room, owned, who = front.phone(), front.stranger(), front.phone(), volunteer(front, 91)
    front.enrol(room, front.invite(level=3))
    with connect(front.url) as connection:
        connection.execute("UPDATE people.devices SET person = %s WHERE kid = %s", (who, owned.key.kid))
    sheet = "01-01-010111-003/constituency"
    assert front.post(liar, [liar.report(sheet=sheet, election="small")]).outcomes == ["accepted"]
    assert re.search(r"phones without a name \d+ see them", words(organiser.get("/en/organise")))
    shown = organiser.get("/en/organise/phones").body.decode()
    assert liar.key.kid in shown and owned.key.kid not in shown
    path, pseudonym = "/en/organise/phones", f"{owned.key.kid[:8]}…"
    found = organiser.call("GET", f"{path}?{urlencode({'q': pseudonym})}").body.decode()
    assert f"/people/{who}" in found and liar.key.kid not in found, "the phone of a person leads to its person"
    assert "No phone's code begins like that" in words(stranger.get(f"{path}?q={liar.key.kid[:8]}"))
    taken, late = {"kid": liar.key.kid, "reason": "misused"}, person(front, roles=("organiser",))
    assert "no phone without a name" in words(send(stranger, path, **taken), 400)
    assert "no phone without a name" in words(send(organiser, path, kid=owned.key.kid), 400)
    assert "whoever gave it" in words(send(organiser, path, kid=room.key.kid), 400)
    assert "people.sign_in_again" in words(send(signed_in(front, late, ago=timedelta(minutes=16)), path, **taken), 403)
    assert standings(front, [sheet]) != ["empty"]
    assert "can report no more" in words(send(organiser, path, kid=liar.key.kid))
    assert "none of its reports counts" in words(send(organiser, path, **taken))
    assert "revoked before" in words(send(organiser, path, **taken))
    assert standings(front, [sheet]) == ["empty"]


def test_phones_of_a_network_come_fifty_at_a_time(front: Front, organiser: Browser) -> None:
    for _ in range(51):
        front.phone()
    first = organiser.get("/en/organise/phones").body.decode()
    following = re.search(r'href="(/en/organise/phones\?q=&amp;after=[^"]+)"', first)
    assert following and first.count("<code>") == 50
    further = organiser.get(following[1].replace("&amp;", "&")).body.decode()
    codes = [set(re.findall(r'name="kid" value="([^"]+)"', page)) for page in (first, further)]
    assert codes[1] and not codes[0] & codes[1]


def standings(front: Front, sheets: list[str]) -> list[str]:
    """How sheets stand after everything that is in the log."""
    front.sequence()
    engine = Engine()
    with connect(front.url) as connection:
        for entry in ledger.read(connection, 0, 100_000):
            engine.apply(entry.position, entry.kind, entry.body)
    assert engine.election
    return [engine.standing(engine.election.sheet_number(sheet) or 0).state for sheet in sheets]

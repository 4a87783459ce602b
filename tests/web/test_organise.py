"""The pages of organisers: their own network, and nothing of another."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from hashlib import sha256

import pytest

from sapparot.base.database import connect
from sapparot.people import Vault
from sapparot.people.importing.waiting import Held
from tests.databases import Databases
from tests.intake.phones import NETWORK, Front
from tests.people.arriving import define_small
from tests.people.cast import Browser, fresh_number, person, signed_in
from tests.web.leading import leading, send, upload, words

CSV = "ชื่อ-นามสกุล,เบอร์โทร,พื้นที่\nสมชาย ใจดี,081-234-5678,01-01\nสมหญิง รักชาติ,0891112222,\nไม่มีเบอร์,,\n".encode()
PAGES = ["", "/people", "/import", "/invites", "/roles", "/network"]


@pytest.fixture(scope="module")
def front(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with leading(databases, tmp_path_factory.mktemp("organise")) as running:
        define_small(running)
        yield running


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("lang", ["", "/en"])
def test_every_page_is_there_in_both_languages_and_kept_by_no_cache(
    front: Front, organiser: Browser, page: str, lang: str
) -> None:
    answer = organiser.get(f"{lang}/organise{page}")
    assert ("Sapparot" in words(answer)) == bool(lang)
    assert answer.headers["cache-control"] == "no-store"
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert not re.search(rb"<[^>]+ (style|on[a-z]+)=", answer.body), "no inline style or script"


@pytest.mark.parametrize("page", PAGES)
def test_who_is_not_signed_in_is_led_to_the_door_and_back(front: Front, page: str) -> None:
    answer = Browser(front).get(f"/en/organise{page}")
    assert (answer.status, answer.headers["location"].partition("?")[0]) == (303, "/en/sign-in")


@pytest.mark.parametrize("page", PAGES)
def test_a_volunteer_and_a_head_are_refused_in_words(front: Front, page: str) -> None:
    for roles in ((), ("head:01-01",), ("lead",), ("centre",)):
        answer = signed_in(front, person(front, roles=roles)).get(f"/en/organise{page}")
        assert "not open to you" in words(answer, 403)


def test_a_form_of_another_site_is_refused(front: Front, organiser: Browser) -> None:
    path = "/organise/invites"
    body = b"uses=5&days=5"
    kind = "application/x-www-form-urlencoded"
    for named in ({"sec_fetch_site": "cross-site"}, {"sec_fetch_site": "same-site"}):
        assert organiser.call("POST", path, body, content_type=kind, **named).status == 403
    cookie = f"sapparot_session={organiser.token}"
    assert front.call("POST", path, body, host="localhost", cookie=cookie, content_type=kind).status == 403


def brought(browser: Browser, data: bytes) -> str:
    """Bring a list through the pages; return what the last one says."""
    looked = upload(browser, "/en/organise/import", data)
    path = re.search(rb'action="(/en/organise/import/[0-9a-f]{64})"', looked.body)
    assert path, words(looked)
    begun = send(browser, path[1].decode())
    assert begun.status == 303
    for _ in range(600):
        said = words(browser.get(begun.headers["location"]))
        if "Everybody is here" in said:
            return said
        time.sleep(0.1)
    raise AssertionError(said)


def test_a_list_is_looked_through_first_then_brought_and_nothing_twice(front: Front, organiser: Browser) -> None:
    looked = words(upload(organiser, "/en/organise/import", CSV))
    assert "nothing is stored yet" in looked
    assert "The telephone is missing" in looked
    with connect(front.url) as connection:
        assert connection.execute("SELECT count(*) FROM people.persons WHERE state = 'listed'").fetchone() == (0,)
    assert "2 of 2 people · 2 new" in brought(organiser, CSV)
    assert "2 of 2 people" in brought(organiser, CSV)
    with connect(front.url) as connection:
        assert connection.execute("SELECT count(*) FROM people.persons WHERE state = 'listed'").fetchone() == (2,)
        sealed = connection.execute("SELECT count(*) FROM people.import_files WHERE sealed IS NOT NULL").fetchone()
        assert sealed == (0,), "the file is gone when everybody is here"


@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00", b"a,b\n1,2\n", b"PK\x03\x04rest"])
def test_what_is_no_list_is_said_on_the_page(organiser: Browser, data: bytes) -> None:
    assert "CSV file" in words(upload(organiser, "/en/organise/import", data), 400)


def test_a_list_with_an_area_that_the_election_lacks_is_refused_on_the_page_also_when_it_waited(
    front: Front, organiser: Browser
) -> None:
    data = b"name,phone,area\nSomchai,0812345678,99-9\n"
    for lang, told in (("", "แถว 2 คอลัมน์ area"), ("/en", "row 2 column area")):
        assert told in words(upload(organiser, f"{lang}/organise/import", data), 400)
    keeper = person(front)
    with connect(front.url) as connection:  # as if it had been looked through before the election was defined
        kept = Vault(front.settings.data / "secrets").seal(keeper, Held(data), "import")
        connection.execute(
            "INSERT INTO people.import_files (network, file, sealed, people, flawed, kept_by, kept_at)"
            " VALUES (%s, %s, %s, 1, 0, %s, now())",
            (NETWORK, sha256(data).digest(), kept, keeper),
        )
    assert "row 2 column area" in words(send(organiser, f"/en/organise/import/{sha256(data).hexdigest()}"), 400)
    assert "Nobody matches" in words(send(organiser, "/en/organise/people", q="Somchai"))


def test_a_file_of_another_network_is_not_known(front: Front, organiser: Browser, stranger: Browser) -> None:
    brought(organiser, CSV)
    page = organiser.get("/organise/import").body
    name = re.search(rb"/organise/import/([0-9a-f]{64})", page)
    assert name
    path = f"/organise/import/{name[1].decode()}"
    assert stranger.get(path).status == 404
    assert send(stranger, path).status == 400


def test_people_are_found_by_name_and_by_telephone_in_the_own_network_alone(
    front: Front, organiser: Browser, stranger: Browser
) -> None:
    brought(organiser, CSV)
    for asked in ("สมชาย", "ใจดี", "081 234 5678", "0812345678"):
        assert "สมชาย ใจดี" in words(send(organiser, "/en/organise/people", q=asked))
        assert "สมชาย" not in re.sub(r'value="[^"]*"', "", words(send(stranger, "/en/organise/people", q=asked)))
    assert "Nobody matches" in words(send(organiser, "/en/organise/people", q="ไม่มีคนนี้"))
    with connect(front.url) as connection:
        reads = connection.execute("SELECT DISTINCT role, network, purpose FROM people.reads").fetchall()
    assert ("organiser", NETWORK, "search") in reads
    assert all(network == NETWORK for _, network, _ in reads)


def listed(front: Front, network: str = NETWORK, state: str = "active") -> str:
    """A person with a name."""
    phone = fresh_number()
    return str(person(front, network, state=state, who=(f"ทดสอบ {phone[3:]}", phone)))


def test_a_page_about_somebody_of_another_network_is_not_there(front: Front, stranger: Browser) -> None:
    path = f"/organise/people/{listed(front)}"
    assert stranger.get(path).status == 404
    for action in ("end", "head", "grant", "phone"):
        assert send(stranger, f"{path}/{action}", area="01-01", grant=1, kid="x", state="expelled").status == 404
    assert organiser_state(front, path.rpartition("/")[2]) == "active"


def organiser_state(front: Front, identity: str) -> str:
    with connect(front.url) as connection:
        row = connection.execute("SELECT state FROM people.persons WHERE id = %s", (identity,)).fetchone()
    assert row
    return str(row[0])


def test_who_waits_is_approved_and_only_by_the_own_network(front: Front, organiser: Browser, stranger: Browser) -> None:
    waiting = listed(front, state="waiting")
    assert "0 people approved" in words(send(stranger, "/en/organise/people/approve", person=[waiting]))
    assert "Nobody was ticked" in words(send(organiser, "/en/organise/people/approve"), 400)
    assert waiting.encode() in organiser.get("/en/organise/people?state=waiting").body
    assert "1 people approved" in words(send(organiser, "/en/organise/people/approve", person=[waiting, "no id"]))
    assert organiser_state(front, waiting) == "active"


def test_somebody_becomes_head_and_is_head_no_more_and_both_stay_on_the_list(front: Front, organiser: Browser) -> None:
    who = listed(front)
    path = f"/en/organise/people/{who}"
    assert "The role is given" in words(send(organiser, f"{path}/head", area="01-01"))
    assert "A head has a constituency" in words(send(organiser, f"{path}/head", area=""), 400)
    number = re.search(rb'name="grant" value="(\d+)"', organiser.get(path).body)
    assert number
    assert "The role is taken back" in words(send(organiser, f"{path}/grant", grant=number[1].decode()))
    said = words(organiser.get("/en/organise/roles"))
    assert said.count("constituency head Thung Tawan 1") >= 1


def test_nobody_ends_itself(front: Front) -> None:
    own = person(front, roles=("organiser",), who=("ผู้จัด สอง", "+66620000009"))
    browser = signed_in(front, own)
    assert "cannot take" in words(send(browser, f"/en/organise/people/{own}/end", state="expelled"), 400)
    assert "Nobody grants to themselves" in words(send(browser, f"/en/organise/people/{own}/head", area="01-01"), 400)


def test_an_invite_link_is_shown_once_with_its_code_to_scan(
    front: Front, organiser: Browser, stranger: Browser
) -> None:
    made = send(organiser, "/en/organise/invites", uses=40, days=7, label="ครูน่าน", vouched="1")
    link = re.search(rb"http[^<\"]+/en/join/vote62#invite=([A-Za-z0-9_-]+)", made.body)
    assert link and b"<svg" in made.body
    assert link[1] not in organiser.get("/en/organise/invites").body
    assert "0 / 40" in words(made)
    assert "ครูน่าน" not in words(stranger.get("/en/organise/invites"))
    path = re.search(rb'action="(/en/organise/invites/[0-9a-f-]{36})"', made.body)
    assert path
    assert "no such invite" in words(send(stranger, path[1].decode()), 400)
    assert "The link is cancelled" in words(send(organiser, path[1].decode()))


@pytest.mark.parametrize("fields", [{}, {"uses": "-4", "days": "x"}, {"uses": "9" * 40, "days": "๕"}, {"uses": "0"}])
def test_odd_numbers_are_brought_within_bounds(organiser: Browser, fields: dict[str, str]) -> None:
    assert re.search(r"For [\d,]+ people, until", words(send(organiser, "/en/organise/invites", **fields)))


def test_what_a_network_says_of_itself_is_changed_and_a_pale_colour_refused(organiser: Browser) -> None:
    fields = {
        "short_th": "โหวต62",
        "short_en": "Vote62",
        "welcome_th": "ยินดีต้อนรับ",
        "welcome_en": "Welcome",
        "own_invites": 5,
    }
    assert "Saved" in words(send(organiser, "/en/organise/network", colour="#7a1f5c", **fields))
    page = organiser.get("/en/organise/network")
    assert b"--brand:#7a1f5c" in page.body and "Welcome" in words(page)
    assert "Try #" in words(send(organiser, "/en/organise/network", colour="#ffee88", **fields), 400)
    assert send(organiser, "/en/organise/network", colour="red;}body{", **fields).status == 200
    assert b"--brand:#7a1f5c" in organiser.get("/en/organise/network").body
    assert "Give a short name" in words(send(organiser, "/en/organise/network", colour="#7a1f5c"), 400)


@pytest.mark.parametrize(
    "path", ["/organise/nothing", "/organise/people/not-an-id", "/organise/people/%00", "/en/organise/x/y/z"]
)
def test_what_is_not_there_is_a_page_that_says_so(organiser: Browser, path: str) -> None:
    answer = organiser.get(path)
    assert answer.status == 404
    assert b"<main" in answer.body

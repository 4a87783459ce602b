"""Who joins says where it can help, so that a head sees it: from the joining page to the head's approval and a station, all by name."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.databases import Databases
from tests.intake.phones import NETWORK, Served
from tests.journeys.conftest import Open, Phones
from tests.journeys.phonewalk import NAME, Walk, evening
from tests.journeys.sound import entered, faults
from tests.people.arriving import code_for, forget_pace
from tests.people.cast import Browser, person, signed_in
from tests.web.leading import send

pytestmark = pytest.mark.browser

AREA, NEAR = "01-01", "01-01-010111"


@pytest.fixture(scope="module")
def front(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with evening(databases, tmp_path_factory.mktemp("placing")) as running:
        yield running


@pytest.fixture(scope="module")
def organiser(front: Served) -> Browser:
    """An organiser whose network looks at people before they take part."""
    one = signed_in(front, person(front, roles=("organiser",)))
    terms = {"short_th": "โหวต62", "short_en": "Vote62", "open": "1", "approval": "1", "own_invites": "5"}
    assert send(one, "/organise/network", **terms).status == 200
    return one


def leads(front: Served, page_of: Open, area: str) -> Page:
    """A head's page of the people of an area."""
    page = page_of(360, locale="th-TH")
    head = signed_in(front, person(front, level=2, roles=(f"head:{area}",)))
    page.goto(f"{entered(page.context, head)}/head/{area}/people")
    return page


def proves(walk: Walk) -> None:
    """Fill in who one is, and prove the telephone."""
    walk.prove()
    page = walk.page
    expect(page.get_by_text("รอเครือข่ายอนุมัติ").or_(page.get_by_role("link", name="เริ่มเรียน"))).to_be_visible()


def comes_back(walk: Walk) -> None:
    """Sign in with the number that was proven before."""
    page = walk.page
    forget_pace(walk.front)
    page.goto(f"{walk.base}/app#/sign-in")
    page.locator("select").select_option(NETWORK)
    page.locator("input[type=tel]").fill(walk.telephone.replace("+66", "0"))
    page.get_by_role("button", name="ส่งรหัสให้ฉัน").click()
    expect(page.locator("code-form input")).to_be_visible()
    page.locator("code-form input").fill(code_for(walk.front, walk.telephone))
    expect(page.get_by_role("heading", name=walk.name)).to_be_visible()


@pytest.mark.usefixtures("organiser")
def test_who_joins_chooses_its_subdistrict_by_name_and_the_head_of_its_constituency_approves_it(
    front: Served, walk: Walk, page_of: Open, axe: str
) -> None:
    page = walk.page
    page.goto(f"{walk.base}/join/{NETWORK}")
    page.get_by_label("จังหวัด").select_option("ทุ่งตะวัน")
    page.locator("[data-step='1']").select_option("ตำบลหนองเดือน")
    assert faults(page, axe) == []
    proves(walk)
    expect(page.get_by_text("รอเครือข่ายอนุมัติ")).to_be_visible()
    away, here = leads(front, page_of, "02-01"), leads(front, page_of, AREA)
    expect(away.get_by_label(NAME)).to_have_count(0)
    here.get_by_label(NAME).check()
    here.get_by_role("button", name="อนุมัติ").click()
    expect(here.get_by_role("status")).to_contain_text("อนุมัติแล้ว 1 คน")
    comes_back(walk)
    walk.go("places")
    expect(page.get_by_label("จังหวัด")).to_have_value("01")
    expect(page.locator("[data-step='1']")).to_have_value(NEAR)
    assert faults(page, axe) == []
    page.get_by_role("button", name="ดูหน่วยในพื้นที่นี้").click()
    expect(page.get_by_role("button", name="ฉันเฝ้า").first).to_contain_text(NEAR)


def invited(organiser: Browser, **wanted: object) -> str:
    """The path of a link that an organiser makes on the page."""
    made = send(organiser, "/organise/invites", uses=2, days=3, **wanted).body.decode()
    found = re.search(rf'class="link">[^<]*(/join/{NETWORK}#invite=[^<]+)', made)
    assert found, made
    return found[1].replace("&amp;", "&")


def test_who_said_nothing_is_asked_again_and_says_it_under_my_data(organiser: Browser, walk: Walk, axe: str) -> None:
    page = walk.page
    page.goto(walk.base + invited(organiser, vouched=1))
    expect(page.get_by_label("จังหวัด")).to_be_visible()
    proves(walk)
    page.get_by_role("link", name="เลือกพื้นที่").click()
    page.get_by_label("จังหวัด").select_option("ธารใส")
    page.locator("[data-step='1']").select_option("ธารใส เขต 1")
    page.get_by_role("button", name="บันทึกพื้นที่").click()
    expect(page.get_by_text("บันทึกแล้ว")).to_be_visible()
    assert faults(page, axe) == []
    page.reload()
    expect(page.locator("[data-step='1']")).to_have_value("02-01")
    walk.go("")
    expect(page.get_by_role("heading", name=NAME)).to_be_visible()
    expect(page.get_by_role("link", name="เลือกพื้นที่")).to_have_count(0)


def test_a_link_that_was_shared_in_one_place_brings_people_there_and_they_may_say_another(
    front: Served, organiser: Browser, walk: Walk, page_of: Open
) -> None:
    page = walk.page
    page.goto(walk.base + invited(organiser, label="ครูธารใส", area="02-01"))
    expect(page.get_by_label("จังหวัด")).to_have_value("02")
    proves(walk)
    expect(leads(front, page_of, "02-01").get_by_label(NAME).first).to_be_visible()


def test_a_volunteer_brings_a_friend_with_a_link_of_its_own(
    organiser: Browser, phones: Phones, page_of: Open, axe: str
) -> None:
    walk, friend = phones(), phones()
    walk.page.goto(walk.base + invited(organiser, vouched=1, area="02-01"))
    proves(walk)
    page = walk.go("friends")
    expect(page.get_by_text("ชวนได้อีก 5 จาก 5 คน")).to_be_visible()
    page.get_by_role("button", name="สร้างลิงก์").click()
    expect(page.get_by_role("img", name="QR ของลิงก์ชวนเพื่อน")).to_be_visible()
    expect(page.get_by_text("ชวนได้อีก 4 จาก 5 คน")).to_be_visible()
    assert faults(page, axe) == []
    address = page.locator("p.words").inner_text()
    friend.name = "เพื่อน ของสมศรี"
    friend.page.goto(address)
    friend.page.get_by_label("จังหวัด").select_option("ธารใส")
    friend.page.locator("[data-step='1']").select_option("ธารใส เขต 1")
    proves(friend)
    expect(leads(walk.front, page_of, "02-01").get_by_label(friend.name)).to_be_visible()
    page.reload()
    expect(page.get_by_text("ชวนได้อีก 4 จาก 5 คน")).to_be_visible()
    expect(page.locator("p.words")).to_have_count(0)

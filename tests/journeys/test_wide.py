"""A constituency of 300 stations on a small phone: everything is there, nothing is too wide, and little is sent."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from sapparot.base.database import connect
from sapparot.base.shipped import shipped
from sapparot.contests import define, read_folder, save
from tests.databases import Databases
from tests.intake.phones import Served
from tests.journeys.conftest import Open
from tests.journeys.sound import NARROW, entered
from tests.people.arriving import web_side
from tests.people.cast import Browser, person, signed_in

pytestmark = pytest.mark.browser

AREA, DISTRICTS, EACH = "01-01", 4, 75
MOST_BYTES = 30_000
"""Of the page with every station, as it is sent."""


@pytest.fixture(scope="module")
def head(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A head of 300 stations, each with two people of the own network."""
    files = read_folder(shipped("data") / "elections" / "small")
    kept = [line for line in files["stations.csv"].decode().splitlines() if not line.startswith(f"{AREA}-")]
    codes = [f"{AREA}-01011{place}-{unit:03}" for place in range(1, DISTRICTS + 1) for unit in range(1, EACH + 1)]
    more = [f"{code},{code[:-4]},650,ordinary,15.3,101.2" for code in codes]
    files["stations.csv"] = "\n".join([*kept, *more, ""]).encode()
    files["areas.csv"] = re.sub(rb",[0-9]+,[0-9]+\n", b",,\n", files["areas.csv"])  # announces nothing
    with web_side(databases, tmp_path_factory.mktemp("wide"), senders=None) as front:
        with connect(front.url) as connection:
            save(connection, define(files))
        guards(front, codes)
        yield signed_in(front, person(front, level=2, roles=(f"head:{AREA}",)))


def guards(front: Served, codes: list[str]) -> None:
    """Put somebody at every station; in every tenth nobody came."""
    who = person(front)
    with connect(front.url) as connection:
        connection.execute(
            "INSERT INTO duty.duties (election, person, network, place, job, state, slot, turn, how, since, missed_at)"
            " SELECT 'small', gen_random_uuid(), 'vote62', place, 'final', 'accepted', 0, 0, 'planned', now(),"
            " CASE WHEN number %% 10 = 0 THEN now() END FROM unnest(%s::text[]) WITH ORDINALITY AS there (place, number)",
            (codes,),
        )
        connection.execute("UPDATE duty.duties SET person = %s WHERE place = %s", (who, codes[9]))


def test_all_stations_fit_a_small_phone_and_a_narrow_line(head: Browser, page_of: Open) -> None:
    page = page_of(NARROW)
    base = entered(page.context, head)
    page.goto(f"{base}/head")
    expect(page.locator("details.tract")).to_have_count(DISTRICTS)
    assert page.locator(".posts > li").count() == DISTRICTS * EACH
    assert not page.locator(".posts > li").first.is_visible(), "subdistricts are closed until somebody opens one"
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_a_page_of_300_stations_is_small_and_nothing_when_nothing_changed(head: Browser) -> None:
    for path in ("/head", "/en/head?show=gaps"):
        answer = head.call("GET", path, accept_encoding="gzip")
        assert answer.headers["content-encoding"] == "gzip" and len(answer.body) < MOST_BYTES
        tag = gzip.decompress(answer.body).decode().partition('data-tag="')[2][:32]
        again = head.call("GET", path, if_none_match=f'"{tag}"')
        assert (again.status, again.body) == (304, b"")

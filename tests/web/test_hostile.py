"""Callers with a motive: addresses, crowds and names that should not do what they try."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

import pytest

from sapparot.base.clock import FixedClock
from sapparot.base.objects import Objects
from sapparot.web.assets import load_assets
from sapparot.web.public.answers import Answers
from sapparot.web.public.desk import Desk
from sapparot.web.public.trail import Trail
from sapparot.web.render import Page, Place, Renderer
from tests.web.conftest import Ask
from tests.web.evenings import LATE, evening
from tests.web.serving import NIGHT, ZONE, publish, told
from tests.web.sheets import Log
from tests.web.test_pages import STATION

ADDRESSES = (
    "//evil.example/x",
    "/en//evil.example/x",
    "/%5cevil.example",
    "/%09/evil.example",
    "/en/%0a//evil.example",
)


@pytest.mark.parametrize("path", ADDRESSES)
def test_no_address_is_repeated_by_the_page_that_refuses_it(ask: Ask, path: str) -> None:
    reply = ask(evening(LATE)).get(f"http://testserver.local{path}")
    assert reply.status_code == 404
    assert "evil" not in reply.text


def test_words_in_an_address_make_no_page_of_their_own_but_in_the_search(ask: Ask) -> None:
    client = ask(evening(LATE))
    for path in ("/", "/en", "/province/01", "/constituency/01-01"):
        assert client.get(f"{path}?q=10").text == client.get(path).text
    assert 'href="/en/stations?q=10"' in client.get("/stations?q=10").text


def test_a_station_that_many_ask_for_at_once_is_read_once(tmp_path: Path) -> None:
    class Slow(Log):
        asked = 0

        async def trails(self, election: str, sheets: Iterable[str]) -> list[Trail]:
            self.asked += 1
            await asyncio.sleep(0.2)
            return await super().trails(election, sheets)

    publish(Objects.at(tmp_path), evening(LATE))
    log = Slow()
    answers = Answers(Desk(Objects.at(tmp_path)), (log, told()), Renderer(load_assets(), ZONE), FixedClock(NIGHT))

    async def crowd() -> list[Page]:
        place = Place("th", f"/station/{STATION}")
        return await asyncio.gather(*(answers.answer("station", place, STATION) for _ in range(20)))

    assert {page.status for page in asyncio.run(crowd())} == {200}
    assert log.asked <= 2, "the second may begin while they wait"

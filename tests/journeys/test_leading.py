"""The pages of those who lead, in a real browser: everybody can use them, on a small phone too."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sapparot.base.database import connect
from sapparot.base.shipped import shipped
from sapparot.contests import define, read_folder, save
from tests.databases import Databases
from tests.intake.phones import Front
from tests.journeys.conftest import Open
from tests.journeys.sound import entered, faults, pages_are_sound
from tests.people.cast import person, signed_in
from tests.web.leading import leading

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def front(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with leading(databases, tmp_path_factory.mktemp("leading")) as running:
        with connect(running.url) as connection:
            save(connection, define(read_folder(shipped("data") / "elections" / "small")))
        yield running


def test_the_pages_of_a_head_can_be_used_by_everybody(front: Front, page_of: Open, axe: str) -> None:
    page = page_of(360)
    base = entered(page.context, signed_in(front, person(front, roles=("head:01-01",))))
    pages_are_sound(page, axe, base, "/head", "/head/01-01")


def test_a_page_that_is_too_wide_and_one_that_says_nothing_to_the_blind_would_be_found(page_of: Open, axe: str) -> None:
    page = page_of(360)
    page.set_content('<html lang="th"><title>x</title><main><p style="width:500px">x</p><input></main></html>')
    found = faults(page, axe)
    assert any(one.startswith("label") for one in found) and any("px too wide" in one for one in found)

"""The page of a constituency head: the own constituency, and nothing of another."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sapparot.base.database import connect
from sapparot.base.shipped import shipped
from sapparot.contests import define, read_folder, save
from tests.databases import Databases
from tests.intake.phones import Front
from tests.people.cast import person, signed_in
from tests.web.leading import leading, words


@pytest.fixture(scope="module")
def front(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with leading(databases, tmp_path_factory.mktemp("head")) as running:
        with connect(running.url) as connection:
            save(connection, define(read_folder(shipped("data") / "elections" / "small")))
        yield running


def test_a_head_sees_the_own_constituency_and_no_other(front: Front) -> None:
    head = signed_in(front, person(front, roles=("head:01-01",)))
    for path in ("/en/head", "/en/head/01-01"):
        said = words(head.get(path))
        assert "Stations that need somebody" in said
        assert "01-01-" in said and "01-02-" not in said
    assert "not open to you" in words(head.get("/en/head/01-02"), 403)


@pytest.mark.parametrize("roles", [(), ("organiser",), ("lead",), ("centre",)])
def test_nobody_else_has_a_constituency(front: Front, roles: tuple[str, ...]) -> None:
    browser = signed_in(front, person(front, roles=roles))
    assert "not open to you" in words(browser.get("/en/head"), 403)
    assert "not open to you" in words(browser.get("/en/head/10-01"), 403)


def test_an_organiser_sees_the_provinces_of_the_election(front: Front) -> None:
    said = words(signed_in(front, person(front, roles=("organiser",))).get("/en/organise"))
    assert "Where your people can serve" in said and "Thung Tawan" in said

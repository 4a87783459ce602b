"""Reading the published files: the newest snapshot, kept as long as the next one is not whole."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from obstore.exceptions import GenericError

from sapparot.base.objects import Objects
from sapparot.web.public import desk
from sapparot.web.public.desk import Desk, Issue
from tests.web.evenings import EARLY, LATE, Evening, evening
from tests.web.serving import publish


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at the pointer every time."""
    monkeypatch.setattr(desk, "FRESH_SECONDS", 0.0)


def newest(reader: Desk) -> Issue | None:
    return asyncio.run(reader.issue())


def test_there_is_no_issue_before_the_first_snapshot(tmp_path: Path) -> None:
    assert newest(Desk(Objects.at(tmp_path))) is None


def test_the_newest_snapshot_is_read_and_what_never_changes_is_made_once(tmp_path: Path) -> None:
    public = Objects.at(tmp_path)
    reader = Desk(public)
    publish(public, evening(EARLY), 1)
    first = newest(reader)
    publish(public, evening(LATE), 2)
    second = newest(reader)
    assert first is not None and second is not None
    assert (first.edition.mark.n, second.edition.mark.n, second.full) == (1, 2, 2)
    assert first.nation is second.nation
    third = newest(reader)
    assert third is not None and third.edition is second.edition, "nothing new, nothing read"


def test_a_snapshot_with_a_missing_file_does_not_replace_the_one_before(tmp_path: Path) -> None:
    public = Objects.at(tmp_path)
    reader = Desk(public)
    publish(public, evening(EARLY), 1)
    assert newest(reader) is not None
    publish(public, evening(LATE), 2)
    public.delete("v1/snapshots/2/seats.json")
    kept = newest(reader)
    assert kept is not None and kept.edition.mark.n == 1


def test_while_the_store_is_away_the_snapshot_that_was_read_last_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    public, away = Objects.at(tmp_path), False
    ask = public.get_async

    async def asked(name: str) -> bytes:
        if away:
            raise GenericError("error sending request")
        return await ask(name)

    monkeypatch.setattr(public, "get_async", asked)
    publish(public, evening(EARLY), 1)
    late, reader = Desk(public), Desk(public)
    assert newest(reader) is not None
    away = True
    publish(public, evening(LATE), 2)
    kept = newest(reader)
    assert kept is not None and kept.edition.mark.n == 1
    with pytest.raises(GenericError):
        newest(late)
    away = False
    again = newest(reader)
    assert again is not None and again.edition.mark.n == 2


def test_nobody_waits_for_a_slow_store_but_who_asked_it_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    public = Objects.at(tmp_path)
    publish(public, evening(EARLY), 1)
    reader = Desk(public)
    assert newest(reader) is not None
    publish(public, evening(LATE), 2)
    ask = public.get_async

    async def look() -> tuple[Issue | None, Issue | None]:
        answered = asyncio.Event()

        async def slowly(name: str) -> bytes:
            await answered.wait()
            return await ask(name)

        monkeypatch.setattr(public, "get_async", slowly)
        first = asyncio.create_task(reader.issue())
        await asyncio.sleep(0)
        async with asyncio.timeout(5):
            second = await reader.issue()
        answered.set()
        return await first, second

    first, second = asyncio.run(look())
    assert first is not None and second is not None
    assert (first.edition.mark.n, second.edition.mark.n) == (2, 1)


def renamed(given: Evening) -> Evening:
    """Give stations codes that say nothing about where they are."""
    return Evening(given.definition, {name: data.replace(b"01-01-010111-", b"Q") for name, data in given.files.items()})


def test_a_station_is_found_even_when_its_code_does_not_say_where_it_is(tmp_path: Path) -> None:
    public = Objects.at(tmp_path)
    publish(public, renamed(evening(LATE)), 1)
    reader = Desk(public)

    async def look(station: str) -> str | None:
        issue = await reader.issue()
        assert issue is not None
        site = await reader.site(issue, station)
        return None if site is None else site.constituency

    assert asyncio.run(look("Q001")) == "01-01"
    assert asyncio.run(look("Q999")) is None

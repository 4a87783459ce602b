"""What each page answers. A page of areas is made once for each snapshot and language, and then only handed out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Mapping
from typing import Any, Literal, TypeAlias

import psycopg
import structlog
from msgspec.structs import replace
from psycopg_pool import PoolTimeout

from sapparot.base.clock import Clock, ConductedClock, monotonic
from sapparot.base.text import Text
from sapparot.intake import Refused
from sapparot.web.public import stations, views
from sapparot.web.public.desk import Desk, Issue
from sapparot.web.public.notices import NO_COUNT, NOT_FOUND, UNREADABLE, Notice
from sapparot.web.public.records import Records
from sapparot.web.public.stations import Site
from sapparot.web.render import Page, Place, Renderer

log = structlog.get_logger()

Kind: TypeAlias = Literal["country", "province", "constituency", "station", "stations", "check"]
Counted: TypeAlias = Callable[[], Awaitable[Refused | None]]
Make: TypeAlias = Callable[[], Mapping[str, Any] | None]

KEPT = 96
"""Finished pages kept; the largest takes about half a megabyte."""
STATION_SECONDS = 2.0
"""How long the page of a station is the same for everybody."""


class Answers:
    """Makes pages. What it keeps can be made again."""

    def __init__(self, desk: Desk, sources: tuple[Records, Counted], renderer: Renderer, clock: Clock) -> None:
        """``sources``: what the log says about sheets, and how many reports it does not hold."""
        self._desk = desk
        self._records, self._counted = sources
        self._renderer = renderer
        self._clock = clock
        self._made: dict[Hashable, asyncio.Task[Page]] = {}
        self._kinds: dict[Kind, Callable[[Place, Issue, str], Awaitable[Page]]] = {
            "country": self._country,
            "province": self._province,
            "constituency": self._constituency,
            "station": self._station,
            "stations": self._stations,
            "check": self._check,
        }

    async def answer(self, kind: Kind, place: Place, about: str = "") -> Page:
        """Return the page of a kind; `about` is the code or the words that it is asked for."""
        issue = await self._desk.issue()
        if issue is not None:
            page = await self._kinds[kind](place, issue, about)
            if isinstance(self._clock, ConductedClock):
                return page  # its minutes are not those of whoever reads the page
            return replace(page, age=(self._clock.now() - issue.edition.mark.at).total_seconds())
        if kind == "check":
            return await self._checked(place, {"stamp": None}, None)
        return self.notice(place, NO_COUNT)

    def notice(self, place: Place, notice: Notice) -> Page:
        """Return a page that says why there is nothing else to see."""
        values = {"title": notice.title, "text": notice.text, "stamp": None, "awaited": notice is NO_COUNT}
        return self._renderer.notice(place, "public/notice.html", values, notice.status)

    async def station_called(self, words: str) -> str | None:
        """Return the words when they are the code of a station."""
        issue = await self._desk.issue()
        if issue is None or not any(sign.isdigit() for sign in words):
            return None
        site = await self._desk.site(issue, words)
        return None if site is None else site.code

    async def _country(self, place: Place, issue: Issue, about: str) -> Page:
        early = self._clock.now() < issue.nation.definition.closes_at
        return await self._once(
            (place, issue.edition.mark.n, early),
            lambda: {**views.country(issue.edition, issue.nation.atlas), **_colours(issue), "early": early},
            (place, "public/country.html"),
        )

    async def _province(self, place: Place, issue: Issue, code: str) -> Page:
        def make() -> Mapping[str, Any] | None:
            values = views.province(issue.edition, issue.nation.atlas, code)
            return values and {**values, **_colours(issue)}

        return await self._once((place, issue.edition.mark.n), make, (place, "public/province.html"))

    async def _constituency(self, place: Place, issue: Issue, code: str) -> Page:
        file = await self._desk.stations(issue, code)

        def make() -> Mapping[str, Any] | None:
            values = views.constituency(issue.edition, code, file)
            return values and {**values, **_colours(issue), "listed_at": issue.full_at}

        key = (place, issue.edition.mark.n, issue.full)
        return await self._once(key, make, (place, "public/constituency.html"))

    async def _station(self, place: Place, issue: Issue, code: str) -> Page:
        """A station is read from the log: few ask for the same one, and those who do at the same time get the same page."""
        site = await self._desk.site(issue, code)
        if site is None:
            return self.notice(place, NOT_FOUND)
        key = (place, issue.edition.mark.n, int(monotonic() / STATION_SECONDS))
        return await self._shared(key, lambda: self._told(place, issue, site))

    async def _told(self, place: Place, issue: Issue, site: Site) -> Page:
        definition = issue.nation.definition
        moved = stations.last_moves(await self._desk.stations(issue, site.constituency), site.code)
        sheets = {f"{site.code}/{ballot.code}": moved.get(ballot.code) for ballot in definition.ballots}
        try:
            trails = await self._records.trails(definition.election, sheets)
        except (psycopg.Error, PoolTimeout) as error:
            log.warning("the trail of a station cannot be read", station=site.code, error=str(error))
            return self.notice(place, UNREADABLE)
        values = await asyncio.to_thread(stations.station, issue.edition, site, trails)
        return await self._page(place, "public/station.html", {**values, **_colours(issue)})

    async def _stations(self, place: Place, issue: Issue, words: str) -> Page:
        values = await asyncio.to_thread(stations.search, issue.edition, words)
        return await self._page(place, "public/stations.html", values)

    async def _check(self, place: Place, issue: Issue, about: str) -> Page:
        values = views.frame(issue.edition) | {"downloads": views.DOWNLOADS}
        return await self._checked(place, values, issue.edition.mark.n)

    async def _checked(self, place: Place, values: Mapping[str, Any], n: int | None) -> Page:
        counted = await self._counted()
        whole = {**values, "title": CHECK, "reports": counted}
        return await self._once((place, n, counted), lambda: whole, (place, "public/check.html"))

    async def _once(self, key: Hashable, make: Make, target: tuple[Place, str]) -> Page:
        return await self._shared(key, lambda: self._make(make, target))

    async def _shared(self, key: Hashable, make: Callable[[], Coroutine[Any, Any, Page]]) -> Page:
        """Make a page unless it is made or being made; everybody who asks meanwhile waits for the same one.

        What is not a page is not kept: asking for what does not exist must not push out what does.
        """
        task = self._made.get(key)
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = asyncio.create_task(make())
            self._made[key] = task
            while len(self._made) > KEPT:
                del self._made[next(iter(self._made))]
        page = await asyncio.shield(task)
        if page.status != 200 and self._made.get(key) is task:
            del self._made[key]
        return page

    async def _make(self, make: Make, target: tuple[Place, str]) -> Page:
        place, template = target
        values = await asyncio.to_thread(make)
        if values is None:
            return self.notice(place, NOT_FOUND)
        return await self._page(place, template, values)

    async def _page(self, place: Place, template: str, values: Mapping[str, Any]) -> Page:
        return await asyncio.to_thread(self._renderer.page, place, template, values)


CHECK = Text("ตรวจสอบเอง", "Check it yourself")


def _colours(issue: Issue) -> dict[str, str]:
    return {"palette": issue.nation.palette}

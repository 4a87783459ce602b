"""What a head tells the people of its constituency: the pages of organisers, for one area."""

from __future__ import annotations

from typing import Any

from sapparot.people.signin import Identity
from sapparot.web.framing import Said
from sapparot.web.guarded import Reply, Visit
from sapparot.web.head.desk import HeadDesk, area_of, reader
from sapparot.web.head.stations import AREA
from sapparot.web.organise.announcing import AnnouncingPages as Announcing
from sapparot.web.organise.announcing import Platform
from sapparot.web.organise.desk import Desk


class AnnouncingPages(Announcing):
    """The pages of announcements in a constituency."""

    role = "head"
    path = f"{AREA}/announcements"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._own = HeadDesk(desk)

    async def platform(self, visit: Visit) -> Platform:
        """Return from where the visitor speaks: as head of this area alone, also where it is an organiser as well."""
        area, who = await area_of(self._own, visit), visit.who
        alone = Identity(who.person, who.network, who.level, (("head", area),))
        return Platform(f"/head/{area}/announcements", f"/head/{area}/people", alone, reader(visit), area)

    async def page(self, visit: Visit, here: Platform, values: dict[str, Any], said: Said | None = None) -> Reply:
        """Answer with a page of the area."""
        return await self._own.page(visit, here.area or "", {"tab": "/announcements", **values}, said)

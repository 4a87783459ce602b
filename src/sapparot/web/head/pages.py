"""The constituency of a head: who should be there and is not, which stations lack somebody, and how far it is covered."""

from __future__ import annotations

from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.people.persons import Reader
from sapparot.people.persons.phones import national
from sapparot.people.signin.problems import NOT_FOR_YOU
from sapparot.web.framing import framed
from sapparot.web.guarded import Leaf, Reply, Visit
from sapparot.web.organise.desk import Desk

PATH = "/head"


class HeadPages:
    """The pages of heads."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def leaves(self) -> list[Leaf]:
        """Return the pages."""
        return [Leaf("GET", PATH, "head", self.stations), Leaf("GET", f"{PATH}/{{area}}", "head", self.stations)]

    async def stations(self, visit: Visit) -> Reply:
        """Show a constituency of the visitor's own: missing people first, with a telephone where that is allowed."""
        own = [area for role, area in visit.who.roles if role == "head" and area]
        area = visit.asked("area") or own[0]
        if area not in own:
            raise Problem(NOT_FOR_YOU)
        survey, region = self._desk.duties.survey, self._desk.people.persons.region
        async with self._desk.connection() as connection:
            frame = await framed(connection, visit.who, PATH)
            covered = await survey.covered(connection, area, "final", visit.who.network)
            missing = await survey.missing(connection, visit.who, area)
            gaps = await survey.gaps(connection, area, "final")
            reader = Reader(visit.who.person, visit.who.network, "head")
            ids = sorted({one.person for one in missing})
            told = await self._desk.people.persons.contact(connection, ids, reader, "duty")
        values = {
            "title": covered.whole.name,
            "covered": covered,
            "missing": missing,
            "gaps": gaps,
            "own": own,
            "area": area,
            "contacts": {who: (one.name, one.phone, national(one.phone, region)) for who, one in told.items()},
            "about": Text("เขตของคุณ", "Your constituency"),
        }
        return visit.page("head/stations.html", {**frame, **values})

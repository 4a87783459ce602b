"""How far stations are covered, by the own network and by all, area inside area; and the stations that lack somebody, worst first."""

from __future__ import annotations

from typing import get_args

from sapparot.base.text import Text
from sapparot.duty import Job
from sapparot.web.guarded import Leaf, Reply, Visit
from sapparot.web.organise.desk import Desk
from sapparot.web.organise.wards import trail

PATH = "/organise/coverage"
TITLE = Text("หน่วยที่ดูแล", "Stations covered")
SHOWN = 100
ON_SITE: tuple[Job, ...] = ("final", "progress")


class CoveringPages:
    """The page of coverage."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def leaves(self) -> list[Leaf]:
        """Return the page."""
        return [Leaf("GET", PATH, "organiser", self.covered)]

    async def covered(self, visit: Visit) -> Reply:
        """Show an area and what lies in it; everything when none is named."""
        area, job = visit.asked("area") or None, job_in(visit.asked("job"))
        election = await self._desk.election()
        values = {"template": "coverage", "title": TITLE, "job": job, "jobs": ON_SITE, "area": area, "covered": None}
        if election is None:
            return await self._desk.page(visit, "/coverage", values)
        survey = self._desk.duties.survey
        async with self._desk.connection() as connection:
            covered = await survey.covered(connection, area, job, visit.who.network)
            gaps = await survey.gaps(connection, area, job, SHOWN + 1)
        around = trail(election, area)
        values |= {
            "covered": covered,
            "gaps": gaps[:SHOWN],
            "further": len(gaps) > SHOWN,
            "around": around[:-1],
            "title": around[-1].name if around else TITLE,
            "deep": bool(around) and around[-1].kind == "constituency",
        }
        return await self._desk.page(visit, "/coverage", values)


def job_in(text: str) -> Job:
    """Return the job that an address names; the final figures for what is none."""
    return next((job for job in get_args(Job) if job == text and job in ON_SITE), "final")

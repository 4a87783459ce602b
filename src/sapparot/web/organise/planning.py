"""Automatic plans: looked at first, when nothing is offered, then held; the worker makes them, and the page comes again until it has."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from msgspec.structs import replace

from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.duty import Run, Wish
from sapparot.people.signin import Identity
from sapparot.web.framing import Said
from sapparot.web.guarded import Form, Leaf, Reply, Visit
from sapparot.web.organise.desk import Desk
from sapparot.web.organise.wards import names, wards

PATH = "/organise/plans"
TITLE = Text("แผนจัดคน", "Plans")
JOBS: tuple[Literal["progress", "final"], ...] = ("progress", "final")
AGAIN_SECONDS = 2
PATIENCE = timedelta(minutes=2)
"""A plan of a hundred thousand people takes half of it; one that waits longer has no worker."""


class PlanningPages:
    """The pages of plans."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def leaves(self) -> list[Leaf]:
        """Return the pages."""
        return [
            Leaf("GET", PATH, "organiser", self.listed),
            Leaf("POST", PATH, "organiser", self.ask, 0, 20),
            Leaf("GET", f"{PATH}/{{number}}", "organiser", self.one, 0, 600),
            Leaf("POST", f"{PATH}/{{number}}", "organiser", self.hold, 0, 20),
        ]

    async def listed(self, visit: Visit, said: Said | None = None) -> Reply:
        """Show plans, and ask for one."""
        election = await self._desk.election()
        async with self._desk.connection() as connection:
            runs = await self._desk.duties.runs.all(connection, as_organiser(visit.who))
        values = {
            "template": "plans",
            "title": TITLE,
            "runs": runs,
            "wards": wards(election),
            "areas": names(election),
            "area": visit.asked("area"),
        }
        return await self._desk.page(visit, "/plans", values, said)

    async def ask(self, visit: Visit) -> Reply:
        """Ask what a plan would do."""
        return await self._ask(visit, replace(wish_in(await visit.form()), look=True))

    async def hold(self, visit: Visit) -> Reply:
        """Make the plan that was looked at."""
        looked = await self._run(visit)
        return await self._ask(visit, replace(looked.wish, look=False))

    async def one(self, visit: Visit) -> Reply:
        """Show a plan; the page comes again by itself until it is made."""
        run = await self._run(visit)
        election = await self._desk.election()
        waits = run.state == "waiting"
        late = waits and self._desk.people.clock.now() - run.asked_at > PATIENCE
        values = {
            "template": "plan",
            "title": Text(f"แผนที่ {run.id:,}", f"Plan {run.id:,}"),
            "run": run,
            "late": late,
            "areas": names(election),
            "again": AGAIN_SECONDS if waits else 0,
        }
        return await self._desk.page(visit, "/plans", values)

    async def _ask(self, visit: Visit, wish: Wish) -> Reply:
        try:
            async with self._desk.connection() as connection:
                run = await self._desk.duties.runs.ask(connection, as_organiser(visit.who), wish)
        except Problem as problem:
            return await self.listed(visit, Said(problem.detail, bad=True))
        return visit.to(f"{PATH}/{run.id}")

    async def _run(self, visit: Visit) -> Run:
        async with self._desk.connection() as connection:
            return await self._desk.duties.runs.one(connection, as_organiser(visit.who), int(visit.asked("number")))


def as_organiser(who: Identity) -> Identity:
    """Return somebody as organiser alone: here the centre plans for the own network too, not for everybody."""
    return Identity(who.person, who.network, who.level, (("organiser", None),))


def wish_in(form: Form) -> Wish:
    """Return what a form wishes for."""
    jobs = tuple(job for job in JOBS if form.ticked(job))
    area = form.text("area")[:64] or None
    return Wish(jobs or JOBS, area, trained=form.ticked("trained"), renew=form.ticked("renew"))

"""The pages of those who lead, all together, behind one guard."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sapparot.base.database import AsyncPool
from sapparot.base.guard import Guard
from sapparot.duty.house import Duties
from sapparot.people.house import People
from sapparot.people.signin.entrance import Entrance
from sapparot.web.assets import load_lead
from sapparot.web.guarded import GuardedPages
from sapparot.web.organise.pages import organiser_pages
from sapparot.web.render import Renderer
from sapparot.web.signin.elsewhere import ElsewherePages
from sapparot.web.signin.pages import SignInPages
from sapparot.web.signin.practice import PracticePages
from sapparot.web.signin.ways import WaysPages


def leading_pages(
    database: AsyncPool, rooms: tuple[People, Duties, Entrance], guard: Guard, zone: ZoneInfo
) -> GuardedPages:
    """Return the application of these pages."""
    people, duties, entrance = rooms
    leaves = [
        *SignInPages(database, people, entrance).leaves(),
        *ElsewherePages(database, people, entrance).leaves(),
        *WaysPages(database, people, entrance).leaves(),
        *PracticePages(entrance.outbox, people.clock).leaves(),
        *organiser_pages(database, people, duties),
    ]
    return GuardedPages(leaves, guard, Renderer(load_lead(), zone, "lead/frame.html"))

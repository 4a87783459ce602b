"""The pages of those who lead, all together, behind one guard."""

from __future__ import annotations

from sapparot.base.database import AsyncPool
from sapparot.base.guard import Guard
from sapparot.duty.house import Duties
from sapparot.people.house import People
from sapparot.people.signin.codes import Codes
from sapparot.web.assets import load_lead
from sapparot.web.guarded import GuardedPages
from sapparot.web.organise.pages import organiser_pages
from sapparot.web.render import Renderer
from sapparot.web.signin.pages import SignInPages


def leading_pages(database: AsyncPool, rooms: tuple[People, Duties, Codes], guard: Guard) -> GuardedPages:
    """Return the application of these pages."""
    people, duties, codes = rooms
    leaves = [*SignInPages(database, people, codes).leaves(), *organiser_pages(database, people, duties)]
    return GuardedPages(leaves, guard, Renderer(load_lead(), "lead/frame.html"))

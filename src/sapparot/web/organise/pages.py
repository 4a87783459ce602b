"""All pages of organisers and heads."""

from __future__ import annotations

from sapparot.base.database import AsyncPool
from sapparot.duty.house import Duties
from sapparot.people.house import People
from sapparot.web.guarded import Leaf
from sapparot.web.head.pages import head_pages
from sapparot.web.organise.announcing import AnnouncingPages
from sapparot.web.organise.bringing import BringingPages
from sapparot.web.organise.covering import CoveringPages
from sapparot.web.organise.desk import Desk
from sapparot.web.organise.home import HomePages
from sapparot.web.organise.inviting import InvitePages
from sapparot.web.organise.members import MemberPages
from sapparot.web.organise.phones import PhonePages
from sapparot.web.organise.planning import PlanningPages
from sapparot.web.organise.wording import WordingPages


def organiser_pages(database: AsyncPool, people: People, duties: Duties) -> list[Leaf]:
    """Return the pages of organisers and heads."""
    desk = Desk(database, people, duties)
    own = (HomePages(desk), MemberPages(desk), BringingPages(desk), InvitePages(desk), WordingPages(desk))
    work = (PhonePages(desk), CoveringPages(desk), PlanningPages(desk), AnnouncingPages(desk))
    return [*(leaf for room in (*own, *work) for leaf in room.leaves()), *head_pages(desk)]

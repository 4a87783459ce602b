"""All pages of constituency heads: the own constituency in the own network, and nothing of another."""

from __future__ import annotations

from sapparot.web.guarded import Leaf
from sapparot.web.head.announcing import AnnouncingPages
from sapparot.web.head.comparing import ComparePages
from sapparot.web.head.desk import HeadDesk
from sapparot.web.head.members import MemberPages
from sapparot.web.head.stations import StationPages
from sapparot.web.organise.desk import Desk


def head_pages(desk: Desk) -> list[Leaf]:
    """Return the pages of heads."""
    own = HeadDesk(desk)
    rooms = (StationPages(own), MemberPages(own), ComparePages(own), AnnouncingPages(desk))
    return [leaf for room in rooms for leaf in room.leaves()]

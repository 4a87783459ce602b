"""Duties: who is where on polling day, and what a phone needs to know of the station it goes to.

``Duties`` (built once for a process, in ``house``) holds what pages and other slices call:
``roster`` (choose, give, answer, drop, replace), ``nearby`` (open stations), ``survey`` (coverage, gaps, missing people),
``office`` (announcements), ``runs`` (automatic plans), ``watch`` (stations of a constituency and what they sent), ``balance`` (own finals,
other networks and the authority side by side, and why they differ), ``rolls`` (elections in memory).
"""

from sapparot.duty.announcements.facts import Announcement, Chosen
from sapparot.duty.announcements.office import Draft, spoken
from sapparot.duty.assignments.facts import Duty, Job, Run, Wish
from sapparot.duty.comparison.facts import Compared, NewExplanation, SheetCompared
from sapparot.duty.coverage.facts import Missing
from sapparot.duty.returns.facts import Returns, StationReturn
from sapparot.duty.rolls import Rolls
from sapparot.duty.store import places_served

__all__ = [
    "Announcement",
    "Chosen",
    "Compared",
    "Draft",
    "Duty",
    "Job",
    "Missing",
    "NewExplanation",
    "Returns",
    "Rolls",
    "Run",
    "SheetCompared",
    "StationReturn",
    "Wish",
    "places_served",
    "spoken",
]

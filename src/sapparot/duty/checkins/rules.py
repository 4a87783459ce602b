"""What is odd about a check-in."""

from __future__ import annotations

from datetime import datetime, timedelta

from sapparot.contests import Election
from sapparot.duty.checkins.facts import CheckIn, Flag
from sapparot.duty.sheets.rules import place_of
from sapparot.places import distance_m

NEAR_METRES = 3_000
"""Hundredths of a degree are up to 1.1 km wide, and a station is a point somewhere in a village."""
CLOCK = timedelta(minutes=5)
LONGEST = timedelta(days=3)
"""No phone waits longer for a network with a check-in: what says so has a clock that stands in the past."""
EARLY = timedelta(hours=12)


def flags(election: Election, said: CheckIn, now: datetime, *, assigned: bool) -> tuple[Flag, ...]:
    """Return what people should look at, in a fixed order.

    A phone's time is believed between the longest wait and our own; outside of that it is the time at which we heard of it.
    """
    found: list[Flag] = []
    there = place_of(election, election.stations.index[said.station])
    if said.lat is None or said.lon is None or there is None:
        found.append("no_place")
    elif distance_m((said.lat * 10_000, said.lon * 10_000), there) > NEAR_METRES:
        found.append("far")
    if not assigned:
        found.append("not_assigned")
    wrong = not now - LONGEST <= said.at <= now + CLOCK
    if (now if wrong else said.at) < election.opens_at - EARLY:
        found.append("early")
    if wrong:
        found.append("clock")
    return tuple(found)

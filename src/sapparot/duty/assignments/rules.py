"""What may become of a duty, who fits where, and who is the nearest spare."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence

from sapparot.base.problems import Problem
from sapparot.duty.assignments.facts import ON_SITE, Duty, Seat, Spare, Standing, State, Terms
from sapparot.duty.problems import ALREADY_HELD, MOVE_REFUSED, PLACE_FULL, TOO_MANY_PLACES

MOVES: Mapping[State, frozenset[State]] = {
    "offered": frozenset({"accepted", "declined", "replaced"}),
    "accepted": frozenset({"dropped", "done", "replaced"}),
    "declined": frozenset(),
    "dropped": frozenset(),
    "done": frozenset(),
    "replaced": frozenset(),
}
"""What each state may become; nothing leads out of the others: who comes back gets a new duty."""
OPEN: frozenset[State] = frozenset({"offered", "accepted"})
MOST_FROM_AFAR = 20
"""Duties of one person for which it need not be at the place."""


def moved(duty: Duty, state: State) -> Duty:
    """Return nothing new, raise :class:`Problem` when a duty cannot come into a state."""
    if state not in MOVES[duty.state]:
        raise Problem(MOVE_REFUSED, state=duty.state)
    return duty


def seat(standing: Sequence[Standing], wanted: Seat, terms: Terms) -> tuple[int, int]:
    """Return the slot of the place and the turn of the person that a new duty takes.

    ``standing`` is what is held at the place and what the person holds anywhere. Raises :class:`Problem` when the person has the duty
    already, the place is full, or the person would be at too many places at one time.
    """
    here = [one for one in standing if (one.place, one.job) == (wanted.place, wanted.job)]
    if any(one.person == wanted.person for one in here):
        raise Problem(ALREADY_HELD)
    if len(here) >= terms.capacity:
        raise Problem(PLACE_FULL)
    own = [one for one in standing if one.person == wanted.person]
    mine = [one for one in own if one.state in OPEN]
    most = terms.places if wanted.job in ON_SITE else MOST_FROM_AFAR
    # Who is done somewhere may help at one more place, and keeps no places from others by being done at one after the other.
    if len(_elsewhere(mine, wanted)) >= most or len(_elsewhere(own, wanted)) > most:
        raise Problem(TOO_MANY_PLACES)
    return first_free(one.slot for one in here), first_free(one.turn for one in mine if one.job == wanted.job)


def _elsewhere(held: Iterable[Standing], wanted: Seat) -> set[str]:
    alike = {one.place for one in held if (one.job in ON_SITE) == (wanted.job in ON_SITE)}
    return alike - {wanted.place}


def first_free(used: Iterable[int]) -> int:
    """Return the smallest number that is not used."""
    taken = set(used)
    return next(number for number in range(len(taken) + 1) if number not in taken)


def by_fitness(spares: Sequence[Spare], present: Collection[str], left: Duty) -> list[Spare]:
    """Return spares, the best first: who adds a group, then who is near, then who is of the network that the place was left by.

    What remains is decided by the duty that is to be replaced, not by who joined first.
    """

    def rank(one: Spare) -> tuple[bool, int, bool, bytes]:
        drawn = hashlib.sha256(b"%d %s" % (left.id, one.person.bytes)).digest()
        return one.group in present, one.metres, one.network != left.network, drawn

    return sorted(spares, key=rank)

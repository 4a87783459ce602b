"""Where automatic plans are asked for: organisers for their own network, the centre for everybody. The worker makes them."""

from __future__ import annotations

from sapparot.base.clock import Clock
from sapparot.base.database import AsyncConnection
from sapparot.base.problems import Problem
from sapparot.duty.assignments.facts import Run, Wish
from sapparot.duty.problems import PLACE_UNKNOWN, RUN_UNKNOWN
from sapparot.duty.rolls import Rolls
from sapparot.duty.runs import store
from sapparot.people.signin.facts import Identity
from sapparot.people.signin.rules import refused

MOST = 2**63
"""Numbers that PostgreSQL gives are smaller."""


class RunDesk:
    """Takes in wishes for plans, and says what became of them."""

    def __init__(self, rolls: Rolls, clock: Clock) -> None:
        self._rolls = rolls
        self._clock = clock

    async def ask(self, connection: AsyncConnection, who: Identity, wish: Wish) -> Run:
        """Ask for a plan, or with ``wish.look`` only for what it would do; raises :class:`Problem`."""
        network = _whose(who)
        election = await self._rolls.election()
        if wish.area is not None and wish.area not in election.areas:
            raise Problem(PLACE_UNKNOWN)
        number = await store.ask(connection, election.id, (network, who.person), wish, self._clock.now())
        return (await store.runs(connection, number, network, every=network is None))[0]

    async def all(self, connection: AsyncConnection, who: Identity) -> list[Run]:
        """Return the newest plans that the caller may see."""
        network = _whose(who)
        return await store.runs(connection, None, network, every=network is None)

    async def one(self, connection: AsyncConnection, who: Identity, number: int) -> Run:
        """Return a plan that the caller may see; raises :class:`Problem` for any other."""
        network = _whose(who)
        if not 0 < number < MOST:
            raise Problem(RUN_UNKNOWN)
        found = await store.runs(connection, number, network, every=network is None)
        if not found:
            raise Problem(RUN_UNKNOWN)
        return found[0]


def _whose(who: Identity) -> str | None:
    """Return whose people the caller may plan: its network's, or for the centre None, those of all networks."""
    if who.has("centre"):
        return None
    if not who.has("organiser"):
        raise refused(who)
    return who.network

"""Mailings: announcements that go to telephones as well, counted before they are made, and stopped when somebody thinks better of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sapparot.base.clock import Clock
from sapparot.base.database import AsyncConnection
from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.people.joining.store import new_id
from sapparot.people.messages import store
from sapparot.people.messages.facts import Asker, Fate, Mailing, Postage, Sendings
from sapparot.people.messages.problems import COSTLIER, DAY_FULL, HEAD_FULL, NO_SENDERS
from sapparot.people.messages.rules import parts
from sapparot.people.persons import Serving
from sapparot.people.terms import terms

LASTS = timedelta(hours=12)
"""How long an announcement is worth sending: one that comes a day late does harm."""
DAY = timedelta(days=1)


class Mailings:
    """Makes mailings and says how far they came; the mailer carries them out."""

    def __init__(self, clock: Clock, per_day: tuple[int, int], *, ready: bool) -> None:
        """``per_day``: SMS parts that a network, and a head in it, may cause in a day; ``ready``: whether there is a sender at all.

        All heads of a network have half of what it has: the other half stays to its organisers.
        """
        self._clock = clock
        self._per_day, self._of_head = per_day
        self.ready = ready

    def draft(self) -> UUID:
        """Return an id for an announcement that somebody begins to write: sent twice under it, it is made once."""
        return new_id()

    async def wording(self, connection: AsyncConnection, network: str, text: Text) -> Text:
        """Return what is sent: the network's short name first, so that people know who writes."""
        named = await terms(connection, network)
        return Text(f"{named.short.th}: {text.th}", f"{named.short.en}: {text.en}") if named else text

    async def postage(
        self, connection: AsyncConnection, asker: Asker, text: Text, people: Sequence[Serving]
    ) -> Postage:
        """Return what it would cost to send a text, worded as it is sent, to some people."""
        each = {"th": parts(text.th), "en": parts(text.en)}
        speaking = Counter(one.lang for one in people)
        used, own, heads = await store.parts_since(connection, asker.network, asker.person, self._clock.now() - DAY)
        left, of_head = max(0, self._per_day - used), max(0, min(self._of_head - own, self._per_day // 2 - heads))
        cost = sum(each[lang] * count for lang, count in speaking.items())
        bound = asker.head and of_head < left
        return Postage(len(people), each, cost, of_head if bound else left, bound)

    async def send(
        self,
        connection: AsyncConnection,
        mailing: Mailing,
        people: Sequence[Serving],
        most: int | None,
        *,
        head: bool = False,
    ) -> None:
        """Queue a mailing in the caller's transaction; raises :class:`Problem` beyond ``most`` parts, or what the day has left.

        ``head``: who makes it has a bound of its own.
        """
        if not self.ready:
            raise Problem(NO_SENDERS)
        asker = Asker(mailing.made_by, mailing.network, head)
        cost = await self.postage(connection, asker, mailing.text, people)
        if most is not None and cost.parts > most:
            raise Problem(COSTLIER, parts=cost.parts, most=most)
        if cost.parts > cost.left:
            raise Problem(HEAD_FULL if cost.own else DAY_FULL, parts=cost.parts, left=cost.left)
        await store.mail(connection, mailing, [one.id for one in people], cost.parts, head=head)

    async def sendings(self, connection: AsyncConnection, mailings: Sequence[UUID]) -> dict[UUID, Sendings]:
        """Return how far some mailings have come."""
        return await store.sendings(connection, mailings) if mailings else {}

    async def fates(self, connection: AsyncConnection, mailing: UUID, people: Sequence[UUID]) -> dict[UUID, Fate]:
        """Return what became of the copies of some people."""
        return await store.fates(connection, mailing, people)

    async def stop(self, connection: AsyncConnection, mailing: UUID, by: UUID) -> int:
        """Stop a mailing; what a sender has already is not called back. Return how many copies are not sent because of it."""
        async with connection.transaction():
            return await store.stop(connection, mailing, by, self._clock.now())

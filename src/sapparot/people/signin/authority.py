"""Says who calls: a person by the session's cookie, a device by its token."""

from __future__ import annotations

from sapparot.base.asgi import Scope, header
from sapparot.base.clock import Clock
from sapparot.base.database import AsyncPool
from sapparot.base.doors import Caller
from sapparot.base.problems import Problem
from sapparot.people.signin import store
from sapparot.people.signin.facts import Identity
from sapparot.people.signin.problems import NOT_YET_APPROVED, OTHER_PERSON, SIGN_IN_FIRST
from sapparot.people.signin.rules import SEEN_EVERY, acting, check_may, stands, token_hash, token_of
from sapparot.people.tokens import DeviceTokens

DATABASE_SECONDS = 5.0
"""How long a caller waits for a connection to the database before it is told to come back."""

MOST_KNOWN = 100_000
"""Sessions that each process remembers to have stood, and as many that have ended."""
MEANT = b"x-sapparot-person"
"""Header in which the app says for whom it asks: several people may share its phone, and the cookie is of whoever signed in last."""


class PeopleAuthority:
    """The :class:`sapparot.base.guard.Authority` of the installation."""

    def __init__(self, database: AsyncPool, tokens: DeviceTokens, clock: Clock) -> None:
        self._database = database
        self._tokens = tokens
        self._clock = clock
        self._good: dict[bytes, None] = {}
        self._ended: dict[bytes, None] = {}

    async def admit(self, scope: Scope, who: Caller) -> str:
        """Put the caller into ``scope["identity"]``: an :class:`Identity`, or the ``kid`` of a device; return its name for budgets."""
        if who == "device":
            scope["identity"] = self._tokens.check(header(scope, b"authorization"), self._clock.now())
            return str(scope["identity"])
        identity = await self.identify(scope, waiting=who == "applicant")
        check_may(identity, who)
        scope["identity"] = identity
        return str(identity.person)

    def knows(self, scope: Scope, who: Caller) -> bool:
        """Tell, without asking the database, whether the request brings a device's token that is signed, or a session that may stand.

        That is one that stood lately, or whose token was made here and was not found ended.
        """
        if who != "device":
            token = token_of(scope) or ""
            mark = token_hash(token)
            return mark in self._good or (self._tokens.sealed(token) and mark not in self._ended)
        try:
            self._tokens.check(header(scope, b"authorization"), self._clock.now())
        except Problem:
            return False
        return True

    def seal(self, word: str) -> str:
        """Return what makes a session's token of its first half."""
        return self._tokens.seal(word)

    def _note(self, token: str, *, good: bool) -> None:
        """Remember sessions that stood, and those made here that ended; of very many the oldest is forgotten."""
        mark = token_hash(token)
        for known in (self._good, self._ended):
            known.pop(mark, None)
        if good or self._tokens.sealed(token):
            known = self._good if good else self._ended
            known[mark] = None
            if len(known) > MOST_KNOWN:
                del known[next(iter(known))]

    async def identify(self, scope: Scope, *, waiting: bool = False) -> Identity:
        """Return the active person, or one who is ``waiting``, whose session the request's cookie proves; raises :class:`Problem`."""
        token = token_of(scope)
        if token is None:
            raise Problem(SIGN_IN_FIRST)
        now = self._clock.now()
        async with self._database.connection(timeout=DATABASE_SECONDS) as connection:
            session = await store.session(connection, token)
            good = session is not None and stands(session, now)
            self._note(token, good=good)
            if session is None or not good:
                raise Problem(SIGN_IN_FIRST)
            if now - session.seen_at > SEEN_EVERY:
                await store.seen(connection, session, now)
        if header(scope, MEANT) not in (None, str(session.identity.person)):
            raise Problem(OTHER_PERSON)
        if session.state == "waiting" and not waiting:
            raise Problem(NOT_YET_APPROVED)
        if session.state not in ("active", "waiting"):
            raise Problem(SIGN_IN_FIRST)
        return acting(session)

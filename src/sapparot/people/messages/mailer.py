"""The mailer carries announcements out, beside the messenger, so that no code waits behind forty thousand copies of a text.

Nobody gets an announcement twice. That a try of a copy begins is committed before the sender is asked, with the line of the access log
that says so. *A crash after that leaves a copy of which nobody knows whether it went out: it is left alone for a minute, then offered
only to senders that take a message once (LINE, under the same key), and otherwise given up, visibly. It stands in the app all the same.*
Who took the consent back, left, or was stopped in time gets nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import msgspec
import structlog

from sapparot.base.clock import Clock
from sapparot.base.database import Connection
from sapparot.people.messages import store
from sapparot.people.messages.facts import Copy, Letter, Outcome
from sapparot.people.messages.rules import LOCKED, NOT_AGREED, STOPPED, TOO_LATE, again_at
from sapparot.people.messages.senders import PageSender, Sender, deliver_once
from sapparot.people.messages.worker import USE
from sapparot.people.persons import PROGRAM, Purpose, Vault, VaultLocked
from sapparot.people.persons.facts import Particulars
from sapparot.people.persons.rules import may_know
from sapparot.people.providers.subjects import at_line

log = structlog.get_logger()
AT_ONCE = 16


class Errand(NamedTuple):
    """A copy with the letter that goes out, or why none does."""

    copy: Copy
    letter: Letter | None
    refusal: str | None


class Mailer:
    """A follower of the mailings."""

    name = "mail"

    def __init__(self, vault: Vault, senders: Sequence[Sender], clock: Clock) -> None:
        self._vault = vault
        self._senders = senders
        self._clock = clock
        self._hands = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="mailings")

    def start(self, connection: Connection) -> None:
        """Nothing is kept in memory."""

    def step(self, connection: Connection) -> int:
        """Try the copies that are due; return how many there were."""
        now = self._clock.now()
        copies = store.take_copies(connection, now, AT_ONCE) if self._senders else []
        linked = at_line(connection, self._vault, [copy.person.id for copy in copies]) if copies else {}
        errands = [self._errand(copy, linked.get(copy.person.id)) for copy in copies]
        if looked_up := [errand.copy.person.id for errand in errands if errand.letter and not errand.copy.begun]:
            store.note_read(connection, looked_up, now)
        connection.commit()
        for errand, outcome in zip(errands, self._hands.map(self._try, errands), strict=True):
            self._record(connection, errand, outcome)
        connection.commit()
        return len(errands)

    def _errand(self, copy: Copy, line: str | None) -> Errand:
        agreed: tuple[Purpose, ...] = ("announcements",) if copy.agreed else ()
        if copy.stopped:
            return Errand(copy, None, STOPPED)
        if copy.sealed is None or not may_know(copy.person, agreed, PROGRAM, "announcement"):
            return Errand(copy, None, NOT_AGREED)
        if self._clock.now() >= copy.until:
            return Errand(copy, None, TOO_LATE)
        try:
            who = self._vault.open(copy.person.id, copy.sealed, Particulars)
        except VaultLocked:
            return Errand(copy, None, LOCKED)
        return Errand(copy, Letter(who.phone, copy.text.say(copy.person.lang), line), None)

    def _try(self, errand: Errand) -> Outcome:
        if errand.letter is None:
            return Outcome(reason=errand.refusal, final=True)
        begun = errand.copy.begun
        outcome = deliver_once(self._senders, errand.copy.id, errand.letter, begun=begun)
        return msgspec.structs.replace(outcome, unsure=outcome.unsure or begun)  # once unsure, always unsure

    def _record(self, connection: Connection, errand: Errand, outcome: Outcome) -> None:
        now, copy = self._clock.now(), errand.copy
        if outcome.sender and errand.letter:
            shown = self._vault.seal(copy.person.id, errand.letter, USE) if outcome.sender == PageSender.name else None
            store.sent(connection, copy.id, outcome.sender, now, shown)
            return
        again = again_at(copy, outcome, now)
        log.warning("an announcement was not taken", reason=outcome.reason, given_up=again is None)
        store.not_sent(connection, copy.id, outcome, again, now)

"""The messenger empties the outbox.

A message that is taken is left alone for a minute in a transaction of its own, then tried, then its outcome is recorded. *A crash between
taking and recording leaves a message that is tried again after that minute: somebody may get it twice, nobody goes without.*
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import structlog
from msgspec.structs import replace

from sapparot.base.clock import Clock
from sapparot.base.database import Connection
from sapparot.people.messages import store
from sapparot.people.messages.facts import Letter, Outcome, Waiting
from sapparot.people.messages.rules import LOCKED, TOO_LATE, again_at
from sapparot.people.messages.senders import Sender, deliver
from sapparot.people.persons import Vault, VaultLocked
from sapparot.people.providers.subjects import at_line

log = structlog.get_logger()

AT_ONCE = 16
KEPT = timedelta(days=1)
USE = "message"
"""The use for which messages are sealed."""


class Messenger:
    """A follower of the outbox of messages."""

    name = "message"

    def __init__(self, vault: Vault, senders: Sequence[Sender], clock: Clock) -> None:
        self._vault = vault
        self._senders = senders
        self._clock = clock
        self._hands = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="messages")

    def start(self, connection: Connection) -> None:
        """Nothing is kept in memory."""

    def step(self, connection: Connection) -> int:
        """Try the messages that are due; return how many there were."""
        now = self._clock.now()
        store.sweep(connection, now - KEPT)
        due = store.take(connection, now, AT_ONCE) if self._senders else []
        linked = at_line(connection, self._vault, [message.person for message in due]) if due else {}
        connection.commit()
        tried = self._hands.map(self._try, due, [linked.get(message.person) for message in due])
        for message, outcome in zip(due, tried, strict=True):
            self._record(connection, message, outcome)
        connection.commit()
        return len(due)

    def _try(self, message: Waiting, line: str | None) -> Outcome:
        if self._clock.now() >= message.until:
            return Outcome(reason=TOO_LATE, final=True)
        try:
            letter = self._vault.open(message.person, message.sealed, Letter, USE)
            letter = letter if letter.to_phone else replace(letter, line=line)
        except VaultLocked:
            return Outcome(reason=LOCKED, final=True)
        return deliver(self._senders, message.id, letter)

    def _record(self, connection: Connection, message: Waiting, outcome: Outcome) -> None:
        now = self._clock.now()
        if outcome.sender:
            store.sent(connection, message.id, outcome.sender, now)
            return
        again = again_at(message, outcome, now)
        log.warning("a message was not taken", reason=outcome.reason, given_up=again is None)
        store.not_sent(connection, message.id, outcome, again, now)

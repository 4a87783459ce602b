"""Messages to people: an outbox, and the senders that empty it."""

from sapparot.people.messages.facts import Letter
from sapparot.people.messages.senders import Sender, senders_from
from sapparot.people.messages.worker import Messenger

__all__ = ["Letter", "Messenger", "Sender", "senders_from"]

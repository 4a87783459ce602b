"""Messages to people: an outbox, and the senders that empty it."""

from sapparot.people.messages.facts import Asker, Letter, Mailing, Sendings
from sapparot.people.messages.mailer import Mailer
from sapparot.people.messages.mailings import LASTS, Mailings
from sapparot.people.messages.rules import said
from sapparot.people.messages.senders import Sender, senders_from
from sapparot.people.messages.worker import Messenger

__all__ = [
    "LASTS",
    "Asker",
    "Letter",
    "Mailer",
    "Mailing",
    "Mailings",
    "Messenger",
    "Sender",
    "Sendings",
    "said",
    "senders_from",
]

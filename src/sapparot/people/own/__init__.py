"""One's own data: what is held, who looked, what one agreed to, and the way out."""

from sapparot.people.own.account import Account

__all__ = ["Account"]

"""Who calls: people sign in, and their sessions say who they are and what they may do."""

from sapparot.people.signin.authority import PeopleAuthority
from sapparot.people.signin.facts import Identity

__all__ = ["Identity", "PeopleAuthority"]

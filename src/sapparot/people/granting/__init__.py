"""Granting: who gave whom which role, and when it ended. The rows are the audit record; levels follow from them."""

from sapparot.people.granting.facts import Grant, Granter, GrantRole, NewGrant
from sapparot.people.granting.office import Office
from sapparot.people.granting.store import heads, heads_of, listed

__all__ = ["Grant", "GrantRole", "Granter", "NewGrant", "Office", "heads", "heads_of", "listed"]

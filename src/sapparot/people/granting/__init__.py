"""Granting: who gave whom which role, and when it ended. The rows are the audit record; levels follow from them."""

from sapparot.people.granting.facts import Grant, GrantRole, NewGrant
from sapparot.people.granting.office import Office

__all__ = ["Grant", "GrantRole", "NewGrant", "Office"]

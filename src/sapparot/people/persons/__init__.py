"""Persons: who volunteers. Others know them by their id; name and telephone leave through ``Persons.contact`` alone."""

from sapparot.people.persons.facts import OPERATOR, PROGRAM, Contact, Person, Purpose, Reader, State, Why
from sapparot.people.persons.registry import Persons
from sapparot.people.persons.vault import Vault, VaultLocked

__all__ = [
    "OPERATOR",
    "PROGRAM",
    "Contact",
    "Person",
    "Persons",
    "Purpose",
    "Reader",
    "State",
    "Vault",
    "VaultLocked",
    "Why",
]

"""Persons: who volunteers. Others know them by their id; name and telephone leave through ``Persons.contact`` alone."""

from sapparot.people.persons.facts import PROGRAM, Contact, Person, Purpose, Reader, Serving, State, Why
from sapparot.people.persons.registry import Persons
from sapparot.people.persons.store import Crew, move, serving, serving_async, settle
from sapparot.people.persons.vault import Vault, VaultLocked

__all__ = [
    "PROGRAM",
    "Contact",
    "Crew",
    "Person",
    "Persons",
    "Purpose",
    "Reader",
    "Serving",
    "State",
    "Vault",
    "VaultLocked",
    "Why",
    "move",
    "serving",
    "serving_async",
    "settle",
]

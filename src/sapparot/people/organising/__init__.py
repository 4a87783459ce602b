"""Organising: the people of one's own network, found, approved and ended."""

from sapparot.people.organising.bureau import Bureau
from sapparot.people.organising.facts import Members, Wanted
from sapparot.people.organising.store import approve

__all__ = ["Bureau", "Members", "Wanted", "approve"]

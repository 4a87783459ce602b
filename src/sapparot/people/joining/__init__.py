"""Joining a network: signing up, and the invite links by which people bring each other."""

from sapparot.people.joining.facts import InviteLink, Join
from sapparot.people.joining.reception import Reception

__all__ = ["InviteLink", "Join", "Reception"]

"""Joining a network: signing up, and the invite links by which people bring each other."""

from sapparot.people.joining.facts import InviteLink, Join, MadeInvite, NewInvite
from sapparot.people.joining.reception import Reception
from sapparot.people.joining.store import links_of_network

__all__ = ["InviteLink", "Join", "MadeInvite", "NewInvite", "Reception", "links_of_network"]

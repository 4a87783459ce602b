"""Joining a network: signing up, and the invite links by which people bring each other."""

from sapparot.people.joining.facts import Branch, InviteLink, Join, NewInvite
from sapparot.people.joining.reception import Reception
from sapparot.people.joining.rules import grown
from sapparot.people.joining.store import family, links_of_network

__all__ = ["Branch", "InviteLink", "Join", "NewInvite", "Reception", "family", "grown", "links_of_network"]

"""Duties: who is where on polling day, and what a phone needs to know of the station it goes to."""

from sapparot.duty.rolls import Rolls

__all__ = ["Rolls"]

"""Parting: persons leave, are expelled or have their data erased; networks leave or are expelled. The public log stays as it is."""

from sapparot.people.parting.facts import Ended
from sapparot.people.parting.farewell import Farewell

__all__ = ["Ended", "Farewell"]

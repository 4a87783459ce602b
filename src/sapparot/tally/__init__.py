"""The tally: sums over sheets, a view of the log that can be dropped and replayed."""

from sapparot.tally.facts import COUNTED_LAYERS, LAYERS, NOT_GIVEN, STATES, TOTALS, Difference, Entry, UnreadEntry
from sapparot.tally.fold import KINDS, NoElection, Tally
from sapparot.tally.levels import Level
from sapparot.tally.result import Result
from sapparot.tally.standings import Standings

__all__ = [
    "COUNTED_LAYERS",
    "KINDS",
    "LAYERS",
    "NOT_GIVEN",
    "STATES",
    "TOTALS",
    "Difference",
    "Entry",
    "Level",
    "NoElection",
    "Result",
    "Standings",
    "Tally",
    "UnreadEntry",
]

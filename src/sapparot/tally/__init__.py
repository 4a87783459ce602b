"""The tally: sums over sheets, a view of the log that can be dropped and replayed."""

from sapparot.tally.coverage import AreaCoverage, Coverage, coverage, rounded_up, share
from sapparot.tally.facts import COUNTED_LAYERS, LAYERS, NOT_GIVEN, STATES, TOTALS, Difference, Entry, Int64s
from sapparot.tally.fold import KINDS, NoElection, Tally
from sapparot.tally.outcome import Lead, Parliament, leads, list_ballot, outlook, seat_ballot
from sapparot.tally.result import Result
from sapparot.tally.standings import Standings

__all__ = [
    "COUNTED_LAYERS",
    "KINDS",
    "LAYERS",
    "NOT_GIVEN",
    "STATES",
    "TOTALS",
    "AreaCoverage",
    "Coverage",
    "Difference",
    "Entry",
    "Int64s",
    "Lead",
    "NoElection",
    "Parliament",
    "Result",
    "Standings",
    "Tally",
    "coverage",
    "leads",
    "list_ballot",
    "outlook",
    "rounded_up",
    "seat_ballot",
    "share",
]

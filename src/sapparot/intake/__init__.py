"""Reports arrive here: taken in durably, promised a place, admitted to the log when their signature stands."""

from sapparot.intake.facts import REPORT_TYPE, Refused
from sapparot.intake.rules import read_line
from sapparot.intake.store import announce, count_waiting, counts, hold_off, receive

__all__ = ["REPORT_TYPE", "Refused", "announce", "count_waiting", "counts", "hold_off", "read_line", "receive"]

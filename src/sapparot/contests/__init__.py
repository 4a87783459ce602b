"""Elections, their ballots, contests, options and sheets: what can be voted on, and where."""

from sapparot.contests.facts import Ballot, Contest, Election, Figures, Option, Party, SeatRule, StationRoll
from sapparot.contests.importing import MOST_ELIGIBLE, define, read_folder
from sapparot.contests.problems import IMPORT_REFUSED, OTHER_DEFINITION, OTHER_ELECTION, DefinitionError
from sapparot.contests.roll import BINDING_KINDS, DEFINITION_KINDS, Definition, assemble
from sapparot.contests.store import defined, load, polling_day, save

__all__ = [
    "BINDING_KINDS",
    "DEFINITION_KINDS",
    "IMPORT_REFUSED",
    "MOST_ELIGIBLE",
    "OTHER_DEFINITION",
    "OTHER_ELECTION",
    "Ballot",
    "Contest",
    "Definition",
    "DefinitionError",
    "Election",
    "Figures",
    "Option",
    "Party",
    "SeatRule",
    "StationRoll",
    "assemble",
    "define",
    "defined",
    "load",
    "polling_day",
    "read_folder",
    "save",
]

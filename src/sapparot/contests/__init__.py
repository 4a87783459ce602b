"""Elections, their ballots, contests, options and sheets: what can be voted on, and where."""

from sapparot.contests.facts import (
    AreasDefined,
    Ballot,
    Contest,
    Election,
    ElectionDefined,
    Figures,
    Form,
    Option,
    OptionsDefined,
    PartiesDefined,
    Party,
    SeatRule,
    StationRoll,
    StationsDefined,
)
from sapparot.contests.problems import DefinitionError
from sapparot.contests.roll import DEFINITION_KINDS, Definition, assemble

__all__ = [
    "DEFINITION_KINDS",
    "AreasDefined",
    "Ballot",
    "Contest",
    "Definition",
    "DefinitionError",
    "Election",
    "ElectionDefined",
    "Figures",
    "Form",
    "Option",
    "OptionsDefined",
    "PartiesDefined",
    "Party",
    "SeatRule",
    "StationRoll",
    "StationsDefined",
    "assemble",
]

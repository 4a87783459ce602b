"""An election evening that never happened, driven through the real doors; the truth stays outside the system under test."""

from sapparot.simulate.facts import EveningLog, EveningPlan, Flat, Progress
from sapparot.simulate.mix import HONEST, Mix
from sapparot.simulate.nation import NationPlan, draw_nation
from sapparot.simulate.people import read_networks
from sapparot.simulate.play import invites_needed, play, set_stage
from sapparot.simulate.problems import DoorClosed, SourceUnusable, SumsImpossible
from sapparot.simulate.rehearsal import InvitesWanted, Rehearsal, prepare, rehearse

__all__ = [
    "HONEST",
    "DoorClosed",
    "EveningLog",
    "EveningPlan",
    "Flat",
    "InvitesWanted",
    "Mix",
    "NationPlan",
    "Progress",
    "Rehearsal",
    "SourceUnusable",
    "SumsImpossible",
    "draw_nation",
    "invites_needed",
    "play",
    "prepare",
    "read_networks",
    "rehearse",
    "set_stage",
]

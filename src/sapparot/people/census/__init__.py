"""The census of a network: how many people it has, and what is held about one of them; who serves in an area."""

from sapparot.people.census.facts import Census, Dossier, HeldDevice, LossReason, Phone, Standing
from sapparot.people.census.records import Records
from sapparot.people.census.store import census, in_areas, phones, standing

__all__ = [
    "Census",
    "Dossier",
    "HeldDevice",
    "LossReason",
    "Phone",
    "Records",
    "Standing",
    "census",
    "in_areas",
    "phones",
    "standing",
]

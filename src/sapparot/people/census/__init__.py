"""The census of a network: how many people it has, and what is held about one of them; who serves in an area."""

from sapparot.people.census.facts import Census, LossReason, Standing
from sapparot.people.census.records import Records
from sapparot.people.census.store import census, phones, standing

__all__ = ["Census", "LossReason", "Records", "Standing", "census", "phones", "standing"]

"""Importing: an organiser brings a list of people as a file."""

from sapparot.people.importing.facts import Report
from sapparot.people.importing.importer import Importer

__all__ = ["Importer", "Report"]

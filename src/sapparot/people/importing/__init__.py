"""Importing: an organiser brings a list of people as a file."""

from sapparot.people.importing.facts import Report
from sapparot.people.importing.importer import Importer
from sapparot.people.importing.problems import AREAS_UNKNOWN, FILE_GONE
from sapparot.people.importing.waiting import Waiting

__all__ = ["AREAS_UNKNOWN", "FILE_GONE", "Importer", "Report", "Waiting"]

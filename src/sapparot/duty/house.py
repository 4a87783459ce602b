"""The rooms of this slice, built once for a process."""

from __future__ import annotations

from collections.abc import Sequence

from sapparot.base.asgi import AsgiApp
from sapparot.base.clock import Clock
from sapparot.base.database import AsyncPool
from sapparot.base.doors import Door
from sapparot.base.machine import Endpoint
from sapparot.base.objects import public_objects
from sapparot.base.settings import Settings
from sapparot.base.shipped import shipped
from sapparot.duty.announcements.api import AnnouncementDoors
from sapparot.duty.announcements.office import AnnouncementOffice
from sapparot.duty.assignments.api import DutyDoors
from sapparot.duty.assignments.facts import Terms
from sapparot.duty.assignments.nearby import Nearby
from sapparot.duty.assignments.roster import Roster
from sapparot.duty.checkins.api import CheckInDoors
from sapparot.duty.comparison.api import ComparisonDoors
from sapparot.duty.comparison.balance import Balance
from sapparot.duty.coverage.api import CoverageDoors
from sapparot.duty.coverage.closeness import Margins
from sapparot.duty.coverage.survey import Survey
from sapparot.duty.returns.api import ReturnDoors
from sapparot.duty.returns.book import Book
from sapparot.duty.returns.watch import Watch
from sapparot.duty.rolls import Rolls
from sapparot.duty.runs.api import RunDoors
from sapparot.duty.runs.desk import RunDesk
from sapparot.duty.sheets.api import DOOR as SHEETS_DOOR
from sapparot.duty.sheets.api import PLACES_DOOR, SheetsDoor, areas_of
from sapparot.duty.store import Holdings
from sapparot.duty.training.api import TrainingDoors
from sapparot.duty.training.course import read_course
from sapparot.duty.worker import DutyWorker
from sapparot.people.messages import Mailings
from sapparot.people.persons import Persons
from sapparot.verify import Interests, load

__all__ = ["Duties", "Holdings"]


class Duties:
    """Everything about duties: what the program and other slices take from here."""

    def __init__(self, settings: Settings, url: str, clock: Clock) -> None:
        """``url``: of the database."""
        self.clock = clock
        self.rolls = Rolls(url)
        self.terms = Terms(capacity=settings.duty_people, places=settings.duty_places)
        self.interests = Interests(load(settings.policy or shipped("data") / "policies" / "default.toml"))
        self.roster = Roster(self.rolls, self.interests, clock, self.terms)
        self.nearby = Nearby(self.roster)
        self.runs = RunDesk(self.rolls, clock)
        mailings = Mailings(clock, settings.mailed_parts, ready=bool(settings.senders))
        self.office = AnnouncementOffice(self.roster, clock, mailings)
        book = Book(self.nearby)
        self.balance = Balance(self.nearby, book, clock)
        self.watch = Watch(self.roster, book)
        self.survey = Survey(self.roster, self.nearby, Margins(public_objects(settings.data, settings.public)))

    def doors(self) -> dict[Door, AsgiApp]:
        """Return the doors in front of the machine side."""
        return {SHEETS_DOOR: SheetsDoor(self.rolls), PLACES_DOOR: SheetsDoor(self.rolls, PLACES_DOOR, areas_of)}

    def endpoints(self, database: AsyncPool, persons: Persons) -> Sequence[Endpoint]:
        """Return the endpoints of duties, plans, check-ins and training."""
        course = read_course(shipped("data") / "training" / "volunteer.toml")
        return [
            *DutyDoors(database, self.roster, self.nearby).endpoints(),
            *RunDoors(database, self.runs).endpoints(),
            *CheckInDoors(database, self.rolls, self.clock).endpoints(),
            *ReturnDoors(database, self.watch).endpoints(),
            *ComparisonDoors(database, self.watch, self.balance).endpoints(),
            *CoverageDoors(database, self.survey, self.rolls).endpoints(),
            *AnnouncementDoors(database, self.office, self.clock).endpoints(),
            *TrainingDoors(database, course, persons, self.clock).endpoints(),
        ]

    def worker(self) -> DutyWorker:
        """Return the worker of plans and of who is missing."""
        return DutyWorker(self.rolls, self.interests, self.clock, self.terms)

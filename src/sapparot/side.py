"""The web side of a process: the only file that knows every door."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable
from typing import cast

from sapparot.app import device_tokens, keyring, promise_maker
from sapparot.base.asgi import AsgiApp
from sapparot.base.clock import clock_from
from sapparot.base.database import pool
from sapparot.base.doors import Door, check_doors
from sapparot.base.gate import Behind, Gate, Hook, nothing_here
from sapparot.base.guard import Guard
from sapparot.base.machine import Endpoint, Machine
from sapparot.base.objects import public_objects, sealed_objects
from sapparot.base.operators import kept, operator_token
from sapparot.base.server import make_server
from sapparot.base.settings import Settings
from sapparot.base.watching import watch_doors
from sapparot.duty.house import Duties
from sapparot.evidence.api import DOOR as EVIDENCE_DOOR
from sapparot.evidence.api import RECEIPTS_DOOR as PHOTOGRAPH_RECEIPTS_DOOR
from sapparot.evidence.api import EvidenceDoor
from sapparot.evidence.api import logged_entry as photograph_entry
from sapparot.evidence.arrivals import Arrivals, Limits
from sapparot.evidence.darkroom import Darkroom
from sapparot.evidence.photographs import Photographs
from sapparot.evidence.unfinished import Unfinished
from sapparot.evidence.uploads import DOORS as UPLOAD_DOORS
from sapparot.evidence.uploads import UploadsDoor
from sapparot.intake.api import DOOR as REPORTS_DOOR
from sapparot.intake.api import RECEIPTS_DOOR as REPORT_RECEIPTS_DOOR
from sapparot.intake.api import ReportsDoor
from sapparot.intake.api import logged_entry as report_entry
from sapparot.intake.refusals import DOOR as REFUSALS_DOOR
from sapparot.intake.refusals import Refusals, RefusalsDoor
from sapparot.ledger.api import FILES_DOOR, FIND_DOOR, PROOF_DOOR, FindDoor, LogFiles, ProofDoor, ReceiptDoor
from sapparot.people.api import DOOR as DEVICES_DOOR
from sapparot.people.api import EnrolmentDoor
from sapparot.people.devices import Revoked
from sapparot.people.signin import PeopleAuthority
from sapparot.people.signin.entrance import Entrance
from sapparot.peoplehouse import people_of
from sapparot.publish.api import (
    DEFINITIONS_DOOR,
    KEY_DOOR,
    LATEST_DOOR,
    LIST_DOOR,
    PHOTOGRAPHS_DOOR,
    SNAPSHOTS_DOOR,
    PublicFiles,
    SnapshotList,
)
from sapparot.publish.events import DOOR as EVENTS_DOOR
from sapparot.publish.events import Board, Events
from sapparot.texting.house import Texting
from sapparot.verify.api import DOOR as KEYS_DOOR
from sapparot.verify.api import KeyEntries
from sapparot.web.assets import load_assets, load_phone, load_static
from sapparot.web.leading import leading_pages
from sapparot.web.public.answers import Answers
from sapparot.web.public.desk import Desk
from sapparot.web.public.pages import DOORS as PAGE_DOORS
from sapparot.web.public.pages import public_pages
from sapparot.web.public.records import LogRecords
from sapparot.web.render import Renderer
from sapparot.web.volunteer.invitations import Invitations
from sapparot.web.volunteer.pages import DOORS as PHONE_DOORS
from sapparot.web.volunteer.pages import PhonePages, phone_pages

KEEP_PACE = {*PHONE_DOORS, REPORTS_DOOR, EVIDENCE_DOOR, *(door for door in UPLOAD_DOORS if door.who == "device")}
"""Doors whose applications hold callers to the pace themselves: pages say it as a page, devices are known by their tokens."""


class Side:
    """What the web side of a process is made of: doors with the applications behind them, and what runs at start and end."""

    def __init__(self, settings: Settings, url: str) -> None:
        self.settings = settings
        self.url = url
        self.database = pool(url, settings.database_connections)
        self.clock = clock_from(settings.clock)
        self.public = public_objects(settings.data, settings.public)
        self.doors: dict[Door, AsgiApp] = watch_doors(self.database)
        self.tokens, self.revoked = device_tokens(settings), Revoked(self.database, self.clock)
        self.tokens.revoked = self.revoked
        self.guard = Guard(PeopleAuthority(self.database, self.tokens, self.clock), operator_token(settings.data))
        self.endpoints: list[Endpoint] = []
        self.people = people_of(settings, self.clock)
        self.behind: AsgiApp = nothing_here
        self.page_doors: tuple[Door, ...] = ()
        self.duties = Duties(settings, url, self.clock)
        self.people.maps.append(self.duties.rolls.constituency)
        self.people.persons.maps.append(self.duties.rolls.area)
        self.starting: list[Hook] = [self.database.open, self.revoked.open]
        self.ending: list[Hook] = [self.database.close, self.revoked.close]
        self.stopping: list[Callable[[], Coroutine[None, None, None]]] = []

    def add_intake(self) -> None:
        """Add the doors through which devices, reports and photographs come in."""
        tokens = self.tokens
        scratch = self.settings.data / "scratch"
        scratch.mkdir(parents=True, exist_ok=True)
        darkroom = Darkroom(scratch)
        stores = (sealed_objects(self.settings.data), self.public)
        photographs = Photographs(self.database, darkroom, stores, self.clock)
        promises = promise_maker(self.settings)
        reports = ReportsDoor(self.database, tokens, promises, self.clock, self.settings.intake_waiting)
        devices = EnrolmentDoor(self.database, keyring(self.settings), tokens, self.clock)
        arrivals = Arrivals(scratch, Limits())
        evidence = EvidenceDoor(photographs, tokens, self.clock, arrivals)
        unfinished = Unfinished(self.database, photographs, stores[0], self.clock, arrivals)
        self.doors |= {REPORTS_DOOR: reports, DEVICES_DOOR: devices, EVIDENCE_DOOR: evidence}
        self.doors |= dict.fromkeys(UPLOAD_DOORS, UploadsDoor(unfinished, tokens, self.clock, arrivals))
        self.starting.append(unfinished.open)
        self.ending += [reports.close, devices.close, darkroom.close, unfinished.close]

    def add_web(self) -> None:
        """Add published files, the event stream and the pages for people."""
        board = Board(self.database)
        files = PublicFiles(self.public, board)
        self.doors |= dict.fromkeys((LATEST_DOOR, KEY_DOOR, SNAPSHOTS_DOOR, DEFINITIONS_DOOR, PHOTOGRAPHS_DOOR), files)
        self.doors |= {LIST_DOOR: SnapshotList(self.database), EVENTS_DOOR: Events(board, self.database)}
        self.doors[KEYS_DOOR] = KeyEntries(self.database)
        texts = Texting(self.settings, self.database, self.people, self.duties.roster, keyring(self.settings))
        self.doors |= self.duties.doors() | texts.doors()
        self.endpoints += [*self.duties.endpoints(self.database, self.people.persons), *texts.endpoints()]
        records = LogRecords(self.database, self.url, self.public)
        zone, refusals = self.settings.zone, Refusals(self.database, self.clock)
        self.doors[REFUSALS_DOOR] = RefusalsDoor(refusals)
        answers = Answers(Desk(self.public), (records, refusals.counted), Renderer(load_assets(), zone), self.clock)
        self.behind = cast("AsgiApp", public_pages(answers, load_static()))
        phone = cast("AsgiApp", phone_pages(PhonePages(load_phone(), Invitations(self.database), zone)))
        self.doors |= dict.fromkeys(PHONE_DOORS, phone)
        self.starting.append(board.open)
        self.ending.append(board.close)
        self.stopping.append(board.close)

    def add_people(self) -> None:
        """Add what people do through their browsers: JSON endpoints on the machine side."""
        entrance = Entrance(self.people, self.database, self.settings, (self.tokens, self.revoked))
        self.endpoints += [*self.people.endpoints(self.database), *entrance.endpoints()]
        pages = leading_pages(self.database, (self.people, self.duties, entrance), self.guard, self.settings.zone)
        self.behind, self.page_doors = pages.before(self.behind), (*PAGE_DOORS, *pages.doors)

    def add_log(self) -> None:
        """Add the files of the log, and the receipts that are made from them."""
        self.doors |= {FILES_DOOR: LogFiles(self.public), PROOF_DOOR: ProofDoor(self.public)}
        self.doors[FIND_DOOR] = FindDoor(self.database)
        for door, entry_of in ((REPORT_RECEIPTS_DOOR, report_entry), (PHOTOGRAPH_RECEIPTS_DOOR, photograph_entry)):
            self.doors[door] = ReceiptDoor(door, self.public, self.database, entry_of)

    def gate(self) -> Gate:
        """Return the application; raises when an endpoint has no door."""
        apps = kept(self.doors, operator_token(self.settings.data), KEEP_PACE)
        exact = {(door.method, door.path): app for door, app in apps.items() if not door.path.endswith("/")}
        prefixes = {(door.method, door.path): app for door, app in apps.items() if door.path.endswith("/")}
        machine = Machine(self.endpoints, self.guard)
        behind = Behind("/v1/", cast("AsgiApp", machine.app), self.behind)
        gate = Gate(exact, prefixes, behind, (self.starting, self.ending), self.settings.front)
        routes = [*gate.routes(), *machine.routes(), *((door.method, door.path) for door in self.page_doors)]
        check_doors(routes, [*self.doors, *machine.doors(), *self.page_doors])
        return gate


def web_side(settings: Settings, url: str, roles: Iterable[str]) -> Side:
    """Return the web side of a process with the roles ``intake`` and ``web``, or one of them."""
    side = Side(settings, url)
    side.add_log()
    if "intake" in roles:
        side.add_intake()
    if "web" in roles:
        side.add_web()
        side.add_people()
    return side


def serve(side: Side) -> None:
    """Serve until SIGTERM or SIGINT; long streams end first, so that they do not hold up the rest."""
    settings = side.settings
    make_server(side.gate(), settings.host, settings.port, settings.body_seconds, side.stopping).run()

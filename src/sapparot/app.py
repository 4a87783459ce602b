"""The only file that knows everybody: builds the web side and the workers, lists every route and every worker."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import cast

import structlog

from sapparot import texting
from sapparot.base import metrics
from sapparot.base.asgi import AsgiApp
from sapparot.base.clock import Clock, clock_from
from sapparot.base.database import connect, migrate, pool
from sapparot.base.doors import Door, check_doors
from sapparot.base.embedded import Embedded
from sapparot.base.follow import Follower, run_follower
from sapparot.base.gate import Behind, Gate, Hook, nothing_here
from sapparot.base.guard import Guard
from sapparot.base.heap import look_seldom
from sapparot.base.jws import SigningKey
from sapparot.base.keys import secret_file, signing_key
from sapparot.base.machine import Endpoint, Machine
from sapparot.base.objects import public_objects, sealed_objects
from sapparot.base.operators import ForOperators, operator_token
from sapparot.base.server import make_server
from sapparot.base.settings import Settings
from sapparot.base.shipped import shipped
from sapparot.base.signers import signer_from
from sapparot.contests import polling_day
from sapparot.duty.house import Duties, Holdings
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
from sapparot.intake import announce
from sapparot.intake.admission import Admission
from sapparot.intake.api import DOOR as REPORTS_DOOR
from sapparot.intake.api import RECEIPTS_DOOR as REPORT_RECEIPTS_DOOR
from sapparot.intake.api import ReportsDoor
from sapparot.intake.api import logged_entry as report_entry
from sapparot.intake.promises import PromiseMaker
from sapparot.ledger.api import FILES_DOOR, FIND_DOOR, PROOF_DOOR, FindDoor, LogFiles, ProofDoor, ReceiptDoor
from sapparot.ledger.cosigning import Cosigning
from sapparot.ledger.notes import NoteSigner
from sapparot.ledger.policyfile import policy_bytes
from sapparot.ledger.signatures import VerifierKey
from sapparot.ledger.worker import Outbox, Sequencer
from sapparot.people import DeviceTokens
from sapparot.people.api import DOOR as DEVICES_DOOR
from sapparot.people.api import EnrolmentDoor
from sapparot.people.devices import Revoked
from sapparot.people.house import People
from sapparot.people.keyring import Keyring
from sapparot.people.messages import Mailer, Messenger, senders_from
from sapparot.people.parting.worker import Keeper
from sapparot.people.signin import PeopleAuthority
from sapparot.people.signin.entrance import Entrance
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
from sapparot.publish.facts import Pace
from sapparot.publish.worker import Publisher
from sapparot.texting.house import Texting
from sapparot.verify import load, policy_entry, put_in_force
from sapparot.verify.api import DOOR as KEYS_DOOR
from sapparot.verify.api import KeyEntries
from sapparot.verify.worker import Verifier
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

log = structlog.get_logger()

WEB_ROLES = ("intake", "web")
WORK_ROLES = ("sequence", "verify", "publish", "message", "mail", "keep", "duty")
ROLES = WEB_ROLES + WORK_ROLES


class UnknownRole(ValueError):
    """A role that no process can take."""


def roles_from(text: str) -> tuple[str, ...]:
    """Read ``intake,web`` or ``work``; an empty text means every role."""
    named: list[str] = []
    for role in filter(None, (part.strip() for part in text.split(","))):
        named += WORK_ROLES if role == "work" else (role,)
    if unknown := set(named) - set(ROLES):
        raise UnknownRole(f"no role is called {', '.join(sorted(unknown))}; there are {', '.join(ROLES)} and work")
    return tuple(dict.fromkeys(named)) or ROLES


def keyring(settings: Settings) -> Keyring:
    """Return the signing keys of the networks that this server hosts."""
    return Keyring(settings.data / "secrets" / "networks")


def note_signer(settings: Settings) -> NoteSigner:
    """Return the signer of the log's checkpoints."""
    return NoteSigner(settings.origin, signer_from(settings.log_key, settings.data / "secrets" / "log.key"))


def promise_maker(settings: Settings) -> PromiseMaker:
    """Return the signer of promises."""
    key = signing_key(settings.data / "secrets" / "promise.key")
    return PromiseMaker(key, settings.origin, settings.promise_seconds)


def device_tokens(settings: Settings) -> DeviceTokens:
    """Return the maker and checker of device tokens."""
    return DeviceTokens(secret_file(settings.data / "secrets" / "tokens.key"))


def people_of(settings: Settings, clock: Clock) -> People:
    """Return what is done about people, with the keys of this server."""
    people, duties = People(settings.data / "secrets", keyring(settings), clock, settings.region), Holdings(clock)
    people.forget += [duties.forget, texting.forget]
    people.free.append(duties.free)
    people.lose.append(texting.unbind)
    people.tell |= {"duty": duties.tell, "texting": texting.tell}
    return people


def publish_key(settings: Settings) -> SigningKey:
    """Return the key that signs manifests."""
    return signing_key(settings.data / "secrets" / "publish.key")


class Side:
    """What the web side of a process is made of: doors with the applications behind them, and what runs at start and end."""

    def __init__(self, settings: Settings, url: str) -> None:
        self.settings = settings
        self.url = url
        self.database = pool(url, settings.database_connections)
        self.clock = clock_from(settings.clock)
        self.public = public_objects(settings.data, settings.public)
        self.doors: dict[Door, AsgiApp] = {
            metrics.METRICS_DOOR: metrics.metrics,
            metrics.HEALTH_DOOR: metrics.health,
            metrics.READY_DOOR: metrics.Ready(self.database),
        }
        self.tokens, self.revoked = device_tokens(settings), Revoked(self.database, self.clock)
        self.tokens.revoked = self.revoked
        self.guard = Guard(PeopleAuthority(self.database, self.tokens, self.clock), operator_token(settings.data))
        self.endpoints: list[Endpoint] = []
        self.people = people_of(settings, self.clock)
        self.behind: AsgiApp = nothing_here
        self.page_doors: tuple[Door, ...] = ()
        self.duties = Duties(settings, url, self.clock)
        self.people.maps.append(self.duties.constituency)
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
        records = LogRecords(self.database, self.url)
        answers = Answers(Desk(self.public), records, Renderer(load_assets()), self.clock)
        self.behind = cast("AsgiApp", public_pages(answers, load_static()))
        phone = cast("AsgiApp", phone_pages(PhonePages(load_phone(), Invitations(self.database))))
        self.doors |= dict.fromkeys(PHONE_DOORS, phone)
        self.starting.append(board.open)
        self.ending.append(board.close)
        self.stopping.append(board.close)

    def add_people(self) -> None:
        """Add what people do through their browsers: JSON endpoints on the machine side."""
        entrance = Entrance(self.people, self.database, self.settings, (self.tokens, self.revoked))
        self.endpoints += [*self.people.endpoints(self.database), *entrance.endpoints()]
        pages = leading_pages(self.database, (self.people, self.duties, entrance), self.guard)
        self.behind, self.page_doors = pages.before(self.behind), (*PAGE_DOORS, *pages.doors)

    def add_log(self) -> None:
        """Add the files of the log, and the receipts that are made from them."""
        self.doors |= {FILES_DOOR: LogFiles(self.public), PROOF_DOOR: ProofDoor(self.public)}
        self.doors[FIND_DOOR] = FindDoor(self.database)
        for door, entry_of in ((REPORT_RECEIPTS_DOOR, report_entry), (PHOTOGRAPH_RECEIPTS_DOOR, photograph_entry)):
            self.doors[door] = ReceiptDoor(door, self.public, self.database, entry_of)

    def gate(self) -> Gate:
        """Return the application; raises when an endpoint has no door."""
        token = operator_token(self.settings.data)
        apps = {door: ForOperators(app, token) if door.who == "operator" else app for door, app in self.doors.items()}
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


def cosigning(settings: Settings) -> Cosigning | None:
    """Begin to ask the cosigners that the settings name; raises :class:`Problem` for a policy file that cannot be used."""
    if settings.cosigners is None:
        return None
    key = VerifierKey.read(note_signer(settings).verifier_key())
    asking = Cosigning(policy_bytes(settings.cosigners), key, public_objects(settings.data, settings.public).get)
    asking.start()
    return asking


def workers(settings: Settings, roles: Sequence[str]) -> list[Callable[[], Follower]]:
    """Return what makes each worker of ``roles``."""
    public = public_objects(settings.data, settings.public)
    clock = clock_from(settings.clock)
    pace = Pace(light=settings.snapshot_seconds, full=settings.full_snapshot_seconds, kept=settings.snapshots_kept)
    asking = cosigning(settings) if "sequence" in roles else None
    senders = senders_from(settings.senders or "", settings.senders_file)

    def sequencer() -> Sequencer:
        made = Sequencer([Outbox(), Admission(clock)], note_signer(settings), public, clock)
        made.cosigners = asking or made.cosigners
        return made

    makers: dict[str, Callable[[], Follower]] = {
        "sequence": sequencer,
        "verify": Verifier,
        "duty": lambda: Duties(settings, "", clock).worker(),
        "publish": lambda: Publisher(public, publish_key(settings), clock, pace),
        "keep": lambda: Keeper(people_of(settings, clock).farewell, clock, settings.keep_days, polling_day),
        "message": lambda: Messenger(people_of(settings, clock).persons.vault, senders, clock),
        "mail": lambda: Mailer(people_of(settings, clock).persons.vault, senders, clock),
    }
    return [makers[role] for role in roles if role in makers]


@contextmanager
def database_of(settings: Settings) -> Iterator[str]:
    """Yield the URL of a migrated database: the one that is set, else the embedded one, which lives as long as the block."""
    if settings.database_url:
        migrate(settings.database_url)
        yield settings.database_url
        return
    with Embedded(settings.data) as embedded:
        migrate(embedded.url)
        stop = threading.Event()
        guard = threading.Thread(target=embedded.supervise, args=(stop,), name="database", daemon=True)
        guard.start()
        try:
            yield embedded.url
        finally:
            stop.set()
            guard.join()


def prepare(settings: Settings, url: str) -> None:
    """Announce in the log what must stand there before the first report."""
    with connect(url) as connection:
        announce(connection, promise_maker(settings).entry())
        put_in_force(connection, policy_entry(load(settings.policy or shipped("data") / "policies" / "default.toml")))


def up(settings: Settings, roles: tuple[str, ...]) -> None:
    """Run the roles in this process until SIGTERM or SIGINT.

    Order at the end: the doors close after the requests in flight are answered, then the workers finish their step, then the database.
    """
    with database_of(settings) as url:
        prepare(settings, url)
        look_seldom()
        stop = threading.Event()
        threads = [
            threading.Thread(target=run_follower, args=(make, url, stop), daemon=True)
            for make in workers(settings, roles)
        ]
        for thread in threads:
            thread.start()
        try:
            if set(roles) & set(WEB_ROLES):
                serve(web_side(settings, url, roles))
            else:
                wait_for_signal()
        finally:
            stop.set()
            for thread in threads:
                thread.join()


def serve(side: Side) -> None:
    """Serve until SIGTERM or SIGINT; long streams end first, so that they do not hold up the rest."""
    settings = side.settings
    make_server(side.gate(), settings.host, settings.port, settings.body_seconds, side.stopping).run()


def wait_for_signal() -> None:
    """Return when the process is asked to stop."""
    asked = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: asked.set())
    asked.wait()

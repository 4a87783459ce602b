"""The only file that knows everybody: builds the web side and the workers, lists every route and every worker."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import structlog

from sapparot.base import metrics
from sapparot.base.asgi import AsgiApp
from sapparot.base.clock import clock_from
from sapparot.base.database import Connection, connect, migrate, pool
from sapparot.base.doors import Door, check_doors
from sapparot.base.embedded import Embedded
from sapparot.base.follow import Follower, run_follower
from sapparot.base.gate import Gate, Hook
from sapparot.base.keys import secret_file, signing_key
from sapparot.base.objects import public_objects
from sapparot.base.server import make_server
from sapparot.base.settings import Settings
from sapparot.intake import announce
from sapparot.intake.admission import Admission
from sapparot.intake.api import DOOR as REPORTS_DOOR
from sapparot.intake.api import ReportsDoor
from sapparot.intake.promises import PromiseMaker
from sapparot.ledger import head_for
from sapparot.ledger.notes import NoteInvalid, NoteSigner, open_checkpoint
from sapparot.ledger.worker import CHECKPOINT_NAME, Outbox, Sequencer
from sapparot.people import DeviceTokens
from sapparot.people.api import DOOR as DEVICES_DOOR
from sapparot.people.api import EnrolmentDoor
from sapparot.people.keyring import Keyring

log = structlog.get_logger()

WEB_ROLES = ("intake", "web")
WORK_ROLES = ("sequence", "verify", "publish")
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
    return NoteSigner(settings.origin, secret_file(settings.data / "secrets" / "log.key"))


def promise_maker(settings: Settings) -> PromiseMaker:
    """Return the signer of promises."""
    key = signing_key(settings.data / "secrets" / "promise.key")
    return PromiseMaker(key, settings.origin, settings.promise_seconds)


def device_tokens(settings: Settings) -> DeviceTokens:
    """Return the maker and checker of device tokens."""
    return DeviceTokens(secret_file(settings.data / "secrets" / "tokens.key"))


def web_side(settings: Settings, url: str, roles: Iterable[str]) -> Gate:
    """Return the ASGI application of the roles ``intake`` and ``web``; raises when an endpoint has no door."""
    database = pool(url, settings.database_connections)
    clock = clock_from(settings.clock)
    doors: dict[Door, AsgiApp] = {
        metrics.METRICS_DOOR: metrics.metrics,
        metrics.HEALTH_DOOR: metrics.health,
        metrics.READY_DOOR: metrics.Ready(database),
    }
    ending: list[Hook] = [database.close]
    if "intake" in roles:
        tokens = device_tokens(settings)
        reports = ReportsDoor(database, tokens, promise_maker(settings), clock, settings.intake_waiting)
        devices = EnrolmentDoor(database, keyring(settings), tokens, clock)
        doors |= {REPORTS_DOOR: reports, DEVICES_DOOR: devices}
        ending += [reports.close, devices.close]
    gate = Gate({(door.method, door.path): app for door, app in doors.items()}, {}, hooks=([database.open], ending))
    check_doors(gate.routes(), doors)
    return gate


def workers(settings: Settings, roles: Iterable[str]) -> list[Callable[[], Follower]]:
    """Return what makes each worker of ``roles``."""
    public = public_objects(settings.data)
    clock = clock_from(settings.clock)
    makers: dict[str, Callable[[], Follower]] = {
        "sequence": lambda: Sequencer([Outbox(), Admission(clock)], note_signer(settings), public, clock),
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


def checkpoint_flaws(settings: Settings, connection: Connection) -> list[str]:
    """Say what is wrong with the published checkpoint, when anything is."""
    try:
        note = public_objects(settings.data).get(CHECKPOINT_NAME).decode()
    except FileNotFoundError:
        return ["no checkpoint is published"]
    try:
        signed = open_checkpoint(note, note_signer(settings).verifier_key())
    except NoteInvalid as error:
        return [f"the published checkpoint: {error}"]
    if head_for(connection, signed.size) != signed:
        return [f"the published checkpoint of size {signed.size} is of another log"]
    return []


def up(settings: Settings, roles: tuple[str, ...]) -> None:
    """Run the roles in this process until SIGTERM or SIGINT.

    Order at the end: the doors close after the requests in flight are answered, then the workers finish their step, then the database.
    """
    with database_of(settings) as url:
        prepare(settings, url)
        stop = threading.Event()
        threads = [
            threading.Thread(target=run_follower, args=(make, url, stop), daemon=True)
            for make in workers(settings, roles)
        ]
        for thread in threads:
            thread.start()
        try:
            if set(roles) & set(WEB_ROLES):
                web = web_side(settings, url, roles)
                make_server(web, settings.host, settings.port, settings.body_seconds).run()
            else:
                wait_for_signal()
        finally:
            stop.set()
            for thread in threads:
                thread.join()


def wait_for_signal() -> None:
    """Return when the process is asked to stop."""
    asked = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: asked.set())
    asked.wait()

"""What every process of a server has: its keys, its database, and what stands in the log before the first report."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256

import structlog
from obstore.exceptions import BaseError as StoreError

from sapparot.base.database import connect, migrate
from sapparot.base.embedded import Embedded
from sapparot.base.jws import SigningKey
from sapparot.base.keys import secret_file, signing_key
from sapparot.base.objects import public_objects
from sapparot.base.problems import Problem
from sapparot.base.settings import Settings
from sapparot.base.shared import agree
from sapparot.base.shipped import shipped
from sapparot.base.signers import Signer, signer_from
from sapparot.intake import announce
from sapparot.intake.promises import PromiseMaker
from sapparot.ledger.notes import NoteSigner
from sapparot.ledger.published import refuse_behind
from sapparot.people import DeviceTokens
from sapparot.people.keyring import Keyring
from sapparot.verify import in_force, load, policy_entry, put_in_force
from sapparot.verify.problems import POLICY_AGAIN, POLICY_OTHER

log = structlog.get_logger()
STORE_SECONDS = 5.0
"""How long a start waits for the object store."""
CHANGED = {"other": POLICY_OTHER, "again": POLICY_AGAIN}
"""What is said of a policy that takes the place of one in force."""

SEALS = ("phones.key", "vault/*.key")
"""Secrets of whoever opens or finds what says who somebody is."""
DOORS = ("tokens.key", *SEALS)
SHARED = {
    "intake": DOORS,
    "web": (*DOORS, "codes.key", "once.key", "text.key"),
    "message": SEALS,
    "mail": SEALS,
    "keep": SEALS,
}
"""Secrets that a role needs below ``secrets/`` of the data directory, alike on every machine."""


def keyring(settings: Settings) -> Keyring:
    """Return the signing keys of the networks that this server hosts."""
    return Keyring(settings.data / "secrets" / "networks")


def log_key(settings: Settings) -> Signer:
    """Return the key of the log."""
    return signer_from(settings.log_key, settings.data / "secrets" / "log.key")


def origin(settings: Settings) -> str:
    """Return the name of the log."""
    given = settings.data / "log.name"
    return settings.origin or (given.read_text().strip() if given.exists() else "sapparot.local/log")


def name_demo(settings: Settings) -> None:
    """Name the log of a demo after its key, unless a name is set: two demos are two logs, also to who audits both."""
    name = f"sapparot.local/demo/{sha256(log_key(settings).public).hexdigest()[:8]}"
    (settings.data / "log.name").write_text(f"{name}\n")


def note_signer(settings: Settings) -> NoteSigner:
    """Return the signer of the log's checkpoints."""
    return NoteSigner(origin(settings), log_key(settings))


def promise_maker(settings: Settings) -> PromiseMaker:
    """Return the signer of promises."""
    key = signing_key(settings.data / "secrets" / "promise.key")
    return PromiseMaker(key, origin(settings), settings.promise_seconds)


def device_tokens(settings: Settings) -> DeviceTokens:
    """Return the maker and checker of device tokens."""
    return DeviceTokens(secret_file(settings.data / "secrets" / "tokens.key"))


def publish_key(settings: Settings) -> SigningKey:
    """Return the key that signs manifests."""
    return signing_key(settings.data / "secrets" / "publish.key")


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


def share(settings: Settings, url: str, names: Iterable[str] = SEALS) -> None:
    """Compare secrets with those that the database knows, and make what nobody has yet; raises CannotGoOn for another one or none."""
    with connect(url) as connection:
        agree(connection, settings.data / "secrets", names)


def prepare(settings: Settings, url: str, *, receives: bool = True) -> None:
    """Announce in the log what must stand there before the first report; the key of promises where reports are received."""
    with connect(url) as connection:
        if receives:
            _not_behind(settings, url)
            announce(connection, promise_maker(settings).entry())
        # A start that names no policy leaves the one in force: else whoever forgets it once would weigh everything again by another.
        if settings.policy is not None or in_force(connection) is None:
            policy = load(settings.policy or shipped("data") / "policies" / "default.toml")
            change = put_in_force(connection, policy_entry(policy))
            if change in CHANGED:
                kind = CHANGED[change]
                log.warning("the policy in force changes", code=kind.code, th=kind.title.th, en=kind.title.en)


def _not_behind(settings: Settings, url: str) -> None:
    """Raise :class:`Problem` when the database is older than what is public; a store that is away or slow keeps no door shut."""
    found: list[Problem] = []

    def look() -> None:
        with suppress(StoreError), connect(url) as connection:
            try:
                refuse_behind(connection, public_objects(settings.data, settings.public))
            except Problem as behind:
                found.append(behind)

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    looking.join(STORE_SECONDS)
    if found:
        raise found[0]


def wait_for_signal() -> None:
    """Return when the process is asked to stop."""
    asked = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: asked.set())
    asked.wait()

"""What a look over the log says: whose signatures stand on its checkpoint, and which of its files are not what they should be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sapparot.app import database_of, note_signer
from sapparot.audit.opening import unjudged
from sapparot.base.database import Connection, connect
from sapparot.base.objects import public_objects
from sapparot.base.problems import Problem
from sapparot.base.settings import Settings
from sapparot.base.text import Text
from sapparot.ledger import head, head_for, last_checkpoint
from sapparot.ledger.notes import NoteInvalid, open_checkpoint
from sapparot.ledger.policyfile import read_policy_file
from sapparot.ledger.problems import LOG_EMPTY
from sapparot.ledger.quorum import standing
from sapparot.ledger.rebuilding import compare, mend
from sapparot.ledger.shelf import Shelf
from sapparot.ledger.signatures import KeyInvalid, VerifierKey
from sapparot.ledger.worker import CHECKPOINT_NAME, VERIFIER_KEY_NAME

NOT_SIGNED = Text(
    "อีก {number} รายการท้ายสุดยังไม่อยู่ใต้หัวบันทึกที่ลงนาม ผู้ตรวจสอบภายนอกจึงยังไม่เห็น เมื่อเปิด sapparot up ระบบจะลงนามให้เอง",
    "The last {number} entries are not under the signed ledger checkpoint yet: no outsider sees them until sapparot up signs them",
)


@contextmanager
def kept_log(settings: Settings) -> Iterator[tuple[str, Connection]]:
    """Open an installation whose log holds something: its database's address and a connection.

    Raises :class:`Problem` otherwise: of nothing everything is true, and a mistyped directory must not be made.
    """
    empty = Problem(LOG_EMPTY, Text(f"{LOG_EMPTY.title.th}: {settings.data}", f"{LOG_EMPTY.title.en}: {settings.data}"))
    if settings.database_url is None and not settings.data.is_dir():
        raise empty
    with database_of(settings) as url, connect(url) as connection:
        if not head(connection).size:
            raise empty
        yield url, connection


def checkpoint_words(settings: Settings, size: int) -> Iterator[Text]:
    """Say how many of `size` entries the published checkpoint leaves out, and whose signatures stand on it.

    Of one that cannot be read, nothing.
    """
    try:
        key = VerifierKey.read(_verifier_key(settings))
        note = public_objects(settings.data, settings.public).get(CHECKPOINT_NAME)
        if waiting := size - open_checkpoint(note.decode(), key.text).size:
            yield NOT_SIGNED.fill(number=f"{waiting:,}")
        if settings.cosigners is not None:
            yield standing(note, read_policy_file(settings.cosigners), [key]).words()
        else:
            yield unjudged(note).sentence
    except (FileNotFoundError, KeyInvalid, NoteInvalid):
        return


def checkpoint_flaws(settings: Settings, connection: Connection) -> list[str]:
    """Say what is wrong with the published checkpoint, when anything is."""
    try:
        note = public_objects(settings.data, settings.public).get(CHECKPOINT_NAME).decode()
    except FileNotFoundError:
        return ["no checkpoint is published"]
    try:
        signed = open_checkpoint(note, _verifier_key(settings))
    except FileNotFoundError:
        return ["no verifier key is published"]
    except (KeyInvalid, NoteInvalid) as error:
        return [f"the published checkpoint: {error}"]
    if head_for(connection, signed.size) != signed:
        return [f"the published checkpoint of size {signed.size} is of another log"]
    return []


def _verifier_key(settings: Settings) -> str:
    """Return the key of the log: by its own secret where that is at hand, else as published. Looking makes no key."""
    if settings.log_key or (settings.data / "secrets" / "log.key").exists():
        return note_signer(settings).verifier_key()
    return public_objects(settings.data, settings.public).get(VERIFIER_KEY_NAME).decode().strip()


def tile_flaws(settings: Settings, connection: Connection, *, repair: bool) -> list[str]:
    """Compare every tile and bundle with the entries; say what differs, and with ``repair`` write what belongs there."""
    shelf = Shelf(public_objects(settings.data, settings.public))
    signed = last_checkpoint(connection)
    said: list[str] = []
    for flaw in compare(connection, shelf, signed.size if signed else 0):
        said.append(f"{flaw.path} {flaw.why}")
        if repair:
            mend(shelf, flaw)
    shelf.settle()
    return said

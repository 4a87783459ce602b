"""What a look over the log says: whose signatures stand on its checkpoint, and which of its files are not what they should be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sapparot.app import database_of, note_signer
from sapparot.audit.opening import unjudged
from sapparot.base.database import Connection, connect
from sapparot.base.objects import public_objects
from sapparot.base.settings import Settings
from sapparot.base.text import Text
from sapparot.ledger import head, head_for, last_checkpoint
from sapparot.ledger.notes import NoteInvalid, open_checkpoint
from sapparot.ledger.policyfile import read_policy_file
from sapparot.ledger.problems import LOG_EMPTY
from sapparot.ledger.published import CHECKPOINT_NAME, VERIFIER_KEY_NAME
from sapparot.ledger.quorum import standing
from sapparot.ledger.rebuilding import compare, mend
from sapparot.ledger.shelf import Shelf
from sapparot.ledger.signatures import KeyInvalid, VerifierKey
from sapparot.publish.recount import RecountReport

NOT_SIGNED = Text(
    "อีก {number} รายการท้ายสุดยังไม่อยู่ใต้หัวบันทึกที่ลงนาม ผู้ตรวจสอบภายนอกจึงยังไม่เห็น เมื่อเปิด sapparot up ระบบจะลงนามให้เอง",
    "The last {number} entries are not under the signed ledger checkpoint yet: no outsider sees them until sapparot up signs them",
)
NOT_COMPARED = Text(
    "รายการในบันทึกสาธารณะเองหรือหัวบันทึกไม่ตรง จึงไม่ได้เทียบหรือเขียนไทล์",
    "the entries themselves or the checkpoint differ, so tiles are neither compared nor written",
)
OLDER = Text(
    "หัวบันทึกที่เผยแพร่มี {signed} รายการ ฐานข้อมูลเก่ากว่า มีเพียง {size} รายการ ให้กู้คืนสำเนาที่ใหม่กว่า",
    "the published checkpoint has {signed} entries, the database is older and has {size}: restore a newer copy",
)
OTHER = Text(
    "หัวบันทึกที่เผยแพร่ ({size} รายการ) เป็นของบันทึกสาธารณะอื่น",
    "the published checkpoint of size {size} is of another log",
)
VERIFIED = Text("{size} รายการ ไม่ตรง {wrong} แห่ง", "{size} entries, {wrong} differences")
MENDED = Text(" ซ่อมแล้ว {mended} แห่ง", ", {mended} of them repaired")
FIRST = Text(
    "ที่แรกคือตำแหน่ง {position} สิ่งที่พบหลังจากนั้นอาจเป็นผลของจุดนี้จุดเดียว",
    "The first place is position {position}; whatever is named behind it may follow from it alone.",
)
CONCLUSIONS = Text("ข้อสรุป {all} รายการ ไม่ตรง {wrong} รายการ", "{all} conclusions, {wrong} disagree")
WAITING = Text("ยังมีอีก {waiting} รายการที่ยังไม่ได้ที่ในบันทึกสาธารณะ", "{waiting} more are due and not in the log yet")
SNAPSHOTS = Text(
    "ภาพรวม {all} ฉบับ สร้างใหม่ {rendered} ฉบับ ไม่ตรง {wrong} ฉบับ",
    "{all} snapshots, {rendered} of them rendered again, {wrong} disagree",
)


@contextmanager
def kept_log(settings: Settings) -> Iterator[tuple[str, Connection]]:
    """Open an installation whose log holds something: its database's address and a connection.

    Raises :class:`Problem` otherwise: of nothing everything is true, and a mistyped directory must not be made.
    """
    empty = LOG_EMPTY.about(settings.data)
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
        if (waiting := size - open_checkpoint(note.decode(), key.text).size) > 0:
            yield NOT_SIGNED.fill(number=f"{waiting:,}")
        if settings.cosigners is not None:
            yield standing(note, read_policy_file(settings.cosigners), [key]).words()
        else:
            yield unjudged(note).sentence
    except (FileNotFoundError, KeyInvalid, NoteInvalid):
        return


def checkpoint_flaw(settings: Settings, connection: Connection) -> tuple[Text | None, bool]:
    """Say what is wrong with the published checkpoint, when anything is, and whether the stored entries led to it.

    That is so too where none can be read. Files of another history are not mended from this one: they may be all that is left of it.
    """
    try:
        note = public_objects(settings.data, settings.public).get(CHECKPOINT_NAME).decode()
    except FileNotFoundError:
        return Text("ไม่มีหัวบันทึกเผยแพร่อยู่", "no checkpoint is published"), True
    try:
        signed = open_checkpoint(note, _verifier_key(settings))
    except FileNotFoundError:
        return Text("ไม่มีกุญแจตรวจเผยแพร่อยู่", "no verifier key is published"), True
    except (KeyInvalid, NoteInvalid) as error:
        return Text(f"หัวบันทึกที่เผยแพร่ใช้ไม่ได้: {error}", f"the published checkpoint: {error}"), True
    if (size := head(connection).size) < signed.size:
        return OLDER.fill(signed=f"{signed.size:,}", size=f"{size:,}"), False
    if head_for(connection, signed.size) != signed:
        return OTHER.fill(size=signed.size), False
    return None, True


def _verifier_key(settings: Settings) -> str:
    """Return the key of the log: by its own secret where that is at hand, else as published. Looking makes no key."""
    if settings.log_key or (settings.data / "secrets" / "log.key").exists():
        return note_signer(settings).verifier_key()
    return public_objects(settings.data, settings.public).get(VERIFIER_KEY_NAME).decode().strip()


def tile_flaws(settings: Settings, connection: Connection, *, repair: bool) -> list[Text]:
    """Compare every tile and bundle with the entries; say what differs, and with ``repair`` write what belongs there."""
    shelf = Shelf(public_objects(settings.data, settings.public))
    signed = last_checkpoint(connection)
    said: list[Text] = []
    for flaw in compare(connection, shelf, signed.size if signed else 0):
        said.append(Text(f"{flaw.path} {flaw.why.th}", f"{flaw.path} {flaw.why.en}"))
        if repair:
            mend(shelf, flaw)
    shelf.settle()
    return said


def verified(size: int, wrong: int, mended: int) -> Text:
    """Say what a look over the log found."""
    said = VERIFIED.fill(size=f"{size:,}", wrong=wrong)
    more = MENDED.fill(mended=mended) if mended else Text("", "")
    return Text(said.th + more.th, said.en + more.en)


def disagreements(found: RecountReport) -> Iterator[Text]:
    """Name what a recount found otherwise, the first place of each part before all."""
    for part in (found.conclusions, found.snapshots):
        if part.disagreeing > 1:
            yield FIRST.fill(position=f"{part.disagreements[0].position:,}")
        for flaw in part.disagreements:
            at = f"{flaw.position} {flaw.kind}"
            yield Text(f"{at}: {flaw.why.th}", f"{at}: {flaw.why.en}")


def recounted(found: RecountReport) -> Iterator[Text]:
    """Say how much a recount compared, and how much of it disagrees."""
    conclusions, snapshots = found.conclusions, found.snapshots
    yield CONCLUSIONS.fill(all=f"{conclusions.compared:,}", wrong=f"{conclusions.disagreeing:,}")
    if conclusions.waiting:
        yield WAITING.fill(waiting=f"{conclusions.waiting:,}")
    yield SNAPSHOTS.fill(
        all=f"{snapshots.compared:,}", rendered=f"{snapshots.rendered:,}", wrong=f"{snapshots.disagreeing:,}"
    )

"""What of the log is public, held against what is stored: a database restored from an older copy would fork it."""

from __future__ import annotations

import structlog

from sapparot.base.database import Connection
from sapparot.base.objects import Objects
from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.ledger import store
from sapparot.ledger.facts import Head
from sapparot.ledger.notes import NoteInvalid, open_checkpoint
from sapparot.ledger.problems import LOG_BEHIND
from sapparot.ledger.signatures import KeyInvalid

log = structlog.get_logger()

CHECKPOINT_NAME = "log/checkpoint"
COSIGNED_NAME = "log/cosigned"
VERIFIER_KEY_NAME = "log/log.vkey"
NOT_STORED = Text(
    "หัวบันทึกที่เผยแพร่แล้ว ({size} รายการ) ไม่ใช่ของบันทึกสาธารณะในฐานข้อมูลนี้ จึงไม่ลงนามต่อและไม่รับรายงาน"
    " หากเพิ่งกู้ฐานข้อมูลจากสำเนา สำเนานั้นเก่าเกินไป ให้กู้จากสำเนาที่ใหม่กว่า",
    "the published checkpoint ({size} entries) is not of the log in this database, so nothing further is signed and no report"
    " taken; where the database was restored from a copy, that copy is too old: restore a newer one",
)


def published(connection: Connection, public: Objects, name: str, key: str) -> tuple[Head, bytes] | None:
    """Return the head of a public note and the note; None when there is none by this verifier key.

    Raises :class:`Problem` when the stored log did not lead to it.
    """
    try:
        note = public.get(name)
        head = open_checkpoint(note.decode(), key)
    except FileNotFoundError:
        return None
    except (NoteInvalid, UnicodeDecodeError) as error:
        log.warning("the published checkpoint is not one of this log and is replaced", reason=str(error))
        return None
    stored = store.head_for(connection, head.size)
    connection.commit()
    if stored != head:
        raise Problem(LOG_BEHIND, NOT_STORED.fill(size=f"{head.size:,}"))
    return head, note


def refuse_behind(connection: Connection, public: Objects) -> None:
    """Raise :class:`Problem` when the stored log is behind what is public: what a door took then would never get into the log."""
    try:
        key = public.get(VERIFIER_KEY_NAME).decode().strip()
        for name in (CHECKPOINT_NAME, COSIGNED_NAME):
            published(connection, public, name, key)
    except (FileNotFoundError, UnicodeDecodeError, KeyInvalid):
        return  # nothing is public yet, or no key at all, which the sequencer writes anew

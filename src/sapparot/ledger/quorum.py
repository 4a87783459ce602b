"""Whose cosignatures make a checkpoint one to rely on (C2SP tlog-policy), and what stands on a given checkpoint.

A policy file names logs, cosigners (``witness`` lines) and groups of them, and one quorum::

    log <verifier key> [<url>]
    witness <name> <verifier key> [<url>]
    group <name> all|any|<k> <name>...
    quorum <name>|none

Names are opaque bytes that mean something in this file only; each may be a member once, so every cosigner counts in one way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from sapparot.base.text import Text
from sapparot.ledger.cosignatures import cosigned_at
from sapparot.ledger.facts import Head
from sapparot.ledger.notes import NoteInvalid
from sapparot.ledger.signatures import Checkpoint, Note, VerifierKey, signed_by

NONE = "none"


class Log(msgspec.Struct, frozen=True):
    """A log that the policy accepts; the name of its key is its origin."""

    key: VerifierKey
    url: str | None = None


class Cosigner(msgspec.Struct, frozen=True):
    """One cosigner, and where checkpoints are submitted to it."""

    name: str
    key: VerifierKey
    url: str | None = None


class Group(msgspec.Struct, frozen=True):
    """Members of which ``needed`` must have cosigned."""

    name: str
    needed: int
    members: tuple[str, ...]


class Policy(msgspec.Struct, frozen=True):
    """The whole file; ``quorum`` names a cosigner or a group, or is ``none``."""

    logs: tuple[Log, ...]
    cosigners: tuple[Cosigner, ...]
    groups: tuple[Group, ...]
    quorum: str

    def reached(self, cosigned: Iterable[str]) -> bool:
        """Tell whether the cosigners with these names are enough; groups stand after their members, so one pass answers."""
        true = set(cosigned) & {cosigner.name for cosigner in self.cosigners}
        for group in self.groups:
            if sum(member in true for member in group.members) >= group.needed:
                true.add(group.name)
        return self.quorum == NONE or self.quorum in true


class Standing(msgspec.Struct, frozen=True):
    """What stands on one checkpoint: which log and head, and who cosigned it when (POSIX seconds)."""

    origin: str
    head: Head
    cosigned: dict[str, int]
    missing: tuple[str, ...]
    required: bool
    """False when the policy asks for no cosigner at all."""
    reached: bool
    """Whether the quorum is reached; nothing is, when none is required."""

    def words(self) -> Text:
        """Say in one sentence what a reader may rely on."""
        have, all_ = len(self.cosigned), len(self.cosigned) + len(self.missing)
        if not self.required:
            return Text(
                f"ลงนามโดยบันทึกสาธารณะ ไม่ได้กำหนดให้ต้องมีผู้ร่วมลงนาม (ร่วมลงนาม {have} จาก {all_})",
                f"Signed by the log; no cosigner is required ({have} of {all_} cosigned)",
            )
        if self.reached:
            return Text(f"ผู้ร่วมลงนามครบจำนวนแล้ว ({have} จาก {all_})", f"Cosigned by enough cosigners ({have} of {all_})")
        return Text(
            f"ลงนามโดยบันทึกสาธารณะเท่านั้น ผู้ร่วมลงนามยังไม่ครบจำนวน ({have} จาก {all_})",
            f"Signed by the log only; not yet cosigned by enough cosigners ({have} of {all_})",
        )


def standing(note: bytes, policy: Policy, log_keys: Sequence[VerifierKey] = ()) -> Standing:
    """Return what stands on the checkpoint ``note``.

    ``log_keys``: keys of the log for a policy that names none. Raises :class:`NoteInvalid` when no accepted log signed the note, or when
    a line names a known key and is not by it.
    """
    read = Note.read(note)
    checkpoint = Checkpoint.read(read.text)
    keys = [log.key for log in policy.logs] or list(log_keys)
    if not any([signed_by(read, key) for key in keys if key.name == checkpoint.origin]):  # each line is checked
        raise NoteInvalid("no log that the policy names signed the checkpoint")
    times = {cosigner.name: cosigned_at(read, cosigner.key) for cosigner in policy.cosigners}
    cosigned = {name: seconds for name, seconds in times.items() if seconds is not None}
    required = policy.quorum != NONE
    return Standing(
        origin=checkpoint.origin,
        head=checkpoint.head,
        cosigned=cosigned,
        missing=tuple(name for name in times if name not in cosigned),
        required=required,
        reached=required and policy.reached(cosigned),
    )

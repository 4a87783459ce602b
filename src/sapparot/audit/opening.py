"""The beginning of an audit: which checkpoint is audited, under which key, and whose cosignatures stand on it."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from sapparot.audit import checkpoints
from sapparot.audit.facts import Finding, Head, Plan
from sapparot.audit.source import CHECKPOINT, COSIGNED, KEY, read_small
from sapparot.audit.wording import found
from sapparot.ledger import facts
from sapparot.ledger.notes import NoteInvalid, open_checkpoint
from sapparot.ledger.policyfile import read_policy_file
from sapparot.ledger.quorum import Standing, standing
from sapparot.ledger.signatures import Checkpoint, KeyInvalid, Note, VerifierKey


class Opening(Struct):
    """A checkpoint whose signature holds, and the others that it is to be compared with.

    `head` is None when there is none; `findings` says why, and whatever else was seen.
    """

    findings: list[Finding]
    head: Head | None = None
    others: list[tuple[str, facts.Head]] = []
    stands: Standing | None = None
    """What stands, under the policy, on the newest checkpoint that has its quorum, else on the audited one; None without a policy."""

    @property
    def tree(self) -> facts.Head:
        """The size and root that are to come out."""
        assert self.head is not None
        return facts.Head(self.head.size, bytes.fromhex(self.head.root))


def open_copy(plan: Plan, folder: Path) -> Opening:
    """Read the checkpoint of a copy, remember it, and gather every other that is known of its log."""
    note = read_small(folder, CHECKPOINT)
    if note is None:
        return Opening([found("checkpoint.missing", file=CHECKPOINT)])
    offered = (read_small(folder, KEY) or "").strip()
    origin = note.partition("\n")[0]
    state = plan.state or checkpoints.state_file(origin)
    memory = checkpoints.remembered(state)
    known = plan.key or (memory.key if memory else None)
    opening = Opening(_about_key(known, offered, None if plan.key else state))
    key = known or offered
    try:
        VerifierKey.read(key)
        head = open_checkpoint(note, key)
        Checkpoint.read(Note.read(note.encode()).text)  # as strictly as verifiers of others read it
    except KeyInvalid as error:
        opening.findings.append(found("key.unreadable", file=KEY, why=error))
        return opening
    except NoteInvalid as error:
        opening.findings.append(found("checkpoint.unsigned", file=CHECKPOINT, why=error))
        return opening
    opening.head = Head(origin, head.size, head.root.hex(), note)
    others, unusable = checkpoints.read_others(plan.checkpoints, key)
    opening.findings += unusable
    opening.others = [*checkpoints.open_seen(memory, key), *others]
    notes = {CHECKPOINT: note, **_cosigned(opening, folder, key)}
    checkpoints.remember(state, memory, key, note)
    if plan.policy is not None:
        _quorum(opening, notes, key, plan.policy)
    else:
        opening.findings.append(unjudged(note.encode()))
    return opening


def unjudged(note: bytes) -> Finding:
    """Say what stands on a checkpoint beside the log's signature where no policy says whose cosignatures are needed."""
    read = Note.read(note)
    origin = Checkpoint.read(read.text).origin
    others = {(line.name, line.identity) for line in read.signatures if line.name != origin}
    return found("checkpoint.not_judged" if others else "checkpoint.not_cosigned", file=CHECKPOINT, number=len(others))


def _about_key(known: str | None, offered: str, state: Path | None) -> list[Finding]:
    """Say where the key comes from and whether the copy brings another one; `state` remembers it, None when it was given."""
    differs = bool(known and offered and known != offered)
    if state is None:
        return [found("key.differs", file=KEY)] if differs else []
    if differs:
        return [found("key.changed", file=KEY, state=state)]
    return [found("key.unpinned", file=KEY, key=offered)] if offered else []


def _cosigned(opening: Opening, folder: Path, key: str) -> dict[str, str]:
    """Hold the checkpoint that the copy shows as cosigned to the log too: some readers look at nothing else.

    Return its note by its name when it is to be a beginning of the log; :func:`checkpoints.compare` says whether it is.
    """
    note = read_small(folder, COSIGNED)
    if note is None:
        return {}
    try:
        head = open_checkpoint(note, key)
    except NoteInvalid as error:
        opening.findings.append(found("checkpoint.other_unsigned", file=COSIGNED, why=error))
        return {}
    # A copy that was made while the log grew may hold a later one; it is compared when the next copy is audited.
    if head.size > opening.tree.size:
        sizes = {"seen": head.size, "size": opening.tree.size}
        opening.findings.append(found("checkpoint.cosigned_ahead", file=COSIGNED, **sizes))
        return {}
    opening.others.append((COSIGNED, head))
    return {COSIGNED: note}


def _quorum(opening: Opening, notes: dict[str, str], key: str, policy: Path) -> None:
    """Judge the cosignatures under a policy: on the checkpoint, which stands without them for some seconds, else on the cosigned one.

    Raises a problem for a policy that cannot be read.
    """
    wanted, lacking = read_policy_file(policy), ""
    for file, note in notes.items():
        try:
            stands = standing(note.encode(), wanted, [VerifierKey.read(key)])
        except NoteInvalid as error:
            opening.findings.append(found("checkpoint.no_quorum", file=file, why=error))
            return
        opening.stands = opening.stands or stands
        if stands.reached or not stands.required:
            opening.stands = stands
            if file != CHECKPOINT:
                sizes = {"seen": stands.head.size, "size": opening.tree.size}
                opening.findings.append(found("checkpoint.quorum_before", file=file, why=lacking, **sizes))
            return
        lacking = lacking or ", ".join(stands.missing)
    opening.findings.append(found("checkpoint.no_quorum", file=CHECKPOINT, why=lacking))

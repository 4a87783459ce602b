"""The OpenTimestamps anchor: calendar servers gather hashes for a while and put one root over them into a Bitcoin transaction.

Protocol (opentimestamps.org): ``POST /digest`` with the 32 bytes answers with a stamp that ends in a pending attestation; some hours
later ``GET /timestamp/<message in hexadecimal>`` answers with the rest of the way into a block, and with 404 before. What is sent is the
SHA-256 of a public note, so nothing has to be blinded. Only calendars that the operator named are ever asked, whatever a proof says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Protocol

import structlog

from sapparot.base.outside import Answer, Unanswered, ask
from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.ledger import opentimestamps as ots
from sapparot.ledger.anchors import Anchorable, Attested
from sapparot.ledger.bitcoin import Header, buried
from sapparot.ledger.problems import ANCHOR_UNREACHABLE, PROOF_UNUSABLE

log = structlog.get_logger()

MOST_ANSWER = 10_000
"""Bytes of an answer, as the reference client has it."""
SECONDS = 20.0
MEDIA_TYPE = "application/vnd.opentimestamps.v1"


class Calendar(Protocol):
    """A server that carries digests into blocks; raises :class:`Unanswered` or :class:`ots.ProofUnreadable`."""

    address: str

    def submit(self, digest: bytes) -> ots.Stamp:
        """Hand in 32 bytes; return the stamp with the calendar's promise."""
        ...

    def find(self, message: bytes) -> ots.Stamp | None:
        """Return the way from a promised message into a block, None while there is none."""
        ...


class WebCalendar:
    """A calendar at a web address."""

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/")

    def submit(self, digest: bytes) -> ots.Stamp:
        """Hand in 32 bytes."""
        answer = self._ask("digest", digest)
        if answer.status != 200:
            raise Unanswered(f"{self.address} answered {answer.status}")
        return ots.read_stamp(answer.body, digest)

    def find(self, message: bytes) -> ots.Stamp | None:
        """Ask for the rest of a promised way."""
        answer = self._ask(f"timestamp/{message.hex()}")
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise Unanswered(f"{self.address} answered {answer.status}")
        return ots.read_stamp(answer.body, message)

    def _ask(self, path: str, body: bytes | None = None) -> Answer:
        headers = {"Accept": MEDIA_TYPE, "Content-Type": "application/octet-stream"}
        return ask(f"{self.address}/{path}", body, headers, most=MOST_ANSWER, seconds=SECONDS)


class OpenTimestamps:
    """Anchors with calendars, and checks against block headers that somebody gave, by height."""

    kind = "ots"

    def __init__(self, calendars: Sequence[Calendar], headers: Mapping[int, Header]) -> None:
        self._calendars = {calendar.address: calendar for calendar in calendars}
        self._headers = headers

    def anchor(self, checkpoint: Anchorable) -> bytes:
        """Hand the note's SHA-256 to every calendar; one promise is enough."""
        digest, stamp = sha256(checkpoint.note).digest(), ots.Stamp()
        silent = []
        for calendar in self._calendars.values():
            try:
                stamp = _readable(digest, ots.merge(stamp, calendar.submit(digest)))
            except (Unanswered, ots.ProofUnreadable) as error:
                log.warning("a calendar gave no promise", calendar=calendar.address, reason=str(error))
                silent.append(f"{calendar.address} ({error})")
        if stamp == ots.Stamp():
            says = Text("ไม่มีปฏิทินใดรับไว้: {who}", "no calendar took it: {who}").fill(who="; ".join(silent))
            raise Problem(ANCHOR_UNREACHABLE, says)
        return ots.write_proof(digest, stamp)

    def upgrade(self, checkpoint: Anchorable, proof: bytes) -> bytes:
        """Ask the calendars for what they promised; those that stay silent are asked again next time."""
        digest, stamp = _read(checkpoint, proof)
        for message, address in list(_promises(stamp, digest)):
            if (calendar := self._calendars.get(address.rstrip("/"))) is None:
                continue
            try:
                found = calendar.find(message)
                if found is not None:
                    stamp = _readable(digest, ots.graft(stamp, digest, (message, found)))
            except (Unanswered, ots.ProofUnreadable) as error:
                log.warning("a calendar did not deliver", calendar=address, reason=str(error))
        return ots.write_proof(digest, stamp)

    def check(self, checkpoint: Anchorable, proof: bytes) -> list[Attested]:
        """Return the worth of every promise and of every claim about a block."""
        try:
            digest, stamp = _read(checkpoint, proof)
        except Problem as problem:
            return [Attested("refused", problem.detail)]
        found = [self._block(message, height) for message, height in _claims(stamp, digest)]
        found += [_promised(address) for _, address in _promises(stamp, digest)]
        return found or [
            Attested("open", Text("มีแต่คำรับรองชนิดที่ระบบไม่รู้จัก", "it holds only attestations of unknown kinds"))
        ]

    def _block(self, message: bytes, height: int) -> Attested:
        header = self._headers.get(height)
        if header is None:
            says = Text(
                "อ้างถึงบล็อกบิตคอยน์ {height}: ให้ส่วนหัวของบล็อกนี้มาตรวจ รากของธุรกรรมต้องเป็น {root}",
                "it claims Bitcoin block {height}: give the header of this block; its merkle root must be {root}",
            )
            return Attested("open", says.fill(height=height, root=message[::-1].hex()))
        if header.root != message:
            says = Text("บล็อก {height} ที่ให้มาไม่มีหัวบันทึกนี้", "block {height} as given does not contain it")
            return Attested("refused", says.fill(height=height))
        says = Text(
            "ไฟล์นี้มีอยู่แล้วเมื่อสร้างบล็อกบิตคอยน์ {height} ({name}) และมีส่วนหัวต่อจากนั้น {after} บล็อกในที่ให้มา"
            " ส่วนบล็อกนี้อยู่ในสายที่ทุกคนใช้หรือไม่ ขึ้นกับที่มาของส่วนหัว",
            "this note existed when Bitcoin block {height} ({name}) was made; {after} headers follow it in what was given."
            " That this block stands in the chain everybody follows depends on where the header came from",
        )
        after = buried(self._headers, height)
        return Attested("proved", says.fill(height=height, name=header.name, after=after), header.at)


def _read(checkpoint: Anchorable, proof: bytes) -> tuple[bytes, ots.Stamp]:
    """Return the digest and stamp of a proof of this checkpoint; raises :class:`Problem`."""
    try:
        digest, stamp = ots.read_proof(proof)
    except ots.ProofUnreadable as error:
        says = Text("อ่านหลักฐานไม่ได้: {why}", "the proof cannot be read: {why}").fill(why=error)
        raise Problem(PROOF_UNUSABLE, says) from error
    if digest != sha256(checkpoint.note).digest():
        raise Problem(PROOF_UNUSABLE, Text("หลักฐานเป็นของไฟล์อื่น", "the proof is about another file"))
    return digest, stamp


def _readable(digest: bytes, stamp: ots.Stamp) -> ots.Stamp:
    """Return the stamp, unless a calendar made it larger than what anybody reads: it would spoil the promises of the others."""
    return ots.read_proof(ots.write_proof(digest, stamp))[1]


def _claims(stamp: ots.Stamp, message: bytes) -> Iterator[tuple[bytes, int]]:
    """Yield every message that is said to be the root of a block, and its height."""
    for reached, attestation in stamp.attested(message):
        if attestation.height is not None:
            yield reached, attestation.height


def _promises(stamp: ots.Stamp, message: bytes) -> Iterator[tuple[bytes, str]]:
    """Yield every promised message that leads into no block yet, and the calendar's address."""
    kept = next(_claims(stamp, message), None) is not None
    for attestation in stamp.attestations:
        if attestation.calendar is not None and not kept:
            yield message, attestation.calendar
    for operation, below in stamp.branches:
        yield from _promises(below, operation(message))


def _promised(address: str) -> Attested:
    says = Text("{who} รับไว้แล้ว รอบล็อกบิตคอยน์", "{who} took it and waits for a Bitcoin block")
    return Attested("pending", says.fill(who=address))

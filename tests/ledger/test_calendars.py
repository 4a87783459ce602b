"""The OpenTimestamps anchor against calendars that listen on this machine: from the promise to the proof, and everything in between."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

import pytest

from sapparot.base.problems import Problem
from sapparot.ledger import opentimestamps as ots
from sapparot.ledger.anchors import Anchorable
from sapparot.ledger.bitcoin import Header, read_headers
from sapparot.ledger.calendars import OpenTimestamps, WebCalendar
from sapparot.ledger.facts import Head
from tests.ledger.blocks import EASY_TARGET, hash_of, mined
from tests.ledger.calendar_server import NONCE, CalendarServer, calendar

CHECKPOINT = Anchorable("example.org/log", Head(5, b"r" * 32), b"a signed note\n")
DIGEST = sha256(CHECKPOINT.note).digest()
HEIGHT = 789_554
OTHER = b"kind%04d"


@pytest.fixture
def server() -> Iterator[CalendarServer]:
    with calendar() as listening:
        yield listening


def anchor(*addresses: str, headers: dict[int, Header] | None = None) -> OpenTimestamps:
    return OpenTimestamps([WebCalendar(address) for address in addresses], headers or {})


def states(found: OpenTimestamps, proof: bytes) -> list[str]:
    return [attested.state for attested in found.check(CHECKPOINT, proof)]


def test_a_checkpoint_goes_from_a_promise_to_a_block(server: CalendarServer) -> None:
    used = anchor(server.address)
    promised = used.anchor(CHECKPOINT)
    assert states(used, promised) == ["pending"]
    assert used.upgrade(CHECKPOINT, promised) == promised, "nothing is delivered before the block"

    root = server.confirm(HEIGHT)
    proof = used.upgrade(CHECKPOINT, promised)
    assert states(used, proof) == ["open"]
    assert root[::-1].hex() in used.check(CHECKPOINT, proof)[0].says.en

    block = mined(root)
    after = mined(b"x" * 32, hash_of(block))
    headers = read_headers(f"{HEIGHT} {block.hex()}\n{HEIGHT + 1} {after.hex()}\n", EASY_TARGET)
    (proved,) = anchor(headers=headers).check(CHECKPOINT, proof)
    assert (proved.state, proved.at) == ("proved", headers[HEIGHT].at)
    assert headers[HEIGHT].name in proved.says.en and "1 headers follow" in proved.says.en


def test_what_is_sent_is_the_hash_of_the_note_and_nothing_else(server: CalendarServer) -> None:
    anchor(server.address).anchor(CHECKPOINT)
    assert server.asked == ["POST /digest"]
    assert list(server.stamps) == [sha256(NONCE + DIGEST).digest()]


def test_a_proof_that_is_complete_is_not_asked_for_again(server: CalendarServer) -> None:
    used = anchor(server.address)
    promised = used.anchor(CHECKPOINT)
    server.confirm(HEIGHT)
    proof = used.upgrade(CHECKPOINT, promised)
    server.asked.clear()
    assert used.upgrade(CHECKPOINT, proof) == proof
    assert server.asked == []


def test_one_promise_of_several_calendars_is_enough(server: CalendarServer) -> None:
    used = anchor("http://127.0.0.1:1", server.address)
    proof = used.anchor(CHECKPOINT)
    assert [found.says.en for found in used.check(CHECKPOINT, proof)] == [
        f"{server.address} took it and waits for a Bitcoin block"
    ]
    with pytest.raises(Problem, match="no calendar took it"):
        anchor("http://127.0.0.1:1").anchor(CHECKPOINT)


@pytest.mark.parametrize(
    "answer",
    [(500, b"sorry"), (200, b""), (200, b"\x00" * 40), (200, b"\x08" * 20_000), (302, b"http://127.0.0.1:1/digest")],
    ids=["an-error", "nothing", "nonsense", "too-much", "a-redirect"],
)
def test_a_calendar_that_misbehaves_is_no_anchor_and_spoils_no_proof(
    server: CalendarServer, answer: tuple[int, bytes]
) -> None:
    used = anchor(server.address)
    promised = used.anchor(CHECKPOINT)
    server.answer = answer
    assert used.upgrade(CHECKPOINT, promised) == promised
    with pytest.raises(Problem, match="no calendar took it"):
        used.anchor(CHECKPOINT)


def test_a_calendar_that_nobody_named_is_never_asked(server: CalendarServer) -> None:
    promised = anchor(server.address).anchor(CHECKPOINT)
    server.confirm(HEIGHT)
    server.asked.clear()
    assert anchor("http://127.0.0.1:1").upgrade(CHECKPOINT, promised) == promised
    assert server.asked == []


def test_a_calendar_that_floods_the_proof_does_not_spoil_the_promises_of_others(server: CalendarServer) -> None:
    with calendar() as flooding:
        flood = [ots.Attestation(number.to_bytes(8, "big"), b"") for number in range(900)]
        flooding.answer = (200, ots.write_stamp(ots.Stamp(tuple(flood))))
        more = [OTHER % number for number in range(900)]
        with calendar() as again:
            again.answer = (200, ots.write_stamp(ots.Stamp(tuple(ots.Attestation(tag, b"") for tag in more))))
            with calendar() as third:
                third.answer = (200, ots.write_stamp(ots.Stamp(tuple(ots.Attestation(tag[::-1], b"") for tag in more))))
                used = anchor(flooding.address, again.address, third.address, server.address)
                proof = used.anchor(CHECKPOINT)
    assert "pending" in states(used, proof)


def test_another_block_another_note_and_a_changed_proof_are_refused(server: CalendarServer) -> None:
    used = anchor(server.address)
    promised = used.anchor(CHECKPOINT)
    root = server.confirm(HEIGHT)
    proof = used.upgrade(CHECKPOINT, promised)
    headers = read_headers(f"{HEIGHT} {mined(root[::-1]).hex()}\n", EASY_TARGET)
    assert states(anchor(headers=headers), proof) == ["refused"]
    right = read_headers(f"{HEIGHT} {mined(root).hex()}\n", EASY_TARGET)
    assert states(anchor(headers=right), proof) == ["proved"]
    other = Anchorable("example.org/log", Head(5, b"r" * 32), b"another note\n")
    assert [found.state for found in anchor(headers=right).check(other, proof)] == ["refused"]
    at = proof.index(NONCE)
    assert states(anchor(headers=right), proof[:at] + b"C" + proof[at + 1 :]) == ["refused"]
    assert states(anchor(headers=right), proof[:-1]) == ["refused"]


def test_a_message_that_is_no_hash_is_in_no_block() -> None:
    stamp = ots.Stamp(branches=((ots.Operation(ots.APPEND, b"x"), ots.Stamp((ots.bitcoin(HEIGHT),))),))
    headers = read_headers(f"{HEIGHT} {mined(DIGEST).hex()}\n", EASY_TARGET)
    assert states(anchor(headers=headers), ots.write_proof(DIGEST, stamp)) == ["refused"]


def test_attestations_of_unknown_kinds_prove_nothing() -> None:
    stamp = ots.Stamp((ots.Attestation(b"whatever", b"x"),))
    assert states(anchor(), ots.write_proof(DIGEST, stamp)) == ["open"]

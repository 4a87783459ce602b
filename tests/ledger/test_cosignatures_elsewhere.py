"""Programs that others wrote read our cosignatures and we read theirs; a published conversation gets its published answers."""

from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from tlog_scales.signing import Vkey
from tlog_scales.tlog import Checkpoint

from sapparot.base.problems import Problem
from sapparot.ledger.cosignatures import cosigned_at
from sapparot.ledger.cosigner import Cosigned, Cosigner
from sapparot.ledger.kept import KeptNotes
from sapparot.ledger.signatures import ED25519, Note, VerifierKey
from tests.ledger.cosigned_logs import CLOCK, KEY, AskingLog

BY_TORCHWOOD = (
    "example.org/log\n7\nzBQ5InsXFR1KkCGuBzOsxCwAeqJt7IKmnnW5W76g5jc=\n\n\u2014 cosigner.example.ac.th "
    "wxiYFQAAAABrARDPTiPYkLsYh/h8S7dtc2shwQmZszrdfq0vePS6hexAlCFkJfSMP8hQrlrX5Fc5GSDybr4WrzdwU+mf43ThIAiaAA==\n"
)
"""Cosigned by filippo.io/torchwood (Go) with the seed of our test key."""

SIGSUM = "sigsum.org/v1/tree/4d6d8825a6bb689d459628312889dfbb0bcd41b5211d9e1ce768b0ff0309e562"
SIGSUM_KEY = VerifierKey(
    SIGSUM, ED25519, bytes.fromhex("ffdc2d4d98e4124d3feaf788c0c2f9abfd796083d1f0495437f302ec79cf100f")
)
SIGNED = {
    1: (
        "KgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "UgIom7fPZTqpxWWhyjWduBvTvGVqsokMbqTArsQilegKoFBJQjUFAmQ0+YeSPM3wfUQMFSzVnnNuWRTYrajXpNUbIQY=",
    ),
    3: (
        "RcCI1Nk56ZcSmIEfIn0SleqtV7uvrlXNccFx595Iwl0=",
        "UgIom2VbtIcdFbwFAy1n7s6IkAxIY6J/GQOTuZF2ORV39d75cbAj2aQYwyJre36kezNobZs4SUUdrcawfAB8WVrx6go=",
    ),
    5: (
        "QrtXrQZCCvpIgsSmOsah7HdICzMLLyDfxToMql9WTjY=",
        "UgIomw/EOJmWi0i1FQsOj+etB7F8IccFam/jgd6wzRns4QPVmyEZtdvl1U2KEmLOZ/ASRcWJi0tW90dJWAShei7sDww=",
    ),
}
"""Root and signature of the log of litewitness's own test (FiloSottile/torchwood), by size; its entries are hashes that count up."""
FROM_1_TO_3 = ["KgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "KgIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="]
FROM_1_TO_5 = [
    FROM_1_TO_3[0],
    "+fUDV+k970B4I3uKrqJM4aP1lloPZP8mvr2Z4wRw2LI=",
    "KgQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
]
FROM_3_TO_5 = [
    FROM_1_TO_3[1],
    "KgMAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    "wgiIFdZfYNv6WU1OllBKsWnLYIS/DBMqt8Uh/S4OukE=",
    "KgQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
]


def ours(size: int = 7) -> str:
    note = Note.read(AskingLog().note(size).encode())
    return note.with_lines([*note.signatures, KEY.cosign(note.text, 1_700_000_000)])


def test_tlog_scales_accepts_our_cosignature_and_writes_our_key_the_same() -> None:
    key = Vkey.from_string(KEY.verifier_key.text)
    assert key.serialize() == KEY.verifier_key.text  # type: ignore[no-untyped-call]
    Checkpoint.from_text(ours()).verify(key)


@pytest.mark.parametrize(
    "spoil", [lambda note: note.replace("\n7\n", "\n8\n"), lambda note: note.replace("/log\n", "/fork\n", 1)]
)
def test_tlog_scales_refuses_our_cosignature_of_another_text(spoil) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InvalidSignature):
        Checkpoint.from_text(spoil(ours())).verify(Vkey.from_string(KEY.verifier_key.text))


def test_we_accept_a_cosignature_by_torchwood() -> None:
    note = Note.read(BY_TORCHWOOD.encode())
    assert note.text == Note.read(ours().encode()).text
    assert cosigned_at(note, KEY.verifier_key) == 1_795_231_951


def request(old: int, size: int, proof: list[str], origin: str = SIGSUM) -> bytes:
    root, signature = SIGNED[size]
    lines = [f"old {old}", *proof, "", origin, str(size), root, "", f"\u2014 {origin} {signature}", ""]
    return "\n".join(lines).encode()


def test_the_published_conversation_of_litewitness_gets_its_answers(tmp_path: Path) -> None:
    cosigner = Cosigner(KEY, [SIGSUM_KEY], KeptNotes(tmp_path), CLOCK)

    def answer(body: bytes) -> int:
        try:
            found = cosigner.submit(body)
        except Problem as problem:
            return problem.kind.status
        return 200 if isinstance(found, Cosigned) else found.size

    other = SIGSUM[:-1] + "3"
    assert answer(request(0, 1, [])) == 200
    assert answer(request(1, 3, FROM_1_TO_3).replace(b"6go=", b"6gx=")) == 403
    assert answer(request(1, 3, FROM_1_TO_3, other)) == 404
    assert answer(request(1, 3, [])) == 422
    assert answer(request(1, 3, FROM_1_TO_3)) == 200
    assert answer(request(1, 5, FROM_1_TO_5)) == 3
    assert answer(request(3, 5, FROM_3_TO_5)) == 200
    assert answer(request(0, 5, [])) == 5

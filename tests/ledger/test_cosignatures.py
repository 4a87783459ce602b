"""Cosignatures are the bytes of C2SP tlog-cosignature, and notes are read strictly."""

from base64 import b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapparot.ledger.cosignatures import LATEST, CosigningKey, cosigned_at
from sapparot.ledger.facts import Head
from sapparot.ledger.notes import NoteInvalid, NoteSigner, checkpoint_text
from sapparot.ledger.signatures import (
    COSIGNATURE,
    ED25519,
    MOST_SIGNATURES,
    Checkpoint,
    KeyInvalid,
    Note,
    Signature,
    VerifierKey,
    signed_by,
)

LOG = NoteSigner("example.org/log", b"l" * 32)
LOG_KEY = VerifierKey.read(LOG.verifier_key())
KEY = CosigningKey("cosigner.example.ac.th", b"c" * 32)
TEXT = checkpoint_text("example.org/log", Head(5, b"r" * 32))


def cosigned(text: str = TEXT, seconds: int = 1_700_000_000) -> Note:
    plain = Note.read(LOG.sign(text).encode())
    return Note.read(plain.with_lines([*plain.signatures, KEY.cosign(text, seconds)]).encode())


@given(st.integers(1, LATEST), st.binary(min_size=32, max_size=32), st.integers(0, 2**62))
def test_a_cosignature_is_found_again_with_its_time(seconds: int, root: bytes, size: int) -> None:
    note = cosigned(checkpoint_text("example.org/log", Head(size, root)), seconds)
    assert cosigned_at(note, KEY.verifier_key) == seconds
    assert signed_by(note, LOG_KEY)


def test_a_cosignature_is_the_key_id_the_time_and_64_bytes() -> None:
    blob = b64decode(KEY.cosign(TEXT, 258).line.rpartition(" ")[2])
    assert blob[:4] == KEY.verifier_key.identity
    assert blob[4:12] == bytes([0, 0, 0, 0, 0, 0, 1, 2])
    assert len(blob) == 76
    assert KEY.verifier_key.made(blob[12:], b"cosignature/v1\ntime 258\n" + TEXT.encode())


@pytest.mark.parametrize(
    ("key", "type_of_key"),
    [
        ("remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2", COSIGNATURE),  # transparency-dev
        ("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", ED25519),  # C2SP signed-note
        ("sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8", ED25519),  # Go
    ],
)
def test_keys_published_by_others_are_read_and_written_the_same(key: str, type_of_key: int) -> None:
    assert VerifierKey.read(key).type == type_of_key
    assert VerifierKey.read(key).text == key


def test_the_note_in_the_text_of_signed_note_verifies() -> None:
    key = VerifierKey.read("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
    note = (
        "This is an example message.\n\n\u2014 example.com/foo "
        "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
    )
    assert signed_by(Note.read(note.encode()), key)
    with pytest.raises(NoteInvalid):
        signed_by(Note.read(note.replace("message", "massage").encode()), key)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "name+00000000",
        "bananas+12344556+" + KEY.verifier_key.text.rsplit("+", 1)[-1],
        KEY.verifier_key.text.replace("cosigner", "other"),
        KEY.verifier_key.text.upper(),
        KEY.verifier_key.text + "=",
        "rekor.example+12345678+AwEB",
        "two words+00000000+" + KEY.verifier_key.text.rsplit("+", 1)[-1],
    ],
)
def test_a_key_that_is_not_one_is_refused(key: str) -> None:
    with pytest.raises(KeyInvalid):
        VerifierKey.read(key)


def test_a_log_key_is_no_cosigning_key() -> None:
    with pytest.raises(KeyInvalid, match="type"):
        VerifierKey.read(LOG.verifier_key(), COSIGNATURE)


def test_a_line_that_names_a_known_key_and_is_not_by_it_spoils_the_note() -> None:
    good = cosigned()
    forged = Signature(KEY.verifier_key.name, KEY.verifier_key.identity, bytes(72))
    with pytest.raises(NoteInvalid):
        cosigned_at(Note(TEXT, (*good.signatures, forged)), KEY.verifier_key)
    with pytest.raises(NoteInvalid):
        cosigned_at(Note(TEXT.replace("\n5\n", "\n6\n"), good.signatures), KEY.verifier_key)


def test_a_cosignature_of_time_zero_or_of_another_length_is_none() -> None:
    name, identity = KEY.verifier_key.name, KEY.verifier_key.identity
    whole = KEY.cosign(TEXT, 1).blob
    for blob in (bytes(8) + whole[8:], whole[:-1], whole + b"\0", b"\xff" * 8 + whole[8:]):
        with pytest.raises(NoteInvalid):
            cosigned_at(Note(TEXT, (Signature(name, identity, blob),)), KEY.verifier_key)


def test_lines_of_unknown_keys_mean_nothing() -> None:
    stranger = CosigningKey("stranger.example", b"s" * 32)
    note = Note(TEXT, (*cosigned().signatures, stranger.cosign("another text\n", 1)))
    assert cosigned_at(note, KEY.verifier_key) == 1_700_000_000


@pytest.mark.parametrize(
    "spoil",
    [
        lambda note: note[:-1],
        lambda note: note.replace(b"\n\n", b"\n"),
        lambda note: note.replace("\u2014".encode(), b"-"),
        lambda note: note + b"\n",
        lambda note: note + b"words\n",
        lambda note: note.replace(b"\n5\n", b"\n5\r\n"),
        lambda note: b"\xff" + note,
        lambda note: note + note.splitlines(keepends=True)[-1] * MOST_SIGNATURES,
        lambda note: b"x" * 200_000 + note,
    ],
)
def test_a_note_that_is_not_in_form_is_refused(spoil) -> None:  # type: ignore[no-untyped-def]
    note = cosigned()
    whole = note.with_lines(note.signatures).encode()
    Note.read(whole)
    with pytest.raises(NoteInvalid):
        Note.read(spoil(whole))


@pytest.mark.parametrize(
    "text",
    [
        "o\n05\n" + "A" * 43 + "=\n",
        "o\n-5\n" + "A" * 43 + "=\n",
        "o\n\u0665\n" + "A" * 43 + "=\n",
        "o\n9223372036854775808\n" + "A" * 43 + "=\n",
        "o\n5\n" + "A" * 43 + "\n",
        "o\n5\n" + "A" * 42 + "B=\n",
        "o\n5\nAAAA\n",
        "o\n5\n",
        "\n5\n" + "A" * 43 + "=\n",
        "o\n5\n" + "A" * 43 + "=\n\nmore\n",
    ],
)
def test_a_checkpoint_that_is_not_in_form_is_refused(text: str) -> None:
    with pytest.raises(NoteInvalid):
        Checkpoint.read(text)


def test_a_checkpoint_may_have_further_lines_and_they_are_cosigned_too() -> None:
    text = TEXT + "more\n"
    assert Checkpoint.read(text).head.size == 5
    assert cosigned_at(cosigned(text), KEY.verifier_key)
    with pytest.raises(NoteInvalid):
        cosigned_at(Note(TEXT, cosigned(text).signatures), KEY.verifier_key)

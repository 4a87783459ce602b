"""A policy file says whose cosignatures are enough; a checkpoint with quorum and one without are told apart."""

from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapparot.base.problems import Problem
from sapparot.ledger.cosignatures import CosigningKey
from sapparot.ledger.facts import Head
from sapparot.ledger.notes import NoteInvalid, NoteSigner, checkpoint_text
from sapparot.ledger.policyfile import read_policy
from sapparot.ledger.quorum import standing
from sapparot.ledger.signatures import Note, VerifierKey

LOG = NoteSigner("example.org/log", b"l" * 32)
KEYS = [CosigningKey(f"c{n}.example", bytes([n]) * 32) for n in range(6)]
TEXT = checkpoint_text("example.org/log", Head(5, b"r" * 32))
TWO_LEVELS = f"log {LOG.verifier_key()} https://example.org/log\n" + "".join(
    [
        *(f"witness X{n} {KEYS[n].verifier_key.text}\n" for n in range(3)),
        "group X-witnesses 2 X0 X1 X2\n",
        *(f"witness Y{n} {KEYS[n].verifier_key.text} https://c{n}.example/\n" for n in range(3, 6)),
        "group Y-witnesses any Y3 Y4 Y5\n",
        "group X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n",
    ]
)
W = f"witness a {KEYS[0].verifier_key.text}\n"
V = f"witness b {KEYS[1].verifier_key.text}\n"


def note(*cosigners: int) -> bytes:
    plain = Note.read(LOG.sign(TEXT).encode())
    return plain.with_lines([*plain.signatures, *(KEYS[n].cosign(TEXT, 1000 + n) for n in cosigners)]).encode()


@given(st.sets(st.integers(0, 5)))
def test_two_of_one_group_and_one_of_the_other_are_enough(cosigners: set[int]) -> None:
    found = standing(note(*cosigners), read_policy(TWO_LEVELS.encode()))
    assert found.reached == (len(cosigners & {0, 1, 2}) >= 2 and bool(cosigners & {3, 4, 5}))
    assert sorted(found.cosigned.values()) == sorted(1000 + n for n in cosigners)
    assert len(found.missing) == 6 - len(cosigners)


def test_words_tell_checkpoints_with_quorum_from_those_without() -> None:
    policy = read_policy(TWO_LEVELS.encode())
    without, with_it = standing(note(0, 1), policy).words(), standing(note(0, 1, 4), policy).words()
    none = standing(note(), read_policy(b"quorum none\n"), [VerifierKey.read(LOG.verifier_key())]).words()
    assert len({words.th for words in (without, with_it, none)}) == 3
    assert "not yet" in without.en
    assert "3 of 6" in with_it.en


def test_nothing_is_reached_when_nothing_is_required() -> None:
    found = standing(note(), read_policy(b"quorum none\n"), [VerifierKey.read(LOG.verifier_key())])
    assert not found.required
    assert not found.reached


def test_a_checkpoint_that_no_accepted_log_signed_has_no_standing() -> None:
    other = NoteSigner("example.org/log", b"m" * 32)
    with pytest.raises(NoteInvalid):
        standing(other.sign(TEXT).encode(), read_policy(TWO_LEVELS.encode()))
    with pytest.raises(NoteInvalid):
        standing(note(), read_policy(b"quorum none\n"))


def test_spaces_tabs_comments_and_empty_lines_mean_nothing() -> None:
    assert read_policy(b"\n \t\n # words\n\tquorum \t none \n").quorum == "none"


def test_names_are_bytes_whatever_they_mean() -> None:
    key = KEYS[0].verifier_key.text.encode()
    policy = read_policy(b"# \xe0\xb8\xa7\nwitness \xff\xfe " + key + b"\nquorum \xff\xfe\n")
    assert policy.reached([policy.cosigners[0].name])
    with pytest.raises(Problem):
        read_policy(b"witness K " + key + b"\nquorum \xe2\x84\xaa\n")


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("", 0, "no quorum"),
        ("quorum none", 1, "newline"),
        ("quorum none\nquorum none\n", 2, "already"),
        ("quorum a\n", 1, "earlier"),
        ("quorum a\n" + W, 1, "earlier"),
        ("witness a\nquorum none\n", 1, "must be"),
        (W + W + "quorum none\n", 2, "same public key"),
        (W + V.replace("witness b", "witness a") + "quorum none\n", 2, "taken"),
        (W.replace("witness a", "witness none") + "quorum none\n", 1, "reserved"),
        (f"witness a {LOG.verifier_key()}\nquorum none\n", 1, "type"),
        (f"log {KEYS[0].verifier_key.text}\nquorum none\n", 1, "type"),
        (f"log {LOG.verifier_key()}\n" * 2 + "quorum none\n", 2, "same public key"),
        (W + "group g 2 a\nquorum g\n", 2, "1 to 1"),
        (W + "group g 0 a\nquorum g\n", 2, "1 to 1"),
        (W + "group g some a\nquorum g\n", 2, "1 to 1"),
        (W + "group g any\nquorum none\n", 2, "must be"),
        (W + "group g any a a\nquorum none\n", 2, "already"),
        (W + "group g any g\nquorum none\n", 2, "earlier"),
        (W + "group g any none\nquorum none\n", 2, "reserved"),
        (W + "group g any a\ngroup h any a\nquorum none\n", 3, "already"),
        (W + "group a any a\nquorum none\n", 2, "taken"),
        ("quorum none # words\n", 1, "must be"),
        ("quorum none\r\n", 1, "control"),
        ("quorum\u00a0none\n", 1, "not known"),
        ("Quorum none\n", 1, "not known"),
    ],
)
def test_every_flaw_is_named_with_its_line_in_both_languages(text: str, line: int, part: str) -> None:
    with pytest.raises(Problem) as refused:
        read_policy(text.encode())
    errors = cast("list[dict[str, object]]", refused.value.extensions["errors"])
    flaw = errors[0]
    assert flaw["line"] == line
    assert part in str(flaw["en"])
    assert any("\u0e00" <= letter <= "\u0e7f" for letter in str(flaw["th"]))


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    try:
        read_policy(data)
    except Problem as problem:
        assert problem.extensions["errors"]


@pytest.mark.parametrize("count", [32, 200])
def test_many_cosigners_and_groups_are_read(count: int) -> None:
    keys = [CosigningKey(f"c{n}", n.to_bytes(32, "big")) for n in range(count)]
    lines = [f"witness w{n} {key.verifier_key.text}\ngroup g{n} any w{n}\n" for n, key in enumerate(keys)]
    policy = read_policy(
        ("".join(lines) + f"group all {count} {' '.join(f'g{n}' for n in range(count))}\nquorum all\n").encode()
    )
    assert policy.reached([f"w{n}" for n in range(count)])
    assert not policy.reached([f"w{n}" for n in range(count - 1)])

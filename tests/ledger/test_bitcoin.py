"""What a Bitcoin header shows by itself, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapparot.ledger.bitcoin import EASIEST_TARGET, HeaderInvalid, buried, read_header, read_headers
from tests.ledger.blocks import DIFFICULTY_1, EASY_TARGET, GENESIS, hash_of, mined

REAL = bytes.fromhex(GENESIS)


def test_the_first_block_of_bitcoin_is_read() -> None:
    header = read_header(REAL, DIFFICULTY_1)
    assert header.name == "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f"
    assert header.root[::-1].hex() == "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b"
    assert header.at == datetime(2009, 1, 3, 18, 15, 5, tzinfo=UTC)


def test_too_little_work_is_refused_unless_the_reader_says_otherwise() -> None:
    with pytest.raises(HeaderInvalid, match="too little work"):
        read_header(REAL)
    assert DIFFICULTY_1 > EASIEST_TARGET * 10**12


@given(st.integers(0, 79), st.integers(1, 255))
def test_a_header_with_one_byte_changed_has_not_the_work(at: int, change: int) -> None:
    changed = REAL[:at] + bytes([REAL[at] ^ change]) + REAL[at + 1 :]
    with pytest.raises(HeaderInvalid):
        read_header(changed, DIFFICULTY_1)


@pytest.mark.parametrize("bits", ["ffff8020", "0000001d", "ffffff00", "ffff7f21"])
def test_a_target_that_is_no_number_is_refused(bits: str) -> None:
    with pytest.raises(HeaderInvalid):
        read_header(REAL[:72] + bytes.fromhex(bits) + REAL[76:], 1 << 256)


@pytest.mark.parametrize("length", [0, 79, 81, 160])
def test_a_header_has_eighty_bytes(length: int) -> None:
    with pytest.raises(HeaderInvalid, match="80 bytes"):
        read_header((REAL * 2)[:length])


def test_headers_follow_each_other_and_are_counted() -> None:
    first = mined(b"a" * 32)
    second = mined(b"b" * 32, hash_of(first))
    far = mined(b"c" * 32)
    text = f"# from my own node\n10 {first.hex()}\n\n12 {far.hex()} # far\n11 {second.hex()}\n20 {far.hex()}\n"
    with pytest.raises(HeaderInvalid, match="header 12 does not follow header 11"):
        read_headers(text, EASY_TARGET)
    headers = read_headers(text.replace("12 ", "13 "), EASY_TARGET)
    assert sorted(headers) == [10, 11, 13, 20]
    assert [buried(headers, height) for height in (10, 11, 20)] == [1, 0, 0]


@pytest.mark.parametrize("line", ["10", "ten {0}", "10 {0} {0}", "10 {0}\n10 {0}", "-1 {0}", "1٠ {0}", "10 xyz"])
def test_a_line_that_is_no_header_is_named(line: str) -> None:
    with pytest.raises(HeaderInvalid, match="line"):
        read_headers(line.format(mined(b"a" * 32).hex()), EASY_TARGET)

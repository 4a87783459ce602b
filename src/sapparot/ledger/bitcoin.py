"""Bitcoin block headers: what 80 bytes show by themselves, without a node and without a network.

Layout (little-endian): version 4, hash of the header before 32, root of the block's transactions 32, time 4, bits 4, nonce 4. The
double SHA-256 of the 80 bytes, read as a little-endian number, must not exceed the target that ``bits`` packs. That a header does so
shows that somebody spent the work; that it stands in the chain that everybody follows is shown only by where the header came from.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256

import msgspec

LENGTH = 80
EASIEST_TARGET = 1 << 181
"""Targets above this are refused: a header below it costs 2**75 hashes. Bitcoin's own have been lower since 2020 (difficulty 10**13)."""


class HeaderInvalid(ValueError):
    """The bytes are not a block header that anybody worked for; the message says why."""


class Header(msgspec.Struct, frozen=True):
    """What one header says; ``hash``, ``before`` and ``root`` in the byte order of the block, ``hash`` shown reversed by explorers."""

    hash: bytes
    before: bytes
    root: bytes
    at: datetime

    @property
    def name(self) -> str:
        """The hash as block explorers write it."""
        return self.hash[::-1].hex()


def read_header(data: bytes, easiest: int = EASIEST_TARGET) -> Header:
    """Read 80 bytes; raises :class:`HeaderInvalid` unless the work that they claim was done and is no less than ``easiest`` asks."""
    if len(data) != LENGTH:
        raise HeaderInvalid(f"a block header has {LENGTH} bytes, this has {len(data)}")
    target = _target(int.from_bytes(data[72:76], "little"))
    if target > easiest:
        raise HeaderInvalid("the header asks for too little work to prove anything")
    digest = sha256(sha256(data).digest()).digest()
    if int.from_bytes(digest, "little") > target:
        raise HeaderInvalid("the header's hash does not reach its own target: nobody did the work")
    return Header(digest, data[4:36], data[36:68], datetime.fromtimestamp(int.from_bytes(data[68:72], "little"), UTC))


def read_headers(text: str, easiest: int = EASIEST_TARGET) -> dict[int, Header]:
    """Read lines ``height hexadecimal``; neighbours in height must follow each other. Raises :class:`HeaderInvalid`."""
    headers: dict[int, Header] = {}
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        if len(words) != 2 or not (words[0].isascii() and words[0].isdigit()) or int(words[0]) in headers:
            raise HeaderInvalid(f"line {number} is not a height, given once, and a header in hexadecimal")
        try:
            data = bytes.fromhex(words[1])
        except ValueError as error:
            raise HeaderInvalid(f"line {number} is not hexadecimal") from error
        headers[int(words[0])] = read_header(data, easiest)
    for height, header in headers.items():
        if height + 1 in headers and headers[height + 1].before != header.hash:
            raise HeaderInvalid(f"header {height + 1} does not follow header {height}")
    return headers


def buried(headers: Mapping[int, Header], height: int) -> int:
    """Return how many headers follow ``height`` without a gap."""
    after = 0
    while height + after + 1 in headers:
        after += 1
    return after


def _target(bits: int) -> int:
    exponent, mantissa = bits >> 24, bits & 0x7FFFFF
    if bits & 0x800000 or not mantissa or exponent > 32:
        raise HeaderInvalid("the header packs a target that is no number")
    return mantissa << 8 * (exponent - 3) if exponent >= 3 else mantissa >> 8 * (3 - exponent)

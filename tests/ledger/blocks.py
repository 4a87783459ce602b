"""Bitcoin headers that are cheap to make: real in form, mined for a target that anybody reaches."""

from __future__ import annotations

import struct
from hashlib import sha256

EASY_BITS = 0x1F7FFFFF
"""Two of 256 hashes reach this target."""
EASY_TARGET = 0x7FFFFF << 8 * (0x1F - 3)
GENESIS = (
    "01000000"
    + "00" * 32
    + "3ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a"
    + "29ab5f49ffff001d1dac2b7c"
)
"""The first block of Bitcoin; its target is that of difficulty 1."""
DIFFICULTY_1 = 0xFFFF << 208


def mined(root: bytes, before: bytes = bytes(32), moment: int = 1_684_076_400) -> bytes:
    """A header of 80 bytes over ``root`` (32 bytes) that reaches the easy target."""
    for nonce in range(1 << 32):
        header = struct.pack("<L32s32sLLL", 0x20000000, before, root, moment, EASY_BITS, nonce)
        if int.from_bytes(hash_of(header), "little") <= EASY_TARGET:
            return header
    raise AssertionError


def hash_of(header: bytes) -> bytes:
    return sha256(sha256(header).digest()).digest()

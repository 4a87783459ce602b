"""What a photograph's name, its published copy and its log entry must be, without a store."""

from __future__ import annotations

import re

from sapparot.base import canonical
from sapparot.base.clock import stamp
from sapparot.base.problems import Problem
from sapparot.evidence.facts import PhotographKept
from sapparot.evidence.problems import BAD_NAME

PREFIX = "/v1/evidence/"
_SHA256 = re.compile(r"[0-9a-f]{64}")

_START, _END, _SCAN = 0xD8, 0xD9, 0xDA
_FRAMES = (0xC0, 0xC2)
_PICTURE = frozenset({*_FRAMES, 0xC4, 0xDB, 0xDD, _SCAN})
"""JPEG segments without which there is no picture: frame, Huffman tables, quantisation tables, restart interval, scan."""
_JFIF = b"\xff\xe0\x00\x10JFIF\x00\x01"
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7]")


def name_in(path: str) -> str:
    """Return the SHA-256 that ``/v1/evidence/{sha256}`` names, in hexadecimal; raises :class:`Problem`."""
    name = path.removeprefix(PREFIX)
    if not _SHA256.fullmatch(name):
        raise Problem(BAD_NAME)
    return name


def bare_jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Return width and height of a JPEG file (ITU-T T.81, annex B) that holds a picture and nothing else, otherwise None.

    After the JFIF header come only the segments that make the picture, and the end-of-image marker is the last byte: no EXIF, no
    colour profile, no comment, no second picture, nothing behind. Published copies are held to this whatever made them.
    """
    if not data.startswith(bytes((0xFF, _START)) + _JFIF):
        return None
    place = 2 + 18
    size = None
    while data[place : place + 1] == b"\xff" and len(data) > place + 4:
        marker, length = data[place + 1], int.from_bytes(data[place + 2 : place + 4], "big")
        if marker not in _PICTURE or length < 2:
            return None
        if marker in _FRAMES:
            height, width = (int.from_bytes(data[place + at : place + at + 2], "big") for at in (5, 7))
            size = (width, height)
        place += 2 + length
        if marker == _SCAN:
            following = _MARKER.search(data, place)
            place = following.start() if following else len(data)
    return size if data[place:] == bytes((0xFF, _END)) else None


def entry(kept: PhotographKept) -> tuple[str, bytes]:
    """Return the log entry of a photograph: both hashes, and nothing of who brought it."""
    body = {
        "at": stamp(kept.received_at),
        "height": kept.height,
        "kind": "evidence",
        "original": kept.original,
        "published": kept.published,
        "type": "image/jpeg",
        "v": 1,
        "width": kept.width,
    }
    return "evidence", canonical.encode(body)


def answer(kept: PhotographKept) -> bytes:
    """Return what the sender is told, the same however often it asks."""
    body = {
        "height": kept.height,
        "original": kept.original,
        "published": kept.published,
        "received_at": stamp(kept.received_at),
        "type": "image/jpeg",
        "v": 1,
        "width": kept.width,
    }
    return canonical.encode(body)

"""What a client that sends a photograph in pieces may say: the headers of tus 1.0.0 (https://tus.io/protocols/resumable-upload). Pure."""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode
from binascii import Error as NotBase64
from email.utils import format_datetime
from uuid import UUID

import msgspec

from sapparot.base.asgi import Scope, header
from sapparot.base.problems import TOO_LARGE, Problem
from sapparot.base.text import Text
from sapparot.evidence.facts import Begun, Upload
from sapparot.evidence.problems import (
    BAD_HEADER,
    CHECKSUM_UNKNOWN,
    EMPTY,
    NOT_IN_PIECES,
    OTHER_VERSION,
    UPLOAD_UNKNOWN,
)

PATH = "/v1/evidence"
"""Where uploads are begun."""
PREFIX = "/v1/uploads/"
"""Where each of them lives."""
LARGEST = 15_000_000
METADATA_LIMIT = 2048
VERSION = "1.0.0"
PIECE_TYPE = "application/offset+octet-stream"
SPOKEN = [(b"tus-resumable", VERSION.encode())]
"""Stands in every answer."""
OFFERED = [
    (b"tus-version", VERSION.encode()),
    (b"tus-extension", b"creation,creation-with-upload,expiration,checksum,termination"),
    (b"tus-max-size", str(LARGEST).encode()),
    (b"tus-checksum-algorithm", b"sha1,sha256"),
]
_SHA256 = re.compile(rb"[0-9a-f]{64}")
_METADATA = re.compile(r"[\x20-\x7e]+")
_LENGTHS = {"sha1": 20, "sha256": 32}


class Checksum(msgspec.Struct, frozen=True):
    """What the bytes of one body must hash to."""

    algorithm: str
    digest: bytes

    def begin(self) -> hashlib._Hash:
        """Return what computes it."""
        return hashlib.new(self.algorithm, usedforsecurity=False)


def method_of(scope: Scope) -> str:
    """Return the method that is meant: some networks let only POST through, so a header may name another one."""
    return (header(scope, b"x-http-method-override") or scope["method"]).upper()


def check_version(scope: Scope) -> None:
    """Raise :class:`Problem` unless the client speaks this version."""
    if header(scope, b"tus-resumable") != VERSION:
        raise Problem(OTHER_VERSION)


def upload_in(path: str) -> UUID:
    """Return the id that ``/v1/uploads/{id}`` names; raises :class:`Problem`."""
    name = path.removeprefix(PREFIX)
    try:
        upload = UUID(name)
    except ValueError:
        raise Problem(UPLOAD_UNKNOWN) from None
    if str(upload) != name:
        raise Problem(UPLOAD_UNKNOWN)
    return upload


def begun(scope: Scope) -> Begun:
    """Return what the head of a POST says of the photograph; raises :class:`Problem`."""
    length = number(scope, b"upload-length")
    if not length:
        raise Problem(EMPTY)
    if length > LARGEST:
        raise Problem(TOO_LARGE, limit=LARGEST)
    metadata = header(scope, b"upload-metadata") or ""
    return Begun(_original(metadata), length, metadata)


def number(scope: Scope, name: bytes) -> int:
    """Return the whole number in a header; raises :class:`Problem`."""
    text = header(scope, name) or ""
    if not re.fullmatch("[0-9]{1,15}", text):
        raise _bad(name.decode(), Text("ต้องเป็นจำนวนเต็ม", "must be a whole number"))
    return int(text)


def check_type(scope: Scope) -> None:
    """Raise :class:`Problem` unless the body is a piece."""
    said = (header(scope, b"content-type") or "").partition(";")[0].strip().lower()
    if said != PIECE_TYPE:
        raise Problem(NOT_IN_PIECES)


def checksum_in(scope: Scope) -> Checksum | None:
    """Return the checksum of the body, None when none is named; raises :class:`Problem`."""
    said = header(scope, b"upload-checksum")
    if said is None:
        return None
    algorithm, _, text = said.partition(" ")
    if algorithm not in _LENGTHS:
        raise Problem(CHECKSUM_UNKNOWN)
    digest = _decoded(text)
    if digest is None or len(digest) != _LENGTHS[algorithm]:
        raise _bad("upload-checksum", Text("ต้องเป็นชื่อวิธีและค่าใน Base64", "must be an algorithm and its value in Base64"))
    return Checksum(algorithm, digest)


def facts_of(upload: Upload) -> list[tuple[bytes, bytes]]:
    """Return the headers that tell how far an upload has come."""
    lines = [(b"upload-offset", b"%d" % upload.received)]
    if not upload.finished:
        lines.append((b"upload-expires", format_datetime(upload.until, usegmt=True).encode()))
    return lines


def place_of(upload: Upload) -> tuple[bytes, bytes]:
    """Return the header that says where an upload lives."""
    return b"location", f"{PREFIX}{upload.id}".encode()


def _original(metadata: str) -> str:
    """Return the SHA-256 that the metadata name under ``sha256``: its 64 digits in Base64."""
    if len(metadata) > METADATA_LIMIT or not _METADATA.fullmatch(metadata):
        raise _bad(
            "upload-metadata", Text("ต้องมี sha256 และยาวไม่เกิน 2,048 ตัว", "must name sha256, in at most 2,048 characters")
        )
    found: dict[str, bytes] = {}
    for pair in metadata.split(","):
        key, _, text = pair.strip(" ").partition(" ")
        value = _decoded(text)
        if not key or key in found or value is None:
            raise _bad(
                "upload-metadata",
                Text("ต้องเป็นคู่ของชื่อและค่า Base64 ไม่ซ้ำชื่อ", "must be names with values in Base64, none twice"),
            )
        found[key] = value
    original = found.get("sha256", b"")
    if not _SHA256.fullmatch(original):
        raise _bad(
            "upload-metadata",
            Text("ต้องมี sha256 ของไฟล์ต้นฉบับ 64 หลัก", "must name sha256, the 64 digits of the original's hash"),
        )
    return original.decode()


def _decoded(text: str) -> bytes | None:
    try:
        return b64decode(text.encode(), validate=True)
    except (NotBase64, ValueError):
        return None


def _bad(name: str, why: Text) -> Problem:
    return Problem(BAD_HEADER, Text(f"{name} {why.th}", f"{name} {why.en}"), header=name)

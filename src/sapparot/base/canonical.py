"""Canonical JSON (RFC 8785) for the values we sign and log.

Entries hold objects with ASCII member names, strings, integers within 2**53, booleans, null and lists; no floats. For these values
sorting members by code point, no white space and UTF-8 without needless escapes is exactly RFC 8785.
"""

from __future__ import annotations

from typing import Any, TypeVar, overload

import msgspec

T = TypeVar("T")
_encoder = msgspec.json.Encoder(order="sorted")
_any = msgspec.json.Decoder()

MAX_INTEGER = 2**53 - 1


def encode(value: object) -> bytes:
    """Return the canonical bytes of ``value``."""
    return _encoder.encode(value)


@overload
def decode(data: bytes | str) -> Any: ...
@overload
def decode(data: bytes | str, type: type[T]) -> T: ...
def decode(data: bytes | str, type: Any = None) -> Any:
    """Read JSON, as ``type`` when given; raises ``msgspec.DecodeError`` on anything else."""
    try:
        return _any.decode(data) if type is None else msgspec.json.decode(data, type=type)
    except (
        UnicodeDecodeError,
        RecursionError,
    ) as error:  # bytes that are not UTF-8; more brackets than the stack holds
        raise msgspec.DecodeError(str(error)) from error

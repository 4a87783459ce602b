"""Pictures that tests send: honest ones, and the tricks of those who are not."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pillow_heif
from PIL import Image, ImageDraw

pillow_heif.register_heif_opener(thumbnails=False)

SECRET = b"SECRET-13.7563N-100.5018E"
"""Stands in every metadata block that a picture can carry; it must never be in a published copy."""
FORMATS = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP", "heic": "HEIF"}


def board(width: int = 320, height: int = 240) -> Image.Image:
    """A picture whose left upper corner is red, right upper green, left lower blue, right lower white."""
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, width // 2, height // 2), "red")
    draw.rectangle((width // 2, 0, width, height // 2), "lime")
    draw.rectangle((0, height // 2, width // 2, height), "blue")
    return image


def written(image: Image.Image, kind: str = "jpg", **options: Any) -> bytes:
    """The picture as a file."""
    file = io.BytesIO()
    image.save(file, FORMATS.get(kind, kind), **options)
    return file.getvalue()


def exif(orientation: int = 1) -> bytes:
    """An EXIF block with an orientation and a place; in a HEIC file the orientation becomes a property of the picture."""
    block = Image.Exif()
    block[0x0112] = orientation
    block[0x010E] = SECRET.decode()
    return block.tobytes()


def talkative(kind: str) -> bytes:
    """A picture of that kind with the secret in every block it can carry, and behind its end."""
    options: dict[str, Any] = {"exif": exif(), "icc_profile": SECRET * 40}
    if kind in ("jpg", "webp", "heic"):
        options["xmp"] = b"<x:xmpmeta>" + SECRET + b"</x:xmpmeta>"
    if kind == "jpg":
        options["comment"] = SECRET
    return written(board(), kind, **options) + b"PK\x03\x04" + SECRET


def corners(jpeg: bytes) -> list[str]:
    """The colours of the four corners, as words: left upper, right upper, left lower, right lower."""
    image = Image.open(io.BytesIO(jpeg)).convert("RGB")
    w, h = image.width, image.height
    places = [(w // 8, h // 8), (w * 7 // 8, h // 8), (w // 8, h * 7 // 8), (w * 7 // 8, h * 7 // 8)]
    return [_word(image.getpixel(place)) for place in places]


def _word(pixel: Any) -> str:
    words = {
        (255, 0, 0): "red",
        (0, 255, 0): "green",
        (0, 0, 255): "blue",
        (255, 255, 255): "white",
        (0, 0, 0): "black",
    }
    return min(words.items(), key=lambda item: sum(abs(a - b) for a, b in zip(item[0], pixel, strict=True)))[1]


def png_claiming(width: int, height: int) -> bytes:
    """A PNG whose head claims that size and whose body is one byte."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(b"\0")) + _chunk(b"IEND", b"")


def png_with_text_bomb() -> bytes:
    """A PNG with a compressed text of 64 MiB."""
    whole = written(board(), "png")
    bomb = _chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(64 << 20), 9))
    return whole[:33] + bomb + whole[33:]


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def jpeg_with_segment(marker: int, data: bytes) -> bytes:
    """A JPEG with one more segment after its first."""
    whole = written(board())
    return whole[:20] + bytes((0xFF, marker)) + struct.pack(">H", len(data) + 2) + data + whole[20:]


def looping_exif() -> bytes:
    """An EXIF block whose directory of further values points at itself, and whose orientation is a hundred thousand numbers."""
    entries = [struct.pack("<HHII", 0x8769, 4, 1, 8), struct.pack("<HHII", 0x0112, 3, 100_000, 38)]
    directory = struct.pack("<H", len(entries)) + b"".join(entries) + struct.pack("<I", 8)
    return b"Exif\0\0" + b"II*\0" + struct.pack("<I", 8) + directory + b"\6\0" * 30_000


def wide_gamut_profile() -> bytes:
    """A colour profile of four megabytes of nonsense with a valid head."""
    return struct.pack(">I", 4 << 20) + bytes(32) + b"acsp" + bytes((4 << 20) - 40)

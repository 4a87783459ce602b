"""Draws the photograph of a form that was never written: cheap, different for every sheet, deterministic for one machine."""

from __future__ import annotations

import io
from functools import cache, lru_cache
from random import Random

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT, MARGIN = 900, 1_270, 60
COLUMNS = 3
ROWS_TOP = 150
LINE = 44
LARGE, SMALL = 26, 20


def form_photograph(title: str, rows: list[tuple[str, int]], salt: int) -> bytes:
    """Return a JPEG of a form headed ``title`` with one line per option number and figure, slightly askew and unevenly lit."""
    chance = Random(salt)  # noqa: S311 - not a secret
    paper = Image.new("L", (WIDTH, HEIGHT), chance.randrange(225, 250))
    draw = ImageDraw.Draw(paper)
    draw.text((MARGIN, MARGIN), title, fill=20, font=_font(LARGE))
    draw.line((MARGIN, ROWS_TOP - 20, WIDTH - MARGIN, ROWS_TOP - 20), fill=60, width=2)
    per_column = -(-len(rows) // COLUMNS)
    for place, (number, votes) in enumerate(rows):
        column, line = divmod(place, per_column)
        left, top = MARGIN + column * (WIDTH - 2 * MARGIN) // COLUMNS, ROWS_TOP + line * LINE
        _write(paper, (left, top), number, SMALL, 90)
        _write(paper, (left + 60 + chance.randrange(-4, 5), top + chance.randrange(-3, 4)), str(votes), LARGE, 30)
    photo = paper.rotate(chance.uniform(-3, 3), fillcolor=chance.randrange(70, 110))
    file = io.BytesIO()
    photo.save(file, "JPEG", quality=60)
    return file.getvalue()


def _write(paper: Image.Image, at: tuple[int, int], text: str, size: int, ink: int) -> None:
    stencil = _stencil(text, size)
    paper.paste(ink, (*at, at[0] + stencil.width, at[1] + stencil.height), stencil)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


@lru_cache(maxsize=2_000)
def _stencil(text: str, size: int) -> Image.Image:
    """Return a short text as it is to be inked; a nation's forms hold the same few hundred numbers again and again."""
    font = _font(size)
    _, _, right, bottom = font.getbbox(text)
    stencil = Image.new("L", (int(right) + 1, int(bottom) + 1))
    ImageDraw.Draw(stencil).text((0, 0), text, fill=255, font=font)
    return stencil

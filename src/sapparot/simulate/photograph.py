"""Draws the photograph of a form that was never written: cheap, different for every sheet, deterministic for one machine."""

from __future__ import annotations

import io
from random import Random

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT, MARGIN = 900, 1_270, 60
COLUMNS = 3
ROWS_TOP = 150
LINE = 44


def form_photograph(title: str, rows: list[tuple[str, int]], salt: int) -> bytes:
    """Return a JPEG of a form headed ``title`` with one line per option number and figure, slightly askew and unevenly lit."""
    chance = Random(salt)  # noqa: S311 - not a secret
    paper = Image.new("L", (WIDTH, HEIGHT), chance.randrange(225, 250))
    draw = ImageDraw.Draw(paper)
    font, small = ImageFont.load_default(26), ImageFont.load_default(20)
    draw.text((MARGIN, MARGIN), title, fill=20, font=font)
    draw.line((MARGIN, ROWS_TOP - 20, WIDTH - MARGIN, ROWS_TOP - 20), fill=60, width=2)
    per_column = -(-len(rows) // COLUMNS)
    for place, (number, votes) in enumerate(rows):
        column, line = divmod(place, per_column)
        left, top = MARGIN + column * (WIDTH - 2 * MARGIN) // COLUMNS, ROWS_TOP + line * LINE
        draw.text((left, top), number, fill=90, font=small)
        draw.text((left + 60 + chance.randrange(-4, 5), top + chance.randrange(-3, 4)), str(votes), fill=30, font=font)
    photo = paper.rotate(chance.uniform(-3, 3), fillcolor=chance.randrange(70, 110))
    file = io.BytesIO()
    photo.save(file, "JPEG", quality=60)
    return file.getvalue()

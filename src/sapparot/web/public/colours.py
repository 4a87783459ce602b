"""Party colours as data gives them, and what they need to stay readable: text on them, and lines and dots on the page."""

from __future__ import annotations

import colorsys
import re
from collections.abc import Iterable

from sapparot.contests import Party

PAPER = "#ffffff"
NIGHT = "#12161b"
BLACK = "#000000"
WHITE = "#ffffff"
GRAPHIC = 3.0
"""Least contrast of a graphical object with the page (WCAG 2.2, success criterion 1.4.11)."""
NEUTRAL = "#7a828c"
"""Stands where data gives no usable colour."""

_HEX = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)


def usable(colour: str) -> str:
    """Return the colour when it is `#rrggbb`, else a neutral grey. Whatever data say, nothing else reaches a style sheet."""
    return colour.lower() if _HEX.fullmatch(colour) else NEUTRAL


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour, 0 to 1 (WCAG 2.2)."""
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in _channels(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def text_on(colour: str) -> str:
    """Return black or white, whichever is easier to read on a colour."""
    return max((BLACK, WHITE), key=lambda ink: contrast(ink, colour))


def visible_on(colour: str, page: str) -> str:
    """Return the colour, made darker or lighter in small steps until it stands out from the page."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(colour))
    step = -0.02 if luminance(page) > 0.5 else 0.02
    while contrast(colour, page) < GRAPHIC:
        lightness = min(1.0, max(0.0, lightness + step))
        channels = colorsys.hls_to_rgb(hue, lightness, saturation)
        colour = "#" + "".join(f"{round(value * 255):02x}" for value in channels)
    return colour


def palette(parties: Iterable[Party]) -> str:
    """Return the style sheet that gives every party `.p-<place in the list>` its colours, by day and by night.

    --c fills areas, --t is text on it, --l draws lines and dots on the page.
    """
    day, night = [], []
    for place, party in enumerate(parties):
        colour = usable(party.color)
        line, glow = visible_on(colour, PAPER), visible_on(colour, NIGHT)
        day.append(f".p-{place}{{--c:{colour};--t:{text_on(colour)};--l:{line}}}")
        if glow != line:
            # In the dark a colour that would vanish is replaced everywhere, areas included.
            night.append(f".p-{place}{{--c:{glow};--t:{text_on(glow)};--l:{glow}}}")
    dark = f"@media screen and (prefers-color-scheme:dark){{{''.join(night)}}}" if night else ""
    return "".join(day) + dark


def _channels(colour: str) -> tuple[float, float, float]:
    return int(colour[1:3], 16) / 255, int(colour[3:5], 16) / 255, int(colour[5:7], 16) / 255

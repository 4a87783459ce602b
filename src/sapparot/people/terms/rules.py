"""What a network may say of itself, and what counts as agreeing."""

from __future__ import annotations

import colorsys
import unicodedata
from collections.abc import Collection, Sequence

from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.people.persons.facts import Agreed
from sapparot.people.terms.facts import ConsentText
from sapparot.people.terms.problems import COLOUR_TOO_PALE, CONSENT_OUTDATED, CONSENT_REQUIRED, TEXT_UNCLEAR

READABLE = 4.5
"""Least contrast of text with its ground (WCAG 2.2, success criterion 1.4.3)."""
_HIDDEN = {"Cc", "Cf", "Co", "Cn", "Cs"}
_JOINERS = {"\u200b", "\u200c", "\u200d"}


def readable_colour(colour: str) -> str:
    """Return a colour in small letters; raises :class:`Problem` with a darker one when white letters on it would be hard to read."""
    colour = colour.lower()
    if _contrast_with_white(colour) < READABLE:
        raise Problem(COLOUR_TOO_PALE, suggestion=darker(colour))
    return colour


def darker(colour: str) -> str:
    """Return the colour, darkened in small steps until it carries white letters."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(colour))
    while _contrast_with_white(colour) < READABLE:
        lightness = max(0.0, lightness - 0.01)
        colour = "#" + "".join(f"{round(255 * part):02x}" for part in colorsys.hls_to_rgb(hue, lightness, saturation))
    return colour


def plain(text: str, *, lines: bool = False) -> str:
    """Return text in one Unicode form and without space around it; raises :class:`Problem` for characters that cannot be shown.

    Signs that turn the direction of writing, or hide, make a page say something else than it seems to. ``lines`` lets new lines stand.
    """
    text = unicodedata.normalize("NFC", text).strip()
    for sign in text:
        if unicodedata.category(sign) in _HIDDEN and sign not in _JOINERS and not (lines and sign == "\n"):
            raise Problem(TEXT_UNCLEAR)
    return text


def check_agreed(given: Sequence[Agreed], asked: Collection[ConsentText], *, whole: bool = True) -> None:
    """Refuse consent to other versions than those that are asked for now, and, of a ``whole`` sign-up, without what is required."""
    current = {text.purpose: text.version for text in asked}
    if outdated := sorted({consent.purpose for consent in given if current[consent.purpose] != consent.version}):
        raise Problem(CONSENT_OUTDATED, purposes=outdated)
    missing = {text.purpose for text in asked if text.required} - {consent.purpose for consent in given}
    if whole and missing:
        raise Problem(
            CONSENT_REQUIRED,
            Text("โปรดยินยอมให้เครือข่ายติดต่อเรื่องหน้าที่ก่อน", "Agree first to be contacted about your duty"),
            purposes=sorted(missing),
        )


def _contrast_with_white(colour: str) -> float:
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in _channels(colour)]
    return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)


def _channels(colour: str) -> tuple[float, float, float]:
    return int(colour[1:3], 16) / 255, int(colour[3:5], 16) / 255, int(colour[5:7], 16) / 255

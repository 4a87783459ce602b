"""Both languages of the pages: where each lives, its words (Babel catalogue), its numbers and dates.

Thai lives at `/...`, English at `/en/...`. Templates and code write the English text; `translations/th.po` holds the Thai.
Texts that come with data (`base.text.Text`) are said, not translated.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime, tzinfo
from functools import cache
from pathlib import Path
from typing import Any

from babel.dates import get_day_names, get_month_names
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from sapparot.base.text import Language, Text, year_for

LANGUAGES: tuple[Language, ...] = ("th", "en")
CATALOGUES = Path(__file__).with_name("translations")
LARGE = 10**15
BASIS = 10_000
"""Shares come in basis points: 10 000 is everything."""


@cache
def translations(lang: Language) -> NullTranslations:
    """Return the catalogue of a language, compiled in memory; English is the language the code is written in."""
    path = CATALOGUES / f"{lang}.po"
    if lang == "en":
        return NullTranslations()
    with path.open("rb") as source:
        catalogue = read_po(source, locale=lang)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


def path_in(lang: Language, path: str) -> str:
    """Return where the page `path` (without language, starting with "/") lives in a language."""
    return path if lang == "th" else f"/en{path}"


def language_of(path: str) -> tuple[Language, str]:
    """Split a request's path into its language and the path of the page without it."""
    if path == "/en" or path.startswith("/en/"):
        return "en", path[3:] or "/"
    return "th", path


def number(value: int | None) -> str:
    """Write a whole number with thousands separators; a dash when there is none.

    A report may hold any number; one that no page has room for is only said to be large.
    """
    if value is None:
        return "–"
    return f"{value:,}" if abs(value) < LARGE else f"{'≥ ' if value > 0 else '≤ -'}10^15"


def percent(part: int, whole: int, places: int = 1) -> str:
    """Write a share, rounded down, so that 100 % is written only when nothing is missing; a dash when there is no whole."""
    if not whole:
        return "–"
    unit: int = 10**places
    steps = part * 100 * unit // whole
    return f"{steps // unit}.{steps % unit:0{places}d}%" if places else f"{steps}%"


def basis(value: int | None, places: int = 1) -> str:
    """Write a share given in basis points."""
    return "–" if value is None else percent(value, BASIS, places)


def clock_time(moment: datetime, lang: Language, seconds: bool = True) -> str:
    """Write the time of day of a moment in its own zone: `20:14:32 น.`, `20:14:32`."""
    return moment.strftime("%H:%M:%S" if seconds else "%H:%M") + (" น." if lang == "th" else "")


def long_date(day: date, lang: Language) -> str:
    """Write a day: `วันอาทิตย์ 14 พฤษภาคม 2566`, `Sunday 14 May 2023`; Buddhist era in Thai."""
    name = get_day_names("wide", locale=lang)[day.weekday()]
    month = get_month_names("wide", locale=lang)[day.month]
    return f"{name} {day.day} {month} {year_for(day, lang)}"


def date_and_time(moment: datetime, lang: Language) -> str:
    """Write a moment in its own zone: day, month, time."""
    return f"{short_date(moment, lang)} {clock_time(moment, lang)}"


def as_of(moment: datetime, day: date, lang: Language) -> str:
    """Write a moment in its own zone: the time alone on ``day``, on all others with the date. Counting goes on after midnight.

    The year is left out while it is that of ``day``: on a small phone it would push the button beside it into a line of its own.
    """
    if moment.date() == day:
        return clock_time(moment, lang)
    if moment.year != day.year:
        return date_and_time(moment, lang)
    return f"{_day_and_month(moment, lang)} {clock_time(moment, lang)}"


def short_date(day: date, lang: Language) -> str:
    """Write a day where there is little room: `14 พ.ค. 2566`, `14 May 2023`."""
    return f"{_day_and_month(day, lang)} {year_for(day, lang)}"


def _day_and_month(day: date, lang: Language) -> str:
    return f"{day.day} {get_month_names('abbreviated', locale=lang)[day.month]}"


def filters(lang: Language, zone: tzinfo) -> dict[str, Callable[..., Any]]:
    """Return what templates use to write values in a language, and moments in a time zone."""

    def say(text: Text | None) -> str:
        return "" if text is None else text.say(lang)

    return {
        "say": say,
        "number": number,
        "basis": basis,
        "clock": lambda moment, seconds=True: clock_time(moment.astimezone(zone), lang, seconds),
        "day": lambda day: long_date(day, lang),
        "shortday": lambda day: short_date(day, lang),
        "asof": lambda moment, day: as_of(moment.astimezone(zone), day, lang),
        "moment": lambda moment: date_and_time(moment.astimezone(zone), lang),
        "isotime": lambda moment: moment.astimezone(zone).isoformat(timespec="seconds"),
    }

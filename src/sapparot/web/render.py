"""Turns values into pages: one Jinja environment per language, everything escaped, the same values always the same bytes."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from msgspec import Struct

from sapparot.base.text import Language, Text
from sapparot.web.assets import Assets, content_security_policy
from sapparot.web.language import LANGUAGES, filters, path_in, percent, translations

TEMPLATES = Path(__file__).with_name("templates")
COMPRESSION = 6


class Page(Struct, frozen=True):
    """A finished page: status, bytes plain and compressed, the policy that it needs and its entity tag.

    `age` is how old the snapshot was when the page was handed out, in seconds; None without one, or under a conducted clock.
    """

    status: int
    body: bytes
    packed: bytes
    policy: str
    tag: str
    age: float | None = None


class Place(Struct, frozen=True):
    """Where a page is: language, path without the language, query with its "?" or empty; and whether only its inside is asked for."""

    lang: Language
    path: str
    query: str = ""
    fragment: bool = False


class Renderer:
    """Writes pages in both languages."""

    def __init__(self, assets: Assets, zone: ZoneInfo, frame: str = "page.html", images: str = "'self'") -> None:
        """``zone`` of every time, ``frame`` the template around every page, ``images`` where its pictures may come from."""
        self._assets = assets
        self._frame = frame
        self._images = images
        self._zone = zone
        self._environments = {lang: _environment(lang, zone) for lang in LANGUAGES}
        self._notices: dict[tuple[Language, bool, str, Text], Page] = {}

    def page(self, place: Place, template: str, values: Mapping[str, Any], status: int = 200) -> Page:
        """Render the inside of a page, and the frame around it unless it is a fragment.

        `values` hold at least `title` and `stamp` (None when there is no snapshot); `palette` is a second style sheet, `roll`
        names the election that it belongs to, `awaited` says that a snapshot may come.
        """
        styles = [self._assets.style, *([values["palette"]] if values.get("palette") else [])]
        environment = self._environments[place.lang]
        context = {
            "lang": place.lang,
            "zone": self._zone.key,
            "languages": LANGUAGES,
            "here": place.path,
            "query": place.query,
            "link": lambda path: path_in(place.lang, path),
            "path_in": path_in,
            "percent": percent,
            "styles": styles,
            "script": self._assets.public_script,
            "check_script": self._assets.check_script,
            "main_template": template,
            "roll": "",
            "awaited": False,
            **values,
        }
        text = environment.get_template(template if place.fragment else self._frame).render(context)
        body = text.encode()
        # No time in the gzip header: the same page must be the same bytes.
        packed = gzip.compress(body, COMPRESSION, mtime=0)
        return Page(status, body, packed, content_security_policy(styles, self._images), sha256(body).hexdigest()[:24])

    def notice(self, place: Place, template: str, values: Mapping[str, Any], status: int) -> Page:
        """Render a notice, known by its title; that of a caller's own slip (4xx) is made once, without a place of its own.

        So it costs no more than a page that is there, whoever asks for nothing and however often.
        """
        if not 400 <= status < 500:
            return self.page(place, template, values, status)
        key = (place.lang, place.fragment, template, values["title"])
        if key not in self._notices:
            self._notices[key] = self.page(Place(place.lang, "/", fragment=place.fragment), template, values, status)
        return self._notices[key]

    def words(self, lang: Language) -> Any:
        """Return what translates in a language: `gettext` and `ngettext`."""
        return translations(lang)


def _environment(lang: Language, zone: ZoneInfo) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(translations(lang), newstyle=True)  # type: ignore[attr-defined]
    environment.filters.update(filters(lang, zone))
    return environment

"""Words shown to people, always in Thai and English."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

Language = Literal["th", "en"]
BUDDHIST_ERA = 543


class Text(msgspec.Struct, frozen=True):
    """One text in both languages of the interface."""

    th: str
    en: str

    def say(self, lang: Language) -> str:
        """Return the text in ``lang``."""
        return self.th if lang == "th" else self.en

    def fill(self, **values: object) -> Text:
        """Return the text with ``{name}`` places filled in both languages."""
        return Text(self.th.format(**values), self.en.format(**values))


def year_for(moment: date, lang: Language) -> int:
    """Return the year as people write it: Buddhist era in Thai, common era in English."""
    return moment.year + (BUDDHIST_ERA if lang == "th" else 0)

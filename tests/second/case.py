"""A statement that passed the gates, as the rules look at it before the count knows it."""

from __future__ import annotations

from dataclasses import dataclass

from tests.second.book import Book, Device, Sheet
from tests.second.figures import Figures, Profile
from tests.second.ground import Contest, SheetId, Station
from tests.second.reading import Members, seconds

Values = dict[str, str | int]
"""What a finding tells beside the name of the rule."""

COUNTING = frozenset({"progress", "final"})
WHOLE = frozenset({"final", "reading", "official"})
ALL = COUNTING | WHOLE


@dataclass
class Case:
    """A statement that passed the gates, before the count knows it."""

    book: Book
    sheet: SheetId
    stage: str
    device: Device
    letter: Members
    received: int
    figures: Figures
    replaces: str | None = None
    moved: SheetId | None = None

    @property
    def tolerances(self) -> dict[str, int]:
        return self.book.policy.tolerances

    @property
    def evening(self) -> dict[str, int]:
        return self.book.policy.evening

    @property
    def closes(self) -> int:
        return self.book.election.closes

    @property
    def station(self) -> Station:
        return self.book.station(self.sheet)

    @property
    def contest(self) -> Contest:
        return self.book.contest(self.sheet)

    @property
    def so_far(self) -> Sheet:
        return self.book.sheets[self.sheet]

    @property
    def cast(self) -> int | None:
        return self.figures.given("ballots_cast")

    @property
    def rest(self) -> int:
        return self.figures.zero("spoiled") + self.figures.zero("no_vote")

    @property
    def complete(self) -> bool:
        return all(self.figures.given(name) is not None for name in ("valid", "spoiled", "no_vote"))

    @property
    def observed(self) -> int | None:
        moment = self.letter["observed_at"]
        return None if moment is None else seconds(moment)

    @property
    def other(self) -> Profile | None:
        other = self.book.other_ballot(self.sheet)
        return self.book.profile(other) if other else None

"""Why a result differs from the truth: of which sheets the headline claims nothing, and whether their true votes close the gap.

What is left when they do not is the work of wrong sheets, or of a mistake of the program: nobody may take it for explained.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Literal

import numpy as np
from msgspec import Struct

from sapparot.contests.allotment import PartyVotes
from sapparot.contests.facts import SeatRule
from sapparot.contests.problems import SeatsRefused
from sapparot.contests.seats import seats, winners
from sapparot.simulate.judge import SeatsOf, Sheet
from sapparot.simulate.published import Published
from sapparot.simulate.sums import Ints
from sapparot.simulate.truth import Truth


class LeadersExplained(Struct, frozen=True):
    """A constituency that others lead than in truth, by party (a candidate without one: "area/number").

    ``explained``: with the true votes of its ``disputed`` and ``uncounted`` sheets those of the truth lead.
    """

    area: str
    ours: tuple[str, ...]
    truth: tuple[str, ...]
    disputed: tuple[str, ...]
    uncounted: tuple[str, ...]
    explained: bool


class ListExplained(Struct, frozen=True):
    """List seats of the parties that have others than in truth, and how many sheets of the list ballot the headline lacks.

    ``explained``: with the true votes of these sheets every party has its list seats.
    """

    ours: dict[str, int]
    truth: dict[str, int]
    disputed: int
    uncounted: int
    explained: bool


class Explained(Struct, frozen=True):
    """Every deviation from the truth and whether disputed and uncounted sheets explain it.

    ``seats_follow``: the parliament of the headline is what its own sheets give. ``explained``: that, and each deviation is.
    """

    leaders: tuple[LeadersExplained, ...]
    list: ListExplained | None
    seats_follow: bool
    explained: bool


def explain(
    sheets: Iterable[Sheet], truth: Truth, published: Published, rule: SeatRule, ours: Iterable[SeatsOf]
) -> Explained:
    """Explain where the parliament ``ours``, with these sheets in its headline, differs from the truth."""
    contests = _Contests(truth, published, rule)
    true = contests.true()
    counted, mended = true.copy(), true.copy()
    silent: list[tuple[int, Sheet]] = []
    for sheet in sheets:
        if sheet.verdict != "right":
            contest = int(truth.contest[sheet.ballot, sheet.station])
            lack = contests.lack(sheet)
            counted[contest] -= lack
            if sheet.verdict == "wrong":
                mended[contest] -= lack
            else:
                silent.append((contest, sheet))
    sums = _Sums(true, counted, mended)
    leaders = tuple(_leaders(contests, contest, sums, silent) for contest in contests.differing(sums))
    lists = _list(contests, sums, silent)
    given = {party.party: (party.constituency, party.list) for party in ours if party.total}
    follow = contests.parliament(counted) == given
    every = follow and all(one.explained for one in leaders) and (lists is None or lists.explained)
    return Explained(leaders, lists, follow, every)


class _Sums(Struct, frozen=True, eq=False):
    """Votes by contest: the true ones, those of the headline, and those with what it says nothing of set right."""

    true: Ints
    counted: Ints
    mended: Ints


class _Contests:
    """The contests of the truth with their names. Sums of one are votes by option, zeros, and ``no_vote`` in the last column."""

    def __init__(self, truth: Truth, published: Published, rule: SeatRule) -> None:
        self._truth, self._rule = truth, rule
        self._width = max(votes.shape[1] for votes in truth.votes) + 1
        self._areas = [area for _, area in published.contests]
        wide = [ballot for ballot, scope in published.ballots if scope == "country"]
        on_list = wide[0] if wide else published.ballots[0][0]
        self.single = [number for number, (ballot, _) in enumerate(published.contests) if ballot not in wide]
        self.list = [number for number, (ballot, _) in enumerate(published.contests) if ballot == on_list]

    def area(self, contest: int) -> str:
        return self._areas[contest]

    def true(self) -> Ints:
        sums = np.zeros((len(self._areas), self._width), np.int64)
        for ballot, votes in enumerate(self._truth.votes):
            contest = self._truth.contest[ballot]
            np.add.at(sums[:, : votes.shape[1]], contest, votes)
            np.add.at(sums[:, -1], contest, self._truth.no_vote[ballot])
        return sums

    def lack(self, sheet: Sheet) -> Ints:
        """Give by how much the true figures of a sheet exceed those with which it counts."""
        votes = self._truth.votes[sheet.ballot][sheet.station]
        found = np.zeros(self._width, np.int64)
        found[: len(votes)] = votes
        found[-1] = self._truth.no_vote[sheet.ballot, sheet.station]
        if sheet.votes:
            found[: len(sheet.votes) - 1] -= sheet.votes[:-1]
            found[-1] -= sheet.votes[-1]
        return found

    def leaders(self, sums: Ints, contest: int) -> tuple[str, ...]:
        options = self._truth.contests[contest]
        first = winners(sums[contest, : len(options)].tolist(), int(sums[contest, -1]))
        return tuple(options[place].party or f"{self._areas[contest]}/{options[place].number}" for place in first)

    def differing(self, sums: _Sums) -> list[int]:
        return [one for one in self.single if self.leaders(sums.counted, one) != self.leaders(sums.true, one)]

    def parliament(self, sums: Ints) -> dict[str, tuple[int, int]]:
        """Give constituency and list seats of each party that has any."""
        won = Counter(first[0] for one in self.single if len(first := self.leaders(sums, one)) == 1)
        lists = self.list_seats(sums, won)
        return {party: (won[party], lists.get(party, 0)) for party in won.keys() | lists.keys()}

    def list_seats(self, sums: Ints, won: Counter[str]) -> dict[str, int]:
        votes: Counter[str] = Counter()
        for contest in self.list:
            options = self._truth.contests[contest]
            for option, count in zip(options, sums[contest].tolist(), strict=False):
                votes[option.party] += count
        brought = [PartyVotes(party, count, won[party]) for party, count in votes.items() if party]
        try:
            outcome = seats(self._rule, brought)
        except SeatsRefused:
            return {}
        return {party.party: party.list_seats for party in outcome.parties if party.list_seats}


def _leaders(contests: _Contests, contest: int, sums: _Sums, silent: list[tuple[int, Sheet]]) -> LeadersExplained:
    def named(verdict: Literal["disputed", "uncounted"]) -> tuple[str, ...]:
        return tuple(sheet.key for where, sheet in silent if where == contest and sheet.verdict == verdict)

    truth = contests.leaders(sums.true, contest)
    return LeadersExplained(
        area=contests.area(contest),
        ours=contests.leaders(sums.counted, contest),
        truth=truth,
        disputed=named("disputed"),
        uncounted=named("uncounted"),
        explained=contests.leaders(sums.mended, contest) == truth,
    )


def _list(contests: _Contests, sums: _Sums, silent: list[tuple[int, Sheet]]) -> ListExplained | None:
    ours, truth, mended = (
        {party: given[1] for party, given in contests.parliament(part).items()}
        for part in (sums.counted, sums.true, sums.mended)
    )
    differing = sorted(party for party in ours.keys() | truth.keys() if ours.get(party, 0) != truth.get(party, 0))
    if not differing:
        return None
    lacking = Counter(sheet.verdict for contest, sheet in silent if contest in contests.list)
    return ListExplained(
        ours={party: ours.get(party, 0) for party in differing},
        truth={party: truth.get(party, 0) for party in differing},
        disputed=lacking["disputed"],
        uncounted=lacking["uncounted"],
        explained=mended == truth,
    )

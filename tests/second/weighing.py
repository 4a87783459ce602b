"""Weighing: what the claims of a sheet say, and what is held of it after that."""

from __future__ import annotations

from dataclasses import dataclass

from tests.second.book import Book, Claim, Held
from tests.second.figures import ABSENT, Row, in_bytes, votes_of
from tests.second.forms import TOTALS
from tests.second.ground import SheetId

FOLLOWS = {
    "empty": {"empty", "live", "reported", "disputed", "settled"},
    "live": {"empty", "live", "reported", "disputed", "settled"},
    "reported": {"empty", "live", "reported", "confirmed", "disputed", "settled"},
    "confirmed": {"confirmed", "disputed", "settled"},
    "disputed": {"empty", "live", "reported", "confirmed", "disputed", "settled"},
    "settled": {"settled"},
}
"""Which state may follow which."""


@dataclass(frozen=True)
class Verdict:
    """What the claims say by themselves."""

    state: str
    reason: str
    row: Row | None = None
    sources: int = 0


@dataclass
class Camp:
    """A row of figures, with the groups for and against it."""

    row: Row
    against: set[str]
    supporters: set[str]
    with_final: set[str]
    differs: bool = False

    @property
    def behind(self) -> set[str]:
        return self.supporters - self.against


def _gives_all_votes(row: Row) -> bool:
    return ABSENT not in votes_of(row)


class Scales:
    """Weighs the claims of one sheet."""

    def __init__(self, book: Book, sheet: SheetId) -> None:
        self._book, self._policy, self._agreement = book, book.policy, book.policy.agreement
        self._best = book.best_progress(sheet)
        self._finals = [claim for claim in book.sheets[sheet].claims if claim.stage in ("final", "reading")]

    def verdict(self) -> Verdict:
        if not any(claim.stage == "final" for claim in self._finals):
            if self._best is None:
                return Verdict("empty", "nothing_stands")
            return Verdict("live", "progress_counted", self._best, 1)
        camps = self._camps()
        enough = [camp for camp in camps if self._is_enough(camp)]
        if len(enough) == 1:
            return self._confirmed(enough[0])
        if len(camps) > 1:
            return Verdict("disputed", "sources_differ")
        if not all(self._book.sound(claim) for claim in self._finals):
            return Verdict("disputed", "rule_failed")
        sources = {self._book.group(claim) for claim in self._finals if self._is_source(claim)}
        return Verdict("reported", "first_final" if sources else "only_text", camps[0].row, len(sources))

    def _camps(self) -> list[Camp]:
        rows = {claim.row for claim in self._finals}
        chosen: list[Row] = []
        for row in sorted(rows, key=lambda row: (not _gives_all_votes(row), row.count(ABSENT), in_bytes(row))):
            if not any(self._book.agree(row, other) for other in chosen):
                chosen.append(row)
        return [self._camp(row) for row in chosen]

    def _camp(self, row: Row) -> Camp:
        camp = Camp(row, set(), set(), set())
        for claim in self._finals:
            group = self._book.group(claim)
            if not self._book.sound(claim):
                camp.against.add(group)
            elif not self._book.agree(claim.row, row):
                camp.against.add(group)
                camp.differs = True
            elif _gives_all_votes(claim.row) and self._is_source(claim):
                camp.supporters.add(group)
                if claim.stage == "final":
                    camp.with_final.add(group)
        return camp

    def _is_source(self, claim: Claim) -> bool:
        return self._policy.is_source(claim.channel)

    def _is_enough(self, camp: Camp) -> bool:
        behind, numbers = camp.behind, self._agreement
        if not (_gives_all_votes(camp.row) and behind & camp.with_final and len(behind) >= numbers["sources"]):
            return False
        strength = len(behind) + (numbers["rivals"] if self._policy.parties(behind) >= 2 else 0)
        needed = numbers["outvote" if camp.differs else "outvote_unsound"]
        return not camp.against or (len(camp.against) <= numbers["outvoted"] and strength >= needed)

    def _confirmed(self, camp: Camp) -> Verdict:
        reason = "independent_sources_agree"
        if camp.against:
            reason = "dissent_outvoted"
        elif self._policy.parties(camp.behind) >= 2:
            reason = "rivals_agree"
        return Verdict("confirmed", reason, self._vouched_for(camp), len(camp.behind))

    def _vouched_for(self, camp: Camp) -> Row:
        row, options = camp.row, len(votes_of(camp.row))
        if all(claim.row == row for claim in self._finals):
            return row
        alone = {at for at in range(options, len(row)) if self._vouchers(camp, at) < self._agreement["sources"]}
        valid, spoiled, no_vote, cast = row[options:]
        adds_up = valid == sum(votes_of(row))
        if adds_up:
            alone.discard(options)
        if adds_up and len(alone) == 1 and valid + spoiled + no_vote == cast:
            return row
        return tuple(ABSENT if at in alone else number for at, number in enumerate(row))

    def _vouchers(self, camp: Camp, column: int) -> int:
        giving = (claim for claim in self._finals if self._is_source(claim) and claim.row[column] != ABSENT)
        return len({self._book.group(claim) for claim in giving} & camp.behind)


def next_held(book: Book, sheet: SheetId) -> tuple[Held, str]:
    """Give what is held of the sheet from here on, and why."""
    held, verdict = book.sheets[sheet].held, Scales(book, sheet).verdict()
    if held.state == "settled":
        return held, verdict.reason
    if held.layer == "confirmed":
        return _after_confirmed(book, held, verdict)
    if verdict.state == "disputed" or verdict.state not in FOLLOWS[held.state]:
        best = book.best_progress(sheet)
        disputed = Held("disputed", "live", best, 1) if best else Held("disputed", "none", None, 0)
        return disputed, verdict.reason
    layer = "none" if verdict.state == "empty" else verdict.state
    return Held(verdict.state, layer, verdict.row, verdict.sources), verdict.reason


def _after_confirmed(book: Book, held: Held, verdict: Verdict) -> tuple[Held, str]:
    disputed = held._replace(state="disputed")
    if verdict.state != "confirmed" or verdict.row is None or held.row is None:
        return disputed, verdict.reason if verdict.state == "disputed" else "support_lost"
    if not book.agree(held.row, verdict.row):
        return disputed, "sources_differ"
    row = held.row if book.policy.agreement["tolerance"] > 0 else verdict.row
    return Held("confirmed", "confirmed", row, verdict.sources), verdict.reason


def figures_of(keys: tuple[str, ...], row: Row) -> dict[str, object]:
    """Write a row as the `figures` of a move."""
    votes = {key: count for key, count in zip(keys, votes_of(row), strict=True) if count != ABSENT}
    totals = zip(TOTALS, row[len(keys) :], strict=True)
    return {"votes": votes, **{name: None if number == ABSENT else number for name, number in totals}}

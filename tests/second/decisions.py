"""Decisions of people: who stands behind one, which figures it gives, and what makes it void."""

from __future__ import annotations

from dataclasses import dataclass

from tests.second.book import Book, Device, Sheet
from tests.second.figures import Figures, Row
from tests.second.forms import Letter, signed_by
from tests.second.ground import Contest, SheetId
from tests.second.policy import Policy
from tests.second.reading import Members, seconds

WHO_MAY_SIGN = 2
"""The level of a device whose signature under a decision is valid at all."""


class Council:
    """The devices that validly signed, counted as people and as groups."""

    def __init__(self, policy: Policy, devices: dict[str, Device], letters: list[Letter], at: int) -> None:
        self.at = at
        level = max(WHO_MAY_SIGN, policy.levels["decision"])
        signers = [
            device
            for letter in letters
            if (device := devices.get(letter.kid)) is not None
            and device.level >= level
            and device.trouble(at) is None
            and signed_by(letter, device.key)
        ]
        self.people = len({device.voice for device in signers})
        self.groups = len({policy.group(device.network) for device in signers})


@dataclass(frozen=True)
class Judgement:
    """What a decision comes to: the figures, how many people it needs, and why it is void."""

    needed: int
    reason: str | None = None
    row: Row | None = None


def judged(book: Book, council: Council, said: Members, sheet: SheetId | None) -> Judgement:
    needed = book.policy.decisions["otherwise"]
    if sheet is None:
        return Judgement(needed, "sheet")
    known = book.sheets[sheet]
    row = _figures(book.contest(sheet), known, said, book.policy.tolerances["largest"])
    if row is None:
        return Judgement(needed, "figures")
    needed = _needed(book.policy, known, row)
    return Judgement(needed, _objection(book.policy, council, said["at"], known, needed), row)


def _figures(contest: Contest, sheet: Sheet, said: Members, largest: int) -> Row | None:
    if said["figures"] is None:
        return next((claim.row for claim in sheet.claims if claim.position == said["use"]), None)
    figures = Figures(contest, said["figures"], largest)
    return figures.row if figures.absurd is None and figures.votes and not figures.strange else None


def _needed(policy: Policy, sheet: Sheet, row: Row) -> int:
    needed = [policy.decisions["otherwise"]]
    if sheet.held.state == "disputed":
        needed.append(policy.decisions["disputed"])
    if sheet.held.layer in ("confirmed", "settled") and sheet.held.row != row:
        needed.append(policy.decisions["overrule"])
    return max(needed)


def _objection(policy: Policy, council: Council, at: int, sheet: Sheet, needed: int) -> str | None:
    if sheet.decided is not None and at <= sheet.decided:
        return "replayed"
    if seconds(at) > council.at + policy.evening["clock_seconds"]:
        return "ahead"
    if 1 < needed <= council.people and council.groups < policy.decisions["groups"]:
        return "groups"
    return "people" if council.people < needed else None

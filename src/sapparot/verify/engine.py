"""The fold: entries of the log go in one after the other, findings and moves come out.

The same entries give the same bytes on every machine: nothing here reads a clock, a file or chance, and nothing depends on the order
of a set. Whatever an entry holds, the fold goes on; what it cannot use becomes a finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import Struct

from sapparot.contests import BINDING_KINDS, DEFINITION_KINDS, Definition, Election
from sapparot.verify import letters
from sapparot.verify.admission import (
    decision_is_allowed,
    election_is_ours,
    enrolment_is_authentic,
    entry_is_readable,
)
from sapparot.verify.count import COUNTED, Count
from sapparot.verify.decisions import decided
from sapparot.verify.entries import Entry, finding_entry, move_entry
from sapparot.verify.facts import NOTHING, Finding, Standing
from sapparot.verify.ground import Ground
from sapparot.verify.hearing import Hearing
from sapparot.verify.policy import Policy
from sapparot.verify.problems import Unreadable
from sapparot.verify.register import Register, SignatureCheck
from sapparot.verify.states import settle


class Step(Struct, frozen=True):
    """What one entry led to: entries to append, and the number of the sheet it is about, None when it is about none.

    `refused` tells that it is a report or a reading that counts for nothing. What the authority says of a whole area has a number
    below zero (:meth:`Election.area_sheet`).
    """

    outs: list[Entry]
    sheet: int | None
    refused: bool = False


class Engine:
    """Folds entries. `check` verifies signatures again, for an audit; without it the door's check is trusted."""

    def __init__(self, check: SignatureCheck | None = None) -> None:
        self.policy = Policy()
        self._register = Register(check)
        self._definition = Definition()
        self._count: Count | None = None
        self._hearing: Hearing | None = None
        self._outs: list[Entry] = []
        self._refused = False
        self._handlers: dict[str, Callable[[int, bytes], int | None]] = {
            "network": self._network,
            "enrolment": self._enrolment,
            "revocation": self._revocation,
            "duties": self._duties,
            "policy": self._policy,
            "report": self._report,
            "reading": self._reading,
            "decision": self._decision,
            "move": self._own,
            "finding": self._own,
            **dict.fromkeys(sorted(DEFINITION_KINDS), self._define),
        }

    @property
    def election(self) -> Election | None:
        """The election that is counted, once it is defined."""
        return None if self._count is None else self._count.ground.election

    def standing(self, sheet: int) -> Standing:
        """Give what is held true for a sheet."""
        return NOTHING if self._count is None else self._count.record(sheet).standing

    def apply(self, position: int, kind: str, body: bytes) -> list[Entry]:
        """Take the entry at `position`; give the entries that follow from it."""
        return self.step(position, kind, body).outs

    def step(self, position: int, kind: str, body: bytes) -> Step:
        """Take the entry at `position`; give what follows from it and its sheet. Kinds that are not ours pass by."""
        handler = self._handlers.get(kind)
        if handler is None:
            return Step([], None)
        self._outs, self._refused = [], False
        if kind in BINDING_KINDS:
            self._definition.bind()
        sheet = None
        try:
            sheet = handler(position, body)
        except Unreadable as problem:
            self._find([entry_is_readable(kind, str(problem))], None, position)
        return Step(self._outs, sheet, self._refused)

    def _define(self, position: int, body: bytes) -> None:
        try:
            election = self._definition.add(body)
        except (ValueError, LookupError, ArithmeticError, RecursionError) as error:
            raise Unreadable("definition") from error
        if election is not None and self._definition.counts(election):
            # Nothing was heard yet, so nothing is lost of what an election that is corrected here had.
            self._count = Count(Ground(election))
            self._hearing = Hearing(self.policy, self._register, self._count)

    def _network(self, position: int, body: bytes) -> None:
        self._register.announce(body)

    def _enrolment(self, position: int, body: bytes) -> None:
        said = self._register.enrol(body)
        self._find([enrolment_is_authentic(said.kid, said.objection)], None, position)

    def _revocation(self, position: int, body: bytes) -> None:
        said = self._register.revoke(body)
        self._find([enrolment_is_authentic(said.kid, said.objection)], None, position)
        device = said.device
        if device is not None and device.revoked is not None and self._count is not None:
            sheets = sorted(set(device.reports.values()))
            for sheet in sheets:
                self._count.withdraw_since(sheet, device.kid, device.revoked)
            self._restate(sheets, position)

    def _duties(self, position: int, body: bytes) -> None:
        """Take who serves where; what is said of another election, or before there is one, passes by."""
        entry, election = letters.read(body, letters.DutiesEntry), self.election
        if election is not None and entry.election == election.id:
            self._register.assign(entry.duties, election.stations.index)

    def _policy(self, position: int, body: bytes) -> None:
        self.policy = letters.read(body, letters.PolicyEntry).policy
        if self._count is not None:
            self._hearing = Hearing(self.policy, self._register, self._count)
            self._restate(self._count.sheets(), position)

    def _report(self, position: int, body: bytes) -> int | None:
        return self._hear(position, "report", letters.open_letter(body, letters.REPORT_TYPE))

    def _reading(self, position: int, body: bytes) -> int | None:
        return self._hear(position, "reading", letters.open_letter(body, letters.READING_TYPE))

    def _hear(self, position: int, kind: str, letter: letters.Letter) -> int | None:
        if self._hearing is None:
            self._find([election_is_ours(letter.report.election, "")], None, position)
            return None
        heard = self._hearing.hear(position, letter, letters.stage_of(kind, letter.report))
        self._refused = heard.refused
        self._find(heard.findings, heard.sheet, position, weighty=heard.counts)
        self._restate(heard.touched, position)
        if heard.sheet is None and self._count is not None and letter.report.stage == "official":
            return self._count.ground.election.area_sheet(letter.report.sheet)
        return heard.sheet

    def _decision(self, position: int, body: bytes) -> int | None:
        entry = letters.open_decision(body)
        if self._count is None:
            self._find([decision_is_allowed(0, 1, "sheet")], None, position)
            return None
        finding, sheet, row = decided(entry, self._count, self._register, self.policy)
        self._find([finding], sheet, position)
        if sheet is not None and row is not None:
            self._moved(sheet, self._count.hold(sheet, settle(row, int(finding.values["people"]))), position)
        return sheet

    def _own(self, position: int, body: bytes) -> int | None:
        """Our own entries come back in the log; only the sheet that they are about is of interest."""
        about = letters.read(body, letters.AboutSheet).sheet
        return None if about is None or self._count is None else self._count.ground.election.sheet_number(about)

    def _restate(self, sheets: Iterable[int], position: int) -> None:
        if self._count is not None and self._hearing is not None:
            for sheet in sheets:
                self._moved(sheet, self._count.restate(sheet, self._hearing.interests), position)

    def _moved(self, sheet: int, change: tuple[Standing, Standing] | None, position: int) -> None:
        """Write a move, and set the authority's figures beside ours when ours changed."""
        if change is None or self._count is None or self._hearing is None:
            return
        was, now = change
        ground = self._count.ground
        self._outs.append(move_entry(ground.election.sheet_key(sheet), ground.shape(sheet), was, now, position))
        if was.row != now.row and now.layer in COUNTED:
            self._find(self._hearing.official(sheet), sheet, position)

    def _find(self, findings: Iterable[Finding], sheet: int | None, position: int, *, weighty: bool = True) -> None:
        """Write the findings that failed, unless the policy switches them off; without `weighty` they are only noted."""
        for finding in findings:
            if finding.outcome == "failed" and (weight := self.policy.weight(finding.rule)) != "off":
                key = None if sheet is None or self._count is None else self._count.ground.election.sheet_key(sheet)
                self._outs.append(finding_entry(finding, weight if weighty else "note", key, position))

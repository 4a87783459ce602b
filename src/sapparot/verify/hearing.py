"""Hears one report or reading: whether it counts, what the rules find on it, and which sheets it touches."""

from __future__ import annotations

from typing import cast

from msgspec import Struct

from sapparot.contests import Figures
from sapparot.verify import admission, letters
from sapparot.verify.arithmetic import official_matches_ours
from sapparot.verify.count import COUNTED, Count, Record, progress_of
from sapparot.verify.facts import Claim, Finding, Row, Stage
from sapparot.verify.letters import Letter, Report
from sapparot.verify.policy import Interests, Policy
from sapparot.verify.register import Device, Register
from sapparot.verify.rules import in_force, judged
from sapparot.verify.scene import Replaces, Scene
from sapparot.verify.shapes import Laid, Shape, votes_known
from sapparot.verify.states import best_progress, first_to_differ

COUNTING = ("progress", "final")


class Heard(Struct, frozen=True):
    """What a report led to: its findings, the sheet it is about, and the sheets whose claims changed, in order.

    `refused` tells whether it counts for nothing; `counts` tells whether it is a claim, so that a finding of weight can dispute the sheet.
    """

    findings: list[Finding]
    sheet: int | None
    touched: tuple[int, ...] = ()
    counts: bool = False
    refused: bool = False


class _Case(Struct):
    """One report that counts, on its way through the rules. `moved_from` is the sheet of the report that it replaces."""

    letter: Letter
    stage: Stage
    device: Device
    sheet: int
    record: Record
    shape: Shape
    figures: Figures
    absurd: str | None
    laid: Laid
    replaces: Replaces = "nothing"
    moved_from: int | None = None


class Hearing:
    """Hears reports under one policy. `whole` tells that the whole log was heard, so that what was not seen does not exist."""

    def __init__(self, policy: Policy, register: Register, count: Count, *, whole: bool = True) -> None:
        self.policy = policy
        self.interests = Interests(policy)
        self._rules = in_force(policy)
        self._register = register
        self._count = count
        self._ground = count.ground
        self._whole = whole

    def hear(self, position: int, letter: Letter, stage: str) -> Heard:
        """Judge a letter and take its claim."""
        device = self._register.device(letter.jws.header.kid)
        sheet = self._ground.election.sheet_number(letter.report.sheet)
        findings = self._gates(letter, stage, device, sheet)
        refused = any(finding.outcome == "failed" for finding in findings)
        if device is None or sheet is None or refused:
            return Heard(findings, sheet, refused=refused)
        if device.awaits(letter.report.id):
            # Its own device replaced it before it came: it stays in the record and counts for nothing.
            device.has_said(letter.report.id, sheet, self._ground.ballots)
            return Heard(findings, sheet, refused=True)
        case = self._case(letter, cast(Stage, stage), device, sheet)
        findings += judged(self._scene(case), self._rules)
        touched = set() if case.moved_from is None else {case.moved_from}
        official = case.stage == "official"
        if official:
            self._count.announce(sheet, _claim(position, case, findings), self.interests)
        elif taken := self._claim(position, case, findings):
            touched.add(sheet)
        return Heard(findings, sheet, tuple(sorted(touched)), counts=not official, refused=not (official or taken))

    def official(self, sheet: int) -> list[Finding]:
        """Set what each group last reported as the authority's figures beside ours; nothing is said twice."""
        record, shape = self._count.record(sheet), self._ground.shape(sheet)
        ours, found = self._ours(record), []
        last = {self.interests.group(claim.network): claim.row for claim in record.officials}
        for row in dict.fromkeys(last.values()):
            laid = Laid(row, sum(count for count in shape.counts(row) if count > 0), votes_known(row), None)
            scene = Scene(policy=self.policy, stage="official", figures=Figures(), shape=shape, laid=laid, ours=ours)
            found.append(official_matches_ours(scene))
        return found

    def _gates(self, letter: Letter, stage: str, device: Device | None, sheet: int | None) -> list[Finding]:
        report, kid = letter.report, letter.jws.header.kid
        known = sheet is not None or (stage == "official" and self._whole_area(report.sheet))
        gates = [
            admission.device_is_enrolled(device, kid, letter.at),
            admission.signature_holds(None if device is None else self._register.signed(letter.jws)),
            admission.election_is_ours(report.election, self._ground.election.id),
            admission.sheet_is_known(report.sheet, known),
            admission.stage_is_allowed(stage, None if device is None else device.level, self.policy),
            admission.report_is_new(None if device is None else report.id in device.reports),
        ]
        if stage in COUNTING and sheet is not None:
            gates.append(admission.device_has_room(self._room(device, sheet), self.policy))
        if stage == "reading" and sheet is not None:
            gates.append(self._blind(report, kid, sheet))
        if stage == "official":
            gates.append(admission.official_from_own_area(report.sheet, self._inside(device, report.sheet)))
        return gates

    def _room(self, device: Device | None, sheet: int) -> bool | None:
        """Tell whether a device may speak about this station too; who has a role may about any."""
        if device is None or not device.level:
            return None
        ballots = self._ground.ballots
        return device.level > 1 or device.has_room(sheet // ballots, ballots, self.policy.evening.stations)

    def _inside(self, device: Device | None, named: str) -> bool | None:
        """Tell whether a sheet is one of which a device may report the authority's figures; None where nothing limits it."""
        return None if device is None or device.areas is None else self._ground.lies_in(named, device.areas)

    def _whole_area(self, named: str) -> bool:
        """Tell whether a name like 10-01/constituency is that of a ballot in a whole area, for which the authority speaks too."""
        return self._ground.election.area_sheet(named) is not None

    def _blind(self, report: Report, kid: str, sheet: int) -> Finding:
        voice, told = self._register.voice(kid), self._count.record(sheet).claims
        own = any(claim.stage != "reading" and self._register.voice(claim.device) == voice for claim in told)
        shown = self._count.photographed(sheet // self._ground.ballots, letters.photograph(report.photo))
        if shown is None and self._whole:
            shown = False  # nobody has reported this photograph
        return admission.reading_is_blind("reading", shown, reads_itself=own)

    def _case(self, letter: Letter, stage: Stage, device: Device, sheet: int) -> _Case:
        shape = self._ground.shape(sheet)
        figures, absurd = letters.plausible(letter.report, self.policy.tolerances.largest)
        record = self._count.record(sheet)
        case = _Case(letter, stage, device, sheet, record, shape, figures, absurd, shape.lay(figures))
        self._replace(case)
        device.has_said(letter.report.id, sheet, self._ground.ballots)
        if device.home is None and stage in COUNTING:
            device.home = sheet // self._ground.ballots
        return case

    def _replace(self, case: _Case) -> None:
        """Withdraw the report that this one replaces; one that has not come yet is withdrawn when it comes."""
        named, device = case.letter.report.replaces, case.device
        if named is None:
            return
        case.moved_from = device.reports.get(named)
        if case.moved_from is not None:
            case.replaces = "own"
            self._count.withdraw(case.moved_from, device.kid, named)
        elif any(claim.id == named for claim in case.record.claims):
            case.replaces = "foreign"
        else:
            case.replaces = "awaited"
            device.await_report(named)

    def _scene(self, case: _Case) -> Scene:
        """Gather what the rules may look at; what only finals are compared with is left out for progress."""
        report, kid, record = case.letter.report, case.device.kid, case.record
        progress, whole = case.stage == "progress", self._whole
        other = None if progress else self._ground.other(case.sheet)
        top, home = case.laid.top, case.device.home
        station = case.sheet // self._ground.ballots
        return Scene(
            policy=self.policy,
            stage=case.stage,
            figures=case.figures,
            shape=case.shape,
            laid=case.laid,
            absurd=case.absurd,
            eligible=self._ground.eligible[station] or None,
            closes=self._ground.closes,
            received=case.letter.at,
            observed=None if report.observed_at is None else letters.seconds(report.observed_at),
            seq=report.seq,
            replaces=case.replaces,
            earlier=progress_of(record, kid) if progress else None,
            finals=() if progress else tuple(c.row for c in record.claims if c.device == kid and c.stage == "final"),
            live=None if progress else best_progress(record.claims, self.interests),
            other=self._count.profile(other),
            partner=None if other is None or top is None else self._ground.partner(case.sheet, other, top),
            neighbours=None if progress else self._count.neighbours(case.sheet, other),
            twin=self._twin(case) if whole else None,
            photo_twin=self._photo_twin(case) if whole else None,
            place=letters.place(report),
            station_place=self._ground.place(station),
            home_place=None if home is None else self._ground.place(home),
            home=self._ground.codes[home] if whole and home is not None else None,
            station=self._ground.codes[station],
            duty=tuple([self._ground.codes[number] for number in case.device.duty]),
            ours=self._ours(record),
            officials=self._officials(case) if case.stage == "official" else None,
        )

    def _twin(self, case: _Case) -> str | None:
        if case.stage != "final" or not case.laid.known or case.laid.total < self.policy.evening.copied_votes:
            return None
        return self._count.twin(case.sheet, case.laid.row, case.moved_from)

    def _photo_twin(self, case: _Case) -> str | None:
        shown = letters.photographs(case.letter.report) if case.stage in COUNTING else []
        return self._count.photo_twin(case.sheet, shown, case.moved_from) if shown else None

    def _officials(self, case: _Case) -> tuple[Row, ...] | None:
        """Give what other groups report as the authority's figures; None where nobody knows of what group a device is."""
        if not self._whole:
            return None
        group = self.interests.group(case.device.network)
        others = [claim for claim in case.record.officials if self.interests.group(claim.network) != group]
        return tuple({self.interests.group(claim.network): claim.row for claim in others}.values())

    def _ours(self, record: Record) -> bytes | None:
        return record.standing.row if record.standing.layer in COUNTED else None

    def _claim(self, position: int, case: _Case, findings: list[Finding]) -> bool:
        """Add the claim to its sheet, when its group has not spoken there too often; tell whether it was added."""
        group, tolerance = self.interests.group(case.device.network), self.policy.agreement.tolerance
        said = [claim for claim in case.record.claims if self.interests.group(claim.network) == group]
        finals = () if case.stage == "progress" else [claim for claim in said if claim.stage != "progress"]
        own = sum(claim.device == case.device.kid for claim in finals)
        room = admission.group_has_room(len(said), self.policy, own=own)
        if room.outcome == "failed":
            dissents = first_to_differ(case.laid.row, [claim.row for claim in said], tolerance)
            room = admission.group_has_room(len(said), self.policy, own=own, dissents=dissents)
        claim = _claim(position, case, findings)
        findings.append(room)
        if room.outcome == "failed":
            return False
        self._count.add(case.sheet, claim)
        return True


def _claim(position: int, case: _Case, findings: list[Finding]) -> Claim:
    device, report = case.device, case.letter.report
    return Claim(
        position,
        report.id,
        device.kid,
        device.network,
        case.stage,
        case.laid.row,
        case.laid.total,
        report.seq,
        case.letter.at,
        tuple([finding.rule for finding in findings if finding.outcome == "failed"]),
        device.channel,
    )

"""The state of the count: what was claimed about every sheet, what is held true for it, and what was seen anywhere before."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from sapparot.verify.facts import NOTHING, Claim, Profile, Row, Standing
from sapparot.verify.ground import Ground
from sapparot.verify.hood import Hood, Surroundings
from sapparot.verify.policy import Interests
from sapparot.verify.shapes import ballots_cast
from sapparot.verify.states import step, weigh

T = TypeVar("T")
NEVER = -(2**63)
COUNTED = frozenset({"reported", "confirmed", "settled"})
"""Layers with final figures."""


class Record(Struct, gc=False):
    """Everything about one sheet. `officials` holds what each device last reported as the authority's figures, `profile` ours as the
    neighbours see them.

    `decided` is when the last decision that held was made, in microseconds since 1970.
    """

    claims: tuple[Claim, ...] = ()
    standing: Standing = NOTHING
    profile: Profile | None = None
    officials: tuple[Claim, ...] = ()
    decided: int = NEVER


class Count:
    """Records by sheet number, and the memory of figures and photographs."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self._records: list[Record | None] = [None] * (len(ground.codes) * ground.ballots)
        self._photographs: dict[int, int] = {}
        self._figures: dict[Row, int] = {}
        self._hoods: dict[int, Hood] = {}

    def record(self, sheet: int) -> Record:
        """Give the record of a sheet, a fresh one when nothing was said about it."""
        record = self._records[sheet]
        if record is None:
            record = self._records[sheet] = Record()
        return record

    def sheets(self) -> Iterable[int]:
        """Give every sheet about which something was said, in order."""
        return [sheet for sheet, record in enumerate(self._records) if record is not None]

    def profile(self, sheet: int | None) -> Profile | None:
        """Give what is counted for a sheet."""
        record = None if sheet is None else self._records[sheet]
        return None if record is None else record.profile

    def add(self, sheet: int, claim: Claim) -> None:
        """Take a claim. Of a device's progress the one that has seen most votes stays."""
        record = self.record(sheet)
        row = next((known.row for known in record.claims if known.row == claim.row), None)
        if row is not None and row is not claim.row:
            claim = replace(claim, row=row)  # equal claims share one row in memory
        if claim.stage != "progress":
            record.claims += (claim,)
            return
        earlier = progress_of(record, claim.device)
        if earlier is None:
            record.claims += (claim,)
        elif (claim.total, claim.row) > (earlier.total, earlier.row):
            record.claims = tuple(claim if known is earlier else known for known in record.claims)

    def announce(self, sheet: int, claim: Claim, interests: Interests) -> None:
        """Take what a device reports as the authority's figures; of its own the newest stays, by the device's own count.

        As many of one group stay as the group has room for claims: the latest.
        """
        record = self.record(sheet)
        earlier = next((known for known in record.officials if known.device == claim.device), None)
        if earlier is not None and claim.seq < earlier.seq:
            return
        kept, group = [known for known in record.officials if known is not earlier], interests.group(claim.network)
        spoken = [known for known in kept if interests.group(known.network) == group]
        if len(spoken) >= interests.agreement.room:
            kept.remove(spoken[0])
        record.officials = (*kept, claim)

    def withdraw(self, sheet: int, device: str, report: str) -> None:
        """Forget a claim that its own device has replaced."""
        record = self.record(sheet)
        record.claims = tuple(claim for claim in record.claims if claim.device != device or claim.id != report)
        record.officials = tuple(claim for claim in record.officials if claim.device != device or claim.id != report)

    def withdraw_since(self, sheet: int, device: str, moment: int) -> None:
        """Forget what a device claimed from a moment on."""
        record = self.record(sheet)
        record.claims = tuple(claim for claim in record.claims if claim.device != device or claim.at < moment)
        record.officials = tuple(claim for claim in record.officials if claim.device != device or claim.at < moment)

    def restate(self, sheet: int, interests: Interests) -> tuple[Standing, Standing] | None:
        """Weigh the claims of a sheet again; give what was held and what is held now when that changed."""
        record = self.record(sheet)
        verdict = weigh(record.claims, interests)
        return self.hold(sheet, step(record.standing, verdict, interests.agreement.tolerance))

    def hold(self, sheet: int, now: Standing) -> tuple[Standing, Standing] | None:
        """Hold a standing for a sheet; give what was held and what is held now when that changed."""
        record = self.record(sheet)
        was, record.standing = record.standing, now
        if was.row != now.row or was.layer != now.layer:
            if was.row != now.row or (was.layer in COUNTED) != (now.layer in COUNTED):
                record.profile = self._profile(sheet, now)
                self._hood(sheet).put(self.ground.hood_place(sheet), record.profile)
        elif was.state == now.state and was.sources == now.sources:
            return None
        return was, now

    def neighbours(self, sheet: int, other: int | None) -> Surroundings:
        """Give the counted figures of neighbouring stations: on this ballot, and on that of `other` where it is contested."""
        place = self.ground.hood_place(sheet)
        return Surroundings(self._hood(sheet), place, None if other is None else self._hood(other))

    def twin(self, sheet: int, row: Row, moved_from: int | None) -> str:
        """Give the code of another station that has the same figures, "" when there is none; remember them.

        `moved_from` is a sheet whose report this one replaces: what stood there stands here now.
        """
        return self._elsewhere(self._figures, row, sheet, moved_from)

    def photo_twin(self, sheet: int, photographs: Iterable[int], moved_from: int | None) -> str:
        """Give the code of another station that has one of the photographs, "" when there is none; remember them."""
        found = ""
        for photograph in photographs:
            elsewhere = self._elsewhere(self._photographs, photograph, sheet, moved_from)
            found = found or elsewhere
        return found

    def photographed(self, station: int, photograph: int | None) -> bool | None:
        """Tell whether a photograph was reported for a station; None when it was never reported."""
        sheet = None if photograph is None else self._photographs.get(photograph)
        return None if sheet is None else sheet // self.ground.ballots == station

    def _elsewhere(self, memory: dict[T, int], key: T, sheet: int, moved_from: int | None) -> str:
        ballots = self.ground.ballots
        station = memory.setdefault(key, sheet) // ballots
        if station == sheet // ballots:
            return ""
        if moved_from is not None and station == moved_from // ballots:
            memory[key] = sheet
            return ""
        return self.ground.codes[station]

    def _hood(self, sheet: int) -> Hood:
        """Give the hood of a sheet: its neighbourhood in its contest."""
        number = self.ground.hood(sheet)
        hood = self._hoods.get(number)
        if hood is None:
            hood = self._hoods[number] = Hood([None] * self.ground.hood_size(sheet))
        return hood

    def _profile(self, sheet: int, standing: Standing) -> Profile | None:
        if standing.row is None or standing.layer not in COUNTED:
            return None
        counts = self.ground.shape(sheet).counts(standing.row)
        if min(counts, default=0) < 0:
            counts = tuple([max(0, count) for count in counts])
        cast, eligible = ballots_cast(standing.row), self.ground.eligible[sheet // self.ground.ballots]
        turnout = cast * 1000 // eligible if cast is not None and eligible else None
        return Profile(standing.row, sum(counts), turnout, counts.index(max(counts)))


def progress_of(record: Record, device: str) -> Claim | None:
    """Give the progress that a device has claimed."""
    return next((claim for claim in record.claims if claim.device == device and claim.stage == "progress"), None)

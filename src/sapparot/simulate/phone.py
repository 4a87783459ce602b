"""What a volunteer's phone writes: reports made and signed on the device (docs/formats/report.md), the same bytes every time."""

from __future__ import annotations

import hashlib
from datetime import datetime, tzinfo
from typing import Any

import numpy as np
from msgspec import Struct

from sapparot.base import canonical
from sapparot.base.jws import SigningKey, b64
from sapparot.simulate.evening import NONE, Events, Slip, Stage, Trick
from sapparot.simulate.mistakes import Counted, lie, slipped
from sapparot.simulate.people import Crew, device_key
from sapparot.simulate.photograph import form_photograph
from sapparot.simulate.truth import Truth

REPORT_TYPE = "sapparot-report+jwt"
DEVICE_TYPE = "sapparot-device+jwt"
APP = "simulated/1.0"
STAGES = {stage: stage.name.lower() for stage in Stage}
STRANGERS_FROM = 1_000_000_000
"""Device numbers of phones that never enrol."""
REPLACED_FROM = 2_000_000_000
"""From here on, device numbers of phones that were enrolled in place of lost ones."""
MICRODEGREES_PER_PLACE = 10_000


class Occurrence(Struct, frozen=True, array_like=True):
    """One event of the schedule in plain values; the members are those of ``evening.EVENT``."""

    due: float
    made: float
    device: int
    sheet: int
    stage: int
    share: int
    slip: int
    trick: int
    salt: int
    replaces: int
    again: int
    seq: int
    photo: int
    parcel: int


class Phones:
    """The phones of an evening. ``zone`` is the local time of the election; keys are made on first use and kept."""

    def __init__(self, truth: Truth, crew: Crew, events: Events, seed: int, zone: tzinfo) -> None:
        self._truth = truth
        self._crew = crew
        self._events = events
        self._seed = seed
        self._zone = zone
        self._keys: dict[int, SigningKey] = {}
        self._names = [tuple(str(option.number) for option in contest) for contest in truth.contests]
        self._home = np.stack([truth.lat, truth.lon], axis=1) // MICRODEGREES_PER_PLACE

    def enrolment(self, device: int, invite: str) -> bytes:
        """Return what the device sends to enrol."""
        payload = canonical.encode({"v": 1, "invite": invite})
        return self.key(device).sign(payload, DEVICE_TYPE, embed_key=True).encode()

    def line(self, row: int) -> tuple[bytes, bytes | None]:
        """Return the report of an event as one line, and the photograph that it names."""
        event = Occurrence(*self._events[row].item())
        if event.again != NONE:
            return self.line(event.again)[0], None
        counted = self.counted(event)
        photo = self._photograph(event) if event.photo else None
        payload = canonical.encode(self._payload(row, event, counted, photo))
        if event.trick >= Trick.FORGED:
            return self._unwanted(event, payload), None
        return self.key(event.device).sign(payload, REPORT_TYPE).encode(), photo

    def report_id(self, row: int) -> str:
        """Return the UUIDv7 (RFC 9562) of the report of an event: its time from the phone's clock, the rest from the seed."""
        made = float(self._events["made"][row]) + int(self._crew.clock_off[self._events["device"][row]])
        rest = int.from_bytes(hashlib.blake2b(b"%d %d" % (self._seed, row), digest_size=10).digest(), "big")
        value = int(made * 1000) << 80 | 7 << 76 | (rest >> 64 & 0xFFF) << 64 | 2 << 62 | rest & (1 << 62) - 1
        text = f"{value:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def key(self, device: int) -> SigningKey:
        """Return the signing key of a device."""
        key = self._keys.get(device)
        if key is None:
            number = REPLACED_FROM + device if self._crew.lost[device] else device
            key = self._keys[device] = device_key(self._seed, number)
        return key

    def counted(self, event: Occurrence) -> Counted:
        """Return the figures as the phone's owner enters them at this stage."""
        station, ballot = divmod(event.sheet, len(self._truth.ballots))
        contest = int(self._truth.contest[ballot, station])
        row = self._truth.votes[ballot][station, : len(self._names[contest])]
        spoiled, no_vote = int(self._truth.spoiled[ballot, station]), int(self._truth.no_vote[ballot, station])
        seen = row.tolist()
        if event.share < 1000:
            seen = [votes * event.share // 1000 for votes in seen]
            spoiled, no_vote = spoiled * event.share // 1000, no_vote * event.share // 1000
        counted = Counted(tuple(seen), sum(seen), spoiled, no_vote)
        if event.slip == Slip.NOTHING:
            return counted
        if event.slip != Slip.LIE:
            return slipped(counted, event.slip, event.salt)
        return self._lied(event, counted, contest, np.argsort(-row, kind="stable").tolist())

    def _lied(self, event: Occurrence, counted: Counted, contest: int, order: list[int]) -> Counted:
        liar = int(self._crew.lies_for[event.device])
        if liar < 0:
            return lie(counted, order, None, event.salt)
        party = self._crew.networks[liar].party
        rows = [row for row, option in enumerate(self._truth.contests[contest]) if option.party == party]
        return lie(counted, order, rows[0], event.salt) if rows else counted

    def _payload(self, row: int, event: Occurrence, counted: Counted, photo: bytes | None) -> dict[str, Any]:
        truth = self._truth
        station, ballot = divmod(event.sheet, len(truth.ballots))
        names = self._names[int(truth.contest[ballot, station])]
        observed = datetime.fromtimestamp(event.made + int(self._crew.clock_off[event.device]), self._zone)
        votes = dict(zip(names, counted.votes, strict=True))
        if None in counted.votes:
            votes = {name: count for name, count in votes.items() if count is not None}
        return {
            "v": 1,
            "id": self.report_id(row),
            "election": truth.election,
            "sheet": truth.sheet_key(event.sheet),
            "stage": STAGES[Stage(event.stage)],
            "votes": votes,
            "valid": counted.valid,
            "spoiled": counted.spoiled,
            "no_vote": counted.no_vote,
            "ballots_cast": int(truth.cast[station]) if event.stage != Stage.PROGRESS else None,
            "eligible": int(truth.eligible[station]),
            "evidence": [{"role": "form", "page": 1, "sha256": hashlib.sha256(photo).hexdigest()}] if photo else [],
            "observed_at": observed.isoformat(timespec="seconds"),
            "seq": event.seq,
            "replaces": self.report_id(event.replaces) if event.replaces != NONE else None,
            "app": APP,
            "place": self._home[station].tolist(),
        }

    def _photograph(self, event: Occurrence) -> bytes:
        """Draw the form as it hangs at the station, whatever the phone's owner made of it."""
        station, ballot = divmod(event.sheet, len(self._truth.ballots))
        names = self._names[int(self._truth.contest[ballot, station])]
        rows = list(zip(names, self._truth.votes[ballot][station].tolist(), strict=False))
        return form_photograph(self._truth.sheet_key(event.sheet), rows, event.salt)

    def _unwanted(self, event: Occurrence, payload: bytes) -> bytes:
        """Return a line that must be refused: forged, by a stranger, or no report at all."""
        if event.trick == Trick.STRANGER:
            return device_key(self._seed, STRANGERS_FROM + event.device).sign(payload, REPORT_TYPE).encode()
        if event.trick == Trick.LOST:
            return device_key(self._seed, event.device).sign(payload, REPORT_TYPE).encode()
        signed = self.key(event.device).sign(payload, REPORT_TYPE)
        if event.trick == Trick.GARBAGE:
            return (signed[:300], "hello", '{"votes":{"1":100}}', signed.replace(".", ","))[event.salt % 4].encode()
        told = signed.rpartition(".")[0]
        other = device_key(self._seed, STRANGERS_FROM + event.device)
        return f"{told}.{b64(other.raw_sign(told.encode()))}".encode()

"""What the count holds while it folds: devices, claims, what each sheet is held for, and the two memories."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from tests.second.figures import Profile, Row, agree, in_bytes
from tests.second.ground import Contest, Election, SheetId, Station
from tests.second.policy import Policy
from tests.second.reading import Members

COUNTED = frozenset({"reported", "confirmed", "settled"})
"""Layers that count."""
Key = TypeVar("Key")


class Held(NamedTuple):
    """What is held of a sheet."""

    state: str
    layer: str
    row: Row | None
    sources: int


NOTHING = Held("empty", "none", None, 0)


@dataclass(eq=False)
class Device:
    """A device as the network that enrolled it first describes it."""

    kid: str
    network: str
    voice: str
    key: Members
    level: int = 0
    since: int = 0
    until: int = 0
    areas: list[str] | None = None
    channel: str = ""
    revoked: int | None = None
    said: dict[str, SheetId] = field(default_factory=dict)
    awaited: set[str] = field(default_factory=set)
    home: int | None = None
    duties: list[str] = field(default_factory=list)

    def trouble(self, at: int) -> str | None:
        if self.revoked is not None and at >= self.revoked:
            return "revoked"
        return None if self.since <= at < self.until else "expired"


@dataclass(frozen=True, eq=False)
class Claim:
    """What a device said about a sheet."""

    position: int
    id: str
    device: Device
    channel: str
    stage: str
    row: Row
    total: int
    seq: int
    received: int
    failed: frozenset[str]

    @property
    def network(self) -> str:
        return self.device.network

    @property
    def size(self) -> tuple[int, bytes]:
        """The order of progress."""
        return self.total, in_bytes(self.row)


@dataclass
class Sheet:
    """Everything about one sheet."""

    claims: list[Claim] = field(default_factory=list)
    official: list[Claim] = field(default_factory=list)
    held: Held = NOTHING
    decided: int | None = None

    def withdraw(self, gone: Callable[[Claim], bool]) -> None:
        self.claims = [claim for claim in self.claims if not gone(claim)]
        self.official = [claim for claim in self.official if not gone(claim)]

    def progress_of(self, device: Device) -> Claim | None:
        own = (claim for claim in self.claims if claim.stage == "progress" and claim.device is device)
        return next(own, None)


@dataclass
class Book:
    """The count of one election."""

    election: Election
    policy: Policy
    sheets: defaultdict[SheetId, Sheet] = field(default_factory=lambda: defaultdict(Sheet))
    photographs: dict[str, SheetId] = field(default_factory=dict)
    rows: dict[bytes, SheetId] = field(default_factory=dict)

    def contest(self, sheet: SheetId) -> Contest:
        contest = self.election.contest(sheet)
        assert contest is not None
        return contest

    def station(self, sheet: SheetId) -> Station:
        return self.election.stations[sheet.station]

    def group(self, claim: Claim) -> str:
        return self.policy.group(claim.network)

    def sound(self, claim: Claim) -> bool:
        return not any(self.policy.weight(rule) == "dispute" for rule in claim.failed)

    def agree(self, one: Row, other: Row) -> bool:
        return agree(one, other, self.policy.agreement["tolerance"])

    def best_progress(self, sheet: SheetId) -> Row | None:
        claims = self.sheets[sheet].claims
        sound = [claim for claim in claims if claim.stage == "progress" and self.sound(claim)]
        return max(sound, key=lambda claim: claim.size).row if sound else None

    def last_officials(self, sheet: SheetId) -> dict[str, Row]:
        """Give the last official figures of each group, in the order in which groups first stand in the list."""
        return {self.group(claim): claim.row for claim in self.sheets[sheet].official}

    def profile(self, sheet: SheetId) -> Profile | None:
        held = self.sheets[sheet].held
        if held.layer not in COUNTED or held.row is None:
            return None
        return Profile(held.row, self.station(sheet).eligible)

    def other_ballot(self, sheet: SheetId) -> SheetId | None:
        number = len(self.election.ballots)
        other = SheetId(sheet.station, (sheet.ballot + 1) % number)
        return other if other != sheet and self.election.contest(other) else None

    def neighbours(self, sheet: SheetId) -> Iterator[tuple[SheetId, Profile]]:
        contest = self.contest(sheet)
        for station in self.election.blocks.get(sheet.station, ()):
            beside = SheetId(station, sheet.ballot)
            profile = self.profile(beside)
            if beside != sheet and profile is not None and self.election.contest(beside) is contest:
                yield beside, profile

    def look_up(self, memory: dict[Key, SheetId], key: Key, sheet: SheetId, moved: SheetId | None) -> str | None:
        """Give the station at which the key was first seen, when that is another one."""
        first = memory.setdefault(key, sheet)
        if first.station == sheet.station:
            return None
        if moved is not None and first.station == moved.station:
            memory[key] = sheet
            return None
        return self.station(first).code

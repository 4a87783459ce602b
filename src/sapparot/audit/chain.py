"""Who may sign: networks announce their keys, networks enrol and revoke devices, devices sign reports. All of it stands in the log."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from sys import intern
from typing import Any, TypeAlias

import msgspec
from msgspec import Struct

from sapparot.audit.wording import plain
from sapparot.base import canonical
from sapparot.base.clock import stamp
from sapparot.base.jws import MalformedJws, PublicKey, thumbprint
from sapparot.publish.facts import SnapshotPublished
from sapparot.tally import Entry
from sapparot.verify import letters
from sapparot.verify.problems import Unreadable
from sapparot.verify.register import DECIDING

RULING = ("election", "policy")
TOLD = frozenset(
    {"network", "enrolment", "revocation", "promise_key", "publication_key", "snapshot", "evidence", *RULING}
)
"""Kinds of entries that a later pass must know of."""
TIMED = frozenset({"report", "evidence"})
"""Kinds of entries whose `at` says when the server took them."""
HASH = re.compile("[0-9a-f]{64}")
_STATEMENTS: dict[str, tuple[str, type[letters.Enrolment | letters.Revocation]]] = {
    "enrolment": (letters.ENROLMENT_TYPE, letters.Enrolment),
    "revocation": (letters.REVOCATION_TYPE, letters.Revocation),
}


class Network(Struct, gc=False):
    """A network announced its key."""

    position: int
    id: str
    kid: str
    key: dict[str, Any]


class Device(Struct, gc=False):
    """A network enrolled a device; `x` and `y` are the coordinates of its key, `y` empty for Ed25519.

    `by` is the thumbprint of the key that signed it, empty when the device is not named after its own; `same` an earlier device of its
    person, empty where none is named. `since` and `until` are seconds since 1970; `mark` is the SHA-256 of what was signed.
    """

    position: int
    kid: str
    network: str
    level: int
    x: str
    y: str
    by: str
    same: str
    since: int
    until: int
    mark: bytes

    def jwk(self) -> dict[str, Any]:
        """Return the device's public key."""
        curve = {"kty": "EC", "crv": "P-256", "y": self.y} if self.y else {"kty": "OKP", "crv": "Ed25519"}
        return {**curve, "x": self.x}


class Revoked(Struct, gc=False):
    """A network revoked a device from a moment on (seconds since 1970); `by` is the thumbprint of the key that signed it."""

    position: int
    kid: str
    network: str
    at: int
    by: str


class PromiseKey(Struct, gc=False):
    """The key of the promises was announced, for a log."""

    position: int
    log: str


class PublicationKey(Struct, gc=False):
    """The key of the manifests was announced."""

    position: int
    key: dict[str, Any]


class Snapshot(Struct, gc=False):
    """A snapshot was published."""

    position: int
    said: SnapshotPublished


class Photograph(Struct, gc=False):
    """A photograph was kept: SHA-256 (hexadecimal) of the original and of its published copy."""

    position: int
    original: str
    published: str


class Ruling(Struct, gc=False):
    """An election was defined, or a policy came into force."""

    position: int
    kind: str


Told: TypeAlias = Network | Device | Revoked | PromiseKey | PublicationKey | Snapshot | Photograph | Ruling


class _Taken(Struct):
    at: letters.Moment | None = None


class _PromiseKeyEntry(Struct):
    key: dict[str, Any]
    log: str


class _PublicationKeyEntry(Struct):
    key: dict[str, Any]


class _EvidenceEntry(Struct):
    original: str
    published: str


def read_told(position: int, kind: str, body: bytes) -> Told | str:
    """Read an entry of the kinds in TOLD; a string says why it cannot be read."""
    try:
        return Ruling(position, kind) if kind in RULING else _READ[kind](position, body)
    except (Unreadable, MalformedJws, msgspec.MsgspecError, KeyError, TypeError) as error:
        return plain(error)


def _network(position: int, body: bytes) -> Network:
    entry = letters.read(body, letters.NetworkEntry)
    return Network(position, entry.id, PublicKey.from_jwk(entry.key).kid, entry.key)


def _device(position: int, body: bytes) -> Device:
    jws, said = letters.open_statement(body, letters.ENROLMENT_TYPE, letters.Enrolment)
    x, y = str(said.key["x"]), str(said.key.get("y", ""))
    by = intern(jws.header.kid) if own_name(said.key) == said.kid else ""
    window = letters.seconds(said.since), letters.seconds(said.until)
    mark = sha256(jws.signing_input).digest()
    return Device(position, said.kid, intern(said.network), said.level, x, y, by, said.same or "", *window, mark)


def own_name(key: dict[str, Any]) -> str | None:
    """Return the thumbprint of a key, None when it cannot be one."""
    try:
        return thumbprint(key)
    except (KeyError, TypeError):
        return None


def _revoked(position: int, body: bytes) -> Revoked:
    jws, said = letters.open_statement(body, letters.REVOCATION_TYPE, letters.Revocation)
    return Revoked(position, said.kid, said.network, letters.seconds(said.at), jws.header.kid)


def _promise_key(position: int, body: bytes) -> PromiseKey:
    entry = canonical.decode(body, _PromiseKeyEntry)
    PublicKey.from_jwk(entry.key)
    return PromiseKey(position, entry.log)


def _publication_key(position: int, body: bytes) -> PublicationKey:
    entry = canonical.decode(body, _PublicationKeyEntry)
    PublicKey.from_jwk(entry.key)
    return PublicationKey(position, entry.key)


def _snapshot(position: int, body: bytes) -> Snapshot:
    return Snapshot(position, canonical.decode(body, SnapshotPublished))


def _photograph(position: int, body: bytes) -> Photograph:
    entry = canonical.decode(body, _EvidenceEntry)
    if not HASH.fullmatch(entry.original) or not HASH.fullmatch(entry.published):
        raise Unreadable("not a SHA-256 in hexadecimal")
    return Photograph(position, entry.original, entry.published)


_READ: dict[str, Callable[[int, bytes], Told]] = {
    "network": _network,
    "enrolment": _device,
    "revocation": _revoked,
    "promise_key": _promise_key,
    "publication_key": _publication_key,
    "snapshot": _snapshot,
    "evidence": _photograph,
}


class Chain(Struct):
    """Networks by id and devices by thumbprint, each with the position from which on they stand.

    An enrolment holds here exactly when it holds for the rules (`verify/register.py`), but that signatures are verified later. `named` also
    has devices whose enrolment is void, by their first one: it gives the key, whoever wrote it. `apart` are the positions of enrolments
    that are void because the device they name in `same` is not of the person. `again` has every enrolment that holds of a device with
    more than one; `repeated` says of those that stand in the log once more, after another had replaced them, where they stood first.
    `begun` is the position of the first report, None where there is none.
    """

    networks: dict[str, list[Network]] = {}
    devices: dict[str, Device] = {}
    named: dict[str, Device] = {}
    voices: dict[str, str] = {}
    apart: set[int] = set()
    deciders: dict[str, list[Device]] = {}
    revoked: dict[str, list[Revoked]] = {}
    again: dict[str, list[Device]] = {}
    marks: dict[bytes, int] = {}
    repeated: dict[int, int] = {}
    begun: int | None = None

    def take(self, told: Network | Device | Revoked) -> None:
        """Take what the log says, in its order. Of a device only the network speaks that enrolled it first."""
        if isinstance(told, Network):
            self.networks.setdefault(told.id, []).append(told)
        elif isinstance(told, Revoked):
            device, network = self.devices.get(told.kid), self.network(told.network, told.position)
            if device is not None and network is not None and (device.network, network.kid) == (told.network, told.by):
                self.revoked.setdefault(told.kid, []).append(told)
        else:
            if told.by:
                self.named.setdefault(told.kid, told)
            if self._holds(told):
                first = self.devices.setdefault(told.kid, told)
                if first is not told:
                    self._replace(first, told)
                if told.level >= DECIDING or told.kid in self.deciders:
                    self.deciders.setdefault(told.kid, []).append(told)

    def _replace(self, first: Device, told: Device) -> None:
        """Take another enrolment of a device: from here on this one says its level and its time."""
        known = self.again.setdefault(told.kid, [first])
        self.marks.setdefault(first.mark, first.position)
        earlier = self.marks.setdefault(told.mark, told.position)
        if earlier != told.position and known[-1].mark != told.mark:
            self.repeated[told.position] = earlier
        known.append(told)

    def _holds(self, told: Device) -> bool:
        network, first = self.network(told.network, told.position), self.devices.get(told.kid)
        if network is None or network.kid != told.by or (first is not None and first.network != told.network):
            return False
        if told.same:
            other = self.devices.get(told.same)
            voice = self.voices.get(told.same, told.same)
            known = voice if first is None else self.voices.get(told.kid, told.kid)
            if other is None or other.network != told.network or told.same == told.kid or known != voice:
                self.apart.add(told.position)
                return False
            self.voices[told.kid] = voice
        return True

    def network(self, identity: str, position: int) -> Network | None:
        """Return a network with the key that it had before a position."""
        known = self.networks.get(identity, [])
        before = bisect_left(known, position, key=lambda network: network.position)
        return known[before - 1] if before else None

    def device(self, kid: str, position: int) -> Device | None:
        """Return a device that an enrolment named before a position, be it void: a replaced key of the network says nothing of its own."""
        device = self.named.get(kid)
        return device if device is not None and device.position < position else None

    def in_force(self, kid: str, position: int) -> Device | None:
        """Return the enrolment of a device that holds at a position, None where there is none."""
        first = self.devices.get(kid)
        known = self.again.get(kid) or ([] if first is None else [first])
        before = bisect_left(known, position, key=lambda device: device.position)
        return known[before - 1] if before else None

    def level(self, kid: str, position: int) -> int:
        """Return the level of a device at a position, as far as deciding goes: 0 when it never had one that may decide."""
        known = [device.level for device in self.deciders.get(kid, []) if device.position < position]
        return known[-1] if known else 0


class Enrolled(Struct, frozen=True):
    """A device as a network enrolled it: where, from when on, at which level, and whether it was revoked later."""

    position: int
    since: str
    level: int
    kid: str
    revoked: bool


def enrolments(entries: Callable[[], Iterable[Entry]], network: str, moment: datetime | None = None) -> list[Enrolled]:
    """List what `network` enrolled, in the order of the log; with a moment only what it took, or what holds, from then on.

    An enrolment has no time of its own in the log, and whoever holds the network's key writes any `from` into it: the times of reports and
    photographs before it say when it was taken. Signatures are not verified here.
    """
    found: list[tuple[int, letters.Enrolment]] = []
    revoked: set[str] = set()
    reached = datetime.min.replace(tzinfo=UTC)
    for position, kind, body in entries():
        if kind in TIMED:
            reached = max(reached, _taken(body) or reached)
        elif kind in _STATEMENTS:
            try:
                said = letters.open_statement(body, *_STATEMENTS[kind])[1]
            except Unreadable:
                continue
            if said.network != network:
                continue
            if isinstance(said, letters.Revocation):
                revoked.add(said.kid)
            elif moment is None or max(reached, said.since) >= moment:
                found.append((position, said))
    return [Enrolled(at, stamp(said.since), said.level, said.kid, said.kid in revoked) for at, said in found]


def announced(entries: Callable[[], Iterable[Entry]]) -> dict[str, None]:
    """List the ids of the networks that a log announces, in its order."""
    found: dict[str, None] = {}
    for _, kind, body in entries():
        if kind == "network":
            with suppress(Unreadable):
                found[letters.read(body, letters.NetworkEntry).id] = None
    return found


def _taken(body: bytes) -> datetime | None:
    try:
        return letters.read(body, _Taken).at
    except Unreadable:
        return None

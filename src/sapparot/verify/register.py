"""The register of networks and devices, as the log tells it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from msgspec import Struct

from sapparot.base.jws import Jws, MalformedJws, PublicKey, thumbprint
from sapparot.verify import letters
from sapparot.verify.problems import Unreadable

DECIDING = 2
"""The lowest level that a policy may let decide; from here on keys are always kept."""
SignatureCheck: TypeAlias = Callable[[Jws, dict[str, Any]], bool]
"""Tells whether a public JWK signed a JWS."""


def genuine(jws: Jws, key: dict[str, Any]) -> bool:
    """Tell whether a public JWK signed a JWS: the check that an audit gives to the engine."""
    try:
        return PublicKey.from_jwk(key).verify(jws)
    except MalformedJws:
        return False


class Device(Struct, gc=False):
    """An enrolled device; times are seconds since 1970. `reports` maps the ids it used to sheet numbers.

    `awaited` holds ids that it has replaced before they arrived, None while there is none; `home` is the first station it
    reported from. `channel` is empty for a device that signs for itself; another one is what the log first said of the key.
    `stations` holds those about which it has made claims, None until there may be many.
    `voice` is the first device of the same person, as far as the log tells: itself where nothing is said. `areas` are those of
    which it may report the authority's figures, None for all. `duty` are the numbers of the stations at which its owner has a
    duty, empty while nothing is known.
    """

    kid: str
    network: str
    level: int
    since: int
    until: int
    reports: dict[str, int]
    revoked: int | None = None
    home: int | None = None
    awaited: set[str] | None = None
    channel: str = ""
    voice: str = ""
    areas: tuple[str, ...] | None = None
    stations: set[int] | None = None
    duty: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Let a device speak for itself unless something else is said."""
        self.voice = self.voice or self.kid

    def has_room(self, station: int, ballots: int, most: int) -> bool:
        """Tell whether the device may speak about a station when it may about `most`; stations are looked at once they can be as many."""
        if self.stations is None:
            if len(self.reports) < most:
                return True
            self.stations = {sheet // ballots for sheet in self.reports.values()}
        return len(self.stations) < most or station in self.stations

    def has_said(self, report: str, sheet: int, ballots: int) -> None:
        """Remember a report about a sheet."""
        self.reports[report] = sheet
        if self.stations is not None:
            self.stations.add(sheet // ballots)

    def awaits(self, report: str) -> bool:
        """Tell whether the device has replaced a report that is still to come."""
        return self.awaited is not None and report in self.awaited

    def await_report(self, report: str) -> None:
        """Remember that the device has replaced a report that is still to come."""
        if self.awaited is None:
            self.awaited = set()
        self.awaited.add(report)


class Said(Struct, frozen=True):
    """What a network said about a device; `objection` is one of the reasons in `wording`, None when it holds."""

    kid: str
    objection: str | None
    device: Device | None = None


class Register:
    """Networks by id and devices by thumbprint.

    With `presume`, for a reader who has no register, a device that is not in it is taken for a device of level 0, about which
    nothing is known.
    """

    def __init__(self, check: SignatureCheck | None = None, *, presume: bool = False) -> None:
        self._devices: dict[str, Device] = {}
        self._presume = presume
        self._networks: dict[str, tuple[str, dict[str, Any]]] = {}
        self._keys: dict[str, dict[str, Any]] = {}
        self._check = check

    def device(self, kid: str) -> Device | None:
        """Give an enrolled device."""
        device = self._devices.get(kid)
        if device is None and self._presume:
            device = self._devices[kid] = Device(kid, f"device {kid}", 0, 0, 0, {})
        return device

    def stands(self, kid: str, level: int, at: int) -> bool:
        """Tell whether a device of at least `level` is enrolled at a moment (seconds since 1970)."""
        device = self._devices.get(kid)
        if device is None or device.level < level:
            return False
        return device.since <= at < device.until and (device.revoked is None or at < device.revoked)

    def voice(self, kid: str) -> str:
        """Tell with whose voice a device speaks: devices of one person have the same."""
        device = self._devices.get(kid)
        return kid if device is None else device.voice

    def announce(self, body: bytes) -> None:
        """Take a `network` entry; raises Unreadable."""
        entry = letters.read(body, letters.NetworkEntry)
        try:
            key = PublicKey.from_jwk(entry.key)
        except MalformedJws as error:
            raise Unreadable("key") from error
        self._networks[entry.id] = (key.kid, entry.key)

    def enrol(self, body: bytes) -> Said:
        """Take an `enrolment` entry; raises Unreadable. A device stays with the network that enrolled it first."""
        jws, said = letters.open_statement(body, letters.ENROLMENT_TYPE, letters.Enrolment)
        reason = self._objection(jws, said.network)
        known = self._devices.get(said.kid)
        if reason is None and known is not None and known.network != said.network:
            # Else a hostile network could take over the devices of another one: their keys are public.
            reason = "taken"
        if reason is None and not _names(said.kid, said.key):
            reason = "key"
        voice = self._voice(said, known)
        if reason is None and voice is None:
            reason = "same"
        if reason is None and voice is not None:
            self._record(said, known, voice)
        return Said(said.kid, reason, self._devices.get(said.kid))

    def revoke(self, body: bytes) -> Said:
        """Take a `revocation` entry; raises Unreadable."""
        jws, said = letters.open_statement(body, letters.REVOCATION_TYPE, letters.Revocation)
        reason = self._objection(jws, said.network)
        device = self._devices.get(said.kid)
        if reason is None and (device is None or device.network != said.network):
            reason = "unknown" if device is None else "taken"
        if reason is not None or device is None:
            return Said(said.kid, reason)
        at = letters.seconds(said.at)
        device.revoked = at if device.revoked is None else min(at, device.revoked)
        return Said(said.kid, None, device)

    def assign(self, duties: dict[str, list[str]], stations: Mapping[str, int]) -> None:
        """Take at which stations owners of devices have duties; the last word on a key holds.

        Only devices that are enrolled already are kept: so the register alone bounds what is remembered.
        """
        for kid, named in duties.items():
            if (device := self.device(kid)) is not None:
                device.duty = tuple([stations[code] for code in named if code in stations])

    def signed(self, jws: Jws) -> bool | None:
        """Tell whether the enrolled device signed this; None when signatures are not checked again."""
        if self._check is None:
            return None
        return self._check(jws, self._keys.get(jws.header.kid, {}))

    def decided(self, jws: Jws) -> bool:
        """Tell whether a device of the war room signed this. Decisions are few and weigh most: they are checked by everyone."""
        return genuine(jws, self._keys.get(jws.header.kid, {}))

    def _voice(self, said: letters.Enrolment, known: Device | None) -> str | None:
        """Give the voice of a device that is enrolled; None when it is said to be that of a device which cannot be the person's.

        Whose a key once was it stays: else a network could make two people of one after the fact.
        """
        voice = said.kid if known is None else known.voice
        if said.same is None:
            return voice
        first = self._devices.get(said.same)
        if first is None or first.network != said.network or said.same == said.kid:
            return None
        return first.voice if known is None or voice == first.voice else None

    def _record(self, said: letters.Enrolment, known: Device | None, voice: str) -> None:
        since, until = letters.seconds(said.since), letters.seconds(said.until)
        areas = None if said.areas is None else tuple(said.areas)
        if self._check is not None or said.level >= DECIDING:
            self._keys[said.kid] = said.key
        if known is None:
            known = self._devices[said.kid] = Device(said.kid, said.network, said.level, since, until, {}, voice=voice)
        # What a key once was it stays: else a network could make sources of its gateway after the fact.
        known.channel = known.channel or ("text" if said.channel == "text" else "")
        known.level, known.since, known.until, known.areas = said.level, since, until, areas

    def _objection(self, jws: Jws, network: str) -> str | None:
        kid, key = self._networks.get(network, ("", {}))
        if not kid or jws.header.kid != kid:
            return "network"
        return "signature" if self._check is not None and not self._check(jws, key) else None


def _names(kid: str, key: dict[str, Any]) -> bool:
    """Tell whether a device is named after its key."""
    try:
        return thumbprint(key) == kid
    except (KeyError, TypeError):
        return False

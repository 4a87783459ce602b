"""The volunteers of an evening: their networks, where each stands, whom they are independent of.

A pair of neighbouring stations has two volunteers of different groups; each reports its own station and walks over to the other.
A station without a partner gets a second volunteer of its own. So every sheet has two independent sources.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from sapparot.base.jws import Algorithm, SigningKey
from sapparot.base.text import Text
from sapparot.simulate.mix import Mix
from sapparot.simulate.problems import SourceUnusable
from sapparot.simulate.published import Constituency
from sapparot.simulate.truth import Int32s, Truth

Bools: TypeAlias = NDArray[np.bool_]
NOBODY = -1
NOT, ANYONE = -1, -2
WRONG_CLOCKS = (-86_400, -25_200, -3_600, -420, 300, 1_500, 25_200)
"""Seconds: a day or a time zone off, an hour of summer time, clocks set by hand."""
HEAD = 2
"""The level of a constituency's head."""
EDDSA_PERMILLE = 150
"""Share of phones whose client signs with Ed25519 instead of P-256."""


class Network(msgspec.Struct, frozen=True, rename={"excluded": "except"}):
    """A network and where its volunteers stand; ``only`` and ``excluded`` name provinces."""

    id: str
    group: str
    name: Text
    share: int
    party: str | None = None
    only: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    heads: bool = False

    def works_in(self, province: str) -> bool:
        """Tell whether the network has people in a province."""
        return province in self.only if self.only else province not in self.excluded


class Crew(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """Every device of the evening, d in all, and who covers which of n stations."""

    networks: tuple[Network, ...]
    network: Int32s
    """Position in ``networks``, d."""
    level: Int32s
    home: Int32s
    """The station (for a head: a station of the constituency), d."""
    main: Int32s
    """Device of the station's own volunteer, n."""
    second: Int32s
    """Device of the second source, n; NOBODY where nobody came."""
    third: Int32s
    """Device of a further source, n; NOBODY at most stations."""
    head: Int32s
    """Device of the constituency's head, c."""
    clock_off: Int32s
    """Seconds by which the device's clock is wrong, d."""
    lies_for: Int32s
    """Whom the device's owner lies for, d: NOT at all, ANYONE, or a position in ``networks``."""
    offline: Bools
    """Whether the device loses its connection for an hour, d."""
    lost: Bools
    """Whether the device was lost and another one enrolled in its place, d."""

    def __len__(self) -> int:
        """Count the devices."""
        return len(self.network)


def invites_of(crew: Crew, truth: Truth, constituencies: Sequence[Constituency]) -> list[str]:
    """Return under which invite each device enrols: "network/level", and of a head's the constituency as well."""
    homes = truth.constituency[crew.home].tolist()
    of_all = zip(crew.network.tolist(), crew.level.tolist(), homes, strict=True)
    return [
        f"{crew.networks[network].id}/{level}{f'/{constituencies[home].code}' if level == HEAD else ''}"
        for network, level, home in of_all
    ]


def invited_by(name: str) -> tuple[str, int, str]:
    """Return network, level and constituency (empty for other levels than a head's) of what :func:`invites_of` names."""
    network, level, area = f"{name}/".split("/")[:3]
    return network, int(level), area


def read_networks(folder: Path) -> tuple[Network, ...]:
    """Read volunteers.toml of an election folder; raises SourceUnusable."""
    path = folder / "volunteers.toml"
    if not path.is_file():
        raise SourceUnusable(f"ไม่มีไฟล์ {path}", f"{path} is missing")
    try:
        table: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
        return msgspec.convert(table["networks"], tuple[Network, ...])
    except (tomllib.TOMLDecodeError, KeyError, msgspec.ValidationError) as error:
        raise SourceUnusable(f"อ่าน {path} ไม่ได้: {error}", f"{path} cannot be read: {error}") from error


def groups_of(networks: tuple[Network, ...]) -> Int32s:
    """Return a number for each network's group of interest."""
    return np.unique([network.group for network in networks], return_inverse=True)[1].astype(np.int32)


def device_key(seed: int, device: int) -> SigningKey:
    """Return the signing key of a device: the same seed gives the same phones."""
    secret = hashlib.sha256(b"sapparot simulated device %d %d" % (seed, device)).digest()
    algorithm: Algorithm = "EdDSA" if int.from_bytes(secret[:2], "big") % 1000 < EDDSA_PERMILLE else "ES256"
    return SigningKey.from_secret(algorithm, secret)


def recruit(truth: Truth, networks: tuple[Network, ...], mix: Mix, seed: int) -> Crew:
    """Give every station of the nation its volunteers."""
    return _Recruiting(truth, networks, mix, np.random.default_rng([seed, 2])).crew()


class _Recruiting:
    """One nation's recruiting; draws in a fixed order, so that equal arguments give equal crews."""

    def __init__(self, truth: Truth, networks: tuple[Network, ...], mix: Mix, chance: np.random.Generator) -> None:
        self._truth = truth
        self._networks = networks
        self._groups = groups_of(networks)
        self._mix = mix
        self._chance = chance

    def crew(self) -> Crew:
        """Hire everybody."""
        stations = len(self._truth)
        partner = _partners(self._truth.place)
        own, other = self._pairs(partner)
        roster = _Roster(stations, own)
        second = partner.copy()
        alone = np.flatnonzero(partner == NOBODY)
        second[alone] = roster.hire(other[alone], alone)
        plotting, where = self._plot()
        both = np.flatnonzero(where & (own == plotting) & self._some(stations, self._mix.plot_both_permille))
        second[both] = roster.hire(np.full(len(both), plotting, np.int32), both)
        third = np.full(stations, NOBODY, np.int32)
        visited = np.flatnonzero(self._some(stations, self._mix.third_permille))
        third[visited] = roster.hire(self._independent(own, visited), visited)
        second[self._some(stations, self._mix.no_show_permille)] = NOBODY
        first_of = np.unique(self._truth.constituency, return_index=True)[1].astype(np.int32)
        head = roster.hire(self._head_networks(len(first_of)), first_of, level=HEAD)
        network, home, level = (np.concatenate(part) for part in (roster.network, roster.home, roster.level))
        return Crew(
            networks=self._networks,
            network=network.astype(np.int32),
            level=level,
            home=home,
            main=np.arange(stations, dtype=np.int32),
            second=second,
            third=third,
            head=head,
            clock_off=self._clocks(roster.size),
            lies_for=self._liars(level, np.where((network == plotting) & where[home], plotting, NOBODY)),
            offline=self._some(roster.size, self._mix.offline_permille) & (level == 1),
            lost=np.zeros(roster.size, bool),
        )

    def _some(self, count: int, permille: int) -> Bools:
        return np.asarray(self._chance.random(count) < permille / 1000)

    def _shares(self, province: str) -> NDArray[np.float64]:
        """Return how often each network is met in a province."""
        shares = np.array([network.share if network.works_in(province) else 0 for network in self._networks], float)
        if len(np.unique(self._groups[shares > 0])) < 2:
            raise SourceUnusable(
                f"volunteers.toml: จังหวัด {province} ไม่มีสองกลุ่มที่เป็นอิสระต่อกัน",
                f"volunteers.toml: {province} has no two independent groups",
            )
        return shares

    def _draw_other(self, shares: NDArray[np.float64], taken: Int32s) -> Int32s:
        """Draw for each network in ``taken`` one of another group, by share."""
        drawn = np.empty(len(taken), np.int32)
        for group in np.unique(self._groups[taken]).tolist():
            here = np.flatnonzero(self._groups[taken] == group)
            free = np.where(self._groups == group, 0.0, shares)
            drawn[here] = self._chance.choice(len(shares), len(here), p=free / free.sum())
        return drawn

    def _pairs(self, partner: Int32s) -> tuple[Int32s, Int32s]:
        """Give every station its volunteer's network, different in group from its partner's, and one more that differs."""
        province = self._truth.province
        own, other = np.empty(len(partner), np.int32), np.empty(len(partner), np.int32)
        for code in np.unique(province).tolist():
            here = np.flatnonzero(province == code)
            shares = self._shares(code)
            own[here] = self._chance.choice(len(shares), len(here), p=shares / shares.sum())
            other[here] = self._draw_other(shares, own[here])
        follows = (partner != NOBODY) & (partner < np.arange(len(partner)))
        own[follows] = other[partner[follows]]
        # A station that follows has a new network now; what differs from it is its partner's.
        other[follows] = own[partner[follows]]
        return own, other

    def _independent(self, own: Int32s, stations: NDArray[np.int64]) -> Int32s:
        """Draw for some stations a network independent of the station's own volunteer."""
        drawn = np.empty(len(stations), np.int32)
        province = self._truth.province[stations]
        for code in np.unique(province).tolist():
            here = np.flatnonzero(province == code)
            drawn[here] = self._draw_other(self._shares(code), own[stations[here]])
        return drawn

    def _head_networks(self, count: int) -> Int32s:
        able = [number for number, network in enumerate(self._networks) if network.heads] or [0]
        return self._chance.choice(able, count).astype(np.int32)

    def _plot(self) -> tuple[int, Bools]:
        """Choose a party's network whose people agreed to lie, and at which stations: whole provinces."""
        parties = [number for number, network in enumerate(self._networks) if network.party]
        provinces = np.unique(self._truth.province)
        count = min(self._mix.plot_provinces, len(provinces))
        if not count or not parties:
            return NOBODY, np.zeros(len(self._truth), bool)
        where = self._chance.choice(provinces, count, replace=False)
        return int(self._chance.choice(parties)), np.isin(self._truth.province, where)

    def _clocks(self, devices: int) -> Int32s:
        wrong = self._some(devices, self._mix.wrong_clock_permille)
        return np.where(wrong, self._chance.choice(WRONG_CLOCKS, devices), 0).astype(np.int32)

    def _liars(self, level: Int32s, plotting: Int32s) -> Int32s:
        """Say of each device whom its owner lies for; ``plotting`` is the network of the plotters among them, else NOBODY."""
        alone = self._some(len(level), self._mix.liars_permille)
        lies_for = np.where(plotting != NOBODY, plotting, np.where(alone, ANYONE, NOT))
        return np.where(level == 1, lies_for, NOT).astype(np.int32)


class _Roster:
    """Devices in the order in which they are hired; the first n are the stations' own volunteers."""

    def __init__(self, stations: int, network: Int32s) -> None:
        self.network = [network]
        self.home = [np.arange(stations, dtype=np.int32)]
        self.level = [np.ones(stations, np.int32)]
        self.size = stations

    def hire(self, network: Int32s, home: Int32s | NDArray[np.int64], level: int = 1) -> Int32s:
        """Add a device per station in ``home`` and return their numbers."""
        numbers = np.arange(self.size, self.size + len(home), dtype=np.int32)
        self.network.append(network)
        self.home.append(home.astype(np.int32))
        self.level.append(np.full(len(home), level, np.int32))
        self.size += len(home)
        return numbers


def _partners(place: Int32s) -> Int32s:
    """Pair stations of the same place in their order; the last of an odd number has NOBODY."""
    order = np.argsort(place, kind="stable")
    ordered = place[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    rank = np.arange(len(place)) - np.repeat(starts, np.diff(np.r_[starts, len(place)]))
    other = np.where(rank % 2 == 0, 1, -1) + np.arange(len(place))
    alone = (other >= len(place)) | (ordered[np.minimum(other, len(place) - 1)] != ordered)
    partner = np.empty(len(place), np.int32)
    partner[order] = np.where(alone, NOBODY, order[np.minimum(other, len(place) - 1)])
    return partner

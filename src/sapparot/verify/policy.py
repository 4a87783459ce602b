"""The policy of a count: who is independent of whom, what each rule tolerates and weighs, when agreement is enough.

A policy is data: a TOML file (docs/formats/policy.md) that becomes a `policy` entry of the log. Whole numbers only, so that
every machine computes the same. A member that a file leaves out has the value given here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from sapparot.base import canonical
from sapparot.verify.facts import Layer, Weight
from sapparot.verify.problems import PolicyInvalid
from sapparot.verify.weights import CERTAIN, WEIGHTS

Count = Annotated[int, Meta(ge=0, le=10**9)]
Permille = Annotated[int, Meta(ge=0, le=1000)]
Sources = Annotated[int, Meta(ge=1, le=100)]
Pace = Annotated[int, Meta(ge=1, le=100_000)]
Level = Annotated[int, Meta(ge=1, le=3)]
GroupKind = Literal["officials", "party", "civil", "university", "media", "other"]
Worth = Literal["claim", "source"]
Name = Annotated[str, Meta(min_length=1, max_length=64)]


class _Part(Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a policy in which a misspelt member is an error."""


class Agreement(_Part, frozen=True):
    """When finals and readings agree, and when agreement is enough."""

    sources: Sources = 2
    """Independent groups that must agree for `confirmed`."""
    tolerance: Count = 0
    """Votes by which one figure of two agreeing sheets may differ."""
    outvoted: Count = 1
    """Groups against the others that can be outvoted; when more speak against them, people decide."""
    outvote: Sources = 3
    """Agreeing groups that outvote groups with other figures."""
    outvote_unsound: Sources = 2
    """Agreeing groups that outvote groups whose own claims break a rule of weight `dispute`."""
    rivals: Count = 0
    """Groups that agreement of rival parties is worth on top when others are to be outvoted."""
    room: Sources = 16
    """Claims of one group about one sheet that are weighed. A quarter of them, at most, are finals of one device."""


class Decisions(_Part, frozen=True):
    """How many different people of level 3 a decision needs."""

    otherwise: Sources = 1
    """For a sheet that nobody disputes."""
    disputed: Sources = 2
    """For a disputed sheet."""
    overrule: Sources = 2
    """To put other figures in the place of confirmed or settled ones."""
    groups: Sources = 1
    """Independent groups that these people come from, where it takes more than one person."""


class Levels(_Part, frozen=True):
    """The level of device that each kind of statement needs."""

    official: Level = 2
    """To report the authority's figures."""
    reading: Level = 3
    """To read a photograph."""
    decision: Annotated[int, Meta(ge=2, le=3)] = 3
    """To decide."""


class Tolerances(_Part, frozen=True):
    """How far figures may lie from what a rule expects."""

    valid: Count = 0
    """Votes between the sum of all options and the valid ballots."""
    ballots: Count = 0
    """Ballots between valid, spoiled and no-vote together and the ballots cast."""
    eligible: Count = 0
    """Ballots cast above the number of eligible voters."""
    turnout_ballots: Count = 5
    """Ballots by which the turnout of the two ballots of a station may differ."""
    turnout_permille: Permille = 10
    """The same as a share, where that is more."""
    complete_permille: Permille = 50
    """Ballots cast that may be missing from a sheet which is called complete."""
    largest: Annotated[int, Meta(ge=1, le=10**9)] = 100_000
    """The largest number that can stand on a sheet; above it a figure is absurd."""


class Neighbours(_Part, frozen=True):
    """When a sheet lies outside of what its neighbouring stations show."""

    fewest: Annotated[int, Meta(ge=3, le=30)] = 5
    """Neighbours with figures that are needed to judge."""
    deviations: Sources = 6
    """Median absolute deviations from the median that are still in line."""
    turnout_permille: Permille = 200
    """Distance from the median turnout that is in line at any rate."""
    share_permille: Permille = 250
    """The same for the share of the leading option."""
    gap_permille: Permille = 250
    """The same for the difference between the two ballots in the share of one party."""
    shift_permille: Permille = 300
    """Votes that must fall into place when every row moves by one, before rows are called shifted."""


class Evening(_Part, frozen=True):
    """What is possible in time and space."""

    ballots_per_minute: Pace = 60
    """Ballots that can be read aloud in a minute."""
    clock_seconds: Count = 300
    """How far a phone's clock may run ahead of ours."""
    near_metres: Count = 5_000
    """How far from its station a device may be when it reports."""
    apart_metres: Count = 20_000
    """Distance of two stations that one person does not report from in one evening."""
    stations: Pace = 20
    """Stations about which one phone of a volunteer (level 1) makes claims; what it says of others does not count."""
    copied_votes: Count = 100
    """Votes from which on equal figures of two stations are no coincidence."""


class Channels(_Part, frozen=True):
    """What claims are worth that did not come signed from a device of the person who makes them."""

    text: Worth = "claim"
    """Of reports by text message: `claim` counts like any other but is no source that confirms; `source` confirms as well."""


class Group(_Part, frozen=True):
    """Networks with a common interest; their agreement counts once."""

    id: Name
    kind: GroupKind
    networks: tuple[Name, ...]


class Policy(Struct, frozen=True, forbid_unknown_fields=True):
    """A whole policy. Raises ValueError for parts that contradict each other."""

    id: Name = "default"
    headline: tuple[Layer, ...] = ("settled", "confirmed")
    """Layers that the public headline may use, best first."""
    agreement: Agreement = Agreement()
    decisions: Decisions = Decisions()
    levels: Levels = Levels()
    tolerances: Tolerances = Tolerances()
    neighbours: Neighbours = Neighbours()
    evening: Evening = Evening()
    weights: dict[str, Weight] = {}
    """Rules whose weight is not the one in `weights.WEIGHTS`."""
    groups: tuple[Group, ...] = ()
    channels: Channels = Channels()

    def __post_init__(self) -> None:
        """Check what no type says."""
        for rule, weight in self.weights.items():
            if rule not in WEIGHTS:
                raise ValueError(f"weights: there is no rule {rule!r}")
            if rule in CERTAIN and weight == "dispute":
                raise ValueError(
                    f"weights: {rule!r} keeps a report out of the count at any rate; it can be note or off"
                )
        networks = [network for group in self.groups for network in group.networks]
        if twice := sorted({network for network in networks if networks.count(network) > 1}):
            raise ValueError(f"groups: network {twice[0]!r} stands in two groups")
        names = [group.id for group in self.groups]
        if len(set(names)) != len(names):
            raise ValueError("groups: two groups have one id")
        if self.agreement.outvote < self.agreement.sources:
            raise ValueError("agreement: outvote is smaller than sources")
        if "none" in self.headline or len(set(self.headline)) != len(self.headline):
            raise ValueError("headline: name each of live, reported, confirmed and settled at most once")

    def weight(self, rule: str) -> Weight:
        """Give the weight of a rule."""
        return self.weights.get(rule) or WEIGHTS[rule]


class Interests:
    """Which group each network belongs to under a policy; a network that no group names is a group of its own."""

    def __init__(self, policy: Policy) -> None:
        self._group = {network: group.id for group in policy.groups for network in group.networks}
        self._kind: Mapping[str, GroupKind] = {group.id: group.kind for group in policy.groups}
        self.disputing = frozenset(rule for rule in WEIGHTS if policy.weight(rule) == "dispute")
        self.agreement = policy.agreement
        self._channels: Mapping[str, Worth] = {"text": policy.channels.text}

    def is_source(self, channel: str) -> bool:
        """Tell whether claims of a channel can be among the independent sources that confirm."""
        return not channel or self._channels.get(channel, "claim") == "source"

    def group(self, network: str) -> str:
        """Give the group of a network."""
        # A group's id may be any word: a stranger network of that name must not slip into it.
        return self._group.get(network, network if network not in self._kind else f"network {network}")

    def rivals(self, groups: frozenset[str]) -> int:
        """Count the parties among groups."""
        return sum(self._kind.get(group) == "party" for group in groups)

    def strength(self, groups: frozenset[str]) -> int:
        """Tell how much agreement of these groups is worth against others: one each, and more where rivals agree."""
        return len(groups) + (self.agreement.rivals if self.rivals(groups) > 1 else 0)


def load(path: Path) -> Policy:
    """Read a policy file; raises PolicyInvalid with the file and the member."""
    try:
        table = tomllib.loads(path.read_text("utf-8"))
        return msgspec.convert(table, Policy)
    except OSError as error:
        raise PolicyInvalid(
            f"เปิดไฟล์นโยบาย {path} ไม่ได้: {error.strerror}", f"{path} cannot be opened: {error.strerror}"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError, ValueError) as error:
        raise PolicyInvalid(f"ไฟล์นโยบาย {path} ใช้ไม่ได้: {error}", f"{path}: {error}") from error


def policy_entry(policy: Policy) -> tuple[str, bytes]:
    """Give the log entry that puts a policy in force.

    A policy that says nothing of channels, or of the groups of deciders, has the bytes that it had before there were any.
    """
    said = msgspec.to_builtins(policy)
    if policy.channels == Channels():
        del said["channels"]
    if policy.decisions.groups == Decisions().groups:
        del said["decisions"]["groups"]
    return "policy", canonical.encode({"kind": "policy", "policy": said, "v": 1})

"""Random evenings with every kind of entry, honest and hostile; the same seed gives the same evening."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from sapparot.base import canonical
from sapparot.verify import Engine, policy_entry
from sapparot.verify.letters import REPORT_TYPE, REVOCATION_TYPE
from sapparot.verify.weights import CERTAIN, WEIGHTS
from tests.verify.cast import (
    NETWORKS,
    PEOPLE,
    Evening,
    corrected,
    default_policy,
    definitions,
    jws,
    key_of,
    kid,
    minutes,
    photo,
    small,
)

Entries = list[tuple[int, str, bytes]]
STATIONS = small().stations.codes
BALLOTS = ("constituency", "list")
PLACES = ([1375, 10049], [1400, 10000], [1375], [10000, 1], [1800, 9900])
MOMENTS = (None, "2026-03-01T17:00:00.9999999+07:00", "2026-03-01 09:59:59z", minutes(-5), minutes(500))
SHARES: dict[str, tuple[tuple[str, tuple[int, ...]], ...]] = {
    "agreement": (
        ("sources", (1, 2, 2, 3)), ("outvote", (3, 4)), ("outvote_unsound", (1, 2, 3)), ("outvoted", (0, 1, 2)),
        ("tolerance", (0, 0, 1, 5)), ("rivals", (0, 1)), ("room", (1, 4, 16)),
    ),
    "neighbours": (
        ("fewest", (3, 4)), ("deviations", (1, 6)), ("turnout_permille", (20, 200)), ("share_permille", (20, 250)),
        ("gap_permille", (20, 250)), ("shift_permille", (0, 100, 300)),
    ),
    "evening": (("stations", (2, 5, 20)), ("copied_votes", (5, 100)), ("clock_seconds", (0, 300))),
    "decisions": (("otherwise", (1, 2)), ("disputed", (1, 2, 3)), ("overrule", (1, 2)), ("groups", (1, 2))),
    "levels": (("official", (1, 2)), ("reading", (1, 3)), ("decision", (2, 3))),
    "tolerances": (("valid", (0, 2)), ("ballots", (0, 2)), ("largest", (300, 100_000))),
}  # fmt: skip
"""Numbers of which a policy takes one each."""

JUNK: tuple[bytes | dict[str, Any], ...] = (
    {}, {"jws": "a"}, {"jws": "e30.e30.AA", "at": minutes(1)}, {"jws": [], "at": minutes(1)}, {"id": "sao", "key": {"kty": "EC"}},
    {"policy": {"agreement": {"sources": 9}}}, {"policy": {"x": 1}}, {"election": "small", "duties": {"k": [[]]}}, b"[",
    b'{"jws":"\xff"}', b'{"policy":' + b"[" * 500,
)  # fmt: skip
KINDS = (
    "report", "reading", "enrolment", "revocation", "decision", "policy", "network", "duties", "areas", "odd", "snapshot",
)  # fmt: skip


class Silent(Engine):
    """Concludes nothing: the evening is only written down."""

    def apply(self, position: int, kind: str, body: bytes) -> list[tuple[str, bytes]]:
        return []


def unheard(*, signed: bool = False) -> Evening:
    """Give an evening with an election that nobody has counted yet."""
    evening = Evening(defined=False, signed=signed)
    evening.engine = Silent()
    for kind, body in definitions():
        evening.put(kind, body)
    return evening


def announce(evening: Evening, chance: Random, fixed: dict[str, dict[str, int]] | None = None) -> None:
    """Put a policy into the log, with some of its numbers drawn."""
    policy: dict[str, Any] = canonical.decode(policy_entry(default_policy())[1])["policy"]
    for part, numbers in SHARES.items():
        policy[part] |= {name: chance.choice(choices) for name, choices in numbers} | (fixed or {}).get(part, {})
    if chance.random() < 0.4:
        policy["channels"] = {"text": chance.choice(["claim", "source"])}
    rules = chance.sample(sorted(WEIGHTS), chance.choice([0, 0, 2, 6]))
    policy["weights"] = {rule: chance.choice(["note", "off", "dispute"][: 2 + (rule not in CERTAIN)]) for rule in rules}
    evening.put("policy", {"policy": policy})


class Chaos:
    """An evening in which anything happens."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.signed = seed % 4 == 0
        self.evening = unheard(signed=self.signed)
        self.people = {name: network for name, (network, _) in PEOPLE.items()}
        self.truth: dict[str, dict[str, int]] = {}
        self.used: list[str] = []
        self.stations = STATIONS[: self.chance.choice([2, 6, 8, 30])]
        self.calm = self.chance.random() < 0.5
        self.now = 0.0
        if self.chance.random() < 0.8:
            announce(self.evening, self.chance)
        if self.chance.random() < 0.3:
            self.correct()
        for network in NETWORKS:
            self.evening.put("network", {"id": network, "key": key_of(network).jwk})
        for name in self.people:
            text = {"channel": "text"} if self.chance.random() < 0.15 else {}
            areas = (
                {"areas": self.chance.choice([["01-01"], ["02"], ["TH", "x"]])} if self.chance.random() < 0.2 else {}
            )
            self.evening.enrol(name, **text, **areas)

    def entries(self) -> Entries:
        """Let it all happen."""
        for step in range(self.chance.choice([40, 80, 120])):
            self.now = (3 if self.chance.random() < 0.97 else -30) + step * self.chance.choice([0, 1, 1, 2, 0.5])
            self.now = 0 if self.chance.random() < 0.03 else self.now
            self.evening.signed = self.signed and self.chance.random() < 0.95
            drawn = self.chance.random()
            acts = [act for share, act in ACTS if drawn < share]
            (acts[0] if acts else Chaos.report)(self)
        return self.evening.entries

    def somebody(self) -> str:
        return self.chance.choice(list(self.people))

    def sheet(self) -> str:
        station = self.chance.choice(self.stations)
        strange = ("nowhere/list", "01-01/list", f"{station}/x", "é" * 70)
        return (
            self.chance.choice(strange) if self.chance.random() < 0.01 else f"{station}/{self.chance.choice(BALLOTS)}"
        )

    def votes(self, sheet: str) -> dict[str, int]:
        """What the phone says of the votes: often true, sometimes of another sheet, fallen out or absurd."""
        chance, options = self.chance, options_of(sheet)
        true = {option: chance.choice([0, 3, chance.randint(0, 150)]) for option in options}
        if self.calm:
            true = {option: 10 * (at + 1) + len(self.used) % 3 for at, option in enumerate(options)}
            self.truth[sheet] = true
        votes = dict(self.truth.setdefault(sheet, true))
        other = self.truth[chance.choice(list(self.truth))]
        drawn = chance.random()
        if drawn < 0.15:
            votes[chance.choice(options)] += chance.choice([1, -1, 40, -200, 10**17, -(10**16)])
        elif drawn < 0.2:
            votes.pop(chance.choice(options))
        elif drawn < 0.23:
            votes[chance.choice(["99", "q" * 30])] = 4
        elif drawn < 0.26:
            votes = dict(zip(options, [*list(votes.values())[1:], votes[options[0]]], strict=True))
        elif drawn < 0.35:
            votes = dict(other) if other.keys() == votes.keys() else {}
        return votes

    def figures(self, sheet: str) -> dict[str, Any]:
        chance, votes = self.chance, self.votes(sheet)
        total = sum(votes.values())
        figures = {
            "votes": votes,
            "valid": total if chance.random() < 0.9 else chance.choice([None, total + 1, 0]),
            "spoiled": chance.choice([3, 3, 3, None, 4]),
            "no_vote": chance.choice([2, 2, 2, None, 1]),
            "ballots_cast": chance.choice([None, total + 5, total + 5, total + 5, 700]),
        }
        return figures | ({"eligible": chance.choice([10, 900])} if chance.random() < 0.1 else {})

    def members(self, sheet: str) -> dict[str, Any]:
        """What a report says beside its figures."""
        chance, later = self.chance, ["later1", "later2", "later3"]
        first, small_copy = photo(chance.randint(1, 12)), chance.choice([None, photo(chance.randint(50, 60)), 5])
        perhaps: list[tuple[float, str, Any]] = [
            (0.1, "replaces", chance.choice([*self.used, *later])),
            (0.03, "id", chance.choice([*self.used[-3:], *later])),
            (0.3, "place", chance.choice(PLACES)),
            (0.3, "evidence", [{"role": "form", "sha256": first, "small": small_copy}]),
            (0.1, "observed_at", chance.choice([*MOMENTS, minutes(self.now + 9)])),
            (0.1, "seq", chance.choice([0, 5, 2**53])),
            (0.02, "election", chance.choice(["other", "é\u200bก"])),
        ]
        return {"sheet": sheet} | {name: value for share, name, value in perhaps if chance.random() < share}

    def report(self) -> None:
        sheet, drawn = self.sheet(), self.chance.random()
        figures, members = self.figures(sheet), self.members(sheet)
        if drawn < 0.25:
            members["stage"] = "progress"
            grown = {
                name: int(count * self.chance.random()) for name, count in figures["votes"].items() if count < 10**6
            }
            figures = {"votes": grown}
        elif drawn < 0.37:
            members["stage"] = "official"
        elif drawn < 0.38:
            members["stage"] = self.chance.choice(["reading", "odd\n"])
        self.used.append(members.get("id", f"r{self.evening.serial + 1}"))
        self.evening.report(self.somebody(), figures, self.now, **members)

    def reading(self) -> None:
        sheet = self.sheet()
        members = {name: value for name, value in self.members(sheet).items() if name != "evidence"}
        self.evening.reading(self.somebody(), photo(self.chance.randint(1, 12)), self.figures(sheet), **members)

    def revoke(self) -> None:
        """Revoke a device; now and then by a network that may not, or one that nobody knows."""
        chance, moment = self.chance, self.chance.choice([self.now - 20, self.now, 1000, self.now - 60])
        changes = {"network": chance.choice(["sao", "nobody"])} if chance.random() < 0.2 else {}
        self.evening.revoke(chance.choice(list(PEOPLE)), moment, **changes)
        if chance.random() < 0.2:
            said = {"kid": kid("nobody"), "network": "sao", "at": minutes(moment)}
            self.evening.put("revocation", {"jws": jws("sao", REVOCATION_TYPE, said, signed=self.evening.signed)})

    def enrol(self) -> None:
        """Enrol a device again, or a new one; now and then by a network that may not, or as another's voice."""
        chance, name = self.chance, self.somebody()
        if chance.random() < 0.4:
            name = f"new{len(self.people)}"
            self.people[name] = chance.choice(NETWORKS)
        changes: dict[str, Any] = {"network": self.people[name], "level": chance.choice([1, 2, 3])}
        changes |= {"same": kid(self.somebody())} if chance.random() < 0.6 else {}
        changes |= {"network": "sao"} if chance.random() < 0.2 else {}
        changes |= {chance.choice(["from", "until"]): minutes(self.now)} if chance.random() < 0.3 else {}
        changes |= {"key": key_of("nobody").jwk} if chance.random() < 0.1 else {}
        self.evening.enrol(name, **changes)
        sheet = self.sheet()
        self.evening.report(name, self.figures(sheet), self.now, sheet=sheet)

    def officials(self) -> None:
        """Several people bring what the authority says of one sheet, or of an area."""
        areas = [f"{area}/{ballot}" for area in ("SM", "01", "01-01", "01-01-010111") for ballot in BALLOTS]
        sheet = self.sheet() if self.chance.random() < 0.7 else self.chance.choice(areas)
        for who in self.chance.choices(["head", "reader", "wari", "anan"], k=4):
            members = {"sheet": sheet, "stage": "official", "seq": self.chance.choice([0, 3, 5])}
            self.evening.report(who, self.figures(sheet), self.now, **members)

    def announce(self) -> None:
        announce(self.evening, self.chance)

    def duties(self) -> None:
        held = {kid(self.somebody()): self.chance.sample([*STATIONS, "no"], 2) for _ in range(3)}
        self.evening.put("duties", {"election": self.chance.choice(["small", "small", "x"]), "duties": held})

    def correct(self) -> None:
        """Bring the election again, with other stations or under another name."""
        other = [(kind, body.replace(b'"small"', b'"other"')) for kind, body in definitions()]
        for kind, body in self.chance.choice([definitions(), corrected(), corrected(), other]):
            self.evening.put(kind, body)

    def decide(self) -> None:
        chance, sheet = self.chance, self.sheet()
        claim = {"use": chance.choice([position for position, _, _ in self.evening.entries[-6:]])}
        what = {"figures": self.figures(sheet)} if chance.random() < 0.6 else claim
        people = chance.sample(list(self.people), chance.choice([1, 2, 2, 3]))
        self.evening.decide(*people, sheet=sheet, after=self.now + chance.choice([-30, 0, 0, 0, 500]), **what)
        if chance.random() < 0.3:
            self.evening.put(*self.evening.entries[-1][1:])

    def junk(self) -> None:
        self.evening.put(self.chance.choice(KINDS), self.chance.choice(JUNK))

    def odd_payload(self) -> None:
        sheet = self.sheet().encode()
        payload = self.chance.choice(
            [
                b'{"id":"h","election":"small","sheet":"%s","stage":"final","votes":{"1":1.0}}' % sheet,
                b"{" + b'"a":"[",' * 500 + b'"b":1}',
                b'{"id":"h1","election":"small","sheet":"%s","stage":"final","votes":{"1":3,"2":4,"1":5},"valid":9}'
                % sheet,
            ]
        )
        self.evening.put("report", {"at": minutes(self.now), "jws": jws(self.somebody(), REPORT_TYPE, payload)})


ACTS: tuple[tuple[float, Callable[[Chaos], None]], ...] = (
    (0.03, Chaos.reading),
    (0.05, Chaos.revoke),
    (0.08, Chaos.enrol),
    (0.095, Chaos.announce),
    (0.12, Chaos.duties),
    (0.16, Chaos.decide),
    (0.175, Chaos.junk),
    (0.185, Chaos.odd_payload),
    (0.205, Chaos.officials),
    (0.207, Chaos.correct),
)
"""What happens beside reports, each up to a share of all that happens."""


def options_of(sheet: str) -> list[str]:
    number = small().sheet_number(sheet)
    return ["1", "2"] if number is None else [str(option) for option in small().contest_of(number).numbers]


def neighbourhood(seed: int) -> Entries:
    """An evening in which every station of a subdistrict reports much the same, and some do not."""
    chance, evening, true = Random(seed), unheard(), dict[str, dict[str, int]]()
    announce(evening, chance, {"evening": {"stations": 1000, "copied_votes": 50}, "neighbours": {"fewest": 3}})
    for network in NETWORKS:
        evening.put("network", {"id": network, "key": key_of(network).jwk})
    for name in PEOPLE:
        evening.enrol(name)
    for station in chance.sample(STATIONS, len(STATIONS)):
        for ballot in chance.sample(BALLOTS, 2):
            sheet = f"{station}/{ballot}"
            usual = true.setdefault(
                f"{station[:5]}/{ballot}", {o: chance.choice([80, 40, 10, 5, 0]) for o in options_of(sheet)}
            )
            _report_around(evening, chance, sheet, usual)
    return evening.entries


def _report_around(evening: Evening, chance: Random, sheet: str, usual: dict[str, int]) -> None:
    votes = {option: max(0, count + chance.randint(-4, 4)) for option, count in usual.items()}
    drawn = chance.random()
    if drawn < 0.1:
        votes = dict(zip(votes, [0, *votes.values()], strict=False))
    elif drawn < 0.2:
        votes = dict(zip(votes, [*list(votes.values())[1:], 0], strict=True))
    elif drawn < 0.3:
        votes[chance.choice(list(votes))] += 150
    valid = sum(votes.values())
    cast = None if chance.random() < 0.1 else valid + 5 + chance.choice([0, 0, 0, 60])
    figures = {"votes": votes, "valid": valid, "spoiled": 3, "no_vote": 2, "ballots_cast": cast}
    for who in chance.sample(["somchai", "malee", "wichai", "ploy", "kong", "dao"], chance.choice([1, 2, 2, 3])):
        evening.report(who, figures | {"spoiled": chance.choice([3, 3, 3, None])}, 100 + evening.serial, sheet=sheet)
    if chance.random() < 0.1:
        evening.report("head", figures, 100 + evening.serial, sheet=sheet, stage="official")

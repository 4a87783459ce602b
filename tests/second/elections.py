"""Random elections with random moves; the same seed gives the same log."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.second.forms import canonical
from tests.second.standing import LARGEST, LAYERS, STATES

Log = list[tuple[int, str, bytes]]
SHAPES = (
    ("country", "constituency"),
    ("country", "province", "constituency", "district", "subdistrict"),
    ("country", "province", "constituency", "subdistrict"),
    ("municipality",),
    ("country", "region", "region", "constituency"),
)
"""Kinds of areas from the top down."""

SPOILT: tuple[tuple[str, Any], ...] = (
    ("sheet", 5), ("sheet", "nowhere/list"), ("state", "lost"), ("layer", "some"), ("figures", []), ("figures", None),
    ("sources", -1), ("reason", 7), ("figures", {"votes": {"1": -1}}), ("figures", {"votes": {"1": LARGEST + 1}}),
    ("figures", {"votes": {}, "valid": "1"}), ("figures", {"votes": {}, "no_vote": 1.5}), ("figures", {"votes": None}),
)  # fmt: skip
"""Members that make a move unreadable, most of the time."""

HEADLINES: tuple[Any, ...] = (
    ["confirmed"], ["settled", "confirmed"], ["settled", "settled", "reported"], list(LAYERS[1:]), list(reversed(LAYERS[1:])), [],
    ["none"], "confirmed", None,
)  # fmt: skip


def words(word: str) -> dict[str, str]:
    return {"th": f"ก {word}", "en": word}


def area(code: str, kind: str, parent: str | None) -> dict[str, Any]:
    rest = {"lat": None, "lon": 5, "registered": None, "stations": 3}
    return {"code": code, "kind": kind, "parent": parent, "name": words(code)} | rest


def defined(
    header: dict[str, Any], parties: list[str], contests: list[dict[str, Any]], rows: dict[str, list[Any]]
) -> list[dict[str, Any]]:
    """Give the entries of an election; `rows` are its areas and stations."""
    named = [
        {"code": code, "number": None, "name": words(code), "short": words(code), "color": "#000000"}
        for code in parties
    ]
    parts = [
        {"kind": "parties", "items": named}, {"kind": "areas", "items": rows["areas"]},
        {"kind": "options", "contests": contests}, {"kind": "stations", "area": "T", "items": rows["stations"]},
    ]  # fmt: skip
    head = {
        "kind": "election", "v": 1, "id": "e", "name": words("e"), "date": "2026-03-01", "forms": [],
        "opens_at": "2026-03-01T08:00:00+07:00", "closes_at": "2026-03-01T10:00:00.5Z", "parts": len(parts),
    }  # fmt: skip
    return [head | header, *({"v": 1, "election": "e", **part} for part in parts)]


def log_of(things: list[dict[str, Any]]) -> Log:
    return [(at, thing["kind"], canonical(thing)) for at, thing in enumerate(things)]


class Draw:
    """Draws an election and what happens in it."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.shape = self.chance.choice(SHAPES)
        self.parties = [f"p{number}" for number in range(self.chance.choice([0, 1, 3, 4, 14]))]
        self.areas: list[dict[str, Any]] = []
        self._grow(None, 0)
        if self.chance.random() < 0.5:
            self.areas.sort(key=lambda area: int(area["code"].count("-")))
        self.ballots = self._ballots()
        self.contests = self._contests()
        self.stations = [self._station(number) for number in range(self.chance.choice([1, 4, 9, 16]))]

    def _grow(self, parent: str | None, depth: int) -> None:
        """Add an area below another, and its own below that."""
        for number in range(1 if parent is None else self.chance.choice([1, 1, 2, 3])):
            code = "T" if parent is None else f"{parent}-{number}"
            self.areas.append(area(code, self.shape[depth], parent))
            below = depth + self.chance.choice([1, 1, 1, 1, 1, 1, 2])
            if below < len(self.shape) and self.chance.random() < 0.95:
                self._grow(code, below)

    def _ballots(self) -> list[dict[str, Any]]:
        there = {area["kind"] for area in self.areas}
        both = [("seat", "constituency"), ("list", self.shape[0])]
        choices = [
            both,
            both,
            both[:1],
            both[1:],
            [*reversed(both)],
            [("other", "province"), *both],
            [*both, ("more", "constituency")],
            [("small", self.shape[-1]), *both],
        ]
        drawn = [pair for pair in self.chance.choice(choices) if pair[1] in there] or both[1:]
        return [{"code": code, "scope": scope, "name": words(code)} for code, scope in drawn]

    def _contests(self) -> list[dict[str, Any]]:
        pairs = [(ballot, area) for ballot in self.ballots for area in self.areas if area["kind"] == ballot["scope"]]
        return [
            {"ballot": ballot["code"], "area": area["code"], "options": self._options(ballot)}
            for ballot, area in pairs
            if area["parent"] is None or self.chance.random() < 0.95
        ]

    def _options(self, ballot: dict[str, Any]) -> list[dict[str, Any]]:
        chance, top = self.chance, ballot["scope"] == self.shape[0]
        parties: list[str | None] = [*chance.sample(self.parties, chance.randint(0, len(self.parties)))]
        parties += [] if top and parties and chance.random() < 0.9 else [None] * chance.choice([1, 1, 2])
        numbers = chance.sample(range(1, 30), len(parties))
        names = [0, 1, 2, 40, None] if chance.random() < 0.5 else [None]
        return [
            {"number": number, "party": party, "name": words(str(number)), "list_names": chance.choice(names)}
            for number, party in zip(numbers, parties, strict=True)
        ]

    def _station(self, number: int) -> list[Any]:
        chance = self.chance
        leaves = [area["code"] for area in self.areas if area["kind"] == self.shape[-1]]
        area = chance.choice(leaves) if leaves and chance.random() < 0.8 else chance.choice(self.areas)["code"]
        kind = chance.choice(["ordinary", "ordinary", "overseas", "advance", "special", "abroad"])
        return [f"s{number}", chance.choice([1, 20, 300]), kind, None, None, area]

    def _defined(self) -> list[dict[str, Any]]:
        rule = self.chance.choice(["th-2566", "th-2566", "th-2566", "th-2562", "none"])
        rows: dict[str, list[Any]] = {"areas": self.areas, "stations": self.stations}
        header = {"ballots": self.ballots, "seat_rule": {"name": rule, "list_seats": self.chance.choice([0, 1, 3, 10])}}
        return defined(header, self.parties, self.contests, rows)

    def _figures(self, numbers: list[int]) -> dict[str, Any]:
        """Draw figures: often all of them, sometimes some; small numbers, so that there are ties."""
        chance = self.chance
        most, whole = chance.choice([3, 20, 100]), chance.random() < 0.7
        votes = {str(number): chance.randint(0, most) for number in numbers if whole or chance.random() < 0.6}
        if chance.random() < 0.1:
            votes |= {"77": 4, "077": chance.choice([1, LARGEST])}
        totals = {
            "valid": sum(votes.values()),
            "spoiled": 2,
            "no_vote": chance.randint(0, most // 2),
            "ballots_cast": 3 * most,
        }
        given = {name: number for name, number in totals.items() if chance.random() < 0.8}
        return {"votes": votes, **given, **({} if chance.random() < 0.5 else {"valid": None})}

    def _move(self) -> dict[str, Any]:
        chance = self.chance
        ballot = chance.choice(self.ballots)["code"]
        contest = chance.choice(
            [each for each in self.contests if each["ballot"] == ballot] or self.contests or [{"options": []}]
        )
        figures = self._figures([option["number"] for option in contest["options"]])
        state = chance.choice(STATES)
        layer = "none" if state == "empty" else chance.choice(LAYERS) if state == "disputed" else state
        move = {
            "kind": "move", "v": 1, "cause": 0, "was": "empty", "state": state, "layer": layer,
            "sheet": f"{chance.choice(self.stations)[0]}/{ballot}", "sources": chance.randint(0, 3),
            "reason": chance.choice(["decided", "", 'a "b", c', "ก"]),
            "figures": figures if layer != "none" or chance.random() < 0.2 else None,
        }  # fmt: skip
        drawn = chance.random()
        if drawn < 0.08:
            move |= dict([chance.choice(SPOILT)])
        elif drawn < 0.1:
            del move[chance.choice(["sheet", "state", "layer", "figures", "sources", "reason"])]
        return move

    def log(self) -> Log:
        chance = self.chance
        things = self._defined()
        moves = [self._move() for _ in range(chance.choice([0, 5, 30, 60]))]
        for headline in chance.sample(HEADLINES, chance.choice([0, 0, 1, 2])):
            moves.insert(chance.randint(0, len(moves)), {"kind": "policy", "v": 1, "policy": {"headline": headline}})
        odds: list[dict[str, Any]] = [{"kind": "policy", "policy": {}}, {"kind": "areas"}, {"kind": "report"}, *things]
        for odd in chance.sample(odds, chance.choice([0, 0, 1])):
            moves.insert(chance.randint(0, len(moves)), odd)
        if chance.random() < 0.2:
            self._correct(moves)
        at = chance.choice([0, 0, 1])
        return log_of([*moves[:at], *things, *moves[at:]])

    def _correct(self, moves: list[dict[str, Any]]) -> None:
        """Bring the election once more among the moves, without some stations, perhaps after something that rests on it."""
        at = self.chance.randint(0, len(moves))
        self.stations = self.stations[: self.chance.randint(1, len(self.stations))]
        moves[at:at] = self._defined()
        if self.chance.random() < 0.5:
            moves.insert(self.chance.randint(0, at), {"kind": self.chance.choice(["report", "duties"]), "v": 1})


def of_2562(seed: int) -> Log:
    """Draw an election of 350 constituencies with one ballot, which nearly all of them have counted."""
    chance = Random(seed)
    parties = [f"p{number}" for number in range(20)]
    strong = chance.sample(parties, 4)
    areas = [area("T", "country", None), *(area(f"T-{number}", "constituency", "T") for number in range(350))]
    contests, moves = [], []
    for place in areas[1:]:
        standing = chance.sample(parties, 8)
        options = [{"number": number, "party": party, "name": words(party)} for number, party in enumerate(standing, 1)]
        contests.append({"ballot": "seat", "area": place["code"], "options": options})
        votes = {
            str(number): chance.randint(0, 90 if party in strong else 30) for number, party in enumerate(standing, 1)
        }
        figures = {"votes": votes, "valid": sum(votes.values()), "spoiled": 0, "no_vote": 3, "ballots_cast": None}
        moves.append(
            {
                "kind": "move",
                "sheet": f"s{place['code']}/seat",
                "state": "confirmed",
                "layer": "confirmed",
                "figures": figures,
            }
        )
    stations = [[f"s{place['code']}", 900, "ordinary", None, None, place["code"]] for place in areas[1:]]
    header = {
        "ballots": [{"code": "seat", "scope": "constituency", "name": words("seat")}],
        "seat_rule": {"name": "th-2562", "list_seats": 150},
    }
    return log_of([*defined(header, parties, contests, {"areas": areas, "stations": stations}), *moves])


def crossing() -> Log:
    """Give an election in which a constituency spans several districts, the widest areas; a party stands twice on the list."""
    places = [("T", "country", None), ("T-0", "district", "T"), ("K", "constituency", "T")]
    places += [(code, "district", "K") for code in ("K-0", "K-1")]
    options = [{"number": at, "party": party, "name": words("o")} for at, party in ((1, "p0"), (2, "p1"), (3, None))]
    twice = [{"number": at, "party": "p0", "name": words("o"), "list_names": names} for at, names in ((9, 1), (2, 7))]
    contests = [{"ballot": "seat", "area": "K", "options": options}, {"ballot": "list", "area": "T", "options": twice}]
    stations = [[f"s{number}", 50, "ordinary", None, None, code] for number, (code, _, _) in enumerate(places)]
    scopes = {"seat": "constituency", "list": "country"}
    header = {
        "ballots": [{"code": code, "scope": scope, "name": words(code)} for code, scope in scopes.items()],
        "seat_rule": {"name": "th-2566", "list_seats": 10},
    }
    moves = [
        {
            "kind": "move",
            "sheet": f"s{number}/{ballot}",
            "state": "confirmed",
            "layer": "confirmed",
            "figures": {"votes": {"1": 5 + number, "2": number, "3": 1}},
        }
        for ballot in scopes
        for number in range(5)
    ]
    rows: dict[str, list[Any]] = {"areas": [area(*place) for place in places], "stations": stations}
    return log_of([*defined(header, ["p0", "p1"], contests, rows), *moves])

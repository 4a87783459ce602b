"""A tiny election and hand-made moves."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from sapparot.base import canonical
from sapparot.tally import Entry, Tally

STATIONS = [
    # code, eligible, kind, area
    ("A1-x-1", 500, "ordinary", "A1-x"),
    ("A1-x-2", 400, "ordinary", "A1-x"),
    ("A1-y-1", 300, "advance", "A1-y"),
    ("A2-x-1", 600, "ordinary", "A2-x"),
    ("A2-x-2", 200, "special", "A2-x"),
    ("B1-x-1", 700, "ordinary", "B1-x"),
    ("B1-x-2", 800, "ordinary", "B1-x"),
    ("B1-9", 100, "overseas", "B1"),
]
AREAS = [
    ("N", "country", None),
    ("A", "province", "N"),
    ("B", "province", "N"),
    ("A1", "constituency", "A"),
    ("A2", "constituency", "A"),
    ("B1", "constituency", "B"),
    ("A1-x", "subdistrict", "A1"),
    ("A1-y", "subdistrict", "A1"),
    ("A2-x", "subdistrict", "A2"),
    ("B1-x", "subdistrict", "B1"),
]
OPTIONS: dict[str, list[tuple[int, str | None]]] = {
    "A1": [(1, "red"), (2, "blue"), (10, "green")],
    "A2": [(1, "blue"), (3, "red")],
    "B1": [(2, None)],
}
LIST = [(number, ("red", "blue", "green")[number % 3]) for number in (*range(1, 12), 21)]


def text(word: str) -> dict[str, str]:
    return {"th": f"ก {word}", "en": word}


def options(given: list[tuple[int, str | None]]) -> list[dict[str, Any]]:
    return [{"number": number, "party": party, "name": text(f"{number}")} for number, party in given]


def definitions(ballots: Sequence[str] = ("constituency", "list"), **header: Any) -> list[dict[str, Any]]:
    """Give the entries of the tiny election with some ballots only, or with other members in its header."""
    parties = [
        {"code": code, "number": None, "name": text(code), "short": text(code[:1]), "color": "#112233"}
        for code in ("red", "blue", "green")
    ]
    areas = [{"code": code, "kind": kind, "parent": parent, "name": text(code)} for code, kind, parent in AREAS]

    contests: list[dict[str, Any]] = [
        {"ballot": "constituency", "area": area, "options": options(given)} for area, given in OPTIONS.items()
    ]
    contests.append({"ballot": "list", "area": "N", "seats": 10, "options": options(list(LIST))})
    contests = [contest for contest in contests if contest["ballot"] in ballots]
    stations = [[code, eligible, kind, None, None, area] for code, eligible, kind, area in STATIONS]
    parts: list[dict[str, Any]] = [
        {"kind": "parties", "items": parties},
        {"kind": "areas", "items": areas},
        {"kind": "options", "contests": contests},
        {"kind": "stations", "area": "N", "items": stations},
    ]
    head = {
        "kind": "election",
        "v": 1,
        "id": "tiny",
        "name": text("tiny"),
        "date": "2023-05-14",
        "opens_at": "2023-05-14T01:00:00Z",
        "closes_at": "2023-05-14T10:00:00Z",
        "seat_rule": {"name": "th-2566", "list_seats": 10},
        "ballots": [
            {"code": code, "scope": scope, "name": text(code)}
            for code, scope in (("constituency", "constituency"), ("list", "country"))
            if code in ballots
        ],
        "forms": [],
        "parts": len(parts),
    }
    return [head | header, *({"v": 1, "election": "tiny", **part} for part in parts)]


def move(sheet: str, state: str, votes: dict[str, int] | None, **members: Any) -> dict[str, Any]:
    """Make a move; the layer follows the state unless it is given."""
    layer = members.pop("layer", "none" if state in ("empty", "disputed") else state)
    figures = None
    if votes is not None:
        valid = sum(votes.values())
        figures = {"votes": votes, "valid": valid, "spoiled": 2, "no_vote": 3, "ballots_cast": valid + 5}
        figures |= members.pop("totals", {})
    common = {"kind": "move", "v": 1, "was": "empty", "cause": 0, "reason": "first_final", "sources": 1}
    return common | {"sheet": sheet, "state": state, "layer": layer, "figures": figures} | members


def entries(things: Iterable[dict[str, Any]], start: int = 0) -> list[Entry]:
    """Give things as entries from a position on."""
    return [(start + at, thing["kind"], canonical.encode(thing)) for at, thing in enumerate(things)]


DEFINED = entries(definitions())
"""The entries that define the tiny election."""


def counting(things: list[dict[str, Any]], cuts: list[int] | None = None) -> Tally:
    """Fold the tiny election and then the given things, in batches that end at the given cuts."""
    tally = Tally()
    tally.apply_many(DEFINED)
    log = entries(things, start=len(DEFINED))
    for begin, end in pairwise([0, *sorted(cuts or []), len(log)]):
        tally.apply_many(log[begin:end])
    return tally

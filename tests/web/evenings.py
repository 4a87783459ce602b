"""An election evening at any moment, made with the real tally and the real files: what the pages are shown in tests."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from sapparot.base import canonical
from sapparot.contests import Election, assemble
from sapparot.contests.importing import define, read_folder
from sapparot.publish.facts import SnapshotMeta
from sapparot.publish.render import Renderer
from sapparot.simulate.nation import NationPlan, draw_nation
from sapparot.simulate.truth import Truth
from sapparot.tally import Tally

DATA = Path(__file__).parents[2] / "data" / "elections"
STATES = ("settled", "confirmed", "reported", "live", "disputed")
EMPTY: dict[str, float] = {}
EARLY = {"confirmed": 0.06, "reported": 0.22, "live": 0.35, "disputed": 0.01}
LATE = {"settled": 0.02, "confirmed": 0.66, "reported": 0.16, "live": 0.06, "disputed": 0.03}
COMPLETE = {"settled": 0.03, "confirmed": 0.97}


class Evening(msgspec.Struct, frozen=True):
    """The files of one snapshot by name."""

    definition: bytes
    files: dict[str, bytes]


@cache
def nation(name: str, scale: float) -> tuple[Election, Truth, tuple[tuple[str, bytes], ...]]:
    """Draw an election with its truth; its definition entries."""
    with TemporaryDirectory() as place:
        folder = Path(place)
        truth = draw_nation(
            NationPlan(source=DATA / name, folder=folder / "election", truth=folder / "truth.npz", scale=scale)
        )
        entries = tuple(define(read_folder(folder / "election")))
    return assemble([body for _, body in entries]), truth, entries


def evening(shares: dict[str, float], name: str = "small", scale: float = 1.0, seed: int = 1) -> Evening:
    """Give the snapshot in which these shares of all sheets are in these states; places differ in how far they are."""
    election, truth, entries = nation(name, scale)
    tally = Tally()
    log = [(position, kind, body) for position, (kind, body) in enumerate(entries)]
    log += [(len(log) + n, "move", move) for n, move in enumerate(_moves(election, truth, shares, seed))]
    tally.apply_many(log)
    meta = SnapshotMeta(
        n=1204, size=len(log), root="4f" * 32, at="2023-05-14T13:14:32.000000Z", full=True, previous=None
    )
    renderer = Renderer(election)
    return Evening(renderer.definition, renderer.render(tally.result(), meta))


def _moves(election: Election, truth: Truth, shares: dict[str, float], seed: int) -> list[bytes]:
    chance = random.Random(seed)
    pace = {code: chance.uniform(-0.18, 0.18) for code in election.stations.area_codes["constituency"]}
    homes = election.stations.area_codes["constituency"]
    moves = []
    for sheet in range(election.sheets):
        station, ballot = divmod(sheet, len(election.ballots))
        point = chance.random()
        if 0 < sum(shares.values()) < 1:
            point += pace[homes[election.stations.constituency[station]]]
        state = _state(point, shares)
        if state is not None:
            moves.append(_move(election, truth, (station, ballot), state, chance))
    return moves


def _state(point: float, shares: dict[str, float]) -> str | None:
    for state in STATES:
        point -= shares.get(state, 0.0)
        if point < 0:
            return state
    return None


def _move(election: Election, truth: Truth, sheet: tuple[int, int], state: str, chance: random.Random) -> bytes:
    station, ballot = sheet
    key = f"{election.stations.codes[station]}/{election.ballots[ballot].code}"
    contest = election.contest_of(station * len(election.ballots) + ballot)
    part = chance.uniform(0.2, 0.9) if state == "live" else 1.0
    row = truth.votes[ballot][station]
    votes = {str(number): int(row[column] * part) for column, number in enumerate(contest.numbers)}
    figures = {
        "votes": votes,
        "valid": sum(votes.values()),
        "spoiled": int(truth.spoiled[ballot, station] * part),
        "no_vote": int(truth.no_vote[ballot, station] * part),
        "ballots_cast": None if state == "live" else int(truth.cast[station]),
    }
    layer = {"disputed": chance.choice(("confirmed", "live"))}.get(state, state)
    return canonical.encode(
        {
            "kind": "move",
            "v": 1,
            "sheet": key,
            "was": "empty",
            "state": state,
            "layer": layer,
            "figures": figures,
            "cause": 0,
            "reason": "first_final",
            "sources": 1,
        }
    )

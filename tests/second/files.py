"""The files of a snapshot, as docs/formats/snapshots.md and docs/formats/counting.md have them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from hashlib import sha256
from math import ceil
from typing import Any

from tests.second.forms import canonical
from tests.second.ground import Contest, Election
from tests.second.leads import leads
from tests.second.parliament import parliaments, party_votes
from tests.second.reading import EPOCH
from tests.second.sheets import sheet_files
from tests.second.standing import LAYERS, STATES, Standing
from tests.second.sums import FIRST, TOTALS, Count, Sheet, by_layer, by_party, columns_of

MOST_PARTIES = 12
SHARES = ("counted", "share", "counted_eligible", "eligible_share")


@dataclass(frozen=True)
class Meta:
    """What a snapshot says about itself."""

    n: int
    size: int
    root: str
    at: str
    full: bool
    previous: str | None = None

    def told(self) -> dict[str, Any]:
        return {"n": self.n, "size": self.size, "root": self.root, "at": self.at, "full": self.full}


def files(standing: Standing, meta: Meta) -> dict[str, bytes]:
    """Make every file of a snapshot, its manifest too."""
    count = Count(standing)
    definition = sha256(canonical(definition_of(count.election))).hexdigest()
    head = {
        "v": 1, "election": count.election.id, "definition": definition, "headline": count.headline,
        "snapshot": meta.told(),
    }  # fmt: skip
    over_headline, over_all = parliaments(count)
    made = {
        "headline.json": headline(count, over_headline, over_all),
        "coverage.json": {"ballots": [coverage(count, ballot) for ballot in count.election.ballots]},
        "constituencies.json": constituencies(count),
        "provinces.json": provinces(count),
        "seats.json": {
            "rule": count.election.header["seat_rule"], "headline": over_headline, "all_layers": over_all,
        },
    }  # fmt: skip
    if len(count.kinds) > 1:
        made["kinds.json"] = kinds(count)
    out = {name: canonical(head | members) for name, members in made.items()}
    if meta.full:
        out |= sheet_files(count)
    out["manifest.json"] = canonical(
        {"v": 1, "election": count.election.id, "definition": definition, "previous": meta.previous}
        | meta.told()
        | {"files": {name: {"sha256": sha256(data).hexdigest(), "size": len(data)} for name, data in out.items()}}
    )
    return out


def definition_of(election: Election) -> dict[str, Any]:
    header = election.header
    moments = {name: _moment(header[name]) for name in ("opens_at", "closes_at")}
    rule = {"name": header["seat_rule"]["name"], "list_seats": header["seat_rule"]["list_seats"] or 0}
    contests = [
        {
            "ballot": contest["ballot"], "area": contest["area"], "seats": _or(contest["seats"], 1),
            "options": [_option(option) for option in sorted(contest["options"], key=lambda option: int(option["number"]))],
        }
        for contest in election.given
    ]  # fmt: skip
    return {
        "v": 1, "election": election.id, "name": header["name"], "date": header["date"], **moments,
        "seat_rule": rule, "ballots": header["ballots"], "parties": list(election.parties.values()),
        "areas": list(election.areas.values()), "contests": contests,
    }  # fmt: skip


def _or(number: int | None, otherwise: int) -> int:
    return otherwise if number is None else number


def _option(option: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in option.items() if name != "list_names" or value is not None}


def _moment(micros: int) -> str:
    return f"{EPOCH + timedelta(microseconds=micros):%Y-%m-%dT%H:%M:%S.%fZ}"


def share(part: int, whole: int) -> int:
    return part * 10_000 // whole if whole else 0


def eligible(sheets: list[Sheet]) -> int:
    return sum(sheet.station.eligible for sheet in sheets)


def covered(area: str, sheets: list[Sheet]) -> dict[str, Any]:
    counted = [sheet for sheet in sheets if sheet.counted]
    return {
        "area": area, "sheets": len(sheets), "counted": len(counted), "share": share(len(counted), len(sheets)),
        "eligible": eligible(sheets), "counted_eligible": eligible(counted),
        "eligible_share": share(eligible(counted), eligible(sheets)),
        "sheets_by_state": {state: sum(sheet.stand.state == state for sheet in sheets) for state in STATES},
    }  # fmt: skip


def bias(count: Count, ballot: str) -> int | None:
    parts = [count.inside(ballot, area) for area in count.levels[count.wide]]
    counted = [eligible([sheet for sheet in sheets if sheet.counted]) for sheets in parts]
    everybody = [eligible(sheets) for sheets in parts]
    if not sum(counted):
        return None
    pairs = zip(counted, everybody, strict=True)
    twice = sum(abs(Fraction(one, sum(counted)) - Fraction(other, sum(everybody))) for one, other in pairs)
    return ceil(Fraction(twice) * 5_000)


def coverage(count: Count, ballot: str) -> dict[str, Any]:
    country, whole = count.levels[count.top][0], count.whole(ballot)
    return {
        "ballot": ballot, "whole": covered(country, whole), "bias": bias(count, ballot), "bias_level": count.wide,
        "areas": [covered(area, count.inside(ballot, area)) for area in count.levels[count.wide]],
        "kinds": [
            covered(f"{country}/{kind}", [sheet for sheet in whole if sheet.station.kind == kind])
            for kind in count.kinds
        ],
    }  # fmt: skip


def block(sheets: list[Sheet]) -> dict[str, Any]:
    """Say what every row about an area and a ballot says."""
    states = [[sheet for sheet in sheets if sheet.stand.state == state] for state in STATES]
    layers = [[sheet for sheet in sheets if sheet.stand.layer == layer] for layer in LAYERS]
    whole = covered("", sheets)
    return {
        "sheets_by_state": [len(each) for each in states], "sheets": [len(each) for each in layers],
        "eligible_by_state": [eligible(each) for each in states], "eligible": [eligible(each) for each in layers],
        **{name: whole[name] for name in SHARES},
    }  # fmt: skip


def the_contest(sheets: list[Sheet]) -> Contest | None:
    """Give the contest of all these sheets, when there is one."""
    contests = {id(sheet.contest): sheet.contest for sheet in sheets}
    return next(iter(contests.values())) if len(contests) == 1 else None


def constituencies(count: Count) -> dict[str, Any]:
    areas, shared = [], shared_columns(count)
    for code in count.levels[count.contest_level]:
        ballots = {}
        for ballot in count.election.ballots:
            sheets = count.inside(ballot, code)
            if contest := the_contest(sheets):
                ballots[ballot] = block(sheets) | {"votes": by_layer(sheets, FIRST + len(contest.keys))}
                if ballot not in shared:
                    ballots[ballot]["columns"] = columns_of(contest)
                if contest.area == code:
                    lead, of_all = leads(count, contest)
                    ballots[ballot] |= {"lead": lead.told(), "lead_of_all_layers": of_all.told()}
        if ballots:
            areas.append(_area(count, code) | {"ballots": ballots})
    return _level(count) | {"areas": areas}


def shared_columns(count: Count) -> dict[str, list[str]]:
    """Give the columns of ballots with one contest that is not of the level."""
    contests = list(count.election.contests.values())
    alone = [one for one in contests if sum(other.ballot == one.ballot for other in contests) == 1]
    return {one.ballot: columns_of(one) for one in alone if count.election.scopes[one.ballot] != count.contest_level}


def _level(count: Count) -> dict[str, Any]:
    return {
        "level": count.contest_level, "states": STATES, "layers": LAYERS, "columns": shared_columns(count),
    }  # fmt: skip


def _area(count: Count, code: str) -> dict[str, Any]:
    area = count.election.areas[code]
    return {"area": code, "in": area["parent"], "name": area["name"]}


def kinds(count: Count) -> dict[str, Any]:
    areas, shared = [], shared_columns(count)
    for code in count.levels[count.contest_level]:
        for kind in count.kinds:
            ballots = {}
            for ballot in count.election.ballots:
                sheets = [sheet for sheet in count.inside(ballot, code) if sheet.station.kind == kind]
                if contest := the_contest(sheets):
                    ballots[ballot] = block(sheets) | {"votes": by_layer(sheets, FIRST + len(contest.keys))}
                    if ballot not in shared:
                        ballots[ballot]["columns"] = columns_of(contest)
            if ballots:
                areas.append(_area(count, code) | {"kind": kind, "ballots": ballots})
    return _level(count) | {"areas": areas}


def provinces(count: Count) -> dict[str, Any]:
    parties = [*count.election.parties, None]
    areas = []
    for code in dict.fromkeys([*count.levels[count.top], *count.levels[count.wide]]):
        ballots = {}
        for ballot in count.election.ballots:
            sheets = count.inside(ballot, code)
            votes = by_layer(by_party(count, sheets), FIRST + len(parties))
            ballots[ballot] = block(sheets) | {"votes": votes}
        areas.append(_area(count, code) | {"kind": count.election.areas[code]["kind"], "ballots": ballots})
    return {
        "level": count.wide, "states": STATES, "layers": LAYERS, "columns": [*TOTALS, *parties], "areas": areas,
    }  # fmt: skip


def headline(count: Count, over_headline: dict[str, Any], over_all: dict[str, Any]) -> dict[str, Any]:
    header = count.election.header
    names = ("parties", "undecided", "list_fixed", "list_open")
    return {
        "name": header["name"], "date": header["date"], "unread": count.unread,
        "ballots": [ballot_of(count, ballot) for ballot in header["ballots"]],
        "parliament": {
            "headline": {name: over_headline[name] for name in names},
            "all_layers": {name: over_all[name] for name in names},
        },
        "parties": parties_of(count, [*over_headline["parties"], *over_all["parties"]]),
    }  # fmt: skip


def ballot_of(count: Count, ballot: dict[str, Any]) -> dict[str, Any]:
    code = ballot["code"]
    sheets = count.whole(code)
    layers = {layer: [sheet for sheet in sheets if sheet.stand.layer == layer] for layer in LAYERS}
    totals = by_layer(by_party(count, sheets), FIRST + len(count.election.parties) + 1)
    return {
        "ballot": code, "name": ballot["name"], "whole": covered(count.levels[count.top][0], sheets),
        "bias": bias(count, code),
        "sheets_by_layer": {layer: len(each) for layer, each in layers.items()},
        "eligible_by_layer": {layer: eligible(each) for layer, each in layers.items()},
        "totals": {layer: dict(zip(TOTALS, row, strict=False)) for layer, row in totals.items()},
    }  # fmt: skip


def parties_of(count: Count, seated: list[dict[str, Any]]) -> list[dict[str, Any]]:
    votes = party_votes(count, count.headline)
    layers = {layer: party_votes(count, [layer]) for layer in LAYERS[1:]}
    everywhere = party_votes(count, LAYERS[1:])
    with_seat = {row["party"] for row in seated if row["total"]}
    order = sorted(count.election.parties, key=lambda code: (-votes[code], -everywhere[code], code))
    rows = []
    for rank, code in enumerate(order):
        if code in with_seat or (rank < MOST_PARTIES and everywhere[code]):
            party = count.election.parties[code]
            rows.append(
                {name: party[name] for name in ("name", "short", "color")}
                | {"party": code, "votes": votes[code], "share": share(votes[code], sum(votes.values()))}
                | {"by_layer": {layer: each[code] for layer, each in layers.items()}}
            )
    return rows

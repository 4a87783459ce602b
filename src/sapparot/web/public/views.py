"""What stands on the pages of areas, as values for their templates: pure functions of a snapshot."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from sapparot.contests import Ballot
from sapparot.places import children, enclosing
from sapparot.tally import TOTALS
from sapparot.web.public.contests import contest_line, contest_lines, national_sums, option_lines, progress
from sapparot.web.public.facts import ContestLine, OptionLine, ProvinceLine, StationGroup, StationLine
from sapparot.web.public.mapdraw import Atlas
from sapparot.web.public.parliament import hemicycle, party_lines
from sapparot.web.public.snapshots import AreaSums, Definition, Edition, StationFile, Sums

Values: TypeAlias = dict[str, Any]

CLOSEST = 8
"""Constituencies in the list of the closest."""
DOWNLOADS = ("headline.json", "constituencies.json", "provinces.json", "seats.json", "coverage.json", "manifest.json")


def country(edition: Edition, atlas: Atlas) -> Values:
    """Give the live page of the whole country."""
    definition = edition.definition
    whole = edition.provinces.areas[0]
    contests = contest_lines(edition)
    parties = party_lines(edition, contests)
    counted, everything = edition.seats.headline, edition.seats.all_layers
    return {
        **frame(edition),
        "title": definition.name,
        "progress_lines": progress(edition, whole),
        "national": _national(edition),
        "parties": parties,
        "hemi": hemicycle(definition, parties),
        "contests": contests,
        "drawing": atlas.country,
        "legend": [line for line in parties if line.constituency or line.provisional],
        "close": closest(contests),
        "provinces": province_lines(edition),
        "open": counted.undecided,
        "list_open": counted.list_open,
        "list_seats": definition.seat_rule.list_seats,
        "refused": counted.refused or everything.refused,
        "bias": [(ballot.name, covered.bias) for ballot, covered in _biases(edition)],
        "unread": edition.headline.unread,
        "downloads": DOWNLOADS,
    }


def province(edition: Edition, atlas: Atlas, code: str) -> Values | None:
    """Give the page of one province; None when no area of that code groups constituencies."""
    definition = edition.definition
    area = edition.province.get(code)
    own = [contest_line(edition, one) for one in edition.constituencies.areas if one.around == code]
    if area is None or not any(line.code == code for line in province_lines(edition)):
        return None
    ballot = definition.lists
    return {
        **frame(edition),
        "title": area.name,
        "area": area,
        "progress_lines": progress(edition, area),
        "contests": own,
        "legend": (),
        "drawing": atlas.around([line.code for line in own]),
        "votes": _party_votes(edition, area.ballots[ballot.code]),
        "votes_ballot": ballot.name,
        "registered": definition.area[code].registered,
    }


def constituency(edition: Edition, code: str, stations: StationFile | None) -> Values | None:
    """Give the page of one constituency; None for an unknown code. `stations` is None until the first full snapshot."""
    definition = edition.definition
    area = edition.constituency.get(code)
    if area is None:
        return None
    contests = []
    for ballot in definition.ballots:
        contest, sums = definition.contest_at(ballot, code), area.ballots.get(ballot.code)
        if contest is not None and sums is not None:
            local = ballot is definition.local
            contests.append((ballot, local, option_lines(edition, contest, sums), _totals(edition, sums)))
    around = next((line for line in province_lines(edition) if line.code == area.around), None)
    return {
        **frame(edition),
        "title": area.name,
        "area": area,
        "around": around,
        "line": contest_line(edition, area),
        "progress_lines": progress(edition, area),
        "tables": contests,
        "groups": station_groups(definition, code, stations) if stations else [],
        "ballots": definition.ballots,
        "siblings": siblings(edition, area),
        "registered": definition.area[code].registered,
    }


def frame(edition: Edition) -> Values:
    """Give what every page with a snapshot shows."""
    return {
        "stamp": edition.mark,
        "roll": edition.headline.definition[:16],
        "election": edition.definition.name,
        "definition": edition.definition,
    }


def closest(contests: Iterable[ContestLine]) -> list[ContestLine]:
    """Give the constituencies whose leader is followed most closely, of those that are still open to change."""
    open_ones = [line for line in contests if line.leader and line.standing in ("leading", "provisional")]
    return sorted(open_ones, key=lambda line: (line.standing != "leading", line.margin, line.code))[:CLOSEST]


def province_lines(edition: Edition) -> list[ProvinceLine]:
    """Give the areas that group constituencies and are not the whole country, in the order of the election."""
    counts: dict[str, int] = {}
    for area in edition.constituencies.areas:
        if area.around is not None:
            counts[area.around] = counts.get(area.around, 0) + 1
    local = edition.definition.local.code
    return [
        ProvinceLine(code, area.name, counts[code], area.ballots[local].share)
        for code, area in list(edition.province.items())[1:]
        if code in counts
    ]


def siblings(edition: Edition, area: AreaSums) -> tuple[AreaSums | None, AreaSums | None]:
    """Give the constituencies before and after one, in the order of the election."""
    areas = edition.constituencies.areas
    at = areas.index(area)
    return (areas[at - 1] if at else None), (areas[at + 1] if at + 1 < len(areas) else None)


def station_groups(definition: Definition, around: str, file: StationFile) -> list[StationGroup]:
    """Give the stations of a constituency by subdistrict as their codes say it, each with the states of its sheets by ballot."""
    states: dict[str, dict[str, str]] = {}
    eligible: dict[str, int] = {}
    for block in file.ballots:
        station, state, people = (block.columns.index(name) for name in ("station", "state", "eligible"))
        for row in block.rows:
            code = str(row[station])
            states.setdefault(code, {})[block.ballot] = str(row[state])
            eligible[code] = int(row[people] or 0)
    groups: dict[str, list[StationLine]] = {}
    for code in sorted(states):
        home, _, unit = code.rpartition("-")
        found = tuple(states[code].get(ballot.code) for ballot in definition.ballots)
        groups.setdefault(home or around, []).append(StationLine(code, unit, eligible[code], found))
    names = {home: area.name for home in groups if (area := definition.area.get(home)) is not None}
    return [StationGroup(home, names.get(home), tuple(lines)) for home, lines in groups.items()]


def _national(edition: Edition) -> list[tuple[Ballot, list[OptionLine], dict[str, int]]]:
    """Give the ballots of the whole country that fill no lists: their options and totals."""
    top, found = edition.definition.areas[0].code, []
    for ballot in edition.definition.national:
        contest, sums = edition.definition.contest_at(ballot, top), national_sums(edition, ballot)
        if contest is not None and sums is not None:
            found.append((ballot, option_lines(edition, contest, sums), _totals(edition, sums)))
    return found


def _biases(edition: Edition) -> list[tuple[Any, Any]]:
    named = {ballot.code: ballot for ballot in edition.definition.ballots}
    return [(named[covered.ballot], covered) for covered in edition.coverage.ballots if covered.bias is not None]


def _party_votes(edition: Edition, sums: Sums) -> list[tuple[int, Any, int, int]]:
    """Give parties by votes in the headline: (place, party, votes, share); those without a vote are left out."""
    votes = [sums.of(edition.counted, len(TOTALS) + place) for place in range(len(edition.definition.parties))]
    whole = sum(votes)
    order = sorted(range(len(votes)), key=lambda place: (-votes[place], place))
    return [
        (place, edition.definition.parties[place], votes[place], votes[place] * 10_000 // whole)
        for place in order
        if votes[place]
    ]


def _totals(edition: Edition, sums: Sums) -> dict[str, int]:
    return {name: sums.of(edition.counted, column) for column, name in enumerate(TOTALS)}


def area_tree(definition: Definition) -> list[tuple[Any, list[Any]]]:
    """Give the areas that group constituencies with their constituencies, in the order of the election."""
    level = definition.local.scope
    below = children(definition.area)
    parents = dict.fromkeys(area.parent for area in definition.areas if area.kind == level)
    return [
        (definition.area[code], [area for area in below[code] if area.kind == level])
        for code in parents
        if code is not None
    ]


def find_areas(definition: Definition, words: str, most: int = 60) -> list[tuple[Any, Any]]:
    """Give areas whose name or code holds the words, each with the constituency around it; best matches first.

    Areas above the constituencies come with None.
    """
    wanted = words.casefold()
    level = definition.local.scope
    found = []
    for area in definition.areas:
        names = (area.name.th.casefold(), area.name.en.casefold(), area.code.casefold())
        if any(wanted in name for name in names):
            rank = min(0 if name == wanted else 1 if name.startswith(wanted) else 2 for name in names if wanted in name)
            found.append((rank, area))
    found.sort(key=lambda pair: pair[0])
    return [(area, enclosing(definition.area, area.code, level)) for _, area in found[:most]]

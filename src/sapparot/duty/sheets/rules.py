"""From the roll in memory to what a phone needs of one station."""

from __future__ import annotations

from functools import lru_cache

from sapparot.base.clock import stamp
from sapparot.contests import Contest, Election
from sapparot.duty.sheets.facts import (
    AreaNamed,
    FormListed,
    OptionListed,
    PlaceListed,
    PlacesListed,
    SheetListed,
    StationListed,
    StationSheets,
)
from sapparot.places import UNKNOWN_PLACE, Area, ancestors, children

COUNTRY, CONSTITUENCY = "country", "constituency"


def station_sheets(election: Election, number: int) -> StationSheets:
    """Describe the station at a position of the roll."""
    sheets = range(number * len(election.ballots), (number + 1) * len(election.ballots))
    return StationSheets(
        election=election.id,
        name=election.name,
        date=election.date,
        opens_at=stamp(election.opens_at),
        closes_at=stamp(election.closes_at),
        station=_station(election, number),
        areas=_areas(election, narrowest(election, number)),
        sheets=tuple(_sheet(election, sheet) for sheet in sheets if election.sheet_contest[sheet] >= 0),
    )


def places_in(election: Election, code: str | None) -> PlacesListed:
    """Name the areas in an area; in the whole country for None."""
    below, inside = _below(election), list[PlaceListed]()
    for area in below.get(code, []):
        if area.kind != COUNTRY:
            inside.append(_listed(area))
        if area.kind in (COUNTRY, CONSTITUENCY):
            inside += map(_listed, below.get(area.code, []))
    around = _areas(election, code)
    return PlacesListed(election.id, tuple(area for area in around if area.kind != COUNTRY), tuple(inside))


@lru_cache(maxsize=4)
def _below(election: Election) -> dict[str | None, list[Area]]:
    return children(election.areas)


def some_station(election: Election, code: str) -> int | None:
    """Give the position of an ordinary station of a constituency, of any when there is no ordinary one; None when there is none."""
    area = election.areas.get(code)
    if area is None or area.kind != CONSTITUENCY:
        return None
    roll = election.stations
    inside = (roll.columns[CONSTITUENCY] == roll.area_codes[CONSTITUENCY].index(code)).nonzero()[0].tolist()
    return min(inside, key=lambda number: (roll.kind[number] != "ordinary", number), default=None)


def _listed(area: Area) -> PlaceListed:
    return PlaceListed(area.code, area.kind, area.name, area.parent)


def place_of(election: Election, number: int) -> tuple[int, int] | None:
    """Give latitude and longitude of a station in microdegrees, None when nobody knows them."""
    lat, lon = int(election.stations.lat[number]), int(election.stations.lon[number])
    return (lat, lon) if lat or lon else None


def narrowest(election: Election, number: int) -> str | None:
    """Give the code of the smallest area around a station."""
    roll, found, depth = election.stations, None, -1
    for kind, column in roll.columns.items():
        position = int(column[number])
        if position != UNKNOWN_PLACE:
            code = roll.area_codes[kind][position]
            deep = sum(1 for _ in ancestors(election.areas, code))
            if deep > depth:
                found, depth = code, deep
    return found


def _station(election: Election, number: int) -> StationListed:
    roll = election.stations
    lat, lon = place_of(election, number) or (None, None)
    return StationListed(roll.codes[number], roll.kind[number], int(roll.eligible[number]), lat, lon)


def _areas(election: Election, code: str | None) -> tuple[AreaNamed, ...]:
    if code is None:
        return ()
    return tuple(AreaNamed(area.code, area.kind, area.name) for area in ancestors(election.areas, code))


def _sheet(election: Election, number: int) -> SheetListed:
    contest = election.contest_of(number)
    ballot = next(ballot for ballot in election.ballots if ballot.code == contest.ballot)
    forms = (form for form in election.forms if form.ballot == ballot.code)
    return SheetListed(
        sheet=election.sheet_key(number),
        ballot=ballot.code,
        name=ballot.name,
        options=_options(election, contest),
        forms=tuple(FormListed(form.code, form.pages, form.name) for form in forms),
    )


def _options(election: Election, contest: Contest) -> tuple[OptionListed, ...]:
    listed: list[OptionListed] = []
    for option in contest.options:
        party = None if option.party is None else election.parties[option.party]
        short, color = (None, None) if party is None else (party.short, party.color)
        listed.append(OptionListed(option.number, option.name, option.party, short, color))
    return tuple(listed)

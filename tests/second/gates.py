"""The gates: what keeps a report or reading out of the count, all looked at, in the order of the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.second.book import Book, Device
from tests.second.case import ALL, COUNTING, Values
from tests.second.figures import shown
from tests.second.forms import Letter, signed_by
from tests.second.ground import SheetId
from tests.second.reading import Members
from tests.second.rules import photograph_key


@dataclass
class Arrival:
    """A report or reading that could be read."""

    book: Book
    envelope: Letter
    letter: Members
    stage: str
    received: int
    device: Device | None
    sheet: SheetId | None
    checks_signatures: bool


def device_is_enrolled(arrival: Arrival) -> Values | None:
    reason = "unknown" if arrival.device is None else arrival.device.trouble(arrival.received)
    return {"device": shown(arrival.envelope.kid), "reason": reason} if reason else None


def signature_holds(arrival: Arrival) -> Values | None:
    if not arrival.checks_signatures or arrival.device is None:
        return None
    return None if signed_by(arrival.envelope, arrival.device.key) else {}


def election_is_ours(arrival: Arrival) -> Values | None:
    election = arrival.letter["election"]
    return None if election == arrival.book.election.id else {"election": shown(election)}


def sheet_is_known(arrival: Arrival) -> Values | None:
    name = arrival.letter["sheet"]
    of_area = arrival.stage == "official" and arrival.book.election.is_sheet_of_area(name)
    return None if arrival.sheet is not None or of_area else {"sheet": shown(name)}


def stage_is_allowed(arrival: Arrival) -> Values | None:
    levels = arrival.book.policy.levels
    needed = levels[arrival.stage] if arrival.stage in ("official", "reading") else 1
    level = arrival.device.level if arrival.device else 0
    if arrival.stage in ALL and (arrival.device is None or level >= needed):
        return None
    return {"stage": shown(arrival.stage), "level": level, "needed": needed}


def report_is_new(arrival: Arrival) -> Values | None:
    return {} if arrival.device is not None and arrival.letter["id"] in arrival.device.said else None


def device_has_room(arrival: Arrival) -> Values | None:
    device, sheet, room = arrival.device, arrival.sheet, arrival.book.policy.evening["stations"]
    if arrival.stage not in COUNTING or sheet is None or device is None or device.level != 1:
        return None
    stations = {said.station for said in device.said.values()}
    return {"stations": room} if len(stations) >= room and sheet.station not in stations else None


def reading_is_blind(arrival: Arrival) -> Values | None:
    if arrival.stage != "reading" or arrival.sheet is None:
        return None
    voice = arrival.device.voice if arrival.device else arrival.envelope.kid
    claims = arrival.book.sheets[arrival.sheet].claims
    spoke = any(claim.stage != "reading" and claim.device.voice == voice for claim in claims)
    first = arrival.book.photographs.get(photograph_key(arrival.letter["photo"]) or "")
    seen_here = first is not None and first.station == arrival.sheet.station
    return {} if spoke or not seen_here else None


def official_from_own_area(arrival: Arrival) -> Values | None:
    if arrival.stage != "official" or arrival.device is None or arrival.device.areas is None:
        return None
    election, place = arrival.book.election, arrival.letter["sheet"].rpartition("/")[0]
    around: set[str] = set()
    if place in election.index:
        around = set(election.stations[election.index[place]].around.values())
    elif place in election.areas:
        around = {area["code"] for area in election.way_up(place)}
    return None if around & set(arrival.device.areas) else {"sheet": shown(arrival.letter["sheet"])}


GATES: tuple[Callable[[Arrival], Values | None], ...] = (
    device_is_enrolled,
    signature_holds,
    election_is_ours,
    sheet_is_known,
    stage_is_allowed,
    report_is_new,
    device_has_room,
    reading_is_blind,
    official_from_own_area,
)


def refusals(arrival: Arrival) -> list[tuple[str, Values]]:
    """Look at all gates; give those that failed."""
    found = [(gate.__name__, gate(arrival)) for gate in GATES]
    return [(name, values) for name, values in found if values is not None]

"""The schedule of an evening: which device reports which sheet when, what goes wrong with it, and when it leaves the phone.

Times are seconds since 1970 on the evening's own time line. Counting starts a few minutes after closing; how long it takes grows with
the ballots of a station; finals follow when the form is signed; stragglers come past midnight. Log-normal throughout.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sapparot.simulate.facts import Flat
from sapparot.simulate.mix import Mix
from sapparot.simulate.people import NOBODY, NOT, Crew
from sapparot.simulate.sums import Floats, Ints
from sapparot.simulate.truth import Truth

NONE = -1
MINUTE, HOUR = 60.0, 3600.0
FIRST_PROGRESS = 15 * MINUTE
"""After closing; before that nothing can have been counted that is worth a report."""
START_MEDIAN = 7 * MINUTE
COUNT_MEDIAN = (70 * MINUTE, 90 * MINUTE)
"""How long an average station counts its first and each further ballot paper."""
SIZE_EXPONENT = 0.5
TYPING_MEDIAN, WALKING_MEDIAN, NOTICING_MEDIAN = 5 * MINUTE, 12 * MINUTE, 4 * MINUTE
"""From the end of a count to the first final; from there to the neighbour's; from a mistake to its correction."""
SENDING_MEDIAN = 3.0
"""Seconds from the thumb to the door."""
OFFICIAL_AFTER = 6 * HOUR
PROGRESS_CHANCES = (0.25, 0.55, 0.20)
"""Chances of no, one and two progress reports for a sheet."""


class Stage(IntEnum):
    """Stages of a report."""

    PROGRESS = 0
    FINAL = 1
    OFFICIAL = 2


class Slip(IntEnum):
    """What is wrong with the figures of a report; see mistakes.py."""

    NOTHING = 0
    SWAPPED_DIGITS = 1
    SHIFTED_ROWS = 2
    MISSING_FIGURE = 3
    TYPO = 4
    LIE = 5


class Trick(IntEnum):
    """What is wrong with the sending of a report."""

    NOTHING = 0
    LOST_ANSWER = 1
    FORGED = 2
    STRANGER = 3
    GARBAGE = 4
    LOST = 5


EVENT = np.dtype(
    [
        ("due", "f8"),  # leaves the phone
        ("made", "f8"),  # was written, on the evening's time line; the phone's own clock may say otherwise
        ("device", "i4"),
        ("sheet", "i4"),  # station * ballots + ballot
        ("stage", "u1"),
        ("share", "u2"),  # permille of the ballots read so far
        ("slip", "u1"),
        ("trick", "u1"),
        ("salt", "u4"),  # decides the details of a slip
        ("replaces", "i4"),  # row of the report that this one corrects, or NONE
        ("again", "i4"),  # row whose bytes are sent again, or NONE
        ("seq", "i4"),  # number of the report on its device
        ("photo", "u1"),  # names a photograph of the form, which goes first
        ("parcel", "i4"),  # rows of one device with one parcel number leave in one body; NONE alone
    ]
)
Events: TypeAlias = NDArray[np.void]


def schedule(truth: Truth, crew: Crew, closes_at: float, plan: tuple[Mix, int, int]) -> Events:
    """Return every event of the evening in the order in which they leave their phones.

    ``plan`` is the mix, the number of photographs and the seed. Equal arguments give equal bytes.
    """
    mix, photos, seed = plan
    chance = np.random.default_rng([seed, 3])
    started, finished = _counts(truth, closes_at, mix, chance)
    typed = finished + _lognormal(TYPING_MEDIAN, 0.8, finished.shape, chance)
    finals = _finals(truth, crew, typed, chance)
    _slip(finals, truth, mix, chance)
    _photograph(finals, photos, chance)
    progress = _progress(truth, crew, (closes_at, started, finished, typed), chance)
    events = np.concatenate([finals, progress, _official(truth, crew, closes_at, mix, chance)])
    events["due"] = events["made"] + _lognormal(SENDING_MEDIAN, 0.7, events.shape, chance)
    _lie(events, crew)
    events = _corrected(events, mix, chance)
    _lose_connection(events, crew, closes_at, chance)
    _number(events)
    lost = chance.random(len(events)) < mix.lost_answer_permille / 1000
    events["trick"][lost] = Trick.LOST_ANSWER
    return _in_order(np.concatenate([events, *_noise(events, mix, chance), *_found_phones(events, crew)]))


def _lognormal(median: float, spread: float, shape: tuple[int, ...], chance: np.random.Generator) -> Floats:
    return np.asarray(median * np.exp(chance.normal(0, spread, shape)))


def _counts(truth: Truth, closes_at: float, mix: Mix, chance: np.random.Generator) -> tuple[Floats, Floats]:
    """Return when counting starts and ends: n x ballots each."""
    shape = (len(truth), len(truth.ballots))
    size = (truth.cast / max(truth.cast.mean(), 1)) ** SIZE_EXPONENT
    medians = [COUNT_MEDIAN[min(ballot, 1)] for ballot in range(shape[1])]
    started = closes_at + _lognormal(START_MEDIAN, 0.3, (shape[0], 1), chance) + np.zeros(shape)
    takes = size[:, np.newaxis] * np.array(medians) * _lognormal(1.0, 0.3, shape, chance)
    late = chance.random(shape[0]) < mix.late_permille / 1000
    night = late & (chance.random(shape[0]) < 1 / 8)
    takes[late] += chance.exponential(1.5 * HOUR, (int(late.sum()), 1))
    takes[night] += 5 * HOUR
    return started, started + takes


def _events(count: int) -> Events:
    events = np.zeros(count, EVENT)
    events["replaces"] = events["again"] = events["parcel"] = NONE
    return events


def _finals(truth: Truth, crew: Crew, typed: Floats, chance: np.random.Generator) -> Events:
    """Every source of every station reports both ballots as final; the station's own volunteer first."""
    parts = []
    for source in (crew.main, crew.second, crew.third):
        stations = np.flatnonzero(source != NOBODY)
        made = typed[stations]
        if source is not crew.main:
            made = made + _lognormal(WALKING_MEDIAN, 0.7, made.shape, chance)
        part = _events(made.size)
        part["made"] = made.ravel()
        part["device"] = np.repeat(source[stations], made.shape[1])
        part["sheet"] = (stations[:, np.newaxis] * made.shape[1] + np.arange(made.shape[1])).ravel()
        part["stage"] = Stage.FINAL
        part["share"] = 1000
        part["salt"] = chance.integers(0, 2**32, part.shape, np.uint32)
        parts.append(part)
    return np.concatenate(parts)


def _slip(finals: Events, truth: Truth, mix: Mix, chance: np.random.Generator) -> None:
    """Let some finals go wrong; rows shift only on long forms."""
    wrong = np.flatnonzero(chance.random(len(finals)) < mix.mistakes_permille / 1000)
    kind = chance.choice([Slip.SWAPPED_DIGITS, Slip.SHIFTED_ROWS, Slip.MISSING_FIGURE, Slip.TYPO], len(wrong))
    ballots = len(truth.ballots)
    station, ballot = np.divmod(finals["sheet"][wrong], ballots)
    length = np.array([len(options) for options in truth.contests])[truth.contest[ballot, station]]
    kind[(kind == Slip.SHIFTED_ROWS) & (length < LONG_FORM)] = Slip.TYPO
    finals["slip"][wrong] = kind


LONG_FORM = 25
"""Options from which on a form is so long that people lose the line."""


def _photograph(finals: Events, photos: int, chance: np.random.Generator) -> None:
    chosen = chance.choice(len(finals), min(photos, len(finals)), replace=False)
    finals["photo"][chosen] = 1


def _progress(
    truth: Truth, crew: Crew, times: tuple[float, Floats, Floats, Floats], chance: np.random.Generator
) -> Events:
    """While a station counts, its own volunteer reports how far it is."""
    closes_at, started, finished, _ = times
    sheets = np.arange(started.size)
    rows = np.repeat(sheets, chance.choice(len(PROGRESS_CHANCES), started.size, p=PROGRESS_CHANCES))
    begin, end = started.ravel()[rows], finished.ravel()[rows]
    made = begin + (end - begin) * chance.uniform(0.1, 0.9, len(rows))
    made = np.maximum(made, closes_at + FIRST_PROGRESS + chance.exponential(4 * MINUTE, len(rows)))
    kept = (made < end - 2 * MINUTE) & (crew.main[rows // len(truth.ballots)] != NOBODY)
    events = _events(int(kept.sum()))
    events["made"] = made[kept]
    events["sheet"] = rows[kept]
    events["device"] = crew.main[rows[kept] // len(truth.ballots)]
    events["stage"] = Stage.PROGRESS
    events["share"] = np.floor(1000 * (made - begin) / (end - begin))[kept]
    return events


def _official(truth: Truth, crew: Crew, closes_at: float, mix: Mix, chance: np.random.Generator) -> Events:
    """Constituency heads bring the authority's figure of a few sheets, late in the evening."""
    ballots = len(truth.ballots)
    sheets = np.flatnonzero(chance.random(len(truth) * ballots) < mix.official / 1000)
    events = _events(len(sheets))
    events["made"] = closes_at + OFFICIAL_AFTER + chance.exponential(HOUR, len(sheets))
    events["sheet"] = sheets
    events["device"] = crew.head[np.unique(truth.constituency, return_inverse=True)[1][sheets // ballots]]
    events["stage"] = Stage.OFFICIAL
    events["share"] = 1000
    return events


def _lie(events: Events, crew: Crew) -> None:
    """Whoever lies does so in every report; people who plot together tell the same lie about a sheet."""
    lies_for = crew.lies_for[events["device"]]
    lying = lies_for != NOT
    events["slip"][lying] = Slip.LIE
    key = np.where(lies_for >= 0, events["sheet"].astype(np.int64), events["device"].astype(np.int64))
    events["salt"][lying] = (key[lying] * 2_654_435_761 + 12_345) % 2**32


def _corrected(events: Events, mix: Mix, chance: np.random.Generator) -> Events:
    """Most honest mistakes are noticed on the phone some minutes later; the correction says which report it replaces."""
    wrong = np.flatnonzero((events["slip"] != Slip.NOTHING) & (events["slip"] != Slip.LIE))
    noticed = wrong[chance.random(len(wrong)) < mix.noticed_permille / 1000]
    fixed = events[noticed].copy()
    delay = _lognormal(NOTICING_MEDIAN, 0.8, fixed.shape, chance)
    fixed["made"] += delay
    fixed["due"] += delay
    fixed["slip"] = Slip.NOTHING
    fixed["photo"] = 0
    fixed["replaces"] = noticed
    return np.concatenate([events, fixed])


def _lose_connection(events: Events, crew: Crew, closes_at: float, chance: np.random.Generator) -> None:
    """Some phones are cut off for an hour; what they wrote meanwhile leaves in one body afterwards."""
    cut_at = closes_at + FIRST_PROGRESS + chance.uniform(0, 4 * HOUR, len(crew))
    begin = cut_at[events["device"]]
    held = crew.offline[events["device"]] & (events["due"] >= begin) & (events["due"] < begin + HOUR)
    events["due"][held] = begin[held] + HOUR
    events["parcel"][held] = events["device"][held]


def _number(events: Events) -> None:
    """Count the reports of each device in the order in which they were written."""
    order = np.lexsort((events["made"], events["device"]))
    device = events["device"][order]
    first = np.flatnonzero(np.r_[True, device[1:] != device[:-1]])
    run = np.diff(np.r_[first, len(device)])
    events["seq"][order] = np.arange(len(device)) - np.repeat(first, run) + 1


def _noise(events: Events, mix: Mix, chance: np.random.Generator) -> list[Events]:
    """Bytes sent again, forgeries, strangers and garbage: all made from real events, and later than they."""
    resent = np.flatnonzero(chance.random(len(events)) < mix.resent_permille / 1000)
    parts = []
    for trick, rows in (
        (Trick.NOTHING, resent),
        *((trick, _some(events, share, chance)) for trick, share in _unwanted(mix)),
    ):
        part = events[rows].copy()
        part["due"] += _lognormal(2 * MINUTE, 1.0, part.shape, chance)
        part["trick"] = trick
        part["parcel"] = NONE
        part["photo"] = 0
        if trick is Trick.NOTHING:
            part["again"] = rows
        else:
            part["replaces"] = NONE
            part["slip"] = Slip.LIE
        parts.append(part)
    return parts


def _found_phones(events: Events, crew: Crew) -> list[Events]:
    """Whoever found a lost phone tries to report with it what its owner reports: once each, and only after it was revoked."""
    rows = np.flatnonzero(crew.lost[events["device"]])
    part = events[rows[np.unique(events["device"][rows], return_index=True)[1]]].copy()
    part["due"] += MINUTE
    part["trick"] = Trick.LOST
    part["slip"] = Slip.LIE
    part["parcel"] = part["replaces"] = NONE
    part["photo"] = 0
    return [part] if len(part) else []


def _unwanted(mix: Mix) -> tuple[tuple[Trick, int], ...]:
    return (Trick.FORGED, mix.forged), (Trick.STRANGER, mix.strangers), (Trick.GARBAGE, mix.garbage)


def _some(events: Events, per_100_000: int, chance: np.random.Generator) -> Ints:
    count = min(len(events), -(-len(events) * per_100_000 // 100_000))
    return np.asarray(chance.choice(len(events), count, replace=False), np.int64)


def _in_order(events: Events) -> Events:
    """Sort by the moment of leaving and let references follow."""
    order = np.argsort(events["due"], kind="stable")
    place = np.empty(len(events) + 1, np.int32)
    place[order] = np.arange(len(events), dtype=np.int32)
    place[-1] = NONE  # NONE picks the last element
    events = events[order]
    events["replaces"] = place[events["replaces"]]
    events["again"] = place[events["again"]]
    return events


def flat(events: Events, starts_at: float, plan: Flat) -> Events:
    """Turn an evening into an even load: the same reports in the same order, repeated as often as needed.

    Repeated reports have other ids; nothing refers to an earlier one and nothing is unwanted.
    """
    wanted = (events["again"] == NONE) & (events["trick"] < Trick.FORGED)
    count = plan.reports if plan.rate is None else min(plan.reports, int(plan.rate * plan.seconds))
    even = np.resize(events[wanted], count)
    even["due"] = starts_at if plan.rate is None else starts_at + np.arange(count) / plan.rate
    even["trick"], even["photo"] = Trick.NOTHING, 0
    even["replaces"] = NONE
    even["parcel"] = NONE
    return even

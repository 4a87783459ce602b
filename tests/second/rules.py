"""The rules of the page, in its order: each gives the values of its finding, or nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from tests.second import neighbours
from tests.second.book import COUNTED
from tests.second.case import ALL, COUNTING, WHOLE, Case, Values
from tests.second.figures import Row, differences, falls, in_bytes, largest, metres
from tests.second.ground import Contest
from tests.second.reading import Members

MOST_PHOTOGRAPHS = 16
DIGEST = re.compile("[0-9A-Fa-f]{64}")


def numbers_are_plausible(case: Case) -> Values | None:
    return {"number": case.figures.absurd} if case.figures.absurd is not None else None


def options_stand(case: Case) -> Values | None:
    strange = case.figures.strange
    return {"option": min(strange)[:20], "strange": len(strange)} if strange else None


def votes_sum_to_valid(case: Case) -> Values | None:
    valid, total, tolerance = case.figures.given("valid"), case.figures.total, case.tolerances["valid"]
    if valid is None:
        return None
    fails = total > valid + tolerance or (case.figures.known and total < valid - tolerance)
    return {"total": total, "valid": valid} if fails else None


def ballots_add_up(case: Case) -> Values | None:
    if case.cast is None:
        return None
    total, tolerance = case.figures.zero("valid") + case.rest, case.tolerances["ballots"]
    fails = total > case.cast + tolerance or (case.complete and total < case.cast - tolerance)
    return {"total": total, "cast": case.cast} if fails else None


def cast_within_eligible(case: Case) -> Values | None:
    eligible = case.station.eligible or case.figures.given("eligible")
    if eligible is None:
        return None
    cast = max(case.figures.zero("valid"), case.figures.total) + case.rest if case.cast is None else case.cast
    return {"cast": cast, "eligible": eligible} if cast > eligible + case.tolerances["eligible"] else None


def complete_reaches_turnout(case: Case) -> Values | None:
    other = case.other
    turnout = case.cast if case.cast is not None else other.cast if other else None
    if turnout is None or not case.complete:
        return None
    counted = case.figures.zero("valid") + case.rest
    fails = abs(counted - turnout) * 1000 > turnout * case.tolerances["complete_permille"]
    return {"counted": counted, "turnout": turnout} if fails else None


def same_turnout_on_both_ballots(case: Case) -> Values | None:
    other = case.other
    if case.cast is None or other is None or other.cast is None:
        return None
    share = other.cast * case.tolerances["turnout_permille"] // 1000
    fails = abs(case.cast - other.cast) > max(case.tolerances["turnout_ballots"], share)
    return {"cast": case.cast, "other": other.cast} if fails else None


def progress_never_falls(case: Case) -> Values | None:
    before = case.so_far.progress_of(case.device)
    if before is None:
        return None
    order = (before.row, case.figures.row)
    earlier, later = order if case.letter["seq"] >= before.seq else reversed(order)
    return falls(case.contest, earlier, later)


def final_not_below_progress(case: Case) -> Values | None:
    best = case.book.best_progress(case.sheet)
    return falls(case.contest, best, case.figures.row) if best else None


def device_keeps_its_word(case: Case) -> Values | None:
    finals = [claim for claim in case.so_far.claims if claim.device is case.device and claim.stage == "final"]
    kept = all(case.book.agree(claim.row, case.figures.row) for claim in finals)
    return None if kept else {"finals": len(finals) + 1}


def replaces_own_report(case: Case) -> Values | None:
    return {} if case.replaces == "foreign" else None


def counted_after_closing(case: Case) -> Values | None:
    early = case.received < case.closes
    return {"minutes": -((case.received - case.closes) // 60)} if early else None


def observed_after_closing(case: Case) -> Values | None:
    if case.observed is None or case.observed >= case.closes:
        return None
    return {"minutes": -((case.observed - case.closes) // 60)}


def paper_takes_time(case: Case) -> Values | None:
    ballots, passed = case.figures.total + case.rest, max(0, case.received - case.closes)
    fast = ballots * 60 > passed * case.evening["ballots_per_minute"]
    return {"ballots": ballots, "minutes": passed // 60} if case.figures.votes and fast else None


def clock_not_ahead(case: Case) -> Values | None:
    ahead = 0 if case.observed is None else case.observed - case.received
    return {"minutes": ahead // 60} if ahead > case.evening["clock_seconds"] else None


def figures_not_copied(case: Case) -> Values | None:
    if not case.figures.known or case.figures.total < case.evening["copied_votes"]:
        return None
    station = case.book.look_up(case.book.rows, in_bytes(case.figures.row), case.sheet, case.moved)
    return {"station": station} if station else None


def photograph_key(digest: Any) -> str | None:
    return digest[:16].lower() if isinstance(digest, str) and DIGEST.fullmatch(digest) else None


def _photographs(letter: Members) -> Iterator[str]:
    for item in letter["evidence"][:MOST_PHOTOGRAPHS]:
        for name in ("sha256", "small"):
            key = photograph_key(item[name])
            if key is not None:
                yield key


def photograph_not_copied(case: Case) -> Values | None:
    keys = list(_photographs(case.letter))
    found = [case.book.look_up(case.book.photographs, key, case.sheet, case.moved) for key in keys]
    stations = [station for station in found if station]
    return {"station": stations[0]} if stations else None


def device_near_station(case: Case) -> Values | None:
    place, there = case.letter["place"], case.station.place
    if place is None or there is None or len(place) != 2 or abs(place[0]) > 9000 or abs(place[1]) > 18000:
        return None
    distance = metres((place[0] * 10_000, place[1] * 10_000), there)
    return {"km": distance // 1000} if distance > case.evening["near_metres"] else None


def device_at_one_place(case: Case) -> Values | None:
    assert case.device.home is not None
    home = case.book.election.stations[case.device.home]
    if home is case.station or home.place is None or case.station.place is None:
        return None
    distance = metres(home.place, case.station.place)
    return {"km": distance // 1000, "station": home.code} if distance > case.evening["apart_metres"] else None


def duty_matches(case: Case) -> Values | None:
    duties = case.device.duties
    return {"station": duties[0]} if duties and case.station.code not in duties else None


def official_matches(contest: Contest, official: Row, ours: Row) -> Values | None:
    found = differences(contest, official, ours)
    if not found:
        return None
    _, figure, theirs, own = largest(found)
    return {"figure": figure, "official": theirs, "ours": own, "differing": len(found)}


def official_matches_ours(case: Case) -> Values | None:
    held = case.so_far.held
    if held.layer not in COUNTED or held.row is None:
        return None
    return official_matches(case.contest, case.figures.row, held.row)


def officials_agree(case: Case) -> Values | None:
    rows = case.book.last_officials(case.sheet)
    rows.pop(case.book.policy.group(case.device.network), None)
    found = [differences(case.contest, case.figures.row, row) for row in rows.values()]
    differing = [each for each in found if each]
    if not differing:
        return None
    _, figure, here, there = largest(differing[0])
    return {"figure": figure, "here": here, "there": there, "groups": len(differing)}


PROGRESS, FINAL, OFFICIAL = frozenset({"progress"}), frozenset({"final"}), frozenset({"official"})
RULES: tuple[tuple[Callable[[Case], Values | None], frozenset[str]], ...] = (
    (numbers_are_plausible, ALL),
    (options_stand, ALL),
    (votes_sum_to_valid, WHOLE),
    (ballots_add_up, WHOLE),
    (cast_within_eligible, ALL),
    (complete_reaches_turnout, WHOLE),
    (same_turnout_on_both_ballots, WHOLE),
    (progress_never_falls, PROGRESS),
    (final_not_below_progress, FINAL),
    (device_keeps_its_word, FINAL),
    (replaces_own_report, ALL),
    (counted_after_closing, COUNTING),
    (observed_after_closing, COUNTING),
    (paper_takes_time, COUNTING),
    (clock_not_ahead, ALL),
    (neighbours.turnout_like_neighbours, WHOLE),
    (neighbours.leader_like_neighbours, WHOLE),
    (neighbours.leader_like_other_ballot, WHOLE),
    (neighbours.rows_not_shifted, WHOLE),
    (figures_not_copied, FINAL),
    (photograph_not_copied, COUNTING),
    (device_near_station, COUNTING),
    (device_at_one_place, COUNTING),
    (duty_matches, COUNTING),
    (official_matches_ours, OFFICIAL),
    (officials_agree, OFFICIAL),
)
"""Every rule with the stages to which it applies."""


def failures(case: Case) -> list[tuple[str, Values]]:
    """Look at every rule, in order; even one that is `off` looks into the memories."""
    found = [(rule.__name__, rule(case)) for rule, stages in RULES if case.stage in stages]
    weight = case.book.policy.weight
    return [(name, values) for name, values in found if values is not None and weight(name) != "off"]

"""The rules that hold a sheet against those of the stations around it."""

from __future__ import annotations

from collections.abc import Iterator

from tests.second.case import Case, Values
from tests.second.figures import median, overlap, votes_of
from tests.second.ground import SheetId


def out_of_line(case: Case, value: int, around: list[int], floor: str) -> Values | None:
    limits = case.book.policy.neighbours
    if len(around) < limits["fewest"]:
        return None
    middle = median(around)
    distance, usual = abs(value - middle), median([abs(each - middle) for each in around])
    if distance > limits[floor] and distance > limits["deviations"] * usual:
        return {"value": value, "median": middle, "neighbours": len(around)}
    return None


def turnout_like_neighbours(case: Case) -> Values | None:
    if case.cast is None or case.station.eligible == 0:
        return None
    turnouts = [profile.turnout for _, profile in case.book.neighbours(case.sheet) if profile.turnout is not None]
    return out_of_line(case, case.cast * 1000 // case.station.eligible, turnouts, "turnout_permille")


def _share_of_top(case: Case, top: int) -> int:
    return case.figures.row[top] * 1000 // case.figures.total


def leader_like_neighbours(case: Case) -> Values | None:
    top = case.figures.top
    if top is None:
        return None
    shares = [profile.share(top) for _, profile in case.book.neighbours(case.sheet)]
    return out_of_line(case, _share_of_top(case, top), shares, "share_permille")


def partner(case: Case, top: int, other: SheetId) -> int | None:
    """Give the column of the same party on the other ballot, of several that of the highest number."""
    party = case.contest.parties[top]
    columns = [at for at, each in enumerate(case.book.contest(other).parties) if party is not None and each == party]
    return columns[-1] if columns else None


def _gaps(case: Case, top: int, other: SheetId, column: int) -> Iterator[int]:
    book = case.book
    for beside, profile in book.neighbours(case.sheet):
        theirs = book.other_ballot(beside)
        if theirs is not None and book.contest(theirs) is book.contest(other):
            beyond = book.profile(theirs)
            if beyond is not None:
                yield profile.share(top) - beyond.share(column)


def leader_like_other_ballot(case: Case) -> Values | None:
    top, other, profile = case.figures.top, case.book.other_ballot(case.sheet), case.other
    if top is None or other is None or profile is None:
        return None
    column = partner(case, top, other)
    if column is None:
        return None
    gap = _share_of_top(case, top) - profile.share(column)
    return out_of_line(case, gap, list(_gaps(case, top, other, column)), "gap_permille")


def rows_not_shifted(case: Case) -> Values | None:
    limits, top = case.book.policy.neighbours, case.figures.top
    around = [profile for _, profile in case.book.neighbours(case.sheet)]
    if len(case.contest.keys) < 3 or top is None or len(around) < limits["fewest"]:
        return None
    if any(profile.top == top for profile in around):
        return None
    ours = [max(0, count) for count in votes_of(case.figures.row)]
    theirs = [sum(column) for column in zip(*(profile.votes for profile in around), strict=True)]
    fits, up, down = overlap(ours, theirs), overlap(ours[1:], theirs[:-1]), overlap(ours[:-1], theirs[1:])
    if max(up, down) < fits + limits["shift_permille"]:
        return None
    return {"fits": fits, "shifted": max(up, down), "direction": "down" if up > down else "up"}

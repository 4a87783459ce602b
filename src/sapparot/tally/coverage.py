"""How much is counted, and how far the counted part is from the whole electorate."""

from fractions import Fraction

from msgspec import Struct

from sapparot.tally.facts import STATES
from sapparot.tally.result import Result

BASIS = 10_000
"""Shares are written in basis points: 10 000 is everything."""


class AreaCoverage(Struct, frozen=True):
    """Counted part of one area: sheets and their eligible voters, by headline; `states` counts all sheets by state."""

    area: str
    sheets: int
    counted_sheets: int
    eligible: int
    counted_eligible: int
    states: dict[str, int]


class Coverage(Struct, frozen=True):
    """Coverage of one ballot.

    `bias` is the total variation distance between the areas' shares of the counted eligible voters and their shares of
    the electorate: the least part of the counted weight that would have to move to other areas to mirror the country.
    0 means that every area is counted to the same degree; None that nothing is counted yet. `bias_level` is the kind of
    area compared. See docs/formats/snapshots.md.
    """

    ballot: str
    whole: AreaCoverage
    bias: Fraction | None
    bias_level: str
    areas: tuple[AreaCoverage, ...]
    kinds: tuple[AreaCoverage, ...]


def share(part: int, whole: int) -> int:
    """Give a share in basis points, rounded down, so that 10 000 is written only when nothing is missing."""
    return part * BASIS // whole if whole else 0


def rounded_up(value: Fraction) -> int:
    """Give a distance in basis points, rounded up, so that 0 is written only when there is none."""
    return -(-value.numerator * BASIS // value.denominator)


def distance(counted: list[int], electorate: list[int]) -> Fraction | None:
    """Give half the sum of |share of counted - share of electorate|, exactly; None when either is empty."""
    all_counted, everyone = sum(counted), sum(electorate)
    if not all_counted or not everyone:
        return None
    apart = sum(abs(here * everyone - voters * all_counted) for here, voters in zip(counted, electorate, strict=True))
    return Fraction(apart, 2 * all_counted * everyone)


def area_coverage(result: Result, ballot: str, level: str) -> tuple[AreaCoverage, ...]:
    """Give the coverage of every area of one level, in the order of the level."""
    sheets, eligible = result.sheets(ballot, level), result.eligible(ballot, level)
    states: list[list[int]] = sheets.sum(axis=2).tolist()
    rows = zip(
        result.levels[level].codes,
        sheets.sum(axis=(1, 2)).tolist(),
        result.counted(sheets).tolist(),
        eligible.sum(axis=(1, 2)).tolist(),
        result.counted(eligible).tolist(),
        (dict(zip(STATES, counts, strict=True)) for counts in states),
        strict=True,
    )
    return tuple(AreaCoverage(*row) for row in rows)


def coverage(result: Result, ballot: str) -> Coverage:
    """Give the coverage of one ballot in the country, in the areas below it, and by kind of station."""
    below, top = result.wide_level, result.top_level
    areas = area_coverage(result, ballot, below)
    (whole,) = area_coverage(result, ballot, top)
    return Coverage(
        ballot=ballot,
        whole=whole,
        bias=distance([area.counted_eligible for area in areas], [area.eligible for area in areas]),
        bias_level=below,
        areas=areas,
        kinds=area_coverage(result, ballot, f"{top}/kind"),
    )

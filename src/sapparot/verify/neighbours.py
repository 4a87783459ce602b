"""Rules that compare a sheet with the stations around it: hints for people, made to withstand a few wrong neighbours.

A figure is out of line when it lies further from the median of the neighbours than several median absolute deviations (MAD) and
further than a fixed distance that is in line at any rate. Median and MAD bear up to half of the neighbours being wrong
(Hampel, 1974, "The influence curve and its role in robust estimation").
"""

from __future__ import annotations

from collections.abc import Sequence

from sapparot.verify.arithmetic import WHOLE
from sapparot.verify.facts import Finding, failed, not_applicable, passed, unknown
from sapparot.verify.hood import share_of
from sapparot.verify.scene import Scene
from sapparot.verify.shapes import cell

FEWEST_ROWS = 3
"""Rows a contest needs before rows can be called shifted."""


def turnout_like_neighbours(scene: Scene) -> Finding:
    """Turnout is in line with the neighbouring stations."""
    rule, cast = "turnout_like_neighbours", scene.figures.ballots_cast
    if scene.stage not in WHOLE:
        return not_applicable(rule)
    if cast is None:
        return unknown(rule, "ballots_cast")
    if not scene.eligible:
        return unknown(rule, "eligible")
    around = [] if scene.neighbours is None else scene.neighbours.turnouts()
    return _in_line(rule, scene, cast * 1000 // scene.eligible, around, scene.policy.neighbours.turnout_permille)


def leader_like_neighbours(scene: Scene) -> Finding:
    """The share of the leading option is in line with the neighbouring stations."""
    rule, laid = "leader_like_neighbours", scene.laid
    if scene.stage not in WHOLE:
        return not_applicable(rule)
    if laid.top is None:
        return unknown(rule, "votes")
    share = cell(laid.row, laid.top) * 1000 // laid.total
    around = [] if scene.neighbours is None else scene.neighbours.shares(laid.top)
    return _in_line(rule, scene, share, around, scene.policy.neighbours.share_permille)


def leader_like_other_ballot(scene: Scene) -> Finding:
    """Where a party leads on one ballot, its share on the other ballot differs as much as in the neighbouring stations."""
    rule, laid = "leader_like_other_ballot", scene.laid
    if scene.stage not in WHOLE:
        return not_applicable(rule)
    if laid.top is None:
        return unknown(rule, "votes")
    if scene.other is None:
        return unknown(rule, "other_ballot")
    if scene.partner is None:
        return not_applicable(rule)
    top, partner = laid.top, scene.partner
    gap = cell(laid.row, top) * 1000 // laid.total - share_of(scene.other, partner)
    around = [] if scene.neighbours is None else scene.neighbours.gaps(top, partner)
    return _in_line(rule, scene, gap, around, scene.policy.neighbours.gap_permille)


def rows_not_shifted(scene: Scene) -> Finding:
    """No row was skipped on a long form: the votes fit the neighbours better where they stand than one row up or down."""
    rule, laid = "rows_not_shifted", scene.laid
    if scene.stage not in WHOLE or scene.shape.width < FEWEST_ROWS:
        return not_applicable(rule)
    if laid.top is None:
        return unknown(rule, "votes")
    profiles = [] if scene.neighbours is None else scene.neighbours.profiles()
    if len(profiles) < scene.policy.neighbours.fewest:
        return unknown(rule, "neighbours")
    if any(profile.top == laid.top for profile in profiles):
        return passed(rule)
    here = scene.shape.counts(laid.row)
    counts = [scene.shape.counts(profile.row) for profile in profiles]
    around = [sum(max(0, count) for count in column) for column in zip(*counts, strict=True)]
    fits = overlap(here, around)
    up, down = overlap(here[1:], around[:-1]), overlap(here[:-1], around[1:])
    if max(up, down) < fits + scene.policy.neighbours.shift_permille:
        return passed(rule)
    return failed(rule, fits=fits, shifted=max(up, down), direction="down" if up > down else "up")


def overlap(here: Sequence[int], around: Sequence[int]) -> int:
    """Tell how many of a thousand votes lie where the neighbours' votes lie: 1000 when the shares are equal, 0 when disjoint."""
    mine, theirs = sum(max(0, count) for count in here), sum(around)
    if not mine or not theirs:
        return 0
    shared = sum(min(max(0, a) * theirs, b * mine) for a, b in zip(here, around, strict=True))
    return shared * 1000 // (mine * theirs)


def median(values: Sequence[int]) -> int:
    """Give the middle of the values, rounded down."""
    ordered, middle = sorted(values), len(values) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) // 2


def _in_line(rule: str, scene: Scene, value: int, around: Sequence[int], floor: int) -> Finding:
    limits = scene.policy.neighbours
    if len(around) < limits.fewest:
        return unknown(rule, "neighbours")
    middle = median(around)
    distance = abs(value - middle)
    # The deviations are looked at only where the fixed distance is passed: nearly never, and this runs for every final.
    out = distance > floor and distance > limits.deviations * median([abs(other - middle) for other in around])
    values = {"value": value, "median": middle, "neighbours": len(around)}
    return failed(rule, **values) if out else passed(rule, **values)

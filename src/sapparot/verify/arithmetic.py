"""Rules about the numbers of one sheet: they must add up, whoever wrote them."""

from __future__ import annotations

from sapparot.verify.facts import Finding, Row, failed, not_applicable, passed, unknown
from sapparot.verify.scene import Scene
from sapparot.verify.shapes import TOTALS, ballots_cast, votes_known

WHOLE = ("final", "reading", "official")
"""Stages in which a sheet claims to be complete."""


def numbers_are_plausible(scene: Scene) -> Finding:
    """No number on a sheet is negative or larger than any station could have."""
    if scene.absurd is not None:
        return failed("numbers_are_plausible", number=scene.absurd)
    if not scene.figures.votes:
        return unknown("numbers_are_plausible", "votes")
    return passed("numbers_are_plausible", largest=scene.policy.tolerances.largest)


def options_stand(scene: Scene) -> Finding:
    """Votes go only to option numbers that stand in the contest."""
    if not scene.figures.votes:
        return unknown("options_stand", "votes")
    if not scene.figures.votes.keys() <= scene.shape.known:
        strange = scene.figures.votes.keys() - scene.shape.known
        return failed("options_stand", option=min(strange)[:20], strange=len(strange))
    return passed("options_stand", options=scene.shape.width)


def votes_sum_to_valid(scene: Scene) -> Finding:
    """The votes of all options add up to the valid ballots."""
    rule, valid, total = "votes_sum_to_valid", scene.figures.valid, scene.laid.total
    if scene.stage not in WHOLE:
        return not_applicable(rule)
    if valid is None:
        return unknown(rule, "valid")
    tolerance = scene.policy.tolerances.valid
    # Options that are not named can only add votes: too many is certain, too few is not.
    if total > valid + tolerance or (scene.laid.known and total < valid - tolerance):
        return failed(rule, total=total, valid=valid)
    if not scene.laid.known:
        return unknown(rule, "votes")
    return passed(rule, total=total, valid=valid)


def ballots_add_up(scene: Scene) -> Finding:
    """Valid, spoiled and no-vote ballots together are the ballots cast."""
    rule, figures = "ballots_add_up", scene.figures
    if scene.stage not in WHOLE:
        return not_applicable(rule)
    if figures.ballots_cast is None:
        return unknown(rule, "ballots_cast")
    total = (figures.valid or 0) + (figures.spoiled or 0) + (figures.no_vote or 0)
    tolerance = scene.policy.tolerances.ballots
    missing = _first_missing(scene)
    if total > figures.ballots_cast + tolerance or (missing is None and total < figures.ballots_cast - tolerance):
        return failed(rule, total=total, cast=figures.ballots_cast)
    if missing is not None:
        return unknown(rule, missing)
    return passed(rule, total=total, cast=figures.ballots_cast)


def cast_within_eligible(scene: Scene) -> Finding:
    """A station cannot hold more ballots than eligible voters."""
    rule, figures = "cast_within_eligible", scene.figures
    eligible = scene.eligible if scene.eligible is not None else figures.eligible
    if eligible is None:
        return unknown(rule, "eligible")
    cast = figures.ballots_cast
    if cast is None:
        # Those counted so far came, whoever else did.
        cast = max(figures.valid or 0, scene.laid.total) + (figures.spoiled or 0) + (figures.no_vote or 0)
    if cast > eligible + scene.policy.tolerances.eligible:
        return failed(rule, cast=cast, eligible=eligible)
    if figures.ballots_cast is None:
        return unknown(rule, "ballots_cast")
    if scene.eligible is None:
        return unknown(rule, "eligible")  # what a report says about its own limit can refute it and never prove it
    return passed(rule, cast=cast, eligible=eligible)


def complete_reaches_turnout(scene: Scene) -> Finding:
    """A sheet that is called complete accounts for nearly all who voted there.

    A report that leaves its turnout out is held against that of the other ballot; what is borrowed can accuse it, never clear it.
    """
    rule, figures = "complete_reaches_turnout", scene.figures
    if scene.stage not in WHOLE:
        return not_applicable(rule)
    turnout, borrowed = figures.ballots_cast, figures.ballots_cast is None
    if borrowed and scene.other is not None:
        turnout = ballots_cast(scene.other.row)
    if turnout is None:
        return unknown(rule, "ballots_cast")
    if missing := _first_missing(scene):
        return unknown(rule, missing)
    counted = (figures.valid or 0) + (figures.spoiled or 0) + (figures.no_vote or 0)
    if abs(counted - turnout) * 1000 > turnout * scene.policy.tolerances.complete_permille:
        return failed(rule, counted=counted, turnout=turnout)
    return unknown(rule, "ballots_cast") if borrowed else passed(rule, counted=counted, turnout=turnout)


def same_turnout_on_both_ballots(scene: Scene) -> Finding:
    """Who votes gets every ballot: both ballots of a station show the same turnout."""
    rule, cast = "same_turnout_on_both_ballots", scene.figures.ballots_cast
    if scene.stage not in WHOLE:
        return not_applicable(rule)
    if cast is None:
        return unknown(rule, "ballots_cast")
    other = None if scene.other is None else ballots_cast(scene.other.row)
    if other is None:
        return unknown(rule, "other_ballot")
    tolerances = scene.policy.tolerances
    allowed = max(tolerances.turnout_ballots, other * tolerances.turnout_permille // 1000)
    if abs(cast - other) > allowed:
        return failed(rule, cast=cast, other=other)
    return passed(rule, cast=cast, other=other)


def official_matches_ours(scene: Scene) -> Finding:
    """The authority's figures are the figures that we count."""
    rule = "official_matches_ours"
    if scene.stage != "official":
        return not_applicable(rule)
    if scene.ours is None:
        return unknown(rule, "ours")
    theirs = scene.shape.packing.unpack(scene.laid.row)
    ours = scene.shape.packing.unpack(scene.ours)
    if differences := _differences(scene, scene.ours):
        _, name, official, counted = max(differences, key=lambda difference: difference[0])
        return failed(rule, figure=name, official=official, ours=counted, differing=len(differences))
    if not scene.laid.known or min(ours) < 0 or min(theirs) < 0:
        return unknown(rule, "votes")
    return passed(rule, total=scene.laid.total)


def officials_agree(scene: Scene) -> Finding:
    """What the authority said is reported alike by independent groups; one group alone proves nothing."""
    rule = "officials_agree"
    if scene.stage != "official":
        return not_applicable(rule)
    if scene.officials is None:
        return unknown(rule, "device")
    if differing := [found for row in scene.officials if (found := _differences(scene, row))]:
        _, name, here, there = max(differing[0], key=lambda difference: difference[0])
        return failed(rule, figure=name, here=here, there=there, groups=len(differing))
    if not scene.laid.known:
        return unknown(rule, "votes")
    alike = sum(votes_known(row) for row in scene.officials)
    return passed(rule, groups=alike + 1) if alike else unknown(rule, "second_group")


def _differences(scene: Scene, row: Row) -> list[tuple[int, str, int, int]]:
    """Give each figure that this report and a row both give and that differs: by how much, its name, here, there."""
    here, there = scene.shape.packing.unpack(scene.laid.row), scene.shape.packing.unpack(row)
    names = scene.shape.keys + TOTALS
    return [(abs(a - b), name, a, b) for name, a, b in zip(names, here, there, strict=True) if a >= 0 <= b != a]


def _first_missing(scene: Scene) -> str | None:
    """Name the first of valid, spoiled and no-vote that was not given."""
    figures = scene.figures
    parts = (("valid", figures.valid), ("spoiled", figures.spoiled), ("no_vote", figures.no_vote))
    return next((name for name, count in parts if count is None), None)

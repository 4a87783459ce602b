"""Rules about how the reports of one sheet follow each other."""

from __future__ import annotations

from operator import le

from sapparot.verify.facts import Finding, Row, failed, not_applicable, passed, unknown
from sapparot.verify.scene import Scene
from sapparot.verify.shapes import ABSENT, Shape, compatible


def progress_never_falls(scene: Scene) -> Finding:
    """A count that goes on only grows; a figure that falls must say which report it replaces."""
    rule = "progress_never_falls"
    if scene.stage != "progress" or scene.earlier is None:
        return not_applicable(rule)
    # The phone numbers its own reports: one that was held up on its way is compared as the earlier one.
    rows = (scene.earlier.row, scene.laid.row)
    before, after = rows if scene.seq >= scene.earlier.seq else (rows[1], rows[0])
    return _grown(rule, scene.shape, before, after)


def final_not_below_progress(scene: Scene) -> Finding:
    """A final holds at least the votes of the last progress."""
    rule = "final_not_below_progress"
    if scene.stage != "final" or scene.live is None:
        return not_applicable(rule)
    return _grown(rule, scene.shape, scene.live, scene.laid.row)


def _grown(rule: str, shape: Shape, before: Row, after: Row) -> Finding:
    """Judge that no option has fewer votes than before."""
    old_counts, new_counts = shape.counts(before), shape.counts(after)
    if all(map(le, old_counts, new_counts)):
        given = [count for count in new_counts if count != ABSENT] if ABSENT in new_counts else new_counts
        return passed(rule, now=sum(given)) if given else unknown(rule, "votes")
    pairs = list(zip(old_counts, new_counts, shape.keys, strict=True))
    falls = [(old - new, key, old, new) for old, new, key in pairs if 0 <= new < old]
    if falls:
        _, key, old, new = max(falls, key=lambda fall: fall[0])
        return failed(rule, option=key, before=old, now=new)
    return unknown(rule, "votes")  # an option that had votes is not named any more


def device_keeps_its_word(scene: Scene) -> Finding:
    """A device that changes its final says so; what it leaves out the second time can neither confirm nor deny the first."""
    rule, figures = "device_keeps_its_word", scene.figures
    if scene.stage != "final" or not scene.finals:
        return not_applicable(rule)
    tolerance = scene.policy.agreement.tolerance
    if not all(compatible(final, scene.laid.row, tolerance) for final in scene.finals):
        return failed(rule, finals=len(scene.finals) + 1)
    totals = {name: getattr(figures, name) for name in ("valid", "spoiled", "no_vote", "ballots_cast")}
    if missing := [name for name, count in totals.items() if count is None]:
        return unknown(rule, missing[0])
    return passed(rule, finals=len(scene.finals) + 1)


def replaces_own_report(scene: Scene) -> Finding:
    """A report can replace only what its own device reported."""
    rule = "replaces_own_report"
    if scene.replaces == "nothing":
        return not_applicable(rule)
    if scene.replaces == "foreign":
        return failed(rule)
    if scene.replaces == "awaited":
        return unknown(rule, "replaced")
    return passed(rule)

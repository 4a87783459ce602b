"""Rules about what must not be the same at two stations."""

from __future__ import annotations

from sapparot.verify.facts import Finding, failed, not_applicable, passed, unknown
from sapparot.verify.scene import Scene


def figures_not_copied(scene: Scene) -> Finding:
    """Two stations do not have the same figures throughout."""
    rule = "figures_not_copied"
    if scene.stage != "final" or (scene.laid.known and scene.laid.total < scene.policy.evening.copied_votes):
        return not_applicable(rule)
    if not scene.laid.known:
        return unknown(rule, "votes")
    if scene.twin is None:
        return unknown(rule, "stations")
    return failed(rule, station=scene.twin) if scene.twin else passed(rule)


def photograph_not_copied(scene: Scene) -> Finding:
    """A photograph shows one station."""
    rule = "photograph_not_copied"
    if scene.stage not in ("progress", "final"):
        return not_applicable(rule)
    if scene.photo_twin is None:
        return unknown(rule, "photograph")
    return failed(rule, station=scene.photo_twin) if scene.photo_twin else passed(rule)

"""Rules about what is possible in time. Our clock decides; a phone's clock is only a hint."""

from __future__ import annotations

from sapparot.verify.facts import Finding, failed, not_applicable, passed, unknown
from sapparot.verify.scene import Scene

COUNTING = ("progress", "final")


def counted_after_closing(scene: Scene) -> Finding:
    """Counting begins when voting has ended."""
    rule = "counted_after_closing"
    if scene.stage not in COUNTING:
        return not_applicable(rule)
    if scene.received is None or scene.closes is None:
        return unknown(rule, "received_at")
    minutes = (scene.received - scene.closes) // 60
    return passed(rule, minutes=minutes) if scene.received >= scene.closes else failed(rule, minutes=-minutes)


def observed_after_closing(scene: Scene) -> Finding:
    """What a volunteer saw was seen after voting had ended."""
    rule = "observed_after_closing"
    if scene.stage not in COUNTING:
        return not_applicable(rule)
    if scene.observed is None or scene.closes is None:
        return unknown(rule, "observed_at")
    minutes = (scene.observed - scene.closes) // 60
    return passed(rule, minutes=minutes) if scene.observed >= scene.closes else failed(rule, minutes=-minutes)


def paper_takes_time(scene: Scene) -> Finding:
    """Ballots are read aloud one by one; no station counts faster than paper can be read."""
    rule = "paper_takes_time"
    if scene.stage not in COUNTING:
        return not_applicable(rule)
    if scene.received is None or scene.closes is None:
        return unknown(rule, "received_at")
    figures = scene.figures
    if not figures.votes:
        return unknown(rule, "votes")
    ballots = scene.laid.total + (figures.spoiled or 0) + (figures.no_vote or 0)
    seconds = max(0, scene.received - scene.closes)
    if ballots * 60 > seconds * scene.policy.evening.ballots_per_minute:
        return failed(rule, ballots=ballots, minutes=seconds // 60)
    if figures.spoiled is None or figures.no_vote is None:
        # Ballots that a report leaves out took time as well: it cannot clear itself by leaving them out.
        return unknown(rule, "spoiled" if figures.spoiled is None else "no_vote")
    return passed(rule, ballots=ballots, minutes=seconds // 60)


def clock_not_ahead(scene: Scene) -> Finding:
    """Nothing can be observed later than it was received."""
    rule = "clock_not_ahead"
    if scene.observed is None:
        return unknown(rule, "observed_at")
    if scene.received is None:
        return unknown(rule, "received_at")
    ahead = scene.observed - scene.received
    if ahead > scene.policy.evening.clock_seconds:
        return failed(rule, minutes=ahead // 60)
    return passed(rule, minutes=max(0, -ahead) // 60)

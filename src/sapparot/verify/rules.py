"""Every rule that judges what a report says. To add one: write it as a pure function of a `Scene` in the file of its subject, name
it here, give it a weight in `weights`, sentences in `sentences` and its exact formula in docs/formats/judging.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from sapparot.verify import arithmetic, copies, course, neighbours, timing, whereabouts
from sapparot.verify.facts import Finding
from sapparot.verify.policy import Policy
from sapparot.verify.scene import Scene

Rule: TypeAlias = Callable[[Scene], Finding]

RULES: tuple[Rule, ...] = (
    arithmetic.numbers_are_plausible,
    arithmetic.options_stand,
    arithmetic.votes_sum_to_valid,
    arithmetic.ballots_add_up,
    arithmetic.cast_within_eligible,
    arithmetic.complete_reaches_turnout,
    arithmetic.same_turnout_on_both_ballots,
    course.progress_never_falls,
    course.final_not_below_progress,
    course.device_keeps_its_word,
    course.replaces_own_report,
    timing.counted_after_closing,
    timing.observed_after_closing,
    timing.paper_takes_time,
    timing.clock_not_ahead,
    neighbours.turnout_like_neighbours,
    neighbours.leader_like_neighbours,
    neighbours.leader_like_other_ballot,
    neighbours.rows_not_shifted,
    copies.figures_not_copied,
    copies.photograph_not_copied,
    whereabouts.device_near_station,
    whereabouts.device_at_one_place,
    whereabouts.duty_matches,
    arithmetic.official_matches_ours,
    arithmetic.officials_agree,
)
"""In the order in which a page shows them."""


def judged(scene: Scene, rules: Iterable[Rule] = RULES) -> list[Finding]:
    """Give the finding of every rule on one report."""
    return [rule(scene) for rule in rules]


def in_force(policy: Policy) -> tuple[Rule, ...]:
    """Give the rules that a policy does not switch off."""
    return tuple(rule for rule in RULES if policy.weight(rule.__name__) != "off")

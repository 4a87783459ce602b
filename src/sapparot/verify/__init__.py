"""Verify: what the rules find on every report, what state every sheet is in, and why."""

from sapparot.verify.engine import Engine
from sapparot.verify.facts import Finding, Standing
from sapparot.verify.ground import Ground
from sapparot.verify.judging import judge
from sapparot.verify.letters import DUTY_KEYS, DUTY_STATIONS, REPORT_TYPE, Letter, open_decision, open_letter
from sapparot.verify.policy import Interests, Policy, load, policy_entry
from sapparot.verify.problems import PolicyInvalid, Unreadable
from sapparot.verify.register import genuine
from sapparot.verify.sentences import sentence, title, why
from sapparot.verify.store import (
    Trace,
    duties_before_async,
    in_force,
    newest_async,
    put_in_force,
    since_async,
    trail_async,
)
from sapparot.verify.weights import CERTAIN

__all__ = [
    "CERTAIN",
    "DUTY_KEYS",
    "DUTY_STATIONS",
    "REPORT_TYPE",
    "Engine",
    "Finding",
    "Ground",
    "Interests",
    "Letter",
    "Policy",
    "PolicyInvalid",
    "Standing",
    "Trace",
    "Unreadable",
    "duties_before_async",
    "genuine",
    "in_force",
    "judge",
    "load",
    "newest_async",
    "open_decision",
    "open_letter",
    "policy_entry",
    "put_in_force",
    "sentence",
    "since_async",
    "title",
    "trail_async",
    "why",
]

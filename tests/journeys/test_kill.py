"""The whole program is killed under load, and has forgotten nothing that it acknowledged."""

from __future__ import annotations

import json

import pytest

from bench.kill import Plan, directory, run, sound


@pytest.mark.slow
def test_a_program_that_is_killed_six_times_under_load_keeps_every_acknowledged_report_once() -> None:
    plan = Plan(rounds=6, phones=5, lines=4, seconds=1.0, pause=0.02)
    with directory() as data:
        result = run(plan, data)
    assert sound(result), json.dumps(result, indent=1, ensure_ascii=False)
    assert result["acknowledged"] > 100
    assert result["checkpoints"] > 1

"""The pages of formats show what the program really reads and writes."""

from __future__ import annotations

import ast
import json
import re

import msgspec

from sapparot.base.jws import SigningKey
from sapparot.contests import DEFINITION_KINDS
from sapparot.contests.problems import NO_LIST_SEATS, NO_VOTES, UNKNOWN_RULE, WRONG_CONSTITUENCIES
from sapparot.intake.facts import REPORT_TYPE
from sapparot.intake.rules import LINE_LIMIT, LINES_LIMIT, PAYLOAD_LIMIT, read_line
from sapparot.tally.fold import KINDS
from sapparot.verify.letters import Report
from sapparot.verify.rules import RULES
from sapparot.verify.weights import WEIGHTS
from sapparot.verify.wording import RULES as SENTENCES
from sapparot.verify.wording import WORDS
from tests.shape.house import ROOT, dotted, standing

FORMATS = ROOT / "docs/formats"


def test_the_report_on_the_page_is_a_report() -> None:
    page = (FORMATS / "report.md").read_text()
    [example] = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    payload = json.loads(example)
    signed = SigningKey.from_secret("ES256", bytes(31) + b"\x01").sign(json.dumps(payload).encode(), REPORT_TYPE)
    assert str(read_line(signed.encode(), "carrier").id) == payload["id"]
    report = msgspec.convert(payload, Report)
    assert report.valid == sum(report.votes.values())
    described = {
        name for cell in re.findall(r"^\| (`.*?) \|", page, re.MULTILINE) for name in re.findall(r"`(\w+)`", cell)
    }
    assert set(payload) <= described
    assert set(msgspec.structs.asdict(report)) - {"photo"} <= described


def test_the_limits_on_the_page_are_those_of_the_door() -> None:
    page = (FORMATS / "report.md").read_text()
    assert f"{PAYLOAD_LIMIT // 1024} KiB" in page
    assert f"at most {LINE_LIMIT // 1024} KiB" in page
    assert f"1 to {LINES_LIMIT} lines" in page


def test_every_kind_of_entry_stands_on_the_page_of_the_log() -> None:
    page = (FORMATS / "log.md").read_text()
    described = set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) - {"kind"}
    written = {kind for module in standing().modules for kind in re.findall(r'"kind": "(\w+)"', module.text)}
    assert written | KINDS | DEFINITION_KINDS <= described


def test_why_a_rule_gives_no_seats_stands_on_the_page_of_counting_word_for_word() -> None:
    page = (FORMATS / "counting.md").read_text()
    for why in (NO_VOTES, NO_LIST_SEATS, WRONG_CONSTITUENCIES, UNKNOWN_RULE):
        assert f"| {why.en} | {why.th} |" in page


def carried() -> dict[str, set[str]]:
    """Every rule with the values that its findings carry: those that its sentence needs, and those that its function gives."""
    found = {rule: set(re.findall(r"{(\w+)}", failed[1])) for rule, (_, _, failed) in SENTENCES.items()}
    for module in standing().modules:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef) and node.name in WEIGHTS and "/verify/" in module.name:
                calls = [
                    each for each in ast.walk(node) if isinstance(each, ast.Call) and dotted(each.func) == "failed"
                ]
                found[node.name] |= {given.arg for call in calls for given in call.keywords if given.arg}
    return found


def untold(page: str, carries: dict[str, set[str]]) -> list[str]:
    """Rules and values that the page of judging does not name: a value stands in a line that names its rule."""
    missing = []
    for rule, values in carries.items():
        lines = "\n".join(line for line in page.splitlines() if f"`{rule}`" in line)
        missing += [f"{rule} {value}" for value in sorted(values) if f"`{value}`" not in lines]
        missing += [] if lines else [rule]
    return missing


def test_every_rule_and_every_value_of_a_finding_stands_on_the_page_of_judging() -> None:
    page, carries = (FORMATS / "judging.md").read_text(), carried()
    assert carries.keys() == WEIGHTS.keys() and carries["group_has_room"] == {"claims", "room"}
    assert untold(page, carries) == []
    assert untold(page, {"canary_sings": set(), "votes_sum_to_valid": {"song"}}) == [
        "canary_sings",
        "votes_sum_to_valid song",
    ]


def test_the_rules_stand_on_the_page_of_judging_in_the_order_in_which_they_speak() -> None:
    page = (FORMATS / "judging.md").read_text().partition("\n## The rules\n")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE) == [rule.__name__ for rule in RULES]


def test_every_word_that_a_finding_holds_for_a_reason_stands_on_the_page_of_judging() -> None:
    page = (FORMATS / "judging.md").read_text()
    words = {word for value, word in WORDS if value in ("problem", "reason", "direction", "stage", "figure")}
    assert {word for word in words if f"`{word}`" not in page} == set()

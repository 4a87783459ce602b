"""The pages of formats show what the program really reads and writes."""

from __future__ import annotations

import json
import re

import msgspec

from sapparot.base.jws import SigningKey
from sapparot.contests import DEFINITION_KINDS
from sapparot.intake.facts import REPORT_TYPE
from sapparot.intake.rules import LINE_LIMIT, LINES_LIMIT, PAYLOAD_LIMIT, read_line
from sapparot.tally.fold import KINDS
from sapparot.verify.letters import Report
from tests.shape.house import ROOT, House

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
    written = {kind for module in House().modules for kind in re.findall(r'"kind": "(\w+)"', module.text)}
    assert written | KINDS | DEFINITION_KINDS <= described

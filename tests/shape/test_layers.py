"""The order of imports holds, and the linter really refuses what breaks it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shape.house import PACKAGE, ROOT

LINT = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache", "--no-logo"]


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(root / "src"), "COLUMNS": "200"}
    return subprocess.run(LINT, cwd=root, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The package and the contracts, in another place."""
    shutil.copytree(
        ROOT / PACKAGE, tmp_path / PACKAGE, ignore=shutil.ignore_patterns("node_modules", "built", "__pycache__")
    )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_imports_point_upstream() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout


CANARIES = {
    "base imports a slice": ("base/text.py", "import sapparot.ledger\n", "layers"),
    "two slices of one layer": ("contests/facts.py", "import sapparot.people\n", "layers"),
    "a slice that nobody placed": ("gadgets/__init__.py", "", "layers"),
    "support reads the tally": ("support/__init__.py", "import sapparot.tally\n", "money"),
    "support reads intake": ("support/__init__.py", "import sapparot.intake.facts\n", "money"),
    "electorate reads people": ("electorate/__init__.py", "import sapparot.people\n", "electorate"),
    "a rule uses the database": ("people/rules.py", "import psycopg\n", "rules"),
    "a rule uses chance": ("places/rules.py", "import random\n", "rules"),
    "a rule uses the database through another module": ("places/rules.py", "import sapparot.base.database\n", "rules"),
    "a rule reads the time": ("people/rules.py", "import time\n", "rules"),
    "a rule opens files": ("people/rules.py", "from pathlib import Path\n", "rules"),
    "the tally asks the database": ("tally/sums.py", "import sapparot.base.database\n", "recount"),
    "a rendering takes a chance": ("publish/render.py", "import secrets\n", "recount"),
    "the engine reads the time": ("verify/states.py", "import time\n", "recount"),
}


@pytest.mark.parametrize("canary", CANARIES, ids=lambda name: name.replace(" ", "-"))
def test_the_linter_refuses_a_canary(copied: Path, canary: str) -> None:
    name, planted, contract = CANARIES[canary]
    path = copied / PACKAGE / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(planted)
    done = lint(copied)
    broken = [line for line in done.stdout.splitlines() if line.endswith("BROKEN") or "BROKEN (" in line]
    assert done.returncode == 1, done.stdout + done.stderr
    assert any(TITLES[contract] in line for line in broken), done.stdout


TITLES = {
    "layers": "Imports point upstream",
    "money": "Money can neither read nor touch the count",
    "electorate": "The electorate is public aggregates only",
    "rules": "Rules are pure",
    "recount": "The recount is a function of the entries alone",
}

"""The settings of the linters are really in force: a table with a typo in its name is ignored without a word."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shape.house import ROOT

BIN = Path(sys.executable).parent
BAD = '''"""A module that breaks what it can."""
import datetime
import os


def Wide(a: int, b: int, c: int, d: int, e: int, f: int) -> int:
    print(a)
    try:
        return int(os.path.join("a", "b"))
    except Exception:
        pass
    # value = compute(a)
    assert datetime.datetime.now()
    if a:
        if b:
            return 1
        elif c:
            return 2
        elif d:
            return 3
        elif e:
            return 4
        elif f or b or c:
            return 5
        for i in (1, 2):
            while i and a:
                return 6
    return [x for x in (1, 2) if x and a and b and c][0] if f else 5
'''
EXPECTED = {"BLE001", "C901", "D103", "DTZ005", "ERA001", "N802", "PLR0913", "PTH118", "S110", "T201"}


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    path = tmp_path / "src/sapparot/planted.py"
    path.parent.mkdir(parents=True)
    path.write_text(BAD)
    return path


def test_ruff_refuses_every_kind_of_violation(planted: Path) -> None:
    command = [str(BIN / "ruff"), "check", "--no-cache", "--output-format=json", str(planted)]
    done = subprocess.run(command, cwd=planted.parents[2], capture_output=True, text=True, check=False)
    assert EXPECTED - {found["code"] for found in json.loads(done.stdout)} == set()


def test_mypy_is_strict_about_the_package(planted: Path) -> None:
    planted.write_text("def untyped(a):\n    return a\n")
    command = [str(BIN / "mypy"), "--no-incremental", str(planted)]
    done = subprocess.run(command, cwd=planted.parents[2], capture_output=True, text=True, check=False)
    assert "no-untyped-def" in done.stdout, done.stdout + done.stderr

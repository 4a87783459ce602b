"""Commands that cannot do what they are asked: each says why in Thai and in English, with a code, and ends with 2."""

from __future__ import annotations

import fcntl
import os
import re
import subprocess
import sys
from pathlib import Path

from sapparot.base.lodging import find_lodging
from tests.shape.house import ROOT

SMALL = ROOT / "data/elections/small"


def refused(*words: str | Path, **settings: str) -> tuple[str, str, str]:
    """Run a command that must end with 2; return what it says in Thai, in English, and its code."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("SAPPAROT_")}
    command = [sys.executable, "-m", "sapparot", *map(str, words)]
    done = subprocess.run(command, env=others | settings, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    said = re.search(r"^(.*[\u0e00-\u0e7f].*)\n(.+) \[([a-z]+\.[a-z_]+)\]$", done.stderr, re.M)
    assert said is not None, done.stderr
    return said[1], said[2], said[3]


def test_an_import_beside_a_running_server_says_that_it_must_be_stopped(tmp_path: Path) -> None:
    with (find_lodging(tmp_path / "postgres").home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        thai, english, code = refused("import", SMALL, "--data", tmp_path)
    assert "ให้หยุดตัวนั้นก่อน" in thai
    assert "another sapparot process already runs" in english and str(tmp_path) in english
    assert code == "base.database_unavailable"


def test_a_setting_or_a_role_with_a_slip_is_named_in_both_languages(tmp_path: Path) -> None:
    thai, english, code = refused("up", "--data", tmp_path, SAPPAROT_PROT="8000")
    assert "SAPPAROT_PORT" in thai and "SAPPAROT_PORT" in english and code == "base.setting_invalid"
    assert refused("up", "--data", tmp_path, "--role", "intake,sing")[2] == "base.role_unknown"

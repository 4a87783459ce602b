"""The processes that help import our own code, whatever lies in the current directory."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import OrderedDict
from pathlib import Path

import pytest

from sapparot.audit import inspection, signatures
from tests.audit.test_manipulations import audited
from tests.audit.town import honest, write

CREW = """
from sapparot.audit.crew import Aside, Crew
if __name__ == "__main__":
    with Aside(2) as aside:
        power = aside.begin(pow, 2, 5)
        print(*Crew(pow, 2, 2).answers(64, "entries", lambda *_: None), power())
"""
RECOUNT = """
from sapparot.publish.recount import recount
if __name__ == "__main__":
    print(recount(tuple).equal)
"""


@pytest.mark.parametrize(
    ("script", "temporary", "answer"),
    [(CREW, "short", "1 0 32"), (CREW, "long" * 30, "1 0 32"), (RECOUNT, "short", "True")],
    ids=["crew", "no-socket", "recount"],
)
def test_processes_that_help_take_no_code_from_the_current_directory(
    script: str, temporary: str, answer: str, tmp_path: Path
) -> None:
    for name in ("sapparot", "multiprocessing"):
        forged = tmp_path / "copy" / name / "__init__.py"
        forged.parent.mkdir(parents=True)
        forged.write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    (tmp_path / temporary).mkdir()
    ours = tmp_path / "ours.py"
    ours.write_text(script)
    here = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    done = subprocess.run(
        [sys.executable, ours],
        cwd=tmp_path / "copy",
        env=here | {"TMPDIR": str(tmp_path / temporary)},
        capture_output=True,
        text=True,
    )
    assert not (tmp_path / "ran").exists(), "forged code ran"
    assert done.stdout.strip() == answer, done.stderr


def test_many_processes_keep_fewer_keys_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [signatures.keys_ready(processes) for processes in (1, 4, 16, 64)] == [60_000, 60_000, 15_000, 10_000]
    monkeypatch.setattr(signatures, "_keys", OrderedDict())
    monkeypatch.setattr(inspection, "keys_ready", lambda _: 3)
    assert audited(write(honest(), tmp_path / "copy"), tmp_path / "fresh.json").verdict == "holds"
    assert len(signatures._keys) == 3

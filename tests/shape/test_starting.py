"""What a process of a server imports: each role what it runs, and nothing of the others."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from sapparot.up import WORK_ROLES

START = """
import json, sys
from pathlib import Path
from sapparot.base.clock import SystemClock
from sapparot.base.settings import Settings
from sapparot.up import WORKERS

for role in sys.argv[2:]:
    WORKERS[role](Settings(data=Path(sys.argv[1])), SystemClock())
print(json.dumps(sorted(sys.modules)))
"""


def imported(place: str, *roles: str) -> set[str]:
    done = subprocess.run([sys.executable, "-c", START, place, *roles], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("role", ["sequence", "verify", "publish", "mail"])
def test_a_worker_is_started_without_pages_and_what_other_workers_run(role: str, tmp_path: object) -> None:
    modules = imported(str(tmp_path), role)
    foreign = [
        "litestar",
        "jinja2",
        "webauthn",
        "scipy",
        "sapparot.web",
        "sapparot.side",
        "sapparot.cli",
        "sapparot.duty",
    ]
    workers = {"sequence": "ledger", "verify": "verify", "publish": "publish"}
    foreign += [f"sapparot.{slice_}.worker" for other, slice_ in workers.items() if other != role]
    assert [name for name in foreign if name in modules] == []


def test_no_worker_imports_the_pages_the_demo_or_the_audit(tmp_path: object) -> None:
    modules = imported(str(tmp_path), *WORK_ROLES)
    parts = {".".join(name.split(".")[:2]) for name in modules if name.startswith("sapparot.")}
    assert parts.isdisjoint({"sapparot.web", "sapparot.side", "sapparot.demo", "sapparot.simulate", "sapparot.audit"})
    assert "sapparot.cli" not in parts


def test_a_command_is_started_without_what_the_web_side_runs_on() -> None:
    told = "import json, sys, sapparot.cli; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    foreign = {"litestar", "webauthn", "scipy", "sapparot.web", "sapparot.side", "sapparot.people.house"}
    assert foreign.isdisjoint(json.loads(done.stdout))

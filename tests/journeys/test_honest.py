"""A small evening in which nobody errs and nobody lies ends with the parliament that was published."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from bench.kill import directory
from sapparot.simulate.judge import published_parliament
from tests.simulate.conftest import THAILAND

pytestmark = pytest.mark.slow


def test_where_nobody_errs_or_lies_the_demo_ends_with_the_published_parliament() -> None:
    with directory() as place:
        file = place / "said.json"
        command = [sys.executable, "-m", "sapparot", "demo", "--once", "--honest", "--scale", "0.004", "--port", "0"]
        command += ["--data", str(place / "data"), "--json", str(file)]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=400, check=False)
        assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-3000:]
        said = json.loads(file.read_text())
    seats = {(party["party"], party["constituency"], party["list"], party["total"]) for party in said["parliament"]}
    assert seats == {(one.party, one.constituency, one.list, one.total) for one in published_parliament(THAILAND)}
    assert said["parliament_equal"] is True and said["recount_equal"] is True and said["deviations"] == {}
    assert said["explained"] == {"leaders": [], "list": None, "seats_follow": True, "explained": True}
    assert said["sheets"]["wrong"] == said["sheets"]["disputed"] == 0

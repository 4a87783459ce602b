"""A small evening in which nobody errs and nobody lies ends with the parliament that was published, on the oldest PostgreSQL at hand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from bench.kill import directory
from sapparot.base.database import OLDEST_SERVER
from sapparot.base.embedded import Embedded
from sapparot.base.lodging import Lodging
from sapparot.simulate.judge import published_parliament
from tests.simulate.conftest import THAILAND

pytestmark = pytest.mark.slow


def oldest_here() -> Path | None:
    """Where Debian keeps the binaries of the oldest PostgreSQL on this machine that the program takes; 15 on Debian 12."""
    places = sorted(Path("/usr/lib/postgresql").glob("[1-9][0-9]/bin/postgres"))
    return next((place.parent for place in places if int(place.parts[-3]) >= OLDEST_SERVER), None)


@pytest.fixture
def oldest(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Name a database of the distribution's PostgreSQL in the environment; where it is not installed, the embedded one has to do."""
    binaries = oldest_here()
    if binaries is None:
        assert not os.environ.get("CI"), "no PostgreSQL of the distribution; see tools/setup.py server"
        yield
        return
    monkeypatch.setattr(Lodging, "binaries", lambda _: binaries)
    with directory() as place, Embedded(place) as server:
        with psycopg.connect(server.url) as connection:
            assert connection.info.server_version // 10_000 == int(binaries.parts[-2])
        monkeypatch.setenv("SAPPAROT_DATABASE_URL", server.url)
        yield


@pytest.mark.usefixtures("oldest")
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

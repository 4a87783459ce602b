"""Processes that own a data directory, for tests that kill them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from sapparot.base import lodging
from sapparot.base.database import connect

OWNER = """
import sys
from pathlib import Path
from sapparot.base.embedded import Embedded
with Embedded(Path(sys.argv[1])) as embedded:
    print(embedded.url, flush=True)
    sys.stdin.read()
"""
pytestmark = pytest.mark.slow


def copied(made: Path, target: Path) -> Path:
    subprocess.run(["cp", "-a", str(made), str(target)], check=True, timeout=60)
    return target


def write(url: str, text: str) -> None:
    with connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (number serial, text text)")
        connection.execute("INSERT INTO kept (text) VALUES (%s)", (text,))


def kept(url: str) -> list[str]:
    with connect(url) as connection:
        return [row[0] for row in connection.execute("SELECT text FROM kept ORDER BY number").fetchall()]


class Owner:
    """A process that runs the database of a directory."""

    def __init__(self, data: Path, user: str | None = None) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", OWNER, str(data)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, user=user,
            stderr=subprocess.PIPE, cwd="/",
        )  # fmt: skip

    def url(self) -> str:
        """Wait until it runs."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline().strip()
        assert line, self.said()
        return line

    def said(self) -> str:
        """What it complained about."""
        assert self.process.stderr is not None
        return self.process.stderr.read()

    def server(self) -> psutil.Process:
        """The server that it started."""
        [server] = [one for one in psutil.Process(self.process.pid).children() if one.name() == "postgres"]
        return server

    def kill(self) -> None:
        """Kill it, without a chance to do anything."""
        self.process.kill()
        self.end()

    def end(self) -> int:
        """Let it stop in order, if it can still."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(60)


@contextmanager
def owner(data: Path, user: str | None = None) -> Iterator[Owner]:
    """An owner that is gone in the end."""
    running = Owner(data, user)
    try:
        yield running
    finally:
        running.kill()


def state(data: Path) -> str:
    found = lodging.find_lodging(data.resolve() / "postgres")
    command = [str(found.binaries() / "pg_controldata"), str(found.home / "cluster")]
    said = subprocess.run(command, capture_output=True, text=True, check=True, env={"LC_ALL": "C"}, timeout=30).stdout
    return next(
        line.partition(":")[2].strip() for line in said.splitlines() if line.startswith("Database cluster state")
    )

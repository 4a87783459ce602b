"""Accepted durable reports a second through HTTP, as a ratio to bare uvicorn that only decodes the same body.

The server has one core to itself; the load generator and PostgreSQL share the others. Both servers run in turn, several rounds, and the
ratio is taken round by round, so a machine whose speed drifts does not tilt it. Where the load generator and PostgreSQL have too little
left to keep the server busy, the ratio of CPU time per report tells more than the ratio of rates.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import uvloop

from bench import rawload
from sapparot.app import database_of, device_tokens, keyring, prepare
from sapparot.base import canonical
from sapparot.base.database import connect
from sapparot.base.jws import SigningKey
from sapparot.base.settings import Settings, settings_from
from sapparot.base.text import Text
from sapparot.intake import REPORT_TYPE
from sapparot.people import Network
from sapparot.people import store as people


def report(key: SigningKey, number: int, options: int) -> bytes:
    votes = {str(option): (number * option) % 97 for option in range(1, options + 1)}
    total = sum(votes.values())
    stamp = time.time_ns() // 1_000_000
    payload = {
        "v": 1, "id": str(uuid.UUID(int=(stamp << 80) | (7 << 76) | (2 << 62) | uuid.uuid4().int & ((1 << 62) - 1))),
        "election": "bench", "sheet": f"10-01-100101-{number % 900:03d}/list", "stage": "final", "votes": votes,
        "valid": total, "spoiled": 6, "no_vote": 9, "ballots_cast": total + 15, "eligible": total + 99, "evidence": [],
        "observed_at": "2023-05-14T18:42:10+07:00", "seq": number, "replaces": None, "app": "bench/1.0",
    }  # fmt: skip
    return key.sign(canonical.encode(payload), REPORT_TYPE).encode()


def cpu_seconds(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


def wait_ready(port: int) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1).read()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"no server answers on port {port}")


class Contender:
    """A server on a core of its own, and what it achieved."""

    def __init__(self, port: int, command: list[str], environment: dict[str, str]) -> None:
        self.port = port
        self.rates: list[float] = []
        self.cpu: list[float] = []
        cores = sorted(os.sched_getaffinity(0))
        self.process = subprocess.Popen([sys.executable, "-m", *command], env=environment)
        os.sched_setaffinity(self.process.pid, {cores[-1]})
        wait_ready(port)

    def take(self, requests: list[bytes], lines: int, connections: int) -> None:
        """Answer every request once, and note reports per second and microseconds of CPU for each."""
        before = cpu_seconds(self.process.pid)
        seconds, statuses = uvloop.run(rawload.run(self.port, requests, connections))
        if set(statuses) != {b"202"}:
            raise SystemExit(f"port {self.port} answered {statuses}")
        reports = len(requests) * lines
        self.rates.append(reports / seconds)
        self.cpu.append((cpu_seconds(self.process.pid) - before) / reports * 1e6)

    def stop(self) -> None:
        """End the server."""
        self.process.terminate()
        self.process.wait()


def tokens_for(settings: Settings, url: str) -> list[str]:
    """Return the tokens of a thousand carriers."""
    prepare(settings, url)
    with connect(url) as connection:
        people.add_network(connection, Network("bench", Text("bench", "bench"), keyring(settings).make("bench").jwk))
    until = datetime.now(UTC) + timedelta(days=1)
    return [device_tokens(settings).issue(f"carrier{number}", until) for number in range(1000)]


def bodies(key: SigningKey, arguments: argparse.Namespace) -> Iterator[bytes]:
    """Make the bodies of one round."""
    for number in range(arguments.requests):
        first = number * arguments.lines
        yield b"\n".join(report(key, first + line, arguments.options) for line in range(arguments.lines))


def compare(arguments: argparse.Namespace, settings: Settings, url: str) -> dict[str, object]:
    """Let both servers answer the same requests in turn."""
    tokens, key = tokens_for(settings, url), SigningKey.from_secret("ES256", b"b" * 32)
    environment = os.environ | {"SAPPAROT_DATA": str(settings.data), "SAPPAROT_DATABASE_URL": url}
    floor = Contender(8310, ["bench.floor", "8310"], environment)
    ours = Contender(8311, ["sapparot", "up", "--role", "intake", "--port", "8311"], environment)
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:-1])
    try:
        for _ in range(arguments.rounds):
            requests = [
                rawload.post("/v1/reports", body, tokens[number % len(tokens)])
                for number, body in enumerate(bodies(key, arguments))
            ]
            for contender in (floor, ours):
                contender.take(requests, arguments.lines, arguments.connections)
    finally:
        floor.stop()
        ours.stop()
    ratios = [mine / bare for mine, bare in zip(ours.rates, floor.rates, strict=True)]
    return {
        "lines": arguments.lines,
        "floor_per_s": round(statistics.median(floor.rates)),
        "sapparot_per_s": round(statistics.median(ours.rates)),
        "ratio": round(statistics.median(ratios), 3),
        "ratio_min_max": [round(min(ratios), 3), round(max(ratios), 3)],
        "floor_cpu_us": round(statistics.median(floor.cpu), 1),
        "sapparot_cpu_us": round(statistics.median(ours.cpu), 1),
        "ratio_of_cpu": round(statistics.median(floor.cpu) / statistics.median(ours.cpu), 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=8000)
    parser.add_argument("--lines", type=int, default=1, help="reports in one request")
    parser.add_argument("--options", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=256)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sapparot-bench-") as directory:
        Path(directory).chmod(0o755)
        settings = settings_from({}, data=Path(directory))
        with database_of(settings) as url:
            print(json.dumps(compare(arguments, settings, url)))


if __name__ == "__main__":
    main()

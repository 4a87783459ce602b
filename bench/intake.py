"""Accepted durable reports a second through HTTP, as a ratio to bare uvicorn that only decodes the same body.

The server has one core to itself; the load generator and PostgreSQL share the others. Both servers run in turn, several rounds, and the
ratio is taken round by round, so a machine whose speed drifts does not tilt it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import uvloop

from bench import rawload
from sapparot.app import database_of, device_tokens, keyring, prepare
from sapparot.base import canonical
from sapparot.base.database import connect
from sapparot.base.jws import SigningKey
from sapparot.base.settings import settings_from
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=8000)
    parser.add_argument("--lines", type=int, default=1, help="reports in one request")
    parser.add_argument("--options", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=64)
    arguments = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    server_core, others = {cores[-1]}, set(cores[:-1]) or {cores[-1]}
    os.sched_setaffinity(0, others)
    with tempfile.TemporaryDirectory(prefix="sapparot-bench-") as directory:
        Path(directory).chmod(0o755)
        settings = settings_from({}, data=Path(directory))
        with database_of(settings) as url:
            prepare(settings, url)
            now = datetime.now(UTC)
            with connect(url) as connection:
                people.add_network(connection, Network("bench", Text("bench", "bench"), keyring(settings)["bench"].jwk))
            key = SigningKey.from_secret("ES256", b"b" * 32)
            tokens = [
                device_tokens(settings).issue(f"{key.kid}{carrier}", now + timedelta(days=1)) for carrier in range(1000)
            ]
            environment = os.environ | {"SAPPAROT_DATA": directory, "SAPPAROT_DATABASE_URL": url}
            commands = {
                "floor": (8310, [sys.executable, "-m", "bench.floor", "8310"]),
                "sapparot": (8311, [sys.executable, "-m", "sapparot", "up", "--role", "intake", "--port", "8311"]),
            }
            servers = []
            for port, command in commands.values():
                server = subprocess.Popen(command, env=environment)
                os.sched_setaffinity(server.pid, server_core)
                servers.append(server)
                wait_ready(port)
            rates: dict[str, list[float]] = {name: [] for name in commands}
            cpu: dict[str, list[float]] = {name: [] for name in commands}
            for round_ in range(arguments.rounds):
                bodies = [
                    b"\n".join(report(key, n * arguments.lines + i, arguments.options) for i in range(arguments.lines))
                    for n in range(arguments.requests)
                ]
                requests = [rawload.post("/v1/reports", body, tokens[n % len(tokens)]) for n, body in enumerate(bodies)]
                for (name, (port, _)), server in zip(commands.items(), servers, strict=True):
                    before = cpu_seconds(server.pid)
                    seconds, statuses = uvloop.run(rawload.run(port, requests, arguments.connections))
                    if set(statuses) != {b"202"}:
                        raise SystemExit(f"round {round_}: {name} answered {statuses}")
                    rates[name].append(arguments.requests * arguments.lines / seconds)
                    cpu[name].append((cpu_seconds(server.pid) - before) / arguments.requests / arguments.lines * 1e6)
            with connect(url) as connection:
                stored = connection.execute("SELECT count(*) FROM intake.received").fetchone()
            for server in servers:
                server.terminate()
                server.wait()
    ratios = [ours / floor for ours, floor in zip(rates["sapparot"], rates["floor"], strict=True)]
    result = {
        "lines": arguments.lines,
        "floor_per_s": round(statistics.median(rates["floor"])),
        "sapparot_per_s": round(statistics.median(rates["sapparot"])),
        "ratio": round(statistics.median(ratios), 3),
        "ratio_min_max": [round(min(ratios), 3), round(max(ratios), 3)],
        "floor_cpu_us": round(statistics.median(cpu["floor"]), 1),
        "sapparot_cpu_us": round(statistics.median(cpu["sapparot"]), 1),
        "stored": stored[0] if stored else 0,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()

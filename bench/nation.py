"""What the whole evening of a nation costs the processor, process by process, as a ratio to what nobody could do without.

The evening is the demo's, by its own command, in processes of its own: enrolment, reports through HTTP, log, rules, sums, snapshots, the
judge and the recount. Processor seconds of the whole tree come from the kernel when it has ended; their split by process is what was seen
last of each. The floor (bench/bare.py) lives through the reports that this very evening left in its log, right after it. With `--also DIR`
the program of another checkout lives through the same evening in turn, round by round, so that a machine whose speed drifts tilts none.

Run: make bench ARGS="nation [--scale 0.2] [--rounds 1] [--also DIR]"
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import Any

import msgspec
import numpy as np
import psutil

from sapparot.base.jws import parse
from sapparot.demo.stage import free_port
from sapparot.ledger.copies import LogCopy
from sapparot.simulate.evening import NONE
from sapparot.simulate.sender import LINES_LIMIT
from sapparot.simulate.sums import Ints

LOOK_SECONDS = 0.2
PARTS = (
    ("postgres", r"bin/postgres|^postgres:"),
    ("senders", r"simulate\.sender"),
    ("photographs", r"sandbox\.py"),
    ("recount", r"multiprocessing"),
    ("door", r"--role intake,web"),
    ("sequencer", r"--role sequence"),
    ("verify", r"--role verify"),
    ("publisher", r"--role publish"),
    ("people", r"--role message"),
)
"""Processes by what stands in their command line; the rest is the conductor: the schedule, the judge and half of the recount."""


class _Entry(msgspec.Struct):
    jws: str = ""
    kind: str = ""


def recorded(data: Path, file: Path) -> tuple[int, int]:
    """Write what a demo's phones sent, body by body, as (algorithm, payload); return how many reports and bodies there are."""
    entries = (msgspec.json.decode(body, type=_Entry) for body in LogCopy.open(data / "public" / "log").entries())
    reports = [parse(entry.jws) for entry in entries if entry.kind == "report"]
    lines = [(jws.header.alg, jws.payload) for jws in reports]
    bodies: list[list[tuple[str, bytes]]] = []
    first = 0
    for size in sizes(np.load(data / "demo" / "evening" / "events.npy", mmap_mode="r")["parcel"]):
        bodies.append(lines[first : first + size])
        first += size
        if first >= len(lines):
            break
    file.write_bytes(msgspec.msgpack.encode(bodies))
    return len(lines), len(bodies)


def sizes(parcels: Ints) -> list[int]:
    """Give how many reports each body of an evening has, in the order in which bodies leave."""
    alone = np.where(parcels == NONE, -2 - np.arange(len(parcels)), parcels)
    _, first, count = np.unique(alone, return_index=True, return_counts=True)
    found: list[int] = np.minimum(count[np.argsort(first)], LINES_LIMIT).tolist()
    return found


def part_of(process: psutil.Process) -> str:
    """Say which part of the program a process is."""
    line = " ".join(process.cmdline()) or process.name()
    return next((name for name, mark in PARTS if re.search(mark, line)), "conductor")


def look(root: psutil.Process, seen: dict[int, tuple[str, float]]) -> None:
    """Note the processor seconds of every process below ``root``; one that was only just forked has its parent's command line."""
    for process in (root, *root.children(recursive=True)):
        try:
            times = process.cpu_times()
            name, _ = seen.get(process.pid, ("conductor", 0.0))
            seen[process.pid] = (part_of(process) if name == "conductor" else name, times.user + times.system)
        except psutil.Error:
            continue


def live(program: Path, chosen: argparse.Namespace) -> dict[str, Any]:
    """Let a program live through one evening, and the floor after it; return what it says and the processor seconds of both."""
    with tempfile.TemporaryDirectory(prefix="sapparot-nation-", dir=chosen.place) as folder:
        place = Path(folder)
        place.chmod(0o755)
        told, data = place / "told.json", place / "data"
        command = [str(program), "demo", "--once", "--scale", str(chosen.scale), "--seed", str(chosen.seed)]
        used, seen = spent([*command, "--port", "0", "--data", str(data), "--json", str(told)], place)
        summary: dict[str, Any] = json.loads(told.read_text())
        reports, bodies = recorded(data, place / "recording")
        shutil.rmtree(data)
        floor = place / "floor"
        floor.mkdir()
        command = [sys.executable, "-m", "bench.bare", "evening", str(place / "recording"), str(floor)]
        least, _ = spent([*command, "--port", str(free_port("127.0.0.1"))], place)
    parts: defaultdict[str, float] = defaultdict(float)
    for name, seconds in seen.values():
        parts[name] += seconds
    return {"summary": summary, "cpu_s": used, "parts": dict(parts), "floor_s": least, "sent": (reports, bodies)}


def spent(command: list[str], place: Path) -> tuple[float, dict[int, tuple[str, float]]]:
    """Run a command; return the processor seconds of it and all it started, and what was seen of each process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with (place / "said.txt").open("wb") as said:
        running = subprocess.Popen(command, stdout=said, stderr=said)
        seen = watched(running)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if running.returncode:
        raise SystemExit(f"{command[0]} ended with {running.returncode}:\n{(place / 'said.txt').read_text()[-2000:]}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, seen


def watched(running: subprocess.Popen[bytes]) -> dict[int, tuple[str, float]]:
    """Watch a tree of processes until its root ends; return the part and the processor seconds of each."""
    root, seen = psutil.Process(running.pid), dict[int, tuple[str, float]]()
    while running.poll() is None:
        look(root, seen)
        time.sleep(LOOK_SECONDS)
    return seen


def show(name: str, found: dict[str, Any]) -> None:
    """Print one evening."""
    summary = found["summary"]
    reports = summary["reports"]["sent"]
    result = {
        "program": name,
        "reports": reports,
        "cpu_s": round(found["cpu_s"], 1),
        "floor_s": round(found["floor_s"], 1),
        "ratio": round(found["cpu_s"] / found["floor_s"], 2),
        "cpu_us_per_report": round(found["cpu_s"] / reports * 1e6),
        "parts_s": {part: round(seconds, 1) for part, seconds in sorted(found["parts"].items())},
        "floor_reports_and_bodies": found["sent"],
        "wall_s": summary["wall_s"],
        "phases_s": summary["phases_s"],
        "visible_s": summary["visible_s"],
        "peak_rss_mib": summary["peak_rss_mib"],
        "recount_equal": summary["recount_equal"],
    }
    print(json.dumps(result), flush=True)


def main() -> int:
    """Measure, print, and return 1 when a recount differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=0.2)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--place", type=Path, help="directory on the disk to measure; the temporary one by default")
    parser.add_argument("--also", type=Path, action="append", default=[], help="another checkout, with its own .venv")
    chosen = parser.parse_args()
    programs = {"this": Path(sys.executable).with_name("sapparot")}
    programs |= {str(place): place / ".venv/bin/sapparot" for place in chosen.also}
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in programs}
    for _ in range(chosen.rounds):
        for name, program in programs.items():
            found[name].append(live(program, chosen))
            show(name, found[name][-1])
    for name, evenings in found.items():
        ratio = median(one["cpu_s"] / one["floor_s"] for one in evenings)
        print(f"{name}: {median(one['cpu_s'] for one in evenings):.1f} s of the processor, {ratio:.2f} times the floor")
    return int(not all(one["summary"]["recount_equal"] for evenings in found.values() for one in evenings))


if __name__ == "__main__":
    sys.exit(main())

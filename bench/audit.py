"""How long an audit of a copy takes, stage by stage, against a floor that only reads, hashes and verifies as many signatures.

Run: .venv/bin/python -m bench.audit [--copy DIR | --scale 0.05] [--processes 2]. A national evening (about 1,266,000 entries) is to
take less than 90 s on two quiet cores; the copy of one is `public/` of `sapparot demo --once --data DIR`. Machines differ and neighbours
take their share, so the floor is measured before and after the audit on the same cores, with the kinds of signatures that the copy holds.
"""

from __future__ import annotations

import argparse
import hashlib
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import forkserver
from pathlib import Path

from sapparot.audit.command import audit
from sapparot.audit.facts import Plan
from sapparot.base.jws import SigningKey, parse

SAMPLE = 4000
"""Signatures that each process of the floor verifies to learn what one costs."""
SECONDS, NATION = 90.0, 1_266_000
"""What an audit may take, and for how many entries; starting its processes takes some seconds of it, however small the log."""
FLOORS = 2.5
"""What it may take at any rate: so many times the floor."""


class Stages:
    """Seconds that each stage took."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._stage, self._began = "", time.perf_counter()

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage != self._stage:
            self.end()
            self._stage, self._began = stage, time.perf_counter()

    def end(self) -> None:
        if self._stage:
            self.seconds[self._stage] = self.seconds.get(self._stage, 0.0) + time.perf_counter() - self._began


def read_and_hash(paths: list[Path]) -> int:
    """Read files and hash their bytes once; give their number."""
    return sum(len(hashlib.sha256(path.read_bytes()).digest()) for path in paths) // 32


def verify(number: int, share: float) -> int:
    """Verify signatures, that share of them by ES256, the others by Ed25519; give how many held."""
    keys = [SigningKey.from_secret(alg, b"b" * 32) for alg in ("ES256", "EdDSA")]
    signed = [(key.public(), parse(key.sign(b"{}" * 300, "bench+jwt"))) for key in keys]
    first = round(number * share)
    return sum(public.verify(jws) for at in range(number) for public, jws in (signed[at >= first],))


def by_curve(copy: Path) -> float:
    """Give the share of signatures by ES256 in a copy, from every twentieth bundle."""
    found = [0, 0]
    for path in sorted(path for path in (copy / "log/tile/entries").rglob("*") if path.is_file())[::20]:
        data = path.read_bytes()
        found = [
            found[at] + data.count(mark) for at, mark in enumerate((b'"eyJhbGciOiJFUzI1NiI', b'"eyJhbGciOiJFZERTQSI'))
        ]
    return found[0] / max(1, sum(found))


def floor(copy: Path, share: float, processes: int) -> tuple[float, float]:
    """Give the seconds that reading and hashing a log once, and verifying one signature, take on so many cores together."""
    paths = [path for path in (copy / "log/tile").rglob("*") if path.is_file()]
    with ProcessPoolExecutor(processes) as pool:
        list(pool.map(read_and_hash, [[]] * processes))
        began = time.perf_counter()
        list(pool.map(read_and_hash, [paths[at::processes] for at in range(processes)]))
        read = time.perf_counter() - began
        began = time.perf_counter()
        list(pool.map(verify, [SAMPLE] * processes, [share] * processes))
        return read, (time.perf_counter() - began) / (SAMPLE * processes)


def measure(copy: Path, processes: int) -> bool:
    """Audit a copy, print what it took, and tell whether it holds and was quick enough."""
    share = by_curve(copy)
    floors = [floor(copy, share, processes)]
    stages, began = Stages(), time.perf_counter()
    with tempfile.TemporaryDirectory() as place:
        report = audit(Plan(source=str(copy), state=Path(place, "state.json"), processes=processes), stages)
    stages.end()
    wall = time.perf_counter() - began
    forkserver._forkserver._stop()  # type: ignore[attr-defined]  # helpers are its children: they count when it has ended
    peaks = [resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    entries = report.head.size if report.head else 0
    signatures = next((one.number for one in report.checked if one.what.en == "signatures verified"), 0)
    floors.append(floor(copy, share, processes))
    least = sum(read + signatures * each for read, each in floors) / len(floors)
    print(f"{report.verdict}: {entries:,} entries, {signatures:,} signatures in {wall:.1f} s, {processes} processes")
    print("  " + ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in stages.seconds.items()))
    print(f"  peak memory {peaks[0]:,.0f} MiB, of the largest helper {peaks[1]:,.0f} MiB")
    print(f"  floor (read, hash, verify) {least:.1f} s; the audit takes {wall / least:.2f} times the floor")
    most = max(SECONDS * max(1.0, entries / NATION), FLOORS * least)
    print("within its bounds" if wall <= most else "OUT OF BOUNDS")
    return report.verdict == "holds" and wall <= most


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--copy", type=Path, help="directory with log/ and v1/; one is made when none is given")
    parser.add_argument("--scale", type=float, default=0.05, help="size of the evening that is made")
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    if asked.copy is not None:
        return int(not measure(asked.copy, asked.processes))
    with tempfile.TemporaryDirectory() as place:
        demo = [sys.executable, "-m", "sapparot", "demo", "--once", "--scale", str(asked.scale), "--port", "0"]
        subprocess.run([*demo, "--data", f"{place}/demo"], check=True, capture_output=True)
        return int(not measure(Path(place, "demo/public"), asked.processes))


if __name__ == "__main__":
    sys.exit(main())

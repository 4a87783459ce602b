"""`make bench` runs every benchmark; `make bench ARGS="intake --rounds 5"` runs one with its options.

A figure is a ratio to a floor measured in the same run, or a bound that a document states.
"""

from __future__ import annotations

import subprocess
import sys

BENCHMARKS = (
    "append",
    "intake",
    "verify_fold",
    "latency",
    "growth",
    "audit",
    "kill",
    "planning",
    "duties",
    "nation",
    "opening",
    "publish",
    "recount",
)
"""Modules of this folder, each with its own ``--help``."""
FLOORS = ("bare",)
"""Modules with a ``main`` that benchmarks start themselves."""


def main(arguments: list[str]) -> int:
    """Run the named benchmark, or all of them; return 1 when one failed."""
    if arguments and arguments[0] not in BENCHMARKS:
        print(f"{__doc__}\nBenchmarks: {', '.join(BENCHMARKS)}")
        return 2
    failed = 0
    for name in arguments[:1] or BENCHMARKS:
        print(f"== {name}", flush=True)
        failed |= subprocess.run([sys.executable, "-m", f"bench.{name}", *arguments[1:]], check=False).returncode
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

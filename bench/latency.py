"""From a report's acceptance to its appearance in a published snapshot, under an even load through the whole pipeline.

Prints seconds, and as its floor the time between two snapshots that the publisher is asked to keep: nothing can be seen sooner on
average than half of it.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from sapparot.base.settings import settings_from
from sapparot.base.shipped import shipped
from sapparot.demo.evening import Demo
from sapparot.demo.facts import DemoPlan
from sapparot.demo.stage import free_port
from sapparot.simulate.facts import Flat


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=2000, help="reports per second")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--scale", type=float, default=0.25)
    arguments = parser.parse_args()
    flat = Flat(rate=arguments.rate, seconds=arguments.seconds, reports=int(arguments.rate * arguments.seconds))
    plan = DemoPlan(
        election=shipped("data") / "elections" / "th-2566", scale=arguments.scale, honest=True, photos=0, flat=flat
    )
    with tempfile.TemporaryDirectory(prefix="sapparot-bench-") as directory:
        Path(directory).chmod(0o755)
        settings = settings_from({}, data=Path(directory) / "demo", port=free_port("127.0.0.1"))
        with Demo(plan, settings, lambda _: None).run() as summary:
            result = {
                "asked_per_s": arguments.rate,
                "accepted": summary.reports.accepted,
                "accepted_per_s": summary.accepted_per_s,
                "p50_s": summary.visible_s.p50,
                "p99_s": summary.visible_s.p99,
                "p99_in_snapshot_intervals": round(summary.visible_s.p99 / settings.snapshot_seconds, 2),
            }
    print(json.dumps(result))


if __name__ == "__main__":
    main()

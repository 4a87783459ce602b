"""Whether a report costs the same in a small count and in a large one: the same nation, an even load of more and more reports.

Each run goes through the whole pipeline and settles before the next begins; the figure is seconds of the counting phase for a thousand
reports, and the ratio of each run to the first is what should stay near one. A short run says little on a machine that others share:
name the first size again at the end (``--reports 10000 1000000 10000``) to see what the machine did meanwhile.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from sapparot.base.settings import settings_from
from sapparot.base.shipped import shipped
from sapparot.demo.evening import Demo
from sapparot.demo.facts import DemoPlan, Summary
from sapparot.demo.stage import free_port
from sapparot.simulate.facts import Flat


def counted(reports: int, scale: float) -> Summary:
    """Send so many reports as fast as they are taken."""
    flat = Flat(rate=None, reports=reports)
    plan = DemoPlan(election=shipped("data") / "elections" / "th-2566", scale=scale, honest=True, photos=0, flat=flat)
    with tempfile.TemporaryDirectory(prefix="sapparot-bench-") as directory:
        Path(directory).chmod(0o755)
        settings = settings_from({}, data=Path(directory) / "demo", port=free_port("127.0.0.1"))
        with Demo(plan, settings, lambda _: None).run() as summary:
            return summary


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    told = "one run for each number; the whole claim, up to a million: --reports 10000 100000 1000000 10000"
    parser.add_argument("--reports", type=int, nargs="+", default=[10_000, 100_000], help=told)
    parser.add_argument("--scale", type=float, default=1.0)
    arguments = parser.parse_args()
    first = 0.0
    for reports in arguments.reports:
        summary = counted(reports, arguments.scale)
        seconds = 1000 / summary.accepted_per_s
        first = first or seconds
        result = {
            "reports": reports,
            "accepted": summary.reports.accepted,
            "s_per_1000": round(seconds, 4),
            "to_first": round(seconds / first, 3),
            "peak_mib": summary.peak_rss_mib,
            "recount_equal": summary.recount_equal,
        }
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()

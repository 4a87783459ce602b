"""The processes that carry the parts of a country: each has a job file, and a log that says why it ended."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from sapparot.simulate.facts import EveningPlan, Job


@contextmanager
def processes(plan: EveningPlan, module: str, closes_at: datetime) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Run ``module`` of this slice once for each part of the plan, and end what still runs afterwards."""
    offset = int((closes_at.utcoffset() or timedelta()).total_seconds())
    running: list[subprocess.Popen[bytes]] = []
    try:
        for part in range(plan.senders):
            job = plan.work / f"{module}-{part}.json"
            job.write_bytes(msgspec.json.encode(Job(plan, part, offset), enc_hook=str))
            with (plan.work / f"{module}-{part}.log").open("wb") as log:
                command = [sys.executable, "-Pm", f"sapparot.simulate.{module}", str(job)]
                running.append(subprocess.Popen(command, stderr=log))  # noqa: S603 - our own module
        yield running
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait()


def given_job() -> Job:
    """Return the job of this process."""
    return msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Job, dec_hook=lambda kind, value: kind(value))

"""Real processes of the sequencer, killed at every durable step: what the kernel takes with it is nothing that counts.

One process that has imported everything divides itself for each life, so that a life costs no start of the program.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sapparot.base.database import connect
from sapparot.base.objects import Objects
from sapparot.ledger import shelf, store, worker
from sapparot.ledger.rebuilding import compare
from sapparot.ledger.shelf import Shelf
from tests.ledger.test_crashes import STEPS, Step, bundled, deadly, life, placed, put

ROUND = 256
"""Entries of a round: its last ones fill a tile, so that partial ones are taken away."""
DEATHS = [
    (step, moment, turn)
    for step in STEPS
    for moment in ("before", "after")
    for turn in ((1, 2, 3) if step.function == "delete" else (1,))
]


def quick(patch: pytest.MonkeyPatch, batch: int) -> None:
    """A checkpoint for every step: only the machine's death could show whether anything was forced onto its disk."""
    patch.setattr("sapparot.base.objects.force", lambda path: None)
    patch.setattr(worker, "CHECKPOINT_SECONDS", -1.0)
    patch.setattr(worker, "BATCH", batch)
    patch.setattr(shelf, "PARTIALS_STAY", 0.0)


def lived(url: str, public: Objects, batch: int, death: tuple[Step, str, int] | None = None) -> int:
    """Divide this process and let the other one be a sequencer; return how it ended, as ``waitpid`` says."""
    if child := os.fork():
        return os.waitpid(child, 0)[1]
    with pytest.MonkeyPatch.context() as patch:
        quick(patch, batch)
        if death:
            deadly(patch, *death, die=lambda: os.kill(os.getpid(), signal.SIGKILL))
        life(url, public)
    os._exit(0)


def faults(url: str, place: str) -> list[str]:
    """Live and die once for each of DEATHS, upon one log; return what was wrong afterwards."""
    public, wrong, size = Objects.at(Path(place)), list[str](), 0
    for number, (step, moment, turn) in enumerate(DEATHS):
        name = f"{moment} {step.function} {step.of} {turn}"
        for end, batch, death in ((ROUND - 6, 100, None), (ROUND + 14, 7, (step, moment, turn)), (ROUND + 14, 7, None)):
            with connect(url) as phone:
                put(phone, *(b"%d" % entry for entry in range(size, number * ROUND + end)))
            size = max(size, number * ROUND + end)
            ended = lived(url, public, batch, death)
            if ended != (signal.SIGKILL if death else 0):
                wrong.append(f"{name}: ended with {ended}")
        with connect(url) as phone:
            if list(compare(phone, Shelf(public), size)):
                wrong.append(f"{name}: tiles differ from the entries")
    with connect(url) as phone:
        if not placed(phone) == bundled(public) == [b"%d" % entry for entry in range(size)] or list(store.check(phone)):
            wrong.append("entries are lost or doubled")
    return wrong


@pytest.mark.slow
def test_a_sequencer_that_is_killed_at_any_durable_step_has_lost_nothing(database_url: str, tmp_path: Path) -> None:
    program = "import sys; from tests.ledger.test_sudden_deaths import faults; print(*faults(*sys.argv[1:]), sep='\\n', end='')"
    command = [sys.executable, "-c", program, database_url, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr

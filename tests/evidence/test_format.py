"""docs/formats/evidence.md says what the program does."""

import re

from sapparot.base.problems import CATALOGUE
from sapparot.evidence import sandbox, unfinished
from sapparot.evidence.api import DOOR
from sapparot.evidence.arrivals import Limits
from tests.shape.house import ROOT

PAGE = (ROOT / "docs/formats/evidence.md").read_text()


def test_every_problem_stands_on_the_page_with_its_status() -> None:
    written = dict(re.findall(r"\| `(evidence\.[a-z_]+)` \| (\d+) \|", PAGE))
    assert written == {code: str(kind.status) for code, kind in CATALOGUE.items() if code.startswith("evidence.")}


def test_the_limits_on_the_page_are_those_of_the_program() -> None:
    limits = Limits()
    assert limits.reserve == 1 << 30
    assert (limits.begun_seconds, limits.pause_seconds) == (3_600, 86_400)  # an hour, a day
    for figure in (
        f"{DOOR.body_limit:,} bytes",
        f"{sandbox.MAX_PIXELS:,} pixels",
        f"{sandbox.COPY_SIDE:,} pixels",
        f"quality {sandbox.COPY_QUALITY} ",
        f"{sandbox.MEMORY >> 20} MiB",
        f"{sandbox.CPU_SECONDS} seconds of processor time",
        f"more than {DOOR.per_minute} requests",
        f"{limits.uploads} uploads are under way",
        f"{limits.uploads_of_device} uploads under way",
        f"for {limits.idle_seconds:.0f} seconds, or not complete after {limits.body_seconds:.0f}",
        f"{unfinished.PIECE:,} bytes",
        f"{limits.unfinished_of_device} unfinished",
        f"{limits.unfinished_bytes >> 30} GiB",
    ):
        assert figure in PAGE

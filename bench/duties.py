"""What it costs to plan a nation's duties through the whole program, and to look at how it is covered.

People stand in the database with their consents, as joining leaves them; the worker of duties finds the plan that was asked for, makes
it, and writes every duty with its first step and its message in one transaction. Then everybody accepts, and coverage and gaps of the
whole country are asked for with nothing in memory. The floor is the plan's own floor (bench/planning.py) and the same rows copied once
into tables without an index. Bounds are held to seconds of the processor, PostgreSQL's too: those on the wall are the neighbours' as well.

Run: make bench ARGS="duties [--people 100000] [--scale 1.0]"
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import psutil

from bench.planning import SOURCE, floor, recruits
from sapparot import contests
from sapparot.app import database_of
from sapparot.base.clock import FixedClock, monotonic
from sapparot.base.database import Connection, connect, pool
from sapparot.base.settings import settings_from
from sapparot.contests import Election
from sapparot.duty.assignments.facts import Volunteer, Wish
from sapparot.duty.house import Duties
from sapparot.duty.runs import store as runs
from sapparot.simulate.nation import NationPlan, draw_nation
from sapparot.simulate.people import read_networks

WEEKS_BEFORE = datetime(2023, 4, 1, tzinfo=UTC)
PLANNED_SECONDS = 60.0
LOOKED_SECONDS = 1.0


def prepared(connection: Connection, folder: Path, scale: float) -> Election:
    """Define a drawn nation and its networks."""
    draw_nation(NationPlan(source=SOURCE, folder=folder / "e", truth=folder / "t", scale=scale))
    contests.save(connection, contests.define(contests.read_folder(folder / "e")))
    for network in read_networks(SOURCE):
        connection.execute(
            "INSERT INTO people.networks (id, name_th, name_en, key) VALUES (%s, %s, %s, '{}')",
            (network.id, network.name.th, network.name.en),
        )
    connection.commit()
    (name,) = contests.defined(connection)
    return contests.assemble(contests.load(connection, name))


def join(connection: Connection, people: list[Volunteer]) -> None:
    """Let people be active volunteers who agreed to get duties; each group is served by its first network."""
    network = {each.group: each.id for each in reversed(read_networks(SOURCE))}
    statement = "COPY people.persons (id, network, level, state, area, phone, joined_at) FROM STDIN"
    with connection.cursor().copy(statement) as copy:
        for one in people:
            copy.write_row((one.person, network[one.group], 1, "active", one.area, one.person.bytes * 2, WEEKS_BEFORE))
    with connection.cursor().copy("COPY people.consents (person, purpose, version, given_at) FROM STDIN") as copy:
        for one in people:
            copy.write_row((one.person, "duty", 1, WEEKS_BEFORE))
    connection.commit()


def copied(connection: Connection) -> None:
    """Copy every row of a plan once, out of tables and into others without an index."""
    for table in ("duties", "steps", "messages"):
        connection.execute(f"CREATE TABLE public.bare_{table} AS SELECT * FROM duty.{table}")
    connection.commit()


async def look(duties: Duties, url: str) -> tuple[dict[str, float], dict[str, float], int]:
    """Ask for coverage and gaps of everything; return what both took and how many stations are covered."""
    async with pool(url, 2) as opened, opened.connection() as connection:
        await duties.rolls.election()
        watch = Watch()
        covered = await duties.survey.covered(connection, None, "final", "ilaw")
        first, watch = watch.read(), Watch()
        await duties.survey.gaps(connection, None, "final")
        return first, watch.read(), covered.whole.covered


async def ask(url: str, election: str) -> None:
    """Ask for a plan of everybody."""
    async with pool(url, 2) as opened, opened.connection() as connection:
        await runs.ask(connection, election, (None, UUID(int=0)), Wish(), WEEKS_BEFORE)


class Watch:
    """Seconds, and processor seconds of this process and of PostgreSQL."""

    def __init__(self) -> None:
        self.at, self.cpu = monotonic(), self._cpu()

    def _cpu(self) -> float:
        here = psutil.Process()
        times = [each.cpu_times() for each in (here, *here.children(recursive=True))]
        return sum(each.user + each.system for each in times)

    def read(self) -> dict[str, float]:
        """Return what passed since the beginning."""
        return {"s": round(monotonic() - self.at, 2), "cpu_s": round(self._cpu() - self.cpu, 2)}


def run(arguments: argparse.Namespace, folder: Path) -> bool:
    """Measure and print; tell whether the bounds are kept."""
    settings = settings_from({}, data=folder / "data")
    with database_of(settings) as url, connect(url) as connection:
        election = prepared(connection, folder, arguments.scale)
        people = recruits(election, arguments.people, 1)
        join(connection, people)
        asyncio.run(ask(url, election.id))
        worker = Duties(settings, url, FixedClock(WEEKS_BEFORE)).worker()
        worker.start(connection)
        watch = Watch()
        worker.step(connection)
        planned = watch.read()
        watch = Watch()
        floor(election, people)
        copied(connection)
        least = watch.read()
        connection.execute("UPDATE duty.duties SET state = 'accepted'")
        connection.commit()
        row = connection.execute("SELECT count(*), count(DISTINCT person) FROM duty.duties").fetchone()
        connection.commit()
        coverage, gaps, covered = asyncio.run(look(Duties(settings, url, FixedClock(WEEKS_BEFORE)), url))
    result = {
        "people": len(people),
        "stations": len(election.stations),
        "duties": row and row[0],
        "placed": row and row[1],
    }
    print(json.dumps(result | {"planned_and_written": planned, "floor": least, "covered": covered}))
    print(json.dumps({"coverage": coverage, "gaps": gaps}))
    return planned["cpu_s"] <= PLANNED_SECONDS and max(coverage["cpu_s"], gaps["cpu_s"]) <= LOOKED_SECONDS


def main() -> int:
    """Measure, print, and return 1 when a bound is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--scale", type=float, default=1.0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sapparot-duties-") as folder:
        Path(folder).chmod(0o755)
        kept = run(arguments, Path(folder))
    print("within its bounds" if kept else "OUT OF BOUNDS")
    return int(not kept)


if __name__ == "__main__":
    sys.exit(main())

"""Bringing a list of people: a file is looked through first and changes nothing; then it is brought step by step, and goes on where it
stopped. Between the two it waits in the database, sealed. A process that dies leaves whole steps done; the page offers to go on."""

from __future__ import annotations

import asyncio

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.people.importing import FILE_GONE, Waiting
from sapparot.web.framing import Said
from sapparot.web.guarded import Leaf, Reply, Visit
from sapparot.web.organise.desk import Desk

log = structlog.get_logger()

PATH = "/organise/import"
LARGEST = 8_000_000
AGAIN_SECONDS = 1
TITLE = Text("นำเข้ารายชื่อ", "Import a list of people")
NO_FILE = Text("ยังไม่ได้เลือกไฟล์", "No file was chosen")


class BringingPages:
    """The pages that bring lists."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._waiting = Waiting(desk.people.persons)
        self._running: dict[tuple[str, str], asyncio.Task[None]] = {}

    def leaves(self) -> list[Leaf]:
        """Return the pages."""
        return [
            Leaf("GET", PATH, "organiser", self.choose),
            Leaf("POST", PATH, "organiser", self.look, LARGEST, 60),
            Leaf("GET", f"{PATH}/{{file}}", "organiser", self.progress, 0, 600),
            Leaf("POST", f"{PATH}/{{file}}", "organiser", self.bring),
        ]

    async def choose(self, visit: Visit, said: Said | None = None) -> Reply:
        """Ask for a file, and show those that came before."""
        async with self._desk.connection() as connection:
            recent = await self._waiting.recent(connection, visit.who.network)
        return await self._desk.page(visit, "/import", {"template": "import", "title": TITLE, "recent": recent}, said)

    async def look(self, visit: Visit) -> Reply:
        """Say what a file would do, and let it wait."""
        data = await (await visit.form()).file("file")
        if not data:
            return await self.choose(visit, Said(NO_FILE, bad=True))
        network, person = visit.who.network, visit.who.person
        try:
            async with self._desk.connection() as connection:
                report = await self._desk.people.importer.look(connection, network, data)
                name = await self._waiting.keep(connection, (network, person), data, report)
        except Problem as problem:
            return await self.choose(visit, Said(problem.detail, bad=True))
        title = Text("ตรวจไฟล์แล้ว ยังไม่ได้บันทึกอะไร", "The file was looked through; nothing is stored yet")
        values = {"template": "looked", "title": title, "report": report, "file": name}
        return await self._desk.page(visit, "/import", values)

    async def bring(self, visit: Visit) -> Reply:
        """Begin to bring a file, or go on with it."""
        name, network = visit.asked("file"), visit.who.network
        task = self._running.get((network, name))
        if task is None or task.done():
            try:
                async with self._desk.connection() as connection:
                    data, _ = await self._waiting.data(connection, network, name)
                    await self._desk.people.importer.look(
                        connection, network, data
                    )  # the election may be another by now
            except Problem as problem:
                return await self.choose(visit, Said(problem.detail, bad=True))
            work = asyncio.create_task(self._bring(visit, name, data))
            self._running[network, name] = work
            work.add_done_callback(lambda _: self._running.pop((network, name), None))
        return visit.to(f"{PATH}/{name}")

    async def progress(self, visit: Visit) -> Reply:
        """Show how far a file came; the page comes again by itself while it goes on."""
        name, network = visit.asked("file"), visit.who.network
        try:
            async with self._desk.connection() as connection:
                progress = await self._waiting.progress(connection, network, name)
        except Problem:
            raise Problem(FILE_GONE) from None
        running = (network, name) in self._running
        values = {
            "template": "bringing",
            "title": TITLE,
            "progress": progress,
            "running": running,
            "again": AGAIN_SECONDS if running else 0,
        }
        return await self._desk.page(visit, "/import", values)

    async def _bring(self, visit: Visit, name: str, data: bytes) -> None:
        """Bring the people of a file. Whatever ends this early leaves the file waiting, and the page offers to go on."""
        network = visit.who.network
        try:
            async with self._desk.connection() as connection:
                await self._desk.people.importer.bring(connection, network, visit.who.person, data)
                await self._waiting.done(connection, network, name)
        except (psycopg.Error, PoolTimeout) as error:
            log.warning("an import was interrupted", network=network, reason=type(error).__name__)

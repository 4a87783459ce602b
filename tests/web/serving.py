"""The public pages over a folder of published files, in this process or behind a real port."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import uvicorn
from litestar import Litestar

from sapparot.base.asgi import AsgiApp
from sapparot.base.clock import Clock, FixedClock
from sapparot.base.objects import Objects
from sapparot.base.settings import Settings
from sapparot.intake import Refused
from sapparot.web.assets import load_assets, load_static
from sapparot.web.public.answers import Answers
from sapparot.web.public.desk import Desk
from sapparot.web.public.pages import public_pages
from sapparot.web.public.records import Records
from sapparot.web.render import Renderer
from tests.serving import serving
from tests.web.evenings import Evening
from tests.web.sheets import Log

ZONE = Settings().zone
NIGHT = datetime(2023, 5, 14, 13, 14, 40, tzinfo=UTC)


def publish(public: Objects, evening: Evening, n: int = 1204, full: int | None = None) -> None:
    """Store the files of a snapshot as the publisher does, the pointer last; ``full``: the one that carries every sheet, unless this."""
    definition = sha256(evening.definition).hexdigest()
    public.put(f"v1/definitions/{definition}.json", evening.definition)
    for name, data in evening.files.items():
        if name == "headline.json":
            head = json.loads(data)
            head["snapshot"]["n"], head["definition"] = n, definition
            data = json.dumps(head).encode()
        public.put(f"v1/snapshots/{n}/{name}", data)
    public.put("v1/latest.json", json.dumps({"v": 1, "n": n, "last_full": {"n": full or n}}).encode())


def pages(
    folder: Path, records: Records | None = None, now: datetime | Clock = NIGHT, refused: Refused | None = None
) -> Litestar:
    """Return the pages over the files in a folder."""
    clock = FixedClock(now) if isinstance(now, datetime) else now
    answers = Answers(Desk(Objects.at(folder)), (records or Log(), told(refused)), Renderer(load_assets(), ZONE), clock)
    return public_pages(answers, load_static())


def told(refused: Refused | None = None) -> Callable[[], Awaitable[Refused | None]]:
    """Return what says how many reports were refused."""

    async def counted() -> Refused | None:
        return refused

    return counted


@contextmanager
def served(app: AsgiApp) -> Iterator[str]:
    """Serve an application on a free port of this machine; yield its address."""
    with serving(uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))) as running:
        yield running.root

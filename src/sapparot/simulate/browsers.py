"""People's browsers: each holds the cookie of its session; all of a process share connections, and somebody reads the messages for them.

The connections come from many loopback addresses, as phones come from many carriers, so the doors' limits for one address hold here as
they hold outside: whoever is told to wait waits.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import quote

import msgspec

from sapparot.simulate.problems import DoorClosed
from sapparot.simulate.wire import Letter, Pool, request

LOOK_SECONDS = 0.25
"""Between two looks at the outbox while somebody waits for a code."""
_CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")
_COOKIE = re.compile(r"(?:__Host-)?sapparot_session=[^;]+")


class Answer(NamedTuple):
    """What a door said."""

    status: int
    body: bytes

    def json(self) -> Any:
        """Return the body of an answer that is welcome; raises DoorClosed for any other."""
        if self.status >= 300:
            said = f"{self.status} {self.body.decode(errors='replace')[:300]}"
            raise DoorClosed(f"ระบบไม่รับ: {said}", f"a door refused: {said}")
        return msgspec.json.decode(self.body) if self.body else None


class Browser:
    """What a person holds in the hand: a session's cookie, or none yet."""

    __slots__ = ("cookie",)

    def __init__(self, cookie: str = "") -> None:
        self.cookie = cookie


class Message(msgspec.Struct):
    """The members that we read of a message in the outbox."""

    id: str
    sent_at: str | None = None
    phone: str | None = None
    text: str | None = None


class Outbox(msgspec.Struct):
    """The member that we read of the outbox."""

    messages: list[Message]


class Street:
    """The way of many browsers to one server."""

    def __init__(self, url: str, connections: int, part: int, operator: str) -> None:
        """``part`` tells processes apart, ``operator`` is the token that opens the outbox."""
        self._letters: deque[Letter] = deque()
        self._pool = Pool(url, connections, self._next, part)
        self._pool.street = 1 + part
        self._operator = operator
        self._awaited: dict[str, asyncio.Future[str]] = {}
        self._read_to = "1970-01-02T00:00:00Z"
        self._seen: set[str] = set()

    async def ask(self, browser: Browser, method: str, path: str, said: object = None) -> Answer:
        """Ask a door as a page of the server does: ``said`` goes as JSON, bytes as a signed ask; the cookie that comes is kept."""
        body = said if isinstance(said, bytes) else b"" if said is None else msgspec.json.encode(said)
        headers = {"Sec-Fetch-Site": "same-origin"} if method != "GET" else {}
        if body:
            headers["Content-Type"] = "application/jose" if isinstance(said, bytes) else "application/json"
        if browser.cookie:
            headers["Cookie"] = browser.cookie
        letter, answer = await self._carried(request(method, self._pool.host, path, headers, body))
        if given := _COOKIE.match(letter.cookie):
            browser.cookie = given[0]
        return answer

    def awaited(self, phone: str) -> asyncio.Future[str]:
        """Return the next code that comes to a telephone; whoever asks for one calls this first."""
        return self._awaited.setdefault(phone, asyncio.get_running_loop().create_future())

    async def run(self, work: Callable[[], Any]) -> None:
        """Keep the connections and read the outbox while the coroutine of ``work`` runs; what goes wrong there is raised here."""
        doing = asyncio.ensure_future(work())
        reading = asyncio.ensure_future(self._read())
        try:
            await self._pool.keep(lambda: doing.done() or reading.done())
            if reading.done():
                reading.result()
            doing.result()
        finally:
            reading.cancel()
            doing.cancel()
            self._pool.close()

    async def _carried(self, data: bytes) -> tuple[Letter, Answer]:
        coming: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

        def answered(status: int, body: bytes) -> None:
            if not coming.done():
                coming.set_result(Answer(status, body))

        letter = Letter(data, answered)
        self._letters.append(letter)
        self._pool.pump()
        return letter, await coming

    def _next(self) -> Letter | None:
        return self._letters.popleft() if self._letters else None

    async def _read(self) -> None:
        bearer = {"Authorization": f"Bearer {self._operator}"}
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if not self._awaited:
                continue
            path = f"/v1/outbox?after={quote(self._read_to)}"
            _, answer = await self._carried(request("GET", self._pool.host, path, bearer, b""))
            answer.json()
            self._deliver(msgspec.json.decode(answer.body, type=Outbox).messages)

    def _deliver(self, messages: list[Message]) -> None:
        """Hand out the codes of messages, each message once: those of the last moment are read again the next time."""
        for message in messages:
            if message.id in self._seen:
                continue
            self._read_to = message.sent_at or self._read_to
            code, waiting = _CODE.search(message.text or ""), self._awaited.get(message.phone or "")
            if code and waiting and not waiting.done():
                waiting.set_result(code[0])
                del self._awaited[message.phone or ""]
        self._seen = {message.id for message in messages}

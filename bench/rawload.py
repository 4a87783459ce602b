"""A load generator that costs as little as possible: ready-made requests, one in flight on each connection."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from typing import cast

from sapparot.base.clock import monotonic


class Caller(asyncio.Protocol):
    """Sends the next request as soon as the last one is answered."""

    def __init__(self, requests: Iterator[bytes], done: asyncio.Event, statuses: dict[bytes, int]) -> None:
        self._requests = requests
        self._done = done
        self._statuses = statuses
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, mark, rest = self._buffer.partition(b"\r\n\r\n")
        if not mark:
            return
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(rest) < length:
            return
        status = head[9:12]
        self._statuses[status] = self._statuses.get(status, 0) + 1
        self._buffer = b""
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        self._done.set()

    def _send(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._transport.close()
        else:
            self._transport.write(request)


async def run(port: int, requests: Iterable[bytes], connections: int) -> tuple[float, dict[bytes, int]]:
    """Send every request once; return the seconds it took and the answers by status."""
    loop = asyncio.get_running_loop()
    queue = iter(requests)
    statuses: dict[bytes, int] = {}
    ends = [asyncio.Event() for _ in range(connections)]
    started = monotonic()
    for end in ends:
        await loop.create_connection(lambda end=end: Caller(queue, end, statuses), "127.0.0.1", port)  # type: ignore[misc]
    for end in ends:
        await end.wait()
    return monotonic() - started, statuses


def post(path: str, body: bytes, token: str) -> bytes:
    """Return the bytes of one request."""
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body

"""The floor for the reports door: bare uvicorn that only decodes the same body."""

from __future__ import annotations

import sys
from base64 import urlsafe_b64decode

import msgspec

from sapparot.base.asgi import Receive, Scope, Send
from sapparot.base.server import make_server

_decoder = msgspec.json.Decoder()


async def decode_only(scope: Scope, receive: Receive, send: Send) -> None:
    """Read the body, decode each line's payload, answer 202."""
    if scope["type"] == "lifespan":
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    for line in body.split(b"\n"):
        if line:
            payload = line.split(b".")[1]
            _decoder.decode(urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)))
    await send({"type": "http.response.start", "status": 202, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


if __name__ == "__main__":
    make_server(decode_only, "127.0.0.1", int(sys.argv[1])).run()

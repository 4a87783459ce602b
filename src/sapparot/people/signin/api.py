"""The doors of sessions: sign out."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response

from sapparot.base.asgi import header
from sapparot.base.database import AsyncPool
from sapparot.base.doors import Door
from sapparot.base.machine import Endpoint
from sapparot.people.signin import store
from sapparot.people.signin.facts import Identity
from sapparot.people.signin.rules import set_cookie, token_in

Asked = Request[Any, Any, Any]

SIGN_OUT = Door("POST", "/v1/sign-out", "person", per_minute=60)


def identity_of(request: Asked) -> Identity:
    """Return who calls, behind a door for persons."""
    identity: Identity = request.scope["identity"]  # type: ignore[typeddict-item]
    return identity


def endpoints(database: AsyncPool) -> list[Endpoint]:
    """Return the endpoints of this room."""

    async def sign_out(request: Asked) -> Response[None]:
        """End the session of this browser."""
        token = token_in(request.headers.get("cookie"))
        if token is not None:
            async with database.connection(timeout=5) as connection:
                await store.end(connection, token)
        host = header(request.scope, b"host") or ""  # type: ignore[arg-type]
        return Response(None, status_code=204, headers={"set-cookie": set_cookie("", 0, host)})

    return [Endpoint(SIGN_OUT, sign_out, status=204)]

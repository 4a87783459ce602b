"""``POST /v1/text/{gateway}``: text messages come in from a gateway; ``POST /v1/me/text-codes``: a person claims a chat account;
``GET /v1/me/text-channels``: where a person can write to.

Nothing of a delivery is read before its signature holds. Its messages are answered one after the other; the response is given when all
of it is durable, so a gateway that hears nothing delivers again and loses nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec
import psycopg
import structlog
from litestar import Request

from sapparot.base.asgi import Budget, Gone, Receive, Scope, Send, read_body, respond, respond_problem
from sapparot.base.clock import Clock
from sapparot.base.doors import Door
from sapparot.base.machine import Endpoint
from sapparot.base.outside import Unanswered, ask
from sapparot.base.problems import BUSY, TOO_MANY, Problem
from sapparot.people.signin.api import identity_of
from sapparot.texting.desk import Desk
from sapparot.texting.facts import Incoming
from sapparot.texting.gateways import Gateway, line_reply
from sapparot.texting.problems import GATEWAY_AWAY, GATEWAY_UNKNOWN

log = structlog.get_logger()

PREFIX = "/v1/text/"
DOOR = Door("POST", PREFIX, "anyone", body_limit=256 * 1024, per_minute=6_000)
CODES_DOOR = Door("POST", "/v1/me/text-codes", "person", per_minute=10)
CHANNELS_DOOR = Door("GET", "/v1/me/text-channels", "person", per_minute=120)
OF_SPEAKER = 30
"""Messages of one telephone or account in a minute; it hears nothing beyond them, and costs nobody beside it anything."""
REPLY_SECONDS = 10.0
REPLY_BYTES = 64 * 1024


class TextDoor:
    """The ASGI application behind ``POST /v1/text/{gateway}``."""

    def __init__(self, gateways: Mapping[str, Gateway], desk: Desk, clock: Clock) -> None:
        self._gateways = gateways
        self._desk = desk
        self._clock = clock
        self._deliveries = Budget(DOOR.per_minute)
        self._speakers = Budget(OF_SPEAKER)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one delivery."""
        try:
            gateway = self._gateways.get(scope["path"].removeprefix(PREFIX))
            if gateway is None:
                raise Problem(GATEWAY_UNKNOWN)
            body = await read_body(scope, receive, DOOR.body_limit)
            messages = gateway.read(scope, body, self._clock.now().timestamp())
            if not self._deliveries.spend(gateway.id):
                raise Problem(TOO_MANY)
            heard = [each for each in messages if self._speakers.spend(self._desk.speaker(gateway, each).hex())]
            if messages and not heard:
                raise Problem(TOO_MANY)
            replies = [await self._heard(gateway, message) for message in heard]
        except Problem as problem:
            await respond_problem(send, problem)
        except psycopg.Error:
            log.exception("a text message could not be answered; it is delivered again")
            await respond_problem(send, Problem(BUSY))
        except Gone:
            return
        else:
            answer, kind = gateway.answer([reply for reply in replies if reply])
            await respond(send, 200, answer, kind)

    async def _heard(self, gateway: Gateway, message: Incoming) -> str:
        reply = await self._desk.hear(gateway, message)
        if gateway.kind == "line" and reply:
            await asyncio.to_thread(_tell_line, gateway, message, reply)
        return reply


class Code(msgspec.Struct, frozen=True):
    """A code that a person sends from the chat account that is to be its own."""

    code: str
    until: datetime


class Channel(msgspec.Struct, frozen=True):
    """Where one's network takes text messages: a telephone number, or a LINE account with its @."""

    kind: Literal["sms", "line"]
    to: str


class Channels(msgspec.Struct, frozen=True):
    """Every way to write to one's network."""

    channels: list[Channel]


def endpoints(desk: Desk, gateways: Mapping[str, Gateway]) -> list[Endpoint]:
    """Return the endpoints for persons."""

    async def text_codes(request: Request[Any, Any, Any]) -> Code:
        """Make a code; an earlier one ends."""
        return Code(*await desk.code(identity_of(request).person))

    async def text_channels(request: Request[Any, Any, Any]) -> Channels:
        """Say where one can write to when there is no data."""
        network = identity_of(request).network
        own = (gateway for gateway in gateways.values() if gateway.network == network and gateway.to)
        return Channels([Channel("sms" if gateway.by_telephone else "line", gateway.to) for gateway in own])

    return [Endpoint(CODES_DOOR, text_codes, status=201), Endpoint(CHANNELS_DOOR, text_channels)]


def _tell_line(gateway: Gateway, message: Incoming, reply: str) -> None:
    url, body, headers = line_reply(gateway, message, reply)
    try:
        answer = ask(url, body, headers, most=REPLY_BYTES, seconds=REPLY_SECONDS)
    except Unanswered as error:
        log.warning("LINE does not answer; the message is delivered again", reason=str(error))
        raise Problem(GATEWAY_AWAY) from error
    if answer.status >= 500:
        raise Problem(GATEWAY_AWAY)
    if answer.status >= 400:  # the token to reply with is spent or too old: nothing helps, and what was said stands
        log.warning("LINE refused an answer", status=answer.status)

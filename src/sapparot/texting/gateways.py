"""Gateways that bring text messages: what they send, how it is signed, and how they want to be answered.

Twilio: https://www.twilio.com/docs/usage/security. LINE: https://developers.line.biz/en/docs/messaging-api/verify-webhook-signature/.
"""

from __future__ import annotations

import hmac
import tomllib
from base64 import b64encode
from datetime import UTC, datetime
from hashlib import sha1, sha256
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

import msgspec
from msgspec import Meta

from sapparot.base.asgi import Scope, header
from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.texting.facts import Incoming
from sapparot.texting.problems import GATEWAY_UNREADABLE, GATEWAY_UNSIGNED, GATEWAYS_INVALID
from sapparot.texting.wording import ONLY_WORDS

Secret = Annotated[str, Meta(min_length=8, max_length=512)]
LATEST_SECONDS = 300
LINE = "https://api.line.me"
_LAST = 1 << 33
"""Seconds since 1970 that no message is from."""


class Gateway(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A gateway of one network, as the operator wrote it down."""

    id: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,63}\Z")]
    kind: Literal["twilio", "line", "plain"]
    network: str
    secret: Secret
    url: str = ""
    """Where Twilio delivers, exactly as it calls it."""
    token: str = ""
    """With which LINE is answered."""
    to: Annotated[str, Meta(pattern=r"^(\+?[0-9]{3,15}|@[a-z0-9._-]{2,40})?\Z")] = ""
    """Where volunteers write: a telephone number, or the name of the LINE account with its @; phones offer it when it is given."""
    api: str = LINE

    @property
    def by_telephone(self) -> bool:
        """Tell whether senders are telephone numbers, else accounts that must be bound first."""
        return self.kind != "line"

    @property
    def realm(self) -> str:
        """Return within what a sender's name is one sender: telephones everywhere, accounts at their gateway."""
        return "telephone" if self.by_telephone else f"account {self.id}"

    def read(self, scope: Scope, body: bytes, now: float) -> list[Incoming]:
        """Return the messages of a delivery; raises :class:`Problem` unless it is signed and readable."""
        reading = {"twilio": self._twilio, "line": self._line, "plain": self._plain}[self.kind]
        try:
            return reading(scope, body, now)
        except (msgspec.MsgspecError, UnicodeDecodeError, ValueError, KeyError, RecursionError) as error:
            raise Problem(GATEWAY_UNREADABLE) from error

    def answer(self, replies: list[str]) -> tuple[bytes, bytes]:
        """Return what the response to a delivery says, and its type."""
        if self.kind == "twilio":
            said = "".join(f"<Message>{escape(reply)}</Message>" for reply in replies)
            return f'<?xml version="1.0" encoding="UTF-8"?><Response>{said}</Response>'.encode(), b"text/xml"
        if self.kind == "plain":
            return msgspec.json.encode({"reply": "".join(replies)}), b"application/json"
        return b"{}", b"application/json"

    def _twilio(self, scope: Scope, body: bytes, now: float) -> list[Incoming]:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True, max_num_fields=200)
        signed = self.url + "".join(name + value for name, value in sorted(set(pairs)))
        self._check(scope, b"x-twilio-signature", _b64(hmac.digest(self.secret.encode(), signed.encode(), sha1)))
        said = dict(pairs)
        return [Incoming(_named(said["MessageSid"]), said["From"], said.get("Body", ""))]

    def _line(self, scope: Scope, body: bytes, now: float) -> list[Incoming]:
        self._check(scope, b"x-line-signature", _b64(hmac.digest(self.secret.encode(), body, sha256)))
        found = []
        for event in msgspec.json.decode(body, type=_Delivery).events:
            user = event.source.get("userId") if event.source else None
            if event.type == "message" and event.reply_token and isinstance(user, str) and event.message:
                text = event.message.text if event.message.type == "text" else ""
                at = None if event.timestamp is None else datetime.fromtimestamp(event.timestamp / 1000, UTC)
                name = _named(event.id or event.message.id)
                found.append(Incoming(name, user, text or "", event.reply_token, at))
        return found

    def _plain(self, scope: Scope, body: bytes, now: float) -> list[Incoming]:
        at = header(scope, b"x-sapparot-time") or ""
        self._check(
            scope,
            b"x-sapparot-signature",
            hmac.digest(self.secret.encode(), at.encode() + b"\n" + body, sha256).hex(),
        )
        if not at.isascii() or not at.isdecimal() or abs(int(at[:15]) - now) > LATEST_SECONDS:
            raise Problem(GATEWAY_UNSIGNED)
        said = msgspec.json.decode(body, type=_Plain)
        written = None if said.at is None else datetime.fromtimestamp(said.at, UTC)
        return [Incoming(_named(said.id), said.sender, said.text, at=written)]

    def _check(self, scope: Scope, name: bytes, wanted: str) -> None:
        if not hmac.compare_digest(wanted.encode(), (header(scope, name) or "").encode()):
            raise Problem(GATEWAY_UNSIGNED)


class _LineMessage(msgspec.Struct):
    id: str
    type: str
    text: str | None = None


class _Event(msgspec.Struct, rename={"reply_token": "replyToken", "id": "webhookEventId"}):
    type: str
    timestamp: Annotated[int, Meta(ge=0, le=_LAST * 1000)] | None = None
    """Milliseconds since 1970 at which it happened, the same when it is delivered again."""
    reply_token: str = ""
    id: str = ""
    source: dict[str, Any] | None = None
    message: _LineMessage | None = None


class _Delivery(msgspec.Struct):
    events: Annotated[list[_Event], Meta(max_length=100)] = []


class _Plain(msgspec.Struct, rename={"sender": "from"}):
    id: str
    sender: str
    text: str
    at: Annotated[int, Meta(ge=0, le=_LAST)] | None = None


class _File(msgspec.Struct, forbid_unknown_fields=True):
    gateways: list[Gateway]


def load(path: Path) -> dict[str, Gateway]:
    """Read the file of gateways; raises :class:`Problem` with what is wrong in it."""
    try:
        found = msgspec.convert(tomllib.loads(path.read_text("utf-8")), _File).gateways
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise GATEWAYS_INVALID.about(f"{path}: {error}") from error
    for gateway in found:
        lacking = {"twilio": "url", "line": "token"}.get(gateway.kind)
        if lacking and not getattr(gateway, lacking):
            raise GATEWAYS_INVALID.about(f"{path}: the gateway {gateway.id} needs {lacking}")
        if gateway.to and gateway.to.startswith("@") == gateway.by_telephone:
            raise GATEWAYS_INVALID.about(
                f"{path}: `to` of the gateway {gateway.id} is no {'telephone' if gateway.by_telephone else 'account'}"
            )
    named = {gateway.id: gateway for gateway in found}
    if len(named) != len(found):
        raise GATEWAYS_INVALID.about(f"{path}: two gateways have one id")
    return named


def line_reply(gateway: Gateway, message: Incoming, reply: str) -> tuple[str, bytes, dict[str, str]]:
    """Return address, body and headers of the request that answers a message of LINE."""
    body = {"replyToken": message.reply_to, "messages": [{"type": "text", "text": reply[:5000]}]}
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {gateway.token}"}
    return f"{gateway.api}/v2/bot/message/reply", msgspec.json.encode(body), headers


def without_words() -> Text:
    """Return what a message is answered that holds no text."""
    return ONLY_WORDS


def _named(text: str) -> str:
    if not 0 < len(text) <= 200 or "\0" in text:
        raise ValueError("a message has a name")
    return text


def _b64(data: bytes) -> str:
    return b64encode(data).decode()

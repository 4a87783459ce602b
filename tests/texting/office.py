"""A server that takes text messages, with people, duties and gateways of tests."""

from __future__ import annotations

import asyncio
import hmac
import json
import re
from base64 import b64encode
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode
from uuid import UUID, uuid4

import httpx
import msgspec

from sapparot.base import canonical, outbox
from sapparot.base.clock import FixedClock
from sapparot.base.database import AsyncConnection, Connection, pool
from sapparot.base.gate import Gate
from sapparot.base.jws import parse
from sapparot.base.text import Text
from sapparot.contests import Election
from sapparot.intake.admission import Admission
from sapparot.people import Keyring, Network, Persons, Vault, add_network
from sapparot.texting.api import DOOR, TextDoor
from sapparot.texting.desk import Desk
from sapparot.texting.facts import Figures, Post, Said
from sapparot.texting.gateways import Gateway
from tests.serving import LONG, serving

T = TypeVar("T")
NOW = datetime(2026, 3, 1, 11, 0, tzinfo=UTC)
STATION, NEXT = "01-01-010111-001", "01-01-010111-002"
URL = "https://count.example/v1/text/sms"
GATEWAYS = {
    "sms": Gateway("sms", "twilio", "vote62", "twilio-token", url=URL),
    "chat": Gateway("chat", "line", "vote62", "line-secret", token="line-token"),
    "other": Gateway("other", "plain", "ilaw", "plain-secret"),
    "own": Gateway("own", "plain", "vote62", "own-secret"),
}


class Office:
    """People who write, a server that answers, and what came of it."""

    def __init__(self, database_url: str, database: Connection, data: Path, election: Election) -> None:
        self.database = database
        self.clock = FixedClock(NOW)
        self.keyring = Keyring(data / "networks")
        self.vault = Vault(data)
        self.posts: dict[UUID, list[Post]] = {}
        self.by_app: dict[UUID, Figures] = {}
        self.election_ = election
        self.gateways = dict(GATEWAYS)
        self.pool = pool(database_url, 4)
        persons = Persons(self.vault, self.clock)
        self.desk = Desk(self.pool, persons, (self.of, self.signed, self), (b"s" * 32, self.keyring), self.clock)
        for network in ("vote62", "ilaw"):
            add_network(database, Network(network, Text(network, network), self.keyring.make(network).jwk))
        database.commit()
        self.root = ""
        self.serial = 0
        self.loop: asyncio.AbstractEventLoop

    async def of(self, connection: AsyncConnection, person: UUID) -> Sequence[Post]:
        return self.posts.get(person, [])

    async def signed(self, connection: AsyncConnection, person: UUID, said: Said) -> Figures | None:
        return self.by_app.get(person)

    async def election(self, name: str | None = None) -> Election:
        return self.election_

    def person(self, phone: str | None, *stations: str, network: str = "vote62", **changes: Any) -> UUID:
        """Somebody who may report from these stations, unless ``changes`` say otherwise."""
        known: dict[str, Any] = {"state": "active", "proven_at": NOW, "trained_at": NOW, "lang": "en"} | changes
        person = uuid4()
        found = self.vault.find(phone) if phone else None
        self.database.execute(
            "INSERT INTO people.persons (id, network, level, state, lang, phone, joined_at, proven_at, trained_at)"
            " VALUES (%s, %s, 1, %s, %s, %s, %s, %s, %s)",
            (person, network, known["state"], known["lang"], found, NOW, known["proven_at"], known["trained_at"]),
        )
        self.database.commit()
        self.posts[person] = [Post(n, self.election_.id, station) for n, station in enumerate(stations, 1)]
        return person

    def sms(self, phone: str, text: str, name: str | None = None) -> str:
        """Deliver an SMS as Twilio does; return what is answered."""
        answer = self.deliver_sms(phone, text, name)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "text/xml"
        return answer.text.partition("<Message>")[2].partition("</Message>")[0]

    def deliver_sms(self, phone: str, text: str, name: str | None = None, **more: str) -> httpx.Response:
        self.serial += 1
        said = {
            "MessageSid": name or f"SM{self.serial:032d}",
            "From": phone,
            "To": "+66999",
            "Body": text,
            "NumMedia": "0",
        }
        signed = URL + "".join(key + value for key, value in sorted(said.items()))
        signature = b64encode(hmac.digest(b"twilio-token", signed.encode(), "sha1")).decode()
        return self.post("sms", urlencode(said).encode(), **({"x-twilio-signature": signature} | more))

    def plain(self, sender: str, text: str, gateway: str = "own", written: datetime | None = None) -> str:
        """Deliver a message as a gateway without a habit of its own."""
        self.serial += 1
        said = {"id": f"m{self.serial}", "from": sender, "text": text}
        body = json.dumps(said | ({"at": int(written.timestamp())} if written else {})).encode()
        at = str(int(NOW.timestamp()))
        secret = GATEWAYS[gateway].secret.encode()
        mac = hmac.digest(secret, at.encode() + b"\n" + body, "sha256").hex()
        answer = self.post(gateway, body, **{"x-sapparot-time": at, "x-sapparot-signature": mac})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["reply"])

    def correct(self, phone: str, text: str) -> str:
        """Write other figures by SMS, and confirm them with the code that is answered to the telephone."""
        asked = self.sms(phone, text)
        found = re.search(r"answer: OK ([0-9]{6})", asked)
        assert found, asked
        return self.sms(phone, f"OK {found[1]}")

    def line(self, user: str, text: str | None, name: str | None = None, token: str = "reply") -> httpx.Response:
        """Deliver a chat message as LINE does."""
        return self.line_events(self.event(user, text, name, token))

    def event(
        self, user: str, text: str | None, name: str | None = None, token: str = "reply", at: datetime = NOW
    ) -> dict[str, Any]:
        """What LINE says of a chat message."""
        self.serial += 1
        message = {"type": "text", "id": "1", "text": text} if text is not None else {"type": "sticker", "id": "1"}
        return {
            "type": "message", "message": message, "webhookEventId": name or f"01H{self.serial}", "replyToken": token,
            "deliveryContext": {"isRedelivery": False}, "timestamp": int(at.timestamp() * 1000), "mode": "active",
            "source": {"type": "user", "userId": user},
        }  # fmt: skip

    def line_events(self, *events: dict[str, Any]) -> httpx.Response:
        """Deliver several messages at once, as LINE does."""
        body = json.dumps({"destination": "U1", "events": events}, ensure_ascii=False).encode()
        mac = b64encode(hmac.digest(b"line-secret", body, "sha256")).decode()
        return self.post("chat", body, **{"x-line-signature": mac})

    def post(self, gateway: str, body: bytes, **headers: str) -> httpx.Response:
        return httpx.post(f"{self.root}{DOOR.path}{gateway}", content=body, headers=headers, timeout=60, verify=False)

    def ask(self, question: Coroutine[Any, Any, T]) -> T:
        """Ask the desk something in its own loop."""
        return asyncio.run_coroutine_threadsafe(question, self.loop).result(LONG)

    def reports(self) -> list[dict[str, Any]]:
        """The payloads of the reports that arrived, in order, as admission lets them through; each with its ``kid``."""
        admitted = Admission(self.clock).take(self.database, 1000)
        self.database.rollback()
        letters = [parse(canonical.decode(body)["jws"]) for _, body in admitted]
        return [canonical.decode(letter.payload) | {"kid": letter.header.kid} for letter in letters]

    def enrolments(self) -> list[dict[str, Any]]:
        """What the log will be told of keys."""
        entries = [one for one in outbox.take(self.database, 1000) if one.kind == "enrolment"]
        self.database.rollback()
        return [canonical.decode(parse(canonical.decode(one.body)["jws"]).payload) for one in entries]

    @contextmanager
    def open(self) -> Iterator[Office]:
        """Serve."""
        door = TextDoor(self.gateways, self.desk, self.clock)
        gate = Gate({}, {(DOOR.method, DOOR.path): door}, hooks=([self.pool.open], [self.pool.close]))
        with serving(gate) as running:
            self.loop, self.root = running.loop, running.root
            yield self


class Line:
    """Stands where api.line.me does, and keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []
        self.status = 200
        self.url = ""

    def replace(self, gateway: Gateway) -> Gateway:
        return msgspec.structs.replace(gateway, api=self.url)

"""A small real log beside the public pages: written by the ledger's own code, served as in production, as false as a test wants it."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from sapparot.base import canonical
from sapparot.base.asgi import Receive, Scope, Send, respond
from sapparot.base.clock import unstamp
from sapparot.base.jws import SigningKey, parse
from sapparot.base.text import Text
from sapparot.intake.promises import PromiseMaker
from sapparot.ledger.cosignatures import CosigningKey
from sapparot.ledger.facts import Head
from sapparot.ledger.growth import Growth
from sapparot.ledger.notes import NoteSigner, checkpoint_text
from sapparot.ledger.proofs import inclusion
from sapparot.ledger.receipts import Receipt
from sapparot.ledger.tiles import Hashes
from sapparot.ledger.tree import leaf_hash
from sapparot.people.facts import Device, Network
from sapparot.people.rules import enrolment_entry, network_entry
from sapparot.verify.bearers import bearers
from sapparot.web.public.trail import LoggedEntry, Reporter
from tests.journeys.conftest import Night
from tests.web.evenings import LATE, evening
from tests.web.sheets import disputed_station, figures

ORIGIN = "journeys.example/log"
NAME = Text("โหวต 62", "Vote 62")
FROM, UNTIL = datetime(2023, 5, 1, tzinfo=UTC), datetime(2023, 6, 30, tzinfo=UTC)
AT = "2023-05-14T12:02:44.000000Z"
STATION = "01-01-010111-001"
SHEET = f"{STATION}/list"
VOTES = [220, 40, 10, 5, 3]


class PublicLog:
    """Entries, and the files of the log below a folder's `log/`."""

    def __init__(self, folder: Path, seed: int = 7) -> None:
        self.folder = folder / "log"
        self.signer = NoteSigner(ORIGIN, bytes([seed]) * 32)
        self.network = SigningKey.from_secret("EdDSA", bytes([seed + 1]) * 32)
        self.device = SigningKey.from_secret("ES256", bytes([seed + 2]) * 32)
        self.promiser = SigningKey.from_secret("EdDSA", bytes([seed + 3]) * 32)
        self.bodies: list[bytes] = []
        self.kinds: list[str] = []
        self.roots: dict[int, bytes] = {}
        self._growth = Growth()

    def add(self, kind: str, body: bytes) -> int:
        """Append an entry; return its position."""
        self.kinds.append(kind)
        self.bodies.append(body)
        for path, data in self._growth.add([body], [leaf_hash(body)]):
            self._write(path, data)
        self.roots[len(self.bodies)] = self._growth.root()
        return len(self.bodies) - 1

    def enrol(self) -> None:
        """Announce the network and enrol the device."""
        self.add(*network_entry(Network("vote62", NAME, self.network.jwk)))
        device = Device(self.device.kid, self.device.jwk, "vote62", 1, FROM, UNTIL)
        self.add(*enrolment_entry(device, self.network))

    def letter(self, sheet: str, votes: list[int]) -> str:
        """Sign a report."""
        payload = {
            "v": 1,
            "id": str(UUID(int=sum(votes))),
            "election": "x",
            "sheet": sheet,
            "stage": "final",
            **figures(votes),
        }
        return self.device.sign(canonical.encode(payload), "sapparot-report+jwt")

    def report(self, sheet: str, votes: list[int]) -> int:
        """Append a report of the device."""
        return self.add("report", self.entry(self.letter(sheet, votes)))

    def entry(self, letter: str) -> bytes:
        """The entry of a report."""
        return canonical.encode({"at": AT, "jws": letter, "kind": "report", "v": 1})

    def promise(self, letter: str) -> dict[str, object]:
        """Promise a report, under a key that the log announces."""
        maker = PromiseMaker(self.promiser, ORIGIN, 60)
        report = UUID(canonical.decode(parse(letter).payload)["id"])
        promised = maker.make({report: sha256(letter.encode()).digest()}, unstamp(AT))[report]
        self.add(*maker.entry())
        self.publish()
        return {"index": promised.index, "jws": promised.jws, "path": promised.path}

    def fill(self, count: int) -> None:
        """Append entries of no meaning."""
        for _ in range(count):
            self.add("other", canonical.encode({"kind": "other", "n": len(self.bodies), "v": 1}))

    def note(self, size: int | None = None) -> str:
        """The signed checkpoint of a size, by default the newest."""
        held = len(self.bodies) if size is None else size
        return self.signer.sign(checkpoint_text(ORIGIN, Head(held, self.roots[held])))

    def publish(self) -> PublicLog:
        """Write what is served: partial tiles, checkpoint and key."""
        for path, data in self._growth.partials():
            self._write(path, data)
        self._write("checkpoint", self.note().encode())
        self._write("log.vkey", self.signer.verifier_key().encode() + b"\n")
        return self

    def cosign(self) -> None:
        """Let a cosigner named in the policy sign the newest checkpoint."""
        cosigner = CosigningKey("cosigner.example", bytes(32))
        text = checkpoint_text(ORIGIN, Head(len(self.bodies), self.roots[len(self.bodies)]))
        signature = cosigner.cosign(text, 1_684_065_764)
        self._write("checkpoint", f"{self.note()}{signature.line}\n".encode())
        self._write("policy", f"witness A {cosigner.verifier_key.text}\nquorum A\n".encode())

    def receipt(self, index: int, *, entry: bool = True) -> str:
        """The receipt of an entry under the newest checkpoint."""
        hashes = Hashes(lambda path: (self.folder / path).read_bytes(), len(self.bodies))
        path = tuple(inclusion(hashes, index, len(self.bodies)))
        return Receipt(index, path, self.note(), self.bodies[index] if entry else None).encode()

    def _write(self, path: str, data: bytes) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)


class CheckedNight(Night):
    """An evening whose log can be read."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.ledger = PublicLog(folder)
        self.away = False

    def tell(self, sheet: str, position: int) -> None:
        """Show an entry of the log on the page of its station."""
        ledger = self.ledger
        entry = LoggedEntry(position, ledger.kinds[position], ledger.bodies[position])
        self.log.entries.setdefault(sheet, []).append(entry)
        self.log.reporters[ledger.device.kid] = Reporter("vote62", NAME, 1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer for the log, or as any evening does."""
        path = str(scope["path"])
        if self.away and path.startswith(("/log/", "/v1/find/", "/v1/keys/")):
            await respond(send, 503, b"", b"text/plain")
        elif path.startswith("/log/"):
            file = self.ledger.folder / path.removeprefix("/log/")
            found = file.is_file()
            await respond(send, 200 if found else 404, file.read_bytes() if found else b"", b"application/octet-stream")
        elif path.startswith("/v1/find/"):
            leaves = [leaf_hash(body).hex() for body in self.ledger.bodies]
            wanted = path.removeprefix("/v1/find/")
            places = [place for place, leaf in enumerate(leaves) if leaf == wanted]
            body = canonical.encode({"index": places[0], "v": 1}) if places else b"{}"
            await respond(send, 200 if places else 404, body)
        elif path.startswith("/v1/keys/"):
            about = [
                {"kind": kind, "position": position}
                for position, (kind, body) in enumerate(zip(self.ledger.kinds, self.ledger.bodies, strict=True))
                if kind != "duties" and path.removeprefix("/v1/keys/") in bearers(kind, body)
            ]
            await respond(send, 200, canonical.encode({"entries": about, "v": 1}))
        else:
            await super().__call__(scope, receive, send)


def checked_night(folder: Path) -> CheckedNight:
    """A late evening; the report of one station stands in a log of 300 entries."""
    night = CheckedNight(folder)
    disputed_station(night.log, STATION, [212, 35, 18, 4], VOTES)
    night.publish(evening(LATE))
    night.ledger.enrol()
    night.tell(SHEET, night.ledger.report(SHEET, VOTES))
    night.ledger.fill(297)
    night.ledger.publish()
    return night

"""A fixed cast of people and an evening that they fill with entries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sapparot.base import canonical
from sapparot.base.clock import stamp
from sapparot.base.jws import SigningKey, b64
from sapparot.contests import Election, Figures, assemble
from sapparot.contests.importing import define, read_folder
from sapparot.verify import Engine, Policy, Standing, load, policy_entry
from sapparot.verify.facts import Claim, Stage
from sapparot.verify.letters import DECISION_TYPE, ENROLMENT_TYPE, READING_TYPE, REPORT_TYPE, REVOCATION_TYPE
from sapparot.verify.shapes import Shape

ROOT = Path(__file__).parents[2]
CLOSES = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
NETWORKS = (
    "sao", "pao", "vote62", "ilaw", "pheu-thai", "move-forward", "democrat", "rajabhat", "media", "stranger",
)  # fmt: skip
GONE, NEW = "02-01-advance-001", "02-01-advance-009"
"""Stations that a correction removes and adds."""
PEOPLE = {
    "somchai": ("sao", 1),
    "malee": ("pao", 1),
    "wichai": ("vote62", 1),
    "nok": ("ilaw", 1),
    "ploy": ("pheu-thai", 1),
    "prapat": ("pheu-thai", 1),
    "kong": ("move-forward", 1),
    "dao": ("democrat", 1),
    "fah": ("stranger", 1),
    "head": ("rajabhat", 2),
    "reader": ("rajabhat", 3),
    "wari": ("media", 3),
    "anan": ("media", 3),
}
STATION, NEXT, FAR = "01-01-010111-001", "01-01-010111-002", "02-01-020111-001"
SHEET, LIST = f"{STATION}/constituency", f"{STATION}/list"
VOTES = {"1": 212, "2": 35, "3": 120, "4": 3}
OTHER_VOTES = {"1": 35, "2": 212, "3": 120, "4": 3}


@cache
def definitions() -> tuple[tuple[str, bytes], ...]:
    return tuple(define(read_folder(ROOT / "data/elections/small")))


@cache
def corrected() -> tuple[tuple[str, bytes], ...]:
    """The same election with its last station away and a new one in its place."""
    files = read_folder(ROOT / "data/elections/small")
    return tuple(define(files | {"stations.csv": files["stations.csv"].replace(GONE.encode(), NEW.encode())}))


@cache
def small() -> Election:
    return assemble(body for _, body in definitions())


@cache
def default_policy() -> Policy:
    return load(ROOT / "data/policies/default.toml")


@cache
def key_of(name: str) -> SigningKey:
    return SigningKey.from_secret("EdDSA", name.encode().ljust(32, b"."))


def kid(name: str) -> str:
    return key_of(name).kid


def final(votes: dict[str, int] | None = None, **changes: Any) -> dict[str, Any]:
    """Figures that add up, with changes."""
    votes = VOTES if votes is None else votes
    valid = sum(votes.values())
    return {"votes": votes, "valid": valid, "spoiled": 6, "no_vote": 9, "ballots_cast": valid + 15} | changes


def minutes(after: float) -> str:
    return stamp(CLOSES + timedelta(minutes=after))


def jws(signer: str, typ: str, payload: Any, *, signed: bool = False) -> str:
    body = payload if isinstance(payload, bytes) else canonical.encode(payload)
    if signed:
        return key_of(signer).sign(body, typ)
    header = canonical.encode({"alg": "EdDSA", "kid": kid(signer), "typ": typ})
    return f"{b64(header)}.{b64(body)}.{'A' * 86}"


@cache
def shape() -> Shape:
    """The row layout of the usual sheet."""
    number = small().sheet_number(SHEET)
    assert number is not None
    return Shape(small().contest_of(number))


def row(votes: dict[str, int] | None = None, **totals: Any) -> bytes:
    """Figures of the usual sheet in a row."""
    return shape().lay(Figures(**(final(votes) | totals))).row


def claim(
    network: str, votes: dict[str, int] | None = None, stage: Stage = "final", failed: tuple[str, ...] = ()
) -> Claim:
    """A claim about the usual sheet."""
    votes = VOTES if votes is None else votes
    return Claim(1, "id", f"device of {network}", network, stage, row(votes), sum(votes.values()), 0, 0, failed)


class Evening:
    """Entries one after the other, with the engine that folds them and everything it said."""

    def __init__(
        self, *, defined: bool = True, policy: Policy | None = None, signed: bool = False, **engine: Any
    ) -> None:
        self.engine = Engine(**engine)
        self.entries: list[tuple[int, str, bytes]] = []
        self.outs: list[dict[str, Any]] = []
        self.signed = signed
        self.serial = 0
        if defined:
            for kind, body in definitions():
                self.put(kind, body)
            self.put(*policy_entry(policy or default_policy()))
            for network in NETWORKS:
                self.put("network", {"id": network, "key": key_of(network).jwk})
            for name in PEOPLE:
                self.enrol(name)

    def put(self, kind: str, body: bytes | dict[str, Any]) -> list[dict[str, Any]]:
        """Append an entry; give what the engine concludes from it."""
        raw = body if isinstance(body, bytes) else canonical.encode({"kind": kind, "v": 1} | body)
        self.entries.append((len(self.entries), kind, raw))
        outs = [canonical.decode(out) for _, out in self.engine.apply(*self.entries[-1])]
        self.outs += outs
        return outs

    @property
    def last(self) -> int:
        return self.entries[-1][0]

    def enrol(self, name: str, **changes: Any) -> list[dict[str, Any]]:
        network, level = PEOPLE.get(name, ("sao", 1))
        said = {
            "v": 1, "kid": kid(name), "key": key_of(name).jwk, "network": network, "level": level,
            "from": "2026-02-01T00:00:00Z", "until": "2026-04-01T00:00:00Z",
        } | changes  # fmt: skip
        signer = changes.get("network", network)
        return self.put("enrolment", {"jws": jws(signer, ENROLMENT_TYPE, said, signed=self.signed)})

    def revoke(self, name: str, after: float, **changes: Any) -> list[dict[str, Any]]:
        network = changes.get("network", PEOPLE[name][0])
        said = {"v": 1, "kid": kid(name), "network": network, "at": minutes(after), "reason": "lost"}
        return self.put("revocation", {"jws": jws(network, REVOCATION_TYPE, said, signed=self.signed)})

    def report(
        self, name: str, figures: dict[str, Any] | None = None, after: float = 120, **members: Any
    ) -> list[dict[str, Any]]:
        """A report of one person about the usual sheet, a final unless another stage is given."""
        return self.put(
            "report", {"at": minutes(after), "jws": self.letter(name, REPORT_TYPE, figures, after, members)}
        )

    def progress(self, name: str, votes: dict[str, int], after: float = 60, **members: Any) -> list[dict[str, Any]]:
        return self.report(name, {"votes": votes}, after, stage="progress", **members)

    def reading(
        self, name: str, photo: str, figures: dict[str, Any] | None = None, **members: Any
    ) -> list[dict[str, Any]]:
        members = {"photo": photo, "evidence": []} | members
        return self.put("reading", {"at": minutes(180), "jws": self.letter(name, READING_TYPE, figures, 180, members)})

    def letter(self, name: str, typ: str, figures: dict[str, Any] | None, after: float, members: dict[str, Any]) -> str:
        self.serial += 1
        payload = {
            "v": 1, "id": f"r{self.serial}", "election": "small", "sheet": SHEET, "stage": "final",
            **(final() if figures is None else figures), "evidence": [{"role": "form", "sha256": photo(self.serial)}],
            "observed_at": minutes(after - 1), "seq": self.serial, "replaces": None, "app": "test/1",
        } | members  # fmt: skip
        return jws(name, typ, payload, signed=self.signed)

    def decide(self, *names: str, sheet: str = SHEET, after: float = 240, **members: Any) -> list[dict[str, Any]]:
        """A decision, really signed by each of these people."""
        said = {
            "v": 1,
            "at": minutes(after),
            "sheet": sheet,
            "reason": {"th": "ดูภาพแล้ว", "en": "seen the photograph"},
        } | members
        signed = [jws(name, DECISION_TYPE, said, signed=True) for name in names]
        return self.put("decision", {"at": minutes(after), "jws": signed})

    def standing(self, sheet: str = SHEET) -> Standing:
        number = small().sheet_number(sheet)
        assert number is not None
        return self.engine.standing(number)

    def moves(self, sheet: str = SHEET) -> list[dict[str, Any]]:
        return [out for out in self.outs if out["kind"] == "move" and out["sheet"] == sheet]

    def findings(self, rule: str | None = None) -> list[dict[str, Any]]:
        return [out for out in self.outs if out["kind"] == "finding" and rule in (None, out["rule"])]

    def rules(self) -> list[str]:
        return [out["rule"] for out in self.findings()]


def photo(number: int) -> str:
    return f"{number:016x}" + "0" * 48

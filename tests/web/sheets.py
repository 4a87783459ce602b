"""Stories of sheets: signed reports, findings and moves as they stand in the log."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sapparot.base import canonical
from sapparot.base.jws import SigningKey
from sapparot.base.text import Text
from sapparot.web.public.trail import LoggedEntry, Reporter, Trail

PHOTO = "ab" * 32
COPY = "cd" * 32
NETWORKS = {"vote62": Text("โหวต 62", "Vote 62"), "teachers": Text("เครือข่ายครู", "Teachers' Network")}


class Log:
    """Collects entries about sheets, with positions as in a log."""

    def __init__(self) -> None:
        self.entries: dict[str, list[LoggedEntry]] = {}
        self.reporters: dict[str, Reporter] = {}
        self.photographs: dict[str, str | None] = {PHOTO: COPY}
        self.lost: set[str] = set()
        self.position = 88_120

    def add(self, sheet: str, kind: str, body: dict[str, Any]) -> int:
        """Append an entry about a sheet; return its position."""
        self.position += 7
        entry = LoggedEntry(self.position, kind, canonical.encode({"kind": kind, "v": 1, **body}))
        self.entries.setdefault(sheet, []).append(entry)
        return self.position

    def report(self, sheet: str, network: str, at: str, figures: dict[str, Any], **more: Any) -> int:
        """Append a report of a device of a network."""
        key = SigningKey.from_secret("EdDSA", self.position.to_bytes(32, "big"))
        self.reporters[key.kid] = Reporter(network, NETWORKS[network], 1)
        payload = {
            "v": 1,
            "id": f"{self.position}",
            "election": "x",
            "sheet": sheet,
            "stage": "final",
            **figures,
            **more,
        }
        jws = key.sign(canonical.encode(payload), "sapparot-report+jwt")
        return self.add(sheet, "report", {"at": at, "jws": jws})

    def move(
        self, sheet: str, cause: int, states: tuple[str, str, str], reason: str, figures: object, sources: int = 1
    ) -> None:
        """Append a move: from a state to a state, in a layer."""
        was, state, layer = states
        body = {"sheet": sheet, "was": was, "state": state, "layer": layer, "cause": cause, "reason": reason}
        self.add(sheet, "move", {**body, "sources": sources, "figures": figures})

    def finding(self, sheet: str, cause: int, rule: str, weight: str, **values: int | str) -> None:
        """Append a finding that failed."""
        self.add(
            sheet,
            "finding",
            {"sheet": sheet, "cause": cause, "rule": rule, "outcome": "failed", "values": values, "weight": weight},
        )

    async def trails(self, election: str, sheets: Iterable[str]) -> list[Trail]:
        """Give the trails, as `records.Records` does."""
        about = (self.reporters, self.photographs, self.lost)
        return [Trail(sheet, self.entries.get(sheet, []), *about) for sheet in sheets]


def figures(votes: Sequence[int], spoiled: int = 6, no_vote: int = 9) -> dict[str, Any]:
    """Give consistent figures for options 1, 2, 3 and so on."""
    valid = sum(votes)
    return {
        "votes": {str(number): count for number, count in enumerate(votes, 1)},
        "valid": valid,
        "spoiled": spoiled,
        "no_vote": no_vote,
        "ballots_cast": valid + spoiled + no_vote,
    }


def disputed_station(log: Log, station: str, local: Sequence[int], lists: Sequence[int]) -> None:
    """Let a station have a live start, a final, a second final with two digits swapped; its list sheet is confirmed."""
    sheet = f"{station}/constituency"
    some = figures([count // 3 for count in local], 1, 2)
    first = log.report(sheet, "vote62", "2023-05-14T10:41:02.000000Z", some, stage="progress")
    log.move(sheet, first, ("empty", "live", "live"), "progress_counted", some)
    final = figures(local)
    shots = [{"role": "form", "page": 1, "sha256": PHOTO}, {"role": "board", "sha256": "ef" * 32}]
    second = log.report(sheet, "vote62", "2023-05-14T12:02:44.000000Z", final, evidence=shots)
    log.move(sheet, second, ("live", "reported", "reported"), "first_final", final)
    swapped = list(local)
    swapped[0] += 81
    third = log.report(sheet, "teachers", "2023-05-14T12:20:09.000000Z", figures(swapped))
    log.finding(sheet, third, "cast_within_eligible", "dispute", cast=sum(swapped) + 15, eligible=sum(local))
    log.move(sheet, third, ("reported", "disputed", "live"), "sources_differ", some)
    sheet = f"{station}/list"
    one = log.report(sheet, "vote62", "2023-05-14T12:31:44.000000Z", figures(lists))
    log.move(sheet, one, ("empty", "reported", "reported"), "first_final", figures(lists))
    two = log.report(sheet, "teachers", "2023-05-14T12:40:00.000000Z", figures(lists))
    log.move(sheet, two, ("reported", "confirmed", "confirmed"), "independent_sources_agree", figures(lists), 2)

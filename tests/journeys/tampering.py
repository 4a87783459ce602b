"""The ten manipulations of a log, planted in a plain copy of the directory that a demo leaves."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sapparot.base import canonical
from sapparot.base.jws import SigningKey, b64, unb64
from sapparot.base.keys import secret_file
from sapparot.ledger.notes import NoteSigner
from sapparot.publish import rules
from sapparot.verify.letters import DECISION_TYPE, REPORT_TYPE
from tests.audit.town import Statement, note_of, sha256, tiled

Change = Callable[[list[Statement]], list[Statement]]


class Copy:
    """A copy of what a demo published, and the key of its log, which an insider has."""

    def __init__(self, data: Path, folder: Path, log: Sequence[Statement]) -> None:
        self.folder = folder
        self.log = list(log)
        self.key = NoteSigner(
            (data / "public/log/log.vkey").read_text().split("+")[0], secret_file(data / "secrets/log.key")
        )
        shutil.copytree(data / "public", folder)

    def plant(self, log: list[Statement], *, sign: bool) -> None:
        """Put another log in its place; without `sign` the checkpoint stays, and so must the size."""
        if not sign:
            log = [*log, *self.log[-1:]][: len(self.log)]
        shutil.rmtree(self.folder / "log/tile")
        for name, data in tiled([body for _, body in log]).items():
            path = self.folder / "log" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        if sign:
            for name in ("cosigned", "checkpoint"):
                (self.folder / "log" / name).unlink(missing_ok=True)
            (self.folder / "log/checkpoint").write_text(note_of(log, self.key))

    def last_headline(self) -> Path:
        """The first figures that everybody sees."""
        latest = canonical.decode((self.folder / rules.LATEST).read_bytes())
        return self.folder / rules.snapshot_name(latest["n"], "headline.json")

    def photograph(self) -> Path:
        """A published photograph."""
        return next(iter(sorted((self.folder / "v1/evidence").glob("*.jpg"))))


def places(kind: str, log: Sequence[Statement]) -> list[int]:
    return [place for place, (found, _) in enumerate(log) if found == kind]


def payload(body: bytes) -> dict[str, Any]:
    said: dict[str, Any] = canonical.decode(unb64(canonical.decode(body)["jws"].split(".")[1]))
    return said


def some_final(log: Sequence[Statement]) -> int:
    finals = [place for place in places("report", log) if payload(log[place][1])["stage"] == "final"]
    return finals[len(finals) // 2]


def changed_vote(log: list[Statement]) -> list[Statement]:
    """A report says another figure than its volunteer signed."""
    where = some_final(log)
    entry = canonical.decode(log[where][1])
    head, body, mark = entry["jws"].split(".")
    said = canonical.decode(unb64(body))
    option = next(iter(said["votes"]))
    said["votes"][option] += 100
    log[where] = "report", canonical.encode(entry | {"jws": f"{head}.{b64(canonical.encode(said))}.{mark}"})
    return log


def removed_entry(log: list[Statement]) -> list[Statement]:
    """A report is gone."""
    del log[some_final(log)]
    return log


def swapped_photograph(log: list[Statement]) -> list[Statement]:
    """The log names another picture as the published copy."""
    where = places("evidence", log)[0]
    entry = canonical.decode(log[where][1]) | {"published": sha256(b"another picture")}
    log[where] = "evidence", canonical.encode(entry)
    return log


def forged_decision(log: list[Statement]) -> list[Statement]:
    """Two who are not of the war room decide about a sheet."""
    where = some_final(log)
    about, entry = payload(log[where][1]), canonical.decode(log[where][1])
    said = {"v": 1, "at": entry["at"], "sheet": about["sheet"], "use": where}
    keys = [SigningKey.from_secret("EdDSA", name.ljust(32, b".")) for name in (b"one", b"other")]
    forged = [key.sign(canonical.encode(said), DECISION_TYPE) for key in keys]
    body = canonical.encode({"at": entry["at"], "jws": forged, "kind": "decision", "v": 1})
    return [*log[: where + 1], ("decision", body), *log[where + 1 :]]


def replayed_report(log: list[Statement]) -> list[Statement]:
    """A report is sent once more."""
    where, later = some_final(log), places("report", log)[-1]
    again = canonical.decode(log[where][1]) | {"at": canonical.decode(log[later][1])["at"]}
    return [*log[: later + 1], ("report", canonical.encode(again)), *log[later + 1 :]]


def unenrolled_device(log: list[Statement]) -> list[Statement]:
    """A report comes from a device that nobody knows."""
    where = some_final(log)
    said = payload(log[where][1]) | {"id": "01890a5d-ac96-774b-bcce-b302099a8057"}
    key = SigningKey.from_secret("EdDSA", b"nobody knows me".ljust(32, b"."))
    entry = canonical.decode(log[where][1]) | {"jws": key.sign(canonical.encode(said), REPORT_TYPE)}
    return [*log[:where], ("report", canonical.encode(entry)), *log[where:]]


def reordered_entries(log: list[Statement]) -> list[Statement]:
    """Two reports about one sheet have changed places; they say different things, else nothing would follow otherwise."""
    first: dict[str, tuple[int, object]] = {}
    for other in places("report", log):
        told = payload(log[other][1])
        one, said = first.setdefault(told["sheet"], (other, (told["stage"], told["votes"])))
        if said != (told["stage"], told["votes"]):
            break
    log[one], log[other] = log[other], log[one]
    return log


CHANGES: dict[str, tuple[Change, str]] = {
    "changed vote": (changed_vote, "report.signature"),
    "removed entry": (removed_entry, "conclusion.differs"),
    "swapped photograph": (swapped_photograph, "snapshot.recount"),
    "forged decision": (forged_decision, "decision.signature"),
    "replayed report": (replayed_report, "report.replayed"),
    "unenrolled device": (unenrolled_device, "report.unenrolled"),
    "reordered entries": (reordered_entries, "conclusion.differs"),
}
"""Changes of the log, and what gives each away although whoever made it signed the log anew."""

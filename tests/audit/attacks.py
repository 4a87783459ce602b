"""Ten manipulations, each by somebody without the key of the log and by insiders who have it.

The *outsider* alters files of a copy. The *hasty* insider changes the log and signs it anew, but leaves conclusions and snapshots as they
were. The *thorough* insider lets everything follow again from the changed record, so that it agrees with itself.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sapparot.base import canonical
from sapparot.base.jws import b64, unb64
from sapparot.publish import rules
from sapparot.publish.facts import SnapshotMeta
from sapparot.verify.letters import DECISION_TYPE, REPORT_TYPE
from tests.audit.town import (
    PUBLICATION_KEY,
    Record,
    Statement,
    honest,
    kept,
    note_of,
    photograph,
    sha256,
    statements,
    tiled,
    write,
)  # fmt: skip
from tests.verify.cast import OTHER_VOTES, SHEET, final, jws, key_of, minutes

Change = Callable[[list[Statement]], list[Statement]]


def at(kind: str, log: list[Statement], number: int = 5) -> int:
    """The position of the entry of a kind that stands so far behind the first."""
    return [position for position, (found, _) in enumerate(log) if found == kind][number]


def changed_vote(log: list[Statement]) -> list[Statement]:
    """A report says another figure than its volunteer signed."""
    where = next(place for place, (kind, body) in enumerate(log) if kind == "report" and b'"final"' in payload(body))
    entry = canonical.decode(log[where][1])
    head, body, mark = entry["jws"].split(".")
    said = canonical.decode(unb64(body))
    said["votes"]["1"] += 100
    entry["jws"] = f"{head}.{b64(canonical.encode(said))}.{mark}"
    return [*log[:where], ("report", canonical.encode(entry)), *log[where + 1 :]]


def payload(body: bytes) -> bytes:
    return unb64(canonical.decode(body)["jws"].split(".")[1])


def removed_entry(log: list[Statement]) -> list[Statement]:
    """A report is gone."""
    where = at("report", log)
    return [*log[:where], *log[where + 1 :]]


def swapped_photograph(log: list[Statement]) -> list[Statement]:
    """The published copy of a photograph is another picture."""
    where = at("evidence", log, 2)
    entry = canonical.decode(log[where][1]) | {"published": sha256(photograph(999))}
    return [*log[:where], ("evidence", canonical.encode(entry)), *log[where + 1 :]]


def forged_decision(log: list[Statement]) -> list[Statement]:
    """The war room never decided this."""
    said = {"v": 1, "at": minutes(250), "sheet": SHEET, "figures": final(OTHER_VOTES)}
    forged = [jws(name, DECISION_TYPE, said) for name in ("wari", "anan")]
    where = at("decision", log, 0) + 1
    entry = {"at": minutes(250), "jws": forged, "kind": "decision", "v": 1}
    return [*log[:where], ("decision", canonical.encode(entry)), *log[where:]]


def replayed_report(log: list[Statement]) -> list[Statement]:
    """A report is sent once more."""
    again = canonical.decode(log[at("report", log, 3)][1]) | {"at": minutes(190)}
    where = at("report", log, 50)
    return [*log[:where], ("report", canonical.encode(again)), *log[where:]]


def unenrolled_device(log: list[Statement]) -> list[Statement]:
    """A report comes from a device that nobody knows."""
    said = {"v": 1, "id": "stranger", "election": "small", "sheet": SHEET, "stage": "final", **final(OTHER_VOTES)}
    signed = key_of("nobody knows me").sign(canonical.encode(said), REPORT_TYPE)
    where = at("report", log, 50)
    entry = {"at": minutes(100), "jws": signed, "kind": "report", "v": 1}
    return [*log[:where], ("report", canonical.encode(entry)), *log[where:]]


def reordered_entries(log: list[Statement]) -> list[Statement]:
    """Two reports have changed places."""
    one, two = at("report", log, 3), at("report", log, 60)
    log = list(log)
    log[one], log[two] = log[two], log[one]
    return log


CHANGES: dict[str, Change] = {
    "changed vote": changed_vote,
    "removed entry": removed_entry,
    "swapped photograph": swapped_photograph,
    "forged decision": forged_decision,
    "replayed report": replayed_report,
    "unenrolled device": unenrolled_device,
    "reordered entries": reordered_entries,
}


def by_outsider(change: Change, folder: Path) -> None:
    """Alter the entries of a copy, and the hashes beside them as far as anybody can; the signature stays what it is."""
    record = honest()
    write(record, folder)
    for path in sorted((folder / "log/tile").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    log = change(record.log)
    # The checkpoint says how many there are: what is too much is cut off, what is missing is filled with something.
    log = [*log, record.log[-1]][: len(record.log)]
    for name, data in tiled([body for _, body in log]).items():
        path = folder / "log" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (folder / f"v1/evidence/{sha256(photograph(999))}.jpg").write_bytes(photograph(999))


def by_hasty_insider(change: Change, folder: Path) -> None:
    """Change the log and sign it anew; conclusions and snapshots stay as they were."""
    record = honest()
    write(Record(change(record.log), record.files), folder)
    (folder / f"v1/evidence/{sha256(photograph(999))}.jpg").write_bytes(photograph(999))


def by_thorough_insider(change: Change, folder: Path) -> None:
    """Change what was said and let everything follow from it again."""
    record = kept(change(list(statements())))
    record.files[f"v1/evidence/{sha256(photograph(999))}.jpg"] = photograph(999)
    write(record, folder)


def swap_file_of_photograph(folder: Path) -> None:
    """Without any key: another picture under the same name."""
    write(honest(), folder)
    (folder / f"v1/evidence/{sha256(photograph(20))}.jpg").write_bytes(photograph(999))


def roll_back(folder: Path) -> None:
    """An older checkpoint, which the key really signed, and the files of then."""
    write(Record(honest().log[:200], {}), folder)


def fork(folder: Path) -> None:
    """Another log of the same size, signed by the same key: one volunteer's last report came a second later."""
    said = list(statements())
    where = at("report", said, 100)
    said[where] = ("report", canonical.encode(canonical.decode(said[where][1]) | {"at": minutes(119.9)}))
    record = kept(said)
    assert len(record.log) == len(honest().log)
    write(record, folder)


def edit_snapshot(folder: Path) -> None:
    """Without any key: a published figure is edited."""
    write(honest(), folder)
    path = folder / "v1/snapshots/4/headline.json"
    path.write_bytes(path.read_bytes().replace(b"1", b"2"))


def edit_snapshot_and_sign(folder: Path) -> None:
    """With the key of publication: the figure, its hash in the manifest, and the signature of the manifest are made anew."""
    write(honest(), folder)
    _sign_manifest(folder)


def edit_snapshot_in_the_log(folder: Path) -> None:
    """With every key: the log names the manifest of the edited snapshot too."""
    record = honest()
    write(record, folder)
    digest = _sign_manifest(folder)
    where = at("snapshot", record.log, 3)
    entry = canonical.decode(record.log[where][1]) | {"manifest": digest}
    log = [*record.log[:where], ("snapshot", canonical.encode(entry)), *record.log[where + 1 :]]
    for name, data in tiled([body for _, body in log]).items():
        (folder / "log" / name).write_bytes(data)
    (folder / "log/checkpoint").write_text(note_of(log))
    latest: dict[str, Any] = canonical.decode((folder / rules.LATEST).read_bytes())
    (folder / rules.LATEST).write_bytes(canonical.encode(latest | {"manifest": digest}))


def _sign_manifest(folder: Path) -> str:
    """Edit the headline of the last snapshot, make manifest and signature anew; give the manifest's hash."""
    place = folder / "v1/snapshots/4"
    edited = (place / "headline.json").read_bytes().replace(b"1", b"2")
    (place / "headline.json").write_bytes(edited)
    manifest = canonical.decode((place / rules.MANIFEST).read_bytes())
    manifest["files"]["headline.json"]["sha256"] = sha256(edited)
    data = canonical.encode(manifest)
    (place / rules.MANIFEST).write_bytes(data)
    meta = SnapshotMeta(4, manifest["size"], manifest["root"], manifest["at"], True, None)
    (place / rules.SIGNATURE).write_text(PUBLICATION_KEY.sign(rules.statement(meta, data), rules.SIGNATURE_TYPE))
    return sha256(data)

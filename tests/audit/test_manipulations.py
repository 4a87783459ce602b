"""Whoever changes anything is found, with the key of the log or without it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sapparot.audit.command import audit
from sapparot.audit.facts import AuditReport, Plan
from sapparot.audit.words import report_lines
from sapparot.base import canonical
from sapparot.base.jws import SigningKey, parse
from sapparot.publish import rules
from tests.audit import attacks
from tests.audit.attacks import CHANGES, by_hasty_insider, by_outsider, by_thorough_insider
from tests.audit.town import PUBLICATION_KEY, Record, honest, kept, note_of, photograph, sha256, statements, write


def audited(folder: Path, state: Path, **members: object) -> AuditReport:
    plan = Plan(source=str(folder), state=state, processes=1, **members)  # type: ignore[arg-type]
    return audit(plan, lambda stage, done, total: None)


def fails(report: AuditReport) -> set[str]:
    return {finding.code for finding in report.findings if finding.grade == "fails"}


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """The memory of an auditor who has seen the honest log, early in the evening and at its end."""
    path = tmp_path / "state.json"
    early = tmp_path / "early.note"
    early.write_text(note_of(honest().log[:150]))
    report = audited(write(honest(), tmp_path / "honest"), path)
    assert report.verdict == "holds"
    return path


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """The memory of an auditor who comes for the first time."""
    return tmp_path / "fresh.json"


def test_an_honest_copy_holds_and_says_how_much_was_checked(tmp_path: Path, fresh: Path) -> None:
    report = audited(write(honest(), tmp_path / "copy"), fresh)
    assert report.verdict == "holds" and fails(report) == set()
    checked = {each.what.en: each.number for each in report.checked}
    assert checked["entries hashed"] == len(honest().log)
    assert report.kinds["duties"] == 1 and any(b'"duty_matches"' in body for _, body in honest().log)
    assert checked["signatures verified"] > 130
    assert checked["snapshots counted again"] == 4
    assert checked["photographs looked for and hashed"] == 6


@pytest.mark.parametrize("name", CHANGES)
def test_without_the_key_every_change_breaks_the_root(name: str, tmp_path: Path, fresh: Path) -> None:
    by_outsider(CHANGES[name], tmp_path / "copy")
    report = audited(tmp_path / "copy", fresh)
    assert report.verdict == "fails"
    assert "log.root" in fails(report)


SEEN_AT_ONCE = {
    "changed vote": "report.signature",
    "forged decision": "decision.signature",
    "replayed report": "report.replayed",
    "unenrolled device": "report.unenrolled",
}
"""What gives a manipulation away to somebody who has seen nothing before, however well it was done."""
HASTY = SEEN_AT_ONCE | {
    "removed entry": "conclusion.differs",
    "reordered entries": "conclusion.differs",
    "swapped photograph": "snapshot.recount",
}


@pytest.mark.parametrize(("name", "code"), HASTY.items())
def test_a_hasty_insider_is_found_by_what_does_not_follow(name: str, code: str, tmp_path: Path, fresh: Path) -> None:
    by_hasty_insider(CHANGES[name], tmp_path / "copy")
    report = audited(tmp_path / "copy", fresh)
    assert report.verdict == "fails"
    assert code in fails(report)
    assert "log.root" not in fails(report)


@pytest.mark.parametrize("name", ["removed entry", "reordered entries"])
def test_of_many_things_that_do_not_hold_the_first_place_is_said_first(name: str, tmp_path: Path, fresh: Path) -> None:
    by_hasty_insider(CHANGES[name], tmp_path / "copy")
    report = audited(tmp_path / "copy", fresh)
    first = min(one.position for one in report.findings if one.grade == "fails" and one.position is not None)
    assert report.numbers["conclusion.differs"] > 1
    lines = list(report_lines(report))
    for said, named in (("The first place in the log", "does not hold: "), ("ที่แรกในบันทึก", "ไม่ตรง: ")):
        [place] = [number for number, line in enumerate(lines) if said in line]
        assert f" {first:,}: " in lines[place]
        assert place < min(number for number, line in enumerate(lines) if line.strip().startswith(named))


@pytest.mark.parametrize(("name", "code"), SEEN_AT_ONCE.items())
def test_a_thorough_insider_cannot_make_signatures(name: str, code: str, tmp_path: Path, fresh: Path) -> None:
    by_thorough_insider(CHANGES[name], tmp_path / "copy")
    report = audited(tmp_path / "copy", fresh)
    assert report.verdict == "fails"
    assert fails(report) == {code}


@pytest.mark.parametrize("name", CHANGES)
def test_a_thorough_insider_contradicts_what_was_signed_before(name: str, tmp_path: Path, state: Path) -> None:
    by_thorough_insider(CHANGES[name], tmp_path / "copy")
    report = audited(tmp_path / "copy", state, checkpoints=(tmp_path / "early.note",))
    assert report.verdict == "fails"
    assert "checkpoint.rewritten" in fails(report)


@pytest.mark.parametrize(
    ("attack", "code"),
    [
        (attacks.swap_file_of_photograph, "evidence.altered"),
        (attacks.edit_snapshot, "snapshot.file"),
        (attacks.edit_snapshot_and_sign, "snapshot.manifest"),
        (attacks.edit_snapshot_in_the_log, "snapshot.recount"),
    ],
)
def test_files_beside_the_log_are_held_to_it(
    attack: Callable[[Path], None], code: str, tmp_path: Path, fresh: Path
) -> None:
    attack(tmp_path / "copy")
    report = audited(tmp_path / "copy", fresh)
    assert report.verdict == "fails"
    assert fails(report) == {code}


def test_a_checkpoint_that_was_rolled_back_is_found_by_whoever_saw_a_later_one(
    tmp_path: Path, state: Path, fresh: Path
) -> None:
    attacks.roll_back(tmp_path / "copy")
    assert fails(audited(tmp_path / "copy", fresh)) == set()
    assert "checkpoint.rolled_back" in fails(audited(tmp_path / "copy", state))
    later = tmp_path / "later.note"
    later.write_text(note_of(honest().log))
    assert "checkpoint.rolled_back" in fails(audited(tmp_path / "copy", fresh, checkpoints=(later,)))


def test_a_fork_of_the_same_size_is_found_and_its_proof_is_kept(tmp_path: Path, state: Path, fresh: Path) -> None:
    attacks.fork(tmp_path / "copy")
    assert fails(audited(tmp_path / "copy", fresh)) == set()
    assert "checkpoint.forked" in fails(audited(tmp_path / "copy", state))
    # Both notes are remembered, so the honest log alone is accused from now on too: its key signed twice.
    assert "checkpoint.forked" in fails(audited(tmp_path / "honest", state))


def publish_unlogged(folder: Path, *, size: int | None = None) -> Path:
    """Put a snapshot behind the last one, as a copy holds it while its entry waits for its place; give its directory."""
    record = honest()
    last = [position for position, (kind, _) in enumerate(record.log) if kind == "snapshot"][-1]
    write(Record(record.log[:last], record.files), folder)
    manifest = folder / "v1/snapshots/4/manifest.json"
    if size is not None:
        manifest.write_bytes(canonical.encode(canonical.decode(manifest.read_bytes()) | {"size": size}))
    return manifest.parent


def test_a_snapshot_that_is_not_in_the_log_yet_is_counted_again_too(tmp_path: Path, fresh: Path) -> None:
    publish_unlogged(tmp_path / "copy")
    report = audited(tmp_path / "copy", fresh)
    assert report.verdict == "holds"
    assert {each.what.en: each.number for each in report.checked}["snapshots counted again"] == 4


def test_a_false_snapshot_that_is_not_in_the_log_is_found(tmp_path: Path, fresh: Path) -> None:
    place = publish_unlogged(tmp_path / "copy")
    edited = place / "headline.json"
    edited.write_bytes(edited.read_bytes().replace(b"1", b"2"))
    said = canonical.decode((place / "manifest.json").read_bytes())
    said["files"]["headline.json"]["sha256"] = sha256(edited.read_bytes())
    (place / "manifest.json").write_bytes(canonical.encode(said))
    assert "snapshot.recount" in fails(audited(tmp_path / "copy", fresh))


def test_a_snapshot_of_entries_after_the_checkpoint_cannot_be_judged(tmp_path: Path, fresh: Path) -> None:
    publish_unlogged(tmp_path / "copy", size=10**6)
    report = audited(tmp_path / "copy", fresh)
    assert "snapshot.ahead" in report.numbers and report.verdict != "holds"


def test_files_without_a_manifest_are_no_snapshot(tmp_path: Path, fresh: Path) -> None:
    place = write(honest(), tmp_path / "copy") / "v1/snapshots/5"
    place.mkdir()
    (place / "headline.json").write_bytes(b"{}")
    report = audited(tmp_path / "copy", fresh)
    assert report.verdict == "holds" and "snapshot.unfinished" in report.numbers


def test_links_to_what_never_ends_are_not_followed(tmp_path: Path, fresh: Path) -> None:
    copy = write(honest(), tmp_path / "copy")
    for name in (f"v1/evidence/{sha256(photograph(20))}.jpg", "v1/snapshots/1/headline.json", "log/tile/0/000"):
        (copy / name).unlink()
        (copy / name).symlink_to("/dev/zero")
    report = audited(copy, fresh)
    assert {"evidence.missing", "snapshot.pruned", "log.tile_missing"} <= set(report.numbers)


def test_missing_entries_are_said_by_any_number_of_processes(
    tmp_path: Path, fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sapparot.audit.crew.BUNDLES", 1)
    copy = write(honest(), tmp_path / "copy")
    plan = Plan(source=str(copy), state=fresh, processes=2)
    assert audit(plan, lambda stage, done, total: None).verdict == "holds"
    (last,) = (copy / "log/tile/entries").glob("001.p/*")
    last.unlink()
    report = audit(plan, lambda stage, done, total: None)
    assert report.verdict == "unjudged"
    assert [finding.position for finding in report.findings if finding.code == "log.missing"] == [256]


@pytest.mark.parametrize("kind", sorted({kind for kind, _ in honest().log} | {"reading", "revocation", "unknown"}))
@pytest.mark.parametrize("members", [{}, {"v": 2}, {"jws": 5, "policy": [], "sheet": {}, "n": -1, "items": [None]}])
def test_no_entry_however_broken_keeps_an_audit_from_its_verdict(
    kind: str, members: dict[str, object], tmp_path: Path, fresh: Path
) -> None:
    record = honest()
    broken = (kind, canonical.encode({"kind": kind} | members))
    write(Record([*record.log[:100], broken, *record.log[100:]], record.files), tmp_path / "copy")
    assert audited(tmp_path / "copy", fresh).verdict == "fails"


def test_a_file_that_nobody_signed_is_named(tmp_path: Path, fresh: Path) -> None:
    copy = write(honest(), tmp_path / "copy")
    (copy / "v1/snapshots/4/extra.json").write_bytes(b"{}")
    (copy / "v1/snapshots/draft").mkdir()
    report = audited(copy, fresh)
    named = {finding.file for finding in report.findings if finding.code == "snapshot.stranger"}
    assert named == {"v1/snapshots/4/extra.json", "v1/snapshots/draft"}


def test_a_snapshot_number_that_the_log_skipped_is_found(tmp_path: Path, fresh: Path) -> None:
    """An insider leaves the first snapshot out of the log and hopes that its files are believed."""
    record = honest()
    first = next(position for position, (kind, _) in enumerate(record.log) if kind == "snapshot")
    write(Record([*record.log[:first], *record.log[first + 1 :]], record.files), tmp_path / "copy")
    assert {"snapshot.unlogged", "snapshot.recount"} <= fails(audited(tmp_path / "copy", fresh))


def test_an_edited_definition_or_pointer_is_found(tmp_path: Path, fresh: Path) -> None:
    copy = write(honest(), tmp_path / "copy")
    [definition] = (copy / "v1/definitions").iterdir()
    definition.write_bytes(definition.read_bytes() + b" ")
    latest = copy / "v1/latest.json"
    latest.write_bytes(canonical.encode(canonical.decode(latest.read_bytes()) | {"root": "0" * 64}))
    (copy / "v1/snapshots/3/manifest.jws").write_bytes((copy / "v1/snapshots/2/manifest.jws").read_bytes())
    assert fails(audited(copy, fresh)) == {"definition.altered", "latest.differs", "snapshot.signature"}


def test_a_manifest_without_its_signature_is_held_to_the_log_alone_and_that_is_said(
    tmp_path: Path, fresh: Path
) -> None:
    copy = write(honest(), tmp_path / "copy")
    (copy / "v1/snapshots/2/manifest.jws").unlink()
    report = audited(copy, fresh)
    assert report.verdict == "holds" and report.numbers["snapshot.unsigned"] == 1


def test_the_log_says_which_key_signs_manifests(tmp_path: Path, fresh: Path) -> None:
    copy = write(honest(), tmp_path / "copy")
    (copy / "v1/publication-key.json").unlink()
    assert "snapshot.unsigned" not in audited(copy, fresh).numbers
    thief = SigningKey.from_secret("EdDSA", b"t" * 32)
    (copy / "v1/publication-key.json").write_bytes(canonical.encode(thief.jwk))
    assert fails(audited(copy, fresh)) == {"snapshot.other_key"}
    for signature in copy.glob("v1/snapshots/*/manifest.jws"):
        signature.write_text(thief.sign(parse(signature.read_bytes()).payload, rules.SIGNATURE_TYPE))
    assert fails(audited(copy, fresh)) == {"snapshot.other_key", "snapshot.signature"}


@pytest.mark.parametrize("key", [None, PUBLICATION_KEY.jwk])
def test_a_log_that_announces_no_key_of_manifests_is_judged_by_the_one_in_the_copy(
    key: dict[str, object] | None, tmp_path: Path, fresh: Path
) -> None:
    copy = write(kept([one for one in statements() if one[0] != "publication_key"]), tmp_path / "copy")
    if key is None:
        (copy / "v1/publication-key.json").unlink()
    report = audited(copy, fresh)
    assert report.verdict == "holds" and ("snapshot.unsigned" in report.numbers) == (key is None)


@pytest.mark.parametrize("lie", ["counted", "url", "last_full", "at", "full"])
def test_every_member_of_an_edited_pointer_is_found(lie: str, tmp_path: Path, fresh: Path) -> None:
    """Tickers and pages follow the pointer before they look at anything else."""
    copy = write(honest(), tmp_path / "copy")
    latest = canonical.decode((copy / "v1/latest.json").read_bytes())
    false = {"counted": {"list": 10000}, "url": "/v1/snapshots/1/", "last_full": None, "at": "2023-05-14T12:00:00Z"}
    told = latest | ({"full": not latest["full"]} if lie == "full" else {lie: false[lie]})
    (copy / "v1/latest.json").write_bytes(canonical.encode(told))
    assert told != latest and fails(audited(copy, fresh)) == {"latest.differs"}


@pytest.mark.parametrize("manifest", [None, b"{}"])
def test_an_older_snapshot_under_a_later_number_is_none_of_a_later_log(
    manifest: bytes | None, tmp_path: Path, fresh: Path
) -> None:
    copy = write(honest(), tmp_path / "copy")
    shutil.copytree(copy / "v1/snapshots/4", copy / "v1/snapshots/5")
    if manifest is not None:
        (copy / "v1/snapshots/5/manifest.json").write_bytes(manifest)
    assert fails(audited(copy, fresh)) == {"snapshot.unlogged"}

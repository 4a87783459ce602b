"""Whoever changes anything is found, with the key of the log or without it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sapparot.audit.command import audit
from sapparot.audit.facts import AuditReport, Plan
from tests.audit import attacks
from tests.audit.attacks import CHANGES, by_hasty_insider, by_outsider, by_thorough_insider
from tests.audit.town import honest, note_of, write


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

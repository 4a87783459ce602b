"""What whoever writes the log can do without breaking a signature: it is said, and what is no log of ours is refused."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sapparot.audit import source
from sapparot.audit.facts import AuditReport
from sapparot.base import canonical
from sapparot.publish import rules
from tests.audit.attacks import Change, at, payload
from tests.audit.test_further import FRESH, among_reports, before_reports, said, thorough
from tests.audit.test_manipulations import audited, fails
from tests.audit.town import Record, Statement, honest, kept, note_of, photograph, sha256, statements, write
from tests.verify.cast import OTHER_VOTES, corrected, definitions, final, key_of, kid

LOWERED = said(lambda evening: evening.enrol("wari", level=1))
LATE = said(lambda evening: evening.enrol("late", level=3))
OF_WARI = next(entry for entry in statements() if entry[0] == "enrolment" and kid("wari").encode() in payload(entry[1]))
DECIDED = said(lambda evening: evening.decide("wari", "anan", after=250, figures=final(OTHER_VOTES)))


def before_duties(*entries: Statement) -> Change:
    return lambda log: [*log[: at("duties", log, 0)], *entries, *log[at("duties", log, 0) :]]


def of_another(election: str) -> list[Statement]:
    """The corrected definition under another id."""
    found = []
    for kind, body in corrected():
        member = {"id": election} if kind == "election" else {"election": election}
        found.append((kind, canonical.encode(canonical.decode(body) | member)))
    return found


def with_report(change: Callable[[bytes], bytes]) -> Change:
    """A report whose entry, but not what its device signed, is another."""

    def altered(log: list[Statement]) -> list[Statement]:
        where = at("report", log, 60)
        return [*log[:where], ("report", change(log[where][1])), *log[where + 1 :]]

    return altered


def taken_in(at: object) -> Change:
    return with_report(lambda body: canonical.encode(canonical.decode(body) | {"at": at}))


def with_number(number: bytes) -> Change:
    return with_report(lambda body: body[:-1].replace(b'"v":1', b'"v":1,"zz":' + number) + b"}")


def notes(report: AuditReport) -> set[str]:
    return {finding.code for finding in report.findings if finding.grade == "note"}


def test_an_enrolment_that_the_log_repeats_after_it_was_replaced_is_said(tmp_path: Path) -> None:
    def repeated(log: list[Statement]) -> list[Statement]:
        return [*among_reports(OF_WARI)(before_reports(LOWERED)(log)), DECIDED]

    report = thorough(repeated, tmp_path)
    finding = next(each for each in report.findings if each.code == "enrolment.repeated")
    assert report.verdict == "holds" and finding.position is not None
    assert str(honest().log.index(OF_WARI)) in finding.sentence.en and "media" in finding.sentence.th


def test_an_enrolment_that_stands_twice_and_replaces_nothing_is_not_said(tmp_path: Path) -> None:
    assert "enrolment.repeated" not in thorough(before_reports(OF_WARI, OF_WARI), tmp_path).numbers


@pytest.mark.parametrize(("change", "said"), [(among_reports(LATE), True), (before_reports(LATE), False)])
def test_a_device_that_may_decide_and_comes_after_the_first_report_is_said(
    change: Change, said: bool, tmp_path: Path
) -> None:
    report = thorough(change, tmp_path)
    assert report.verdict == "holds" and ("enrolment.late" in notes(report)) is said


@pytest.mark.parametrize(
    ("time", "code", "verdict"),
    [
        ("2027-01-01T00:00:00.000000Z", "report.outside", "holds"),
        ("2026-01-01T00:00:00.000000Z", "report.outside", "holds"),
        (None, "entry.unreadable", "fails"),
    ],
)
def test_a_report_that_was_made_not_to_count_by_its_time_is_said(
    time: object, code: str, verdict: str, tmp_path: Path
) -> None:
    report = thorough(taken_in(time), tmp_path)
    assert report.verdict == verdict and report.numbers[code] == 1


@pytest.mark.parametrize("number", [b"1.0", b"1.5", b"1e16", b"9007199254740993", b"[[-9007199254740992]]"])
def test_a_number_that_is_not_the_same_to_every_reader_is_no_entry_of_a_log(number: bytes, tmp_path: Path) -> None:
    assert fails(thorough(with_number(number), tmp_path)) == {"entry.unreadable"}


def test_digits_in_a_text_and_the_largest_number_are_read(tmp_path: Path) -> None:
    assert thorough(with_number(b'["12345678901234567890",9007199254740991]'), tmp_path).verdict == "holds"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (before_duties(*corrected()), "election.corrected"),
        (before_duties(*corrected()[:-1]), "election.again"),
        (lambda log: [*before_duties(*corrected()[:-1])(log), corrected()[-1]], "election.again"),
        (before_duties(*of_another("small-2")), "election.again"),
        (lambda log: [*of_another("small-2"), *log], "election.again"),
        (among_reports(*definitions()), "election.again"),
    ],
    ids=["whole", "half", "half and late", "of another election", "another one first", "late"],
)
def test_of_each_further_definition_it_is_said_whether_it_counts(change: Change, code: str, tmp_path: Path) -> None:
    report = thorough(change, tmp_path)
    assert report.verdict == "holds"
    assert {name: number for name, number in report.numbers.items() if name.startswith("election.")} == {code: 1}


def test_a_network_that_is_announced_again_with_its_key_has_no_new_one(tmp_path: Path) -> None:
    announced = next(entry for entry in statements() if entry[0] == "network")
    report = thorough(before_reports(announced), tmp_path)
    assert "network.again" in notes(report) and "network.rekeyed" not in report.numbers


def test_two_networks_with_one_key_are_said(tmp_path: Path) -> None:
    said = {"id": "sao-two", "key": key_of("sao").jwk, "kind": "network", "v": 1}
    report = thorough(before_reports(("network", canonical.encode(said))), tmp_path)
    sentence = next(each.sentence.en for each in report.findings if each.code == "network.shared_key")
    assert report.verdict == "holds" and "'sao-two'" in sentence and "'sao'" in sentence


def test_entries_of_a_kind_that_is_not_known_are_said_once(tmp_path: Path) -> None:
    strange = "annulment", canonical.encode({"kind": "annulment", "v": 1})
    report = thorough(among_reports(strange, strange), tmp_path)
    assert report.verdict == "holds" and report.numbers["entry.kind_unknown"] == 1
    assert "entry.kind_unknown" not in audited(write(honest(), tmp_path / "honest"), tmp_path / "other").numbers


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data[:-1] + b',"winner":"me"}',
        lambda data: b'{"n":99,' + data[1:],
        lambda data: data.replace(b",", b", "),
    ],
    ids=["more", "doubled", "spaces"],
)
def test_a_pointer_that_says_more_than_follows_is_found(change: Callable[[bytes], bytes], tmp_path: Path) -> None:
    copy = write(honest(), tmp_path / "copy")
    (copy / rules.LATEST).write_bytes(change((copy / rules.LATEST).read_bytes()))
    assert fails(audited(copy, tmp_path / FRESH)) == {"latest.differs"}


def test_a_pointer_and_a_definition_that_are_not_there_are_said(tmp_path: Path) -> None:
    copy = write(honest(), tmp_path / "copy")
    (copy / rules.LATEST).unlink()
    shutil.rmtree(copy / "v1/definitions")
    report = audited(copy, tmp_path / FRESH)
    assert report.verdict == "holds" and {"latest.missing", "definition.missing"} <= notes(report)


def test_a_link_to_a_directory_beside_the_files_of_a_snapshot_is_a_stranger(tmp_path: Path) -> None:
    copy = write(honest(), tmp_path / "copy")
    (copy / "v1/snapshots/3/more").symlink_to("/")
    assert audited(copy, tmp_path / FRESH).numbers["snapshot.stranger"] == 1


def test_a_cosigned_checkpoint_of_more_entries_than_the_copy_has_is_said(tmp_path: Path) -> None:
    copy = write(Record(honest().log[:250], {}), tmp_path / "copy")
    (copy / "log/cosigned").write_text(note_of(honest().log))
    report = audited(copy, tmp_path / FRESH)
    sentence = next(each.sentence.en for each in report.findings if each.code == "checkpoint.cosigned_ahead")
    assert str(len(honest().log)) in sentence and "250" in sentence


def test_files_larger_than_any_that_is_published_are_not_hashed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = write(kept(statements()), tmp_path / "copy")
    monkeypatch.setattr(source, "HASHED", 1000)
    (copy / f"v1/evidence/{sha256(photograph(20))}.jpg").open("r+b").truncate(1001)
    headline = copy / "v1/snapshots/4/headline.json"
    assert source.file_sha256(headline) == source.TOO_LARGE
    assert {"evidence.altered", "snapshot.file"} <= fails(audited(copy, tmp_path / FRESH))

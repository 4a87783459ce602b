"""Further manipulations: what each changes, and by what it is found or why it changes nothing."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sapparot import cli
from sapparot.audit.facts import AuditReport
from sapparot.base import canonical
from sapparot.ledger.cosignatures import CosigningKey
from sapparot.publish import rules
from sapparot.publish.facts import SnapshotMeta
from tests.audit.attacks import Change, at
from tests.audit.test_manipulations import audited, fails
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
    write,
)  # fmt: skip
from tests.verify.cast import OTHER_VOTES, Evening, corrected, definitions, final, key_of, kid, minutes

FRESH = "fresh.json"


def said(fill: Callable[[Evening], object]) -> Statement:
    """One signed entry of somebody's."""
    evening = Evening(defined=False, signed=True)
    fill(evening)
    return evening.entries[-1][1:]


def before_reports(*entries: Statement) -> Change:
    return lambda log: [*log[: at("report", log, 0)], *entries, *log[at("report", log, 0) :]]


def among_reports(*entries: Statement) -> Change:
    return lambda log: [*log[: at("report", log, 50)], *entries, *log[at("report", log, 50) :]]


def network(identity: str) -> Statement:
    return "network", canonical.encode({"id": identity, "key": key_of("x").jwk, "kind": "network", "v": 1})


def thorough(change: Change, place: Path) -> AuditReport:
    """Audit a record in which everything follows from the change, for the first time."""
    return audited(write(kept(change(list(statements()))), place / "copy"), place / FRESH)


def swapped_pairs(log: list[Statement]) -> list[Statement]:
    """Two photographs have changed their published copies."""
    one, two = at("evidence", log, 1), at("evidence", log, 2)
    first, second = canonical.decode(log[one][1]), canonical.decode(log[two][1])
    first["published"], second["published"] = second["published"], first["published"]
    log = list(log)
    log[one], log[two] = ("evidence", canonical.encode(first)), ("evidence", canonical.encode(second))
    return log


def moved_closing(log: list[Statement]) -> list[Statement]:
    """The polls closed two hours earlier."""
    where = at("election", log, 0)
    entry = canonical.decode(log[where][1]) | {"closes_at": "2026-03-01T08:00:00.000000Z"}
    return [*log[:where], ("election", canonical.encode(entry)), *log[where + 1 :]]


TAKEN_OVER = said(lambda evening: evening.enrol("somchai", network="pheu-thai"))
GONE = said(lambda evening: evening.revoke("wari", -200))
FUTURE = said(lambda evening: evening.revoke("somchai", 60 * 24 * 400))
FOREIGN = said(lambda evening: evening.revoke("somchai", 10, network="pao"))
LATER = said(lambda evening: evening.decide("wari", "anan", after=250, figures=final(OTHER_VOTES)))
INSERTED = {
    "enrolment by a second network": before_reports(TAKEN_OVER),
    "revocation before a decision": before_reports(GONE),
    "revocation in the future": before_reports(FUTURE),
    "revocation by a foreign network": before_reports(FOREIGN),
    "second definition": among_reports(*definitions()),
    "swapped pairs": swapped_pairs,
    "moved closing": moved_closing,
}


@pytest.mark.parametrize("name", INSERTED)
def test_whoever_changes_the_log_without_all_that_follows_is_found(name: str, tmp_path: Path) -> None:
    copy = write(Record(INSERTED[name](honest().log), honest().files), tmp_path / "copy")
    assert {"conclusion.differs", "snapshot.recount"} & fails(audited(copy, tmp_path / FRESH))


@pytest.mark.parametrize("name", INSERTED)
def test_whoever_changes_all_that_follows_contradicts_what_was_seen(name: str, tmp_path: Path) -> None:
    early = tmp_path / "early.note"
    early.write_text(note_of(honest().log[:200]))
    copy = write(kept(INSERTED[name](list(statements()))), tmp_path / "copy")
    assert "checkpoint.rewritten" in fails(audited(copy, tmp_path / FRESH, checkpoints=(early,)))


def test_a_correction_of_the_election_before_the_first_duty_and_report_holds_and_is_said(tmp_path: Path) -> None:
    def again(log: list[Statement]) -> list[Statement]:
        return [*log[: at("policy", log, 0)], *corrected(), *log[at("policy", log, 0) :]]

    report = thorough(again, tmp_path)
    assert (
        report.verdict == "holds"
        and report.numbers["election.corrected"] == 1
        and "election.again" not in report.numbers
    )
    assert len(list((tmp_path / "copy/v1/definitions").iterdir())) == 1, "nothing was published before it"


def test_a_report_that_was_set_back_in_time_is_named_with_the_time_that_the_log_had_reached(tmp_path: Path) -> None:
    early = said(lambda evening: evening.report("fah", after=-1000, id="set back"))
    within = said(lambda evening: evening.report("fah", after=66.5, id="a little late"))
    report = thorough(among_reports(early, within), tmp_path)
    assert (report.verdict, report.numbers["report.backdated"]) == ("holds", 1)
    assert "report.backdated" not in audited(write(honest(), tmp_path / "own"), tmp_path / FRESH).numbers


def test_a_report_that_was_set_ahead_puts_none_behind_it_in_the_wrong(tmp_path: Path) -> None:
    ahead = said(lambda evening: evening.report("fah", after=2000, id="set ahead"))
    assert "report.backdated" not in thorough(among_reports(ahead), tmp_path).numbers


def layers(record: Record) -> list[dict[str, str]]:
    """The last published list of all sheets, without the places of entries in the log."""
    rows = csv.DictReader(io.StringIO(record.files["v1/snapshots/4/sheets.csv"].decode()))
    return [{name: value for name, value in row.items() if name != "position"} for row in rows]


@pytest.mark.parametrize("entry", [TAKEN_OVER, FUTURE, FOREIGN], ids=["taken over", "future", "foreign"])
def test_what_a_foreign_network_says_of_a_device_changes_no_figure(entry: Statement, tmp_path: Path) -> None:
    record = kept(before_reports(entry)(list(statements())))
    assert layers(record) == layers(honest())
    report = audited(write(record, tmp_path / "copy"), tmp_path / FRESH)
    assert report.verdict == "holds"
    assert "report.after_revocation" not in report.numbers, "nobody is told that these reports do not count"


def test_a_decision_by_a_revoked_device_decides_nothing(tmp_path: Path) -> None:
    record = kept([*before_reports(GONE)(list(statements())), LATER])
    findings = [body for kind, body in record.log if kind == "finding" and b"decision_is_allowed" in body]
    assert len(findings) == 2
    assert not any(b'"settled"' in body for kind, body in record.log if kind == "move")
    assert audited(write(record, tmp_path / "copy"), tmp_path / FRESH).verdict == "holds"


def test_a_foreign_network_cannot_make_a_device_one_that_decides(tmp_path: Path) -> None:
    raised = said(lambda evening: evening.enrol("somchai", network="pao", level=3))
    decision = said(lambda evening: evening.decide("somchai", "wari", after=250, figures=final(OTHER_VOTES)))
    report = audited(
        write(kept([*before_reports(raised)(list(statements())), decision]), tmp_path / "copy"), tmp_path / FRESH
    )
    assert fails(report) == {"decision.signature"}
    assert kid("somchai") in next(each.sentence.en for each in report.findings if each.code == "decision.signature")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (among_reports(*definitions()), "election.again"),
        (among_reports(next(each for each in statements() if each[0] == "policy")), "policy.again"),
        (before_reports(network("vote62\u200b")), "network.disguised"),
        (before_reports(network("\u202evote62")), "network.disguised"),
        (before_reports(network("s\u0430o")), "network.disguised"),
    ],
    ids=["definition", "policy", "invisible", "backwards", "look-alike"],
)
def test_what_an_insider_may_do_is_said_to_whoever_comes_for_the_first_time(
    change: Change, code: str, tmp_path: Path
) -> None:
    report = thorough(change, tmp_path)
    assert report.verdict == "holds" and code in report.numbers
    words = next(each.sentence for each in report.findings if each.code == code)
    assert words.en.isprintable() and words.th.isprintable()


def test_a_chain_of_manifests_that_skips_one_is_found_with_every_key(tmp_path: Path) -> None:
    record = honest()
    copy = write(record, tmp_path / "copy")
    place = copy / "v1/snapshots/4"
    manifest = canonical.decode((place / rules.MANIFEST).read_bytes())
    manifest["previous"] = sha256((copy / "v1/snapshots/2/manifest.json").read_bytes())
    data = canonical.encode(manifest)
    meta = SnapshotMeta(4, manifest["size"], manifest["root"], manifest["at"], True, None)
    where = at("snapshot", record.log, 3)
    entry = canonical.decode(record.log[where][1]) | {"manifest": sha256(data)}
    write(Record([*record.log[:where], ("snapshot", canonical.encode(entry)), *record.log[where + 1 :]], {}), copy)
    (place / rules.MANIFEST).write_bytes(data)
    (place / rules.SIGNATURE).write_text(PUBLICATION_KEY.sign(rules.statement(meta, data), rules.SIGNATURE_TYPE))
    latest = canonical.decode((copy / rules.LATEST).read_bytes()) | {"manifest": sha256(data)}
    (copy / rules.LATEST).write_bytes(canonical.encode(latest))
    assert fails(audited(copy, tmp_path / FRESH)) == {"snapshot.recount"}


@pytest.mark.parametrize(
    ("name", "code"),
    [("tile/0/001.p/*", "log.leaf"), ("tile/1/000.p/1", "log.tile"), ("tile/entries/001.p/*", "log.root")],
)
def test_a_partial_file_alone_that_was_altered_is_found(name: str, code: str, tmp_path: Path) -> None:
    copy = write(honest(), tmp_path / "copy")
    (file,) = (copy / "log").glob(name)
    data = bytearray(file.read_bytes())
    data[4] ^= 1
    file.write_bytes(data)
    assert code in fails(audited(copy, tmp_path / FRESH))


@pytest.mark.parametrize("change", [lambda data: data[:-1], lambda data: data[:-300], lambda data: data + b"\0\0"])
def test_a_bundle_that_was_cut_or_lengthened_is_not_read(change: Callable[[bytes], bytes], tmp_path: Path) -> None:
    copy = write(honest(), tmp_path / "copy")
    bundle = copy / "log/tile/entries/000"
    bundle.write_bytes(change(bundle.read_bytes()))
    report = audited(copy, tmp_path / FRESH)
    assert report.verdict == "unjudged" and report.numbers["log.missing"] == 1


def test_files_that_changed_their_names_are_found(tmp_path: Path) -> None:
    copy = write(honest(), tmp_path / "copy")
    one, two = (copy / f"v1/evidence/{sha256(photograph(number))}.jpg" for number in (20, 40))
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)
    assert audited(copy, tmp_path / FRESH).numbers["evidence.altered"] == 2


def test_a_policy_in_the_copy_does_not_say_whom_the_reader_trusts(tmp_path: Path) -> None:
    ours, theirs = CosigningKey("cosigner.example", b"c" * 32), CosigningKey("cosigner.example", b"d" * 32)
    note = note_of(honest().log)
    text = note.partition("\n\n")[0] + "\n"
    mine, swapped = (f"witness c {key.verifier_key.text}\nquorum c\n" for key in (ours, theirs))
    (tmp_path / "mine").write_text(mine)
    for key, code in ((ours, set()), (theirs, {"checkpoint.no_quorum"})):
        copy = write(
            honest(),
            tmp_path / key.verifier_key.identity.hex(),
            note=note + key.cosign(text, 1_700_000_000).line + "\n",
        )
        (copy / "log/policy").write_text(swapped)
        assert fails(audited(copy, tmp_path / FRESH, policy=tmp_path / "mine")) == code


def test_the_checkpoint_that_is_shown_as_cosigned_is_held_to_the_log(tmp_path: Path) -> None:
    copy = write(honest(), tmp_path / "copy")
    shown = copy / "log/cosigned"
    shown.write_text(note_of(honest().log[:100]))
    assert audited(copy, tmp_path / "a.json").verdict == "holds"
    shown.write_text(note_of([*honest().log[:100], honest().log[5]]))
    assert fails(audited(copy, tmp_path / "b.json")) == {"checkpoint.rewritten"}
    shown.write_text("rubbish")
    assert audited(copy, tmp_path / "c.json").verdict == "unjudged"


def test_a_pointer_to_an_older_snapshot_is_said(tmp_path: Path) -> None:
    copy = write(honest(), tmp_path / "copy")
    manifest = (copy / "v1/snapshots/2/manifest.json").read_bytes()
    old = canonical.decode(manifest)
    latest = canonical.decode((copy / rules.LATEST).read_bytes())
    shares = canonical.decode((copy / "v1/snapshots/2/headline.json").read_bytes())["ballots"]
    pointer = {one: old[one] for one in ("n", "size", "root", "at", "full")} | {"manifest": sha256(manifest)}
    pointer |= {"url": "/v1/snapshots/2/", "counted": {one["ballot"]: one["whole"]["share"] for one in shares}}
    (copy / rules.LATEST).write_bytes(canonical.encode(latest | pointer | {"last_full": None}))
    report = audited(copy, tmp_path / FRESH)
    assert report.verdict == "holds" and "latest.behind" in report.numbers


def test_the_devices_of_a_network_are_listed_from_the_files_of_the_log_and_since_a_doubtful_moment(
    tmp_path: Path,
) -> None:
    evening = Evening()
    evening.report("somchai", final())
    late = evening.enrol("thief", **{"network": "media", "from": "2020-01-01T00:00:00Z"})
    evening.revoke("wari", 130)
    assert late == []
    copy = write(Record([(kind, body) for _, kind, body in evening.entries], {}), tmp_path / "copy")
    listed = CliRunner().invoke(cli.cli, ["keys", "list", "media", str(copy)])
    assert listed.exit_code == 0, listed.output
    lines = [line.split() for line in listed.output.splitlines()]
    assert [line[3:] for line in lines] == [[kid("wari"), "revoked"], [kid("anan")], [kid("thief")]]
    assert [line[2] for line in lines] == ["3", "3", "1"]
    # The thief wrote a date of long ago; the log had reached a later moment when it took the enrolment.
    since = CliRunner().invoke(cli.cli, ["keys", "list", "media", str(copy), "--since", minutes(60)])
    assert [line.split()[3] for line in since.output.splitlines()] == [kid("thief")]
    shutil.rmtree(copy / "log/tile/entries")
    assert CliRunner().invoke(cli.cli, ["keys", "list", "media", str(copy)]).exit_code != 0

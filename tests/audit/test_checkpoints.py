"""What an auditor remembers of checkpoints, whose cosignatures stand on them, and the words for it all."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sapparot.audit.command import audit, main
from sapparot.audit.facts import AuditReport, Plan
from sapparot.audit.findings import NAMED, Findings
from sapparot.audit.hashes import Spine
from sapparot.audit.survey import survey
from sapparot.audit.tilelog import TileLog
from sapparot.audit.wording import SENTENCES, found
from sapparot.audit.words import report_lines
from sapparot.base.problems import Problem
from sapparot.ledger.cosignatures import CosigningKey
from sapparot.ledger.facts import Head
from sapparot.ledger.notes import checkpoint_text
from tests.audit.town import LOG_KEY, Record, head_of, honest, note_of, tiled, write
from tests.shape.house import ROOT

PAGE = ROOT / "docs/formats/audit.md"
COSIGNERS = [CosigningKey(f"cosigner{number}.example.org", bytes([number]) * 32) for number in (1, 2)]


def audited(folder: Path, **members: object) -> AuditReport:
    plan = Plan(source=str(folder), processes=1, **{"state": folder.parent / "state.json", **members})  # type: ignore[arg-type]
    return audit(plan, lambda stage, done, total: None)


def policy(path: Path) -> Path:
    lines = [f"witness w{number} {key.verifier_key.text}" for number, key in enumerate(COSIGNERS)]
    path.write_text("\n".join([*lines, "group both all w0 w1", "quorum both", ""]))
    return path


def cosigned(*cosigners: CosigningKey, size: int | None = None) -> str:
    log = honest().log[:size]
    note, text = note_of(log), checkpoint_text(LOG_KEY.name, head_of(log))
    return note + "".join(f"{key.cosign(text, 1_772_000_000).line}\n" for key in cosigners)


def test_the_quorum_of_a_policy_is_demanded(tmp_path: Path) -> None:
    copy, wanted = tmp_path / "copy", policy(tmp_path / "policy")
    assert audited(write(honest(), copy, note=cosigned(*COSIGNERS)), policy=wanted).verdict == "holds"
    lacking = audited(write(honest(), copy, note=cosigned(COSIGNERS[0])), policy=wanted)
    assert lacking.verdict == "fails" and set(lacking.numbers) >= {"checkpoint.no_quorum"}
    assert any("w1" in finding.sentence.en for finding in lacking.findings)
    forged = cosigned(*COSIGNERS).replace(COSIGNERS[1].verifier_key.name, COSIGNERS[0].verifier_key.name)
    assert "checkpoint.no_quorum" in audited(write(honest(), copy, note=forged), policy=wanted).numbers


def test_without_a_policy_it_is_said_how_many_cosigned_and_that_nobody_judged_them(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    for cosigners, code in (((), "checkpoint.not_cosigned"), (COSIGNERS, "checkpoint.not_judged")):
        report = audited(write(honest(), copy, note=cosigned(*cosigners, *cosigners)))
        [note] = [one for one in report.findings if one.code.startswith("checkpoint.")]
        assert report.verdict == "holds" and (note.code, note.grade) == (code, "note")
        assert ("2" in note.sentence.en and "2" in note.sentence.th) == bool(cosigners)
        assert sum(f"[{code}]" in line for line in report_lines(report)) == 2
    report = audited(copy, policy=policy(tmp_path / "policy"))
    assert not {"checkpoint.not_judged", "checkpoint.not_cosigned"} & report.numbers.keys()


def test_a_log_whose_newest_checkpoint_is_still_being_cosigned_holds_up_to_the_one_before(tmp_path: Path) -> None:
    copy, wanted, size = tmp_path / "copy", policy(tmp_path / "policy"), len(honest().log) - 1
    for on_newest, on_older, verdict, codes in (
        ((), COSIGNERS, "holds", {"checkpoint.quorum_before"}),
        (COSIGNERS, (), "holds", set()),
        (COSIGNERS[:1], COSIGNERS[1:], "fails", {"checkpoint.no_quorum"}),
    ):
        write(honest(), copy, note=cosigned(*on_newest))
        (copy / "log/cosigned").write_text(cosigned(*on_older, size=size))
        report = audited(copy, policy=wanted)
        assert report.verdict == verdict and {code for code in report.numbers if "quorum" in code} == codes
        signed = {each.what.en: each.number for each in report.checked if "cosigners" in each.what.en}
        for note in (one.sentence for one in report.findings if one.code == "checkpoint.quorum_before"):
            assert str(size) in note.th and str(size + 1) in note.th and "w0, w1" in note.en
        behind = size if on_older == COSIGNERS else size + 1
        assert signed == {
            f"cosigners of the policy that signed the first {behind:,} entries": len(on_newest or on_older)
        }


def test_a_quorum_on_a_fork_helps_nobody(tmp_path: Path) -> None:
    copy, wanted = write(honest(), tmp_path / "copy"), policy(tmp_path / "policy")
    forked = [*honest().log[:-2], honest().log[-1]]
    text = checkpoint_text(LOG_KEY.name, head_of(forked))
    (copy / "log/cosigned").write_text(
        note_of(forked) + "".join(f"{key.cosign(text, 1_772_000_000).line}\n" for key in COSIGNERS)
    )
    assert "checkpoint.rewritten" in audited(copy, policy=wanted).numbers


def test_a_policy_that_is_none_is_refused_before_anything_is_judged(tmp_path: Path) -> None:
    (tmp_path / "policy").write_text("witness nobody\n")
    with pytest.raises(Problem):
        audited(write(honest(), tmp_path / "copy"), policy=tmp_path / "policy")


def test_every_checkpoint_that_was_seen_is_remembered_once(tmp_path: Path) -> None:
    for length in (100, 180, 180, len(honest().log)):
        audited(write(Record(honest().log[:length], {}), tmp_path / str(length)))
    memory = json.loads((tmp_path / "state.json").read_bytes())
    assert [seen["size"] for seen in memory["checkpoints"]] == [100, 180, len(honest().log)]
    assert memory["checkpoints"][0]["note"] == note_of(honest().log[:100])
    report = audited(write(honest(), tmp_path / "copy"))
    assert report.verdict == "holds"
    assert {each.what.en: each.number for each in report.checked}["other checkpoints compared"] == 3


def test_a_damaged_memory_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text("{")
    with pytest.raises(Problem, match=r"audit\.state_damaged"):
        audited(write(honest(), tmp_path / "copy"))
    assert (tmp_path / "state.json").read_text() == "{"


def test_a_checkpoint_that_is_missing_cannot_be_judged(tmp_path: Path) -> None:
    copy = write(honest(), tmp_path / "copy")
    (copy / "log/checkpoint").write_bytes(b"\xff")
    assert audited(copy).verdict == "unjudged"


@pytest.mark.parametrize(("size", "tail"), [("9" * 30, ""), ("9" * 5000, ""), ("9223372036854775808", ""), ("5", "\n")])
def test_a_signed_text_that_is_no_checkpoint_fails_in_words(size: str, tail: str, tmp_path: Path) -> None:
    origin, _, *rest = checkpoint_text(LOG_KEY.name, head_of(honest().log)).split("\n")
    note = LOG_KEY.sign("\n".join([origin, size, *rest]) + tail)
    report = audited(write(honest(), tmp_path / "copy", note=note))
    assert {one.code for one in report.findings if one.grade == "fails"} == {"checkpoint.unsigned"}


def test_a_log_that_is_still_empty_holds(tmp_path: Path) -> None:
    report = audited(write(Record([], {}), tmp_path / "copy"))
    assert report.verdict == "holds" and report.head is not None and report.head.size == 0


def test_a_policy_with_flaws_is_refused_line_by_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "policy").write_text("witness nobody\n")
    copy = write(honest(), tmp_path / "copy")
    with pytest.raises(SystemExit) as ended:
        main([str(copy), "--state", str(tmp_path / "state.json"), "--policy", str(tmp_path / "policy")])
    assert ended.value.code == 2
    assert "line 1" in capsys.readouterr().err


@pytest.mark.parametrize(("option", "code"), [("--json", "base.cannot_write"), ("--state", "audit.file_unusable")])
def test_a_report_that_cannot_be_written_ends_with_2_and_never_with_the_code_of_what_does_not_hold(
    option: str, code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy, others = write(honest(), tmp_path / "copy"), {"--state": str(tmp_path / "state.json"), option: "/proc/x.json"}
    with pytest.raises(SystemExit) as ended:
        main([str(copy), *(word for pair in others.items() for word in pair)])
    said = capsys.readouterr()
    assert ended.value.code == 2 and said.out == ""
    assert "/proc/" in said.err and "x.json" in said.err
    assert re.search("[ก-๛]", said.err) and f"[{code}]" in said.err


def test_a_place_for_the_report_is_tried_before_the_audit_and_left_as_it_is(tmp_path: Path) -> None:
    kept, new = tmp_path / "kept.json", tmp_path / "new.json"
    kept.write_text("the last report")
    for file in (kept, new):
        with pytest.raises(SystemExit) as ended:
            main([str(tmp_path / "no copy"), "--json", str(file)])
        assert ended.value.code == 2
    assert kept.read_text() == "the last report" and not new.exists()
    main_state = ("--state", str(tmp_path / "state.json"))
    with pytest.raises(SystemExit) as ended:
        main([str(write(honest(), tmp_path / "copy")), "--json", str(kept), *main_state])
    assert ended.value.code == 0 and json.loads(kept.read_text())["verdict"] == "holds"


def test_a_lost_or_altered_tile_of_any_level_is_named(tmp_path: Path) -> None:
    copy = write(honest(), tmp_path / "copy")
    (copy / "log/tile/1/000.p/1").write_bytes(bytes(32))
    (copy / "log/tile/0/000").unlink()
    report = audited(copy)
    assert {finding.file for finding in report.findings if finding.code == "log.tile"} == {"level 1, index 0"}
    assert {finding.file for finding in report.findings if finding.code == "log.tile_missing"} == {"level 0, index 0"}


def test_an_entry_that_is_not_in_its_tile_is_named_by_position(tmp_path: Path) -> None:
    copy = write(honest(), tmp_path / "copy")
    tile = copy / "log/tile/0/000"
    tile.write_bytes(tile.read_bytes()[: 32 * 77] + bytes(32) + tile.read_bytes()[32 * 78 :])
    assert [finding.position for finding in audited(copy).findings if finding.code == "log.leaf"] == [77]


@pytest.mark.parametrize("spoil", [lambda data: data[:-1], lambda data: data + b"x", lambda data: b""])
def test_a_bundle_that_is_none_cannot_be_judged(spoil: object, tmp_path: Path) -> None:
    copy = write(honest(), tmp_path / "copy")
    bundle = copy / "log/tile/entries/000"
    bundle.write_bytes(spoil(bundle.read_bytes()))  # type: ignore[operator]
    report = audited(copy)
    assert report.verdict == "unjudged" and "log.missing" in report.numbers


@settings(max_examples=40, deadline=None)
@given(size=st.integers(1, 1300), smaller=st.integers(0, 1300))
def test_the_root_of_every_smaller_size_comes_out(
    size: int, smaller: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("tree")
    bodies = [b"%d" % number for number in range(size)]
    for name, data in tiled(bodies).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    log = TileLog(str(folder), size)
    part = survey(log, 0, log.bundles)
    spine = Spine(log)
    spine.roots, spine.edge = part.roots, part.edge
    smaller = min(size, smaller)
    assert Head(smaller, spine.root(smaller)) == head_of([("", body) for body in bodies[:smaller]])
    assert list(spine.tiles()) == []
    assert not {"log.tile", "log.tile_missing", "log.leaf"} & set(part.findings.numbers)


def table() -> Iterator[tuple[str, str]]:
    """Code and grade of every row on the page."""
    yield from re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \| (\w+) \|", PAGE.read_text(), re.MULTILINE)


def test_every_code_stands_on_the_page_with_its_grade() -> None:
    assert dict(table()) == {code: grade for code, (grade, _) in SENTENCES.items()}


def test_every_sentence_is_written_in_both_languages() -> None:
    for code, (_, sentence) in SENTENCES.items():
        assert re.search("[\u0e00-\u0e7f]", sentence.th), code
        assert not re.search("[\u0e00-\u0e7f]", sentence.en), code
        assert set(re.findall(r"{\w+}", sentence.th)) == set(re.findall(r"{\w+}", sentence.en)), code


def test_a_stranger_cannot_write_control_characters_into_a_report() -> None:
    assert "\x1b" not in found("report.unenrolled", 1, kid="\x1b[2J").sentence.en
    assert len(found("report.unenrolled", 1, kid="x" * 10_000).sentence.en) < 1000


def test_many_findings_are_counted_and_few_are_named() -> None:
    findings = Findings(found("log.leaf", position) for position in range(3 * NAMED))
    other = Findings([found("log.root", size=3)])
    findings.merge(other)
    assert findings.numbers == {"log.leaf": 3 * NAMED, "log.root": 1}
    assert len(findings.named) == NAMED + 1 and findings.verdict() == "fails"
    report = AuditReport("copy", None, "fails", (), tuple(findings.named), dict(findings.numbers))
    assert any("and 280 more [log.leaf]" in line for line in report_lines(report))


def test_the_command_ends_with_the_code_of_its_verdict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = write(honest(), tmp_path / "copy")
    state = ["--state", str(tmp_path / "state.json"), "--processes", "1"]
    key = tmp_path / "key"
    key.write_text(LOG_KEY.verifier_key())
    for spoiled, code in ((None, 0), ("v1/latest.json", 1), ("log/tile/0/000", 1), ("log/tile/entries/000", 2)):
        if spoiled:
            (copy / spoiled).write_bytes(b"{}") if code == 1 else (copy / spoiled).unlink()
        with pytest.raises(SystemExit) as ended:
            main([str(copy), *state, "--key", str(key), "--sample", "2"])
        assert ended.value.code == code
    assert f"{2:>12,}  photographs looked for and hashed" in capsys.readouterr().out
    with pytest.raises(SystemExit) as ended:
        main([str(copy), "--key", str(tmp_path / "no key")])
    assert ended.value.code == 2

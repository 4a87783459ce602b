"""A whole small evening through the real program, and what strangers make of the directory that it leaves."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tlog_scales.backend import LocalBackend
from tlog_scales.reader import TilesReader
from tlog_scales.signing import Vkey

from bench.kill import directory
from sapparot import ledger
from sapparot.base import canonical
from sapparot.base.jws import b64, unb64
from sapparot.base.settings import Settings
from sapparot.logcare import kept_log
from sapparot.simulate.judge import published_parliament
from tests.audit.test_manipulations import audited, fails
from tests.journeys.scan import found
from tests.journeys.tampering import CHANGES, Change, Copy, changed_vote
from tests.simulate.conftest import THAILAND

pytestmark = pytest.mark.slow
EVERY = 10_000
"""Where the last snapshot is enough: it is rendered again at any rate."""
REPORTS = {"sent", "accepted", "duplicate", "refused"}
SHEETS = {"right", "wrong", "disputed", "uncounted"}
SUMMARY: dict[str, set[str]] = {
    "reports": REPORTS,
    "visible_s": {"p50", "p99"},
    "sheets": SHEETS,
    "sheets_judged": SHEETS | {"provisional", "provisional_wrong", "wrong_sheets"},
    "recounted": {"snapshots", "rendered"},
    "explained": {"leaders", "list", "seats_follow", "explained"},
    "phases_s": {"draw", "stage", "enrol", "count", "settle", "recount"},
}
"""Members of ``--json`` that have members, and those."""
PLAIN = {
    "accepted_per_s", "trend_at", "leaders_at", "parliament", "parliament_equal", "recount_equal", "wall_s", "peak_rss_mib", "deviations",
    "people",
}  # fmt: skip
PRINTED = (
    "reports sent", "accepted, duplicate, refused", "accepted per second", "from acceptance to snapshot", "list trend known (simulated)",
    "all leaders known (simulated)", "sheets right", "sheets wrong", "sheets disputed", "sheets uncounted",
    "parliament equals the published", "recount equal", "wall time", "peak memory",
)  # fmt: skip


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sapparot", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=400, check=False)


def last_full(data: Path) -> str:
    """Where the last full snapshot stands."""
    pointer: dict[str, Any] = json.loads((data / "public" / "v1" / "latest.json").read_text())
    return str(pointer["last_full"]["url"]).strip("/")


@pytest.fixture(scope="module")
def left() -> Iterator[Path]:
    """The directory of a demo that has ended."""
    with directory() as place:
        data = place / "data"
        ended = run(
            "demo", "--once", "--scale", "0.004", "--port", "0", "--data", str(data), "--json", str(place / "said.json")
        )
        assert ended.returncode == 0, ended.stderr[-3000:]
        (place / "printed.txt").write_text(ended.stdout)
        yield data


@pytest.fixture(scope="module")
def log(left: Path) -> list[tuple[str, bytes]]:
    """Its entries, read by somebody else's reader, with their kinds."""
    reader = TilesReader(LocalBackend(left / "public" / "log"))
    size = reader.get_checkpoint().size
    bodies = [reader.get_entry(index) for index in range(size)]
    return [(canonical.decode(body)["kind"], body) for body in bodies]


def test_the_summary_says_what_it_promises_and_the_recount_agrees(left: Path) -> None:
    said: dict[str, Any] = json.loads((left.parent / "said.json").read_text())
    assert set(said) == SUMMARY.keys() | PLAIN
    assert {name: set(said[name]) for name in SUMMARY} == SUMMARY
    assert all(set(party) == {"party", "constituency", "list", "total"} for party in said["parliament"])
    assert all(set(seats) == {"ours", "published"} for seats in said["deviations"].values())
    assert said["recount_equal"] is True and said["sheets"]["wrong"] == 0
    assert 1 < said["recounted"]["rendered"] <= said["recounted"]["snapshots"]
    assert said["reports"]["accepted"] > 2000 and sum(party["total"] for party in said["parliament"]) <= 500
    assert (
        sum(said["sheets"].values())
        == len((left / "public" / last_full(left) / "sheets.csv").read_text().splitlines()) - 1
    )


def test_every_deviation_of_the_default_mix_is_explained_by_sheets_that_claim_nothing(left: Path) -> None:
    said: dict[str, Any] = json.loads((left.parent / "said.json").read_text())
    explained = said["explained"]
    assert explained["seats_follow"] and explained["explained"], explained
    assert bool(said["deviations"]) <= bool(explained["leaders"] or explained["list"])
    assert all(one["disputed"] or one["uncounted"] for one in explained["leaders"])


def test_a_reader_of_the_terminal_is_told_all_of_it(left: Path) -> None:
    said: dict[str, Any] = json.loads((left.parent / "said.json").read_text())
    lines = (left.parent / "printed.txt").read_text().splitlines()
    told = {name: next((line for line in lines if line.startswith(name)), "") for name in PRINTED}
    assert [name for name, line in told.items() if not line.removeprefix(name).strip()] == []
    assert f"{said['reports']['sent']:,}" in told["reports sent"]
    assert all(f"{said['sheets'][verdict]:,}" in told[f"sheets {verdict}"] for verdict in SHEETS)
    assert "p50" in told["from acceptance to snapshot"] and "p99" in told["from acceptance to snapshot"]
    assert "yes" in told["recount equal"] and "MiB" in told["peak memory"]
    published = {party.party: party.total for party in published_parliament(THAILAND)}
    shown = {words[0]: words[1:] for line in lines if len(words := line.split()) == 5 and words[0] in published}
    for party in said["parliament"]:
        seats = [party[name] for name in ("constituency", "list", "total")]
        assert shown[party["party"]] == [*map(str, seats), str(published.get(party["party"], 0))]
    assert published.keys() <= shown.keys()


def test_somebody_elses_reader_accepts_the_log_that_it_leaves(left: Path, log: list[tuple[str, bytes]]) -> None:
    place = left / "public" / "log"
    reader = TilesReader(LocalBackend(place))
    checkpoint = reader.get_checkpoint()
    checkpoint.verify(Vkey.from_string((place / "log.vkey").read_text().strip()))
    assert reader.calculate_root_hash() == checkpoint.root_hash
    assert {kind for kind, _ in log} >= {"report", "move", "evidence", "snapshot", "enrolment"}


def test_everything_that_it_stored_and_published_stands_in_the_log_that_it_leaves(
    left: Path, log: list[tuple[str, bytes]]
) -> None:
    with kept_log(Settings(data=left)) as (_, connection):
        assert len(log) == ledger.head(connection).size
    known = {canonical.decode(body)["published"] for kind, body in log if kind == "evidence"}
    files = {path.stem for path in (left / "public/v1/evidence").iterdir()}
    assert files and files == known
    snapshots = {canonical.decode(body)["n"] for kind, body in log if kind == "snapshot"}
    assert int(Path(last_full(left)).name) == max(snapshots)


def test_nothing_in_the_log_tells_who_somebody_is_or_exactly_where(left: Path, log: list[tuple[str, bytes]]) -> None:
    secrets = [path.read_text().strip() for path in (left / "secrets").rglob("*") if path.is_file()]
    assert len(secrets) > 4
    assert [flaw for kind, body in log for flaw in found(kind, body, secrets)][:10] == []


@pytest.mark.parametrize(
    "members",
    [
        {"reporter": "x"}, {"app": "0812345678"}, {"app": "somchai@example.org"}, {"app": "นายสมชาย"}, {"place": [13_756, 100_501]},
        {"place": [13.75, 100.5]}, {"valid": 13.7}, {"app": f"{'k' * 43}.1700000000.{'m' * 43}"}, {"app": "secret!"},
    ],
)  # fmt: skip
def test_the_search_finds_what_it_looks_for(log: list[tuple[str, bytes]], members: dict[str, Any]) -> None:
    entry = next(canonical.decode(body) for kind, body in log if kind == "report")
    head, payload, mark = entry["jws"].split(".")
    changed = b64(json.dumps(canonical.decode(unb64(payload)) | members, ensure_ascii=False).encode())
    assert list(found("report", canonical.encode(entry | {"jws": f"{head}.{changed}.{mark}"}), ["secret!"]))


def test_a_plain_copy_passes_the_audit_and_a_deleted_photograph_leaves_the_log_whole(
    left: Path, log: list[tuple[str, bytes]]
) -> None:
    copy = left.parent / "copy"
    shutil.copytree(left / "public", copy)
    report = left.parent / "audit.json"
    whole = run("audit", str(copy), "--state", str(left.parent / "seen"), "--json", str(report))
    assert whole.returncode == 0, whole.stdout + whole.stderr
    photograph = next((copy / "v1").rglob("*.jpg"))
    photograph.unlink()
    position = next(at for at, (_, body) in enumerate(log) if photograph.stem.encode() in body)
    again = run("audit", str(copy), "--state", str(left.parent / "seen"), "--json", str(report), "--every", "1000")
    assert again.returncode == 0, again.stdout + again.stderr
    said = json.loads(report.read_text())
    gone = [one["position"] for one in said["findings"] if one["code"] == "evidence.missing"]
    assert gone == [position] and said["verdict"] == "holds"


def test_its_log_has_a_name_of_its_own_under_which_every_command_knows_it(left: Path) -> None:
    name, _, coded = (left / "public" / "log" / "log.vkey").read_text().strip().split("+", 2)
    key = base64.b64decode(coded)[1:]
    assert name == f"sapparot.local/demo/{hashlib.sha256(key).hexdigest()[:8]}"
    ended = run("verify", "--data", str(left))
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.fixture(scope="module")
def seen(left: Path) -> Path:
    """The memory of an auditor who has seen the log at its end."""
    state = left.parent / "before"
    assert audited(left / "public", state, every=EVERY).verdict == "holds"
    return state


@pytest.fixture
def copy(left: Path, log: list[tuple[str, bytes]], tmp_path: Path) -> Copy:
    return Copy(left, tmp_path / "copy", log)


@pytest.mark.parametrize(("change", "code"), CHANGES.values(), ids=CHANGES)
def test_whoever_has_the_key_of_the_log_and_changes_it_is_found(
    change: Change, code: str, copy: Copy, tmp_path: Path
) -> None:
    copy.plant(change(list(copy.log)), sign=True)
    codes = fails(audited(copy.folder, tmp_path / "fresh", every=EVERY))
    assert code in codes and "log.root" not in codes


def test_whoever_changes_the_log_without_its_key_contradicts_what_it_signed(copy: Copy, tmp_path: Path) -> None:
    copy.plant(changed_vote(list(copy.log)), sign=False)
    assert "log.root" in fails(audited(copy.folder, tmp_path / "fresh", every=EVERY))


def test_a_photograph_that_a_demo_published_cannot_be_swapped(copy: Copy, tmp_path: Path) -> None:
    copy.photograph().write_bytes(b"\xff\xd8 another picture \xff\xd9")
    assert fails(audited(copy.folder, tmp_path / "fresh", every=EVERY)) == {"evidence.altered"}


def test_a_figure_that_a_demo_published_cannot_be_edited(copy: Copy, tmp_path: Path) -> None:
    headline = copy.last_headline()
    headline.write_bytes(headline.read_bytes().replace(b"1", b"2"))
    assert fails(audited(copy.folder, tmp_path / "fresh", every=EVERY)) == {"snapshot.file"}


def test_the_log_of_a_demo_cannot_be_rolled_back_for_who_has_seen_more(copy: Copy, seen: Path) -> None:
    copy.plant(copy.log[: len(copy.log) // 2], sign=True)
    assert "checkpoint.rolled_back" in fails(audited(copy.folder, seen, every=EVERY))


def test_a_demo_cannot_have_two_logs_of_one_size_for_who_has_seen_one(copy: Copy, seen: Path) -> None:
    kind, body = copy.log[-1]
    other = canonical.encode(canonical.decode(body) | {"v": 2})
    copy.plant([*copy.log[:-1], (kind, other)], sign=True)
    assert "checkpoint.forked" in fails(audited(copy.folder, seen, every=EVERY))

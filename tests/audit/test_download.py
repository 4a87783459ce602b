"""A copy made over HTTP is the copy that was served, however badly the line behaves."""

from __future__ import annotations

import gzip
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from sapparot.audit.chain import Snapshot, read_told
from sapparot.audit.command import audit
from sapparot.audit.download import ATTEMPTS, Download
from sapparot.audit.facts import AuditReport, Plan
from sapparot.audit.published import read_manifest
from sapparot.base import canonical
from sapparot.base.problems import Problem
from tests.audit.town import Record, honest, write

PAGE = b"<html>Please sign in to this network first</html>"


class Server:
    """Serves a directory, and counts what was asked for; `trouble` may spoil an answer."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: Counter[str] = Counter()
        self.trouble: Callable[[str, int], int | None] = lambda name, times: None
        self.packs = False
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.answer(self)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        class Quiet(ThreadingHTTPServer):
            def handle_error(self, *_: object) -> None:
                """A client that goes away is no news."""

        self.http = Quiet(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.server_port}/mirror"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        name = request.path.removeprefix("/mirror/")
        self.asked[name] += 1
        path = self.folder / name
        status = self.trouble(name, self.asked[name]) or (200 if path.is_file() else 404)
        data = PAGE if status == 2 else path.read_bytes() if status in (200, 1) else b"no"
        request.send_response(200 if status < 3 else status)
        if self.packs and name.startswith("log/tile/entries/"):
            data = gzip.compress(data)
            request.send_header("Content-Encoding", "gzip")
        request.send_header("Content-Length", str(len(data)))
        if status == 429:
            request.send_header("Retry-After", "7")
        request.end_headers()
        request.wfile.write(data[: len(data) // 2] if status == 1 else data)
        request.close_connection = status == 1


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    served = Server(write(honest(), tmp_path / "served"))
    yield served
    served.http.shutdown()
    served.http.server_close()


def audited(server: Server, tmp_path: Path, **members: object) -> AuditReport:
    plan = Plan(source=server.url, state=tmp_path / "state.json", keep=tmp_path / "kept", processes=1, **members)  # type: ignore[arg-type]
    return audit(plan, lambda stage, done, total: None)


def test_bundles_that_come_as_gzip_are_kept_as_they_are(server: Server, tmp_path: Path) -> None:
    server.packs = True
    assert audited(server, tmp_path).verdict == "holds"
    bundle = next((tmp_path / "kept").rglob("entries/000"))
    assert bundle.read_bytes() == (server.folder / "log/tile/entries/000").read_bytes()


def test_a_served_copy_holds_and_is_fetched_once(server: Server, tmp_path: Path) -> None:
    report = audited(server, tmp_path)
    assert report.verdict == "holds" and set(report.numbers) == {"key.unpinned", "checkpoint.not_cosigned"}
    everything = {path.relative_to(server.folder).as_posix() for path in server.folder.rglob("*") if path.is_file()}
    assert set(server.asked) == {*everything, "log/cosigned"}
    assert audited(server, tmp_path).verdict == "holds"
    again = {name for name, times in server.asked.items() if times > 1}
    assert again == {"log/checkpoint", "log/cosigned", "log/log.vkey", "v1/latest.json", "v1/publication-key.json"}


def test_a_bad_line_costs_time_and_nothing_else(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sapparot.audit.download.LONGEST_PAUSE", 0.001)
    # Each file first fails, then breaks off in the middle, then comes.
    server.trouble = lambda name, times: {1: 503, 2: 1}.get(times)
    assert audited(server, tmp_path).verdict == "holds"
    assert not list((tmp_path / "kept").rglob("*.part"))


@pytest.mark.parametrize("name", ["log/tile/entries/000", "log/tile/0/000"])
def test_the_page_of_a_proxy_is_not_kept_in_place_of_a_file_of_the_log(
    name: str, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sapparot.audit.download.LONGEST_PAUSE", 0.001)
    server.trouble = lambda asked, times: 2 if asked == name else None
    with pytest.raises(Problem, match=r"audit\.unreachable"):
        audited(server, tmp_path)
    server.trouble = lambda asked, times: 2 if asked == name and times == ATTEMPTS + 1 else None
    assert audited(server, tmp_path).verdict == "holds"


def test_a_server_that_names_its_seconds_gets_them(tmp_path: Path, server: Server) -> None:
    server.trouble = lambda name, times: 429 if times == 1 else None
    pauses: list[float] = []
    Download(server.url, tmp_path / "kept", pauses.append).fresh(["log/checkpoint"])
    assert pauses == [7.0]
    assert (tmp_path / "kept/log/checkpoint").exists()


def test_what_stays_away_ends_the_download_and_another_run_goes_on(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sapparot.audit.download.LONGEST_PAUSE", 0.001)
    server.trouble = lambda name, times: 500 if name.endswith("sheets.csv") else None
    with pytest.raises(Problem, match=r"audit\.unreachable") as refused:
        audited(server, tmp_path)
    assert "sheets.csv (HTTP 500)" in refused.value.detail.en
    assert server.asked["v1/snapshots/4/sheets.csv"] == ATTEMPTS
    server.trouble = lambda name, times: None
    assert audited(server, tmp_path).verdict == "holds"
    assert server.asked["log/tile/entries/000"] == 1


def test_a_partial_bundle_that_is_gone_is_read_from_the_full_one(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log grew while it was copied: the checkpoint is of 200 entries, and only the full bundle stands."""
    monkeypatch.setattr("sapparot.audit.supply.SECONDS", 0.01)
    note = write(Record(honest().log[:200], {}), tmp_path / "early") / "log/checkpoint"
    (server.folder / "log/checkpoint").write_bytes(note.read_bytes())
    report = audited(server, tmp_path)
    assert {each.what.en: each.number for each in report.checked}["entries hashed"] == 200
    assert not {finding.code for finding in report.findings if finding.grade == "fails"}


def test_a_removed_photograph_and_thinned_snapshots_are_notes(server: Server, tmp_path: Path) -> None:
    next((server.folder / "v1/evidence").iterdir()).unlink()
    (server.folder / "v1/snapshots/1/provinces.json").unlink()
    report = audited(server, tmp_path)
    assert report.verdict == "holds"
    assert {"evidence.missing", "snapshot.pruned"} <= set(report.numbers)


def test_where_nothing_is_served_an_audit_does_not_begin(server: Server, tmp_path: Path) -> None:
    (server.folder / "log/checkpoint").unlink()
    with pytest.raises(Problem, match=r"audit\.no_copy"):
        audited(server, tmp_path)


def test_a_redirect_is_not_followed(server: Server, tmp_path: Path) -> None:
    server.trouble = lambda name, times: 302
    with pytest.raises(Problem, match="HTTP 302"):
        audited(server, tmp_path)


@pytest.mark.parametrize("url", ["http://example.org:port/", "https://[::1/"])
def test_what_is_no_address_is_said(url: str, tmp_path: Path) -> None:
    with pytest.raises(Problem, match=r"audit\.unreachable"):
        Download(url, tmp_path)


@pytest.mark.parametrize("name", ["../../../x.json", "/etc/x.json", "a/../../x.json", "x.sh", "a/b/c.json", ""])
def test_a_manifest_cannot_name_files_outside_its_snapshot(name: str) -> None:
    manifest = canonical.encode(
        {"files": {name: {"sha256": "0" * 64, "size": 1}, "seats.json": {"sha256": "1" * 64, "size": 1}}}
    )
    assert read_manifest(manifest) == {"seats.json": "1" * 64}


@pytest.mark.parametrize("published", ["../../x", "A" * 64, "0" * 63, ""])
def test_evidence_that_is_not_named_by_a_hash_is_unreadable(published: str) -> None:
    body = canonical.encode({"kind": "evidence", "original": "0" * 64, "published": published, "v": 1})
    assert isinstance(read_told(3, "evidence", body), str)


def test_a_download_stops_at_a_size_that_nothing_published_has(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sapparot.audit.download.MOST_BYTES", 10)
    monkeypatch.setattr("sapparot.audit.download.LONGEST_PAUSE", 0.001)
    with pytest.raises(Problem, match=r"audit\.unreachable"):
        Download(server.url, tmp_path / "kept").fresh(["log/checkpoint"])
    assert not list((tmp_path / "kept").rglob("*.part"))


def test_what_comes_packed_unpacks_to_a_bundle_at_most(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.packs = True
    monkeypatch.setattr("sapparot.audit.download.BUNDLE_BYTES", 1000)
    with pytest.raises(Problem, match="larger than any published one"):
        Download(server.url, tmp_path / "kept", lambda seconds: None).fresh(["log/tile/entries/000"])
    assert not list((tmp_path / "kept").rglob("entries/*"))


def test_a_server_that_drips_is_given_up(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sapparot.audit.download.PACE_FROM", 0)
    monkeypatch.setattr("sapparot.audit.download.LEAST_PACE", 10**15)
    with pytest.raises(Problem, match="bytes a second came"):
        Download(server.url, tmp_path / "kept", lambda seconds: None).fresh(["log/tile/entries/000"])
    assert not list((tmp_path / "kept").rglob("entries/*"))


def test_a_snapshot_entry_reads_as_one(server: Server) -> None:
    body = next(body for kind, body in honest().log if kind == "snapshot")
    assert isinstance(read_told(1, "snapshot", body), Snapshot)

"""Two files decide whether a promise was kept, and nobody has to ask the server."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sapparot import app, cli
from sapparot.base.database import connect
from sapparot.base.problems import Problem
from sapparot.intake import store
from sapparot.intake.keeping import Verdict, decide
from sapparot.ledger.cosignatures import CosigningKey
from sapparot.ledger.signatures import Note, VerifierKey
from tests.intake.phones import Front, Phone, forged, serving

Keep = Callable[..., Path]


@pytest.fixture
def front(database_url: str, tmp_path: Path) -> Iterator[Front]:
    """A log of its own for each test: some of them make it look late, or damage it."""
    with serving(database_url, tmp_path / "data") as front:
        yield front


@pytest.fixture
def phone(front: Front) -> Phone:
    return front.phone()


@pytest.fixture
def keep(front: Front, phone: Phone, tmp_path: Path) -> Keep:
    """Send a report and write down what the phone keeps of it."""

    def sent(report: bytes | None = None, **changes: object) -> Path:
        report = report or phone.report()
        [line] = front.post(phone, report).lines
        file = tmp_path / "promise.json"
        file.write_text(json.dumps({"report": report.decode(), "promise": line["promise"] | changes, "id": line["id"]}))
        return file

    return sent


@pytest.fixture
def log(front: Front) -> Path:
    return front.settings.data / "public" / "log"


def lose(front: Front) -> None:
    """The server forgets every report that waits for its place."""
    with connect(front.url) as connection:
        store.take(connection, 1000)


def judged(promise: Path, log: Path, front: Front) -> Verdict:
    return decide(promise, log, VerifierKey.read(app.note_signer(front.settings).verifier_key()))


def test_a_promise_is_kept_when_the_report_stands_in_the_log(keep: Keep, front: Front, log: Path) -> None:
    promise = keep()
    front.sequence()
    verdict = judged(promise, log, front)
    assert verdict.outcome == "kept"
    with connect(front.url) as connection:
        [(kind,)] = connection.execute(
            "SELECT kind FROM ledger.entries WHERE position = %s", (verdict.position,)
        ).fetchall()
    assert kind == "report"


def test_a_promise_is_open_until_the_log_was_alive_after_its_time(keep: Keep, front: Front, log: Path) -> None:
    promise = keep()
    lose(front)
    front.sequence()
    assert judged(promise, log, front).outcome == "open"


def test_a_promise_is_broken_when_later_reports_stand_in_the_log_and_this_one_does_not(
    keep: Keep, front: Front, phone: Phone, log: Path
) -> None:
    promise = keep()
    lose(front)
    front.post(phone, phone.report())
    with connect(front.url) as connection:
        connection.execute("UPDATE intake.received SET received_at = received_at + interval '61 seconds'")
    front.sequence()
    verdict = judged(promise, log, front)
    assert verdict.outcome == "broken"
    assert verdict.alive is not None
    assert verdict.alive > verdict.deadline
    assert verdict.deadline in verdict.sentence().en
    assert verdict.deadline in verdict.sentence().th


def test_the_command_says_kept_broken_or_open_by_its_exit_code(
    keep: Keep, front: Front, phone: Phone, log: Path, tmp_path: Path
) -> None:
    """Exit codes are what scripts read; both languages are what people read."""

    def ended(promise: Path) -> tuple[int, str]:
        done = CliRunner().invoke(cli.cli, ["promise", str(promise), str(log), "--key", str(log / "log.vkey")])
        return done.exit_code, done.output

    kept = keep().rename(tmp_path / "kept.json")
    front.sequence()
    lost = keep()
    lose(front)
    front.sequence()
    assert (ended(kept)[0], ended(lost)[0]) == (0, 3)
    front.post(phone, phone.report())
    with connect(front.url) as connection:
        connection.execute("UPDATE intake.received SET received_at = received_at + interval '61 seconds'")
    front.sequence()
    code, words = ended(lost)
    sentence = judged(lost, log, front).sentence()
    assert (ended(kept)[0], code) == (0, 1)
    assert words.splitlines() == [sentence.th, sentence.en]


def test_an_old_checkpoint_that_a_cosigner_signs_late_breaks_no_promise(keep: Keep, front: Front, log: Path) -> None:
    front.sequence()
    note = Note.read((log / "checkpoint").read_bytes())
    promise = keep()
    front.sequence()
    cosigner = CosigningKey("cosigner.example", b"c" * 32)
    later = int((datetime.now(UTC) + timedelta(seconds=90)).timestamp())
    (log / "older").write_text(note.with_lines([*note.signatures, cosigner.cosign(note.text, later)]))
    assert judged(promise, log / "older", front).outcome == "open"


def test_a_promise_does_not_bind_for_a_device_that_enrolled_later(
    front: Front, phone: Phone, log: Path, keep: Keep
) -> None:
    late = Phone()
    promise = keep(late.report())
    front.sequence()
    front.enrol(late)
    front.post(phone, phone.report())
    with connect(front.url) as connection:
        connection.execute("UPDATE intake.received SET received_at = received_at + interval '61 seconds'")
    front.sequence()
    with pytest.raises(Problem, match="had enrolled by then"):
        judged(promise, log, front)


def test_an_older_checkpoint_shows_that_a_report_came_too_late(keep: Keep, front: Front, log: Path) -> None:
    front.sequence()
    shutil.copy(log / "checkpoint", log / "older")
    promise = keep()
    front.sequence()
    assert judged(promise, log, front).outcome == "kept"
    assert judged(promise, log / "older", front).outcome == "open"


def test_a_promise_about_another_report_or_by_another_key_is_refused(
    keep: Keep, front: Front, phone: Phone, log: Path, tmp_path: Path
) -> None:
    first = json.loads(keep().read_text())
    front.sequence()
    other = json.loads(keep().read_text())
    head, payload, _ = first["promise"]["jws"].split(".")
    mixed = [
        {"report": first["report"], "promise": other["promise"]},
        {"report": first["report"], "promise": first["promise"] | {"index": 1}},
        {"report": first["report"], "promise": first["promise"] | {"path": ["00" * 31]}},
        {"report": first["report"], "promise": first["promise"] | {"path": ["x"]}},
        {"report": first["report"], "promise": first["promise"] | {"jws": ".".join((head, payload, "A" * 86))}},
        {"report": first["report"], "promise": first["promise"] | {"jws": first["report"]}},
        {"report": "x", "promise": first["promise"]},
        {"promise": first["promise"]},
    ]
    for number, said in enumerate(mixed):
        file = tmp_path / f"{number}.json"
        file.write_text(json.dumps(said))
        with pytest.raises(Problem) as refused:
            judged(file, log, front)
        assert refused.value.kind.code == "intake.promise_unusable"


def test_a_promise_does_not_bind_for_a_report_that_its_device_did_not_sign(
    keep: Keep, front: Front, phone: Phone, log: Path
) -> None:
    promise = keep(forged(phone.report()))
    front.sequence()
    with pytest.raises(Problem, match="does not bind"):
        judged(promise, log, front)


@pytest.mark.parametrize("path", ["tile/0/000.p/", "tile/entries/000.p/", "checkpoint"])
def test_a_copy_that_was_changed_decides_nothing(path: str, keep: Keep, front: Front, log: Path) -> None:
    promise = keep()
    front.sequence()
    size = Note.read((log / "checkpoint").read_bytes()).text.split("\n")[1]
    file = log / (f"{path}{size}" if path.endswith("/") else path)
    data = bytearray(file.read_bytes())
    data[-40] ^= 1
    file.write_bytes(data)
    with pytest.raises(Problem) as refused:
        judged(promise, log, front)
    assert refused.value.kind.code == "intake.log_copy_unusable"


def test_a_copy_that_is_not_there_or_signed_by_another_key_decides_nothing(keep: Keep, front: Front, log: Path) -> None:
    promise = keep()
    front.sequence()
    for place, key in ((log / "nowhere", None), (log, VerifierKey(app.note_signer(front.settings).name, 1, bytes(32)))):
        with pytest.raises(Problem) as refused:
            decide(promise, place, key)
        assert refused.value.kind.code == "intake.log_copy_unusable"
    assert decide(promise, log, None).outcome == "kept"

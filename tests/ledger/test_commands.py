"""`sapparot verify` and `sapparot promise`, as an operator and a volunteer type them."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from obstore.exceptions import GenericError
from typer.testing import CliRunner, Result

from sapparot import app, cli, logcare
from sapparot.base import outbox
from sapparot.base.clock import FixedClock
from sapparot.base.database import Connection
from sapparot.base.objects import Objects
from sapparot.base.settings import Settings
from sapparot.ledger import store
from sapparot.ledger.cosignatures import CosigningKey
from sapparot.ledger.worker import Outbox, Sequencer
from tests.base.test_commands import refused
from tests.ledger.trees import bodies

Run = Callable[..., Result]


@pytest.fixture
def run(database: Connection, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A log of 300 entries, and the command line over it."""
    monkeypatch.setenv("SAPPAROT_DATABASE_URL", database_url)
    signer = app.note_signer(Settings(data=tmp_path))
    outbox.put(database, [("test", body) for body in bodies(300)])
    database.commit()
    clock = FixedClock(datetime(2023, 5, 14, 11, 0, tzinfo=UTC))
    sequencer = Sequencer([Outbox()], signer, Objects.at(tmp_path / "public"), clock)
    sequencer.start(database)
    sequencer.step(database)
    return lambda *words: CliRunner().invoke(cli.cli, [*words])


def test_verify_finds_a_lost_tile_and_writes_it_again_when_asked(run: Run, tmp_path: Path) -> None:
    verify = ("verify", "--data", str(tmp_path))
    assert run(*verify).exit_code == 0
    tile = tmp_path / "public/log/tile/0/000"
    whole = tile.read_bytes()
    tile.unlink()
    said = run(*verify)
    assert (said.exit_code, "tile/0/000 is missing" in said.output) == (1, True)
    assert not tile.exists()
    said = run(*verify, "--repair")
    assert (said.exit_code, "1 of them repaired" in said.output) == (0, True)
    assert tile.read_bytes() == whole
    assert run(*verify).exit_code == 0


def test_verify_where_the_logs_secret_is_not_at_hand_goes_by_the_published_key_and_makes_none(
    run: Run, tmp_path: Path
) -> None:
    verify, secret = ("verify", "--data", str(tmp_path)), tmp_path / "secrets/log.key"
    secret.unlink()
    assert run(*verify).exit_code == 0
    assert not secret.exists()
    (tmp_path / "public/log/log.vkey").write_text("no key at all\n")
    assert run(*verify).exit_code == 1
    (tmp_path / "public/log/log.vkey").unlink()
    said = run(*verify)
    assert (said.exit_code, "no verifier key is published" in said.output) == (1, True)
    assert not secret.exists()


def test_verify_says_what_the_checkpoint_leaves_out_and_who_cosigned_it(
    run: Run, database: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    verify = ("verify", "--data", str(tmp_path))
    said = run(*verify)
    assert said.exit_code == 0 and "no cosignature stands on this checkpoint" in said.output
    assert "not under the signed ledger checkpoint" not in said.output
    settings = Settings(data=tmp_path)  # and of a server that signed on while verify looked, nothing
    [cosigned] = logcare.checkpoint_words(settings, 298)
    assert "no cosignature stands on this checkpoint" in cosigned.en
    tree = store.load_tree(database)
    store.append(database, tree, [("test", b"late"), ("test", b"later")])
    database.commit()
    checkpoint = tmp_path / "public/log/checkpoint"
    text = checkpoint.read_text().partition("\n\n")[0] + "\n"
    cosigner = CosigningKey("cosigner.example.org", b"c" * 32)
    checkpoint.write_text(checkpoint.read_text() + cosigner.cosign(text, 1_700_000_000).line + "\n")
    said = run(*verify)
    assert said.exit_code == 0 and "The last 2 entries are not under the signed ledger checkpoint" in said.output
    assert "อีก 2 รายการ" in said.output and "the cosignatures on this checkpoint are not judged: 1" in said.output
    (tmp_path / "policy").write_text(f"witness c {cosigner.verifier_key.text}\nquorum c\n")
    monkeypatch.setenv("SAPPAROT_COSIGNERS", str(tmp_path / "policy"))
    said = run(*verify)
    assert "Cosigned by enough cosigners (1 of 1)" in said.output and "not judged" not in said.output


def test_verify_writes_nothing_from_entries_that_are_damaged(run: Run, database: Connection, tmp_path: Path) -> None:
    database.execute("UPDATE ledger.entries SET body = 'x' WHERE position = 7")
    database.commit()
    tile = tmp_path / "public/log/tile/entries/000"
    whole = tile.read_bytes()
    said = run("verify", "--data", str(tmp_path), "--repair")
    assert (said.exit_code, "7: the entry does not have its leaf hash" in said.output) == (1, True)
    assert tile.read_bytes() == whole


def test_verify_takes_nothing_away_from_files_that_are_ahead_of_an_older_database(
    run: Run, database: Connection, tmp_path: Path
) -> None:
    public = {path: path.read_bytes() for path in (tmp_path / "public").rglob("*") if path.is_file()}
    database.execute("TRUNCATE ledger.entries, ledger.heads, ledger.checkpoints")
    store.append(database, store.load_tree(database), [("test", body) for body in bodies(100)])
    database.commit()
    said = run("verify", "--data", str(tmp_path), "--repair")
    assert (
        said.exit_code == 1 and "published checkpoint has 300 entries, the database is older and has 100" in said.output
    )
    assert "tile/" not in said.output
    store.append(database, store.load_tree(database), [("test", b"other") for _ in range(200)])
    database.commit()
    said = run("verify", "--data", str(tmp_path), "--repair")
    assert said.exit_code == 1 and "of size 300 is of another log" in said.output
    assert public == {path: path.read_bytes() for path in (tmp_path / "public").rglob("*") if path.is_file()}


def test_no_door_opens_over_a_database_that_is_older_than_what_is_public(
    run: Run, database: Connection, database_url: str, tmp_path: Path
) -> None:
    settings = Settings(data=tmp_path)
    app.prepare(settings, database_url)
    database.execute("TRUNCATE ledger.entries, ledger.heads, ledger.checkpoints")
    store.append(database, store.load_tree(database), [("test", body) for body in bodies(100)])
    database.commit()
    thai, english, code = refused("up", "--role", "intake", "--data", tmp_path, SAPPAROT_DATABASE_URL=database_url)
    assert code == "ledger.log_behind" and "(300 entries)" in english and "ไม่รับรายงาน" in thai
    app.prepare(settings, database_url, receives=False)
    for torn in (b"", b"\xff", b"torn"):
        Objects.at(tmp_path / "public").put("log/log.vkey", torn)
        app.prepare(settings, database_url)


@pytest.mark.parametrize("fault", ["away", "slow"])
def test_a_door_opens_while_the_object_store_is_away(
    fault: str, database: Connection, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = threading.Event()

    def get(*given: object) -> None:
        if fault == "slow":
            over.wait()
        raise GenericError

    monkeypatch.setattr(Objects, "get", get)
    monkeypatch.setattr(app, "STORE_SECONDS", 0.2 if fault == "slow" else 60.0)
    app.prepare(Settings(data=tmp_path), database_url)
    over.set()


def test_a_promise_that_cannot_be_read_is_no_verdict(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "promise.json"
    file.write_text(json.dumps({"report": str(uuid.UUID(int=0)), "promise": {"index": 0, "jws": "x", "path": []}}))
    said = run("promise", str(file), str(tmp_path / "public/log"))
    assert said.exit_code not in (0, 3)
    assert "intake.promise_unusable" in str(said.exception)

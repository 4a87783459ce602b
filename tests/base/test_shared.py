"""Secrets that several machines share: the first process makes them, the others must have the same, and nobody makes one in silence."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench.kill import free_port
from sapparot.app import DOORS, SEALS, SHARED
from sapparot.base import shared
from sapparot.base.database import Connection
from sapparot.base.keys import secret_file
from sapparot.base.problems import Problem
from sapparot.base.settings import Settings
from sapparot.base.shared import SecretMissing, SecretOther, agree
from sapparot.people import Vault
from sapparot.up import ROLES, run
from tests.base.test_commands import refused
from tests.intake.phones import eventually

KEYS = ["phones.key", "tokens.key", "vault/1.key"]
AGREE = """
import os, signal, sys
from pathlib import Path
from sapparot.base import shared, store
from sapparot.base.database import connect
if len(sys.argv) > 3:
    store.know = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
with connect(sys.argv[1]) as connection:
    print(flush=True)
    sys.stdin.readline()
    try:
        shared.agree(connection, Path(sys.argv[2]), ("tokens.key", "phones.key", "vault/*.key"))
    except shared.SecretMissing as missing:
        sys.exit(missing.detail.en)
"""


def process(url: str, folder: Path, *more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", AGREE, url, str(folder), *more],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.key"))


def known(database: Connection) -> dict[str, bytes]:
    return dict(database.execute("SELECT name, fingerprint FROM base.secrets").fetchall())


def copied(folder: Path, to: Path) -> Path:
    shutil.copytree(folder, to, dirs_exist_ok=True)
    return to


@contextmanager
def up(url: str, data: Path, role: str = "keep", **more: str) -> Iterator[subprocess.Popen[str]]:
    """A process of its own on a machine of its own."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("SAPPAROT_")}
    command = [sys.executable, "-m", "sapparot", "up", "--role", role, "--data", str(data)]
    running = subprocess.Popen(
        command,
        env=others | {"SAPPAROT_DATABASE_URL": url, "SAPPAROT_SENDERS": "page"} | more,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield running
    finally:
        running.kill()
        running.communicate()


def test_a_first_process_makes_what_is_needed_and_the_database_learns_nothing_that_opens(
    database: Connection, tmp_path: Path
) -> None:
    agree(database, tmp_path, DOORS)
    assert files(tmp_path) == sorted(known(database)) == KEYS
    secrets = {(tmp_path / name).read_text().strip() for name in KEYS}
    told = {fingerprint.hex() for fingerprint in known(database).values()}
    assert len(secrets) == len(told) == 3 and not secrets & told
    agree(database, tmp_path, DOORS)
    assert {fingerprint.hex() for fingerprint in known(database).values()} == told


def test_the_same_secret_under_two_names_is_known_by_two_hashes(database: Connection, tmp_path: Path) -> None:
    secret_file(tmp_path / "a.key")
    shutil.copy(tmp_path / "a.key", tmp_path / "b.key")
    agree(database, tmp_path, ("a.key", "b.key"))
    assert len(set(known(database).values())) == 2


@pytest.mark.parametrize("lost", KEYS)
def test_a_machine_that_lacks_a_secret_makes_none_and_says_which(
    lost: str, database: Connection, tmp_path: Path
) -> None:
    agree(database, tmp_path / "one", DOORS)
    other = copied(tmp_path / "one", tmp_path / "other")
    (other / lost).unlink()
    with pytest.raises(SecretMissing, match=f"{lost} is missing here.*sapparot keys replace {lost}"):
        agree(database, other, DOORS)
    assert files(other) == [name for name in KEYS if name != lost]
    shutil.copy(tmp_path / "one" / lost, other / lost)
    agree(database, other, DOORS)


@pytest.mark.parametrize("changed", KEYS)
def test_another_secret_is_left_as_it_is_and_named(changed: str, database: Connection, tmp_path: Path) -> None:
    agree(database, tmp_path / "one", DOORS)
    other = copied(tmp_path / "one", tmp_path / "other")
    (other / changed).unlink()
    before = secret_file(other / changed)
    with pytest.raises(SecretOther, match=f"{changed} is not the secret that this database works with"):
        agree(database, other, DOORS)
    assert secret_file(other / changed) == before


def test_who_is_refused_has_made_none_of_the_others_either(database: Connection, tmp_path: Path) -> None:
    agree(database, tmp_path / "one", SEALS)
    with pytest.raises(SecretMissing):
        agree(database, tmp_path / "other", DOORS)
    assert files(tmp_path / "other") == [] and "tokens.key" not in known(database)


def test_a_database_from_before_knows_what_the_first_start_brings(database: Connection, tmp_path: Path) -> None:
    vault = Vault(tmp_path / "one")
    vault.advance()
    before = {name: (tmp_path / "one" / name).read_bytes() for name in files(tmp_path / "one")}
    agree(database, tmp_path / "one", SEALS)
    assert {name: (tmp_path / "one" / name).read_bytes() for name in files(tmp_path / "one")} == before
    assert sorted(known(database)) == ["phones.key", "vault/1.key", "vault/2.key"]
    with pytest.raises(SecretMissing):
        agree(database, tmp_path / "other", SEALS)


def test_of_many_first_processes_one_wins_and_the_others_make_nothing(
    database_url: str, database: Connection, tmp_path: Path
) -> None:
    machines = [tmp_path / f"machine{number}" for number in range(5)]
    starters = [process(database_url, machine) for machine in machines]
    for starter in starters:
        assert starter.stdout is not None and starter.stdout.readline() == "\n"
    for starter in starters:
        assert starter.stdin is not None
        starter.stdin.write("\n")
        starter.stdin.flush()
    ended = {machine: starter.communicate(timeout=60)[1] for machine, starter in zip(machines, starters, strict=True)}
    [winner] = [machine for machine, said in ended.items() if not said]
    assert files(winner) == sorted(known(database)) == KEYS
    for machine in set(machines) - {winner}:
        assert "is missing here" in ended[machine] and files(machine) == []
    agree(database, copied(winner, tmp_path / "late"), DOORS)


def test_a_process_killed_between_file_and_fingerprint_leaves_a_secret_that_the_next_start_makes_known(
    database_url: str, database: Connection, tmp_path: Path
) -> None:
    killed = process(database_url, tmp_path / "one", "die")
    killed.communicate("\n", timeout=60)
    assert killed.returncode == -signal.SIGKILL
    assert files(tmp_path / "one") == ["tokens.key"] and known(database) == {}
    database.rollback()
    before = (tmp_path / "one/tokens.key").read_bytes()
    agree(database, tmp_path / "one", DOORS)
    assert (tmp_path / "one/tokens.key").read_bytes() == before and sorted(known(database)) == KEYS


def test_who_was_killed_first_and_comes_second_is_told_to_take_the_others_secret(
    database_url: str, database: Connection, tmp_path: Path
) -> None:
    process(database_url, tmp_path / "one", "die").communicate("\n", timeout=60)
    agree(database, tmp_path / "other", DOORS)
    with pytest.raises(SecretOther, match="tokens"):
        agree(database, tmp_path / "one", DOORS)
    agree(database, copied(tmp_path / "other", tmp_path / "one"), DOORS)


def test_an_older_key_of_the_vault_may_be_destroyed_and_the_newest_may_not(
    database: Connection, tmp_path: Path
) -> None:
    agree(database, tmp_path, SEALS)
    for number in range(2, 11):
        assert Vault(tmp_path).advance() == number
        agree(database, tmp_path, SEALS)
    (tmp_path / "vault/1.key").unlink()
    agree(database, tmp_path, SEALS)
    shutil.copy(tmp_path / "vault/2.key", tmp_path / "vault/1.key")
    with pytest.raises(SecretOther, match=r"vault/1\.key"):
        agree(database, tmp_path, SEALS)
    (tmp_path / "vault/1.key").unlink()
    (tmp_path / "vault/10.key").unlink()
    with pytest.raises(SecretMissing, match=r"vault/10\.key"):
        agree(database, tmp_path, SEALS)


def test_a_lost_key_of_the_vault_is_followed_by_the_next_number_and_still_opens_when_it_is_found(
    database: Connection, tmp_path: Path
) -> None:
    agree(database, tmp_path / "one", SEALS)
    (found := tmp_path / "one/vault/1.key").rename(tmp_path / "found.key")
    assert shared.successor(database, tmp_path / "one", "vault/1.key") == "vault/2.key"
    shared.replace(database, tmp_path / "one", "vault/2.key")
    agree(database, tmp_path / "one", SEALS)
    assert files(tmp_path / "one") == ["phones.key", "vault/2.key"]
    (tmp_path / "found.key").rename(found)
    agree(database, tmp_path / "one", SEALS)


def test_only_a_secret_that_is_known_and_lost_or_another_is_replaced(database: Connection, tmp_path: Path) -> None:
    agree(database, tmp_path, DOORS)
    for name, code in (
        ("tokens.key", "base.secret_unchanged"),
        ("codes.key", "base.secret_unknown"),
        ("log.key", "base.secret_unknown"),
        ("../x", "base.secret_unknown"),
        ("", "base.secret_unknown"),
    ):
        with pytest.raises(Problem) as refusal:
            shared.successor(database, tmp_path, name)
        assert refusal.value.kind.code == code
    (tmp_path / "tokens.key").unlink()
    assert shared.successor(database, tmp_path, "tokens.key") == "tokens.key"
    assert not (tmp_path / "tokens.key").exists(), "who asks has made nothing yet"


def test_every_role_that_is_named_is_one_and_every_secret_of_the_doors_is_among_them() -> None:
    assert set(SHARED) <= set(ROLES)
    assert set(SHARED["web"]) > set(SHARED["intake"]) > set(SHARED["keep"])


@pytest.mark.parametrize("roles", [("intake",), ("web",), ("intake", "web"), ("message",), ("mail",), ("keep",)])
def test_no_role_makes_a_secret_that_the_database_does_not_know(
    roles: tuple[str, ...], database_url: str, database: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever builds a role that needs one more secret names it in SHARED."""
    monkeypatch.setattr("sapparot.side.serve", lambda side: None)
    monkeypatch.setattr("sapparot.up.wait_for_signal", lambda: None)
    run(Settings(data=tmp_path, database_url=database_url, senders="page"), roles)
    mine = {"log.key", "promise.key", "publish.key"}
    assert set(files(tmp_path / "secrets")) - mine == set(known(database))


@pytest.mark.slow
def test_a_second_machine_does_not_start_until_it_has_the_secrets_of_the_first(
    database_url: str, database: Connection, tmp_path: Path
) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    place = {"SAPPAROT_DATABASE_URL": database_url, "SAPPAROT_PORT": str(free_port())}
    with up(database_url, one, "message,keep") as first:
        assert eventually(lambda: leading(database) == 2, 60), first.poll()
        assert sorted(known(database)) == ["phones.key", "vault/1.key"]
        thai, english, code = refused("up", "--role", "keep", "--data", other, **place)
        assert code == "base.secret_missing" and files(other) == []
        assert "phones.key" in thai and "คัดลอก" in thai and str(other / "secrets/phones.key") in english
        secret_file(other / "secrets/phones.key")
        assert refused("up", "--role", "intake", "--data", other, **place)[2] == "base.secret_other"
        assert refused("people", "reseal", "--data", other, **place)[2] == "base.secret_other"
        said = refused("keys", "replace", "phones.key", "--yes", "--data", other, **place)
        assert said[2] == "base.still_running"
        copied(one / "secrets", other / "secrets")
        with up(database_url, other, "mail") as second:
            assert eventually(lambda: leading(database) == 3, 60), second.poll()


def leading(database: Connection) -> int:
    """How many followers are led: a process that does has compared its secrets."""
    database.rollback()
    row = database.execute(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock' AND granted"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    ).fetchone()
    return int(row[0]) if row else 0

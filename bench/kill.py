"""Kills the whole program at random moments under load, and asks afterwards for every report that was acknowledged.

``sapparot up`` runs as an operator would run it, with its own database, while phones send reports and never give up: who gets no answer
sends the same bytes again. Again and again the program is killed with SIGKILL: the application alone, the database alone, or both. At the
end every acknowledged report must stand in the log once, the log must be sound, and a recount must give the same bytes.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import psutil
import psycopg

from sapparot import contests, ledger
from sapparot.app import keyring
from sapparot.base import canonical
from sapparot.base.database import connect
from sapparot.base.embedded import Embedded
from sapparot.base.jws import SigningKey
from sapparot.base.settings import Settings, environment_name
from sapparot.base.shipped import shipped
from sapparot.base.text import Text
from sapparot.intake import REPORT_TYPE
from sapparot.people import Invited, Network, add_network, make_invite
from sapparot.people.rules import ASK_TYPE

MODES = ("application", "database", "both")
NETWORKS = ("north", "south")


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """``seconds``: the longest time between a start and the next kill."""

    rounds: int = 20
    phones: int = 16
    lines: int = 5
    seconds: float = 4.0
    pause: float = 0.0
    seed: int = 1


class Program:
    """``sapparot up`` on one data directory."""

    def __init__(self, data: Path, port: int, **settings: str) -> None:
        self.data = data
        self.port = port
        self._environment = _environment() | {environment_name(name): value for name, value in settings.items()}
        self.url = Embedded(data).url
        self._process: subprocess.Popen[bytes] | None = None
        self._asked = False

    def start(self) -> float:
        """Start and wait until it is ready; return the seconds that took."""
        began = time.monotonic()
        with (self.data / "up.log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command("up", "--port", str(self.port)), env=self._environment, stdout=log, stderr=log
            )
        self.wait_ready()
        return time.monotonic() - began

    def wait_ready(self) -> None:
        """Wait until the doors are open and the database answers."""
        end = time.monotonic() + 120
        while True:
            try:
                if call(self.port, "GET", "/readyz")[0] == 200:
                    return
            except OSError:
                pass
            if time.monotonic() > end or (self._process is not None and self._process.poll() is not None):
                raise SystemExit(f"the program does not get ready:\n{(self.data / 'up.log').read_text()[-4000:]}")
            time.sleep(0.05)

    def kill(self, mode: str) -> None:
        """Kill the application, its database, or both at once; nothing when it does not run."""
        if self._process is None or self._process.poll() is not None:
            return
        database = [one for one in psutil.Process(self._process.pid).children() if one.name() == "postgres"]
        if mode != "application":
            for one in database:
                one.kill()
        if mode != "database":
            self._process.kill()
            self._process.wait()

    def ask_to_stop(self) -> None:
        """Send SIGTERM, once."""
        assert self._process is not None
        if not self._asked:
            self._process.send_signal(signal.SIGTERM)
        self._asked = True

    def stop(self) -> int:
        """Ask it to stop; return its exit code."""
        assert self._process is not None
        self.ask_to_stop()
        return self._process.wait(60)

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another command on the data directory."""
        return subprocess.run(
            self._command(*arguments), env=self._environment, capture_output=True, text=True, timeout=300, check=False
        )

    def _command(self, name: str, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "sapparot", name, "--data", str(self.data), *arguments]


class Phone(threading.Thread):
    """Sends reports one body after the other, each until it is answered."""

    def __init__(self, number: int, port: int, election: contests.Election, plan: Plan) -> None:
        super().__init__(daemon=True)
        self.key = SigningKey.from_secret("ES256" if number % 2 else "EdDSA", secrets.token_bytes(32))
        self.acknowledged: set[bytes] = set()
        self.outcomes: Counter[str] = Counter()
        self.stop = threading.Event()
        self._port = port
        self._election = election
        self._plan = plan
        self._chance = random.Random(plan.seed * 1000 + number)
        self._token = ""
        self._seq = 0

    def enrol(self, invite: str) -> None:
        """Get a token."""
        ask = self.key.sign(canonical.encode({"v": 1, "invite": invite}), ASK_TYPE, embed_key=True)
        status, body = call(self._port, "POST", "/v1/devices", ask.encode())
        assert status == 201, body
        self._token = json.loads(body)["token"]

    def run(self) -> None:
        """Send until told to stop, and the last body to its end."""
        while not self.stop.is_set():
            reports = [self._report() for _ in range(self._plan.lines)]
            while not self._send(reports):
                time.sleep(0.05)
            self.acknowledged.update(reports)
            time.sleep(self._plan.pause)

    def _send(self, reports: list[bytes]) -> bool:
        try:
            status, body = call(self._port, "POST", "/v1/reports", b"\n".join(reports), self._token)
        except (OSError, http.client.HTTPException):
            self.outcomes["no answer"] += 1
            return False
        if status != 202:
            self.outcomes[f"status {status}"] += 1
            return False
        found = [json.loads(line)["outcome"] for line in body.splitlines()]
        self.outcomes.update(found)
        return set(found) <= {"accepted", "duplicate"} and len(found) == len(reports)

    def _report(self) -> bytes:
        self._seq += 1
        number = self._chance.randrange(len(self._election.stations.codes) * len(self._election.ballots))
        options = self._election.contest_of(number).numbers
        votes = {str(option): (number * option) % 90 for option in options}
        payload = {
            "v": 1, "id": _uuid7(), "election": self._election.id, "sheet": self._election.sheet_key(number),
            "stage": "final", "votes": votes, "valid": sum(votes.values()), "spoiled": 3, "no_vote": 4,
            "ballots_cast": sum(votes.values()) + 7, "seq": self._seq, "app": "kill/1.0",
        }  # fmt: skip
        return self.key.sign(canonical.encode(payload), REPORT_TYPE).encode()


class Watch(threading.Thread):
    """Reads the public checkpoint all the time; it may never get smaller."""

    def __init__(self, data: Path) -> None:
        super().__init__(daemon=True)
        self.sizes: list[int] = []
        self.stop = threading.Event()
        self._path = data / "public" / "log" / "checkpoint"

    def run(self) -> None:
        """Note every size."""
        while not self.stop.wait(0.02):
            if self._path.exists():
                size = int(self._path.read_text().splitlines()[1])
                if not self.sizes or self.sizes[-1] != size:
                    self.sizes.append(size)


def call(port: int, method: str, path: str, body: bytes | None = None, token: str = "") -> tuple[int, bytes]:
    """Ask once."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, body, {"Authorization": f"Bearer {token}"} if token else {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def run(plan: Plan, data: Path, say: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    """Run the whole experiment in an empty directory."""
    program = Program(data, free_port())
    try:
        return _run(plan, program, say)
    finally:
        program.kill("both")


def _run(plan: Plan, program: Program, say: Callable[[str], None]) -> dict[str, Any]:
    began, starts = time.monotonic(), [program.start()]
    election, phones = _people(program, plan)
    watch = Watch(program.data)
    for thread in (watch, *phones):
        thread.start()
    starts += _kill(program, plan, phones, say)
    for phone in phones:
        phone.stop.set()
    for thread in phones:
        thread.join(60)
        assert not thread.is_alive(), "a phone is still waiting for its answer"
    logged = _settled(program.url)
    watch.stop.set()
    watch.join()
    code = program.stop()
    checked, recounted = program.command("verify"), program.command("recount", "--every", "10")
    acknowledged = {report for phone in phones for report in phone.acknowledged}
    return {
        "kills": plan.rounds,
        "acknowledged": len(acknowledged),
        "missing": len(acknowledged - set(logged)),
        "twice": len(logged) - len(set(logged)),
        "unasked": len(set(logged) - acknowledged),
        "outcomes": dict(sum((phone.outcomes for phone in phones), Counter[str]())),
        "checkpoint_never_smaller": watch.sizes == sorted(watch.sizes),
        "checkpoints": len(watch.sizes),
        "stopped_with": code,
        "log_sound": checked.returncode == 0,
        "recount_equal": recounted.returncode == 0,
        "said": [line for one in (checked, recounted) for line in (one.stdout + one.stderr).splitlines()][-12:],
        "start_s": round(max(starts), 2),
        "wall_s": round(time.monotonic() - began, 1),
        "sheets": len(election.stations.codes) * len(election.ballots),
    }


def _kill(program: Program, plan: Plan, phones: list[Phone], say: Callable[[str], None]) -> list[float]:
    """Kill at random moments, each mode first once; return how long each start took."""
    chance, starts = random.Random(plan.seed), []
    for number in range(plan.rounds):
        time.sleep(chance.uniform(0.1, plan.seconds))
        mode = MODES[number] if number < len(MODES) else chance.choice(MODES)
        program.kill(mode)
        say(f"killed {mode}, {sum(len(phone.acknowledged) for phone in phones):,} acknowledged")
        if mode != "database":
            time.sleep(chance.choice((0.0, 0.3)))
            starts.append(program.start())
        program.wait_ready()
    return starts


def sound(result: dict[str, Any]) -> bool:
    """Tell whether nothing was lost, doubled or broken."""
    nothing = all(result[name] == 0 for name in ("missing", "twice", "unasked", "stopped_with"))
    return nothing and all(result[name] for name in ("checkpoint_never_smaller", "log_sound", "recount_equal"))


def _people(program: Program, plan: Plan) -> tuple[contests.Election, list[Phone]]:
    entries = contests.define(contests.read_folder(shipped("data") / "elections" / "small"))
    election = contests.assemble(body for _, body in entries)
    keys = keyring(Settings(data=program.data))
    with connect(program.url) as connection:
        contests.save(connection, entries)
        for name in NETWORKS:
            add_network(connection, Network(name, Text(name, name), keys.make(name).jwk))
        until = datetime.now(UTC) + timedelta(days=1)
        invites = [make_invite(connection, name, Invited(), plan.phones, until) for name in NETWORKS]
    phones = [Phone(number, program.port, election, plan) for number in range(plan.phones)]
    for number, phone in enumerate(phones):
        phone.enrol(invites[number % len(NETWORKS)])
    return election, phones


def _settled(url: str) -> list[bytes]:
    """Wait until nothing waits for its place; return the reports in the log."""
    query = "SELECT (SELECT count(*) FROM intake.waiting) + (SELECT count(*) FROM base.outbox)"
    query += ", (SELECT max(size) FROM ledger.heads)"
    seen: list[tuple[int, int]] = [(1, 0)]
    end = time.monotonic() + 120
    with closing(_reached(url, end)) as connection:
        while not (len(seen) > 3 and seen[-1][0] == 0 and len(set(seen[-3:])) == 1):
            assert time.monotonic() < end, f"the log does not settle: {seen[-3:]}"
            time.sleep(0.7)
            row = connection.execute(query).fetchone()
            assert row is not None
            seen.append((row[0], row[1]))
        return list(_reports(connection, seen[-1][1]))


def _reached(url: str, end: float) -> psycopg.Connection[Any]:
    """Connect to a database that may still be on its way up after its last kill."""
    while True:
        try:
            return connect(url, autocommit=True)
        except psycopg.OperationalError:
            assert time.monotonic() < end, "the database does not come back"
            time.sleep(0.2)


def _reports(connection: psycopg.Connection[Any], size: int) -> Iterator[bytes]:
    for entry in ledger.read_all(connection, size):
        if entry.kind == "report":
            yield canonical.decode(entry.body)["jws"].encode()


def _uuid7() -> str:
    return str(uuid.UUID(int=(int(time.time() * 1000) << 80) | (7 << 76) | (2 << 62) | secrets.randbits(62)))


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("SAPPAROT_")}


def free_port() -> int:
    """Return a port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def directory() -> Iterator[Path]:
    """An empty directory that the server's user may enter."""
    with tempfile.TemporaryDirectory(prefix="sapparot-kill-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name)


def main(arguments: Iterable[str] | None = None) -> int:
    """Run and print the result; return 1 when anything was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    for field in msgspec.structs.fields(Plan):
        parser.add_argument(f"--{field.name}", type=field.type, default=field.default)
    plan = Plan(**vars(parser.parse_args(None if arguments is None else list(arguments))))
    with directory() as data:
        result = run(plan, data, lambda line: print(line, file=sys.stderr, flush=True))
    print(json.dumps(result, ensure_ascii=False))
    return int(not sound(result))


if __name__ == "__main__":
    sys.exit(main())

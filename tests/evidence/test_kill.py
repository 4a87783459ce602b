"""A server that is killed at any moment has lost no acknowledged photograph and recorded none twice."""

from __future__ import annotations

import hashlib
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil

from sapparot.base import canonical, outbox
from sapparot.base.database import Connection
from sapparot.base.objects import public_objects, sealed_objects
from sapparot.evidence.api import DOOR
from tests.evidence.conftest import authorization
from tests.evidence.pictures import board, written


@contextmanager
def server(database_url: str, data: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A server in a process of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        handle = listening.fileno()
        command = [sys.executable, "-m", "tests.evidence.serving", database_url, str(data), str(handle)]
        process = subprocess.Popen(command, pass_fds=[handle], stdout=subprocess.DEVNULL)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}{DOOR.path}"
    try:
        yield url, process
    finally:
        process.kill()
        process.wait()


def send(url: str, photograph: bytes, phone: int) -> str | None:
    """Send one photograph; return the name of its copy when it was acknowledged."""
    headers = {"authorization": authorization(f"phone{phone}")}
    try:
        name = hashlib.sha256(photograph).hexdigest()
        answer = httpx.put(url + name, content=photograph, headers=headers, verify=False, timeout=60)
    except httpx.TransportError:
        return None
    return str(answer.json()["published"]) if answer.status_code in (200, 201) else None


def test_a_killed_server_keeps_what_it_acknowledged(database_url: str, database: Connection, tmp_path: Path) -> None:
    chance = random.Random(62)
    photographs = [written(board(1600 + n, 1200), quality=95) for n in range(36)]
    acknowledged: dict[int, str] = {}
    for first in range(0, 36, 12):
        with server(database_url, tmp_path) as (url, process), ThreadPoolExecutor(12) as phones:
            answers = {n: phones.submit(send, url, photographs[n], n) for n in range(first, first + 12)}
            wanted = chance.randint(1, 8)
            while sum(answer.done() for answer in answers.values()) < wanted:
                time.sleep(0.001)
            decoders = psutil.Process(process.pid).children()
            process.kill()
            acknowledged |= {n: name for n, answer in answers.items() if (name := answer.result())}
            assert not psutil.wait_procs(decoders, timeout=60)[1]
        assert list((tmp_path / "incoming").iterdir()) == []
    assert 3 <= len(acknowledged) < 36
    with server(database_url, tmp_path) as (url, _):
        finished = {n: send(url, photograph, n) for n, photograph in enumerate(photographs)}
    assert acknowledged.items() <= finished.items()
    entries = [canonical.decode(one.body) for one in outbox.take(database, 1000)]
    names = [hashlib.sha256(photograph).hexdigest() for photograph in photographs]
    assert sorted(entry["original"] for entry in entries) == sorted(names)
    for entry in entries:
        copy = public_objects(tmp_path).get(f"v1/evidence/{entry['published']}.jpg")
        assert hashlib.sha256(copy).hexdigest() == entry["published"]
        assert sealed_objects(tmp_path).get(f"v1/evidence/{entry['original']}.jpg") in photographs

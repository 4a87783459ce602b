"""The door takes what it says and no more, and always says why."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from sapparot.base import outbox
from sapparot.base.database import Connection
from sapparot.evidence.api import DOOR
from sapparot.evidence.arrivals import Limits
from tests.evidence.conftest import Station, authorization
from tests.evidence.pictures import board, written

PHOTOGRAPH = written(board())
NAME = hashlib.sha256(PHOTOGRAPH).hexdigest()


def head(length: int | None = len(PHOTOGRAPH), name: str = NAME, phone: str = "phone", **more: str) -> bytes:
    """The head of an upload, to be sent by hand."""
    lines = [f"PUT {DOOR.path}{name} HTTP/1.1", "Host: test", f"Authorization: {authorization(phone)}"]
    lines += ["Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"]
    lines += [f"{key}: {value}" for key, value in more.items()]
    return "\r\n".join([*lines, "", ""]).encode()


def code(phone: socket.socket) -> str:
    """Status and problem code of the answer on a bare connection."""
    with phone.makefile("rb") as stream:
        status = stream.readline().split(b" ")[1].decode()
        lines = [line.strip().lower().partition(b": ") for line in iter(stream.readline, b"\r\n")]
        length = next((int(value) for name, _, value in lines if name == b"content-length"), 0)
        return " ".join(filter(None, (status, json.loads(stream.read(length) or b"{}").get("code"))))


def test_only_enrolled_devices_send_photographs(station: Station) -> None:
    tokens = {
        None: "people.token_missing",
        "Bearer nonsense": "people.token_invalid",
        authorization().removeprefix("Bearer "): "people.token_invalid",
        authorization(life=timedelta(seconds=-1)): "people.token_expired",
    }
    for token, problem in tokens.items():
        headers = {"authorization": token} if token else {}
        answer = httpx.put(station.url + NAME, content=PHOTOGRAPH, headers=headers, verify=False)
        assert (answer.status_code, answer.json()["code"]) == (401, problem)


def test_a_name_that_is_no_hash_is_refused(station: Station) -> None:
    for name in ("%20", "x", NAME.upper(), NAME + ".jpg", NAME[:-1], "x/" + NAME):
        answer = station.put(PHOTOGRAPH, name=name)
        assert (answer.status_code, answer.json()["code"]) == (400, "evidence.bad_name")


def test_an_empty_body_is_refused(station: Station) -> None:
    answer = station.put(b"")
    assert (answer.status_code, answer.json()["code"]) == (400, "evidence.empty")


def test_a_body_that_says_it_is_too_large_is_refused_unread(station: Station) -> None:
    with station.connect() as phone:
        phone.sendall(head(DOOR.body_limit + 1))
        assert code(phone) == "413 base.too_large"


def test_a_length_with_thousands_of_zeros_is_a_length(station: Station) -> None:
    with station.connect() as phone:
        said = head().replace(b"Content-Length: ", b"Content-Length: " + b"0" * 5000)
        phone.sendall(said + PHOTOGRAPH)
        assert code(phone) == "201"


def test_a_body_that_grows_too_large_is_cut(station: Station) -> None:
    with station.connect() as phone:
        phone.sendall(head(None))
        for _ in range(DOOR.body_limit // 1_000_000 + 1):
            phone.sendall(b"f4240\r\n" + bytes(1_000_000) + b"\r\n")
        assert code(phone) == "413 base.too_large"
    assert list(station.scratch.iterdir()) == []


def test_the_largest_body_is_taken(station: Station) -> None:
    assert station.put(PHOTOGRAPH + bytes(DOOR.body_limit - len(PHOTOGRAPH))).status_code == 201


def test_a_body_in_chunks_without_a_length_is_taken(station: Station) -> None:
    pieces = (PHOTOGRAPH[at : at + 100] for at in range(0, len(PHOTOGRAPH), 100))
    answer = httpx.put(station.url + NAME, content=pieces, headers={"authorization": authorization()}, verify=False)
    assert answer.status_code == 201


def test_a_stalled_body_is_cut(open_station: Callable[..., Station]) -> None:
    station = open_station(Limits(reserve=0, idle_seconds=0.3))
    with station.connect() as phone:
        phone.sendall(head() + PHOTOGRAPH[:100])
        assert code(phone) == "408 base.too_slow"
        assert phone.recv(1) == b""
    assert station.put(PHOTOGRAPH).status_code == 201


def test_a_dripping_body_is_cut(open_station: Callable[..., Station]) -> None:
    station = open_station(Limits(reserve=0, idle_seconds=5, body_seconds=0.5))
    with station.connect() as phone:
        phone.sendall(head())
        with contextlib.suppress(OSError):
            for place in range(100):
                phone.sendall(PHOTOGRAPH[place : place + 1])
                time.sleep(0.05)
        assert code(phone) == "408 base.too_slow"


def test_a_phone_that_hangs_up_leaves_nothing_and_frees_its_place(
    open_station: Callable[..., Station], database: Connection
) -> None:
    station = open_station(Limits(reserve=0, uploads=1))
    with station.connect() as phone:
        phone.sendall(head() + PHOTOGRAPH[:500])
        assert station.takes(1)
        assert station.put(PHOTOGRAPH, phone="other").json()["code"] == "evidence.busy"
    assert station.takes(0)
    assert outbox.take(database, 1) == []
    assert station.put(PHOTOGRAPH, phone="other").status_code == 201


def test_a_full_house_asks_to_come_back(open_station: Callable[..., Station]) -> None:
    station = open_station(Limits(reserve=0, uploads=1))
    with station.connect() as phone:
        phone.sendall(head() + PHOTOGRAPH[:500])
        assert station.takes(1)
        busy = station.put(PHOTOGRAPH, phone="other")
        assert (busy.status_code, busy.json()["code"]) == (503, "evidence.busy")
        assert int(busy.headers["retry-after"]) > 0
        phone.sendall(PHOTOGRAPH[500:])
        assert code(phone) == "201"


def test_one_device_sends_two_photographs_at_a_time(station: Station) -> None:
    with station.connect() as one, station.connect() as two:
        for phone in (one, two):
            phone.sendall(head(name="0" * 64) + PHOTOGRAPH[:500])
        assert station.takes(2)
        third = station.put(PHOTOGRAPH)
        assert (third.status_code, third.json()["code"]) == (429, "evidence.too_many_at_once")
        assert station.put(PHOTOGRAPH, phone="other").status_code == 201


def test_a_device_that_comes_too_often_is_told_so(station: Station) -> None:
    with httpx.Client(headers={"authorization": authorization("eager")}, verify=False) as phone:
        codes = [phone.put(station.url + "x").json()["code"] for _ in range(DOOR.per_minute + 1)]
    assert codes == ["evidence.bad_name"] * DOOR.per_minute + ["evidence.too_often"]
    assert station.put(PHOTOGRAPH, phone="patient").status_code == 201


def test_a_known_photograph_is_answered_before_its_body_is_sent(station: Station) -> None:
    assert station.put(PHOTOGRAPH).status_code == 201
    with station.connect() as phone:
        phone.sendall(head(Expect="100-continue"))
        assert code(phone) == "200"


def test_an_unknown_photograph_is_asked_for(station: Station) -> None:
    with station.connect() as phone:
        phone.sendall(head(Expect="100-continue"))
        assert code(phone) == "100"
        phone.sendall(PHOTOGRAPH)
        assert code(phone) == "201"


def test_a_kept_connection_survives_an_answer_that_came_early(station: Station) -> None:
    large = PHOTOGRAPH + bytes(5_000_000)
    name = hashlib.sha256(large).hexdigest()
    with httpx.Client(headers={"authorization": authorization()}, timeout=30, verify=False) as phone:
        assert [phone.put(station.url + name, content=large).status_code for _ in range(3)] == [201, 200, 200]


def test_photographs_leave_room_for_the_reports(open_station: Callable[..., Station]) -> None:
    station = open_station(Limits(reserve=1 << 60))
    full = station.put(PHOTOGRAPH)
    assert (full.status_code, full.json()["code"]) == (503, "evidence.disk_full")
    assert int(full.headers["retry-after"]) > 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 4 MiB."""
    if (
        os.geteuid() != 0
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", tmp_path], check=False).returncode
    ):
        pytest.skip("a small disk can be mounted by root only")
    yield tmp_path
    subprocess.run(["umount", tmp_path], check=True)


def test_a_full_disk_is_told_and_nothing_half_stored(
    open_station: Callable[..., Station], small_disk: Path, database: Connection
) -> None:
    station = open_station(Limits(reserve=0), small_disk)
    for size in (8_000_000, 3_000_000, 2_600_000):  # said too large; in the stores; in the stores
        full = station.put(PHOTOGRAPH + bytes(size))
        assert (full.status_code, full.json()["code"]) == (503, "evidence.disk_full")
    pieces = (bytes(1_000_000) for _ in range(6))  # on its way in, without a length
    full = httpx.put(station.url + NAME, content=pieces, headers={"authorization": authorization()}, verify=False)
    assert (full.status_code, full.json()["code"]) == (503, "evidence.disk_full")
    assert outbox.take(database, 1) == []
    assert [path for path in small_disk.rglob("*") if path.is_file()] == []
    assert station.put(PHOTOGRAPH).status_code == 201


def test_a_lost_database_is_told_and_the_photograph_can_be_sent_again(station: Station, database: Connection) -> None:
    database.execute("ALTER TABLE evidence.photographs RENAME TO away")
    database.commit()
    lost = station.put(PHOTOGRAPH)
    assert (lost.status_code, lost.json()["code"]) == (503, "evidence.unavailable")
    database.execute("ALTER TABLE evidence.away RENAME TO photographs")
    database.commit()
    assert station.put(PHOTOGRAPH).status_code == 201


def test_many_phones_at_once_are_all_served(station: Station, database: Connection) -> None:
    photographs = [written(board(200 + n, 150)) for n in range(40)]
    with ThreadPoolExecutor(20) as phones:
        answers = list(phones.map(lambda n: station.put(photographs[n], phone=f"phone{n}"), range(40)))
    assert {answer.status_code for answer in answers} == {201}
    assert len(outbox.take(database, 100)) == 40

"""Pieces from careless and hostile clients: they learn nothing, break nothing, and cost others nothing."""

from __future__ import annotations

import hashlib
import itertools
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from sapparot.base import outbox
from sapparot.base.database import Connection
from sapparot.evidence.arrivals import Limits
from sapparot.evidence.resuming import LARGEST, PATH, PIECE_TYPE, PREFIX
from sapparot.evidence.unfinished import SMALLEST
from tests.evidence.conftest import Station, authorization
from tests.evidence.pictures import board, written
from tests.evidence.sending import Sender, checksum, code, metadata
from tests.evidence.test_pieces import NAME, PHOTOGRAPH


def b64(text: str) -> str:
    return b64encode(text.encode()).decode()


@pytest.mark.parametrize("version", ["", "0.2.2", "1.0.1", "1.0.0,0.2.2"])
def test_another_version_is_refused_with_ours(station: Station, version: str) -> None:
    phone = Sender(station)
    path = phone.begun(PHOTOGRAPH)
    for answer in (phone.begin(PHOTOGRAPH, tus_resumable=version), phone.patch(path, 0, b"x", tus_resumable=version)):
        assert code(answer) == (412, "evidence.other_version")
        assert answer.headers["tus-version"] == "1.0.0"
    assert phone.offset(path) == 0


def test_only_enrolled_devices_begin(station: Station) -> None:
    phone = Sender(station)
    assert code(phone.begin(PHOTOGRAPH, authorization="")) == (401, "people.token_missing")
    assert code(phone.begin(PHOTOGRAPH, authorization="Bearer x.1.y")) == (401, "people.token_invalid")


@pytest.mark.parametrize(
    ("headers", "refusal"),
    [
        ({"upload_length": ""}, (400, "evidence.bad_header")),
        ({"upload_length": "", "upload_defer_length": "1"}, (400, "evidence.bad_header")),
        ({"upload_length": "-1"}, (400, "evidence.bad_header")),
        ({"upload_length": "1e3"}, (400, "evidence.bad_header")),
        ({"upload_length": "9" * 5000}, (400, "evidence.bad_header")),
        ({"upload_length": "0"}, (400, "evidence.empty")),
        ({"upload_length": str(LARGEST + 1)}, (413, "base.too_large")),
        ({"upload_metadata": ""}, (400, "evidence.bad_header")),
        ({"upload_metadata": "filename eA=="}, (400, "evidence.bad_header")),
        ({"upload_metadata": "sha256"}, (400, "evidence.bad_header")),
        ({"upload_metadata": "sha256 not-base64!"}, (400, "evidence.bad_header")),
        ({"upload_metadata": f"sha256 {b64(NAME.upper())}"}, (400, "evidence.bad_header")),
        ({"upload_metadata": f"sha256 {b64(NAME[:-1])}"}, (400, "evidence.bad_header")),
        ({"upload_metadata": f"sha256 {b64('../../secrets/log.key')}"}, (400, "evidence.bad_header")),
        ({"upload_metadata": f"sha256 {b64(NAME)},sha256 {b64(NAME)}"}, (400, "evidence.bad_header")),
        ({"upload_metadata": f"sha256 {b64(NAME)},,x"}, (400, "evidence.bad_header")),
        ({"upload_metadata": f"sha256 {b64(NAME)},name {b64('x' * 3000)}"}, (400, "evidence.bad_header")),
        ({"upload_checksum": "md5 " + b64("x" * 16), "content_type": PIECE_TYPE}, (400, "evidence.checksum_unknown")),
        ({"upload_checksum": "sha1 " + b64("x" * 19), "content_type": PIECE_TYPE}, (400, "evidence.bad_header")),
        ({"upload_checksum": "sha1"}, (400, "evidence.bad_header")),
    ],
)
def test_a_beginning_that_makes_no_sense_is_refused(
    station: Station, database: Connection, headers: dict[str, Any], refusal: tuple[int, str]
) -> None:
    assert code(Sender(station).begin(PHOTOGRAPH, **headers)) == refusal
    assert database.execute("SELECT count(*) FROM evidence.uploads").fetchone() == (0,)


def test_a_body_of_another_type_is_no_piece(station: Station) -> None:
    phone = Sender(station)
    path = phone.begun(PHOTOGRAPH)
    for kind in ("", "image/jpeg", "application/octet-stream"):
        assert code(phone.patch(path, 0, b"x", content_type=kind)) == (415, "evidence.not_in_pieces")
        assert code(phone.begin(PHOTOGRAPH, b"x", content_type=kind)) == (415, "evidence.not_in_pieces")
    assert phone.offset(path) == 0


@pytest.mark.parametrize("offset", ["", "-1", "x", "1", "5001", "4999", "0", "99999999999999"])
def test_a_wrong_offset_changes_nothing(station: Station, offset: str) -> None:
    phone = Sender(station)
    path = phone.begun(PHOTOGRAPH)
    phone.patch(path, 0, PHOTOGRAPH[:5000])
    wrong = phone.patch(path, 0, PHOTOGRAPH[:10], upload_offset=offset)
    assert code(wrong) in ((409, "evidence.other_offset"), (400, "evidence.bad_header"))
    assert phone.offset(path) == 5000


@pytest.mark.parametrize("method", ["HEAD", "PATCH", "DELETE"])
def test_another_device_neither_sees_nor_changes_an_upload(station: Station, method: str) -> None:
    owner, stranger = Sender(station, "owner"), Sender(station, "stranger")
    path = owner.begun(PHOTOGRAPH)
    owner.patch(path, 0, PHOTOGRAPH[:5000])
    said = {"upload_offset": "5000", "content_type": PIECE_TYPE}
    theirs = stranger.say(method, path, PHOTOGRAPH[5000:] if method == "PATCH" else None, **said)
    missing = stranger.say(method, PREFIX + "6c0ad1d8-5b4a-4a0e-8b53-2a2f6d9b0c11", **said)
    assert (theirs.status_code, theirs.content) == (missing.status_code, missing.content)
    assert theirs.status_code == 404
    assert "upload-offset" not in theirs.headers
    assert owner.offset(path) == 5000


def test_a_path_that_is_no_upload_leads_nowhere(station: Station) -> None:
    phone = Sender(station)
    path = phone.begun(PHOTOGRAPH)
    tricks = (path.upper().replace("/V1/UPLOADS", "/v1/uploads"), path + "/", path.replace("-", ""), PREFIX)
    for trick in (*tricks, PREFIX + "..%2f..%2fsecrets", PREFIX + "%00", path + "%2e", PREFIX + "{" + path[12:] + "}"):
        assert phone.say("HEAD", trick).status_code == 404
        assert code(phone.patch(trick, 0, b"x")) == (404, "evidence.upload_unknown")


def test_more_bytes_than_announced_are_refused(station: Station) -> None:
    phone = Sender(station)
    path = phone.begun(PHOTOGRAPH)
    assert code(phone.patch(path, 0, PHOTOGRAPH + b"x")) == (413, "evidence.beyond_length")
    assert phone.offset(path) == 0
    unannounced = iter([PHOTOGRAPH[:1000], PHOTOGRAPH])
    assert code(phone.patch(path, 0, unannounced)) == (413, "evidence.beyond_length")
    assert phone.offset(path) < len(PHOTOGRAPH)
    assert code(phone.begin(PHOTOGRAPH, PHOTOGRAPH + b"x")) == (413, "evidence.beyond_length")


def test_bytes_that_are_not_the_photograph_are_thrown_away(station: Station, database: Connection) -> None:
    phone = Sender(station)
    path = phone.begun(PHOTOGRAPH)
    wrong = phone.patch(path, 0, PHOTOGRAPH[:-1] + b"x")
    assert code(wrong) == (422, "evidence.wrong_hash")
    assert phone.say("HEAD", path).status_code == 404
    shorter = phone.begin(PHOTOGRAPH, upload_length="1000").headers["location"]
    assert code(phone.patch(shorter, 0, PHOTOGRAPH[:1000])) == (422, "evidence.wrong_hash")
    assert outbox.take(database, 1) == []
    assert list(station.sealed.names()) == []


def test_a_lie_about_the_length_of_a_known_photograph_is_refused(station: Station) -> None:
    station.put(PHOTOGRAPH)
    assert code(Sender(station).begin(PHOTOGRAPH, upload_length="7")) == (422, "evidence.wrong_hash")


def test_what_is_no_photograph_ends_its_upload(station: Station, database: Connection) -> None:
    phone, page = Sender(station), b"<html>" * 1000
    assert code(phone.begin(page, page)) == (415, "evidence.not_a_photograph")
    path = phone.begun(page)
    assert code(phone.patch(path, 0, page)) == (415, "evidence.not_a_photograph")
    assert phone.say("HEAD", path).status_code == 404
    assert database.execute("SELECT count(*) FROM evidence.uploads").fetchone() == (0,)
    assert list(station.sealed.names()) == []


def test_races_for_one_place_leave_one_winner_and_the_right_bytes(
    open_station: Callable[..., Station], tmp_path: Path, database: Connection
) -> None:
    limits = Limits(reserve=0, uploads_of_device=32)
    doors = [Sender(open_station(limits, tmp_path)) for _ in range(2)]
    photograph = PHOTOGRAPH * 3  # bytes behind the end of a picture are part of the original
    path, place = doors[0].begun(photograph), 0
    while place < len(photograph):
        pieces = [photograph[place : place + 100_000 + 40_000 * n] for n in range(8)]
        with ThreadPoolExecutor(8) as threads:
            sent = [threads.submit(doors[n % 2].patch, path, place, piece) for n, piece in enumerate(pieces)]
            codes = [one.result().status_code for one in sent]
        assert sorted(codes) == [204] + [409] * 7
        rows = database.execute("SELECT count(*) FROM evidence.pieces").fetchone()
        assert rows == (len(list(doors[0].station.sealed.names("v1/uploads"))),)
        place = doors[1].offset(path)
    assert station_holds(doors[0].station, photograph)
    assert len(outbox.take(database, 10)) == 1


def station_holds(station: Station, photograph: bytes) -> bool:
    name = f"v1/evidence/{hashlib.sha256(photograph).hexdigest()}.jpg"
    return station.sealed.get(name) == photograph and list(station.sealed.names("v1/uploads")) == []


def test_wrong_bytes_that_race_with_right_ones_never_mix_into_a_photograph(
    open_station: Callable[..., Station], database: Connection
) -> None:
    station = open_station(Limits(reserve=0, uploads_of_device=32))
    phone = Sender(station)
    half, noise = len(PHOTOGRAPH) // 2, bytes(len(PHOTOGRAPH) // 2)
    for _ in range(8):
        path = phone.begun(PHOTOGRAPH)
        with ThreadPoolExecutor(2) as threads:
            sent = [threads.submit(phone.patch, path, 0, data) for data in (PHOTOGRAPH[:half], noise)]
            first = [one.result().status_code for one in sent]
        assert sorted(first) == [204, 409]
        last = phone.patch(path, half, PHOTOGRAPH[half:]).status_code
        assert last == (204 if first[0] == 204 else 422)
        if last == 204:
            assert station_holds(station, PHOTOGRAPH)
            database.execute("DELETE FROM evidence.photographs")
            database.commit()


def test_a_stalled_piece_is_cut_and_what_came_is_kept(open_station: Callable[..., Station]) -> None:
    station = open_station(Limits(reserve=0, idle_seconds=0.3))
    phone = Sender(station)
    path = phone.begun(PHOTOGRAPH)
    with station.connect() as line:
        head = [f"PATCH {path} HTTP/1.1", "Host: test", f"Authorization: {authorization()}", "Tus-Resumable: 1.0.0"]
        head += ["Upload-Offset: 0", f"Content-Type: {PIECE_TYPE}", f"Content-Length: {len(PHOTOGRAPH)}", "", ""]
        line.sendall("\r\n".join(head).encode() + PHOTOGRAPH[:7000])
        assert line.recv(100).split(b" ")[1] == b"408"
    assert phone.offset(path) == 7000


def test_a_stalled_piece_under_a_checksum_leaves_nothing(open_station: Callable[..., Station]) -> None:
    station = open_station(Limits(reserve=0, idle_seconds=0.3))
    phone = Sender(station)
    path = phone.begun(PHOTOGRAPH)
    with station.connect() as line:
        head = [f"PATCH {path} HTTP/1.1", "Host: test", f"Authorization: {authorization()}", "Tus-Resumable: 1.0.0"]
        head += [f"Upload-Checksum: {checksum(PHOTOGRAPH)}", "Upload-Offset: 0", f"Content-Type: {PIECE_TYPE}"]
        head += [f"Content-Length: {len(PHOTOGRAPH)}", "", ""]
        line.sendall("\r\n".join(head).encode() + PHOTOGRAPH[:300_000])
        assert line.recv(100).split(b" ")[1] == b"408"
    assert phone.offset(path) == 0


def test_a_device_begins_a_limited_number(open_station: Callable[..., Station]) -> None:
    station = open_station(Limits(reserve=0, unfinished_of_device=3))
    phone = Sender(station)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda n: phone.begin(PHOTOGRAPH), range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [429] * 5
    path = next(answer.headers["location"] for answer in answers if answer.status_code == 201)
    assert phone.patch(path, 0, PHOTOGRAPH).status_code == 204
    assert phone.begin(PHOTOGRAPH + b"4").status_code == 201
    assert code(phone.begin(PHOTOGRAPH + b"5")) == (429, "evidence.too_many_begun")
    assert Sender(station, "another").begin(PHOTOGRAPH + b"5").status_code == 201


def test_what_has_come_of_all_begun_photographs_is_bounded_and_announcing_holds_no_room(
    open_station: Callable[..., Station],
) -> None:
    station = open_station(Limits(reserve=0, unfinished_bytes=15_500_000))
    one, two = Sender(station, "one"), Sender(station, "two")
    path = one.begin(PHOTOGRAPH, upload_length="15000000").headers["location"]
    begun = two.begin(PHOTOGRAPH, upload_length="15000000").headers["location"]
    assert one.patch(path, 0, bytes(1_000_000)).status_code == 204
    assert code(two.patch(begun, 0, bytes(1000))) == (503, "evidence.no_room_to_begin")
    assert one.patch(path, 1_000_000, bytes(1000)).status_code == 204, "what has begun to come goes on"
    full = two.begin(PHOTOGRAPH, upload_length="15000000")
    assert code(full) == (503, "evidence.no_room_to_begin")
    assert int(full.headers["retry-after"]) > 0
    assert two.begin(PHOTOGRAPH).status_code == 201
    assert one.say("DELETE", path).status_code == 204
    assert two.patch(begun, 0, bytes(1000)).status_code == 204
    assert two.begin(PHOTOGRAPH, upload_length="15000000").status_code == 201


def test_bytes_under_a_checksum_that_does_not_hold_leave_nothing_on_the_disk(station: Station) -> None:
    phone = Sender(station)
    path = phone.begun(PHOTOGRAPH * 2)
    for n in range(3):
        wrong = phone.patch(path, 0, PHOTOGRAPH + b"%d" % n, upload_checksum=checksum(PHOTOGRAPH))
        assert code(wrong) == (460, "evidence.checksum_differs")
        assert list(station.sealed.names("v1/uploads")) == []
        assert list(station.scratch.iterdir()) == []
    assert phone.offset(path) == 0


def test_tiny_bodies_make_no_object_each_and_end_as_the_photograph(station: Station) -> None:
    phone, small = Sender(station), PHOTOGRAPH[: len(PHOTOGRAPH) - 470_000]
    path = phone.begun(small)
    places = [*range(0, 8), *range(8, len(small), 1700), len(small)]
    for start, end in itertools.pairwise(places):
        lying = len(list(station.sealed.names("v1/uploads")))
        assert lying <= start // SMALLEST
        assert phone.patch(path, start, small[start:end]).status_code == 204
        assert phone.offset(path) == end
    assert lying >= 1
    assert station_holds(station, small)


def test_photographs_in_pieces_leave_room_for_the_reports(open_station: Callable[..., Station]) -> None:
    phone = Sender(open_station(Limits(reserve=1 << 60)))
    assert code(phone.begin(PHOTOGRAPH)) == (503, "evidence.disk_full")


def test_a_device_that_begins_too_often_is_told_so(station: Station) -> None:
    phone = Sender(station, "eager")
    codes: list[int] = []
    while 429 not in codes and len(codes) < 200:  # a slow machine gives back a little while it is asked
        codes.append(phone.say("POST").status_code)
    assert codes[:60] == [400] * 60
    assert codes[-1] == 429


def test_a_lost_decoder_costs_the_last_piece_only(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    phone = Sender(station)
    path = phone.begun(PHOTOGRAPH)
    assert phone.patch(path, 0, PHOTOGRAPH[:300_000]).status_code == 204

    async def lost(photograph: object) -> tuple[int, bytes]:
        return 1000, b""

    with monkeypatch.context() as patch:
        patch.setattr(station.darkroom, "develop", lost)
        assert code(phone.patch(path, 300_000, PHOTOGRAPH[300_000:])) == (503, "evidence.busy")
    assert phone.offset(path) == 300_000
    assert phone.patch(path, 300_000, PHOTOGRAPH[300_000:]).status_code == 204


def test_a_lost_database_is_told_and_the_piece_can_be_sent_again(station: Station, database: Connection) -> None:
    phone = Sender(station)
    path = phone.begun(PHOTOGRAPH)
    database.execute("ALTER TABLE evidence.pieces RENAME TO away")
    database.commit()
    assert code(phone.patch(path, 0, PHOTOGRAPH[:300_000])) == (503, "evidence.unavailable")
    database.execute("ALTER TABLE evidence.away RENAME TO pieces")
    database.commit()
    assert phone.offset(path) == 0
    assert phone.patch(path, 0, PHOTOGRAPH).status_code == 204


def test_metadata_cannot_smuggle_headers(station: Station) -> None:
    with station.connect() as line:
        said = f"POST {PATH} HTTP/1.1\r\nHost: test\r\nAuthorization: {authorization()}\r\nTus-Resumable: 1.0.0\r\n"
        said += f"Upload-Length: 5\r\nUpload-Metadata: {metadata(b'x')},n\x0bSet-Cookie a\r\nContent-Length: 0\r\n\r\n"
        line.sendall(said.encode())
        assert line.recv(100).split(b" ")[1] == b"400"


def test_many_phones_in_pieces_are_all_served(station: Station, database: Connection) -> None:
    def send(number: int) -> int:
        phone, photograph = Sender(station, f"phone{number}"), written(board(200 + number, 150))
        path, half = phone.begun(photograph), len(photograph) // 2
        phone.patch(path, 0, photograph[:half])
        return phone.patch(path, half, photograph[half:]).status_code

    with ThreadPoolExecutor(10) as phones:
        assert set(phones.map(send, range(30))) == {204}
    assert len(outbox.take(database, 100)) == 30

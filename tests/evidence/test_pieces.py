"""A photograph may come in pieces, by tus 1.0.0, and ends as one that came whole."""

from __future__ import annotations

import hashlib
import itertools
import random
import subprocess
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError

from sapparot.base import canonical, outbox
from sapparot.base.database import Connection
from sapparot.evidence.arrivals import Limits
from sapparot.evidence.resuming import OFFERED, PATH, PIECE_TYPE
from tests.evidence.conftest import Station, authorization
from tests.evidence.pictures import board, written
from tests.evidence.sending import Sender, checksum, code, metadata
from tests.evidence.serving import NOW
from tests.intake.phones import eventually

PHOTOGRAPH = written(board()) + random.Random(5).randbytes(500_000)
"""A small picture with much behind it, as phones add films: quick to develop, slow to send."""
NAME = hashlib.sha256(PHOTOGRAPH).hexdigest()
NEVER_SENT = itertools.count()


def kept(station: Station, database: Connection) -> list[str]:
    """The originals that the log will hold."""
    return [canonical.decode(one.body)["original"] for one in outbox.take(database, 100)]


def test_a_server_tells_what_it_speaks_to_anyone(station: Station) -> None:
    answer = Sender(station).say("OPTIONS", authorization="", tus_resumable="")
    assert answer.status_code == 204
    told = {name.decode(): value.decode() for name, value in OFFERED}
    assert told.items() <= dict(answer.headers).items()
    assert "content-length" not in answer.headers


def test_a_photograph_in_pieces_is_kept_like_a_whole_one(station: Station, database: Connection) -> None:
    phone = Sender(station)
    begun = phone.begin(PHOTOGRAPH)
    path = begun.headers["location"]
    assert (begun.status_code, begun.headers["upload-offset"]) == (201, "0")
    third = len(PHOTOGRAPH) // 3
    for start in (0, third, 2 * third):
        end = start + third if start < 2 * third else len(PHOTOGRAPH)
        answer = phone.patch(path, start, PHOTOGRAPH[start:end])
        assert (answer.status_code, answer.headers["upload-offset"], answer.content) == (204, str(end), b"")
        assert phone.offset(path) == end
        assert ("upload-expires" in answer.headers) == (end < len(PHOTOGRAPH))
    assert kept(station, database) == [NAME]
    assert station.sealed.get(f"v1/evidence/{NAME}.jpg") == PHOTOGRAPH
    assert list(station.sealed.names("v1/uploads")) == []
    assert station.put(PHOTOGRAPH).status_code == 200


def test_a_photograph_may_come_with_its_beginning(station: Station, database: Connection) -> None:
    answer = Sender(station).begin(PHOTOGRAPH, PHOTOGRAPH)
    assert (answer.status_code, int(answer.headers["upload-offset"])) == (201, len(PHOTOGRAPH))
    assert kept(station, database) == [NAME]


def test_a_part_of_a_photograph_may_come_with_its_beginning(station: Station) -> None:
    phone = Sender(station)
    answer = phone.begin(PHOTOGRAPH, PHOTOGRAPH[:1000], upload_checksum=checksum(PHOTOGRAPH[:1000]))
    assert (answer.status_code, answer.headers["upload-offset"]) == (201, "1000")
    assert phone.patch(answer.headers["location"], 1000, PHOTOGRAPH[1000:]).status_code == 204


def test_a_photograph_that_is_kept_already_costs_no_bytes(station: Station) -> None:
    first = station.put(PHOTOGRAPH, phone="another")
    phone = Sender(station)
    begun = phone.begin(PHOTOGRAPH)
    assert (begun.status_code, int(begun.headers["upload-offset"])) == (201, len(PHOTOGRAPH))
    assert begun.content == first.content
    assert phone.offset(begun.headers["location"]) == len(PHOTOGRAPH)


def test_head_tells_all_that_was_said_at_the_beginning(station: Station) -> None:
    phone = Sender(station)
    said = metadata(PHOTOGRAPH, filename="แบบ ส.ส. ๕/๑๘.jpg".encode(), note=b"")
    path = phone.begin(PHOTOGRAPH, upload_metadata=said).headers["location"]
    told = phone.say("HEAD", path).headers
    assert (told["upload-metadata"], told["upload-length"]) == (said, str(len(PHOTOGRAPH)))
    assert parsedate_to_datetime(told["upload-expires"]) > NOW


def test_a_piece_that_breaks_off_is_kept_as_far_as_it_came(station: Station) -> None:
    phone = Sender(station)
    path = phone.begun(PHOTOGRAPH)
    with station.connect() as line:
        head = [f"PATCH {path} HTTP/1.1", "Host: test", f"Authorization: {authorization()}", "Tus-Resumable: 1.0.0"]
        head += ["Upload-Offset: 0", f"Content-Type: {PIECE_TYPE}", f"Content-Length: {len(PHOTOGRAPH)}", "", ""]
        line.sendall("\r\n".join(head).encode() + PHOTOGRAPH[:10_000])
        time.sleep(0.5)  # a line that breaks is noticed by silence
    assert eventually(lambda: phone.offset(path) == 10_000)
    assert phone.patch(path, 10_000, PHOTOGRAPH[10_000:]).status_code == 204


def test_a_checksum_that_holds_is_believed_and_one_that_does_not_changes_nothing(station: Station) -> None:
    phone = Sender(station)
    path = phone.begun(PHOTOGRAPH)
    half = len(PHOTOGRAPH) // 2
    wrong = phone.patch(path, 0, PHOTOGRAPH[:half], upload_checksum=checksum(b"other bytes"))
    assert code(wrong) == (460, "evidence.checksum_differs")
    assert phone.offset(path) == 0
    assert phone.patch(path, 0, PHOTOGRAPH[:half], upload_checksum=checksum(PHOTOGRAPH[:half])).status_code == 204
    rest = PHOTOGRAPH[half:]
    assert code(phone.patch(path, half, rest, upload_checksum=checksum(rest[1:]))) == (460, "evidence.checksum_differs")
    assert phone.offset(path) == half
    assert phone.patch(path, half, rest, upload_checksum=checksum(rest, "sha256")).status_code == 204


def test_a_network_that_lets_only_post_through_is_enough(station: Station, database: Connection) -> None:
    phone = Sender(station)
    path = phone.begun(PHOTOGRAPH)
    said = {"upload_offset": "0", "content_type": PIECE_TYPE, "x_http_method_override": "PATCH"}
    assert phone.say("POST", path, PHOTOGRAPH, **said).status_code == 204
    assert kept(station, database) == [NAME]
    assert phone.say("POST", path, x_http_method_override="DELETE").status_code == 204
    assert phone.say("HEAD", path).status_code == 404
    assert code(phone.say("POST", phone.begun(PHOTOGRAPH + b"2"))) == (405, "base.method_not_allowed")


def test_an_upload_that_is_ended_is_gone_with_its_pieces(station: Station, database: Connection) -> None:
    phone = Sender(station)
    path = phone.begun(PHOTOGRAPH)
    phone.patch(path, 0, PHOTOGRAPH[:50_000])
    assert len(list(station.sealed.names("v1/uploads"))) == 1
    assert phone.say("DELETE", path).status_code == 204
    assert [phone.say(method, path).status_code for method in ("HEAD", "PATCH", "DELETE")] == [404] * 3
    assert list(station.sealed.names("v1/uploads")) == []
    assert kept(station, database) == []


def test_ending_a_finished_upload_leaves_the_photograph(station: Station) -> None:
    phone = Sender(station)
    path = phone.begin(PHOTOGRAPH, PHOTOGRAPH).headers["location"]
    assert phone.say("DELETE", path).status_code == 204
    assert station.put(PHOTOGRAPH).status_code == 200


def test_what_expires_is_gone_and_swept_away(open_station: Callable[..., Station], database: Connection) -> None:
    station = open_station(Limits(reserve=0, pause_seconds=-1))
    phone = Sender(station)
    path = phone.begun(PHOTOGRAPH)
    assert phone.patch(path, 0, PHOTOGRAPH[:5000]).status_code == 204  # lives until a second ago
    assert phone.say("HEAD", path).status_code == 404
    assert code(phone.patch(path, 5000, PHOTOGRAPH[5000:])) == (404, "evidence.upload_unknown")
    station.sealed.put("v1/uploads/00000000-0000-4000-8000-000000000000/00000000-ab", b"left by a crash")
    station.sweep()
    assert list(station.sealed.names("v1/uploads")) == []
    assert database.execute("SELECT count(*) FROM evidence.uploads").fetchone() == (0,)


def test_sweeping_leaves_alone_what_is_under_way(station: Station) -> None:
    phone = Sender(station)
    path = phone.begun(PHOTOGRAPH)
    phone.patch(path, 0, PHOTOGRAPH[:5000])
    station.sweep()
    assert phone.patch(path, 5000, PHOTOGRAPH[5000:]).status_code == 204


def test_several_processes_continue_one_upload(open_station: Callable[..., Station], tmp_path: Path) -> None:
    one, two = (Sender(open_station(data=tmp_path)) for _ in range(2))
    path = one.begun(PHOTOGRAPH)
    assert one.patch(path, 0, PHOTOGRAPH[:9000]).status_code == 204
    assert two.offset(path) == 9000
    assert two.patch(path, 9000, PHOTOGRAPH[9000:]).status_code == 204
    assert one.offset(path) == len(PHOTOGRAPH)


@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(cuts=st.lists(st.integers(1, len(PHOTOGRAPH) - 1), unique=True, max_size=8))
def test_whatever_the_pieces_the_whole_is_the_same(station: Station, cuts: list[int]) -> None:
    photograph = PHOTOGRAPH + b"%d" % next(NEVER_SENT)
    phone = Sender(station, phone=f"phone{len(photograph)}{photograph[-8:].hex()}")
    path, places = phone.begun(photograph), [0, *sorted(cuts), len(photograph)]
    for start, end in itertools.pairwise(places):
        assert phone.patch(path, start, photograph[start:end]).status_code == 204
    assert station.sealed.get(f"v1/evidence/{hashlib.sha256(photograph).hexdigest()}.jpg") == photograph


def test_a_client_of_other_people_sends_and_resumes(station: Station, database: Connection, tmp_path: Path) -> None:
    file = tmp_path / "form.jpg"
    file.write_bytes(PHOTOGRAPH)
    client = TusClient(Sender(station).root + PATH, headers={"Authorization": authorization()})
    first = client.uploader(str(file), chunk_size=50_000, metadata={"sha256": NAME, "filename": "form.jpg"})
    first.upload(stop_at=100_000)
    again = client.uploader(str(file), chunk_size=70_000, url=first.url, upload_checksum=True)
    assert again.offset == 100_000
    again.upload()
    assert kept(station, database) == [NAME]
    once_more = client.uploader(str(file), chunk_size=50_000, metadata={"sha256": NAME}, retries=1, retry_delay=0)
    once_more.upload()
    assert once_more.offset == len(PHOTOGRAPH)


def test_a_client_of_other_people_hears_a_refusal(station: Station, tmp_path: Path) -> None:
    file = tmp_path / "form.jpg"
    file.write_bytes(PHOTOGRAPH)
    client = TusClient(Sender(station).root + PATH, headers={"Authorization": "Bearer nonsense"})
    with pytest.raises(TusCommunicationError) as refused:
        client.uploader(str(file), metadata={"sha256": NAME}).upload()
    assert refused.value.status_code == 401


def test_curl_sends_a_photograph_in_two_pieces(station: Station, database: Connection, tmp_path: Path) -> None:
    phone = Sender(station)
    path = phone.begun(PHOTOGRAPH)
    for start, part in ((0, PHOTOGRAPH[:300_000]), (300_000, PHOTOGRAPH[300_000:])):
        (tmp_path / "part").write_bytes(part)
        said = ["Tus-Resumable: 1.0.0", f"Authorization: {authorization()}", f"Upload-Offset: {start}"]
        said += [f"Content-Type: {PIECE_TYPE}"]
        command = ["curl", "-sf", "-X", "PATCH", "--data-binary", f"@{tmp_path / 'part'}", phone.root + path]
        subprocess.run(command + [word for line in said for word in ("-H", line)], check=True)
    assert kept(station, database) == [NAME]

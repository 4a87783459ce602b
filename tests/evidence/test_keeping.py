"""A photograph that arrives is sealed, published without metadata, and recorded once."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from sapparot import evidence
from sapparot.base import canonical, outbox
from sapparot.base.clock import stamp
from sapparot.base.database import Connection
from sapparot.evidence.rules import bare_jpeg_size
from tests.evidence.conftest import Station
from tests.evidence.pictures import FORMATS, SECRET, board, corners, talkative, written
from tests.evidence.serving import NOW


def entries(database: Connection) -> list[dict[str, object]]:
    waiting = outbox.take(database, 1000)
    assert {one.kind for one in waiting} <= {"evidence"}
    return [canonical.decode(one.body) for one in waiting]


@pytest.mark.parametrize("kind", FORMATS)
def test_every_kind_of_photograph_is_sealed_and_published(station: Station, database: Connection, kind: str) -> None:
    photograph = talkative(kind)
    original = hashlib.sha256(photograph).hexdigest()
    answer = station.put(photograph)
    assert answer.status_code == 201
    kept = answer.json()
    copy = station.public.get(f"v1/evidence/{kept['published']}.jpg")
    assert hashlib.sha256(copy).hexdigest() == kept["published"]
    assert station.sealed.get(f"v1/evidence/{original}.{kind}") == photograph
    assert SECRET not in copy
    assert bare_jpeg_size(copy) == (kept["width"], kept["height"]) == (320, 240)
    assert corners(copy) == ["red", "green", "blue", "white"]
    assert evidence.published(database, original) == kept["published"]


def test_both_hashes_stand_in_one_entry_without_the_sender(station: Station, database: Connection) -> None:
    photograph = written(board())
    kept = station.put(photograph, phone="phone-that-must-not-be-named").json()
    assert entries(database) == [
        {
            "at": stamp(NOW),
            "height": 240,
            "kind": "evidence",
            "original": hashlib.sha256(photograph).hexdigest(),
            "published": kept["published"],
            "type": "image/jpeg",
            "v": 1,
            "width": 320,
        }
    ]


def test_sending_again_gives_the_same_answer_and_no_second_entry(station: Station, database: Connection) -> None:
    photograph = written(board())
    first = station.put(photograph, phone="one")
    again = station.put(photograph, phone="two")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.content == again.content
    assert len(entries(database)) == 1


def test_uploads_of_one_photograph_at_once_give_one_entry(station: Station, database: Connection) -> None:
    photograph = written(board(1600, 1200), quality=95)
    with ThreadPoolExecutor(8) as phones:
        answers = list(phones.map(lambda phone: station.put(photograph, phone=f"phone{phone}"), range(8)))
    assert {answer.status_code for answer in answers} <= {200, 201}
    assert [answer.status_code for answer in answers].count(201) == 1
    assert len({answer.content for answer in answers}) == 1
    assert len(entries(database)) == 1


def test_what_an_interrupted_attempt_left_behind_does_not_hinder_the_next(
    station: Station, database: Connection
) -> None:
    photograph = written(board())
    original = hashlib.sha256(photograph).hexdigest()
    station.sealed.put(f"v1/evidence/{original}.jpg", photograph)  # crash after step 3: sealed, not recorded
    assert evidence.published(database, original) is None
    assert station.put(photograph).status_code == 201
    assert len(entries(database)) == 1


def test_nothing_of_an_upload_stays_in_the_scratch_directory(station: Station) -> None:
    station.put(written(board()))
    station.put(b"no photograph")
    assert list(station.scratch.iterdir()) == []


def test_sealed_originals_are_closed_to_other_users(station: Station) -> None:
    assert (station.scratch.parent / "sealed").stat().st_mode & 0o077 == 0

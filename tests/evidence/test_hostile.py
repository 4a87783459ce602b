"""Files that are no honest photographs are refused, and cost nobody else anything."""

from __future__ import annotations

import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from sapparot.base import outbox
from sapparot.base.database import Connection
from sapparot.evidence.rules import bare_jpeg_size
from sapparot.evidence.sandbox import LATE, Outcome
from tests.evidence.conftest import Station
from tests.evidence.pictures import (
    FORMATS,
    board,
    corners,
    jpeg_with_segment,
    looping_exif,
    png_claiming,
    png_with_text_bomb,
    wide_gamut_profile,
    written,
)

Judge = Callable[[bytes], tuple[int, bytes]]
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
SHORT = {kind: written(board(64, 48), kind) for kind in FORMATS}


def moving(kind: str) -> bytes:
    frames = [Image.new("RGB", (64, 48), colour) for colour in ("red", "blue", "green")]
    return written(frames[0], kind, save_all=True, append_images=frames[1:], duration=50)


@pytest.mark.parametrize(
    ("make", "outcome"),
    [
        (lambda: SVG, Outcome.NOT_A_PHOTOGRAPH),
        (lambda: b"%PDF-1.7\n%%EOF", Outcome.NOT_A_PHOTOGRAPH),
        (lambda: b"\xff\xd8\xff", Outcome.NOT_A_PHOTOGRAPH),
        (lambda: b"\0", Outcome.NOT_A_PHOTOGRAPH),
        (lambda: written(board(), "GIF"), Outcome.NOT_A_PHOTOGRAPH),
        (lambda: written(board(), "TIFF"), Outcome.NOT_A_PHOTOGRAPH),
        (lambda: written(board(), "BMP"), Outcome.NOT_A_PHOTOGRAPH),
        (lambda: written(board(), "AVIF"), Outcome.NOT_A_PHOTOGRAPH),
        (lambda: written(board(), "JPEG2000"), Outcome.NOT_A_PHOTOGRAPH),
        (lambda: written(Image.new("I;16", (64, 48)), "png"), Outcome.NOT_A_PHOTOGRAPH),
        (lambda: SVG + written(board()), Outcome.NOT_A_PHOTOGRAPH),
        (lambda: moving("png"), Outcome.ANIMATED),
        (lambda: moving("webp"), Outcome.ANIMATED),
        (lambda: png_claiming(8193, 8193), Outcome.TOO_MANY_PIXELS),
        (lambda: png_claiming(60_000, 60_000), Outcome.TOO_MANY_PIXELS),
        (lambda: png_claiming(8192, 8192), Outcome.DAMAGED),
        (lambda: png_with_text_bomb(), Outcome.DAMAGED),
        (lambda: written(board())[:-400], Outcome.DAMAGED),
        (lambda: written(board(), "png")[:-60], Outcome.DAMAGED),
        (lambda: written(board(), "webp")[:-60], Outcome.DAMAGED),
        (lambda: written(board(), "heic")[:-60], Outcome.DAMAGED),
        (lambda: written(Image.new("RGBA", (8192, 8192)), "png", compress_level=1), Outcome.TOO_COSTLY),
    ],
)
def test_what_is_no_photograph_is_refused(judge: Judge, make: Callable[[], bytes], outcome: Outcome) -> None:
    assert judge(make()) == (outcome, b"")


def test_a_refusal_says_why_and_leaves_nothing(station: Station, database: Connection) -> None:
    refusals = {
        SVG: (415, "evidence.not_a_photograph"),
        moving("png"): (422, "evidence.animated"),
        png_claiming(60_000, 60_000): (422, "evidence.too_many_pixels"),
        written(board())[:-400]: (422, "evidence.damaged"),
    }
    for file, refusal in refusals.items():
        answer = station.put(file, **{"content-type": "image/jpeg"})
        assert (answer.status_code, answer.json()["code"]) == refusal
        assert answer.json()["detail_th"]
    assert outbox.take(database, 1) == []
    assert list(station.sealed.names()) == list(station.public.names()) == []


def test_the_kind_is_decided_by_decoding_not_by_the_header(station: Station) -> None:
    for place, called in enumerate(["image/png", "text/html", "application/pdf", ""]):
        assert station.put(written(board(64 + place)), **{"content-type": called}).status_code == 201
    assert all(name.endswith(".jpg") for name in station.sealed.names())


@pytest.mark.parametrize(
    "photograph",
    [
        jpeg_with_segment(0xE1, looping_exif()),
        jpeg_with_segment(0xE1, b"Exif\0\0nonsense"),
        jpeg_with_segment(0xE1, b"Exif\0\0"),
        jpeg_with_segment(0xE2, b"MPF\0II*\0" + bytes(40)),
        written(board(), icc_profile=wide_gamut_profile()),
        written(board(), "png", icc_profile=wide_gamut_profile()[:60_000]),
    ],
)
def test_monstrous_metadata_costs_the_photograph_nothing(judge: Judge, photograph: bytes) -> None:
    assert corners(judge(photograph)[1]) == ["red", "green", "blue", "white"]


def test_a_file_that_is_refused_for_its_cost_disturbs_nobody(station: Station) -> None:
    greedy = written(Image.new("RGBA", (8192, 8192), (1, 2, 3, 9)), "png", compress_level=1)
    with ThreadPoolExecutor(4) as phones:
        costly = phones.submit(station.put, greedy, phone="greedy")
        honest = [phones.submit(station.put, written(board(300 + n, 200)), phone=f"p{n}") for n in range(6)]
        assert [answer.result().status_code for answer in honest] == [201] * 6
        assert costly.result().json()["code"] == "evidence.too_costly"


@pytest.mark.slow
def test_a_file_that_burns_processor_time_is_ended(judge: Judge) -> None:
    ended = judge(many_scans(14_000_000))
    assert ended in ((-signal.SIGXCPU, b""), (LATE, b"")), "where the machine is busy with others, its clock is first"


def many_scans(size: int) -> bytes:
    """A progressive JPEG of 67 million pixels that says the same refinement over and over."""
    whole = written(Image.new("L", (8192, 8192)), progressive=True)
    scans = whole.split(b"\xff\xda")
    tables, scan = scans[-2][scans[-2].rfind(b"\xff\xc4") :], b"\xff\xda" + scans[-1].removesuffix(b"\xff\xd9")
    again = tables + scan
    return whole.removesuffix(b"\xff\xd9") + again * ((size - len(whole)) // len(again)) + b"\xff\xd9"


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(kind=st.sampled_from(sorted(SHORT)), data=st.data())
def test_any_bytes_end_in_a_verdict_and_the_decoder_lives_on(judge: Judge, kind: str, data: st.DataObject) -> None:
    whole = bytearray(SHORT[kind])
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(whole) - 1))
        whole[place : place + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=6))
    status, copy = judge(bytes(whole))
    assert status in list(Outcome) or status < 0
    assert not copy or bare_jpeg_size(copy) is not None


def test_a_decoder_that_was_killed_is_replaced(station: Station) -> None:
    assert station.put(written(board(64, 48))).status_code == 201
    for worker in station.darkroom._all:
        if worker._process is not None:
            worker._process.kill()
            worker._process.wait()
    assert station.put(written(board(65, 48))).status_code == 201


def test_a_photograph_under_the_name_of_another_is_refused(station: Station) -> None:
    wrong = station.put(written(board()), name="0" * 64)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "evidence.wrong_hash")
    assert list(station.sealed.names()) == []

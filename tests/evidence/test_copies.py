"""The published copy: upright, of a bounded size, and nothing but the pixels that people see."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest
from PIL import Image

from sapparot.base.clock import FixedClock
from sapparot.base.database import pool
from sapparot.base.objects import Objects
from sapparot.base.problems import Problem
from sapparot.evidence.darkroom import Darkroom
from sapparot.evidence.photographs import Photographs
from sapparot.evidence.rules import bare_jpeg_size
from sapparot.evidence.sandbox import Outcome
from tests.evidence.pictures import FORMATS, SECRET, board, corners, exif, talkative, written
from tests.evidence.serving import NOW

Judge = Callable[[bytes], tuple[int, bytes]]
UPRIGHT = ["red", "green", "blue", "white"]
HELD = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_90",
    7: "TRANSVERSE",
    8: "ROTATE_270",
}


@pytest.mark.parametrize("kind", FORMATS)
def test_no_metadata_survives_in_a_copy(judge: Judge, kind: str) -> None:
    photograph = talkative(kind)
    assert SECRET in photograph
    outcome, copy = judge(photograph)
    assert outcome == Outcome[kind.upper().replace("JPG", "JPEG")]
    assert SECRET not in copy
    assert bare_jpeg_size(copy) == (320, 240)
    assert corners(copy) == UPRIGHT


@pytest.mark.parametrize("behind", [b"\0\0\0\x1cftypmp42" + SECRET, SECRET, b"PK\x03\x04" + SECRET])
@pytest.mark.parametrize("kind", FORMATS)
def test_of_what_stands_behind_a_picture_nothing_is_published(judge: Judge, kind: str, behind: bytes) -> None:
    copy = judge(written(board(64, 48), kind) + behind)[1]
    assert bare_jpeg_size(copy) == (64, 48)
    assert SECRET not in copy


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("orientation", HELD)
def test_the_copy_is_upright_whatever_way_the_phone_was_held(judge: Judge, orientation: int, kind: str) -> None:
    held = board().transpose(Image.Transpose[HELD[orientation]])
    copy = judge(written(held, kind, exif=exif(orientation)))[1]
    assert bare_jpeg_size(copy) == (320, 240)
    assert corners(copy) == UPRIGHT


@pytest.mark.parametrize(
    ("size", "copied"),
    [
        ((5120, 2560), (2560, 1280)),
        ((300, 5120), (150, 2560)),
        ((8160, 6144), (2560, 1928)),
        ((2560, 2560), (2560, 2560)),
        ((1, 1), (1, 1)),
        ((9000, 1), (2560, 1)),
    ],
)
def test_the_copy_is_at_most_2560_pixels_long_and_never_enlarged(
    judge: Judge, size: tuple[int, int], copied: tuple[int, int]
) -> None:
    assert bare_jpeg_size(judge(written(Image.new("RGB", size, "orange")))[1]) == copied


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_what_transparency_hides_is_not_published(judge: Judge, mode: str) -> None:
    image = board().convert(mode)
    options = {"transparency": bytes(256)} if mode == "P" else {}
    if "A" in mode:
        image.putalpha(0)
    seen = corners(judge(written(image, "png", **options))[1])
    assert (seen == ["white"] * 4) is (mode in ("LA", "P", "RGBA"))


def test_the_most_restless_picture_fits_the_limits(judge: Judge) -> None:
    noise = Image.effect_noise((2560, 2560), 255).point(lambda value: 255 * (value > 127))
    outcome, copy = judge(written(Image.merge("RGB", [noise, noise.rotate(90), noise.rotate(180)])))
    assert outcome == Outcome.JPEG
    assert bare_jpeg_size(copy) == (2560, 2560)


def test_the_same_pixels_give_the_same_copy_in_another_process(judge: Judge, tmp_path: Path) -> None:
    photograph = written(board(), quality=90)
    assert judge(photograph)[1] == judge(photograph + b"\0")[1] == _by_another_process(photograph, tmp_path)


def _by_another_process(photograph: bytes, scratch: Path) -> bytes:
    async def developed() -> bytes:
        darkroom = Darkroom(scratch, workers=1)
        try:
            with (scratch / "photograph").open("w+b") as file:
                file.write(photograph)
                file.flush()
                return (await darkroom.develop(file))[1]
        finally:
            await darkroom.close()

    return asyncio.run(developed())


def test_the_second_picture_of_a_phone_file_stays_behind(judge: Judge) -> None:
    file = io.BytesIO()
    board().save(file, "MPO", save_all=True, append_images=[Image.new("RGB", (320, 240), "black")])
    outcome, copy = judge(file.getvalue())
    assert outcome == Outcome.JPEG
    assert bare_jpeg_size(copy) == (320, 240)
    assert corners(copy) == UPRIGHT


class Subverted(Darkroom):
    """A darkroom whose decoder was taken over and hands out what it likes."""

    async def develop(self, photograph: BinaryIO) -> tuple[int, bytes]:
        return Outcome.JPEG, written(board(), exif=exif())


def test_a_copy_that_holds_more_than_a_picture_is_not_published(tmp_path: Path) -> None:
    stores = Objects.at(tmp_path / "sealed"), Objects.at(tmp_path / "public")

    async def keep() -> None:
        database = pool("postgresql:///nowhere", 1)
        photographs = Photographs(database, Subverted(tmp_path), stores, FixedClock(NOW))
        await photographs.keep(io.BytesIO(b"photograph"), "0" * 64, "phone")

    with pytest.raises(Problem) as caught:
        asyncio.run(keep())
    assert caught.value.kind.code == "evidence.damaged"
    assert [name for store in stores for name in store.names()] == []

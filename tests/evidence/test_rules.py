"""A published copy holds a picture and nothing else; a photograph is named by its hash."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapparot.base.problems import Problem
from sapparot.evidence.rules import bare_jpeg_size, name_in
from tests.evidence.pictures import SECRET, board, exif, jpeg_with_segment, written

BARE = written(board(), progressive=True)


def test_a_picture_and_nothing_else_is_bare() -> None:
    assert bare_jpeg_size(BARE) == bare_jpeg_size(written(board())) == (320, 240)


@pytest.mark.parametrize("marker", [*range(0xE0, 0xF0), 0xFE, 0xDC, 0xF0, 0xC8])
def test_a_segment_that_is_not_part_of_the_picture_is_seen(marker: int) -> None:
    assert bare_jpeg_size(jpeg_with_segment(marker, SECRET)) is None


@pytest.mark.parametrize("options", [{"exif": exif()}, {"comment": SECRET}, {"icc_profile": SECRET}, {"xmp": SECRET}])
def test_metadata_that_pillow_writes_is_seen(options: dict[str, Any]) -> None:
    assert bare_jpeg_size(written(board(), **options)) is None


@given(st.binary(min_size=1, max_size=100))
def test_bytes_behind_the_picture_are_seen(behind: bytes) -> None:
    assert bare_jpeg_size(BARE + behind) is None


@given(st.integers(0, len(BARE) - 1))
def test_an_incomplete_picture_is_not_bare(length: int) -> None:
    assert bare_jpeg_size(BARE[:length]) is None


@given(st.binary(max_size=2000))
def test_any_bytes_are_judged(data: bytes) -> None:
    assert bare_jpeg_size(data) is None
    bare_jpeg_size(BARE[:20] + data)


@pytest.mark.parametrize(
    "name", ["", "ab", "A" * 64, "g" * 64, "a" * 63, "a" * 65, "a" * 64 + "\n", "a" * 64 + "/", "../" + "a" * 64]
)
def test_a_name_that_is_no_hash_is_refused(name: str) -> None:
    with pytest.raises(Problem) as caught:
        name_in("/v1/evidence/" + name)
    assert caught.value.kind.code == "evidence.bad_name"
    assert name_in("/v1/evidence/" + "a" * 64) == "a" * 64

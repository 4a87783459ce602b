"""A photograph that is another file as well is refused by every way in; what phones put behind a photograph is taken."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from collections.abc import Callable

import pytest

from sapparot.base import outbox
from sapparot.base.database import Connection
from sapparot.evidence.rules import bare_jpeg_size
from sapparot.evidence.sandbox import PDF_WITHIN, Outcome
from tests.evidence.conftest import Station
from tests.evidence.pictures import FORMATS, board, jpeg_with_segment, written
from tests.evidence.sending import Sender, code

Judge = Callable[[bytes], tuple[int, bytes]]
PAGE = b"<!DOCTYPE html><html><body><script>alert(1)</script></body></html>"
MARKUP = (
    PAGE,
    b"<HTML><HEAD></HEAD><BODY onload=alert(1)>",
    b"<html lang='th'><img src=x onerror=alert(1)>",
    b"<ScRiPt src=//evil.example/x.js></sCrIpT>",
    b"<script>alert(1)</script>",
    b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    b"<svg onload=alert(1)>",
    b"<?php system($_GET['c']); ?>",
    b"<?PHP\nsystem($_GET['c']);",
)
RAR = b"Rar!\x1a\x07\x01\x00" + bytes(40)
SEVEN = b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(40)
XMP = b"""<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Adobe XMP Core 5.1.0">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:GCamera="http://ns.google.com/photos/1.0/camera/"
xmlns:Container="http://ns.google.com/photos/1.0/container/" GCamera:MotionPhoto="1"><Container:Directory><rdf:Seq>
<rdf:li rdf:parseType="Resource">
<Container:Item Item:Mime="video/mp4" Item:Semantic="MotionPhoto" Item:Length="5000"/></rdf:li></rdf:Seq></Container:Directory>
</rdf:Description>
</rdf:RDF></x:xmpmeta><?xpacket end="w"?>"""


def archived(picture: bytes = b"", name: str = "META-INF/MANIFEST.MF", comment: bytes = b"") -> bytes:
    """The picture with a real ZIP behind it, as Python, Java and Info-ZIP open it."""
    file = io.BytesIO(picture)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(name, "Main-Class: Evil\n")
        archive.comment = comment
    assert zipfile.is_zipfile(file)
    return file.getvalue()


def box(name: bytes, data: bytes) -> bytes:
    """A box of an MP4 or HEIF file."""
    return struct.pack(">I", len(data) + 8) + name + data


FILM = (
    box(b"ftyp", b"mp42\0\0\0\0isommp42") + box(b"moov", bytes(900)) + box(b"mdat", random.Random(7).randbytes(400_000))
)
SAMSUNG = b"\0\0\x30\x0a\x10\0\0\0MotionPhoto_Data" + FILM + b"SEFHj\0\0\0\1\0\0\0" + bytes(12) + b"\x18\0\0\0SEFT"


@pytest.mark.parametrize("kind", FORMATS)
def test_a_picture_with_an_archive_behind_it_is_refused(judge: Judge, kind: str) -> None:
    picture, whole = written(board(), kind), archived()
    end = whole.index(b"PK\5\6")
    for archive in (
        archived(picture),
        archived(picture, "word/document.xml", b"a comment " * 100),
        picture + archived(),
        picture + archived() + bytes(200_000),
        picture + whole[:end] + b"\0" + whole[end:],
        picture + whole[: end + 12] + bytes([whole[end + 12] - 1]) + whole[end + 13 :],
        picture + RAR,
        picture + SEVEN,
    ):
        assert judge(archive) == (Outcome.ALSO_ANOTHER, b"")


def test_a_zip_of_the_long_kind_is_refused_too(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 0)
    archive = archived(written(board()))
    assert b"PK\x06\x07" in archive
    assert judge(archive) == (Outcome.ALSO_ANOTHER, b"")


@pytest.mark.parametrize("markup", MARKUP)
def test_a_page_or_script_is_refused_wherever_it_stands(judge: Judge, markup: bytes) -> None:
    places = [jpeg_with_segment(0xFE, markup), jpeg_with_segment(0xE1, b"Exif\0\0" + markup)]
    places += [written(board(64, 48), kind) + markup for kind in FORMATS]
    assert [judge(place) for place in places] == [(Outcome.ALSO_ANOTHER, b"")] * len(places)


def test_a_page_in_the_metadata_of_a_webp_or_heic_is_refused(judge: Judge) -> None:
    for kind in ("webp", "heic"):
        hidden = written(board(), kind, xmp=b"<x:xmpmeta>" + PAGE + b"</x:xmpmeta>")
        assert judge(hidden) == (Outcome.ALSO_ANOTHER, b"")


def test_a_pdf_is_refused_where_programs_open_it(judge: Judge) -> None:
    assert judge(jpeg_with_segment(0xFE, b"\n%PDF-1.7\n1 0 obj\n")) == (Outcome.ALSO_ANOTHER, b"")
    picture = written(board(640, 480))
    assert len(picture) > PDF_WITHIN
    assert judge(picture + b"%PDF-1.7 is opened by no program so far behind")[0] == Outcome.JPEG


@pytest.mark.parametrize(
    "photograph",
    [
        written(board()) + FILM,
        written(board(), xmp=XMP) + FILM,
        written(board()) + SAMSUNG,
        written(board()) + written(board(64, 48)),
        written(board(), xmp=XMP, comment=b"a < b, PK\5\6, <svg, <htm, 7z and Rar!"),
        written(board(), "heic", xmp=XMP),
        written(board(), "heic") + box(b"mpvd", FILM),
        written(board(), "webp", xmp=XMP),
        written(board(), "png") + FILM,
    ],
)
def test_what_phones_put_behind_and_into_a_photograph_is_taken(judge: Judge, photograph: bytes) -> None:
    status, copy = judge(photograph)
    assert status in (Outcome.JPEG, Outcome.PNG, Outcome.WEBP, Outcome.HEIC)
    assert bare_jpeg_size(copy) == (320, 240)


def test_what_compressed_pixels_hold_by_chance_is_taken(judge: Judge) -> None:
    chance = random.Random(1)
    letters = (
        b"PK\5\6",
        b"PK\1\2",
        b"PK\6\7",
        b"PK\3\4",
        b"<svg",
        b"<svg ",
        b"<html>\x90",
        b"<?php \xfe",
        b"<script\x80",
        b"%PDF-",
        b"7z\xbc\xaf",
    )
    noise = b"".join(part for some in letters * 50 for part in (chance.randbytes(20_000), some))
    assert judge(written(board()) + noise)[0] == Outcome.JPEG


def test_every_way_in_says_why_and_keeps_nothing(station: Station, database: Connection) -> None:
    for file in (archived(written(board())), written(board()) + PAGE):
        answer = station.put(file)
        assert (answer.status_code, answer.json()["code"]) == (422, "evidence.also_another_file")
        assert "ZIP" in answer.json()["detail_th"] and "web page" in answer.json()["detail"]
        phone = Sender(station)
        assert code(phone.begin(file, file)) == (422, "evidence.also_another_file")
        path = phone.begun(file)
        assert phone.patch(path, 0, file[:100]).status_code == 204
        assert code(phone.patch(path, 100, file[100:])) == (422, "evidence.also_another_file")
        assert phone.say("HEAD", path).status_code == 404
    assert outbox.take(database, 1) == []
    assert list(station.sealed.names()) == list(station.public.names()) == []
    assert station.put(written(board()) + FILM).status_code == 201

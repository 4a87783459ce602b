"""A photograph is taken down: its files go and stay gone, the log stays as it was."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from sapparot import cli, evidence
from sapparot.base import canonical, outbox
from sapparot.base.database import Connection, pool
from sapparot.base.jws import SigningKey
from sapparot.base.objects import Objects
from sapparot.base.problems import Problem
from sapparot.evidence.store import find
from sapparot.ledger.store import append, load_tree
from tests.evidence.conftest import Station
from tests.evidence.pictures import board, exif, written

Run = Callable[..., Result]
PHONE = SigningKey.from_secret("EdDSA", b"k" * 32)
LIAR = SigningKey.from_secret("EdDSA", b"l" * 32)


@pytest.fixture
def station(open_station: Callable[..., Station], tmp_path: Path) -> Station:
    return open_station(data=tmp_path)


@pytest.fixture
def remove(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command, as an operator types it beside a running server."""
    monkeypatch.setenv("SAPPAROT_DATABASE_URL", database_url)
    return lambda name: CliRunner().invoke(cli.cli, ["evidence", "remove", name, "--data", str(tmp_path)])


@pytest.fixture
def bucket(bucket: str, monkeypatch: pytest.MonkeyPatch) -> Objects:
    monkeypatch.setenv("SAPPAROT_PUBLIC", bucket)
    return Objects.at(bucket)


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def files(station: Station) -> list[str]:
    return sorted([*station.public.names("v1/evidence"), *station.sealed.names("v1/evidence")])


def say(database: Connection, payload: bytes, signer: SigningKey) -> None:
    """Put a report into the log, among entries that cannot be read."""
    jws = signer.sign(payload, "sapparot-report+jwt")
    odd = [b"{", b'{"jws":7}', b"[]", b'{"jws":"a.b"}']
    bodies = [*odd, canonical.encode({"kind": "report", "v": 1, "jws": jws})]
    append(database, load_tree(database), [("report", body) for body in bodies])
    database.commit()


def together(photograph: bytes, small: str) -> bytes:
    """A report that names two photographs as one."""
    shots = [{"role": "form", "sha256": sha(photograph), "small": small}]
    return canonical.encode({"v": 1, "evidence": shots})


def entries(database: Connection) -> list[str]:
    return [canonical.decode(one.body)["original"] for one in outbox.take(database, 1000)]


@pytest.mark.parametrize("by", ["original", "published"])
def test_the_files_of_a_photograph_go_and_its_entry_stays(
    by: str, station: Station, remove: Run, database: Connection
) -> None:
    photograph, other = written(board()), written(board(64, 48))
    kept, before = station.put(photograph).json(), station.put(other).json()
    there = [f"v1/evidence/{before['published']}.jpg", f"v1/evidence/{sha(other)}.jpg"]
    for _ in range(2):
        said = remove(kept[by])
        assert (said.exit_code, said.output) == (0, f"{sha(photograph)} {kept['published']}\n")
        assert files(station) == sorted(there)
    assert entries(database) == [sha(photograph), sha(other)]
    assert evidence.published(database, sha(photograph)) == kept["published"]


def test_the_same_pixels_are_not_published_again(station: Station, remove: Run, database: Connection) -> None:
    photograph = written(board())
    again = written(board(), exif=exif())
    kept = station.put(photograph).json()
    assert remove(sha(photograph)).exit_code == 0
    assert station.put(photograph).status_code == 200
    answer = station.put(again)
    assert (answer.status_code, answer.json()["published"]) == (201, kept["published"]), "the same copy of another file"
    assert files(station) == []
    assert entries(database) == [sha(photograph), sha(again)]
    assert asyncio.run(_published(station.database_url, [sha(photograph), sha(again)])) == {
        sha(photograph): None,
        sha(again): None,
    }


def test_one_that_was_under_way_while_it_was_taken_down_is_not_left_behind(
    station: Station, remove: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    photograph = written(board())
    station.put(photograph)

    async def not_yet(*_: object) -> bool:
        return False

    assert remove(sha(photograph)).exit_code == 0
    monkeypatch.setattr("sapparot.evidence.store.taken_down", not_yet)
    assert station.put(written(board(), exif=exif())).status_code == 201
    assert files(station) == []


@pytest.mark.parametrize("escaped", [False, True])
def test_the_small_copy_that_the_same_device_brought_and_named_goes_with_it(
    escaped: bool, station: Station, remove: Run, database: Connection
) -> None:
    photograph, small = written(board()), written(board(64, 48))
    for one in (photograph, small):
        station.put(one, phone=PHONE.kid)
    first, rest = sha(photograph)[0], sha(photograph)[1:]
    payload = together(photograph, sha(small))
    if escaped:
        payload = payload.replace((first + rest).encode(), f"\\u{ord(first):04x}{rest}".encode())
    say(database, payload, PHONE)
    say(database, together(photograph, sha(small)), LIAR)
    said = remove(sha(photograph))
    assert (said.exit_code, said.stderr) == (0, "") and sha(small) in said.stdout
    assert files(station) == []


def test_a_stranger_who_names_two_photographs_of_one_device_as_one_takes_neither_down(
    station: Station, remove: Run, database: Connection
) -> None:
    face, form = written(board()), written(board(64, 48))
    for one in (face, form):
        station.put(one, phone=PHONE.kid)
    say(database, together(face, sha(form)), LIAR)
    said = remove(sha(face))
    assert said.exit_code == 0 and f"{sha(form)} is named as the same photograph (entry 4)" in said.stderr
    assert len(files(station)) == 2 and all(sha(face) not in name for name in files(station))


@pytest.mark.parametrize("odd", ["x", "\x1b[2J", "ab" * 33, ("ab" * 32).upper()])
def test_a_name_that_is_no_hash_stops_nothing_and_is_not_printed(
    odd: str, station: Station, remove: Run, database: Connection
) -> None:
    photograph, small = written(board()), written(board(64, 48))
    for one in (photograph, small):
        station.put(one, phone=PHONE.kid)
    say(database, together(photograph, sha(small)), PHONE)
    say(database, together(photograph, odd), LIAR)
    said = remove(sha(photograph))
    assert (said.exit_code, said.stderr) == (0, "") and odd not in said.stdout.split()
    assert files(station) == []


def test_nobody_has_the_photograph_of_another_taken_down_by_naming_it_together_with_a_bad_one(
    station: Station, remove: Run, database: Connection
) -> None:
    bad, good = written(board()), written(board(64, 48))
    station.put(bad, phone=LIAR.kid)
    station.put(good, phone=PHONE.kid)
    say(database, together(bad, sha(good)), LIAR)
    said = remove(sha(bad))
    assert said.exit_code == 0 and f"{sha(good)} is named as the same photograph (entry 4)" in said.output
    assert len(files(station)) == 2 and all(sha(bad) not in name for name in files(station))
    assert remove(sha(good)).exit_code == 0 and files(station) == []


@pytest.mark.parametrize(("name", "code"), [("ab" * 32, "evidence.unknown"), ("photograph", "evidence.bad_name")])
def test_what_was_never_kept_is_refused(name: str, code: str, remove: Run, station: Station) -> None:
    said = remove(name)
    assert isinstance(said.exception, Problem) and said.exception.kind.code == code


def test_it_goes_from_a_bucket_too(station: Station, remove: Run, bucket: Objects) -> None:
    kept = station.put(written(board())).json()
    name = f"v1/evidence/{kept['published']}.jpg"
    bucket.put(name, station.public.get(name))
    for _ in range(2):
        assert remove(kept["published"]).exit_code == 0
        assert list(bucket.names()) == [] and list(station.sealed.names("v1/evidence")) == []


async def _published(url: str, originals: list[str]) -> dict[str, str | None]:
    async with pool(url, 1) as database, database.connection() as connection:
        for one in originals:
            kept = await find(connection, one)
            assert kept is not None and kept.removed
        return await evidence.published_of(connection, originals)

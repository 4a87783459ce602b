"""Named bytes: what is not there is not there, and no name leads out of the store."""

from __future__ import annotations

from pathlib import Path
from threading import Barrier

import pytest

from sapparot.base.objects import AT_ONCE, Objects


def test_what_was_put_is_read_and_what_was_not_is_missing(tmp_path: Path) -> None:
    store = Objects.at(tmp_path / "store")
    for name in ("log/tile/0/x001/234", "v1/stations/ก ข.json", "a/b%20c"):
        store.put(name, name.encode())
        assert store.get(name) == name.encode()
    for name in ("nothing", "log", "log/tile/0", "a/b%20c/below"):
        with pytest.raises(FileNotFoundError):
            store.get(name)


@pytest.mark.parametrize("name", ["../secret", "a/../../secret", "a/./b", "a//b", "/a", "..", "a/\0b"])
def test_no_name_leads_out_of_the_store(name: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    store = Objects.at(tmp_path / "store")
    store.put("a/b", b"inside")
    with pytest.raises((ValueError, OSError)):
        store.get(name)


@pytest.mark.parametrize("elsewhere", [False, True])
def test_new_files_take_nothing_away(elsewhere: bool, tmp_path: Path, bucket: str) -> None:
    store = Objects.at(bucket if elsewhere else tmp_path / "store")
    files = {f"v1/{number}.json": b"%d" % number for number in range(40)}
    assert not store.put_new(files)
    late = {"v1/7.json": b"other", "v1/8.json": b"8", "v1/new.json": b"new"}
    assert store.put_new(late) == ["v1/7.json"]
    assert {name: store.get(name) for name in files | late} == files | {"v1/new.json": b"new"}


def test_a_store_that_cannot_tell_what_is_new_takes_all(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CONDITIONAL_PUT", "disabled")
    store = Objects.at(bucket)
    for data in (b"one", b"two"):
        assert not store.put_new({"a": data})
        assert store.get("a") == data


def test_what_is_elsewhere_is_asked_for_many_things_at_once(bucket: str) -> None:
    together = Barrier(AT_ONCE, timeout=20)
    Objects.at(bucket).together(lambda _: together.wait(), range(AT_ONCE))
    with pytest.raises(FileNotFoundError):
        Objects.at(bucket).together(Objects.at(bucket).get, ["nothing"])

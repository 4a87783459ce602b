"""Named bytes: what is not there is not there, and no name leads out of the store."""

from __future__ import annotations

from pathlib import Path

import pytest

from sapparot.base.objects import Objects


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

"""Secrets are made once, whole, and for their owner alone."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sapparot.base.disk import CannotWrite
from sapparot.base.keys import SecretDamaged, secret_file, signing_key


def test_a_secret_is_made_once_and_is_the_same_ever_after(tmp_path: Path) -> None:
    first = secret_file(tmp_path / "secrets" / "a.key")
    assert len(first) == 32
    assert secret_file(tmp_path / "secrets" / "a.key") == first != secret_file(tmp_path / "secrets" / "b.key")
    assert signing_key(tmp_path / "secrets" / "a.key").kid == signing_key(tmp_path / "secrets" / "a.key").kid


def test_a_secret_for_which_there_is_no_room_leaves_nothing_and_is_made_when_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(CannotWrite, match="No space left"):
            secret_file(tmp_path / "a.key")
    assert list(tmp_path.iterdir()) == []
    assert len(secret_file(tmp_path / "a.key")) == 32


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_only_its_owner_may_read_it_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        secret_file(tmp_path / "secrets" / "a.key")
    finally:
        os.umask(before)
    assert (tmp_path / "secrets" / "a.key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0
    assert [path.name for path in (tmp_path / "secrets").iterdir()] == ["a.key"], "nothing else is left"


def test_processes_that_start_together_read_one_secret(tmp_path: Path) -> None:
    program = "import sys; from pathlib import Path; from sapparot.base.keys import secret_file\nsys.stdin.read()\n"
    program += "print(secret_file(Path(sys.argv[1])).hex())"
    starters = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path / "a.key")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for _ in range(4)
    ]
    for starter in starters:
        assert starter.stdin is not None
        starter.stdin.close()
    said = set()
    for starter in starters:
        assert starter.stdout is not None
        said.add(starter.stdout.read())
        assert starter.wait(60) == 0
    assert len(said) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["a.key"]


@pytest.mark.parametrize("held", ["", "x", "00", "zz" * 32, "00" * 31, "00" * 33, "00" * 32 + " 00"])
def test_a_secret_that_was_damaged_is_never_replaced_in_silence(tmp_path: Path, held: str) -> None:
    (tmp_path / "a.key").write_text(held)
    with pytest.raises(SecretDamaged, match=r"a\.key"):
        secret_file(tmp_path / "a.key")
    assert (tmp_path / "a.key").read_text() == held

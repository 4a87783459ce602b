"""What identifies a person is sealed for that person and that use, under a key that can be replaced."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sapparot.people import Vault
from sapparot.people.persons.facts import Particulars
from sapparot.people.persons.vault import VaultLocked

WHO = Particulars("สมชาย ใจดี", "+66812345678")
ID = uuid.UUID(int=7)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path)


def test_the_same_data_sealed_twice_differ_and_both_open(vault: Vault) -> None:
    one, two = vault.seal(ID, WHO), vault.seal(ID, WHO)
    assert one != two
    assert one[17:] != two[17:], "not only the nonce differs"
    assert vault.open(ID, one, Particulars) == vault.open(ID, two, Particulars) == WHO


def test_nothing_readable_is_left_in_what_is_sealed(vault: Vault) -> None:
    sealed = vault.seal(ID, WHO)
    assert not any(word.encode() in sealed for word in ("สมชาย", "812345678", "name", "phone"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(min_size=1, max_size=24), st.text(min_size=1, max_size=24))
def test_the_length_tells_nothing_about_short_names(vault: Vault, one: str, two: str) -> None:
    lengths = [len(vault.seal(ID, Particulars(name, "+66812345678"))) for name in (one, two)]
    assert all((length - 5 - 12 - 16) % 64 == 0 for length in lengths)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_changed_shortened_or_lengthened_blob_does_not_open(vault: Vault, data: st.DataObject) -> None:
    sealed = bytearray(vault.seal(ID, WHO))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= data.draw(st.integers(1, 255))
    for broken in (bytes(sealed), vault.seal(ID, WHO)[:place], vault.seal(ID, WHO) + b"\0"):
        with pytest.raises(VaultLocked):
            vault.open(ID, broken, Particulars)


def test_a_blob_in_another_row_or_for_another_use_does_not_open(vault: Vault) -> None:
    with pytest.raises(VaultLocked):
        vault.open(uuid.UUID(int=8), vault.seal(ID, WHO), Particulars)
    with pytest.raises(VaultLocked):
        vault.open(ID, vault.seal(ID, WHO, "application"), Particulars)


def test_a_new_key_seals_and_the_older_one_still_opens(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    old = vault.seal(ID, WHO)
    phone = vault.find(WHO.phone)
    assert vault.advance() == 2
    new = vault.seal(ID, WHO)
    assert (old.startswith(vault.head), new.startswith(vault.head)) == (False, True)
    later = Vault(tmp_path)
    assert later.open(ID, old, Particulars) == later.open(ID, new, Particulars) == WHO
    assert later.find(WHO.phone) == phone, "telephones are still found"
    assert later.seal(ID, WHO).startswith(vault.head)


def test_another_process_opens_what_was_sealed_under_a_key_made_after_its_start(tmp_path: Path) -> None:
    early, other = Vault(tmp_path), Vault(tmp_path)
    other.advance()
    assert early.open(ID, other.seal(ID, WHO), Particulars) == WHO


def test_without_its_key_nothing_opens_and_the_key_is_named(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    sealed = vault.seal(ID, WHO)
    vault.advance()
    (tmp_path / "vault/1.key").unlink()
    with pytest.raises(VaultLocked, match=r"secrets/vault/1\.key is missing"):
        Vault(tmp_path).open(ID, sealed, Particulars)


def test_a_telephone_is_found_under_the_secret_of_this_installation_only(tmp_path: Path) -> None:
    one, other = Vault(tmp_path / "one"), Vault(tmp_path / "other")
    assert one.find("+66812345678") == Vault(tmp_path / "one").find("+66812345678") != other.find("+66812345678")
    assert one.find("+66812345678") != one.find("+66812345679")


def test_keys_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    Vault(tmp_path)
    assert {path.stat().st_mode & 0o077 for path in [*tmp_path.rglob("*.key")]} == {0}
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.key")) == [
        "phones.key",
        "vault/1.key",
    ]

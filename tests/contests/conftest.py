"""The small election, as tables and as entries."""

import pytest

from sapparot.base.shipped import shipped
from sapparot.contests import define, read_folder


@pytest.fixture(scope="session")
def small() -> dict[str, bytes]:
    """The tables of the small election."""
    return read_folder(shipped("data") / "elections" / "small")


@pytest.fixture(scope="session")
def small_entries(small: dict[str, bytes]) -> list[tuple[str, bytes]]:
    """Its definition entries."""
    return define(small)


@pytest.fixture(scope="session")
def small_bodies(small_entries: list[tuple[str, bytes]]) -> list[bytes]:
    """Their bodies, header first."""
    return [body for _, body in small_entries]

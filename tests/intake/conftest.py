"""Doors over a database of their own; one pair serves all tests of a module that leave each other alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import Databases
from tests.intake.phones import Front, Phone, Served, serving


@pytest.fixture(scope="module")
def front(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Doors that every test of the module calls."""
    with databases.lent() as url, serving(url, tmp_path_factory.mktemp("front")) as running:
        yield running


@pytest.fixture
def own(database_url: str, tmp_path: Path) -> Iterator[Served]:
    """Doors of this test alone."""
    with serving(database_url, tmp_path) as running:
        yield running


@pytest.fixture(scope="module")
def phone(front: Front) -> Phone:
    """A phone that is enrolled."""
    return front.phone()

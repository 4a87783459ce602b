"""Doors over a database of their own; one pair serves all tests of a module that leave each other alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sapparot.base.database import connect
from tests.conftest import database_at
from tests.intake.phones import Front, Phone, Served, run_id, serving


@pytest.fixture(scope="module")
def front(server: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Doors that every test of the module calls."""
    name = f"front_{run_id()}"
    with connect(server, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    with serving(database_at(server, name), tmp_path_factory.mktemp("front")) as running:
        yield running
    with connect(server, autocommit=True) as admin:
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def own(database_url: str, tmp_path: Path) -> Iterator[Served]:
    """Doors of this test alone."""
    with serving(database_url, tmp_path) as running:
        yield running


@pytest.fixture(scope="module")
def phone(front: Front) -> Phone:
    """A phone that is enrolled."""
    return front.phone()

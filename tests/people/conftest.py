"""The same doors as for reports, and a town of persons."""

from pathlib import Path

import pytest

from tests.intake.conftest import front, own
from tests.people.persons_cast import Town

__all__ = ["front", "own"]


@pytest.fixture
def town(database_url: str, tmp_path: Path) -> Town:
    """Two networks without people."""
    return Town(database_url, tmp_path)

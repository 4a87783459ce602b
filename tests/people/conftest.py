"""The same doors as for reports."""

from tests.intake.conftest import front, own

__all__ = ["front", "own"]

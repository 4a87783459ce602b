"""Files that come with the program beside its code: migrations, elections, policies."""

from __future__ import annotations

from importlib import resources
from pathlib import Path


def shipped(name: str) -> Path:
    """Return the directory ``name``: in the repository, or inside the installed package."""
    beside = Path(__file__).resolve().parents[3] / name
    return beside if beside.is_dir() else Path(str(resources.files("sapparot"))) / "shipped" / name

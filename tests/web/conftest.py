"""The public pages over published files of an evening, asked through HTTP without a port."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from sapparot.base.objects import Objects
from tests.intake.phones import Front
from tests.people.cast import Browser, person, signed_in
from tests.web.evenings import Evening
from tests.web.leading import OTHER
from tests.web.serving import pages, publish
from tests.web.sheets import Log

Ask = Callable[[Evening | None], TestClient[Litestar]]


@pytest.fixture
def log() -> Log:
    """The entries about sheets that the pages can read."""
    return Log()


@pytest.fixture
def ask(tmp_path: Path, log: Log) -> Iterator[Ask]:
    """Publish an evening (or nothing) and return a client of the pages."""
    with ExitStack() as stack:

        def opened(evening: Evening | None) -> TestClient[Litestar]:
            if evening is not None:
                publish(Objects.at(tmp_path), evening)
            return stack.enter_context(TestClient(pages(tmp_path, log)))

        yield opened


@pytest.fixture(scope="module")
def organiser(front: Front) -> Browser:
    return signed_in(front, person(front, roles=("organiser",), who=("ผู้จัด โหวต", "+66620000001")))


@pytest.fixture(scope="module")
def stranger(front: Front) -> Browser:
    """The organiser of the other network."""
    return signed_in(front, person(front, OTHER, roles=("organiser",)))

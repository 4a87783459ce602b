"""A real PostgreSQL for every test that asks for one: one server a run, one database a test."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import settings

from sapparot.base.database import Connection, connect, migrate
from sapparot.base.embedded import Embedded
from tests.databases import Databases, at

# Continuous integration judges a change, so it tries the same examples every time; developers' machines look for new ones. No example
# has a deadline: the machines are noisy. Who changed a rule looks deeper: make check ARGS="--hypothesis-profile=deep".
settings.register_profile("ci", deadline=None, max_examples=50, derandomize=True)
settings.register_profile("here", deadline=None, max_examples=50)
settings.register_profile("deep", deadline=None, max_examples=1000)
settings.load_profile("ci" if os.environ.get("CI") else "here")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what asks for a database; drive browsers last, and leave them out aloud where there is none, but in continuous integration.

    Last, because the driver keeps an event loop running in this thread, in which nobody else can run one. Modules in which something
    takes long come first, so that at the end no core waits for the other: ``make`` gives a whole module to one core.
    """
    for item in items:
        if "databases" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.database)
    long = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (bool(item.get_closest_marker("browser")), item.path not in long))
    if os.environ.get("CI") or any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")):
        return
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason="no Chromium on this machine; see tools/setup.py browser"))


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of a server with a migrated template database."""
    given = os.environ.get("SAPPAROT_TEST_DATABASE_URL")
    if given:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="sapparot-test-") as directory:
        Path(directory).chmod(0o755)
        with Embedded(Path(directory)) as embedded:
            with connect(
                embedded.url, autocommit=True
            ) as admin:  # what a power failure takes from these tests is of no use
                admin.execute("ALTER SYSTEM SET fsync = off")
                admin.execute("SELECT pg_reload_conf()")
            yield embedded.url
            assert embedded._process is not None
            embedded._process.send_signal(signal.SIGQUIT)  # at once: nobody needs what it would still write down


@pytest.fixture(scope="session")
def template(server: str) -> str:
    name = f"template_{os.getpid()}"
    with connect(server, autocommit=True) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{name}"')
        admin.execute(f'CREATE DATABASE "{name}"')
    migrate(at(server, name))
    return name


@pytest.fixture(scope="session")
def databases(server: str, template: str) -> Iterator[Databases]:
    """Lends fresh, migrated databases."""
    lending = Databases(server, template)
    yield lending
    if os.environ.get("SAPPAROT_TEST_DATABASE_URL"):
        lending.close()


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """A fresh, migrated database of this test alone."""
    with databases.lent() as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Connection]:
    """One open connection to the test's own database."""
    with connect(database_url) as connection:
        yield connection


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Give the URL of a place in a store that speaks S3, with its access in the environment."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    access = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}
    place = {"AWS_ENDPOINT_URL": f"http://{host}:{port}", "AWS_ALLOW_HTTP": "true"}
    for name, value in (access | place).items():
        monkeypatch.setenv(name, value)
    assert httpx.post(f"http://{host}:{port}/moto-api/reset").status_code == 200  # what it keeps outlives the server
    assert httpx.put(f"http://{host}:{port}/count").status_code == 200
    yield "s3://count/public"
    server.stop()

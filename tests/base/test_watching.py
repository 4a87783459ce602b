"""A process that answers no phone and no browser tells those who watch it how it fares, where it is asked to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from prometheus_client import REGISTRY

from bench.kill import free_port
from sapparot.base.operators import operator_token
from sapparot.ledger import cosigner_doors, cosigning, mirror_doors
from tests.base.test_commands import refused
from tests.base.test_shared import up
from tests.intake.phones import eventually

PAGE = Path(__file__).parents[2] / "docs/howto/watch.md"
ELSEWHERE = (cosigning, cosigner_doors, mirror_doors)
"""Modules that have metrics beside ``base/metrics.py``; who imports them makes them known."""


@pytest.fixture
def watched(database_url: str, tmp_path: Path) -> Iterator[httpx.Client]:
    port = free_port()
    with (
        up(database_url, tmp_path, "keep,publish", SAPPAROT_WATCH_PORT=str(port)),
        httpx.Client(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        assert eventually(lambda: _ready(client), 60)
        yield client


def _ready(client: httpx.Client) -> bool:
    try:
        return client.get("/readyz").status_code == 200
    except httpx.ConnectError:
        return False


def test_a_process_of_workers_answers_who_watches_it_and_nobody_else(watched: httpx.Client, tmp_path: Path) -> None:
    assert watched.get("/healthz").text == "ok\n"
    assert watched.get("/metrics").status_code == 401
    operator = {"authorization": f"Bearer {operator_token(tmp_path)}"}
    assert eventually(
        lambda: 'sapparot_follower_leads{follower="publish"} 1.0' in watched.get("/metrics", headers=operator).text
    )
    for path in ("/", "/v1/latest.json", "/log/checkpoint"):
        answer = watched.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "base.not_found")


def test_a_port_that_is_taken_is_told_with_the_name_of_its_setting(watched: httpx.Client, tmp_path: Path) -> None:
    thai, english, code = refused(
        "up", "--role", "keep", "--data", tmp_path / "other", SAPPAROT_WATCH_PORT=str(watched.base_url.port)
    )
    assert (
        code == "base.cannot_listen"
        and thai.endswith("SAPPAROT_WATCH_PORT")
        and english.endswith("SAPPAROT_WATCH_PORT")
    )


def test_the_page_about_watching_names_every_metric_and_no_other() -> None:
    there = {metric.name for metric in REGISTRY.collect() if metric.name.startswith("sapparot_")}
    named = {
        re.sub(r"_(total|bucket|sum|count)$", "", name) for name in re.findall(r"sapparot_[a-z_]+", PAGE.read_text())
    }
    assert there and named == there

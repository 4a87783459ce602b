"""Published files over HTTP: caching, and nothing but what is published."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from obstore.exceptions import GenericError

from sapparot.base.database import Connection
from sapparot.base.objects import Objects
from tests.publish.doors import get, serving
from tests.publish.evening import Evening
from tests.tally.tiny import move


@pytest.fixture
def port(database: Connection, database_url: str, tmp_path: Path) -> Iterator[int]:
    evening = Evening(database, tmp_path)
    publisher = evening.publisher()
    evening.step(publisher)
    evening.say(move("A1-x-1/list", "confirmed", {"1": 100}))
    evening.step(publisher)
    evening.public.put("v1/snapshots/3/headline.json", b"not recorded")
    evening.public.put("log/secret.json", b"secret")
    with serving(database_url, tmp_path) as port:
        yield port


def test_the_pointer_is_fresh_and_what_it_points_to_is_for_ever(port: int) -> None:
    status, headers, body = get(port, "/v1/latest.json")
    assert (status, headers["cache-control"], headers["access-control-allow-origin"]) == (200, "public, max-age=5", "*")
    url = json.loads(body)["url"]
    status, headers, body = get(port, f"{url}headline.json")
    assert (status, headers["content-type"]) == (200, "application/json")
    assert headers["cache-control"] == "public, max-age=31536000, immutable"
    assert json.loads(body)["snapshot"]["n"] == 2


@pytest.mark.parametrize("path", ["/v1/latest.json", "/v1/snapshots/1/sheets.csv", "/v1/publication-key.json"])
def test_who_holds_a_file_is_not_sent_it_again(path: str, port: int) -> None:
    _, headers, body = get(port, path)
    assert body
    status, _, body = get(port, path, headers={"If-None-Match": f'"other", W/{headers["etag"]}'})
    assert (status, body) == (304, b"")


def test_every_file_of_the_manifest_can_be_fetched(port: int) -> None:
    manifest = json.loads(get(port, "/v1/snapshots/1/manifest.json")[2])
    for name, told in manifest["files"].items():
        status, headers, body = get(port, f"/v1/snapshots/1/{name}")
        assert (status, int(headers["content-length"])) == (200, told["size"])
        assert hashlib.sha256(body).hexdigest() == told["sha256"]
    assert get(port, f"/v1/definitions/{manifest['definition']}.json")[0] == 200


def test_a_head_request_has_the_headers_and_no_body(port: int) -> None:
    status, headers, body = get(port, "/v1/snapshots/1/sheets.csv", "HEAD")
    assert (status, headers["content-type"], body) == (200, "text/csv; charset=utf-8", b"")
    assert int(headers["content-length"]) > 100


@pytest.mark.parametrize(
    "path",
    [
        "/v1/snapshots/3/headline.json",
        "/v1/snapshots/1/nothing.json",
        "/v1/snapshots/01/headline.json",
        "/v1/snapshots/1/../../../log/secret.json",
        "/v1/snapshots/1/%2e%2e/%2e%2e/%2e%2e/log/secret.json",
        "/v1/snapshots/1/..%2f..%2f..%2flog%2fsecret.json",
        "/v1/snapshots//etc/passwd",
        "/v1/snapshots/1/stations/../headline.json",
        "/v1/snapshots/1/headline.json%00.csv",
        "/v1/snapshots/99999999999999999999/headline.json",
        f"/v1/snapshots/1/{'a' * 300}.json",
        f"/v1/snapshots/1/stations/{'a' * 300}.json",
        f"/v1/snapshots/1/{'a' * 300}/headline.json",
        "/v1/definitions/../latest.json",
        "/v1/definitions/" + "0" * 64 + ".json",
    ],
)
def test_nothing_else_is_found(path: str, port: int) -> None:
    status, headers, body = get(port, path)
    assert (status, headers["content-type"]) == (404, "application/problem+json")
    assert json.loads(body)["code"] == "publish.no_snapshot"


@pytest.mark.parametrize("path", ["/v1/latest.json", "/v1/snapshots/1/headline.json"])
def test_while_the_store_is_away_callers_are_told_when_to_come_back(
    path: str, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> bytes:
        raise GenericError("error sending request")

    monkeypatch.setattr(Objects, "get_async", away)
    monkeypatch.setattr(Objects, "open_async", away)
    status, headers, body = get(port, path)
    assert (status, headers["retry-after"], json.loads(body)["code"]) == (503, "2", "publish.unavailable")


def test_a_snapshot_can_be_fetched_as_soon_as_the_pointer_names_it(
    database: Connection, database_url: str, tmp_path: Path
) -> None:
    evening = Evening(database, tmp_path)
    publisher = evening.publisher()
    evening.step(publisher)
    with serving(database_url, tmp_path) as port:
        for votes in range(20):
            evening.say(move("A1-x-1/list", "confirmed", {"1": votes}))
            evening.step(publisher)
            url = json.loads(get(port, "/v1/latest.json")[2])["url"]
            assert get(port, f"{url}headline.json")[0] == 200


def test_snapshots_are_listed_from_any_number(port: int) -> None:
    listed = json.loads(get(port, "/v1/snapshots?after=1")[2])["snapshots"]
    assert [one["n"] for one in listed] == [2]
    assert listed[0]["counted"] == {"constituency": 0, "list": 1250}
    assert get(port, "/v1/snapshots?after=x")[0] == 400


@pytest.mark.parametrize(
    "path", ["/v1/snapshots/3/headline.json", "/v1/snapshots?after=x", "/v1/events?last_event_id=x"]
)
def test_a_problem_is_kept_by_no_cache_and_may_be_read_by_every_page(path: str, port: int) -> None:
    status, headers, _ = get(port, path)
    assert status in (400, 404)
    assert (headers["cache-control"], headers["access-control-allow-origin"]) == ("no-store", "*")

"""The machine side answers whatever comes with what was asked for or with a problem in both languages."""

from __future__ import annotations

import json
from typing import Annotated, Any
from uuid import UUID

import msgspec
import psycopg
import pytest
from litestar import Litestar
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.testing import TestClient

from sapparot.base.asgi import Scope
from sapparot.base.doors import BY_SESSION, Caller, Door
from sapparot.base.guard import STRANGERS_PER_MINUTE, Guard
from sapparot.base.machine import Endpoint, Machine
from sapparot.base.problems import BUSY, OPERATORS_ONLY, Problem

OPERATOR = "operator-token"
CALLERS: tuple[Caller, ...] = ("anyone", "device", "operator", *sorted(BY_SESSION))
OWN = {"sec-fetch-site": "same-origin"}


class Visit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is sent."""

    name: Annotated[str, msgspec.Meta(max_length=8)]
    people: int = 1


class Everybody:
    """An authority that believes the header ``x-caller``."""

    def seal(self, word: str) -> str:
        return word

    def knows(self, scope: Scope, who: Caller) -> bool:
        return (b"x-caller", b"somebody") in scope["headers"]

    async def admit(self, scope: Scope, who: Caller) -> str:
        named = dict(scope["headers"]).get(b"x-caller", b"").decode()
        if not named:
            raise Problem(OPERATORS_ONLY)
        scope["identity"] = named
        return str(named)


async def take(data: JSONBody[Visit]) -> Visit:
    """Take a visit."""
    return data


async def named(id: FromPath[UUID], count: FromQuery[int] = 1) -> dict[str, Any]:
    return {"id": str(id), "count": count}


async def broken() -> None:
    raise ZeroDivisionError


async def unstorable() -> None:
    raise psycopg.DataError("NUL")


async def away() -> None:
    raise psycopg.OperationalError("gone")


async def only_read() -> None:
    raise psycopg.errors.ReadOnlySqlTransaction("no")


async def told() -> None:
    raise Problem(BUSY)


ENDPOINTS = [
    Endpoint(Door("POST", "/v1/visits", "anyone", per_minute=6_000, body_limit=200), take, 201),
    Endpoint(Door("GET", "/v1/visits/{id}", "anyone", per_minute=6_000), named, problems=(BUSY,)),
    Endpoint(Door("GET", "/v1/broken", "anyone", per_minute=6_000), broken),
    Endpoint(Door("GET", "/v1/unstorable", "anyone", per_minute=6_000), unstorable),
    Endpoint(Door("GET", "/v1/away", "anyone", per_minute=6_000), away),
    Endpoint(Door("GET", "/v1/only-read", "anyone", per_minute=6_000), only_read),
    Endpoint(Door("GET", "/v1/told", "anyone", per_minute=6_000), told),
    Endpoint(Door("GET", "/v1/seldom", "anyone", per_minute=3), told),
    *(Endpoint(Door("GET", f"/v1/for/{who}", who, per_minute=6_000), told) for who in CALLERS),
    Endpoint(Door("POST", "/v1/changed", "person", per_minute=6_000, body_limit=10), told),
]


@pytest.fixture
def machine() -> Machine:
    return Machine(ENDPOINTS, Guard(Everybody(), OPERATOR))


@pytest.fixture
def client(machine: Machine) -> TestClient[Litestar]:
    return TestClient(machine.app, base_url="http://localhost.local", raise_server_exceptions=False)


def problem(answer: Any) -> tuple[int, str]:
    """Status and code of a problem, after a look at its shape."""
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    said = answer.json()
    assert said["status"] == answer.status_code
    assert {"type", "title", "title_th", "detail", "detail_th", "code"} <= set(said)
    return answer.status_code, said["code"]


def test_a_body_arrives_as_the_struct_that_the_function_names(client: TestClient[Litestar]) -> None:
    answer = client.post("/v1/visits", json={"name": "สมชาย", "people": 3})
    assert (answer.status_code, answer.json()) == (201, {"name": "สมชาย", "people": 3})


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "x", "people": "3"}, "people"), ({"name": "x" * 9}, "name"), ({"name": None}, "name"), ({}, ""),
        ({"name": "x", "people": 1.5}, "people"), ({"name": "x", "people": True}, "people"), ([], ""), (None, ""),
        ({"name": "x", "phone": "08"}, ""),
    ],
)  # fmt: skip
def test_a_field_that_is_not_valid_is_named(client: TestClient[Litestar], body: object, field: str) -> None:
    answer = client.post("/v1/visits", content=json.dumps(body), headers={"content-type": "application/json"})
    assert problem(answer) == (400, "base.invalid")
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[" * 150, b'{"name":"\\ud800"}', b"", b"name=x"])
def test_what_is_not_json_is_a_bad_request(client: TestClient[Litestar], body: bytes) -> None:
    answer = client.post("/v1/visits", content=body, headers={"content-type": "application/json"})
    status, code = problem(answer)
    assert status == 400
    assert code in ("base.bad_request", "base.invalid")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
def test_a_body_of_a_kind_that_any_page_can_send_is_refused(client: TestClient[Litestar], kind: str) -> None:
    answer = client.post("/v1/visits", content=b'{"name":"x"}', headers={"content-type": kind})
    assert problem(answer) == (415, "base.not_json")


def test_a_body_larger_than_its_door_is_refused_declared_or_not(client: TestClient[Litestar]) -> None:
    large = json.dumps({"name": "x" * 300}).encode()
    kind = {"content-type": "application/json"}
    assert problem(client.post("/v1/visits", content=large, headers=kind)) == (413, "base.too_large")
    assert problem(client.post("/v1/visits", content=iter([large]), headers=kind)) == (413, "base.too_large")
    assert problem(client.request("GET", "/v1/told", content=b"x")) == (413, "base.too_large")


def test_a_place_in_a_path_has_the_type_of_the_function(client: TestClient[Litestar]) -> None:
    wanted = "0197a2c0-0000-7000-8000-000000000000"
    assert client.get(f"/v1/visits/{wanted}?count=4").json() == {"id": wanted, "count": 4}
    assert problem(client.get("/v1/visits/none")) == (404, "base.not_found")
    assert problem(client.get(f"/v1/visits/{wanted}?count=x")) == (400, "base.invalid")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/v1/broken", (500, "base.unexpected")), ("/v1/unstorable", (400, "base.bad_request")),
        ("/v1/away", (503, "base.busy")), ("/v1/only-read", (503, "base.busy")),
        ("/v1/told", (503, "base.busy")), ("/v1/nothing", (404, "base.not_found")),
    ],
)  # fmt: skip
def test_whatever_goes_wrong_is_a_problem_without_a_stack_trace(
    client: TestClient[Litestar], path: str, expected: tuple[int, str]
) -> None:
    answer = client.get(path)
    assert problem(answer) == expected
    assert "Traceback" not in answer.text
    assert "ZeroDivision" not in answer.text
    assert ("retry-after" in answer.headers) is (expected[0] == 503)


def test_a_method_that_is_not_there_is_told_which_are(client: TestClient[Litestar]) -> None:
    answer = client.put("/v1/visits", json={}, headers=OWN)
    assert problem(answer) == (405, "base.method_not_allowed")
    assert "POST" in answer.headers["allow"]


def test_a_caller_that_comes_too_often_is_told_to_wait(client: TestClient[Litestar]) -> None:
    statuses = [client.get("/v1/seldom").json()["code"] for _ in range(4)]
    assert statuses == ["base.busy"] * 3 + ["base.too_many"]


@pytest.mark.parametrize("who", CALLERS)
def test_who_is_not_known_passes_only_doors_for_anyone(client: TestClient[Litestar], who: Caller) -> None:
    assert (client.get(f"/v1/for/{who}").status_code == 401) is (who != "anyone")


def test_the_operator_passes_its_doors_with_its_token(client: TestClient[Litestar]) -> None:
    assert client.get("/v1/for/operator", headers={"authorization": f"Bearer {OPERATOR}"}).status_code == 503
    assert client.get("/v1/for/operator", headers={"x-caller": "somebody"}).status_code == 401


def test_what_a_session_changes_must_be_asked_by_a_page_of_this_host(client: TestClient[Litestar]) -> None:
    known = {"x-caller": "somebody"}
    assert problem(client.post("/v1/changed", headers=known)) == (403, "base.cross_origin")
    assert problem(client.post("/v1/changed", headers=known | OWN)) == (503, "base.busy")


def test_guessing_who_is_signed_in_is_slowed_down_before_anybody_is_asked(
    client: TestClient[Litestar], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sapparot.base.asgi.monotonic", lambda: 7.0)
    codes = [client.get("/v1/for/person").status_code for _ in range(STRANGERS_PER_MINUTE + 1)]
    assert codes == [401] * STRANGERS_PER_MINUTE + [429]
    assert client.get("/v1/for/person", headers={"x-caller": "anybody"}).status_code == 429
    assert client.get("/v1/for/person", headers={"x-caller": "somebody"}).status_code == 503, "who was let in before is"
    assert client.get("/v1/for/anyone").status_code == 503, "what is open stays open"


def test_a_head_request_goes_through_the_door_of_get(client: TestClient[Litestar]) -> None:
    assert client.head("/v1/for/person").status_code == 401
    assert client.head("/v1/told").status_code == 503


def test_routes_and_doors_match_one_to_one(machine: Machine) -> None:
    assert sorted(machine.routes()) == sorted((door.method, door.path) for door in machine.doors())


def test_every_endpoint_is_described_with_its_body_answer_and_problems(client: TestClient[Litestar]) -> None:
    described = client.get("/v1/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    assert set(described["paths"]) == {endpoint.door.path for endpoint in ENDPOINTS} | {"/v1/openapi.json"}
    taken = described["paths"]["/v1/visits"]["post"]
    assert taken["requestBody"]["content"]["application/json"]
    assert {"201", "400", "413", "415", "429", "503"} <= set(taken["responses"])
    assert taken["description"] == "Take a visit."
    assert "base.busy" in described["paths"]["/v1/visits/{id}"]["get"]["responses"]["503"]["description"]
    assert described["paths"]["/v1/for/centre"]["get"]["security"] == [{"session": []}]

"""Whoever writes a program against us reads ``/v1/openapi.json``: what the doors answer is what stands there."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import checks
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks as promised

from sapparot.base.database import connect
from sapparot.base.shipped import shipped
from sapparot.contests import define, read_folder, save
from tests.databases import Databases
from tests.intake.phones import NETWORK, Front
from tests.people.arriving import web_side
from tests.people.cast import Browser, person, said, signed_in

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
PLACES = {"/networks/{id}": {"id": NETWORK}, "/areas/{area}": {"area": "01-01"}}
"""With what places of paths are filled, so that a door leads somewhere."""
EVERYTHING = ("organiser", "centre", "lead", "decider", "reviewer", "head:01-01")
CHECKS = [
    checks.not_a_server_error,
    promised.status_code_conformance,
    promised.content_type_conformance,
    promised.response_schema_conformance,
]
FEW = settings(
    max_examples=5,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
"""Each endpoint is asked this often, each time the same, so that the test takes seconds; hostile tests of each slice go deeper."""


class House(NamedTuple):
    """Running doors and what they say of themselves."""

    front: Front
    described: dict[str, Any]
    schema: Any

    @property
    def root(self) -> str:
        """Where it is served."""
        return f"http://127.0.0.1:{self.front.port}"

    def operations(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Every path, method and description."""
        for path, methods in self.described["paths"].items():
            for method, operation in methods.items():
                yield path, method.upper(), operation


@pytest.fixture(scope="module")
def house(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with web_side(databases, tmp_path_factory.mktemp("openapi")) as front:
        with connect(front.url) as connection:
            save(connection, define(read_folder(shipped("data") / "elections" / "small")))
        described = said(Browser(front).get("/v1/openapi.json"))
        yield House(front, described, schemathesis.openapi.from_dict(described))


def headers_of(front: Front) -> dict[str, str]:
    """What the browser of somebody with every role sends along; a fresh person."""
    browser = signed_in(front, person(front, level=3, roles=EVERYTHING))
    return {"cookie": f"sapparot_session={browser.token}", "sec-fetch-site": "same-origin"}


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["good", "bad"])
@pytest.mark.parametrize("method", METHODS)
def test_what_is_answered_is_what_is_described(house: House, method: str, mode: GenerationMode) -> None:
    wrong: list[str] = []
    for result in house.schema.get_all_operations():
        assert isinstance(result, Ok), result
        operation = result.ok()
        if operation.method.upper() == method:
            wrong += flaws(house, operation, mode)
    assert not wrong, "\n\n".join(wrong)


def flaws(house: House, operation: Any, mode: GenerationMode) -> list[str]:
    """What is wrong with the answers of one endpoint, each kind once."""
    found: dict[str, str] = {}
    places = {
        name: value for part, filled in PLACES.items() if part in operation.path for name, value in filled.items()
    }
    known = headers_of(house.front)

    @FEW
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        case.path_parameters = (case.path_parameters or {}) | places
        answer = case.call(base_url=house.root, headers=known)
        if answer.status_code == 401:  # the call before ended this session
            known.update(headers_of(house.front))
            answer = case.call(base_url=house.root, headers=known)
        try:
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as failures:
            for failure in failures.exceptions:
                found.setdefault(
                    f"{operation.label}: {type(failure).__name__}",
                    f"{failure}\n{answer.status_code} {answer.text[:500]}",
                )

    with contextlib.suppress(Unsatisfiable):  # nothing to get wrong: no body, no parameters
        ask()
    return [f"{name}\n{said}" for name, said in found.items()]


def place_in(path: str, operation: dict[str, Any]) -> str:
    """A path whose places are filled with what has the right form and names nothing."""
    for parameter in operation.get("parameters", ()):
        form = parameter["schema"]
        value = "1" if form.get("type") == "integer" else str(UUID(int=7)) if form.get("format") == "uuid" else "x"
        path = path.replace(f"{{{parameter['name']}}}", value)
    return path


def test_a_method_that_is_not_described_is_not_allowed_and_those_that_are_stand_in_the_answer(house: House) -> None:
    wrong = []
    for path, methods in house.described["paths"].items():
        described = {method.upper() for method in methods}
        place = place_in(path, next(iter(methods.values())))
        for method in sorted({*METHODS} - described):
            answer = Browser(house.front).call(method, place)
            allowed = {each.strip() for each in answer.headers.get("allow", "").split(",")} - {"HEAD", "OPTIONS"}
            if answer.status != 405 or allowed != described or answer.problem["code"] != "base.method_not_allowed":
                wrong.append((method, place, answer.status, allowed, answer.body[:200]))
    assert not wrong, "\n".join(map(str, wrong))


def test_who_is_said_to_need_a_session_needs_one(house: House) -> None:
    wrong = []
    for path, method, operation in house.operations():
        for token in ("", "A" * 43):
            body: dict[str, str] | None = {} if "requestBody" in operation else None
            answer = Browser(house.front, token).call(method, place_in(path, operation), body)
            if (answer.status == 401) is not bool(operation.get("security")):
                wrong.append((method, path, answer.status, operation.get("security")))
    assert not wrong, "\n".join(map(str, wrong))


def test_every_endpoint_says_what_it_does_and_every_problem_that_it_may_tell(house: House) -> None:
    for path, method, operation in house.operations():
        assert operation["summary"] and operation["description"].endswith("."), (method, path)
        assert operation["operationId"], (method, path)
        for status, answer in operation["responses"].items():
            kinds = set(answer.get("content", {}))
            assert kinds == {"application/problem+json"} or int(status) < 400, (method, path, status, kinds)

"""Lessons and the quiz: fair, repeatable, and impossible to pass by asking the server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapparot.base.database import connect
from sapparot.base.shipped import shipped
from sapparot.duty.training import rules
from sapparot.duty.training.course import CourseInvalid, read_course
from sapparot.duty.training.facts import Try
from tests.databases import Databases
from tests.intake.phones import Front
from tests.people.arriving import web_side
from tests.people.cast import Browser, code_of, person, said, signed_in

FILE = shipped("data") / "training" / "volunteer.toml"
COURSE = read_course(FILE)
RIGHT = {question.id: question.right for question in COURSE.questions}
NOW = datetime(2026, 2, 1, tzinfo=UTC)


@given(st.uuids(), st.integers(0, 20))
def test_who_answers_rightly_passes_and_every_question_that_must_be_known_is_asked(who: UUID, number: int) -> None:
    put = rules.quiz(COURSE, who, number)
    assert put == rules.quiz(COURSE, who, number)
    assert len({one.id for one in put.questions}) == COURSE.asked
    assert {one.id for one in COURSE.questions if one.must} <= {one.id for one in put.questions}
    answers = {one.id: one.options.index(RIGHT[one.id]) for one in put.questions}
    assert rules.wrong(COURSE, put, answers) == ()
    assert rules.passes(COURSE, ())


@given(st.uuids(), st.integers(0, 20), st.dictionaries(st.sampled_from(sorted(RIGHT)), st.integers(-5, 30)))
def test_what_is_left_out_or_out_of_range_is_a_mistake(who: UUID, number: int, answers: dict[str, int]) -> None:
    put = rules.quiz(COURSE, who, number)
    for mistake in (found := rules.wrong(COURSE, put, answers)):
        one = next(each for each in put.questions if each.id == mistake)
        assert answers.get(mistake) != one.options.index(RIGHT[mistake])
    assert len(found) >= COURSE.asked - len(answers)


def test_a_mistake_where_it_matters_never_passes() -> None:
    must = [question.id for question in COURSE.questions if question.must]
    assert len(must) >= 3
    assert all(not rules.passes(COURSE, [one]) for one in must)
    rest = [question.id for question in COURSE.questions if not question.must]
    assert rules.passes(COURSE, rest[:1]) and not rules.passes(COURSE, rest[:2])


def test_after_three_tries_one_waits_an_hour() -> None:
    tries = [Try(UUID(int=n), n, NOW + timedelta(minutes=n), ("sum",), False) for n in range(3)]
    assert rules.again_at(tries[:2], NOW + timedelta(minutes=5)) is None
    assert rules.again_at(tries, NOW + timedelta(minutes=5)) == NOW + timedelta(hours=1)
    assert rules.again_at(tries, NOW + timedelta(minutes=61)) is None


def test_positions_of_right_answers_are_spread_over_people() -> None:
    at = [rules.quiz(COURSE, UUID(int=n), 0).questions[0] for n in range(400)]
    positions = [one.options.index(RIGHT[one.id]) for one in at]
    assert all(60 < positions.count(place) < 140 for place in range(4))


def test_a_course_that_tells_its_answers_or_cannot_be_asked_is_refused(tmp_path: Path) -> None:
    text = FILE.read_text("utf-8")
    for wrong in (
        text.replace("asked = 6", "asked = 60"),
        text.replace('id = "touch"', 'id = "sum"'),
        text.replace("must = true", "maybe = true"),
        text.replace("ไม่ส่ง เพราะแบบผิด", "กรอกตามแบบทุกตัวแล้วส่ง"),
        text.replace("version = 1", "version ="),
    ):
        path = tmp_path / "course.toml"
        path.write_text(wrong, "utf-8")
        with pytest.raises(CourseInvalid):
            read_course(path)


@pytest.fixture(scope="module")
def front(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """The whole web side."""
    with web_side(databases, tmp_path_factory.mktemp("front"), senders=None) as running:
        yield running


def learner(front: Front, *, agreed: bool = True) -> tuple[Browser, UUID]:
    who = person(front)
    if agreed:
        with connect(front.url) as connection:
            connection.execute(
                "INSERT INTO people.consents (person, purpose, version, given_at) VALUES (%s, 'duty', 1, %s)",
                (who, NOW),
            )
    return signed_in(front, who), who


def solved(quiz: dict[str, Any], *, rightly: bool) -> dict[str, int]:
    found = {}
    for one in quiz["questions"]:
        at = [option["en"] for option in one["options"]].index(RIGHT[one["id"]].en)
        found[one["id"]] = at if rightly else (at + 1) % len(one["options"])
    return found


def test_passing_unlocks_reporting_and_a_lost_answer_costs_nothing(front: Front) -> None:
    browser, who = learner(front)
    read = said(browser.get("/v1/me/training"))
    assert (read["passed"], read["tries_left"]) == (False, 3)
    assert {member for one in read["quiz"]["questions"] for member in one} == {"id", "ask", "options"}
    failed = {"version": 1, "number": 0, "answers": solved(read["quiz"], rightly=False)}
    first = said(browser.post("/v1/me/training", failed))
    assert (first["passed"], len(first["mistakes"]), first["tries_left"]) == (False, COURSE.asked, 2)
    assert said(browser.post("/v1/me/training", failed)) == first
    cheat = {**failed, "answers": solved(read["quiz"], rightly=True)}
    assert said(browser.post("/v1/me/training", cheat)) == first
    again = said(browser.get("/v1/me/training"))["quiz"]
    good = {"version": 1, "number": 1, "answers": solved(again, rightly=True)}
    assert said(browser.post("/v1/me/training", good)) == {"passed": True, "mistakes": [], "tries_left": 1}
    assert said(browser.get("/v1/me/training"))["passed"]
    with connect(front.url) as connection:
        row = connection.execute("SELECT trained_at IS NOT NULL FROM people.persons WHERE id = %s", (who,)).fetchone()
    assert row == (True,)


def test_tries_run_out_and_other_versions_and_numbers_are_refused(front: Front) -> None:
    browser, _ = learner(front)
    for number in range(3):
        said(browser.post("/v1/me/training", {"version": 1, "number": number, "answers": {}}))
    answer = browser.post("/v1/me/training", {"version": 1, "number": 3, "answers": {}})
    assert code_of(answer) == (429, "duty.tries_used_up")
    assert answer.problem["again_at"]
    assert said(browser.get("/v1/me/training"))["quiz"] is None
    assert code_of(browser.post("/v1/me/training", {"version": 2, "number": 0, "answers": {}}))[0] == 409
    assert code_of(browser.post("/v1/me/training", {"version": 1, "number": 9, "answers": {}}))[0] == 409
    assert browser.post("/v1/me/training", {"version": 1, "number": 0, "answers": {"a": "x"}}).status in (400, 422)


def test_without_the_consent_to_be_called_nobody_is_trained_and_no_try_is_lost(front: Front) -> None:
    browser, _ = learner(front, agreed=False)
    put = said(browser.get("/v1/me/training"))["quiz"]
    answer = browser.post("/v1/me/training", {"version": 1, "number": 0, "answers": solved(put, rightly=True)})
    assert answer.status in (403, 409)
    assert said(browser.get("/v1/me/training"))["tries_left"] == 3

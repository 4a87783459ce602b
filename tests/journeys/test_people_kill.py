"""The whole program is killed while people come in and organisers work: nothing that was answered is lost, nothing doubled."""

from __future__ import annotations

import csv
import http.client
import io
import random
import re
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import pytest

from bench.kill import MODES, Program, directory, free_port
from sapparot.base.database import connect
from sapparot.base.operators import operator_token
from sapparot.base.settings import Settings
from sapparot.base.shipped import shipped
from sapparot.duty.training.course import read_course
from tests.intake.phones import NETWORK, Answer, Front, Phone, eventually
from tests.people.arriving import define_small, forget_pace, found
from tests.people.cast import Browser, fresh_number, person, said, signed_in

pytestmark = pytest.mark.slow
KILLS, PEOPLE, LISTED = 5, 8, 1_200
OWN = f"/v1/networks/{NETWORK}"
COURSE = read_course(shipped("data") / "training" / "volunteer.toml")
RIGHT = {question.id: question.right.en for question in COURSE.questions}


class Patient(Front):
    """Doors that are asked until they answer, as people ask who were told to come back."""

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Ask again while nobody answers, or while it is said that nobody can."""
        end = time.monotonic() + 180
        while True:
            try:
                answer = super().call(method, path, body, **headers)
                if answer.status < 500:
                    return answer
            except (OSError, http.client.HTTPException):
                answer = None
            assert time.monotonic() < end, (method, path, answer)
            time.sleep(0.05)


class Came(NamedTuple):
    """Somebody who came in and did a volunteer's work while the program died again and again."""

    telephone: str
    browser: Browser
    person: UUID
    phone: Phone
    report: bytes
    check_in: str


@pytest.fixture
def program() -> Iterator[Program]:
    """A running program with its own database, which shows messages on its page."""
    with directory() as data:
        running = Program(data, free_port(), senders="page")
        running.start()
        yield running
        running.kill("both")


@pytest.fixture
def front(program: Program) -> Front:
    """Its doors, with a network that takes everybody and a small election."""
    front = Patient(Settings(data=program.data), program.url, program.port)
    found(front, NETWORK)
    define_small(front)
    with connect(front.url) as connection:
        connection.execute("UPDATE people.networks SET open = true, approval = false")
    return front


def newest_code(front: Front, telephone: str) -> str:
    """The newest code that the program sent to a telephone, once it did."""
    token = operator_token(front.settings.data)
    codes: list[str] = []

    def sent() -> bool:
        shown = said(front.call("GET", "/v1/outbox", authorization=f"Bearer {token}"))["messages"]
        codes[:] = [message["text"] for message in shown if message["phone"] == telephone]
        return bool(codes)

    assert eventually(sent)
    code = re.search(r"\b\d{6}\b", codes[0])
    assert code, codes
    return code[0]


def sign_in(front: Front, telephone: str) -> Browser:
    """Sign up and in. A code whose answer was lost is spent; then one asks for another, without waiting for half a minute here."""
    browser, lost = Browser(front), 0
    ask: tuple[str, dict[str, Any]] = (
        "/v1/join",
        {"network": NETWORK, "name": "มาลี มีใจ", "phone": telephone, "consents": [{"purpose": "duty", "version": 1}]},
    )
    while True:
        answer = browser.post(*ask)
        if answer.status == 429:
            forget_pace(front)
            continue
        handle = said(answer)["handle"]
        if browser.post("/v1/sign-in/code", {"handle": handle, "code": newest_code(front, telephone)}).status == 200:
            return browser
        lost += 1
        assert lost < 20, "no code is ever right"
        forget_pace(front)
        with connect(front.url) as connection:  # what was sent before is not the newest any more
            connection.execute("DELETE FROM people.messages")


def volunteer(front: Front) -> Came:
    """Come in, learn, enrol a phone, take a duty, check in and report."""
    telephone = fresh_number()
    browser = sign_in(front, telephone)
    me = said(browser.get("/v1/me"))
    quiz = said(browser.get("/v1/me/training"))["quiz"]
    answers = {one["id"]: [each["en"] for each in one["options"]].index(RIGHT[one["id"]]) for one in quiz["questions"]}
    marked = said(
        browser.post("/v1/me/training", {"version": COURSE.version, "number": quiz["number"], "answers": answers})
    )
    assert marked["passed"], marked
    phone = Phone()
    enrolled = said(browser.call("POST", "/v1/me/devices", phone.ask(""), content_type="application/jose"))
    phone.token = enrolled["token"]
    open_now = said(browser.get("/v1/stations/open?area=01"))["stations"]
    place = open_now[int(telephone[-3:]) % len(open_now)]["code"]
    taken = browser.post("/v1/me/duties", {"place": place})
    assert taken.status < 300 or taken.problem["code"] in ("duty.already_held", "duty.station_full"), taken.body
    check_in = str(uuid4())
    batch = {"check_ins": [{"id": check_in, "station": place, "at": "2026-03-01T16:10:00+07:00"}]}
    assert said(browser.post("/v1/me/check-ins", batch))["check_ins"][0]["status"] in ("noted", "duplicate")
    report = phone.report(election="small", sheet=f"{place}/constituency", votes={"1": 5})
    while front.post(phone, report).outcomes not in (["accepted"], ["duplicate"]):
        time.sleep(0.2)
    return Came(telephone, browser, UUID(me["person"]), phone, report, check_in)


def listing() -> bytes:
    """A list of people."""
    written = io.StringIO()
    rows = ([f"อาสา ที่ {number}", f"0891{number:06}"] for number in range(LISTED))
    csv.writer(written).writerows([["name", "phone"], *rows])
    return written.getvalue().encode()


def organise(front: Front, organiser: Browser) -> None:
    """Bring a list, announce something, and ask for a plan."""
    brought = said(organiser.call("POST", f"{OWN}/imports", listing(), content_type="text/csv"))
    assert brought["people"] == LISTED, brought
    said(organiser.post("/v1/announcements", {"text": {"th": "พบกันวันอาทิตย์"}}))
    run = said(organiser.post("/v1/duties/runs", {"seed": 5, "trained": False}))
    assert eventually(lambda: said(organiser.get(f"/v1/duties/runs/{run['id']}"))["state"] == "done", 120)


def kill(program: Program, work: list[Future[Any]]) -> None:
    """Kill in each mode once, then at random moments while there is work."""
    chance, kills = random.Random(62), 0
    while kills < len(MODES) or (kills < KILLS and not all(each.done() for each in work)):
        time.sleep(chance.uniform(0.3, 1.5))
        mode = MODES[kills] if kills < len(MODES) else chance.choice(MODES)
        program.kill(mode)
        if mode != "database":
            program.start()
        program.wait_ready()
        kills += 1


def test_people_who_were_answered_are_there_once_whatever_died_meanwhile(program: Program, front: Front) -> None:
    organiser = signed_in(front, person(front, roles=("organiser",)))
    with ThreadPoolExecutor(5) as hands:
        work: list[Future[Any]] = [hands.submit(organise, front, organiser)]
        work += [hands.submit(volunteer, front) for _ in range(PEOPLE)]
        kill(program, work)
        work[0].result()
        came: list[Came] = [each.result() for each in work[1:]]
        leaving = [hands.submit(one.browser.call, "DELETE", "/v1/me") for one in came[: PEOPLE // 2]]
        kill(program, leaving)
    gone, staying = came[: PEOPLE // 2], came[PEOPLE // 2 :]
    for answer in leaving:
        assert answer.result().status in (200, 401), "erased, or erased by the try whose answer was lost"
    assert eventually(lambda: {one.report for one in came} <= set(front.logged()))
    rows = everything(front)
    assert rows["persons"] == {one.person: ("active" if one in staying else "erased") for one in came}
    assert rows["devices"] == {one.phone.key.kid: one in gone for one in came}
    assert rows["listed"] == LISTED
    assert rows["check_ins"] == {UUID(one.check_in): 1 for one in staying} | rows["check_ins"]
    assert max(rows["check_ins"].values()) == 1
    assert rows["duties_twice"] == 0
    assert front.logged() == list(dict.fromkeys(front.logged())), "no report stands twice"
    for one in staying:
        assert said(one.browser.get("/v1/me"))["state"] == "active"
    assert program.stop() == 0
    for command in (("verify",), ("recount", "--every", "10")):
        done = program.command(*command)
        assert done.returncode == 0, done.stdout + done.stderr


def everything(front: Front) -> dict[str, Any]:
    """What is kept about people."""
    with connect(front.url) as connection:

        def rows(query: str) -> list[tuple[Any, ...]]:
            return connection.execute(query.encode()).fetchall()

        return {
            "persons": dict(
                rows("SELECT id, state FROM people.persons WHERE proven_at IS NOT NULL OR state = 'erased'")
            ),
            "devices": dict(rows("SELECT kid, revoked_at IS NOT NULL FROM people.devices")),
            "listed": rows("SELECT count(*) FROM people.persons WHERE state = 'listed'")[0][0],
            "check_ins": dict(rows("SELECT id, count(*) FROM duty.check_ins GROUP BY id")),
            "duties_twice": rows(
                "SELECT count(*) FROM (SELECT 1 FROM duty.duties WHERE state IN ('offered', 'accepted', 'done')"
                " GROUP BY election, person, place, job HAVING count(*) > 1) AS twice"
            )[0][0],
        }

"""Announcements go to telephones once, while people agree, within what was confirmed, and until somebody stops them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapparot.base.database import AsyncConnection, connect
from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.people.messages import LASTS, Mailer, Mailing, Mailings, Sender, said, senders_from
from sapparot.people.messages import store as messages
from sapparot.people.messages.rules import NO_SENDER, NOT_AGREED, STOPPED, TOO_LATE, UNSURE, parts
from sapparot.people.messages.store import LEASE
from sapparot.people.persons import Crew, Serving, serving_async
from sapparot.people.providers.facts import LINKED, Subject
from tests.people.persons_cast import NOW, Town
from tests.people.test_senders import TWILIO, TWILIO_BAD, Gateway, gateway

TEXT = Text("พรุ่งนี้พบกันหกโมงเช้าที่หน้าหน่วย", "We meet at six in front of the station")
MANY = 100_000


class Post:
    """A network with people who agreed, a gateway, and a mailer that works when it is told to."""

    def __init__(self, url: str, data: Path, far: Gateway) -> None:
        self.town = Town(url, data)
        self.far = far
        self.far.answers = [(201, TWILIO)]
        file = data / "senders.toml"
        file.write_text(
            f'[sms]\ngateway="twilio"\naccount="AC7"\nsecret="s"\nsender="S"\nurl="{far.url}"\n[line]\ntoken="t"\nurl="{far.url}"\n'
        )
        self.file = file
        self.mailings = Mailings(self.town.clock, (MANY, MANY), ready=True)

    def people(self, count: int, network: str = "vote62") -> list[UUID]:
        """People who agreed to announcements."""
        made = [self.town.person(network=network, who=(f"คน {n}", f"+6681{n:07}")) for n in range(count)]
        for person in made:
            self.agree(person)
        return made

    def agree(self, person: UUID) -> None:
        self.town.sql(
            "INSERT INTO people.consents (person, purpose, version, given_at) VALUES (%s, 'announcements', 1, %s)",
            person,
            NOW,
        )

    def mail(self, mailing: UUID | None = None, most: int | None = None, mailings: Mailings | None = None) -> UUID:
        """Announce to everybody of the network who agreed."""
        made = mailing or uuid4()
        now = self.town.clock.now()
        asked = Mailing(made, "vote62", uuid4(), now, now + LASTS, TEXT)

        async def work(connection: AsyncConnection) -> None:
            async with connection.transaction():
                people: list[Serving] = await serving_async(connection, Crew("announcements", "vote62"))
                await (mailings or self.mailings).send(connection, asked, people, most)

        self.town.run(work)
        return made

    def mailer(self, named: str = "sms", senders: list[Sender] | None = None) -> Mailer:
        return Mailer(self.town.vault, senders_from(named, self.file) if senders is None else senders, self.town.clock)

    def work(self, mailer: Mailer | None = None) -> None:
        """Do everything that is due."""
        made = mailer or self.mailer()
        with connect(self.town.url) as connection:
            while made.step(connection):
                continue

    def states(self, mailing: UUID) -> tuple[dict[str, int], dict[str, int]]:
        """How many copies are in each state, and why some failed."""
        found = self.town.run(lambda connection: self.mailings.sendings(connection, [mailing]))[mailing]
        return {str(state): count for state, count in found.states.items()}, found.reasons

    def rung(self) -> list[str]:
        """The telephones that the gateway was asked to reach, in order of their numbers."""
        return sorted(parse_qs(body.decode())["To"][0] for _, _, body in self.far.asked)


@pytest.fixture
def post(database_url: str, tmp_path: Path) -> Iterator[Post]:
    with gateway() as far:
        yield Post(database_url, tmp_path, far)


def test_everybody_who_agreed_gets_it_once_in_the_own_language(post: Post) -> None:
    people = post.people(20)
    post.people(0)
    silent = post.town.person(who=("เงียบ", "+66899999999"))
    post.town.sql("UPDATE people.persons SET lang = 'en' WHERE id = %s", people[3])
    mailing = post.mail()
    assert post.states(mailing) == ({"waiting": 20}, {})
    post.work()
    post.work()
    assert post.states(mailing) == ({"sent": 20}, {})
    assert post.rung() == [f"+6681{n:07}" for n in range(20)]
    bodies = [parse_qs(body.decode())["Body"][0] for _, _, body in post.far.asked]
    assert (bodies.count(TEXT.th), bodies.count(TEXT.en)) == (19, 1)
    fates = post.town.run(lambda connection: post.mailings.fates(connection, mailing, [people[0], silent]))
    assert {person: (fate.state, fate.sender) for person, fate in fates.items()} == {people[0]: ("sent", "sms")}


def test_each_copy_stands_in_its_persons_access_log_and_export_and_goes_with_an_erasure(post: Post) -> None:
    [person] = post.people(1)
    post.mail()
    post.work()
    reads = post.town.sql("SELECT role, purpose, reader FROM people.reads WHERE person = %s", person)
    assert reads == [("program", "announcement", None)]
    held = post.town.run(lambda connection: messages.held(connection, person))
    assert [(one["sender"], one["failed_at"]) for one in held] == [("sms", None)]
    post.town.run(lambda connection: post.town.farewell.erase(connection, [person], NOW, revoke=True))
    assert post.town.sql("SELECT count(*) FROM people.messages WHERE mailing IS NOT NULL") == [(0,)]


def test_nothing_that_says_who_somebody_is_waits_in_the_outbox(post: Post) -> None:
    post.people(3)
    post.mail()
    assert "+66810000001" not in post.town.dump()
    assert post.town.sql("SELECT count(*) FROM people.messages WHERE sealed IS NOT NULL") == [(0,)]


def test_sent_twice_under_one_id_it_goes_out_once(post: Post) -> None:
    post.people(3)
    mailing = post.mail()
    assert post.mail(mailing) == mailing
    post.work()
    post.mail(mailing)
    post.work()
    assert len(post.rung()) == 3


def test_who_takes_the_consent_back_or_leaves_before_its_turn_gets_nothing(post: Post) -> None:
    people = post.people(4)
    mailing = post.mail()
    post.town.sql("UPDATE people.consents SET ended_at = %s WHERE person = %s", NOW, people[0])
    post.town.run(lambda connection: post.town.farewell.end(connection, [people[1]], "left", None, NOW))
    post.work()
    assert post.rung() == ["+66810000002", "+66810000003"]
    assert post.states(mailing) == ({"sent": 2, "failed": 2}, {NOT_AGREED: 2})


def test_what_is_stopped_goes_no_further_and_says_so(post: Post) -> None:
    post.people(40)
    mailing = post.mail()
    with connect(post.town.url) as connection:
        post.mailer().step(connection)
    by = uuid4()
    assert post.town.run(lambda connection: post.mailings.stop(connection, mailing, by)) == 24
    assert post.town.run(lambda connection: post.mailings.stop(connection, mailing, by)) == 0
    post.work()
    assert post.states(mailing) == ({"sent": 16, "failed": 24}, {STOPPED: 24})
    assert len(post.rung()) == 16
    assert post.town.sql("SELECT stopped_by FROM people.mailings") == [(by,)]


def test_a_copy_that_was_tried_and_not_taken_is_not_tried_again_after_the_stop(post: Post) -> None:
    post.people(1)
    post.far.answers = [(503, "")]
    mailing = post.mail()
    post.work()
    post.town.run(lambda connection: post.mailings.stop(connection, mailing, uuid4()))
    post.town.clock.moment = NOW + timedelta(hours=1)
    post.work()
    assert len(post.far.asked) == 1
    assert post.states(mailing)[1] == {STOPPED: 1}


def test_it_costs_at_most_what_was_confirmed_and_what_a_day_has_left(post: Post) -> None:
    people = post.people(5)
    each = parts(TEXT.th)
    with pytest.raises(Problem) as dearer:
        post.mail(most=5 * each - 1)
    assert dearer.value.kind.code == "people.mailing_costlier"
    few = Mailings(post.town.clock, (7 * each, MANY), ready=True)
    post.mail(most=5 * each, mailings=few)
    with pytest.raises(Problem) as full:
        post.mail(mailings=few)
    assert (full.value.kind.code, full.value.extensions["left"]) == ("people.mailing_day_full", 2 * each)
    assert post.town.sql("SELECT count(*) FROM people.messages") == [(len(people),)], "a refusal leaves nothing behind"
    post.town.clock.moment = NOW + timedelta(days=1, seconds=1)
    post.mail(mailings=few)


def test_without_a_sender_no_mailing_is_made(post: Post) -> None:
    post.people(1)
    with pytest.raises(Problem) as refused:
        post.mail(mailings=Mailings(post.town.clock, (MANY, MANY), ready=False))
    assert refused.value.kind.code == "people.no_senders"


def test_a_gateway_that_is_busy_is_asked_again_and_what_is_too_late_is_not_sent(post: Post) -> None:
    post.people(1)
    post.far.answers = [(429, "{}"), (201, TWILIO)]
    mailing = post.mail()
    post.work()
    assert post.states(mailing) == ({"waiting": 1}, {})
    post.town.clock.moment = NOW + timedelta(seconds=6)
    post.work()
    assert post.states(mailing) == ({"sent": 1}, {})
    late = post.mail()
    post.town.clock.moment += LASTS
    post.work()
    assert post.states(late)[1] == {TOO_LATE: 1}
    assert len(post.far.asked) == 2


@pytest.mark.parametrize(
    ("answer", "reason"),
    [((400, TWILIO_BAD), "sms answered 400 (code 21211)"), ((500, "<html>"), UNSURE), ((504, ""), UNSURE)],
)
def test_what_the_gateway_refuses_or_may_have_taken_is_given_up_with_its_reason(
    post: Post, answer: tuple[int, str], reason: str
) -> None:
    post.people(1)
    post.far.answers = [answer]
    mailing = post.mail()
    post.work()
    post.town.clock.moment = NOW + timedelta(hours=1)
    post.work()
    assert len(post.far.asked) == 1
    assert post.states(mailing) == ({"failed": 1}, {reason: 1})
    assert said(reason).th and said(reason).en
    assert "21211" not in reason or "21211" in said(reason).th


def test_who_has_no_line_is_not_reached_by_line_alone(post: Post) -> None:
    post.people(1)
    mailing = post.mail()
    post.work(post.mailer("line"))
    assert post.states(mailing) == ({"failed": 1}, {NO_SENDER: 1})


def link_line(post: Post, person: UUID) -> None:
    """Link a LINE account to a person."""
    post.town.sql(
        "INSERT INTO people.linked (id, person, network, provider, account, sealed, made_at)"
        " VALUES (%s, %s, 'vote62', 'line', %s, %s, %s)",
        *(uuid4(), person, bytes(32), post.town.vault.seal(person, Subject("U4af4980629"), LINKED), NOW),
    )


def test_who_linked_line_is_reached_there_and_the_others_by_sms(post: Post) -> None:
    first, _ = post.people(2)
    link_line(post, first)
    mailing = post.mail()
    post.work(post.mailer("line,sms"))
    assert post.states(mailing) == ({"sent": 2}, {})
    asked = {path: body for path, _, body in post.far.asked}
    assert len(post.far.asked) == 2 and json.loads(asked["/v2/bot/message/push"])["to"] == "U4af4980629"
    assert parse_qs(asked["/2010-04-01/Accounts/AC7/Messages.json"].decode())["To"] == ["+66810000001"]


@pytest.mark.parametrize("later", [[(429, "{}")], [(429, "{}"), (400, "{}")], [(500, ""), (429, "{}")]])
def test_what_line_may_have_taken_is_never_sent_by_sms_as_well(post: Post, later: list[tuple[int, str]]) -> None:
    link_line(post, post.people(1)[0])
    post.far.answers = [(500, ""), *later, (201, TWILIO)]
    post.mail()
    for hours in range(4):
        post.town.clock.moment = NOW + timedelta(hours=hours)
        post.work(post.mailer("line,sms"))
    assert {path for path, _, _ in post.far.asked} == {"/v2/bot/message/push"}


WORKER = """
import sys
from pathlib import Path
from sapparot.base.clock import SystemClock
from sapparot.base.database import AsyncConnection, connect
from sapparot.people import Vault
from sapparot.people.messages import Mailer, senders_from
url, data = sys.argv[1], Path(sys.argv[2])
mailer = Mailer(Vault(data / "secrets"), senders_from("sms", data / "senders.toml"), SystemClock())
with connect(url) as connection:
    print("ready", flush=True)
    while True:
        mailer.step(connection)
"""


def test_a_mailer_killed_in_the_middle_sends_nothing_twice(post: Post, tmp_path: Path) -> None:
    post.town.clock.moment = post.town.clock.moment.now(NOW.tzinfo)
    post.people(60)
    mailing = post.mail()
    held = 24
    post.far.hold = held
    worker = subprocess.Popen([sys.executable, "-c", WORKER, post.town.url, str(tmp_path)], stdout=subprocess.PIPE)
    assert worker.stdout and worker.stdout.readline() == b"ready\n"
    end = time.monotonic() + 60
    while len(post.far.asked) < held + 8 and time.monotonic() < end:
        time.sleep(0.02)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    post.far.hold = None
    before = post.rung()
    assert held < len(before) == len(set(before)) < 60
    post.work()
    post.town.clock.moment = post.town.clock.moment.now(NOW.tzinfo) + LEASE + timedelta(seconds=5)
    post.work()
    after = post.rung()
    assert len(after) == len(set(after)), "nobody twice"
    states, reasons = post.states(mailing)
    assert set(states) == {"sent", "failed"} and sum(states.values()) == 60
    assert reasons == {UNSURE: states["failed"]}
    assert 8 <= states["failed"] <= 32, "only what was under way is given up"
    assert len(after) >= states["sent"]


def test_thai_counts_seventy_signs_alone_and_sixty_seven_in_a_row() -> None:
    for text, count in (
        ("", 1), ("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3), ("[" * 80, 1), ("[" * 81, 2),
        ("ก" * 70, 1), ("ก" * 71, 2), ("ก" * 134, 2), ("ก" * 135, 3), ("a" * 69 + "ก", 1), ("😀" * 35, 1), ("😀" * 36, 2),
        ("😀" * 66, 2), ("😀" * 67, 3),
    ):  # fmt: skip
        assert parts(text) == count, (text[:3], len(text))


@given(st.text(max_size=400), st.text(max_size=20))
def test_a_longer_text_never_has_fewer_parts_and_no_part_is_empty(text: str, more: str) -> None:
    assert 1 <= parts(text) <= parts(text + more)
    assert parts(text) <= max(1, -(-len(text.encode("utf-16-le")) // 2 // 66))

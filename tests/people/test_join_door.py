"""From a link to a person who takes part, through the doors: sign up, a code on the telephone, approval where the network wants it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.databases import Databases
from tests.intake.phones import NETWORK, Answer, Front, Served
from tests.people.arriving import ask_code, code_for, forget_pace, outbox, try_code, web_side
from tests.people.cast import Browser, code_of, person, said, signed_in
from tests.people.persons_cast import Town

OWN = f"/v1/networks/{NETWORK}"
DUTY = [{"purpose": "duty", "version": 1}]
_numbers = iter(range(1000, 9999))


@pytest.fixture(scope="module")
def front(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with web_side(databases, tmp_path_factory.mktemp("join"), codes_per_address=10_000) as running:
        yield running


@pytest.fixture(scope="module")
def organiser(front: Front) -> Browser:
    return signed_in(front, person(front, roles=("organiser",)))


@pytest.fixture
def phone() -> str:
    """A telephone that no other test uses."""
    return f"+6681777{next(_numbers)}"


def join(front: Front, telephone: str, **more: Any) -> Answer:
    whole = {"network": NETWORK, "name": "มาลี มีใจ", "phone": telephone.replace("+66", "0"), "consents": DUTY}
    return Browser(front).post("/v1/join", whole | more)


def come_in(front: Front, phone: str, **more: Any) -> Browser:
    """Sign up and bring the code back."""
    browser, answer = Browser(front), join(front, phone, **more)
    assert answer.status == 202, answer.body
    assert said(try_code(browser, said(answer)["handle"], code_for(front, phone)))["network"] == NETWORK
    return browser


def test_who_signs_up_waits_sees_itself_and_takes_part_once_approved(
    front: Front, organiser: Browser, phone: str
) -> None:
    browser = come_in(front, phone, area="10-01", lang="en")
    me = said(browser.get("/v1/me"))
    assert (me["state"], me["name"], me["area"], me["lang"]) == ("waiting", "มาลี มีใจ", "10-01", "en")
    assert [each["purpose"] for each in me["consents"] if each["agreed"]] == ["duty"]
    assert code_of(browser.get("/v1/me/invites")) == (403, "people.not_yet_approved")
    waiting = said(organiser.get(f"{OWN}/people?state=waiting"))["people"]
    assert me["person"] in [each["id"] for each in waiting]
    assert said(organiser.post(f"{OWN}/approvals", {"people": [me["person"]]}))["approved"] == [me["person"]]
    assert browser.get("/v1/me/invites").status == 200


def test_an_invite_that_vouches_leads_from_the_link_to_taking_part_in_two_requests(
    front: Front, organiser: Browser, phone: str
) -> None:
    code = said(organiser.post(f"{OWN}/invites", {"uses": 1, "vouched": True}))["code"]
    assert said(come_in(front, phone, invite=code).get("/v1/me"))["state"] == "active"
    assert code_of(join(front, "+66816660000", invite=code)) == (403, "people.invite_used_up")


def test_every_telephone_hears_the_same_whoever_has_it(front: Front, phone: str) -> None:
    states = (None, "listed", "applied", "waiting", "active", "left", "expelled")
    answers = []
    for digit, state in enumerate(states):
        number = f"+6681666{phone[-3:]}{digit}"
        if state:
            person(front, state=state, who=("มีอยู่ แล้ว", number))
        answers.append(join(front, number))
    assert {answer.status for answer in answers} == {202}
    assert {(tuple(said(answer)), len(answer.body)) for answer in answers} == {(("handle",), len(answers[0].body))}
    assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}
    expelled = f"+6681666{phone[-3:]}6"
    assert expelled not in str(outbox(front)), "who was expelled gets no code, and nobody else learns it"


def test_a_strangers_sign_up_with_somebody_elses_telephone_changes_nothing_when_the_owner_signs_in(
    front: Front, phone: str
) -> None:
    who = person(front, state="listed", who=("เจ้าของ เบอร์", phone))
    everything = [
        {"purpose": purpose, "version": 1} for purpose in ("duty", "head", "centre", "announcements", "rewards")
    ]
    assert join(front, phone, name="คน แปลกหน้า", consents=everything, area="99").status == 202
    forget_pace(front)
    owner = Browser(front)
    handle = ask_code(front, phone)
    assert said(try_code(owner, handle, code_for(front, phone)))["person"] == str(who)
    me = said(owner.get("/v1/me"))
    assert (me["name"], me["area"], me["state"]) == ("เจ้าของ เบอร์", None, "active")
    assert not any(each["agreed"] for each in me["consents"])


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"network": "nobody"}, 404, "people.network_unknown"), ({"phone": "12"}, 400, "people.phone_invalid"),
        ({"consents": []}, 409, "people.consent_required"), ({"name": "🙂"}, 400, "people.name_unclear"),
        ({"consents": [{"purpose": "duty", "version": 7}]}, 409, "people.consent_outdated"),
        ({"consents": [{"purpose": "spy", "version": 1}]}, 400, "base.invalid"), ({"area": "../x"}, 400, "base.invalid"),
        ({"invite": "guess"}, 403, "people.invite_unknown"), ({"level": 3}, 400, "base.invalid"), ({"name": 5}, 400, "base.invalid"),
    ],
)  # fmt: skip
def test_what_is_no_sign_up_is_answered_in_both_languages_and_sends_nothing(
    front: Front, phone: str, change: dict[str, Any], status: int, code: str
) -> None:
    answer = join(front, phone, **change)
    assert code_of(answer) == (status, code)
    assert answer.problem["detail_th"] and answer.problem["detail"]
    assert phone not in str(outbox(front))


def test_after_erasure_nothing_in_the_whole_database_says_who_signed_up(front: Front, phone: str) -> None:
    browser = come_in(front, phone, name="ลำดวน ลบหมด")
    assert said(browser.call("DELETE", "/v1/me"))["persons"] == 1
    dump = Town.over(front.url, front.settings.data).dump()
    assert not [word for word in ("ลำดวน", "ลบหมด", phone, phone[3:], phone.replace("+66", "0")) if word in dump]

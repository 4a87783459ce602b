"""A text message becomes a report of the person who wrote it, once, and is answered with what was understood."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from sapparot import texting
from sapparot.base import canonical
from sapparot.base.database import Connection
from sapparot.texting.rules import read
from sapparot.verify import Engine
from tests.texting.office import NEXT, NOW, STATION, Office
from tests.verify.cast import SHEET, Evening

PHONE, OTHER = "+66812345678", "+66898765432"
FIGURES = "1=212 2=35 3=120 4=3 V=370 X=6 N=9 B=385"
FINAL = f"C F {FIGURES}"


def marked(text: str) -> str:
    return f"{text} #{read(text).marks}"


def test_a_message_with_its_check_characters_is_taken_at_once(office: Office) -> None:
    person = office.person(PHONE, STATION)
    reply = office.sms(PHONE, marked(FINAL))
    assert reply.startswith("Kept, thank you\nStation 01-01-010111-001")
    [report] = office.reports()
    assert report | {"id": "", "kid": ""} == {
        "v": 1, "id": "", "kid": "", "election": "small", "sheet": SHEET, "stage": "final",
        "votes": {"1": 212, "2": 35, "3": 120, "4": 3}, "valid": 370, "spoiled": 6, "no_vote": 9, "ballots_cast": 385,
        "observed_at": "2026-03-01T11:00:00.000000Z", "seq": 1, "replaces": None, "app": "text/1",
    }  # fmt: skip
    [said] = office.enrolments()
    assert (said["kid"], said["channel"], said["level"], said["network"]) == (report["kid"], "text", 1, "vote62")
    assert report["kid"] == office.desk.key("vote62", person).kid


def test_a_message_without_them_is_read_back_and_taken_when_it_is_confirmed(office: Office) -> None:
    office.person(PHONE, STATION, lang="th")
    reply = office.sms(PHONE, "เขต จบ ๑=๒๑๒ 2=35 3=120 4=3 ดี=370 เสีย=6 ไม่เลือก=9 ใช้สิทธิ=385")
    assert "ผลสุดท้าย\n1=212 2=35 3=120 4=3\nดี=370 เสีย=6 ไม่เลือก=9 ใช้สิทธิ=385" in reply
    marks = read(FINAL).marks
    assert f"ตอบ: ใช่ {marks}" in reply and office.reports() == []
    assert office.sms(PHONE, f"ใช่ {marks.lower()}").startswith("บันทึกแล้ว")
    assert len(office.reports()) == 1


def test_sums_that_do_not_add_up_are_asked_about(office: Office) -> None:
    office.person(PHONE, STATION)
    wrong = "C F 1=212 2=35 3=120 4=3 V=371 X=6 N=9 B=385"
    reply = office.sms(PHONE, marked(wrong))
    assert "votes make 370, valid ballots are 371" in reply
    assert "valid, spoiled and no vote make 386, ballots cast are 385" in reply
    assert office.reports() == []
    office.sms(PHONE, f"OK {read(wrong).marks}")  # so it stands on the form
    assert office.reports()[0]["valid"] == 371


def test_a_confirmation_of_something_else_takes_nothing(office: Office) -> None:
    office.person(PHONE, STATION)
    office.sms(PHONE, FINAL)
    assert "Nothing waits" in office.sms(PHONE, "OK ZZ")
    assert "Nothing waits" in office.sms(PHONE, "OK")
    office.clock.moment = NOW + timedelta(hours=3)
    assert "Nothing waits" in office.sms(PHONE, f"OK {read(FINAL).marks}")
    assert office.reports() == []


def test_a_message_that_is_delivered_again_is_answered_again_and_makes_nothing(office: Office) -> None:
    office.person(PHONE, STATION)
    with ThreadPoolExecutor(6) as deliveries:
        replies = list(deliveries.map(lambda _: office.sms(PHONE, marked(FINAL), name="SM1"), range(6)))
    assert len(set(replies)) == 1
    assert len(office.reports()) == 1 == len(office.enrolments())


def test_the_same_figures_again_make_no_second_report(office: Office) -> None:
    office.person(PHONE, STATION)
    office.sms(PHONE, marked(FINAL))
    assert office.sms(PHONE, marked(FINAL)).startswith("This was kept before")
    assert len(office.reports()) == 1


def test_other_figures_replace_the_earlier_ones(office: Office) -> None:
    office.person(PHONE, STATION)
    office.sms(PHONE, marked(FINAL))
    corrected = office.correct(PHONE, marked(FINAL.replace("X=6 N=9", "X=7 N=8")))
    assert corrected.startswith("Corrected")
    first, second = office.reports()
    assert second["replaces"] == first["id"] and second["seq"] == 2 and second["kid"] == first["kid"]
    office.sms(PHONE, marked("L F 1=5 V=5"))
    assert office.reports()[-1]["replaces"] is None


def test_progress_and_final_stand_beside_each_other(office: Office) -> None:
    office.person(PHONE, STATION)
    office.sms(PHONE, marked("C P 1=20"))
    office.sms(PHONE, marked("C P 1=40 2=3"))
    office.sms(PHONE, marked(FINAL))
    assert [(one["stage"], bool(one["replaces"]), one["seq"]) for one in office.reports()] == [
        ("progress", False, 1), ("progress", True, 2), ("final", False, 3),
    ]  # fmt: skip


def test_the_station_is_named_by_code_or_by_the_number_of_the_duty(office: Office) -> None:
    office.person(PHONE, STATION, NEXT)
    assert f"begin with one of: 1 ({STATION}), 2 ({NEXT})" in office.sms(PHONE, marked(FINAL))
    office.sms(PHONE, marked(f"2 {FINAL}"))
    office.sms(PHONE, marked(f"{STATION} {FINAL}"))
    assert [one["sheet"] for one in office.reports()] == [f"{NEXT}/constituency", SHEET]
    assert "no duty" in office.sms(PHONE, marked(f"3 {FINAL}"))
    assert "no duty" in office.sms(PHONE, marked(f"02-01-020111-001 {FINAL}"))
    assert len(office.reports()) == 2


@pytest.mark.parametrize(
    ("changes", "reply"),
    [
        ({"state": "waiting"}, "must belong to a volunteer"),
        ({"state": "expelled"}, "must belong to a volunteer"),
        ({"state": "left"}, "must belong to a volunteer"),
        ({"proven_at": None}, "must belong to a volunteer"),
        ({"trained_at": None}, "Pass the short training"),
        ({"network": "ilaw"}, "must belong to a volunteer"),
    ],
)
def test_only_an_active_trained_person_of_the_network_reports(
    office: Office, changes: dict[str, Any], reply: str
) -> None:
    office.person(PHONE, STATION, **changes)
    told = office.sms(PHONE, marked(FINAL))
    assert reply in told or "ต้องเป็นของอาสาสมัคร" in told
    assert office.reports() == [] == office.enrolments()


def test_who_has_no_duty_reports_nothing_and_gets_no_key(office: Office) -> None:
    office.person(PHONE)
    assert "no duty" in office.sms(PHONE, marked(FINAL))
    assert office.reports() == [] == office.enrolments()


def test_a_duty_that_ended_cannot_be_confirmed(office: Office) -> None:
    person = office.person(PHONE, STATION)
    office.sms(PHONE, FINAL)
    office.posts[person] = []
    assert "no duty" in office.sms(PHONE, f"OK {read(FINAL).marks}")
    assert office.reports() == []


def test_strangers_learn_nothing(office: Office) -> None:
    office.person(PHONE, STATION, state="waiting")
    for sender in ("+66811111111", PHONE, "AIS", "", "+66", "'; DROP TABLE people.persons; --", "๐๘๑", "x" * 5000):
        for text in (FINAL, "OK 7K", "help", "รหัส ABCD2345"):
            assert "ต้องเป็นของอาสาสมัคร" in office.plain(sender, text)
    assert office.reports() == []


def test_a_telephone_in_two_networks_speaks_once_about_a_sheet(office: Office) -> None:
    office.person(PHONE, STATION)
    office.person(PHONE, STATION, network="ilaw")
    office.sms(PHONE, marked(FINAL))
    assert "for another network" in office.plain(PHONE, marked(FINAL), gateway="other")
    assert office.plain(PHONE, marked("L F 1=5 V=5"), gateway="other").startswith("Kept")
    assert [one["sheet"].rpartition("/")[2] for one in office.reports()] == ["constituency", "list"]


def test_two_people_have_two_keys_and_one_person_one(office: Office) -> None:
    office.person(PHONE, STATION)
    office.person(OTHER, STATION)
    for phone in (PHONE, OTHER, PHONE):
        office.sms(phone, marked("C P 1=20" if phone == PHONE else FINAL))
        office.sms(phone, marked("L P 1=20"))
    assert len({one["kid"] for one in office.reports()}) == 2 == len(office.enrolments())


def test_a_revoked_key_reports_no_more(office: Office, database: Connection) -> None:
    office.person(PHONE, STATION)
    office.sms(PHONE, marked(FINAL))
    database.execute("UPDATE people.devices SET revoked_at = %s", (NOW,))
    database.commit()
    assert "revoked" in office.sms(PHONE, marked("L F 1=5 V=5"))
    assert len(office.enrolments()) == 1


def test_what_is_not_on_the_ballot_is_asked_about(office: Office) -> None:
    office.person(PHONE, STATION)
    assert "no number 5" in office.sms(PHONE, marked("C F 1=2 5=7 V=9"))
    assert "which ballot" in office.sms(PHONE, marked("F 1=2"))
    assert "“HELLO” is not understood\nWrite HELP" in office.sms(PHONE, "hello")
    assert "C F 1=212" in office.sms(PHONE, "help")
    assert office.reports() == []


def test_neither_telephone_nor_words_are_kept(office: Office, database: Connection) -> None:
    office.person(PHONE, STATION)
    office.sms(PHONE, "C F 1=2 zz081-234-5678")
    assert "0812…" in office.sms(PHONE, "C F 1=0812345678")
    office.sms(PHONE, FINAL)
    office.sms(PHONE, f"OK {read(FINAL).marks}")
    rows: list[object] = []
    for table in (
        "texting.messages",
        "texting.waiting",
        "texting.standing",
        "texting.accounts",
        "texting.strangers",
        "intake.received",
        "base.outbox",
    ):
        rows += database.execute(f"SELECT * FROM {table}").fetchall()
    kept = repr(rows)
    assert "812345678" not in kept and "081-234" not in kept and "81234" not in kept


def test_what_is_kept_of_a_person_is_told_and_forgotten(office: Office) -> None:
    person = office.person(PHONE, STATION)
    office.sms(PHONE, marked(FINAL))
    office.sms(PHONE, "L F 1=5")
    office.ask(office.desk.code(person))

    async def held(*, forgetting: bool) -> Any:
        async with office.pool.connection() as connection:
            if forgetting:
                await texting.forget(connection, [person])
            return await texting.tell(connection, person)

    told = office.ask(held(forgetting=False))
    assert [one["sheet"] for one in told["reports"]] == [f"small {SHEET}"] and len(told["waiting"]) == 1
    assert not any(office.ask(held(forgetting=True)).values())


def test_the_log_holds_texts_that_replay_as_texts(office: Office) -> None:
    """From the telephone to the standing: the report counts, and confirms nothing."""
    office.person(PHONE, STATION)
    office.sms(PHONE, marked(FINAL))
    evening = Evening()
    evening.put("network", {"id": "vote62", "key": office.keyring["vote62"].jwk})
    for said in office.enrolments():
        evening.put(
            "enrolment", {"jws": office.keyring["vote62"].sign(canonical.encode(said), "sapparot-enrolment+jwt")}
        )
    key = office.desk.key("vote62", next(iter(office.posts)))
    for report in office.reports():
        payload = {name: value for name, value in report.items() if name != "kid"}
        evening.put(
            "report",
            {"at": "2026-03-01T11:00:00.000000Z", "jws": key.sign(canonical.encode(payload), "sapparot-report+jwt")},
        )
    assert evening.rules() == []
    assert (evening.standing().state, evening.standing().reason) == ("reported", "only_text")
    evening.report("somchai")
    assert (evening.standing().state, evening.standing().sources) == ("reported", 1)
    engine = Engine()
    again = [out for entry in evening.entries for _, out in engine.apply(*entry)]
    assert again == [canonical.encode(out) for out in evening.outs]


def test_an_earlier_message_that_is_delivered_again_after_a_later_one_changes_nothing(office: Office) -> None:
    office.person(PHONE, STATION)
    first, later = (
        marked(FINAL),
        marked(FINAL.replace("1=212", "1=210").replace("V=370", "V=368").replace("B=385", "B=383")),
    )
    answers = {name: office.sms(PHONE, text, name=name) for name, text in (("SM1", first), ("SM2", later))}
    answers["SM3"] = office.sms(PHONE, f"OK {answers['SM2'].partition('OK ')[2][:6]}", name="SM3")
    with ThreadPoolExecutor(6) as deliveries:
        again = list(
            deliveries.map(lambda name: (name, office.sms(PHONE, first, name=name)), ["SM1", "SM2", "SM3"] * 4)
        )
    assert set(again) == set(answers.items())
    assert [report["votes"]["1"] for report in office.reports()] == [212, 210]


def test_of_messages_that_come_at_once_one_is_taken_and_the_others_are_asked_about(office: Office) -> None:
    office.person(PHONE, STATION)
    texts = [marked(f"C F 1={n} 2=35 3=120 4=3 V={158 + n} X=6 N=9 B={173 + n}") for n in range(200, 206)]
    with ThreadPoolExecutor(6) as deliveries:
        replies = list(deliveries.map(lambda text: office.sms(PHONE, text), texts))
    assert sorted("To replace that" in reply for reply in replies) == [False] + [True] * 5
    for text in texts:
        if "before" not in office.sms(PHONE, text).partition("\n")[0]:
            office.correct(PHONE, text)
    reports = office.reports()
    assert [report["seq"] for report in reports] == list(range(1, len(reports) + 1)) and len(reports) > 1
    assert [report["replaces"] for report in reports] == [None, *(report["id"] for report in reports[:-1])]

"""Figures that stand are changed by who has the telephone, in the order in which they were written, and by nobody else."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from sapparot.texting import store
from sapparot.texting.facts import Figures
from sapparot.texting.rules import read
from tests.texting.office import NOW, STATION, Line, Office
from tests.texting.test_desk import FINAL, PHONE, marked
from tests.verify.cast import Evening, final

FORGED = "C F 1=2 2=245 3=120 4=3 V=370 X=6 N=9 B=385"


def code_in(reply: str) -> str:
    found = re.search(r"OK ([0-9]{6})", reply)
    assert found, reply
    return found[1]


def votes(office: Office) -> list[int]:
    return [report["votes"]["1"] for report in office.reports()]


def test_a_forged_sender_changes_nothing_that_stands(office: Office) -> None:
    office.person(PHONE, STATION)
    office.sms(PHONE, marked(FINAL))
    asked = office.sms(PHONE, marked(FORGED))  # what is answered goes to the true telephone
    assert "You sent before:\n1=212 2=35 3=120 4=3" in asked and "If you did not write this" in asked
    for guess in (read(FORGED).marks, "", "000000" if code_in(asked) != "000000" else "000001"):
        assert "Nothing waits" in office.sms(PHONE, f"OK {guess}")
    assert votes(office) == [212]
    assert office.sms(PHONE, f"OK {code_in(asked)}").startswith("Corrected")
    assert votes(office) == [212, 2]


def test_forged_figures_that_waited_before_the_true_ones_came_are_asked_about_too(office: Office) -> None:
    office.person(PHONE, STATION)
    office.sms(PHONE, FORGED)
    office.sms(PHONE, marked(FINAL))
    code_in(office.sms(PHONE, f"OK {read(FORGED).marks}"))
    assert votes(office) == [212]


def test_what_ones_own_app_signed_is_not_disputed_by_who_forges_the_sender(office: Office) -> None:
    person = office.person(PHONE, STATION)
    office.by_app[person] = Figures({"1": 212, "2": 35, "3": 120, "4": 3, "5": 0}, 370, 6, 9, 385)
    asked = office.sms(PHONE, marked(FORGED))
    assert "You sent before:\n1=212" in asked and office.reports() == []
    assert office.sms(PHONE, marked(FINAL)).startswith("Kept")  # the same figures go beside each other
    office.by_app[person] = Figures({"1": 211})
    assert "To replace that" in office.sms(PHONE, marked(FORGED))


def test_who_confirms_other_figures_than_its_app_sent_is_told_to_correct_them_there_too(office: Office) -> None:
    office.by_app[office.person(PHONE, STATION)] = Figures({"1": 212, "2": 35, "3": 120, "4": 3})
    assert "Your app sent other figures" in office.correct(PHONE, marked(FORGED))
    assert votes(office) == [2]


def test_the_question_is_said_in_thai(office: Office) -> None:
    office.person(PHONE, STATION, lang="th")
    office.sms(PHONE, marked(FINAL))
    asked = office.sms(PHONE, marked(FORGED))
    assert "คุณเคยส่งไว้ว่า\n1=212" in asked and "ถ้าคุณไม่ได้ส่งเอง ไม่ต้องตอบ" in asked
    assert re.search("ตอบ: ใช่ [0-9]{6}", asked)


def test_progress_that_goes_on_is_taken_and_progress_that_falls_is_asked_about(office: Office) -> None:
    office.person(PHONE, STATION)
    for text in ("C P 1=20", "C P 1=40 2=3"):
        assert "Station" in office.sms(PHONE, marked(text))
    for text in ("C P 1=20", "C P 1=39 2=9", "C P 2=9"):
        code_in(office.sms(PHONE, marked(text)))
    assert votes(office) == [20, 40]


def test_a_chat_message_that_comes_late_replaces_nothing_newer(office: Office, line: Line) -> None:
    person = office.person(None, STATION)
    office.line("U1", f"code {office.ask(office.desk.code(person))[0]}")
    early, late = NOW - timedelta(minutes=9), NOW - timedelta(minutes=2)
    assert office.line_events(office.event("U1", marked(FINAL), at=late)).status_code == 200
    office.line_events(office.event("U1", marked(FORGED), at=early))
    assert "written before a newer one" in line.told[-1][1] and votes(office) == [212]
    office.line_events(office.event("U1", FORGED, at=early))
    assert "written before a newer one" in line.told[-1][1]
    office.line_events(office.event("U1", marked(FORGED)))
    office.line_events(office.event("U1", f"OK {code_in(line.told[-1][1])}"))
    assert votes(office) == [212, 2]


def test_what_waits_is_not_pushed_out_by_something_older(office: Office) -> None:
    office.person(PHONE, STATION)
    office.plain(PHONE, FINAL, written=NOW - timedelta(minutes=2))
    assert "written before a newer one" in office.plain(PHONE, FORGED, written=NOW - timedelta(minutes=9))
    office.plain(PHONE, f"OK {read(FINAL).marks}")
    assert votes(office) == [212]


def test_a_time_that_is_still_to_come_keeps_nobody_from_correcting(office: Office) -> None:
    office.person(PHONE, STATION)
    office.plain(PHONE, marked(FINAL), written=NOW + timedelta(days=300))
    asked = office.plain(PHONE, marked(FORGED))
    office.plain(PHONE, f"OK {code_in(asked)}")
    assert votes(office) == [212, 2]


def test_one_who_floods_a_chat_silences_nobody_beside(office: Office, line: Line) -> None:
    person = office.person(None, STATION)
    office.line("U1", f"code {office.ask(office.desk.code(person))[0]}")
    flood = [office.event("flooder", "help", token="flood") for _ in range(60)]
    assert (
        office.line_events(*flood[:50], office.event("U1", marked(FINAL), token="true"), *flood[50:]).status_code == 200
    )
    assert [text.partition(",")[0] for token, text in line.told if token == "true"] == ["Kept"]
    assert len([token for token, _ in line.told if token == "flood"]) < 60
    assert votes(office) == [212]


def test_a_telephone_is_one_however_a_gateway_writes_it(office: Office) -> None:
    office.person(PHONE, STATION)
    office.person(PHONE, STATION, network="ilaw")
    assert office.plain("081-234-5678", marked(FINAL)).startswith("Kept")
    assert "for another network" in office.plain(PHONE, marked(FINAL), gateway="other")
    assert len(office.reports()) == 1


def test_a_telephone_that_belongs_to_nobody_is_answered_a_few_times_a_day(office: Office) -> None:
    stranger, volunteer = "+66811111111", office.person(PHONE, STATION)
    replies = [office.sms(stranger if n % 2 else "081-111-1111", "hello") for n in range(store.OF_STRANGER + 3)]
    assert [bool(reply) for reply in replies] == [True] * store.OF_STRANGER + [False] * 3
    assert office.plain(stranger, "hello") == ""
    assert volunteer and office.sms(PHONE, marked(FINAL)).startswith("Kept")
    office.clock.moment = NOW + timedelta(days=1)
    assert office.sms(stranger, "hello")


def test_all_telephones_that_belong_to_nobody_are_answered_up_to_a_limit(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.person(PHONE, STATION)
    monkeypatch.setattr(store, "OF_ALL_STRANGERS", 4)
    assert [bool(office.sms(f"+6681111112{n}", "hello")) for n in range(6)] == [True] * 4 + [False] * 2
    assert office.sms(PHONE, "help")
    office.clock.moment = NOW + timedelta(hours=1)
    assert office.sms("+66811111199", "hello")


def test_who_reported_otherwise_by_text_than_by_the_app_ends_the_dispute_with_another_text() -> None:
    evening = Evening()
    evening.enrol("written", channel="text")  # of the same network as somchai
    evening.report("written", final({"1": 210, "2": 35, "3": 120, "4": 3}), id="typed")
    assert evening.standing().state == "reported"
    evening.report("somchai", final())
    assert evening.standing().state == "disputed"
    evening.report("written", final(), replaces="typed")
    assert (evening.standing().state, evening.standing().sources) == ("reported", 1)


def test_five_wrong_codes_end_what_waits_for_the_right_one(office: Office) -> None:
    office.person(PHONE, STATION)
    office.sms(PHONE, marked(FINAL))
    for wrong, kept in ((store.CODE_TRIES - 1, [212, 2]), (store.CODE_TRIES, [212, 2])):
        true = code_in(office.sms(PHONE, marked(FORGED if kept != votes(office) else FINAL)))
        for n in range(wrong):
            assert "Nothing waits" in office.sms(PHONE, f"OK {(int(true) + n + 1) % 10**6:06d}")
        assert office.sms(PHONE, f"OK {true}").startswith("Corrected" if wrong < store.CODE_TRIES else "Nothing waits")
        assert votes(office) == kept


def test_a_message_without_words_costs_of_a_stranger_what_others_cost(office: Office) -> None:
    stranger = "+66811111111"
    replies = [office.sms(stranger, "" if n % 2 else "hello") for n in range(store.OF_STRANGER + 3)]
    assert [bool(reply) for reply in replies] == [True] * store.OF_STRANGER + [False] * 3
    office.person(PHONE, STATION)
    assert "Only written messages" in office.sms(PHONE, " ")


@pytest.mark.parametrize("late", ["L F 1=5", "C P 1=20"])
def test_what_comes_late_about_another_sheet_or_stage_is_asked_about(office: Office, late: str) -> None:
    office.person(PHONE, STATION)
    office.plain(PHONE, FINAL, written=NOW - timedelta(minutes=2))
    asked = office.plain(PHONE, late, written=NOW - timedelta(minutes=9))
    assert f"OK {read(late).marks}" in asked
    assert office.plain(PHONE, f"OK {read(late).marks}").startswith("Kept")


def test_strangers_of_earlier_days_are_forgotten(office: Office) -> None:
    office.sms("+66811111111", "hello")
    office.clock.moment = NOW + timedelta(days=2)
    office.sms("+66811111112", "hello")
    kept = office.database.execute("SELECT since FROM texting.strangers").fetchall()
    assert {since for (since,) in kept} == {office.clock.moment} and len(kept) == 2


def test_answers_that_nobody_asks_for_are_forgotten_without_waiting_for_anybody(office: Office) -> None:
    office.sms("+66811111111", "hello", name="SM1")
    office.sms("+66811111111", "hello", name="SM2")
    office.clock.moment = NOW + timedelta(days=4)
    office.database.execute("SELECT 1 FROM texting.messages WHERE id = 'SM1' FOR UPDATE")
    with ThreadPoolExecutor(1) as elsewhere:
        answer = elsewhere.submit(office.sms, "+66811111112", "hello", "SM3")
        try:
            assert answer.result(30)
        finally:
            office.database.rollback()
    kept = office.database.execute("SELECT id FROM texting.messages ORDER BY id").fetchall()
    assert kept == [("SM1",), ("SM3",)]

"""Gateways are believed when they sign, and only then."""

from __future__ import annotations

import hmac
import json
from pathlib import Path
from typing import Any

import pytest

from sapparot.base.problems import Problem
from sapparot.texting import store
from sapparot.texting.gateways import Gateway, load
from tests.texting.office import NEXT, STATION, Line, Office
from tests.texting.test_desk import FINAL, PHONE, marked


def scope(**headers: str) -> dict[str, Any]:
    return {"headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]}


def test_the_example_that_twilio_publishes_holds() -> None:
    gateway = Gateway("t", "twilio", "n", "12345", url="https://mycompany.com/myapp.php?foo=1&bar=2")
    body = b"Digits=1234&To=%2B18005551212&From=%2B14158675309&Caller=%2B14158675309&CallSid=CA1234567890ABCDE"
    with pytest.raises(Problem) as told:  # the signature holds, but a call is no message
        gateway.read(scope(x_twilio_signature="RSOYDt4T1cUTdK1PDd93/VVr8B8="), body, 0)
    assert told.value.kind.code == "texting.gateway_unreadable"
    with pytest.raises(Problem) as told:
        gateway.read(scope(x_twilio_signature="RSOYDt4T1cUTdK1PDd93/VVr8B9="), body, 0)
    assert told.value.kind.code == "texting.gateway_unsigned"


def test_the_example_that_line_publishes_holds() -> None:
    gateway = Gateway("l", "line", "n", "8c570fa6dd201bb328f1c1eac23a96d8", token="x")
    body = b'{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}'
    assert gateway.read(scope(x_line_signature="GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs="), body, 0) == []
    with pytest.raises(Problem, match="gateway_unsigned"):
        gateway.read(scope(x_line_signature="GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs="), body + b" ", 0)


@pytest.mark.parametrize("gateway", ["sms", "chat", "own"])
def test_a_delivery_that_is_not_signed_is_refused_unread(office: Office, gateway: str) -> None:
    for headers in ({}, {"x-twilio-signature": "x", "x-line-signature": "x", "x-sapparot-signature": "x"}):
        for body in (b"", b"{}", b"MessageSid=1&From=%2B66812345678&Body=x", b"\xff\xfe", b"[" * 100_000):
            answer = office.post(gateway, body, **headers)
            assert answer.status_code in (400, 401) and answer.json()["code"].startswith("texting.gateway_un")
    assert office.reports() == []


def test_a_signature_over_other_words_is_refused(office: Office) -> None:
    office.person(PHONE, STATION)
    good = office.deliver_sms(PHONE, marked(FINAL)).request
    for changed in (good.content.replace(b"212", b"213"), good.content + b"&Body=C+F+1%3D5"):
        signature = good.headers["x-twilio-signature"]
        answer = office.post("sms", changed, **{"x-twilio-signature": signature})
        assert (answer.status_code, answer.json()["code"]) == (401, "texting.gateway_unsigned")
    assert len(office.reports()) == 1


def test_an_old_delivery_of_a_plain_gateway_is_refused(office: Office) -> None:
    body = json.dumps({"id": "1", "from": PHONE, "text": "help"}).encode()
    for at in ("0", "", "x", "-1", "9" * 40, "1772362400"):
        mac = hmac.digest(b"own-secret", at.encode() + b"\n" + body, "sha256").hex()
        answer = office.post("own", body, **{"x-sapparot-time": at, "x-sapparot-signature": mac})
        assert answer.status_code == 401


def test_a_gateway_that_nobody_named_leads_nowhere(office: Office) -> None:
    for name in ("nobody", "", "sms/", "SMS", "..%2fsms"):
        assert office.post(name, b"x").json()["code"] in ("texting.gateway_unknown", "base.not_found")


def test_an_sms_is_answered_with_markup_that_holds_words_only(office: Office) -> None:
    office.person(PHONE, STATION)
    answer = office.deliver_sms(PHONE, "<b>&amp;</b>")
    assert "&lt;" in answer.text and "<b>" not in answer.text


def test_a_chat_account_is_bound_by_a_code_and_then_reports(office: Office, line: Line) -> None:
    person = office.person(None, STATION, NEXT)
    code, _ = office.ask(office.desk.code(person))
    assert office.line("U1", marked(f"1 {FINAL}")).status_code == 200
    assert office.line("U1", f"รหัส {code.lower()}").status_code == 200
    assert office.line("U1", marked(f"1 {FINAL}"), token="third").status_code == 200
    assert [token for token, _ in line.told] == ["reply", "reply", "third"]
    first, _, third = (text for _, text in line.told)
    assert "ต้องเป็นของอาสาสมัคร" in first and third.startswith("Kept")
    assert len(office.reports()) == 1
    office.line("U2", f"code {code}")
    assert "รหัสผูกบัญชีไม่ถูกต้อง" in line.told[-1][1]  # it is used up


def test_an_account_moves_with_a_new_code_and_the_old_one_is_silent(office: Office, line: Line) -> None:
    person = office.person(None, STATION)
    for user in ("U1", "U2"):
        code, _ = office.ask(office.desk.code(person))
        office.line(user, f"รหัส {code}")
    office.line("U1", "help")
    office.line("U2", "help")
    assert "ต้องเป็นของอาสาสมัคร" in line.told[-2][1] and "C F" in line.told[-1][1]


def test_an_answer_that_line_does_not_take_is_delivered_again(office: Office, line: Line) -> None:
    person = office.person(None, STATION)
    office.line("U1", f"รหัส {office.ask(office.desk.code(person))[0]}")
    line.status = 500
    assert office.line("U1", marked(FINAL), name="E1").status_code == 503
    line.status = 200
    assert office.line("U1", marked(FINAL), name="E1").status_code == 200
    assert line.told[-1][1].startswith("Kept") and len(office.reports()) == 1
    line.status = 400  # the token is too old: nothing helps
    assert office.line("U1", "help").status_code == 200


def test_what_holds_no_words_is_answered_kindly(office: Office, line: Line) -> None:
    assert office.line("U1", None).status_code == 200
    assert "พิมพ์ ช่วย" in line.told[-1][1]


def test_an_account_that_belongs_to_nobody_is_answered_a_few_times_a_day_and_bound_by_its_code_all_the_same(
    office: Office, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(store.OF_STRANGER + 3):
        assert office.line("U1", "hello").status_code == 200
    assert len(line.told) == store.OF_STRANGER
    monkeypatch.setattr(store, "OF_ALL_STRANGERS", store.OF_STRANGER + 1)
    for user in ("U2", "U3", "U4"):
        office.line(user, "hello")
    assert len(line.told) == store.OF_STRANGER + 1
    assert office.sms("+66811111111", "hello"), "telephones are counted apart"
    office.line("U1", f"รหัส {office.ask(office.desk.code(office.person(None, STATION)))[0]}")
    office.line("U1", "help")
    assert "ผูกบัญชีนี้กับคุณแล้ว" in line.told[-2][1] and "C F" in line.told[-1][1]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "gateways = 5",
        '[[gateways]]\nid = "a"',
        '[[gateways]]\nid = "A b"\nkind = "plain"\nnetwork = "n"\nsecret = "12345678"',
        '[[gateways]]\nid = "a"\nkind = "fax"\nnetwork = "n"\nsecret = "12345678"',
        '[[gateways]]\nid = "a"\nkind = "plain"\nnetwork = "n"\nsecret = "short"',
        '[[gateways]]\nid = "a"\nkind = "twilio"\nnetwork = "n"\nsecret = "12345678"',
        '[[gateways]]\nid = "a"\nkind = "line"\nnetwork = "n"\nsecret = "12345678"',
        '[[gateways]]\nid = "a"\nkind = "plain"\nnetwork = "n"\nsecret = "12345678"\nsecrets = "x"',
        '[[gateways]]\nid = "a"\nkind = "plain"\nnetwork = "n"\nsecret = "12345678"\n' * 2,
    ],
)
def test_a_file_of_gateways_with_a_flaw_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "gateways.toml").write_text(text)
    with pytest.raises(Problem) as told:
        load(tmp_path / "gateways.toml")
    assert told.value.kind.code == "texting.gateways_invalid" and "gateways.toml" in told.value.detail.en


def test_a_file_that_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="gateways_invalid"):
        load(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("kind", "to"),
    [("plain", "@count"), ("line", "+66800000000"), ("plain", "12"), ("plain", "call me"), ("line", "@")],
)
def test_a_gateway_is_written_to_where_its_kind_is_reached(tmp_path: Path, kind: str, to: str) -> None:
    written = (
        f'[[gateways]]\nid = "a"\nkind = "{kind}"\nnetwork = "n"\nsecret = "long enough"\ntoken = "t"\nto = "{to}"\n'
    )
    (tmp_path / "gateways.toml").write_text(written)
    with pytest.raises(Problem, match="gateways_invalid"):
        load(tmp_path / "gateways.toml")

"""Every line of a body gets its own answer, and only what is no report at all is refused at the door."""

from __future__ import annotations

import contextlib
import json
import re
from base64 import urlsafe_b64encode

import pytest

from sapparot.base import canonical
from sapparot.base.jws import b64
from sapparot.base.problems import Problem
from sapparot.intake import REPORT_TYPE
from sapparot.intake.rules import LINE_LIMIT, PAYLOAD_LIMIT, SIGNATURE_LENGTH, read_line, reads_one_way
from sapparot.verify.letters import Report, read
from tests.intake.phones import Front, Phone, payload, uuid7


def wrapped(data: bytes) -> bytes:
    """Bytes in the shape of a compact JWS; of a signature the door looks at the length alone."""
    header = b'{"alg":"ES256","kid":"k","typ":"%b"}' % REPORT_TYPE.encode()
    return b".".join([b64(header).encode(), b64(data).encode(), b"A" * SIGNATURE_LENGTH])


def test_a_report_is_accepted_once_and_then_a_duplicate_with_the_same_promise(front: Front, phone: Phone) -> None:
    report = phone.report()
    first, second = front.post(phone, report), front.post(phone, report)
    assert (first.status, second.status) == (202, 202)
    assert first.outcomes == ["accepted"]
    assert second.outcomes == ["duplicate"]
    assert first.lines[0]["promise"] == second.lines[0]["promise"]


def test_other_bytes_under_the_same_id_are_a_conflict(front: Front, phone: Phone) -> None:
    name = uuid7()
    front.post(phone, phone.report(id=name))
    answer = front.post(phone, phone.report(id=name, valid=246))
    assert (answer.status, answer.outcomes) == (409, ["intake.conflict"])
    assert answer.lines[0]["outcome"] == "conflict"
    assert answer.lines[0]["id"] == name


def test_a_body_of_many_kinds_of_lines_is_answered_line_by_line(front: Front, phone: Phone) -> None:
    old, name = phone.report(), uuid7()
    front.post(phone, old)
    lines = [phone.report(), old, b"nonsense", phone.report(id=name), phone.report(id=name, spoiled=7), phone.report()]
    answer = front.post(phone, lines)
    assert answer.status == 202
    assert answer.outcomes == [
        "accepted", "duplicate", "intake.not_a_report", "accepted", "intake.conflict", "accepted",
    ]  # fmt: skip


def test_the_same_report_twice_in_one_body_is_stored_once(front: Front, phone: Phone) -> None:
    report = phone.report()
    answer = front.post(phone, [report, report])
    assert answer.outcomes == ["accepted", "duplicate"]
    assert answer.lines[0]["promise"] == answer.lines[1]["promise"] == front.post(phone, report).lines[0]["promise"]


def test_two_hundred_reports_go_into_one_body_and_not_one_more(front: Front, phone: Phone) -> None:
    reports = [phone.report(seq=number) for number in range(201)]
    assert front.post(phone, reports[:200]).outcomes == ["accepted"] * 200
    answer = front.post(phone, reports)
    assert (answer.status, answer.problem["code"]) == (413, "intake.too_many_lines")
    assert front.post(phone, reports[200]).outcomes == ["accepted"]


@pytest.mark.parametrize("ends", [b"\n", b"\r\n", b"\n\n\n", b" \r\n\t\r\n"])
def test_lines_may_end_as_any_client_ends_them(front: Front, phone: Phone, ends: bytes) -> None:
    body = ends + ends.join([phone.report(), phone.report()]) + ends
    assert front.post(phone, body).outcomes == ["accepted", "accepted"]


@pytest.mark.parametrize("body", [b"", b"\n", b" \r\n \n\t"])
def test_a_body_without_a_report_is_told_so(front: Front, phone: Phone, body: bytes) -> None:
    answer = front.post(phone, body)
    assert (answer.status, answer.problem["code"]) == (400, "intake.empty")


def test_millions_of_empty_lines_cost_nothing(front: Front, phone: Phone) -> None:
    assert front.post(phone, b"\n" * 4_000_000).problem["code"] == "intake.too_many_lines"


def test_a_payload_has_at_most_sixteen_kibibytes(front: Front, phone: Phone) -> None:
    bare = len(canonical.encode(payload(app="")))
    whole, long = phone.report(app="x" * (PAYLOAD_LIMIT - bare)), phone.report(app="x" * (PAYLOAD_LIMIT - bare + 1))
    assert front.post(phone, [whole, long]).outcomes == ["accepted", "intake.report_too_long"]


def test_a_line_that_is_too_long_costs_its_companions_nothing(front: Front, phone: Phone) -> None:
    answer = front.post(phone, [b"x" * (LINE_LIMIT + 1), phone.report()])
    assert answer.outcomes == ["intake.report_too_long", "accepted"]


def test_a_body_beyond_the_limit_is_refused_before_it_is_read(front: Front, phone: Phone) -> None:
    answer = front.post(phone, b"x" * (200 * (LINE_LIMIT + 1) + 1))
    assert (answer.status, answer.problem["code"]) == (413, "base.too_large")


BASE = canonical.encode(payload())


@pytest.mark.parametrize(
    "line",
    [
        b"x", b".", b"..", b"a.b", b"a.b.c.d", b"\x00", b"\xff\xfe", "ก.ข.ค".encode(), b"a..c",
        b"a." + urlsafe_b64encode(BASE) + b"!.c",
        b"a.%00.c",
        wrapped(b""), wrapped(b"null"), wrapped(b"[]"), wrapped(b'"text"'), wrapped(b"{}"), wrapped(b"{"),
        wrapped(BASE[:-1]), wrapped(BASE + b"x"),
        wrapped(b"\xff" + BASE), wrapped(b"\xef\xbb\xbf" + BASE), wrapped(BASE.decode().encode("utf-16")),
        wrapped(canonical.encode(payload(v="1"))), wrapped(canonical.encode(payload(v=None))),
        wrapped(canonical.encode(payload(sheet=...))), wrapped(canonical.encode(payload(sheet=5))),
        wrapped(canonical.encode(payload(stage=...))), wrapped(canonical.encode(payload(election=[]))),
        wrapped(b'{"v":1e400,' + BASE[1:]),
        wrapped(b'{"app":NaN,' + BASE[1:]),
        wrapped(b'{"app":' + b"[" * 5000 + b"]" * 5000 + b"," + BASE[1:]),
    ],
)  # fmt: skip
def test_what_is_no_report_at_all_is_refused_at_the_door(front: Front, phone: Phone, line: bytes) -> None:
    answer = front.post(phone, [line, phone.report()])
    assert answer.outcomes == ["intake.not_a_report", "accepted"]
    assert front.post(phone, line).status == 400


@pytest.mark.parametrize(
    "name",
    [
        ..., None, 7, "", "x",
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "2f1a6c9e-1111-4abc-8def-0123456789ab",  # version 4
        "1ee00000-0000-6000-8000-000000000000",  # version 6
        "018f0000-0000-7000-0000-000000000000",  # version 7 without the variant
        "018f0000-0000-7000-8000-00000000000",
        "018f0000-0000-7000-8000-0000000000000",
        "{018f0000-0000-7000-8000-000000000000}",
        "urn:uuid:018f0000-0000-7000-8000-000000000000",
    ],
)  # fmt: skip
def test_an_id_is_a_uuid_of_version_seven(front: Front, phone: Phone, name: object) -> None:
    assert front.post(phone, phone.report(id=name)).outcomes == ["intake.not_a_report"]


def test_an_id_is_the_same_however_it_is_written(front: Front, phone: Phone) -> None:
    name = uuid7()
    assert front.post(phone, phone.report(id=name)).outcomes == ["accepted"]
    assert front.post(phone, phone.report(id=name.upper())).outcomes == ["intake.conflict"]


@pytest.mark.parametrize(
    "changes",
    [
        {"sheet": "nowhere/none"}, {"votes": {"999": 1}}, {"votes": {"1": -5}}, {"valid": 10**30}, {"valid": None},
        {"stage": "whatever"}, {"election": "another"}, {"sheet": "\x00" * 9}, {"seq": 2**53},
        {"observed_at": "0001-01-01T00:00:00+23:59"}, {"later": {"unknown": [1, 2.5]}},
    ],
)  # fmt: skip
def test_a_mistake_is_information_and_is_accepted(front: Front, phone: Phone, changes: dict[str, object]) -> None:
    assert front.post(phone, phone.report(**changes)).outcomes == ["accepted"]


@pytest.mark.parametrize(
    "changes",
    [
        {"votes": {"1": "212"}}, {"votes": {"1": 212.5}}, {"votes": {"1": True}}, {"votes": {"1": None}}, {"votes": [212]}, {"votes": None},
        {"valid": "247"}, {"observed_at": "yesterday"}, {"observed_at": "2023-05-14T18:42:10"}, {"evidence": "none"}, {"seq": -1},
        {"seq": 10**30}, {"replaces": ""}, {"sheet": ""}, {"election": ""}, {"stage": ""}, {"sheet": "x" * 201}, {"v": 2},
    ],
)  # fmt: skip
@pytest.mark.parametrize("more", [{}, {"later": 1}])
def test_what_the_count_could_never_read_is_told_to_its_sender_and_is_no_report(
    front: Front, phone: Phone, changes: dict[str, object], more: dict[str, object]
) -> None:
    assert front.post(phone, phone.report(**changes, **more)).outcomes == ["intake.not_a_report"]


ODD: list[object] = [
    ..., None, True, -3, 0, 3, 1.5, 2**53, 2**53 + 1, 10**30, "", "x", "x" * 64, "x" * 65, "x" * 201, "24:00", "2023-05-14T18:42:10",
    "2023-05-14T18:42:10+07:00", "2023-05-14t11:42:10z", "9999-12-31T23:59:60Z", [], [15, 100], [15.5, 100], [9000, 18001], [{}],
    [{"sha256": 1}], [{"role": None}], [{"small": [1]}], {}, {"1": 3}, {"1": "3"}, {"": -1}, {"1": 2.5}, {"1": None}, {"1": 2**64},
]  # fmt: skip
"""What other people's clients may write in the place of a member, or leave out."""


@pytest.mark.parametrize("member", [*Report.__struct_fields__, "app", "later"])
def test_whatever_the_door_takes_the_count_can_read(member: str) -> None:
    taken = 0
    for value in ODD:
        data = canonical.encode(payload(**{member: value}))
        with contextlib.suppress(Problem):
            read_line(wrapped(data), "carrier")
            taken += 1
            assert not reads_one_way(data) or read(data, Report), value
    assert taken > 0 or member in ("v", "id")


def test_a_line_that_was_cut_off_anywhere_is_no_report(front: Front, phone: Phone) -> None:
    line = phone.report()
    cut = [line[:length] for length in (*range(1, len(line), 40), len(line) - 1)]
    assert set(front.post(phone, [line + b"=", *cut]).outcomes) == {"intake.not_a_report"}
    assert front.post(phone, line).outcomes == ["accepted"]


def test_what_follows_the_door_lives_through_every_accepted_mistake(front: Front, phone: Phone) -> None:
    report = phone.report(seq=99)
    front.post(phone, report)
    front.sequence()
    assert report in front.logged()


def test_a_line_of_the_answer_speaks_both_languages_about_what_is_wrong(front: Front, phone: Phone) -> None:
    [line] = front.post(phone, b"nonsense").lines
    assert line["outcome"] == "refused"
    problem = line["problem"]
    assert problem["type"] == "urn:sapparot:problem:intake.not_a_report"
    assert problem["status"] == 400
    assert problem["detail"].startswith("This is not a report")
    assert problem["detail_th"].startswith("ข้อมูลนี้ไม่ใช่รายงาน")


def test_the_id_stands_in_every_answer_that_knows_it(front: Front, phone: Phone) -> None:
    name = uuid7()
    answer = front.post(phone, [phone.report(id=name), b"nonsense"])
    assert [line.get("id") for line in answer.lines] == [name, None]
    assert json.loads(answer.body.splitlines()[0]) == answer.lines[0]


@pytest.mark.parametrize(
    "line", [b"garbage", b"a.b", b"a.%%%.c", b"a.b.c.d", b"\x1f\x8b\x08.x.y", b"h." + b64(b"[" * 5000).encode() + b".s"]
)
def test_what_is_no_report_is_told_in_words_of_both_languages_and_not_in_those_of_the_program(line: bytes) -> None:
    with pytest.raises(Problem) as caught:
        read_line(line, "carrier")
    detail = caught.value.detail
    assert "unpack" not in detail.en + detail.th and "recursion" not in detail.en
    assert re.search("[ก-๙]", detail.th.split(": ", 1)[1])

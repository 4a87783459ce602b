"""A telephone has one form, however people write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapparot.base.problems import Problem
from sapparot.people.persons.phones import e164, national

MOBILE = st.sampled_from(["61", "81", "89", "95"]).flatmap(
    lambda start: st.text("0123456789", min_size=7, max_size=7).map(lambda rest: start + rest)
)
THAI = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")
WAYS = [
    lambda n: f"0{n}",
    lambda n: n,
    lambda n: f"66{n}",
    lambda n: f"+66{n}",
    lambda n: f"+66 0{n}",
    lambda n: f"0066{n}"[0:2] + f"1{'66'}{n}",
    lambda n: f"0{n[:2]}-{n[2:5]}-{n[5:]}",
    lambda n: f" 0{n[:2]} {n[2:5]} {n[5:]} ",
    lambda n: f"(0{n[:2]}) {n[2:5]}.{n[5:]}",
    lambda n: f"0{n}".translate(THAI),
    lambda n: f"+66{n}".translate(THAI),
]


@given(MOBILE, st.sampled_from(WAYS))
def test_every_way_of_writing_a_thai_mobile_is_the_same_telephone(number: str, way: object) -> None:
    assert e164(way(number)) == f"+66{number}"  # type: ignore[operator]


@given(MOBILE)
def test_what_a_person_reads_leads_back_to_the_same_telephone(number: str) -> None:
    assert e164(national(f"+66{number}")) == f"+66{number}"
    assert national(f"+66{number}").startswith("0")


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "0", "081234567", "08123456789", "1112", "191", "1900123456", "1800123456", "6.68E+10", "66812345678.0",
        "0812345678 ext 5", "0812345678 0812345679", "081x2345678", "+999812345678", "สมชาย", "\x00", "0" * 5000,
        "0812345678" + " " * 60, "-", "+", "+66",
    ],
)  # fmt: skip
def test_what_is_no_telephone_or_costs_extra_is_refused_in_both_languages(text: str) -> None:
    with pytest.raises(Problem) as refused:
        e164(text)
    assert refused.value.kind.code == "people.phone_invalid"
    assert refused.value.detail.th != refused.value.detail.en


@given(st.text(max_size=60))
def test_any_text_is_a_telephone_or_a_problem(text: str) -> None:
    try:
        found = e164(text)
    except Problem as problem:
        assert problem.kind.status == 400
    else:
        assert found.startswith("+") and found[1:].isdecimal() and e164(found) == found


def test_a_telephone_from_abroad_keeps_its_country() -> None:
    assert e164("+44 20 7946 0000") == "+442079460000"
    assert e164("020 7946 0000", "GB") == "+442079460000"
    assert national("+442079460000") == "+44 20 7946 0000"

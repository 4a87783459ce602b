"""What nobody may publish by accident does not get past the door, and what only looks like it does."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapparot.base import canonical
from sapparot.intake.privacy import Personal, personal, plain
from tests.intake.phones import Front, payload

PERSON = {
    "telephone": "0812345678",
    "with_spaces": "081 234 5678",
    "abroad": "+66 81-234-5678",
    "landline": "02-123-4567",
    "mail": "somchai@example.org",
    "in_words": "โทรหาครู 089-999-9999 ได้เลย",
    "nested": {"reporter": ["ครู", {"tel": "0899999999"}]},
    "0899999999": True,
}
PLACE = {
    "lat": 13.756331,
    "position": [100.5018, 13.7563],
    "where": "13.756331,100.501765",
    "nested": {"gps": {"lon": 100.50176}},
}


def told(data: bytes) -> Personal | None:
    """What a payload tells that must not be public."""
    return personal(data, plain(data))


@pytest.mark.parametrize("name", PERSON)
def test_a_telephone_number_or_an_address_is_found(name: str) -> None:
    assert told(canonical.encode(payload(**{name: PERSON[name]}))) == "person"


@pytest.mark.parametrize("name", PLACE)
def test_an_exact_place_is_found(name: str) -> None:
    assert told(canonical.encode(payload(**{name: PLACE[name]}))) == "place"


@pytest.mark.parametrize(
    "place", [[13.7563, 100.5018], [13_756, 100_501], [1375], [9_001, 0], "13.75,100.50", {"lat": 1}]
)
def test_a_place_finer_than_hundredths_of_a_degree_is_found(place: Any) -> None:
    assert told(canonical.encode(payload(place=place))) == "place"


def test_escaped_digits_hide_nothing() -> None:
    escaped = "".join(f"\\u{ord(digit):04x}" for digit in "0812345678").encode()
    assert told(canonical.encode(payload(note="X")).replace(b'"X"', b'"' + escaped + b'"')) == "person"


@pytest.mark.parametrize(
    "members",
    [
        {}, {"place": [1375, 10050]}, {"place": None}, {"app": "web/1.0.12"}, {"battery": 0.8412}, {"lang": "th"},
        {"sheet": "0812345678/list"}, {"id": "0191f2b0-8123-7456-8899-0812345678ab"}, {"build": 2026112100123},
        {"evidence": [{"role": "form", "page": 1, "sha256": "08123456789" * 5 + "012345678"}]}, {"temperature": 31.5},
    ],
)  # fmt: skip
def test_what_only_looks_like_it_passes(members: dict[str, Any]) -> None:
    assert told(canonical.encode(payload(**members))) is None


@given(st.binary(max_size=200))
def test_any_bytes_are_looked_at(data: bytes) -> None:
    assert told(data) in (None, "person", "place")


def test_the_door_refuses_the_line_and_takes_its_companions(own: Front) -> None:
    phone = own.phone()
    answer = own.post(phone, [phone.report(phone="0812345678"), phone.report(), phone.report(place=[13.75, 100.5])])
    lines = answer.lines
    assert [line["outcome"] for line in lines] == ["refused", "accepted", "refused"]
    assert [line["problem"]["code"] for line in lines if "problem" in line] == [
        "intake.personal_data",
        "intake.place_too_exact",
    ]

"""What phones say of their owners comes twice, at once, in another order, late, and by wrong clocks: none of it is lost or doubled."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from sapparot.base.clock import SystemClock, stamp
from tests.people.cast import Browser, said

STATION = "01-01-010111-001"


def arrival(at: str = "2026-03-01T16:10:00+07:00") -> dict[str, Any]:
    return {"id": str(uuid4()), "station": STATION, "at": at, "lat": 1524, "lon": 10113}


def send(browser: Browser, arrivals: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Id and what became of it, in the order of the answer."""
    answer = said(browser.post("/v1/me/check-ins", {"check_ins": arrivals}))["check_ins"]
    return [(one["id"], one["status"]) for one in answer]


def test_the_same_arrivals_at_once_in_opposite_orders_are_noted_once_and_answered_as_they_were_asked(
    anna: Browser,
) -> None:
    with ThreadPoolExecutor(6) as phones:
        for _ in range(6):
            forward = [arrival() for _ in range(50)]
            orders = [forward, forward[::-1]] * 3
            answers = list(phones.map(lambda batch: send(anna, batch), orders))
            for batch, answer in zip(orders, answers, strict=True):
                assert [identity for identity, _ in answer] == [one["id"] for one in batch]
            became = Counter(one for answer in answers for one in answer)
            assert became == {(one["id"], what): n for one in forward for what, n in (("noted", 1), ("duplicate", 5))}


def test_one_arrival_twice_in_a_batch_is_noted_once(anna: Browser) -> None:
    one = arrival()
    assert send(anna, [one, one]) == [(one["id"], "noted"), (one["id"], "duplicate")]


@pytest.mark.parametrize(
    ("at", "flags"),
    [("1970-01-05T00:00:00+00:00", {"clock"}), ("2569-03-01T16:10:00+07:00", {"clock"}), (None, set())],
)
def test_a_phone_whose_clock_is_wrong_by_years_is_noted_and_looked_at(
    anna: Browser, at: str | None, flags: set[str]
) -> None:
    right = stamp(SystemClock().now() - timedelta(hours=20))
    [noted] = said(anna.post("/v1/me/check-ins", {"check_ins": [arrival(at or right)]}))["check_ins"]
    assert noted["status"] == "noted"
    assert {"early", "clock"} & set(noted["flags"]) == flags

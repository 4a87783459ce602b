"""How many reports were refused is told to everybody, by the reason, in both languages."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import psycopg
import pytest

from sapparot.base.clock import SystemClock
from sapparot.base.database import connect, pool
from sapparot.intake import store
from sapparot.intake.refusals import Refusals
from tests.intake.phones import Phone, forged, payload, serving


def test_everybody_sees_how_many_reports_were_refused_and_why(database_url: str, tmp_path: Path) -> None:
    with serving(database_url, tmp_path, ("intake", "web")) as front:
        phone = front.phone()
        front.post(phone, [phone.report(), forged(phone.report()), forged(phone.report()), Phone().report()])
        front.post(phone, b"no report")
        front.sequence()
        answer = front.call("GET", "/v1/refusals")
        assert (answer.status, answer.headers["cache-control"]) == (200, "public, max-age=15")
        said = json.loads(answer.body)
        assert (said["received"], said["refused"]) == (4, 3), "what is no report was never taken in"
        assert [(one["code"], one["reports"]) for one in said["reasons"]] == [
            ("intake.bad_signature", 2),
            ("intake.device_unknown", 1),
        ]
        assert said["reasons"][0]["title"] == {
            "en": "The report's signature is not valid",
            "th": "ลายมือชื่อของรายงานไม่ถูกต้อง",
        }
        thai, english = front.call("GET", "/check").body.decode(), front.call("GET", "/en/check").body.decode()
        assert "รับรายงานมาแล้ว 4 ฉบับ ปฏิเสธไป 3 ฉบับ" in thai and "ลายมือชื่อของรายงานไม่ถูกต้อง: 2" in thai
        assert "Of 4 reports received, 3 were refused" in english and "The signing device is not enrolled: 1" in english


def test_bytes_that_lost_their_id_to_its_owner_count_as_refused(database_url: str, tmp_path: Path) -> None:
    with serving(database_url, tmp_path) as front:
        phone, said = front.phone(), payload()
        report = phone.report(**said)
        front.post(phone, forged(report))
        assert front.post(phone, report).outcomes == ["accepted"]
        front.sequence()
        with connect(database_url) as connection:
            assert store.counts(connection) == {"received": 2, "intake.conflict": 1}
        assert front.logged() == [report]


def test_a_reason_that_only_a_newer_program_knows_is_called_by_its_code(database_url: str, tmp_path: Path) -> None:
    with serving(database_url, tmp_path, ("intake", "web")) as front:
        phone = front.phone()
        front.post(phone, bad := forged(phone.report(**(said := payload()))))
        front.sequence()
        with connect(database_url) as connection:
            connection.execute("UPDATE intake.refused SET code = 'intake.of_tomorrow'")
        again = front.post(phone, bad)
        assert again.outcomes == ["intake.of_tomorrow"]
        receipt = front.call("GET", f"/v1/receipts/reports/{said['id']}")
        assert receipt.status == 400 and json.loads(receipt.body)["detail_th"] == "intake.of_tomorrow"
        assert json.loads(front.call("GET", "/v1/refusals").body)["reasons"][0]["code"] == "intake.of_tomorrow"


class Counting:
    """Counts without a database, or cannot."""

    def __init__(self) -> None:
        self.asked = 0
        self.away = False

    async def __call__(self, connection: object, seconds: float) -> dict[str, int]:
        self.asked += 1
        if self.away:
            raise psycopg.OperationalError("away")
        return {"received": self.asked}


async def asked(database_url: str, seconds: float, away: Sequence[bool], counting: Counting) -> list[int | None]:
    """Ask as often as ``away`` is long; return what was told to have been received."""
    found = []
    database = pool(database_url, 2)
    await database.open()
    refusals = Refusals(database, SystemClock(), seconds)
    for counting.away in away:
        counted = await refusals.counted()
        found.append(counted.received if counted else None)
    await database.close()
    return found


@pytest.mark.parametrize(
    ("seconds", "away", "told", "times"),
    [
        (1_000, [False, False, True], [1, 1, 1], 1),
        (1_000, [True, False], [None, None], 1),
        (0, [False, True, False], [1, 1, 3], 3),
        (0, [True, False], [None, 2], 2),
    ],
)
def test_one_count_serves_everybody_for_a_while_and_outlives_a_silent_database(
    monkeypatch: pytest.MonkeyPatch,
    database_url: str,
    seconds: float,
    away: list[bool],
    told: list[int | None],
    times: int,
) -> None:
    counting = Counting()
    monkeypatch.setattr(store, "counted", counting)
    assert asyncio.run(asked(database_url, seconds, away, counting)) == told
    assert counting.asked == times


def test_while_nothing_can_be_counted_the_door_says_so(
    monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Path
) -> None:
    counting = Counting()
    counting.away = True
    monkeypatch.setattr(store, "counted", counting)
    with serving(database_url, tmp_path, ("web",)) as front:
        answer = front.call("GET", "/v1/refusals")
        assert (answer.status, answer.problem["code"], answer.headers["retry-after"]) == (503, "intake.uncounted", "2")
        assert front.call("GET", "/check").status == 200

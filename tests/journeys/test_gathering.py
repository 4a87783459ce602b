"""A small evening whose people come through the doors of people: they join, learn, take duties, drop out, lose phones, and then report."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from base64 import urlsafe_b64decode
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tlog_scales.backend import LocalBackend
from tlog_scales.reader import TilesReader

from bench.kill import directory
from sapparot.audit.command import audit
from sapparot.audit.facts import Plan
from sapparot.base import canonical
from sapparot.base.settings import SettingInvalid, Settings
from sapparot.demo.evening import Demo
from sapparot.demo.facts import DemoPlan, Summary
from sapparot.demo.stage import free_port
from sapparot.simulate.mix import Mix
from tests.journeys.scan import found
from tests.simulate.conftest import SMALL

pytestmark = pytest.mark.slow
BUSY = Mix(
    dropped_permille=250,
    lost_permille=80,
    shared_permille=80,
    no_show_permille=40,
    spares_permille=300,
    plot_provinces=0,
)


class Lived:
    """What an evening left."""

    def __init__(self, data: Path, demo: Demo, summary: Summary) -> None:
        self.data, self.demo, self.summary = data, demo, summary
        reader = TilesReader(LocalBackend(data / "public" / "log"))
        size = reader.get_checkpoint().size
        self.entries: list[tuple[dict[str, Any], bytes]] = []
        for index in range(size):
            body = reader.get_entry(index)
            self.entries.append((canonical.decode(body), body))


@pytest.fixture(scope="module")
def lived() -> Iterator[Lived]:
    with directory() as place:
        plan = DemoPlan(election=SMALL, mix=BUSY, photos=0, doors="people")
        demo = Demo(plan, Settings(data=place / "data", port=free_port("127.0.0.1")), lambda _: None)
        with demo.run() as summary:
            yield Lived(place / "data", demo, summary)


def test_everybody_who_joined_is_accounted_for(lived: Lived) -> None:
    people = lived.summary.people
    assert people is not None
    assert people.joined > 60 and people.shared > 0 and people.chosen > 0 and people.planned > 0
    assert 0 < people.replaced <= people.dropped
    assert people.arrived == people.chosen + people.planned - people.dropped + people.replaced - people.absent
    assert people.absent > 0 and people.enrolled >= people.arrived + people.lost


def test_every_phone_is_in_the_log_and_so_is_the_end_of_every_lost_one(lived: Lived) -> None:
    people = lived.summary.people
    assert people is not None
    kinds = Counter(entry["kind"] for entry, _ in lived.entries)
    assert kinds["enrolment"] == people.enrolled
    assert kinds["revocation"] == people.lost > 0
    assert 0 < people.lost_refused <= people.lost
    revoked = {entry["jws"] for entry, _ in lived.entries if entry["kind"] == "revocation"}
    assert len(revoked) == people.lost


def test_the_evening_goes_on_as_ever_and_nothing_in_its_log_says_who_somebody_is(lived: Lived) -> None:
    assert lived.summary.recount_equal and lived.summary.sheets["wrong"] == 0
    assert lived.summary.sheets["right"] > 0.8 * sum(lived.summary.sheets.values())
    assert lived.summary.reports.accepted > 200
    secrets = [path.read_text().strip() for path in (lived.data / "secrets").rglob("*") if path.is_file()]
    assert [flaw for entry, body in lived.entries for flaw in found(entry["kind"], body, secrets)][:10] == []
    text = b"".join(body for _, body in lived.entries)
    assert b"Somchai" not in text and b"+6681" not in text


def test_once_the_stations_have_closed_the_log_says_who_serves_where_and_still_holds(
    lived: Lived, tmp_path: Path
) -> None:
    people = lived.summary.people
    assert people is not None
    told = [(at, entry["duties"]) for at, (entry, _) in enumerate(lived.entries) if entry["kind"] == "duties"]
    enrolled = {
        payload_of(entry)["kid"]: at for at, (entry, _) in enumerate(lived.entries) if entry["kind"] == "enrolment"
    }
    named: dict[str, list[str]] = {}
    for at, duties in told:
        assert all(enrolled[kid] < at for kid in duties)
        assert all(named.get(kid, []) != stations for kid, stations in duties.items()), "nothing is said twice"
        named |= duties
    stations = [station for stations in named.values() for station in stations]
    assert len(named) == people.arrived and len(stations) >= people.arrived
    failed = [entry for entry, _ in lived.entries if entry.get("rule") == "duty_matches"]
    assert failed
    assert all(entry["weight"] == "note" and entry["values"]["station"] in stations for entry in failed)
    plan = Plan(source=str(lived.data / "public"), state=tmp_path / "state.json", processes=1)
    assert audit(plan, lambda *_: None).verdict == "holds"


def payload_of(entry: dict[str, Any]) -> dict[str, Any]:
    """What a signed entry says."""
    return dict(json.loads(urlsafe_b64decode(entry["jws"].split(".")[1] + "==")))


def asked(lived: Lived, path: str, said: object = None, cookie: str = "") -> tuple[bytes, str]:
    """What a door of the demo answers, and the cookie that comes with it."""
    headers = {"Cookie": cookie, "Sec-Fetch-Site": "same-origin", "Content-Type": "application/json"}
    body = None if said is None else json.dumps(said).encode()
    request = urllib.request.Request(f"{lived.demo.address}{path}", body, headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read(), answer.headers.get("Set-Cookie", "").split(";")[0]


def test_a_visitor_is_received_afterwards_and_signs_in_as_whom_the_guide_names(lived: Lived) -> None:
    lived.demo.go_on()
    guide = lived.demo.guide
    [(network, phone)] = re.findall(r"organiser +\S+network=(\S+) +(0[\d ]+)", guide)
    assert f"{lived.demo.address}outbox" in guide and f"{lived.demo.address}join/{network}" in guide
    assert "ค่ำเลือกตั้งจำลอง" in asked(lived, f"join/{network}")[0].decode()
    handle = json.loads(asked(lived, "v1/sign-in", {"network": network, "phone": phone})[0])["handle"]
    for _ in range(300):
        rows = asked(lived, "outbox")[0].decode().split("<li")
        if code := re.search(r"<strong>(\d{6})", next((row for row in rows if phone in row), "")):
            break
        time.sleep(0.2)
    assert code
    _, cookie = asked(lived, "v1/sign-in/code", {"handle": handle, "code": code[1]})
    assert "ผู้จัด" in asked(lived, "organise/people", None, cookie)[0].decode()


def test_people_do_not_sign_in_with_codes_on_a_page_where_others_could_read_it(tmp_path: Path) -> None:
    plan = DemoPlan(election=SMALL, doors="people")
    with pytest.raises(SettingInvalid, match="SAPPAROT_HOST"):
        Demo(plan, Settings(data=tmp_path, host="0.0.0.0"), lambda _: None)
    assert "Nobody can sign in here" in Demo(DemoPlan(election=SMALL), Settings(host="0.0.0.0"), lambda _: None).guide

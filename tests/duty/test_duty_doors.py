"""Duties over HTTP: what a phone does, and what strangers are refused."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

import pytest

from sapparot.base.database import AsyncConnection, connect
from sapparot.duty.assignments import nearby, store
from sapparot.duty.assignments.facts import Duty
from tests.intake.phones import NETWORK, Front
from tests.people.cast import Browser, code_of, person, said, signed_in

STATION = "01-01-010111-001"


def test_a_volunteer_finds_a_station_nearby_guards_it_and_gives_it_back(anna: Browser) -> None:
    found = said(anna.get("/v1/stations/open?near=15.24,101.13"))
    assert len(found["stations"]) == 50
    away = [station["metres"] for station in found["stations"] if station["metres"] is not None]
    assert away == sorted(away) and away[0] < 2000
    place = found["stations"][0]["code"]
    made = said(anna.post("/v1/me/duties", {"place": place}))["duties"]
    assert [(duty["job"], duty["state"], duty["how"]) for duty in made] == [
        ("progress", "accepted", "chosen"), ("final", "accepted", "chosen"),
    ]  # fmt: skip
    again = anna.post("/v1/me/duties", {"place": place})
    assert code_of(again) == (409, "duty.already_held")
    assert code_of(anna.post("/v1/me/duties", {"place": STATION[:-1] + "5"})) == (409, "duty.too_many_places")
    nearby = said(anna.get("/v1/stations/open?near=15.24,101.13"))["stations"]
    assert place not in [station["code"] for station in nearby]
    for duty in made:
        assert said(anna.post(f"/v1/me/duties/{duty['id']}/drop", {"reason": "ป่วย"}))["state"] == "dropped"
    assert {duty["state"] for duty in said(anna.get("/v1/me/duties"))["duties"]} == {"dropped"}


def test_open_stations_of_an_area_begin_with_those_that_nobody_guards(anna: Browser, front: Front) -> None:
    said(anna.post("/v1/me/duties", {"place": "01-02-010121-001", "jobs": ["final"]}))
    ben = signed_in(front, person(front))
    listed = said(ben.get("/v1/stations/open?area=01-02"))["stations"]
    assert {station["code"][:5] for station in listed} == {"01-02"}
    assert listed[-1]["code"] == "01-02-010121-001"
    assert (listed[-1]["people"], listed[-1]["groups"], listed[-1]["adds"]) == (1, 1, False)
    assert (listed[0]["people"], listed[0]["adds"]) == (0, True)


def test_open_stations_of_the_whole_election_are_looked_for_among_few_with_the_same_answer(
    anna: Browser, front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    ben, looked = signed_in(front, person(front)), []

    async def at_places(connection: AsyncConnection, election: str, places: Sequence[str]) -> list[Duty]:
        looked.append(len(places))
        return await real(connection, election, places)

    real = store.at_places
    monkeypatch.setattr(store, "at_places", at_places)
    monkeypatch.setattr(nearby, "FRESH_SECONDS", 0.0)
    monkeypatch.setattr(nearby, "LOOKED_AT", 10**6)
    first = said(ben.get("/v1/stations/open"))["stations"][0]["code"]
    said(anna.post("/v1/me/duties", {"place": first, "jobs": ["final"]}))
    whole = said(ben.get("/v1/stations/open"))["stations"]
    monkeypatch.setattr(nearby, "LOOKED_AT", 55)
    assert said(ben.get("/v1/stations/open"))["stations"] == whole
    assert first not in [station["code"] for station in whole], "others have nobody"
    assert len(whole) == 50 and looked[-1] == 55 < looked[0]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/stations/open?near=north", 400),
        ("/v1/stations/open?near=1,2,3", 400),
        ("/v1/stations/open?near=91,0", 400),
        ("/v1/stations/open?near=nan,inf", 400),
        ("/v1/stations/open?near=1e400,0", 400),
        ("/v1/stations/open?area=nowhere", 404),
        ("/v1/stations/open?job=king", 400),
    ],
)
def test_questions_that_make_no_sense_are_answered_with_a_problem(anna: Browser, path: str, status: int) -> None:
    answer = anna.get(path)
    assert answer.status in (status, 422)
    assert answer.problem["detail_th"]


def test_check_ins_come_in_batches_from_hours_without_a_network(anna: Browser) -> None:
    one, other = str(uuid4()), str(uuid4())
    batch = {
        "check_ins": [
            {"id": one, "station": STATION, "at": "2026-03-01T16:10:00+07:00", "lat": 1524, "lon": 10113},
            {"id": other, "station": "nowhere", "at": "2026-03-01T16:10:00+07:00"},
        ]
    }
    first = said(anna.post("/v1/me/check-ins", batch))["check_ins"]
    assert [each["status"] for each in first] == ["noted", "unknown"]
    assert "not_assigned" in first[0]["flags"]
    assert said(anna.post("/v1/me/check-ins", batch))["check_ins"][0]["status"] == "duplicate"
    wrongs: list[dict[str, object]] = [
        {"check_ins": []},
        {"check_ins": [{"id": one, "station": STATION, "at": "2026-03-01T16:10:00"}]},
        {"check_ins": [{"id": one, "station": STATION, "at": "2026-03-01T16:10:00Z", "lat": 15.24}]},
        {"check_ins": [{"id": one, "station": STATION, "at": "2026-03-01T16:10:00Z", "lat": 152400, "lon": 0}]},
        {"check_ins": [{"id": one, "station": STATION, "at": "2026-03-01T16:10:00Z"}] * 101},
    ]
    for wrong in wrongs:
        answer = anna.post("/v1/me/check-ins", wrong)
        assert 400 <= answer.status < 500, answer.body


def test_only_organisers_and_the_centre_ask_for_plans_and_each_sees_its_own(front: Front, anna: Browser) -> None:
    assert code_of(anna.post("/v1/duties/runs", {})) == (403, "people.not_for_you")
    organiser = signed_in(front, person(front, roles=("organiser",)))
    centre = signed_in(front, person(front, roles=("centre",)))
    mine = said(organiser.post("/v1/duties/runs", {"area": "01-01", "seed": 5}))
    assert (mine["network"], mine["state"], mine["wish"]["seed"]) == (NETWORK, "waiting", 5)
    whole = said(centre.post("/v1/duties/runs", {}))
    assert whole["network"] is None
    assert code_of(organiser.get(f"/v1/duties/runs/{whole['id']}")) == (404, "duty.run_unknown")
    assert code_of(organiser.post("/v1/duties/runs", {"area": "99"})) == (404, "duty.place_unknown")
    assert {run["id"] for run in said(centre.get("/v1/duties/runs"))["runs"]} >= {mine["id"], whole["id"]}
    assert Browser(front).get("/v1/duties/runs").status == 401


def test_what_duties_hold_of_a_person_is_in_its_export_and_goes_with_it(front: Front) -> None:
    who = person(front)
    leaving = signed_in(front, who)
    said(leaving.post("/v1/me/duties", {"place": "02-01-020111-001"}))
    told = said(leaving.get("/v1/me/data"))
    assert [duty["place"] for duty in told["more"]["duty"]["duties"]] == ["02-01-020111-001"] * 2
    assert leaving.call("DELETE", "/v1/me").status < 300
    with connect(front.url) as connection:
        left = connection.execute("SELECT DISTINCT state FROM duty.duties WHERE person = %s", (who,)).fetchall()
        assert left == [("dropped",)]


def test_coverage_gaps_and_announcements_are_for_those_who_look_after_people(front: Front, anna: Browser) -> None:
    organiser = signed_in(front, person(front, roles=("organiser",)))
    head = signed_in(front, person(front, level=2, roles=("head:01-01",)))
    for path in ("coverage", "gaps", "missing"):
        assert code_of(anna.get(f"/v1/duties/{path}")) == (403, "duty.not_your_area")
        assert code_of(head.get(f"/v1/duties/{path}?area=01-02")) == (403, "duty.not_your_area")
        assert code_of(organiser.get(f"/v1/duties/{path}?area=99")) == (404, "duty.place_unknown")
        said(head.get(f"/v1/duties/{path}?area=01-01-010111"))
    whole = said(organiser.get("/v1/duties/coverage"))
    assert whole["networks"] == {}, "how far each network is, is for the centre"
    centre = signed_in(front, person(front, roles=("centre",)))
    assert said(centre.get("/v1/duties/coverage"))["networks"] == {NETWORK: whole["whole"]["own"]}
    assert (whole["whole"]["stations"], [row["area"] for row in whole["inside"]]) == (60, ["01", "02"])
    gaps = said(organiser.get("/v1/duties/gaps?area=02-01"))["gaps"]
    assert gaps[0]["weight"] >= gaps[-1]["weight"]
    made = said(organiser.post("/v1/announcements", {"text": {"th": "พบกันวันอาทิตย์"}, "to": {"area": "01"}}))
    assert made["text"] == {"th": "พบกันวันอาทิตย์", "en": "พบกันวันอาทิตย์"}
    assert said(organiser.get(f"/v1/announcements/{made['id']}"))["announcement"]["id"] == made["id"]
    assert code_of(head.get(f"/v1/announcements/{made['id']}")) == (404, "duty.announcement_unknown")
    assert code_of(anna.post("/v1/announcements", {"text": {"th": "ก"}})) == (403, "people.not_for_you")
    assert organiser.post("/v1/announcements", {"text": {}}).status in (400, 422)
    assert said(anna.get("/v1/me/messages")) == {"messages": []}
    assert anna.post("/v1/me/messages/seen", {"until": 7}).status == 204


def test_a_head_replaces_over_http_by_a_person_by_a_spare_or_by_nobody(front: Front) -> None:
    head = signed_in(front, person(front, level=2, roles=("head:01-02",)))
    who = person(front)
    place = "01-02-010122-003"
    for said_, moved in (
        ({"person": str(uuid4())}, 404),
        ({"spare": False}, 200),
        ({"spare": "no"}, 400),
        ({"person": "x"}, 400),
    ):
        [duty] = said(signed_in(front, who).post("/v1/me/duties", {"place": place, "jobs": ["final"]}))["duties"]
        assert head.post(f"/v1/duties/{duty['id']}/replace", said_).status == moved
        head.post(f"/v1/duties/{duty['id']}/replace", {})

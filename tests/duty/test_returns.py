"""What the stations of a constituency have sent, as heads see it: through the real doors, into the log, and back."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapparot.base.database import connect
from sapparot.duty.returns import book
from sapparot.duty.returns.facts import NOTHING, Told
from sapparot.duty.returns.rules import heard, show_in
from sapparot.evidence.store import mark_removed
from sapparot.people import Invited, Keyring, make_invite, revoke
from sapparot.verify.worker import Verifier
from tests.databases import Databases
from tests.intake.phones import NETWORK, Front, Phone
from tests.people.arriving import define_small
from tests.people.cast import Browser, code_of, person, said, signed_in
from tests.web.leading import OTHER, leading

AREA, STATION, NEXT = "02-01", "02-01-020111-001", "02-01-020111-002"
THIRD = "02-01-020111-003"
SHEET = f"{STATION}/constituency"


@pytest.fixture(scope="module")
def front(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with leading(databases, tmp_path_factory.mktemp("returns")) as running:
        define_small(running)
        yield running


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for the book to be read again."""
    monkeypatch.setattr(book, "FRESH_SECONDS", -1.0)


@pytest.fixture(scope="module")
def head(front: Front) -> Browser:
    return signed_in(front, person(front, level=2, roles=(f"head:{AREA}",)))


def phone_of(front: Front, network: str = NETWORK, level: int = 1, area: str = AREA) -> Phone:
    """A phone of a network, enrolled by an invite code; one of level 2 for an area."""
    phone = Phone()
    with connect(front.url) as connection:
        code = make_invite(
            connection, network, Invited(level, area if level == 2 else None), 1, datetime.now(UTC) + timedelta(days=1)
        )
    assert front.enrol(phone, code).status == 201
    return phone


def send(front: Front, phone: Phone, *reports: dict[str, Any]) -> None:
    """Send reports of the small election and let the log be judged."""
    whole = {"election": "small", "valid": None, "spoiled": None, "no_vote": None, "ballots_cast": None}
    assert set(front.post(phone, [phone.report(**(whole | one)) for one in reports]).outcomes) == {"accepted"}
    for _ in range(2):  # what verify concludes comes back to it through the log
        front.sequence()
        with connect(front.url) as connection:
            verifier = Verifier()
            verifier.start(connection)
            while verifier.step(connection):
                continue


def station(browser: Browser, code: str = STATION, area: str = AREA) -> dict[str, Any]:
    """One station as a head sees it."""
    return next(one for one in said(browser.get(f"/v1/areas/{area}/returns"))["stations"] if one["code"] == code)


def comparison(browser: Browser, ballot: str = "constituency") -> dict[str, Any]:
    """What a head sees of the differences."""
    return dict(said(browser.get(f"/v1/areas/{AREA}/comparison?ballot={ballot}")))


def test_a_station_shows_what_it_sent_step_by_step_and_official_figures_count_from_a_head_alone(
    front: Front, head: Browser
) -> None:
    volunteer, other, leader = phone_of(front), phone_of(front, OTHER), phone_of(front, level=2)
    assert station(head)["sheets"][0]["state"] == "empty"
    send(front, volunteer, {"sheet": SHEET, "stage": "progress", "votes": {"1": 10, "2": 9}, "seq": 1})
    assert station(head)["sheets"][0]["state"] == "live"
    shot = hashlib.sha256(b"form").hexdigest()
    named = [{"role": "form", "page": 1, "sha256": shot}]
    send(front, volunteer, {"sheet": SHEET, "stage": "final", "votes": {"1": 12, "2": 9}, "seq": 2, "evidence": named})
    sheet = station(head)["sheets"][0]
    assert (sheet["state"], sheet["finals"], sheet["own"], sheet["named"], sheet["arrived"]) == (
        "reported",
        1,
        True,
        1,
        0,
    )
    counts = said(head.get(f"/v1/areas/{AREA}/returns?show=photographs"))
    assert [one["code"] for one in counts["stations"]] == [STATION] and counts["counts"]["photographs"] == 1
    send(front, other, {"sheet": SHEET, "stage": "final", "votes": {"1": 12, "2": 8}, "seq": 1})
    send(front, volunteer, {"sheet": SHEET, "stage": "official", "votes": {"1": 99, "2": 9}, "seq": 3})
    sheet = station(head)["sheets"][0]
    assert (sheet["state"], sheet["finals"], sheet["official_at"]) == ("disputed", 2, None)
    send(front, leader, {"sheet": SHEET, "stage": "official", "votes": {"1": 15, "2": 9}, "seq": 1})
    assert station(head)["sheets"][0]["official_at"] is not None
    found = comparison(head)
    assert (found["sheets"], found["boards"], found["own"], found["others"], found["officials"]) == (20, 1, 1, 1, 1)
    assert (found["ours"]["1"], found["official"]["1"]) == (12, 15)
    [row] = found["differing"]
    assert [(one["figure"], one["own"], one["others"], one["official"]) for one in row["differences"]] == [
        ("1", 12, 12, 15), ("2", 9, 8, 9),
    ]  # fmt: skip
    assert "ทางการมากกว่าอยู่ 3" in row["differences"][0]["text"]["th"]
    assert "the networks are 1 apart" in row["differences"][1]["text"]["en"]
    stranger = signed_in(front, person(front, OTHER, level=2, roles=(f"head:{AREA}",)))
    [theirs] = comparison(stranger)["differing"]
    assert (theirs["own"]["figures"]["2"], theirs["others"]["figures"]["2"]) == (8, 9), (
        "each sees its own network as own"
    )


def test_a_form_that_was_taken_down_is_missing_again(front: Front, head: Browser) -> None:
    sheet, shot = f"{THIRD}/constituency", hashlib.sha256(b"taken down").digest()
    named = [{"role": "form", "page": 1, "sha256": shot.hex()}]
    send(front, phone_of(front), {"sheet": sheet, "stage": "final", "votes": {"1": 3}, "seq": 1, "evidence": named})

    def seen() -> tuple[int, bool]:
        listed = said(head.get(f"/v1/areas/{AREA}/returns?show=photographs"))["stations"]
        return station(head, THIRD)["sheets"][0]["arrived"], THIRD in [one["code"] for one in listed]

    assert seen() == (0, True)
    with connect(front.url) as connection:
        connection.execute(
            "INSERT INTO evidence.photographs (original, published, kind, size, width, height, carrier, received_at)"
            " VALUES (%s, %s, 'jpg', 9, 9, 9, 'carrier', now())",
            (shot, shot),
        )
    assert seen() == (1, False)
    with connect(front.url) as connection:
        mark_removed(connection, shot.hex(), datetime.now(UTC))
    assert seen() == (0, True)


def test_the_authority_may_speak_of_a_whole_constituency_for_both_ballots(front: Front, head: Browser) -> None:
    leader = phone_of(front, level=2)
    for ballot in ("constituency", "list"):
        assert comparison(head, ballot)["announced"] is None
        send(front, leader, {"sheet": f"{AREA}/{ballot}", "stage": "official", "votes": {"1": 4000}, "seq": 7})
        assert comparison(head, ballot)["announced"]["said"]["figures"] == {"1": 4000}
    findings = [one for one in front.log("finding") if one["rule"] == "sheet_is_known"]
    assert findings == []
    send(front, leader, {"sheet": f"{AREA}/mayor", "stage": "official", "votes": {"1": 1}})
    assert [one["rule"] for one in front.log("finding")].count("sheet_is_known") == 1


def test_a_difference_is_explained_by_heads_of_the_area_and_the_table_says_so(front: Front, head: Browser) -> None:
    made = said(head.post("/v1/explanations", {"sheet": SHEET, "state": "theirs", "reason": "พิมพ์ผิด", "mine": True}))
    assert made["state"] == "theirs" and made["owner"] == made["by"]
    answer = head.get(f"/v1/areas/{AREA}/comparison.csv?only=differing")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.body.decode("utf-8-sig"))))
    assert {(row["station"], row["explanation"], row["reason"]) for row in rows} == {(STATION, "theirs", "พิมพ์ผิด")}
    assert rows[0]["official_minus_ours"] == "3" and rows[0]["own_entry"].isdigit()
    far = signed_in(front, person(front, level=2, roles=("head:01-01",)))
    assert code_of(far.post("/v1/explanations", {"sheet": SHEET, "state": "ours"})) == (403, "duty.not_your_area")


@pytest.mark.parametrize("path", ["returns", "comparison", "comparison.csv"])
def test_only_who_leads_around_an_area_sees_it(front: Front, path: str) -> None:
    for roles, area, wanted in (
        ((), AREA, (403, "duty.not_your_area")),
        (("head:01-01",), AREA, (403, "duty.not_your_area")),
        (("head:01-01",), "99-99", (403, "duty.not_your_area")),
        (("organiser",), "99-99", (404, "duty.place_unknown")),
    ):
        browser = signed_in(front, person(front, roles=roles))
        assert code_of(browser.get(f"/v1/areas/{area}/{path}")) == wanted
    for roles in (("organiser",), ("reviewer",), ("centre",), (f"head:{AREA}",), ("head:02",)):
        assert signed_in(front, person(front, roles=roles)).get(f"/v1/areas/{AREA}/{path}").status == 200
    lead = signed_in(front, person(front, roles=("lead",)))
    assert code_of(lead.get(f"/v1/areas/{AREA}/comparison?ballot=mayor")) == (404, "duty.place_unknown")


def test_people_of_other_networks_are_told_as_network_and_jobs_without_name_or_key(front: Front) -> None:
    mine, theirs = person(front), person(front, OTHER)
    for who in (mine, theirs):
        said(signed_in(front, who).post("/v1/me/duties", {"place": NEXT}))
    for network, own, others in ((NETWORK, mine, theirs), (OTHER, theirs, mine)):
        browser = signed_in(front, person(front, network, roles=(f"head:{AREA}",)))
        answer = browser.get(f"/v1/areas/{AREA}/returns")
        assert str(others).encode() not in answer.body
        row = station(browser, NEXT)
        assert {duty["person"] for duty in row["own"]} == {str(own)} and row["others"] == 1
        assert row["elsewhere"] == [
            {"network": OTHER if network == NETWORK else NETWORK, "jobs": ["progress", "final"]}
        ]


def test_a_flood_about_one_sheet_hides_neither_its_own_final_nor_those_of_others(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(book, "FIRST", 5)
    noisy, quiet = phone_of(front), phone_of(front, OTHER)
    sheet, beside = "01-02-010121-001/list", "01-02-010121-002/list"
    send(
        front,
        quiet,
        {"sheet": sheet, "stage": "final", "votes": {"1": 3}},
        {"sheet": beside, "stage": "final", "votes": {"1": 4}},
    )
    flood: Sequence[dict[str, Any]] = [
        {"sheet": sheet, "stage": "progress", "votes": {"1": number}, "seq": number} for number in range(1, 40)
    ]
    send(front, noisy, *flood)
    browser = signed_in(front, person(front, roles=("head:01-02",)))
    for code in (sheet, beside):
        found = station(browser, code.partition("/")[0], "01-02")
        assert found["sheets"][1]["finals"] == 1


def say(front: Front, head: Browser, phone: Phone, said: dict[str, int], sheet: str) -> dict[str, Any]:
    """Report official figures, and see what heads see."""
    seq = said.pop("seq", 1)
    send(front, phone, {"sheet": sheet, "stage": "official", "votes": said, "seq": seq})
    return comparison(head)


def officials(found: dict[str, Any]) -> tuple[int, int, int]:
    return found["officials"], found["officials_single"], found["officials_differ"]


def differing(found: dict[str, Any], sheet: str) -> dict[str, Any]:
    return next(one for one in found["differing"] if one["sheet"] == sheet)


def test_figures_are_official_when_independent_groups_report_them_alike(front: Front, head: Browser) -> None:
    sheet = f"{AREA}-020111-004/constituency"
    mine, again, theirs = phone_of(front, level=2), phone_of(front, level=2), phone_of(front, OTHER, level=2)
    send(front, mine, {"sheet": sheet, "stage": "final", "votes": {"1": 30, "2": 9}, "seq": 1})
    shown, single, _ = officials(comparison(head))
    found = say(front, head, mine, {"1": 40, "2": 9, "seq": 2}, sheet)
    assert officials(found) == (shown + 1, single + 1, 0)
    found = say(front, head, again, {"1": 40, "2": 9}, sheet)
    assert officials(found) == (shown + 1, single + 1, 0), "one group stays one, however many phones it has"
    found = say(front, head, theirs, {"1": 41, "2": 9}, sheet)
    assert officials(found) == (shown, single, 1)
    row = differing(found, sheet)
    assert row["official"] is None and row["officially"]["state"] == "differ" and len(row["officially"]["sources"]) == 3
    [says] = row["officially"]["says"]
    assert "40" in says["th"] and "41" in says["th"] and "differ" in says["en"]
    answer = head.get(f"/v1/areas/{AREA}/comparison.csv?only=differing").body.decode("utf-8-sig")
    lines = csv.DictReader(io.StringIO(answer))
    [line] = [one for one in lines if (f"{one['station']}/constituency", one["figure"]) == (sheet, "1")]
    assert (line["official"], line["official_state"], line["official_sources"].count("=4")) == ("", "differ", 3)
    page = head.get(f"/en/head/{AREA}/compare").body.decode()
    assert "the sources differ, so none are shown as official" in page and "says 41" in page
    found = say(front, head, theirs, {"1": 40, "2": 9, "seq": 2}, sheet)
    assert officials(found) == (shown + 1, single, 0)
    row = differing(found, sheet)
    assert (row["official"]["figures"]["1"], row["officially"]["state"], row["officially"]["groups"]) == (
        40,
        "agreed",
        2,
    )
    assert "2 independent groups report the same" in head.get(f"/en/head/{AREA}/compare").body.decode()


def test_what_a_revoked_phone_reported_as_official_is_nobodys_word(front: Front, head: Browser) -> None:
    sheet, before = f"{AREA}/list", comparison(head, "list")["announced"]
    phone = phone_of(front, OTHER, level=2)
    send(front, phone, {"sheet": sheet, "stage": "official", "votes": {"1": 7}})
    assert comparison(head, "list")["announced"]["officially"]["state"] == "differ"
    assert comparison(head, "list")["announced"]["said"] is None
    with connect(front.url) as connection:
        keys = Keyring(front.settings.data / "secrets" / "networks")
        revoke(connection, phone.key.kid, datetime.now(UTC) - timedelta(hours=1), "misused", keys)
    assert comparison(head, "list")["announced"] == before


def test_official_figures_that_verify_refused_are_nobodys_word(front: Front) -> None:
    head = signed_in(front, person(front, level=2, roles=("head:01-01",)))
    with connect(front.url) as connection:
        connection.execute("UPDATE people.persons SET trained_at = now()")
    far = Phone()
    answer = head.call("POST", "/v1/me/devices", far.ask(""), content_type="application/jose")
    assert answer.status == 201
    far.token = said(answer)["token"]
    for sheet in (f"{AREA}-020111-005/list", f"{AREA}/list", "01-01/list"):
        send(front, far, {"sheet": sheet, "stage": "official", "votes": {"1": 99}})
    assert [one["values"]["sheet"] for one in front.log("finding") if one["rule"] == "official_from_own_area"] == [
        f"{AREA}-020111-005/list", f"{AREA}/list",
    ]  # fmt: skip
    here = signed_in(front, person(front, level=2, roles=(f"head:{AREA}",)))
    found = comparison(here, "list")
    assert found["officials"] == 0 and found["announced"]["said"]["figures"] == {"1": 4000}
    assert b'"1":99' in head.get("/v1/areas/01-01/comparison?ballot=list").body


def told(position: int, seq: int = 0, kid: str = "a", network: str = "n") -> Told:
    return Told(position, datetime(2026, 3, 1, tzinfo=UTC), kid, network, seq)


@given(st.permutations(range(6)), st.sampled_from(["progress", "final", "official"]))
def test_of_one_device_the_report_that_it_made_last_holds_whatever_the_order_of_arrival(
    order: list[int], stage: str
) -> None:
    held = NOTHING
    for position, seq in enumerate(order):
        held = heard(held, stage, told(position, seq), 2)
    kept = {"progress": (held.progress,), "official": held.officials, "final": held.finals}[stage]
    assert [one and one.seq for one in kept] == [5]


def test_finals_stand_by_network_and_official_figures_of_a_volunteer_nowhere() -> None:
    held = heard(heard(NOTHING, "final", told(1), 1), "final", told(2, kid="b", network="m"), 1)
    assert [one.network for one in held.finals] == ["n", "m"]
    assert heard(NOTHING, "official", told(1), 1) == NOTHING == heard(NOTHING, "mistake", told(1), 3)


def test_of_one_network_the_official_figures_of_its_latest_phones_are_kept_and_no_others_make_room_for_them() -> None:
    held = heard(NOTHING, "official", told(0, kid="other", network="m"), 2)
    for position in range(1, 40):
        held = heard(held, "official", told(position, kid=str(position)), 2)
    assert [one.position for one in held.officials] == [0, *range(24, 40)]


@given(st.text(max_size=20))
def test_a_selection_that_is_none_shows_all(text: str) -> None:
    assert show_in(text) == text or show_in(text) == "all"

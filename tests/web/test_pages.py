"""The public pages: every state of an evening, both languages, and what a browser is told beside the page."""

from __future__ import annotations

import gzip
import json
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from litestar.testing import TestClient

from sapparot.base.clock import ConductedClock, Conductor
from sapparot.base.objects import Objects
from sapparot.web.assets import csp_hash
from sapparot.web.render import Renderer
from tests.web.conftest import Ask
from tests.web.evenings import COMPLETE, EARLY, EMPTY, LATE, Evening, evening
from tests.web.serving import pages, publish
from tests.web.sheets import COPY, PHOTO, Log, disputed_station

STATION = "01-01-010111-001"
PAGES = ("/", "/province/01", "/constituency/01-01", f"/station/{STATION}", "/stations", "/stations?q=01", "/check")
EVENINGS = {"empty": EMPTY, "early": EARLY, "late": LATE, "complete": COMPLETE}


class Reader(HTMLParser):
    """Collects what a page is made of, and checks that its tags are balanced."""

    VOID = frozenset({"meta", "link", "input", "br", "img"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.styles: list[str] = []
        self.feed(text)
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "style":
            self.styles.append(data)
        else:
            self.text.append(data)

    def links(self) -> list[str]:
        return [attrs["href"] or "" for tag, attrs in self.tags if tag == "a" and "href" in attrs]


@pytest.mark.parametrize("state", EVENINGS)
def test_every_page_shows_every_state_in_both_languages(state: str, ask: Ask, log: Log) -> None:
    disputed_station(log, STATION, [212, 35, 18, 4], [220, 40, 10, 5, 3])
    client = ask(evening(EVENINGS[state]))
    for path in PAGES:
        for lang, address in (("th", path), ("en", f"/en{path}")):
            answer = client.get(address)
            assert answer.status_code == 200, address
            page = Reader(answer.text)
            assert ("html", {"lang": lang, "data-zone": "Asia/Bangkok"}) in page.tags
            assert "None" not in " ".join(page.text), address
            thai = re.search("[ก-๛]", " ".join(page.text).replace("ไทย", ""))
            assert bool(thai) == (lang == "th"), f"{address}: {thai}"


@pytest.mark.parametrize("path", ["/", "/province/01", "/constituency/01-01", f"/station/{STATION}", "/stations"])
def test_before_the_first_snapshot_every_page_says_that_there_is_no_count(path: str, ask: Ask) -> None:
    client = ask(None)
    assert "ยังไม่มีการนับคะแนน" in client.get(path).text
    assert "There is no count yet" in client.get(f"/en{path}").text


def test_a_page_says_how_old_its_snapshot_is_by_the_clock_of_the_server(ask: Ask) -> None:
    client = ask(evening(EARLY))
    for path in PAGES:
        first = client.get(path)
        again = client.get(path, headers={"if-none-match": first.headers["etag"]})
        assert (first.status_code, again.status_code) == (200, 304)
        assert first.headers["server-timing"] == again.headers["server-timing"] == "snapshot;dur=8000"
    assert "server-timing" not in client.get("/nothing").headers
    assert "server-timing" not in client.get("/static/icon.svg").headers


def test_in_a_conducted_evening_no_page_says_an_age_that_its_reader_would_take_for_real_minutes(tmp_path: Path) -> None:
    publish(Objects.at(tmp_path / "public"), evening(EARLY))
    conductor = Conductor(tmp_path / "conductor")
    conductor.set(datetime(2023, 5, 14, 13, tzinfo=UTC).timestamp(), 340.0)
    clock = ConductedClock(tmp_path / "conductor")
    with TestClient(pages(tmp_path / "public", now=clock)) as client:
        for path in PAGES:
            answer = client.get(path)
            assert answer.status_code == 200 and "server-timing" not in answer.headers
    conductor.close()


def test_where_every_sheet_is_counted_a_leader_is_not_told_how_many_voters_are_left(ask: Ask) -> None:
    client = ask(evening(COMPLETE))
    assert "นับครบทุกใบคะแนนแล้ว" in client.get("/constituency/01-01").text
    assert "votes with every sheet counted." in client.get("/en/constituency/01-01").text


def test_a_lead_by_a_single_vote_and_a_station_of_a_single_voter_are_told_as_one(ask: Ask) -> None:
    given = evening(LATE)
    areas = json.loads(given.files["constituencies.json"])
    lead = next(area for area in areas["areas"] if area["area"] == "01-01")["ballots"]["constituency"]["lead"]
    lead.update(margin=1, decided=None)
    listed = json.loads(given.files["stations/01-01.json"])
    for block in listed["ballots"]:
        station, people = (block["columns"].index(name) for name in ("station", "eligible"))
        block["rows"] = [
            [1 if n == people and row[station] == STATION else cell for n, cell in enumerate(row)]
            for row in block["rows"]
        ]
    files = {"constituencies.json": json.dumps(areas).encode(), "stations/01-01.json": json.dumps(listed).encode()}
    client = ask(Evening(given.definition, {**given.files, **files}))
    assert (
        f"leads by 1 vote. Voters not counted yet: {lead['outstanding']:,}."
        in client.get("/en/constituency/01-01").text
    )
    assert f"ยังเหลือผู้มีสิทธิที่ยังไม่นับ {lead['outstanding']:,} คน" in client.get("/constituency/01-01").text
    assert "1 person may vote here." in client.get(f"/en/station/{STATION}").text


def test_before_closing_the_live_page_says_when_the_count_begins(tmp_path: Path) -> None:
    publish(Objects.at(tmp_path), evening(EMPTY))
    morning = datetime(2023, 5, 14, 5, tzinfo=UTC)
    with TestClient(pages(tmp_path, now=morning)) as client:
        assert "ปิดหีบเวลา 17:00 น." in client.get("/").text
        assert "The polls close at 17:00" in client.get("/en").text


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/province/99", "/constituency/99-99", "/station/01-01-010111-999", "/station/x", "/static/none.js"],
)
def test_unknown_addresses_are_pages_too_and_say_404(path: str, ask: Ask) -> None:
    client = ask(evening(LATE))
    answer = client.get(path)
    assert answer.status_code == 404
    assert "ไม่พบหน้านี้" in answer.text
    assert Reader(answer.text).tags
    assert answer.headers["cache-control"] == "no-store"


def test_a_list_of_stations_that_is_older_than_the_figures_says_of_when_it_is(tmp_path: Path) -> None:
    public, early = Objects.at(tmp_path), evening(EARLY)
    older = {name: data.replace(b"13:14:32", b"13:13:40") for name, data in early.files.items()}
    publish(public, Evening(early.definition, older), 1203)
    with TestClient(pages(tmp_path)) as client:
        assert "20:13:40 น." in client.get("/constituency/01-01").text
        assert "สถานะในรายการนี้" not in client.get("/constituency/01-01").text
    publish(public, evening(LATE), 1204, full=1203)
    with TestClient(pages(tmp_path)) as client:
        assert "สถานะในรายการนี้เป็นข้อมูล ณ 14 พ.ค. 2566 20:13:40 น. ซึ่งเก่ากว่า" in client.get("/constituency/01-01").text
        english = client.get("/en/constituency/01-01").text
    assert "The states in this list are as of 14 May 2023 20:13:40" in english
    assert 'data-time="14 May 2023 20:14:32"' in english and ">14 May 2023 20:14:32</time>" in english


@pytest.mark.parametrize("confirmed", [0.002, 0.02, 0.1, 0.3, 1.0])
def test_nobody_is_said_to_lead_while_constituencies_without_a_leader_could_change_that(
    ask: Ask, confirmed: float
) -> None:
    given = evening({"confirmed": confirmed}, "th-2566", 0.02)
    seats = json.loads(given.files["seats.json"])["headline"]
    totals = sorted((row["total"] for row in seats["parties"]), reverse=True)
    client = ask(given)
    english, thai = (re.findall('data-summary="([^"]*)"', client.get(path).text)[0] for path in ("/en/", "/"))
    certain = bool(sum(totals)) and totals[0] - totals[1] > seats["undecided"]
    assert (" leads with " in english, " นำ " in thai) == (certain, certain)
    waits = bool(sum(totals) and seats["undecided"] and not certain)
    assert (" no leader yet" in english, "ยังไม่รู้ว่าใครนำ" in thai) == (waits, waits)


def test_the_legend_of_the_map_keeps_what_is_provisional_apart(ask: Ask) -> None:
    given = evening(EARLY, "th-2566", 0.02)
    page = ask(given).get("/en").text
    legend = page[page.index('class="keys legend"') :].split("</p>")[0]
    led = sum(row["constituency"] for row in json.loads(given.files["seats.json"])["headline"]["parties"])
    assert sum(map(int, re.findall(r"<b>(\d+)</b>", legend))) == led
    assert sum(map(int, re.findall(r"<small>\+(\d+)</small>", legend))) > 0


def test_the_example_of_a_code_is_as_long_as_the_codes_of_stations(ask: Ask) -> None:
    page = ask(evening(EMPTY, "th-2566", 0.02)).get("/en/stations?q=zzzz").text
    assert re.search(r"Codes look like 10-01-1001\d\d-001\.", page)


def test_who_asks_for_nothing_gets_the_one_page_that_is_made_for_all_of_them(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = ask(evening(LATE))
    first = {path: client.get(path).content for path in ("/nothing", "/en/nothing", "/nothing?fragment=1")}
    monkeypatch.setattr(Renderer, "page", None)
    assert len(set(first.values())) == 3
    for path, page in first.items():
        assert client.get(path.replace("nothing", "province/%00/else")).content == page


def test_pages_can_only_be_read(ask: Ask) -> None:
    client = ask(evening(LATE))
    assert client.post("/").status_code == 405
    assert client.head("/").status_code == 200


def test_the_language_link_keeps_the_page_and_the_search(ask: Ask) -> None:
    client = ask(evening(LATE))
    for path in PAGES:
        links = Reader(client.get(path).text).links()
        assert f"/en{path}" in links, path
        assert path in Reader(client.get(f"/en{path}").text).links()


def test_every_link_inside_the_pages_leads_somewhere(ask: Ask, log: Log) -> None:
    disputed_station(log, STATION, [212, 35, 18, 4], [220, 40, 10, 5, 3])
    client = ask(evening(LATE))
    wanted = {link for path in PAGES for link in Reader(client.get(path).text).links()}
    for link in sorted(wanted):
        if link.startswith(("/v1/", "/log/", "#")):
            continue
        assert client.get(link).status_code == 200, link


def test_the_policy_allows_exactly_the_styles_of_the_page_and_no_inline_script(ask: Ask) -> None:
    client = ask(evening(LATE))
    for path in (*PAGES, "/nothing"):
        answer = client.get(path)
        policy = answer.headers["content-security-policy"]
        page = Reader(answer.text)
        assert "unsafe-inline" not in policy and "unsafe-eval" not in policy
        assert "default-src 'none'" in policy and "script-src 'self';" in policy
        for style in page.styles:
            assert csp_hash(style) in policy, f"{path}: a style sheet that the policy forbids"
        for tag, attrs in page.tags:
            assert "style" not in attrs, f"{path}: <{tag}> has a style attribute, which the policy forbids"
            assert not any(name.startswith("on") for name in attrs), f"{path}: <{tag}> has a handler"
            assert tag != "script" or (attrs.get("src") or "").startswith("/static/")


def test_no_page_asks_anything_of_another_host(ask: Ask) -> None:
    client = ask(evening(LATE))
    for path in PAGES:
        for tag, attrs in Reader(client.get(path).text).tags:
            for name in ("src", "href", "action"):
                assert not (attrs.get(name) or "/").startswith(("http:", "https:", "//")), f"<{tag} {attrs}>"


def test_the_same_snapshot_is_the_same_bytes_and_is_not_sent_twice(ask: Ask) -> None:
    client = ask(evening(LATE))
    first, again = client.get("/"), client.get("/")
    assert first.content == again.content
    assert client.get("/", headers={"if-none-match": first.headers["etag"]}).status_code == 304
    plain = client.get("/", headers={"accept-encoding": "identity"})
    assert plain.content == first.content
    assert "content-encoding" not in plain.headers


def test_a_fragment_is_the_inside_of_the_page(ask: Ask) -> None:
    client = ask(evening(LATE))
    for path in PAGES:
        whole = client.get(path).text
        joint = "&" if "?" in path else "?"
        inside = client.get(f"{path}{joint}fragment=1").text
        assert inside.startswith("<main") or inside.lstrip().startswith("<main")
        assert inside.strip() in whole


def test_the_live_page_is_small_enough_for_a_slow_phone(ask: Ask) -> None:
    client = ask(evening(LATE, "th-2566", 0.02))
    page = client.get("/")
    assert len(gzip.compress(page.content)) < 64_000
    page_tags = Reader(page.text).tags
    assert sum(1 for tag, _ in page_tags if tag == "script") == 1


def hostile(given: Evening) -> Evening:
    """Put markup into every name that data can bring."""
    evil = b'\\"><script>alert(1)</script><img src=x onerror=alert(1)>'
    swap = {"ทุ่งตะวัน".encode(): evil, b"Thung Tawan": evil, "มะม่วง".encode(): evil, b"Mango": evil}
    files = given.files
    definition = given.definition
    for name, bad in swap.items():
        definition = definition.replace(name, bad)
        files = {file: data.replace(name, bad) for file, data in files.items()}
    assert evil in definition
    return Evening(definition, files)


def test_markup_in_data_stays_text(ask: Ask, log: Log) -> None:
    disputed_station(log, STATION, [212, 35, 18, 4], [220, 40, 10, 5, 3])
    log.report(f"{STATION}/list", "vote62", "2023-05-14T12:00:00Z", {"votes": {"<script>alert(2)</script>": 3}})
    log.finding(f"{STATION}/list", 1, "<script>alert(3)</script>", "note")
    client = ask(hostile(evening(LATE)))
    for path in (*PAGES, "/stations?q=%22%3E%3Cscript%3Ealert(4)%3C/script%3E"):
        for address in (path, f"/en{path}"):
            page = Reader(client.get(address).text)
            assert [attrs for tag, attrs in page.tags if tag == "script" and "src" not in attrs] == [], address
            assert [attrs for tag, attrs in page.tags if tag == "img" and attrs.get("src") == "x"] == [], address


def test_a_hostile_colour_never_reaches_the_style_sheet(ask: Ask) -> None:
    given = evening(LATE)
    bad = re.sub(rb'"color":"#[0-9a-f]{6}"', rb'"color":"#f00}body{display:none"', given.definition)
    assert bad != given.definition
    page = Reader(ask(Evening(bad, given.files)).get("/").text)
    assert "display:none" not in page.styles[1]


def test_a_station_is_found_by_its_code_and_a_place_by_its_name(ask: Ask) -> None:
    client = ask(evening(LATE))
    found = client.get(f"/en/stations?q={STATION}", follow_redirects=False)
    assert (found.status_code, found.headers["location"]) == (303, f"/en/station/{STATION}")
    assert "/constituency/01-01" in Reader(client.get("/stations?q=ตะวัน").text).links()
    assert "Nothing matches" in client.get("/en/stations?q=Atlantis").text


def test_a_station_shows_both_sheets_with_reports_moves_findings_and_photographs(ask: Ask, log: Log) -> None:
    disputed_station(log, STATION, [212, 35, 18, 4], [220, 40, 10, 5, 3])
    text = ask(evening(LATE)).get(f"/en/station/{STATION}").text
    for words in (
        "Sources differ",
        "Teachers&#39; Network",
        "level 1",
        "Independent sources agree",
        "differs from the standing",
        "Where the sources differ",
        "Photograph of the board: awaited",
    ):
        assert words in text, words
    assert f"/v1/evidence/{COPY}.jpg" in text


def test_a_caller_who_asks_too_often_is_told_to_wait(ask: Ask) -> None:
    client = ask(None)
    assert client.get("/check").status_code == 200
    # A slow machine earns new requests while it asks, so it is asked until the answer comes.
    assert any(client.get("/check").status_code == 429 for _ in range(20_000))


@pytest.mark.parametrize(("page", "words"), [("/check", "มีเพียงบันทึกสาธารณะที่ลงนาม"), ("/en/check", "or only the log")])
def test_the_root_of_the_log_is_not_taken_for_one_that_cosigners_signed(page: str, words: str, ask: Ask) -> None:
    text = ask(evening(LATE)).get(page).text
    assert words in text[text.index('class="root"') :]


@pytest.mark.parametrize(("lang", "words"), [("", "ผู้ดูแลระบบนำภาพออกแล้ว"), ("/en", "taken down by the operator")])
@pytest.mark.parametrize("gone", [False, True])
def test_a_photograph_that_was_taken_down_is_told_on_the_page_of_its_station(
    lang: str, words: str, gone: bool, ask: Ask, log: Log
) -> None:
    disputed_station(log, STATION, [212, 35, 18, 4], [220, 40, 10, 5, 3])
    if gone:
        log.photographs[PHOTO] = None
    text = ask(evening(LATE)).get(f"{lang}/station/{STATION}").text
    assert (words in text) == gone and (f"/v1/evidence/{COPY}.jpg" in text) != gone


@pytest.mark.parametrize(
    ("lang", "words"), [("", "ไฟล์ภาพหายไปจากระบบแล้ว"), ("/en", "the picture is not here any more")]
)
def test_a_photograph_whose_file_is_lost_is_told_with_its_hash_instead_of_a_broken_image(
    lang: str, words: str, ask: Ask, log: Log
) -> None:
    disputed_station(log, STATION, [212, 35, 18, 4], [220, 40, 10, 5, 3])
    log.lost.add(COPY)
    text = ask(evening(LATE)).get(f"{lang}/station/{STATION}").text
    assert words in text and f"<code>{COPY}</code>" in text and "/v1/evidence/" not in text

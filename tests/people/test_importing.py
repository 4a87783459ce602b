"""A list of people is read as spreadsheets write it, tried first, and brought once, however often it is sent."""

from __future__ import annotations

import asyncio
import csv
import io

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapparot.base.problems import Problem
from sapparot.people.importing import Importer, Report
from sapparot.people.importing import importer as importing
from sapparot.people.importing.rules import covered, people_of, uncovered
from sapparot.people.importing.table import read_table
from sapparot.people.persons.phones import national
from tests.people.persons_cast import SOMCHAI, SOMYING, Town

NAMES = st.text(st.characters(categories=["Lo", "Lu", "Ll"], exclude_characters="ı"), min_size=1, max_size=20)
PHONES = st.from_regex(r"\+668[0-9]{8}", fullmatch=True)
THAI_FILE = "ชื่อ,นามสกุล,เบอร์โทร\nสมชาย,ใจดี,081-234-5678\nสมหญิง,รักชาติ,๐๘๙๑๑๑๒๒๒๒\n"


def listed(text: str | bytes) -> list[tuple[str, str]]:
    sheet = people_of(read_table(text if isinstance(text, bytes) else text.encode()))
    assert not sheet.flaws, sheet.flaws
    return [(person.name, person.phone) for person in sheet.people]


def flaws(text: str) -> list[tuple[int, str]]:
    return [(flaw.row, flaw.column) for flaw in people_of(read_table(text.encode())).flaws]


def bring(town: Town, data: bytes, network: str = "vote62") -> Report:
    return town.run(lambda connection: Importer(town.persons).bring(connection, network, None, data))


def look(town: Town, data: bytes) -> Report:
    return town.run(lambda connection: Importer(town.persons).look(connection, "vote62", data))


def many(count: int, start: int = 0) -> bytes:
    rows = (f"อาสา ที่ {chr(3585 + n % 40)},08{n:08}\n" for n in range(start, start + count))
    return ("ชื่อ-นามสกุล,โทรศัพท์\n" + "".join(rows)).encode()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp874", "tis-620"])
def test_thai_letters_are_read_in_every_encoding_that_spreadsheets_write(encoding: str) -> None:
    assert listed(THAI_FILE.encode(encoding)) == [SOMCHAI, SOMYING]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_and_line_ends_of_every_system_are_read(delimiter: str) -> None:
    text = THAI_FILE.replace(",", delimiter)
    assert listed(text) == listed(text.replace("\n", "\r\n")) == [SOMCHAI, SOMYING]
    assert listed(f"sep={delimiter}\r\n{text}") == [SOMCHAI, SOMYING]


@pytest.mark.parametrize(
    "headings",
    [
        "ชื่อ-นามสกุล,เบอร์โทรศัพท์", "ชื่อ - สกุล,มือถือ", "ชื่อ,โทร.", "Name,Phone", "FULL NAME,Mobile number", " name , tel ",
        "ชื่อ สกุล,เบอร์โทร.", '"ชื่อ-นามสกุล","โทรศัพท์"', "ชื่อ/นามสกุล,เบอร์มือถือ*",
    ],
)  # fmt: skip
def test_headings_are_known_in_thai_and_english(headings: str) -> None:
    assert listed(f"{headings}\nสมชาย ใจดี,0812345678\n") == [SOMCHAI]


def test_a_title_above_the_headings_and_empty_lines_are_passed_over() -> None:
    assert listed(f"รายชื่ออาสาสมัคร อบต. บ้านใหม่,,\n\n,,\n{THAI_FILE}\n\n,,\n") == [SOMCHAI, SOMYING]


@pytest.mark.parametrize(
    "cell",
    [
        "812345678", "66812345678", "'0812345678", '="0812345678"', "081 234 5678", "๐๘๑๒๓๔๕๖๗๘", "0812345678.0", "+66812345678",
        "081-234-5678 / 02-123-4567", "0812345678, 0899999999", "x; 0812345678", "0812345678 หรือ 0899999999", " 0812345678 ",
    ],
)  # fmt: skip
def test_what_spreadsheets_and_people_do_to_a_telephone_is_understood(cell: str) -> None:
    written = io.StringIO()
    csv.writer(written).writerows([["name", "phone"], ["สมชาย ใจดี", cell]])
    assert listed(written.getvalue()) == [SOMCHAI]


def test_each_flaw_names_its_row_and_column_in_both_languages() -> None:
    text = "ชื่อ,เบอร์โทร,รหัสพื้นที่,อีเมล\nก ข,6.68E+10,,\n,0812345678,,\nก ข,,,\n123,0812345678,,\nก ข,0812345678,สิบ,\nก ข,0812345678,10-01,x\n"
    sheet = people_of(read_table(text.encode()))
    assert flaws(text) == [(2, "เบอร์โทร"), (3, "ชื่อ"), (4, "เบอร์โทร"), (5, "ชื่อ"), (6, "รหัสพื้นที่"), (7, "อีเมล")]
    assert all(flaw.said.th and flaw.said.en for flaw in sheet.flaws)
    assert "6.68E+10" in sheet.flaws[0].said.en
    assert sheet.people == ()


def test_rows_with_one_telephone_are_one_person_and_complete_each_other() -> None:
    sheet = people_of(read_table("name,phone,area\nก ข,0812345678,\nก ค,+66 81 234 5678,10-01\n".encode()))
    assert [(person.name, person.area) for person in sheet.people] == [("ก ข", "10-01")]
    assert [(twin.row, twin.first) for twin in sheet.twins] == [(3, 2)]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"PK\x03\x04rest", "people.file_unreadable"), (b"\xd0\xcf\x11\xe0rest", "people.file_unreadable"),
        (b"", "people.file_unreadable"), (b"\xff\xfe\x00", "people.file_unreadable"), (b"name,phone\n\x00,1", "people.file_unreadable"),
        (b"\xdb\xdc\xfc\xff\xfe", "people.file_unreadable"), (b"a,b\n1,2\n", "people.columns_missing"),
        ("ชื่อ\nสมชาย\n".encode(), "people.columns_missing"), (b'name,phone\n"' + b"x" * 200_000, "people.file_unreadable"),
        (b"name,phone\n" + b"a,b\n" * 20_001, "people.too_many_rows"),
    ],
)  # fmt: skip
def test_what_is_no_list_of_people_is_refused_with_what_helps(data: bytes, code: str) -> None:
    with pytest.raises(Problem) as refused:
        people_of(read_table(data))
    assert refused.value.kind.code == code
    assert refused.value.detail.th


@given(st.binary(max_size=300))
def test_any_bytes_are_a_list_or_a_problem(data: bytes) -> None:
    for whole in (data, b"name,phone\n" + data):
        try:
            people_of(read_table(whole))
        except Problem as problem:
            assert problem.kind.status in (400, 413)


@given(st.text(max_size=30))
def test_no_cell_of_an_export_begins_a_formula_and_each_comes_back(cell: str) -> None:
    assert covered(cell)[:1] not in set("=+-@\t\r|%")
    if cell == cell.strip() and not cell.startswith(("'", '="')):
        assert uncovered(covered(cell)) == cell


@given(st.dictionaries(PHONES, NAMES, max_size=8))
def test_what_was_exported_comes_back_as_the_same_people(people: dict[str, str]) -> None:
    written = io.StringIO()
    rows = [[covered(name), covered(national(phone))] for phone, name in people.items()]
    csv.writer(written).writerows([["name", "phone"], *rows])
    sheet = people_of(read_table(("\ufeff" + written.getvalue()).encode()))
    bad = {flaw.row for flaw in sheet.flaws}
    assert {person.phone for person in sheet.people} | {
        phone for row, phone in enumerate(people, 2) if row in bad
    } == set(people)


def test_a_file_is_tried_without_a_trace_then_brought_once(town: Town) -> None:
    town.person("listed")
    data = THAI_FILE.encode("cp874")
    tried = look(town, data)
    assert (tried.added, tried.merged, tried.dry_run) == (1, 1, True)
    assert town.sql("SELECT count(*) FROM people.persons") == [(1,)]
    assert town.sql("SELECT 1 FROM people.imports") == []
    first, second = bring(town, data), bring(town, data)
    assert (first.added, first.merged, first.again) == (1, 1, False)
    assert (second.added, second.merged, second.again) == (1, 1, True)
    assert town.sql("SELECT state, count(*) FROM people.persons GROUP BY state") == [("listed", 2)]


def test_a_list_merges_with_who_is_known_by_what_they_did_themselves(town: Town) -> None:
    states = ("listed", "applied", "waiting", "active", "left", "expelled")
    ids = {state: town.person(state, who=("ของเดิม", f"+6681000000{digit}")) for digit, state in enumerate(states)}
    rows = "".join(f"จากไฟล์,081000000{digit},10-01\n" for digit in range(len(states)))
    report = bring(town, f"name,phone,area\n{rows}".encode())
    assert (report.added, report.merged) == (0, 6)
    found = {state: town.sql("SELECT state, area FROM people.persons WHERE id = %s", ids[state])[0] for state in states}
    assert found == {
        "listed": ("listed", "10-01"), "applied": ("listed", "10-01"), "waiting": ("active", "10-01"),
        "active": ("active", "10-01"), "left": ("left", None), "expelled": ("expelled", None),
    }  # fmt: skip
    reader = town.organiser()
    told = town.run(lambda connection: town.persons.contact(connection, list(ids.values()), reader, "list"))
    assert {told[ids[state]].name for state in ("listed", "applied")} == {"จากไฟล์"}
    assert {told[ids[state]].name for state in ("waiting", "active")} == {"ของเดิม"}


def test_an_import_that_was_interrupted_goes_on_where_it_was(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "STEP", 10)
    data, steps = many(35), []
    real = importing.Importer._put

    async def breaking(self: Importer, *rest: object) -> int:
        steps.append(1)
        if len(steps) == 3:
            raise ConnectionResetError
        return await real(self, *rest)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(importing.Importer, "_put", breaking)
        with pytest.raises(ConnectionResetError):
            bring(town, data)
    assert town.sql("SELECT count(*) FROM people.persons") == [(20,)]
    assert town.sql("SELECT done FROM people.imports") == [(20,)]
    assert (bring(town, data).added, bring(town, data).again) == (35, True)
    assert town.sql("SELECT count(*) FROM people.persons") == [(35,)]


def test_one_file_uploaded_twice_at_once_and_another_that_overlaps_bring_everybody_once(town: Town) -> None:
    async def all_at_once() -> None:
        async def one(data: bytes) -> Report:
            async with await psycopg.AsyncConnection.connect(town.url, autocommit=True) as connection:
                return await Importer(town.persons).bring(connection, "vote62", None, data)

        await asyncio.gather(one(many(900)), one(many(900)), one(many(900, start=450)))

    asyncio.run(all_at_once())
    assert town.sql("SELECT count(*), count(DISTINCT phone) FROM people.persons") == [(1350, 1350)]


def test_five_thousand_people_come_in_one_file(town: Town) -> None:
    report = bring(town, many(5000))
    assert (report.rows, report.people, report.added, report.flaw_count) == (5000, 5000, 5000, 0)
    assert town.sql("SELECT count(*) FROM people.persons WHERE state = 'listed'") == [(5000,)]
    assert "อาสา" not in town.dump()


def test_a_list_with_areas_that_the_election_lacks_is_refused_whole_and_names_each_row(town: Town) -> None:
    lacking = {"99-9"}

    async def known(code: str) -> bool:
        return code not in lacking

    town.persons.maps.append(known)
    data = (
        "ชื่อ,โทร,รหัสพื้นที่\nก ข,0812345678,01-01\nก ค,0812345679,๙๙-๙\nก ค,0812345679,01-01\nก ง,0812345670,99-9\n".encode()
    )
    for ask in (look, bring):
        with pytest.raises(Problem) as refused:
            ask(town, data)
        assert refused.value.kind.code == "people.areas_unknown"
        assert refused.value.detail.en.endswith('row 3 column รหัสพื้นที่ "99-9"; row 5 column รหัสพื้นที่ "99-9"')
        assert refused.value.detail.th.endswith('แถว 3 คอลัมน์ รหัสพื้นที่ "99-9"; แถว 5 คอลัมน์ รหัสพื้นที่ "99-9"')
    assert town.sql("SELECT 1 FROM people.persons") == town.sql("SELECT 1 FROM people.imports") == []
    many_rows = "name,phone,area\n" + "".join(f"ก ข,08123456{n:02},99-9\n" for n in range(25))
    with pytest.raises(Problem, match='row 21 column area "99-9"; and 5 rows more'):
        bring(town, many_rows.encode())
    lacking.clear()
    assert (bring(town, data).added, bring(town, data).again) == (3, True)


def test_nobody_is_listed_in_a_network_that_is_none(town: Town) -> None:
    with pytest.raises(Problem, match="network_unknown"):
        bring(town, THAI_FILE.encode(), "nobody")

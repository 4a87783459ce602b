"""The tables that a team brings are taken whole, or refused with the file, row and column of everything that is wrong."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sapparot.base.problems import Problem
from sapparot.base.shipped import shipped
from sapparot.contests import IMPORT_REFUSED, Election, assemble, define, read_folder
from sapparot.contests.importing import TABLES

Files = dict[str, bytes]
SMALL: Files = read_folder(shipped("data") / "elections" / "small")


def errors(files: Files) -> list[dict[str, Any]]:
    """What the import says of tables that it refuses."""
    with pytest.raises(Problem) as refused:
        define(files)
    assert refused.value.kind is IMPORT_REFUSED
    found = refused.value.extensions["errors"]
    assert isinstance(found, list)
    return found


def imported(files: Files) -> Election:
    return assemble(body for _, body in define(files))


def table(name: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(SMALL[name].decode())))


def written(rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()


def with_cell(name: str, row: int, column: str, value: str) -> Files:
    """The small election with one cell replaced; row 1 is the header."""
    rows = table(name)
    rows[row - 1][rows[0].index(column)] = value
    return SMALL | {name: written(rows)}


def with_text(name: str, old: str, new: str) -> Files:
    assert old.encode() in SMALL[name]
    return SMALL | {name: SMALL[name].replace(old.encode(), new.encode(), 1)}


# --- what a good election becomes


def test_the_same_tables_give_the_same_entries_within_64_kib() -> None:
    entries = define(SMALL)
    assert entries == define(dict(SMALL))
    assert [kind for kind, _ in entries] == [
        "election",
        "parties",
        "areas",
        "options",
        "stations",
        "stations",
        "stations",
    ]
    assert all(len(body) <= 64 * 1024 for _, body in entries)


def test_names_places_and_times_arrive_as_written() -> None:
    election = imported(SMALL)
    assert election.name.th == "การเลือกตั้งตัวอย่าง"
    assert election.closes_at.isoformat() == "2026-03-01T10:00:00+00:00"
    assert election.areas["01-01"].parent == "01"
    assert (election.areas["01-01"].lat, election.areas["01-01"].lon) == (15_320_000, 101_200_000)
    assert election.contests["constituency", "01-01"].options[3].name.en == "Ekkarat Raisangkat"
    assert election.contests["constituency", "01-01"].options[3].party is None


def test_a_byte_order_mark_windows_line_ends_and_empty_rows_do_no_harm() -> None:
    spreadsheet = {
        name: b"\xef\xbb\xbf" + (data.replace(b"\n", b"\r\n") + (b",,,\r\n\r\n" if name in TABLES else b""))
        for name, data in SMALL.items()
    }
    assert define(spreadsheet) == define(SMALL)


def test_notes_and_the_order_of_columns_change_nothing() -> None:
    rows = [[*reversed(row), "=a note, not read"] for row in table("stations.csv")]
    rows[0][-1] = "note"
    assert define(SMALL | {"stations.csv": written(rows)}) == define(SMALL)


def test_an_election_with_one_ballot_as_in_thailand_in_2019_can_be_brought() -> None:
    head = SMALL["election.toml"].decode()
    before, _, after = head.partition('[[ballots]]\ncode = "list"')
    head = before + after[after.index("[[forms]]") :]
    head = head[: head.rindex("[[forms]]")].replace('name = "th-2566"', 'name = "th-2562"')
    options = [row for row in table("options.csv") if row[0] != "list"]
    election = imported(SMALL | {"election.toml": head.encode(), "options.csv": written(options)})
    assert (election.seat_rule.name, election.sheets) == ("th-2562", 60)


def test_an_election_of_another_country_can_be_brought() -> None:
    files = SMALL | {
        "areas.csv": b"code,kind,parent,name_en\nUtopia,country,,Utopia\nNW,state,Utopia,Northwest\n",
        "parties.csv": b"code,name_en\nowls,Owls\n",
        "options.csv": b"ballot,area,number,party\npresident,NW,7,owls\n",
        "stations.csv": b"code,area,eligible\nNW-Town-Hall-3A,NW,1200\n",
        "election.toml": SMALL["election.toml"].split(b"[[ballots]]")[0]
        + b'[[ballots]]\ncode = "president"\nscope = "state"\n',
    }
    election = imported(files)
    number = election.sheet_number("NW-Town-Hall-3A/president")
    assert number is not None and election.contest_of(number).area == "NW"
    assert list(election.stations.column("state")) == [0]


def test_stations_may_be_announced_later(tmp_path: Path) -> None:
    files = {name: data for name, data in SMALL.items() if name != "stations.csv"}
    assert len(assemble(body for _, body in define(files, without_stations=True)).stations) == 0
    assert [error["file"] for error in errors(files)] == ["stations.csv"]
    later = tmp_path / "list.csv"
    later.write_bytes(SMALL["stations.csv"])
    assert read_folder(shipped("data") / "elections" / "small", later) == SMALL


# --- what is wrong with a bad one

CODES = ["", "a/b", "ก-1", "a b", "-1", "=1+1", "x" * 41, "\x00", "a\nb", "01_01"]
NUMBERS = ["๑๒", "1,200", "1 200", "-5", "3.0", "1e3", "0x10", "NaN", "9" * 30, "ห้า", "\x00"]
TEXTS = [
    "=HYPERLINK()",
    "+66",
    "-x",
    "@a",
    "a\x00b",
    "two\nlines",
    "ก" * 201,
    "\u202egnp.exe",
    "\x1b[2J",
    "a\u2028b",
    "\u200b",
]
PLACES = ["91..", "1,5", "200.5", "N 15", "๑๕", "1e1", "inf", "\x00"]
BAD = {
    "parties.csv": {
        "code": CODES,
        "number": [*NUMBERS, "0"],
        "name_th": TEXTS,
        "short_en": TEXTS,
        "color": ["red", "#fff"],
    },
    "areas.csv": {
        "code": CODES,
        "kind": ["", "จังหวัด", "a b"],
        "parent": ["nowhere", "ก"],
        "name_en": TEXTS,
        "lat": PLACES,
        "lon": PLACES,
        "registered": NUMBERS,
        "stations": NUMBERS,
    },
    "options.csv": {
        "ballot": ["", "senate", "บัตร"],
        "area": ["", "nowhere", "01", "01-01-010111"],
        "number": ["", "0", *NUMBERS],
        "party": ["nobody", "a b"],
        "name_th": TEXTS,
    },
    "stations.csv": {
        "code": CODES,
        "area": ["", "nowhere", "SM", "01", "a/b"],
        "eligible": ["", "0", "100001", *NUMBERS],
        "kind": ["mobile", "Ordinary"],
        "lat": PLACES,
        "lon": PLACES,
    },
}
cells = st.sampled_from(
    [
        (name, row, column, value)
        for name, columns in BAD.items()
        for column, values in columns.items()
        for row in range(2, len(table(name)) + 1)
        for value in values
    ]
)


@settings(max_examples=300, deadline=None)
@given(cells)
def test_one_bad_cell_is_named_with_its_file_row_and_column_and_nothing_is_imported(
    cell: tuple[str, int, str, str],
) -> None:
    name, row, column, value = cell
    found = errors(with_cell(name, row, column, value))
    assert (name, row, column) in {(error["file"], error["row"], error["column"]) for error in found}


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(SMALL)), st.data())
def test_damaged_files_are_refused_or_understood_and_never_break_the_import(name: str, data: st.DataObject) -> None:
    original = SMALL[name]
    start = data.draw(st.integers(0, len(original)))
    end = data.draw(st.integers(start, min(len(original), start + 40)))
    damage = data.draw(
        st.one_of(st.binary(max_size=20), st.sampled_from([b'"', b"\x00", b"\n", b",", b"[[[[", b"\xff"]))
    )
    try:
        entries = define(SMALL | {name: original[:start] + damage + original[end:]})
    except Problem as problem:
        assert problem.kind is IMPORT_REFUSED
    else:
        assemble(body for _, body in entries)


@given(st.sampled_from(sorted(SMALL)), st.binary(max_size=200))
@example("election.toml", b"a = " + b"[" * 5000)
@example("election.toml", b"a = 0x" + b"f" * 5000)
@example("election.toml", b"date = 0001-01-01T00:00:00+07:00")
@example("stations.csv", b"x" * 200_000)
def test_a_file_of_anything_else_is_refused(name: str, content: bytes) -> None:
    assert errors(SMALL | {name: content})


def test_an_error_says_where_and_what_in_both_languages() -> None:
    [error] = errors(with_cell("stations.csv", 8, "eligible", "๕๓๐"))
    assert error["en"] == 'stations.csv row 8 column eligible "๕๓๐": write numbers with the digits 0-9'
    assert error["th"] == 'stations.csv แถว 8 คอลัมน์ eligible "๕๓๐": โปรดเขียนด้วยเลขอารบิก 0-9'
    assert (error["file"], error["row"], error["column"], error["value"]) == ("stations.csv", 8, "eligible", "๕๓๐")


def test_at_most_100_errors_are_listed_and_all_are_counted() -> None:
    rows = [[*row[:2], "0", *row[3:]] if number else row for number, row in enumerate(table("stations.csv"))]
    bad = SMALL | {"stations.csv": written([rows[0], *rows[1:] * 3])}
    with pytest.raises(Problem) as refused:
        define(bad)
    listed = refused.value.extensions["errors"]
    assert isinstance(listed, list) and len(listed) == 100
    assert refused.value.extensions["error_count"] == 60 * 3 + 60 * 2


@pytest.mark.parametrize("name", sorted(SMALL))
def test_a_missing_file_is_named(name: str) -> None:
    found = errors({other: data for other, data in SMALL.items() if other != name})
    assert [(error["file"], error["en"]) for error in found] == [(name, f"{name}: this file is missing")]


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_missing_misspelt_or_repeated_column_is_named(name: str) -> None:
    rows = table(name)
    rows[0][0], rows[0][1] = "cdoe", rows[0][2]
    found = {
        (error["row"], error["column"], error["en"].rpartition(": ")[2])
        for error in errors(SMALL | {name: written(rows)})
    }
    assert (1, TABLES[name].required[0], "this column is missing") in found
    assert (1, "cdoe", "this column is not known") in found
    assert (1, rows[0][2], "this column stands twice") in found


def test_a_file_in_another_encoding_is_refused_with_its_first_bad_row() -> None:
    [error] = errors(SMALL | {"parties.csv": SMALL["parties.csv"].decode().encode("cp874")})
    assert (error["row"], error["en"]) == (2, "parties.csv row 2: the file is not saved as UTF-8")


def test_a_ragged_row_and_an_open_quote_are_named() -> None:
    [error] = errors(with_text("stations.csv", ",686,", ",6,86,"))
    assert error["en"] == "stations.csv row 2: the row has 7 cells, the header has 6"
    [error] = errors(with_text("stations.csv", ",656,", ',"656,'))
    assert (error["row"], "cannot be read as CSV" in error["en"]) == (60, True)


@pytest.mark.parametrize(
    ("name", "row", "column", "again"),
    [
        ("parties.csv", 4, "code", 2),
        ("parties.csv", 4, "number", 2),
        ("areas.csv", 9, "code", 8),
        ("stations.csv", 30, "code", 3),
    ],
)
def test_a_value_that_stands_twice_is_named_with_its_first_row(name: str, row: int, column: str, again: int) -> None:
    rows = table(name)
    value = rows[again - 1][rows[0].index(column)]
    texts = [error["en"] for error in errors(with_cell(name, row, column, value))]
    assert f'{name} row {row} column {column} "{value}": already stands in row {again}' in texts


def test_a_number_that_stands_twice_in_a_contest_is_named_but_not_in_two_contests() -> None:
    [error] = errors(with_cell("options.csv", 3, "number", "1"))
    assert error["en"] == 'options.csv row 3 column number "1": already stands in row 2'


def test_an_area_without_options_is_named() -> None:
    rows = [row for row in table("options.csv") if row[1] != "02-01"]
    [error] = errors(SMALL | {"options.csv": written(rows)})
    assert error["en"] == 'options.csv column area "02-01": this area has no option for the ballot constituency'


def test_an_independent_needs_a_name() -> None:
    rows = table("options.csv")
    rows[4][4] = rows[4][5] = ""
    [error] = errors(SMALL | {"options.csv": written(rows)})
    assert (error["row"], error["column"]) == (5, "name_th")


def test_a_contest_larger_than_an_entry_is_named() -> None:
    rows = table("options.csv")
    rows += [["constituency", "01-01", str(number), "", "ก" * 200, "ข" * 200] for number in range(10, 110)]
    [error] = errors(SMALL | {"options.csv": written(rows)})
    assert (error["column"], error["value"]) == ("area", "01-01")


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ('id = "small"', 'id = "Small"', "id"),
        ("date = 2026-03-01\n", "date = 2026-13-01\n", None),
        ("date = 2026-03-01\n", 'date = "1 มีนาคม 2569"\n', "date"),
        ("date = 2026-03-01\n", "date = 2026-03-02\n", "opens_at"),
        ("opens_at = 2026-03-01T08:00:00+07:00", "opens_at = 2026-03-01T08:00:00", "opens_at"),
        ("closes_at = 2026-03-01T17", "closes_at = 2026-03-01T07", "closes_at"),
        ("closes_at = 2026-03-01T17", "closes_at = 2026-04-01T17", "closes_at"),
        ("closes_at = 2026-03-01T17:00:00+07:00\n", "", "closes_at"),
        ('name = "th-2566"', 'name = "lottery"', "seat_rule.name"),
        ("list_seats = 4", "list_seats = -4", "seat_rule.list_seats"),
        ("list_seats = 4", "list_seat = 4", "seat_rule.list_seat"),
        ('scope = "country"', 'scope = "kingdom"', "ballots[2].scope"),
        ('code = "list"', 'code = "constituency"', "ballots[2].code"),
        ("\nseats = 4", "\nseats = 0", "ballots[2].seats"),
        ('ballot = "list"', 'ballot = "roll"', "forms[2].ballot"),
        ("pages = 2", "pages = true", "forms[2].pages"),
        ('code = "ส.ส. 5/18 (บช)"', 'code = "ส.ส. 5/18"', "forms[2].code"),
        ('th = "การเลือกตั้งตัวอย่าง"\nen = "Example election"', "", "name.th"),
        ('id = "small"', 'id = "small"\nforms = 5', None),
    ],
)
def test_what_is_wrong_in_the_header_is_named_by_its_key(old: str, new: str, column: str | None) -> None:
    found = errors(with_text("election.toml", old, new))
    assert ("election.toml", column) in {(error["file"], error["column"]) for error in found}


def test_a_list_where_a_table_belongs_is_named() -> None:
    head = SMALL["election.toml"].split(b"[[forms]]")[0]
    [error] = errors(SMALL | {"election.toml": head.replace(b"[name]", b"forms = [1]\n[name]")})
    assert error["en"] == 'election.toml column forms[1] "1": must be a TOML table'


def test_a_header_with_more_ballots_than_an_entry_holds_is_refused() -> None:
    ballots = "".join(f'[[ballots]]\ncode = "b{n}"\nscope = "country"\nname.th = "{"ก" * 200}"\n' for n in range(30))
    found = errors(SMALL | {"election.toml": SMALL["election.toml"] + ballots.encode()})
    assert "election.toml column ballots[21]: there may be at most 20" in [error["en"] for error in found]


def test_a_folder_with_an_unknown_or_huge_table_is_refused(tmp_path: Path) -> None:
    for name, data in SMALL.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "station.csv").write_text("code\n")
    with (tmp_path / "parties.csv").open("r+b") as file:
        file.truncate(1 << 30)  # sparse: takes no room on the disk
    with pytest.raises(Problem) as refused:
        read_folder(tmp_path)
    found = refused.value.extensions["errors"]
    assert isinstance(found, list)
    assert [(error["file"], error["en"]) for error in found] == [
        ("station.csv", "station.csv: this file is not one of the tables; check its name"),
        ("parties.csv", "parties.csv: the file is larger than 4194304 bytes"),
    ]


def test_an_invisible_character_is_written_out_in_the_error() -> None:
    [error] = errors(with_cell("areas.csv", 3, "name_en", "Thung\x1b[2J"))
    assert error["value"] == "Thung\\u001b[2J"


def test_a_list_that_gets_seats_belongs_to_one_party_and_a_party_has_one_list() -> None:
    row = len(table("options.csv"))
    [nobody] = errors(with_text("options.csv", "list,SM,5,bamboo,,", "list,SM,5,,เอกราช,"))
    assert (nobody["row"], nobody["column"]) == (row, "party") and "list seats go to parties" in nobody["en"]
    [twice] = errors(with_cell("options.csv", row, "party", "mango"))
    assert (twice["row"], twice["column"], twice["value"]) == (row, "party", "mango")
    lists = with_text("options.csv", "list,SM,5,bamboo,,", "list,SM,5,,เอกราช,")
    without = SMALL["election.toml"].replace(b"list_seats = 4", b"list_seats = 0")
    assert imported(lists | {"election.toml": without}).contests["list", "SM"].options[-1].party is None, (
        "no list seats"
    )


def test_more_seats_than_one_are_taken_only_for_a_contest_of_the_whole_country() -> None:
    [more] = errors(with_text("election.toml", "\nseats = 1", "\nseats = 3"))
    assert (more["file"], more["column"], more["value"]) == ("election.toml", "ballots[1].seats", "3")

"""`sapparot seats` reads a table of parties, and says what is wrong with which cell."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from sapparot.base.text import Text
from sapparot.contests.allotment import SeatOutcome
from sapparot.contests.problems import SeatsRefused
from sapparot.contests.votes_csv import seats_command, seats_json, seats_table

FORMAT = Path(__file__).parents[2] / "docs/formats/seats.md"
GOOD = "party,votes\nก้าวไกล,60\nเพื่อไทย,40\n"


def read(folder: Path, text: str | bytes, rule: str = "th-2566", lots: tuple[str, ...] = ()) -> SeatOutcome:
    path = folder / "votes.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return seats_command(path, rule, lots)


def test_the_json_has_quota_parties_in_the_order_of_the_file_and_ties(tmp_path: Path) -> None:
    printed = json.loads(json.dumps(seats_json(read(tmp_path, "party,votes,constituency_seats\nข,1,3\nก,2,\n"))))
    assert printed == {
        "quota": "0.03",
        "parties": [
            {"party": "ข", "list_seats": 33, "constituency_seats": 3, "total": 36},
            {"party": "ก", "list_seats": 67, "constituency_seats": 0, "total": 67},
        ],
        "ties": [],
    }


def test_the_documented_table_gives_the_documented_seats(tmp_path: Path) -> None:
    blocks = FORMAT.read_text(encoding="utf-8").split("```")
    given, printed = (block.split("\n", 1)[1] for block in blocks if block.startswith(("csv\n", "json\n")))
    assert seats_json(read(tmp_path, given)) == json.loads(printed)


def test_the_table_may_come_from_the_standard_input() -> None:
    command = [sys.executable, "-m", "sapparot", "seats", "-", "--json"]
    done = subprocess.run(command, input=GOOD.encode(), capture_output=True, check=True)
    assert [party["list_seats"] for party in json.loads(done.stdout)["parties"]] == [60, 40]


@pytest.mark.parametrize("votes", ["9" * 18 + "0", "9" * 31, "9" * 5000])
def test_a_number_that_is_too_large_is_called_that(tmp_path: Path, votes: str) -> None:
    with pytest.raises(SeatsRefused, match="must lie between 0 and"):
        read(tmp_path, f"party,votes\nก,{votes}\n")


def test_seats_that_nobody_gets_are_counted_in_the_json_and_notes_stand_there(tmp_path: Path) -> None:
    printed = seats_json(read(tmp_path, "party,votes,list_names\nก,60,1\nข,40,1\n"))
    assert printed["unfilled"] == 98 and "note" not in printed
    outcome = replace(read(tmp_path, GOOD), note=Text("ควรรู้", "good to know"))
    assert seats_json(outcome)["note"] == {"th": "ควรรู้", "en": "good to know"}


def test_a_tie_is_printed_and_a_lot_settles_it(tmp_path: Path) -> None:
    text = "party,votes\nก,1\nข,1\nค,1\n"
    assert seats_json(read(tmp_path, text))["ties"] == [{"parties": ["ก", "ข", "ค"], "seats": 1}]
    settled = seats_json(read(tmp_path, text, lots=("ค",)))
    assert settled["ties"] == [] and settled["parties"][2]["list_seats"] == 34


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        "\ufeff" + GOOD,
        GOOD.replace("\n", "\r\n"),
        'votes,list_names,party\n60,,"ก้าวไกล"\n 40 ,100, เพื่อไทย \n',
        "party,votes\n\nก้าวไกล,60\n,\nเพื่อไทย,40",
    ],
    ids=["plain", "byte order mark", "windows lines", "other order and quotes", "empty lines"],
)
def test_the_same_table_may_be_written_in_several_ways(tmp_path: Path, text: str) -> None:
    assert [(party.party, party.list_seats) for party in read(tmp_path, text).parties] == [
        ("ก้าวไกล", 60),
        ("เพื่อไทย", 40),
    ]


def test_a_name_may_hold_commas_and_quotes(tmp_path: Path) -> None:
    outcome = read(tmp_path, 'party,votes\n"A, ""B"" and C",3\n')
    assert outcome.parties[0].party == 'A, "B" and C'


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("party,votes\nก,12a\n", 'row 2 column votes "12a"'),
        ("party,votes\nก,-1\n", 'row 2 column votes "-1"'),
        ("party,votes\nก,1.5\n", 'row 2 column votes "1.5"'),
        ("party,votes\nก,1e3\n", 'row 2 column votes "1e3"'),
        ("party,votes\nก,1_000\n", 'row 2 column votes "1_000"'),
        ("party,votes\nก,+5\n", 'row 2 column votes "+5"'),
        ('party,votes\nก,"1,000"\n', "without commas"),
        ("party,votes\nก,๑๒๓\n", "digits 0-9"),
        ("party,votes\nก," + "9" * 5000 + "\n", "row 2 column votes"),
        ("party,votes\nก,\n", "row 2 column votes"),
        ("party,votes\n,5\n", "row 2 column party"),
        ("party,votes\nก,5\nข,6\nก,7\n", 'row 4 column party "ก"'),
        ("party,votes\nA  B,5\na b,6\n", "row 3 column party"),
        ("party,votes\nกำ,5\nกํา,6\n", "row 3 column party"),
        ("party,votes\nก,5,6\n", "row 2: the row has 3 cells"),
        ("party,votes\nก\n", "row 2: the row has 1 cells"),
        ("party,votes\nก,1\nข,1,000\n", "row 3: the row has 3 cells"),
        ("party\nก\n", "column votes"),
        ("party;votes\nก;5\n", "column party"),
        ("party,votes,votes\nก,5,5\n", "column votes"),
        ("party,votes,list_name\nก,5,1\n", "column list_name"),
        ("party,votes\n", "no rows"),
        ("", "column party"),
        ('party,votes\n"ก,5\n', "CSV"),
        ("party,votes\nก\x00,5\n", "votes.csv"),
        ("party,votes,list_names\nก,5,-1\n", "row 2 column list_names"),
        ("party,votes,constituency_seats\nก,5,x\n", "row 2 column constituency_seats"),
        ("party,votes,constituency_seats\nก,5,300\nข,5,101\n", "add up to 401"),
        ("party,votes\nก,0\n", "no votes"),
        ("พรรค,votes\n".encode("cp874") + b"\xa1,5\n", "not saved as UTF-8"),
        ("party,votes\nก,5\n".encode("utf-16"), "UTF-8"),
    ],
)
def test_a_bad_table_is_refused_with_the_cell_in_both_languages(tmp_path: Path, text: str | bytes, where: str) -> None:
    with pytest.raises(SeatsRefused) as caught:
        read(tmp_path, text)
    said = caught.value.detail
    assert where in said.en
    assert any("\u0e00" <= sign <= "\u0e7f" for sign in said.th) and said.th != said.en


def test_every_bad_cell_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(SeatsRefused) as caught:
        read(tmp_path, "party,votes\nก,x\nข,y\n")
    assert "row 2" in caught.value.detail.en and "row 3" in caught.value.detail.en


def test_one_ballot_needs_the_constituency_seats(tmp_path: Path) -> None:
    with pytest.raises(SeatsRefused, match="column constituency_seats"):
        read(tmp_path, GOOD, "th-2562")


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing.csv", tmp_path):
        with pytest.raises(SeatsRefused, match="cannot be read"):
            seats_command(path, "th-2566")


def test_an_unknown_rule_is_refused_before_the_file_is_read(tmp_path: Path) -> None:
    with pytest.raises(SeatsRefused, match="th-2566"):
        seats_command(tmp_path / "nothing.csv", "th-2569")


def test_a_large_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SeatsRefused, match="larger than"):
        read(tmp_path, b"party,votes\n" + b"\n" * 2_000_000)


def test_people_read_a_table_in_thai_and_english(tmp_path: Path) -> None:
    outcome = read(tmp_path, "party,votes,list_names\nก,2,1\nข,1,2\nค,0,\n")
    thai, english = seats_table(outcome, "th"), seats_table(outcome, "en")
    assert english.splitlines()[1:4] == [
        "      2      0      2  ข",
        "      1      0      1  ก",
        "      3      0      3  total",
    ]
    assert "votes for one seat: 0.03" in english and "97 seat(s)" in english
    assert "รวม" in thai and "97 ที่นั่ง" in thai and "ค" not in [line.split()[-1] for line in thai.splitlines()]


def test_a_table_names_those_who_draw_lots(tmp_path: Path) -> None:
    assert "1 seat(s) wait for a lot between ก, ข, ค" in seats_table(
        read(tmp_path, "party,votes\nก,1\nข,1\nค,1\n"), "en"
    )

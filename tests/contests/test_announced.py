"""What an authority announced holds the list of stations: half a list must not pass for a whole election."""

import pytest

from tests.contests.test_importing import SMALL, Files, errors, imported, table, with_cell, written

ADVANCE = {"SM": (1_485, 3), "01": (921, 2), "02": (564, 1), "01-01": (553, 1), "01-02": (368, 1), "02-01": (564, 1)}
"""People and stations of kind advance in the small election."""


def announcing(people: dict[str, str], stations: dict[str, str]) -> Files:
    """The small election with other announced numbers of some areas."""
    areas = table("areas.csv")
    for row in areas[1:]:
        row[-2:] = [people.get(row[0], row[-2]), stations.get(row[0], row[-1])]
    return SMALL | {"areas.csv": written(areas)}


def test_half_a_list_of_stations_is_no_election() -> None:
    found = errors(SMALL | {"stations.csv": written(table("stations.csv")[:31])})
    named = {(error["row"], error["column"]) for error in found}
    assert named >= {(row, column) for row in (2, 3, 4, 6, 7) for column in ("stations", "registered")}
    assert {error["file"] for error in found} == {"areas.csv"}
    whole = next(error for error in found if (error["row"], error["column"]) == (2, "stations"))
    assert whole["en"] == (
        'areas.csv row 2 column stations "60": stations.csv lists 30 stations in this area; is the list whole?'
    )
    none = next(error for error in found if (error["row"], error["column"]) == (7, "stations"))
    assert "stations.csv มี 0 หน่วยในพื้นที่นี้" in none["th"]


@pytest.mark.parametrize("missing", range(1, 61, 7))
def test_one_station_that_is_missing_is_missed_in_every_area_around_it(missing: int) -> None:
    rows = table("stations.csv")
    constituency = rows.pop(missing)[1][:5]
    found = errors(SMALL | {"stations.csv": written(rows)})
    codes = [row[0] for row in table("areas.csv")]
    assert {codes[error["row"] - 1] for error in found if error["column"] == "stations"} == {
        "SM",
        constituency[:2],
        constituency,
    }


def test_one_station_more_than_announced_is_named_and_none_when_nothing_was_announced() -> None:
    rows = [*table("stations.csv"), ["02-01-020111-099", "02-01-020111", "20", "ordinary", "", ""]]
    found = errors(SMALL | {"stations.csv": written(rows)})
    assert [(error["row"], error["column"]) for error in found] == [(2, "stations"), (4, "stations"), (7, "stations")]
    silent = announcing({}, dict.fromkeys(ADVANCE, ""))
    assert len(imported(silent | {"stations.csv": written(rows)}).stations) == 61


@pytest.mark.parametrize(
    ("registered", "good"),
    [("99", False), ("31000", False), ("31200", True), ("34000", True), ("35000", False), ("", True)],
)
def test_announced_people_may_differ_from_the_stations_by_a_twentieth(registered: str, good: bool) -> None:
    files = with_cell("areas.csv", 2, "registered", registered)
    if good:
        assert len(imported(files).stations) == 60
        return
    [error] = errors(files)
    assert (error["file"], error["row"], error["column"], error["value"]) == ("areas.csv", 2, "registered", registered)
    assert "add up to 32601, more than 5 % away" in error["en"]


def test_advance_stations_may_be_announced_or_left_out() -> None:
    ordinary = {row[0]: (int(row[-2]), int(row[-1])) for row in table("areas.csv")[1:] if row[-1]}
    people = {code: str(count - ADVANCE[code][0]) for code, (count, _) in ordinary.items()}
    stations = {code: str(count - ADVANCE[code][1]) for code, (_, count) in ordinary.items()}
    assert len(imported(announcing(people, stations)).stations) == 60
    assert [error["value"] for error in errors(announcing({}, {"SM": "58"}))] == ["58"]


def test_a_list_with_a_bad_row_is_not_said_to_be_too_short() -> None:
    found = errors(with_cell("stations.csv", 2, "eligible", "many"))
    assert [(error["file"], error["row"]) for error in found] == [("stations.csv", 2)]

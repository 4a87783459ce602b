"""Elections made up by chance go through tables and entries unchanged, and the description names every column."""

import csv
import io

from hypothesis import given, settings
from hypothesis import strategies as st

from sapparot.base import canonical
from sapparot.base.shipped import shipped
from sapparot.contests import assemble, define, read_folder
from sapparot.contests.importing import TABLES

SMALL = read_folder(shipped("data") / "elections" / "small")


def written(rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


names = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=20).filter(
    lambda text: text[0] not in "=+-@"
)


@st.composite
def nations(draw: st.DrawFn) -> list[tuple[str, str, list[tuple[int, int]]]]:
    """Constituencies with a name and, for each station, the eligible people and the latitude in microdegrees."""
    stations = st.lists(st.tuples(st.integers(1, 100_000), st.integers(-90_000_000, 90_000_000)), max_size=5)
    return [(f"c-{number}", draw(names), draw(stations)) for number in range(draw(st.integers(1, 4)))]


@settings(max_examples=50, deadline=None)
@given(nations())
def test_an_election_goes_through_tables_and_entries_unchanged(
    nation: list[tuple[str, str, list[tuple[int, int]]]],
) -> None:
    areas = [["code", "kind", "parent", "name_th", "lat", "lon"], ["SM", "country", "", "ก", "", ""]]
    areas += [[code, "constituency", "SM", name, "", ""] for code, name, _ in nation]
    options = [["ballot", "area", "number", "party"], ["list", "SM", "1", "mango"]]
    options += [["constituency", code, "3", "kite"] for code, _, _ in nation]
    stations = [["code", "area", "eligible", "lat", "lon"]]
    for code, _, listed in nation:
        for unit, (eligible, lat) in enumerate(listed):
            stations.append([f"{code}-{unit}", code, str(eligible), f"{lat / 1_000_000:.6f}", "0"])
    if len(stations) == 1:
        stations.append(["only", "c-0", "1", "", ""])
    tables = {"areas.csv": written(areas), "options.csv": written(options), "stations.csv": written(stations)}
    election = assemble(body for _, body in define(SMALL | tables))
    roll = election.stations
    assert {code: election.areas[code].name.en for code, _, _ in nation} == {code: name for code, name, _ in nation}
    assert [[code, str(size)] for code, size in zip(roll.codes, roll.eligible, strict=True)] == [
        [row[0], row[2]] for row in stations[1:]
    ]
    given_lat = [lat for _, _, listed in nation for _, lat in listed] or [0]
    assert list(roll.lat) == given_lat


def test_every_column_stands_in_the_description_of_the_tables() -> None:
    text = (shipped("docs") / "formats" / "election-tables.md").read_text(encoding="utf-8")
    for name, columns in TABLES.items():
        section = text.split(f"\n## {name}\n")[1].split("\n## ")[0]
        for column in (*columns.required, *columns.optional):
            assert f"`{column}`" in section, (name, column)


def test_every_member_of_a_definition_entry_stands_in_the_description_of_the_tables() -> None:
    text = (
        (shipped("docs") / "formats" / "election-tables.md").read_text(encoding="utf-8").split("\n## What becomes")[1]
    )
    rows = {row.split("`")[1]: row for row in text.splitlines() if row.startswith("| `")}
    for kind, body in define(SMALL):
        for member in canonical.decode(body).keys() - {"kind", "v"}:
            assert f"`{member}`" in rows[kind], (kind, member)
        for item in canonical.decode(body).get("items", []) + canonical.decode(body).get("contests", []):
            for member in item if isinstance(item, dict) else ():
                assert f"`{member}`" in rows[kind], (kind, member)

"""The Thai general election of 2023 as data agrees with what was published."""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from sapparot.base.shipped import shipped
from sapparot.contests import Election, assemble, define, read_folder
from sapparot.places import children

FOLDER = shipped("data") / "elections" / "th-2566"


def table(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def election() -> Election:
    return assemble(body for _, body in define(read_folder(FOLDER), without_stations=True))


def test_there_are_77_provinces_and_400_constituencies(election: Election) -> None:
    kinds = Counter(area.kind for area in election.areas.values())
    assert (kinds["country"], kinds["province"], kinds["constituency"]) == (1, 77, 400)
    assert kinds["subdistrict"] == 7_457


def test_stations_and_registered_voters_sum_up_at_every_level(election: Election) -> None:
    below = children(election.areas)
    for area in [election.areas["TH"], *below["TH"]]:
        inside = below[area.code]
        assert area.stations == sum(child.stations or 0 for child in inside)
        assert area.registered == sum(child.registered or 0 for child in inside)
    assert election.areas["TH"].stations == 95_137
    assert election.areas["TH"].registered == 52_238_594


def test_every_constituency_has_a_subdistrict_with_coordinates_in_thailand(election: Election) -> None:
    within: Counter[str] = Counter()
    for area in election.areas.values():
        assert area.lat is not None and 5_600_000 < area.lat < 20_500_000
        assert area.lon is not None and 97_300_000 < area.lon < 105_700_000
        if area.kind == "subdistrict":
            within[area.code[:5]] += 1
    assert len(within) == 400


def test_4781_candidates_and_67_lists_stand(election: Election) -> None:
    sizes = {key: len(contest.options) for key, contest in election.contests.items()}
    assert sizes.pop(("list", "TH")) == 67
    assert (len(sizes), sum(sizes.values())) == (400, 4_781)
    assert election.contests["list", "TH"].numbers == tuple(range(1, 68))
    assert len(election.parties) == 70


def test_a_candidate_without_a_name_is_called_by_the_party(election: Election) -> None:
    option = election.contests["constituency", "10-01"].options[0]
    assert (option.number, option.party, option.name.en) == (1, "united-thai-nation", "United Thai Nation")


def test_published_votes_name_every_option_and_sum_as_the_readme_says(election: Election) -> None:
    local = {(row["area"], int(row["number"])): int(row["votes"]) for row in table("published/constituency.csv")}
    standing = {
        (area, number) for (ballot, area), c in election.contests.items() if ballot != "list" for number in c.numbers
    }
    assert local.keys() == standing
    lists = {row["party"]: int(row["votes"]) for row in table("published/list.csv")}
    assert lists.keys() == {option.party for option in election.contests["list", "TH"].options}
    valid = {row["ballot"]: int(row["valid"]) for row in table("published/totals.csv")}
    assert (sum(local.values()), valid["constituency"] - sum(local.values())) == (37_190_048, 23)
    assert (sum(lists.values()), valid["list"] - sum(lists.values())) == (37_522_734, 12)


def test_the_leaders_of_the_constituencies_are_the_published_winners(election: Election) -> None:
    best: dict[str, tuple[int, int]] = {}
    for row in table("published/constituency.csv"):
        best[row["area"]] = max(best.get(row["area"], (0, 0)), (int(row["votes"]), int(row["number"])))
    party = {area: {o.number: o.party for o in c.options} for (_, area), c in election.contests.items()}
    won = Counter(party[area][number] for area, (_, number) in best.items())
    assert won == {
        row["party"]: int(row["constituency"]) for row in table("published/seats.csv") if row["constituency"] != "0"
    }
    assert sum(int(row["total"]) for row in table("published/seats.csv")) == 500


def test_names_of_provinces_are_written_as_names(election: Election) -> None:
    assert election.areas["37"].name.en == "Amnat Charoen"
    names = [area.name.en for area in election.areas.values() if area.kind == "province"]
    assert all(re.fullmatch(r"([A-Z][a-z]+ ?)+", name) for name in names)


def test_the_readme_counts_the_notes_on_subdistricts_as_they_are() -> None:
    notes = Counter(word for row in table("areas.csv") if row["note"] for word in row["note"].split("; "))
    readme = (Path(FOLDER).parent / "README.md").read_text(encoding="utf-8")
    assert notes == {word: int(rows) for word, rows in re.findall(r"^\| `(\w+)` \| (\d+) \|", readme, re.MULTILINE)}

"""An election is assembled from its definition entries, or not at all."""

import pickle
from typing import Any

import pytest

from sapparot.base import canonical
from sapparot.contests import Definition, DefinitionError, assemble


def changed(bodies: list[bytes], kind: str, **members: Any) -> list[bytes]:
    """Replace members of the first entry of a kind."""
    entries = [canonical.decode(body) for body in bodies]
    next(entry for entry in entries if entry["kind"] == kind).update(members)
    return [canonical.encode(entry) for entry in entries]


def first(bodies: list[bytes], kind: str) -> Any:
    return next(entry for body in bodies if (entry := canonical.decode(body))["kind"] == kind)


def test_every_sheet_number_and_its_key_name_each_other(small_bodies: list[bytes]) -> None:
    election = assemble(small_bodies)
    assert election.sheets == 120
    keys = [election.sheet_key(number) for number in range(election.sheets)]
    assert keys[:2] == ["01-01-010111-001/constituency", "01-01-010111-001/list"]
    assert [election.sheet_number(key) for key in keys] == list(range(120))


@pytest.mark.parametrize(
    "key", ["", "/", "list", "01-01-010111-001", "01-01-010111-001/", "x/list", "01-01-010111-001/x"]
)
def test_a_key_that_names_no_sheet_has_no_number(small_bodies: list[bytes], key: str) -> None:
    assert assemble(small_bodies).sheet_number(key) is None


def test_a_sheet_belongs_to_the_contest_of_its_ballot_where_its_station_is(small_bodies: list[bytes]) -> None:
    election = assemble(small_bodies)
    local = election.contest_of(election.sheet_number("01-02-010121-001/constituency") or -1)
    assert (local.area, local.numbers, local.column) == ("01-02", (1, 2, 5), {1: 0, 2: 1, 5: 2})
    country = election.contest_of(election.sheet_number("01-02-010121-001/list") or -1)
    assert (country.area, country.seats, country.numbers) == ("SM", 4, (1, 2, 3, 4, 5))


def test_a_station_without_a_subdistrict_counts_in_its_constituency(small_bodies: list[bytes]) -> None:
    roll = assemble(small_bodies).stations
    advance = roll.index["01-02-advance-001"]
    assert roll.kind[advance] == "advance"
    assert roll.subdistrict[advance] == -1
    assert roll.area_codes["constituency"][roll.constituency[advance]] == "01-02"
    assert roll.area_codes["province"][roll.province[advance]] == "01"
    assert list(roll.column("village")) == [-1] * 60


def test_a_station_that_names_no_area_stands_in_the_area_of_its_entry(small_bodies: list[bytes]) -> None:
    bodies = changed(small_bodies, "stations", items=[["x-1", 500, "ordinary", None, None], ["x-2", 20]])
    roll = assemble(bodies).stations
    assert roll.area_codes["constituency"][roll.constituency[roll.index["x-1"]]] == "01-01"
    assert (roll.kind[roll.index["x-2"]], roll.lat[roll.index["x-2"]]) == ("ordinary", 0)


def test_an_election_survives_pickling(small_bodies: list[bytes]) -> None:
    election = assemble(small_bodies)
    again = pickle.loads(pickle.dumps(election))
    assert again.contests == election.contests
    assert (again.stations.eligible == election.stations.eligible).all()
    assert again.sheet_key(119) == election.sheet_key(119)


def test_a_ballot_is_not_contested_everywhere(small_bodies: list[bytes]) -> None:
    contests = [item for item in first(small_bodies, "options")["contests"] if item["area"] != "02-01"]
    election = assemble(changed(small_bodies, "options", contests=contests))
    assert election.sheet_number("02-01-020111-001/constituency") is None
    number = election.sheet_number("02-01-020111-001/list") or -1
    with pytest.raises(LookupError, match="02-01-020111-001/constituency"):
        election.contest_of(number - 1)


def test_parts_may_come_in_any_order_after_each_other_in_the_log(small_bodies: list[bytes]) -> None:
    definition = Definition()
    gathered = [definition.add(body) for body in reversed(small_bodies)]
    assert [election is None for election in gathered] == [True] * (len(small_bodies) - 1) + [False]


def test_two_definitions_in_one_log_do_not_mix(small_bodies: list[bytes]) -> None:
    others = [body.replace(b'"small"', b'"other"') for body in small_bodies]
    definition = Definition()
    done = [definition.add(body) for pair in zip(small_bodies, others, strict=True) for body in pair]
    assert [election.id for election in done if election is not None] == ["small", "other"]


def test_a_missing_or_second_header_is_refused(small_bodies: list[bytes]) -> None:
    with pytest.raises(DefinitionError, match="one election header, not 0"):
        assemble(small_bodies[1:])
    with pytest.raises(DefinitionError, match="one election header, not 2"):
        assemble([small_bodies[0], *small_bodies])


def test_a_missing_part_is_refused(small_bodies: list[bytes]) -> None:
    with pytest.raises(DefinitionError, match="small has 6 parts, 5 are here"):
        assemble(small_bodies[:-1])


def test_a_part_of_another_election_is_refused(small_bodies: list[bytes]) -> None:
    with pytest.raises(DefinitionError, match="parts of other in the definition of small"):
        assemble(changed(small_bodies, "parties", election="other"))


def test_an_entry_that_is_no_definition_is_refused(small_bodies: list[bytes]) -> None:
    with pytest.raises(DefinitionError, match="cannot be read"):
        assemble([*small_bodies, b'{"kind":"move","v":1}'])
    with pytest.raises(DefinitionError, match="cannot be read"):
        Definition().add(b"{")


def test_a_station_that_stands_twice_is_refused(small_bodies: list[bytes]) -> None:
    items = first(small_bodies, "stations")["items"]
    with pytest.raises(DefinitionError, match="1 station codes are defined twice"):
        assemble(changed(small_bodies, "stations", items=[*items, items[0]]))


def test_a_station_in_an_unknown_area_is_refused(small_bodies: list[bytes]) -> None:
    with pytest.raises(DefinitionError, match="unknown areas: nowhere"):
        assemble(changed(small_bodies, "stations", items=[["x", 5, "ordinary", None, None, "nowhere"]]))


def test_a_station_with_more_people_than_32_bits_is_refused(small_bodies: list[bytes]) -> None:
    with pytest.raises(DefinitionError, match="32 bits"):
        assemble(changed(small_bodies, "stations", items=[["x", 2**40]]))


def test_an_area_before_its_parent_is_refused(small_bodies: list[bytes]) -> None:
    areas = first(small_bodies, "areas")["items"]
    with pytest.raises(DefinitionError, match="area 01 stands before its parent SM"):
        assemble(changed(small_bodies, "areas", items=[areas[1], areas[0], *areas[2:]]))
    with pytest.raises(DefinitionError, match="area 01 is defined twice"):
        assemble(changed(small_bodies, "areas", items=[*areas, areas[1]]))


@pytest.mark.parametrize(
    ("contest", "why"),
    [
        ({"area": "nowhere"}, "no such ballot or no such area"),
        ({"area": "01"}, "no such ballot or no such area"),
        ({"ballot": "senate"}, "no such ballot or no such area"),
        ({"options": []}, "has no option, or one number twice"),
        ({"options": [{"number": 1, "party": None, "name": {"th": "ก", "en": "a"}}] * 2}, "one number twice"),
        ({"options": [{"number": 1, "party": "?", "name": {"th": "ก", "en": "a"}}]}, "a party that is not defined"),
    ],
)
def test_a_contest_that_does_not_fit_is_refused(small_bodies: list[bytes], contest: dict[str, Any], why: str) -> None:
    contests = first(small_bodies, "options")["contests"]
    contests[0] |= contest
    with pytest.raises(DefinitionError, match=why):
        assemble(changed(small_bodies, "options", contests=contests))

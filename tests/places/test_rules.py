"""Areas lie in areas, and points lie at distances."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapparot.base.text import Text
from sapparot.places import UNKNOWN_PLACE, Area, ancestors, children, column_of, distance_m, enclosing

AREAS = {
    code: Area(code, kind, parent, Text(code, code))
    for code, kind, parent in [
        ("TH", "country", None),
        ("10", "province", "TH"),
        ("11", "province", "TH"),
        ("10-01", "constituency", "10"),
        ("10-01-1001", "district", "10-01"),
        ("10-01-100101", "subdistrict", "10-01-1001"),
    ]
}
points = st.tuples(st.integers(-90_000_000, 90_000_000), st.integers(-180_000_000, 180_000_000))


def test_an_area_is_its_own_first_ancestor_and_the_country_its_last() -> None:
    codes = [area.code for area in ancestors(AREAS, "10-01-100101")]
    assert codes == ["10-01-100101", "10-01-1001", "10-01", "10", "TH"]


def test_an_unknown_code_has_no_ancestors() -> None:
    with pytest.raises(KeyError):
        list(ancestors(AREAS, "99"))


def test_the_enclosing_area_may_be_the_area_itself_or_missing() -> None:
    assert enclosing(AREAS, "10-01-100101", "province") is AREAS["10"]
    assert enclosing(AREAS, "10-01", "constituency") is AREAS["10-01"]
    assert enclosing(AREAS, "11", "constituency") is None


def test_children_stand_under_their_parent_and_the_root_under_none() -> None:
    found = children(AREAS)
    assert [area.code for area in found["TH"]] == ["10", "11"]
    assert [area.code for area in found[None]] == ["TH"]
    assert "11" not in found


def test_a_column_points_at_the_area_of_its_kind_or_nowhere() -> None:
    column = column_of(AREAS, ["10", "11"], "province")
    assert column == {
        "TH": UNKNOWN_PLACE,
        "10": 0,
        "11": 1,
        "10-01": 0,
        "10-01-1001": 0,
        "10-01-100101": 0,
    }


def test_bangkok_and_chiang_mai_are_about_580_km_apart() -> None:
    assert distance_m((13_756_331, 100_501_762), (18_788_344, 98_985_300)) == pytest.approx(582_000, rel=0.01)


def test_opposite_points_of_the_earth_are_half_its_circumference_apart() -> None:
    assert distance_m((0, 0), (0, 180_000_000)) == pytest.approx(20_015_000, rel=0.001)


@given(points, points)
def test_distance_is_the_same_both_ways_and_zero_to_itself(here: tuple[int, int], there: tuple[int, int]) -> None:
    assert distance_m(here, there) == distance_m(there, here) >= 0
    assert distance_m(here, here) == 0

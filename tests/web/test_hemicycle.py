"""Seats in a half circle."""

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from sapparot.web.public.hemicycle import hall


@given(st.integers(0, 800))
@settings(max_examples=40)
def test_every_seat_has_a_place_of_its_own_inside_the_half_circle(seats: int) -> None:
    found = hall(seats)
    assert len(found.places) == seats
    assert len(set(found.places)) == seats
    assert all(y >= 0 and x * x + y * y <= 1.001 for x, y in found.places)


def test_dots_of_a_parliament_do_not_touch() -> None:
    found = hall(500)
    nearest = min((a - c) ** 2 + (b - d) ** 2 for (a, b), (c, d) in combinations(found.places, 2)) ** 0.5
    assert nearest > found.dot


def test_seats_run_from_left_to_right() -> None:
    places = hall(500).places
    assert places[0][0] < -0.4 and places[-1][0] > 0.4
    assert abs(places[249][0]) < 0.2 > abs(places[250][0])

"""A hood gives the rules what looking at every neighbour again would give."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sapparot.verify.facts import Profile
from sapparot.verify.ground import Ground
from sapparot.verify.hood import Hood, Surroundings, share_of
from tests.verify.cast import LIST, SHEET, row, shape, small

PLACES = 5
COLUMNS = st.integers(0, 3)


def profile(counts: tuple[int, ...], turnout: int | None) -> Profile:
    figures = row(dict(zip(shape().keys, counts, strict=True)))
    return Profile(figures, sum(counts), turnout, counts.index(max(counts)))


PROFILES = st.none() | st.builds(profile, st.tuples(*[st.integers(0, 900)] * 4), st.none() | st.integers(0, 1000))
MOMENTS = st.lists(st.tuples(st.booleans(), st.integers(0, PLACES - 1), PROFILES, COLUMNS, COLUMNS), max_size=12)


@given(MOMENTS, st.none() | st.integers(0, PLACES - 1))
def test_what_a_hood_keeps_is_what_its_profiles_say(
    moments: list[tuple[bool, int, Profile | None, int, int]], own: int | None
) -> None:
    here, there = Hood([None] * PLACES), Hood([None] * PLACES)
    around = Surroundings(here, own, there)
    held: tuple[list[Profile | None], list[Profile | None]] = ([None] * PLACES, [None] * PLACES)
    for beside, place, put, column, partner in moments:
        (there if beside else here).put(place, put)
        held[beside][place] = put
        others = [place for place in range(PLACES) if place != own]
        near = [each for place in others if (each := held[0][place])]
        assert around.profiles() == near
        assert around.turnouts() == [each.turnout for each in near if each.turnout is not None]
        assert around.shares(column) == [share_of(each, column) for each in near]
        both = [(held[0][place], held[1][place]) for place in others]
        assert around.gaps(column, partner) == [
            share_of(one, column) - share_of(other, partner) for one, other in both if one and other
        ]


def test_without_another_ballot_there_are_no_gaps() -> None:
    assert Surroundings(Hood([profile((1, 2, 3, 4), 500)])).gaps(0, 0) == []


def test_sheets_of_different_contests_are_never_in_one_hood() -> None:
    election, ground = small(), Ground(small())
    contests: dict[int, set[int]] = {}
    for sheet, contest in enumerate(election.sheet_contest.tolist()):
        if contest >= 0:
            contests.setdefault(ground.hood(sheet), set()).add(contest)
    assert all(len(found) == 1 for found in contests.values())
    one, other = election.sheet_number(SHEET), election.sheet_number(LIST)
    assert one is not None and other is not None
    assert ground.hood(one) != ground.hood(other) and ground.hood_place(one) == ground.hood_place(other)


def test_a_neighbourhood_has_a_place_for_each_of_its_stations() -> None:
    election, ground = small(), Ground(small())
    places: dict[int, list[int]] = {}
    for sheet, contest in enumerate(election.sheet_contest.tolist()):
        if contest >= 0:
            places.setdefault(ground.hood(sheet), []).append(ground.hood_place(sheet))
            assert ground.hood_place(sheet) < ground.hood_size(sheet)
    assert all(len(set(found)) == len(found) for found in places.values())

"""The hexagon map: every constituency once, every province in one piece, the same for everybody."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from sapparot.web.public.hexgrid import borders, can_give, centre, connected, enclosed, nearest, neighbours, pieces
from sapparot.web.public.hexmap import Group, HexMap, Spot, arrange

DEGREE = 1_000_000
positions = st.tuples(st.integers(5 * DEGREE, 21 * DEGREE), st.integers(97 * DEGREE, 106 * DEGREE))


@st.composite
def elections(draw: st.DrawFn) -> list[Group]:
    """Draw groups of any size, some with positions, some without, some on one point."""
    groups = []
    for number, size in enumerate(draw(st.lists(st.integers(0, 12), max_size=14))):
        place = draw(st.none() | st.just((13 * DEGREE, 100 * DEGREE)) | positions)
        spots = [draw(st.none() | positions) for _ in range(size)]
        groups.append(_group(f"{number:02}", place, spots))
    return groups


def _group(code: str, place: tuple[int, int] | None, spots: list[tuple[int, int] | None]) -> Group:
    members = tuple(Spot(f"{code}-{n:02}", *(spot or (None, None))) for n, spot in enumerate(spots, 1))
    return Group(code, members, *(place or (None, None)))


def _cells_of(found: HexMap, code: str) -> list[tuple[int, int]]:
    return [cell for cell, owner in found.groups.items() if owner == code]


@given(elections())
@settings(max_examples=60, deadline=None)
def test_any_election_gets_one_cell_per_constituency_and_provinces_in_one_piece(groups: list[Group]) -> None:
    found = arrange(groups)
    spots = [spot.code for group in groups for spot in group.spots]
    assert sorted(found.cells) == sorted(spots)
    assert len(set(found.cells.values())) == len(spots), "two constituencies on one cell"
    for group in groups:
        cells = _cells_of(found, group.code)
        assert sorted(cells) == sorted(found.cells[spot.code] for spot in group.spots)
        assert connected(cells), f"{group.code} is in pieces"
    assert len(pieces(found.groups)) <= 1, "the country is in pieces"


@given(elections())
@settings(max_examples=10, deadline=None)
def test_the_same_election_has_the_same_map(groups: list[Group]) -> None:
    assert arrange(groups) == arrange(list(groups))


def _checkerboard(rows: int, columns: int, size: int) -> list[Group]:
    return [
        _group(f"{r}{c}", ((20 - r) * DEGREE, (98 + c) * DEGREE), [None] * (size + (r + c) % 3))
        for r in range(rows)
        for c in range(columns)
    ]


def test_neighbours_stay_neighbours_and_directions_hold() -> None:
    groups = _checkerboard(5, 5, 6)
    found = arrange(groups)
    middle = {group.code: _middle(found, group.code) for group in groups}
    for group in groups:
        row, column = int(group.code[0]), int(group.code[1])
        if row < 4:
            assert middle[group.code][1] < middle[f"{row + 1}{column}"][1], "north stays north"
        if column < 4:
            assert middle[group.code][0] < middle[f"{row}{column + 1}"][0], "west stays west"
    assert len(enclosed(found.groups)) <= 1


def _middle(found: HexMap, code: str) -> tuple[float, float]:
    points = [centre(cell) for cell in _cells_of(found, code)]
    return sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)


def test_a_giant_among_dwarfs_pushes_them_aside_and_leaves_them_whole() -> None:
    dwarfs = [_group(f"d{n}", (13 * DEGREE + n * 9000, 100 * DEGREE - n * 7000), [None]) for n in range(-8, 9)]
    giant = _group("giant", (13 * DEGREE, 100 * DEGREE), [None] * 60)
    found = arrange([giant, *dwarfs])
    assert Counter(found.groups.values())["giant"] == 60
    assert connected(_cells_of(found, "giant"))


def test_constituencies_of_a_province_keep_to_their_own_side() -> None:
    corners = [(14, 100), (14, 101), (13, 100), (13, 101)]
    found = arrange([_group("10", None, [(lat * DEGREE, lon * DEGREE) for lat, lon in corners])])
    x, y = zip(*(centre(found.cells[f"10-{n:02}"]) for n in range(1, 5)), strict=True)
    assert x[0] <= x[1] and x[2] <= x[3]
    assert (y[0] + y[1]) < (y[2] + y[3])


def test_an_election_without_constituencies_has_an_empty_map() -> None:
    assert arrange([]) == HexMap({}, {}) == arrange([_group("10", None, [])])


def test_borders_name_each_side_once() -> None:
    found = arrange([_group("a", None, [None] * 4), _group("b", None, [None] * 3)])
    owners = {cell: int(owner == "a") for cell, owner in found.groups.items()}
    sides = list(borders(owners))
    assert len(sides) == len(set(sides))
    between = sum(1 for cell in owners for near in neighbours(cell) if owners.get(near, owners[cell]) != owners[cell])
    outside = sum(1 for cell in owners for near in neighbours(cell) if near not in owners)
    assert len(sides) == between // 2 + outside


@given(st.sets(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), min_size=1))
def test_a_region_gives_a_cell_only_when_it_stays_in_one_piece(cells: set[tuple[int, int]]) -> None:
    region = pieces(cells)[0]
    for cell in region:
        assert can_give(region, cell) == (len(region) > 1 and connected(region - {cell}))


@given(st.tuples(st.integers(-50, 50), st.integers(-50, 50)))
def test_the_centre_of_a_cell_lies_in_that_cell(cell: tuple[int, int]) -> None:
    assert nearest(centre(cell)) == cell

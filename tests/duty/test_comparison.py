"""Board, form and authority side by side."""

from __future__ import annotations

import asyncio
import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sapparot.base.clock import FixedClock
from sapparot.base.database import Connection, pool
from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.duty.assignments.nearby import Nearby
from sapparot.duty.comparison.balance import Balance, Sheets, bearable
from sapparot.duty.comparison.facts import NOBODY, NewExplanation, Said, SheetCompared, Source
from sapparot.duty.comparison.rules import Side, Voice, announced, compared, figures, in_order, official, summed
from sapparot.duty.comparison.table import written
from sapparot.duty.comparison.wording import explained, figure_name, split_in_words
from sapparot.duty.returns.book import Book
from tests.duty.crew import add_networks, roster, volunteer

NOW = datetime(2026, 3, 2, tzinfo=UTC)
STATION = "01-01-010111-001"
votes = st.dictionaries(st.sampled_from(["1", "2", "10", "valid"]), st.integers(0, 500))
NAMES = {"1": Text("วารี", "Wari"), "2": Text("มานี", "Mani"), "10": Text("ไผท", "Phathai")}
SIDES: tuple[Side, ...] = ("board", "own", "others", "official")


def row(**sides: dict[str, int] | None) -> SheetCompared:
    said: dict[Side, Said] = {
        side: Said(given, number, NOW) for number, side in enumerate(SIDES) if (given := sides.get(side)) is not None
    }
    return compared("s/list", "reported", said)


@given(votes)
def test_sides_that_agree_have_no_differences(same: dict[str, int]) -> None:
    assert row(board=same, own=same, others=same, official=same).differences == ()
    assert row(own=same).differences == ()


@given(votes, votes)
def test_every_figure_that_form_and_authority_give_differently_is_named_and_said_in_both_languages(
    form: dict[str, int], theirs: dict[str, int]
) -> None:
    found = row(own=form, official=theirs)
    wanted = [name for name in in_order(form.keys() & theirs.keys()) if form[name] != theirs[name]]
    assert [each.figure for each in found.differences] == wanted
    whole = summed(("a", Text("ก", "a"), "list"), [found], {})
    assert (whole.both, whole.counted) == (1, 0)
    assert whole.ours == {name: form[name] for name in in_order(form)}
    for each in found.differences:
        said = explained(each, NAMES).text
        assert said is not None
        away = f"{abs(form[each.figure] - theirs[each.figure]):,}"
        for text in (said.th, said.en):
            assert away in text and f"{form[each.figure]:,}" in text and f"{theirs[each.figure]:,}" in text
        assert figure_name(each.figure, NAMES).th in said.th


@given(votes, votes)
def test_two_networks_that_differ_are_told_apart_without_the_authority(
    one: dict[str, int], other: dict[str, int]
) -> None:
    found = row(own=one, others=other).differences
    assert {each.figure for each in found} == {name for name in one.keys() & other.keys() if one[name] != other[name]}
    assert all("ต่างกัน" in (explained(each, NAMES).text or NAMES["1"]).th for each in found)


def test_a_board_that_was_not_counted_to_the_end_differs_from_nothing_one_that_has_more_does() -> None:
    assert row(board={"1": 5}, own={"1": 9}).differences == ()
    [found] = row(board={"1": 12, "2": 1}, own={"1": 9, "2": 4}).differences
    assert (found.figure, found.board, found.own, found.official) == ("1", 12, 9, None)
    said = explained(found, NAMES).text
    assert said is not None and "the board has 3 more" in said.en


def test_what_the_authority_says_of_a_whole_area_stands_beside_the_public_count_there() -> None:
    spoke = announced(Said({"1": 100, "2": 7, "99": 1}, 8, NOW), NOBODY, {"1": 90, "2": 7})
    [found] = spoke.differences
    assert (found.figure, found.others, found.official) == ("1", 90, 100)
    said = explained(found, NAMES, public=True).text
    assert said is not None and "the public count 90" in said.en and "10 more" in said.en


def voices(*said: tuple[str, dict[str, int]]) -> list[Voice]:
    return [
        Voice(group, Source(group, Text(group, group), Said(figures, number, NOW)))
        for number, (group, figures) in enumerate(said)
    ]


ONE, OTHER = {"1": 5, "2": 3, "valid": 8}, {"1": 6, "2": 3}


@pytest.mark.parametrize(
    ("said", "state", "groups", "shown"),
    [
        ([], "none", 0, None),
        ([("a", {})], "none", 0, None),
        ([("a", ONE)], "single", 1, ONE),
        ([("a", ONE), ("a", ONE)], "single", 1, ONE),
        ([("a", ONE), ("a", OTHER)], "differ", 0, None),
        ([("a", ONE), ("b", OTHER)], "differ", 0, None),
        ([("a", ONE), ("b", ONE)], "agreed", 2, ONE),
        ([("a", ONE), ("b", {"1": 5, "2": 3})], "agreed", 2, ONE),
        ([("a", ONE), ("b", {"valid": 8})], "single", 1, ONE),
        ([("a", ONE), ("b", {}), ("c", {})], "single", 1, ONE),
        ([("a", ONE), ("b", OTHER), ("c", {})], "differ", 0, None),
        ([("a", ONE), ("b", ONE), ("c", OTHER)], "agreed", 2, ONE),
        ([("a", ONE), ("b", ONE), ("c", OTHER), ("d", OTHER)], "differ", 0, None),
        ([("a", ONE), ("b", ONE), ("b", OTHER), ("c", ONE)], "agreed", 2, ONE),
    ],
)
def test_a_figure_is_official_when_two_groups_report_it_and_more_do_than_report_otherwise(
    said: list[tuple[str, dict[str, int]]], state: str, groups: int, shown: dict[str, int] | None
) -> None:
    for order in (said, said[::-1]):
        found, officially = official(voices(*order))
        assert (officially.state, officially.groups) == (state, groups)
        assert (found is None) == (shown is None) and (
            found is None or shown is None or found.figures.items() <= shown.items()
        )
    assert bool(split_in_words(officially.sources, NAMES)) == ({5, 6} <= {figures.get("1") for _, figures in said})


@given(st.dictionaries(st.text(max_size=8), st.integers(), max_size=6))
def test_figures_that_cannot_stand_on_a_form_are_left_out_and_options_that_do_not_stand_can_be_named(
    given_: dict[str, int],
) -> None:
    kept = bearable(given_ | {"1": 10**5000, "2": -1, "3": 4})
    assert kept["3"] == 4 and all(0 <= value <= 10**8 for value in kept.values())
    for name in kept:
        assert figure_name(name, {}).en and in_order(kept)


def test_the_table_for_lawyers_names_every_side_and_covers_what_a_spreadsheet_would_run() -> None:
    one = row(own={"1": 9, "=1+1": 3}, official={"1": 8})
    one = replace(one, differences=tuple(explained(each, NAMES) for each in one.differences))
    whole = summed(("01-01", Text("ก", "a"), "list"), [one], {})
    sheets = Sheets((one,), NAMES, whole)
    text = b"".join(written(sheets, differing=False)).decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(text)))
    assert [(each["figure"], each["own"], each["official"], each["official_minus_ours"], each["differs"]) for each in lines] == [
        ("1", "9", "8", "-1", "yes"), ("'=1+1", "3", "", "", "no"),
    ]  # fmt: skip
    assert (lines[0]["own_entry"], lines[0]["official_entry"], lines[0]["board_entry"]) == ("1", "3", "")
    assert len(list(csv.DictReader(io.StringIO(b"".join(written(sheets, differing=True)).decode("utf-8-sig"))))) == 1


def test_figures_of_a_report_are_its_votes_and_the_totals_that_it_gives() -> None:
    assert figures({"1": 3}, (3, 0, None, None)) == {"1": 3, "valid": 3, "spoiled": 0}


def test_a_difference_has_an_owner_a_reason_and_a_state_and_keeps_its_history(
    defined: Connection, database_url: str
) -> None:
    add_networks(defined)
    book = roster(database_url, FixedClock(NOW))
    nearby = Nearby(book)
    balance = Balance(nearby, Book(nearby), FixedClock(NOW))
    head = volunteer(defined, level=2, roles=(("head", "01-01"),))
    other = volunteer(defined, level=2, roles=(("head", "01-02"),))
    said = NewExplanation(f"{STATION}/list", "open", "ตรวจแบบอีกครั้ง", mine=True)

    async def day() -> None:
        async with pool(database_url, 4) as opened, opened.connection() as connection:
            empty = (await balance.compare(connection, "01-01", "constituency", "ilaw")).whole
            assert (empty.sheets, empty.own, empty.both, empty.differing) == (20, 0, 0, ())
            first = await balance.explain(connection, head, said)
            assert (first.by, first.owner) == (head.person, head.person)
            second = await balance.explain(connection, head, NewExplanation(f"{STATION}/list", "theirs", "x"))
            assert second.owner is None
            for who, sheet, code in (
                (other, f"{STATION}/list", "duty.not_your_area"),
                (volunteer(defined), f"{STATION}/list", "duty.not_your_area"),
                (head, f"{STATION}/nothing", "duty.place_unknown"),
            ):
                with pytest.raises(Problem) as refused:
                    await balance.explain(connection, who, replace(said, sheet=sheet))
                assert refused.value.kind.code == code
            with pytest.raises(Problem):
                await balance.compare(connection, "99", "list")

    asyncio.run(day())
    found = defined.execute("SELECT state FROM duty.explanations ORDER BY id").fetchall()
    assert found == [("open",), ("theirs",)]

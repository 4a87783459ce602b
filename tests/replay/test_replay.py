"""The result can be dropped and counted again from any place: the same bytes, however the work was cut."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sapparot.publish.facts import SnapshotMeta
from sapparot.publish.render import Renderer
from sapparot.tally import Entry, Tally
from tests.tally.test_fold import MOVES
from tests.tally.tiny import DEFINED, entries


def meta(size: int) -> SnapshotMeta:
    return SnapshotMeta(4, size, "ab" * 32, "2023-05-14T11:00:00.000000Z", True, "cd" * 32)


def fresh(log: list[Entry]) -> dict[str, bytes]:
    tally = Tally()
    tally.apply_many(log)
    result = tally.result()
    return Renderer(result.election).render(result, meta(len(log)))


@settings(max_examples=60, deadline=None)
@given(things=MOVES, cuts=st.lists(st.integers(0, 30), max_size=4), data=st.data())
def test_a_count_that_went_on_all_night_equals_one_that_begins_now(
    things: list[Any], cuts: list[int], data: st.DataObject
) -> None:
    log = [*DEFINED, *entries(things, start=len(DEFINED))]
    tally, at = Tally(), 0
    renderer: Renderer | None = None
    for cut in sorted({len(DEFINED) + min(cut, len(things)) for cut in cuts} | {len(log)}):
        tally.apply_many(log[at:cut])
        at = cut
        renderer = renderer or Renderer(tally.result().election)
        if data.draw(st.booleans()):
            renderer.refresh(tally.result(), cut)
        assert renderer.render(tally.result(), meta(cut)) == fresh(log[:cut])


def test_an_empty_count_has_every_file() -> None:
    files = fresh(DEFINED)
    assert {
        "headline.json",
        "constituencies.json",
        "provinces.json",
        "seats.json",
        "coverage.json",
        "kinds.json",
    } <= set(files)
    assert {"stations/A1.json", "stations/A2.json", "stations/B1.json", "sheets.csv", "manifest.json"} <= set(files)

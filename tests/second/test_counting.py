"""A second count, written from docs/formats/counting.md and the pages it names alone, makes the same files as ours, byte for byte."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from sapparot.publish.facts import SnapshotMeta
from sapparot.publish.render import Renderer
from sapparot.tally import Tally
from sapparot.verify import Engine
from tests.replay.night import Night
from tests.second import bounds, sums
from tests.second.elections import Draw, Log, crossing, of_2562
from tests.second.evenings import Chaos, neighbourhood
from tests.second.files import Meta, definition_of, files
from tests.second.forms import canonical
from tests.second.standing import Standing

SEEDS = st.integers(0, 2**32 - 1)
GENERATED = [Phase.explicit, Phase.reuse, Phase.generate]


def compared(log: Log, sizes: Iterable[int]) -> None:
    """Make a snapshot with both at each size; all of their files are the same."""
    tally, standing, at = Tally(), Standing(), 0
    renderer: Renderer | None = None
    previous = None
    for n, size in enumerate(sorted(sizes), 1):
        tally.apply_many(log[at:size])
        for entry in log[at:size]:
            standing.take(*entry)
        at = size
        if tally.election is None or standing.election is None:
            assert (tally.election is None) == (standing.election is None)
            continue
        if renderer is None or renderer.election is not tally.election:
            renderer = Renderer(tally.election)
        said = (n, size, f"{size:064x}", "2026-03-01T10:00:00.123456Z", n != 2, previous)
        ours, theirs = renderer.render(tally.result(), SnapshotMeta(*said)), files(standing, Meta(*said))
        assert canonical(definition_of(standing.election)) == renderer.definition
        assert theirs.keys() == ours.keys()
        for name, data in ours.items():
            assert theirs[name] == data, (name, size)
        previous = renderer.definition_sha256


def thirds(log: Log) -> list[int]:
    return [len(log) * part // 3 for part in (1, 2, 3)]


def judged(entries: Log) -> Log:
    """Judge the entries; what is concluded of one stands behind the next."""
    engine, log, waiting = Engine(), Log(), list[tuple[str, bytes]]()
    for _, kind, body in entries:
        out = engine.apply(len(log), kind, body)
        for entry in ((kind, body), *waiting):
            log.append((len(log), *entry))
        waiting = out
    return [*log, *((len(log) + at, *entry) for at, entry in enumerate(waiting))]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_both_count_whole_nights_alike(seed: int) -> None:
    log = Night(seed, reports=60).log
    compared(log, thirds(log))


@settings(max_examples=12, deadline=None, phases=GENERATED)
@given(SEEDS)
def test_both_count_evenings_in_which_anything_happens_alike(seed: int) -> None:
    log = judged(Chaos(seed).entries())
    compared(log, thirds(log))


def test_both_count_an_evening_of_neighbours_alike() -> None:
    log = judged(neighbourhood(7))
    compared(log, thirds(log))


@settings(max_examples=80, deadline=None, phases=GENERATED)
@example(4253724614)  # a constituency whose subdistricts vote on contests of their own
@given(SEEDS)
def test_both_count_any_election_alike(seed: int) -> None:
    log = Draw(seed).log()
    compared(log, thirds(log))


def test_both_count_a_constituency_that_spans_the_widest_areas_alike() -> None:
    compared(crossing(), [len(crossing())])


@pytest.mark.parametrize("seed", range(2))
def test_both_seat_a_parliament_that_makes_up_for_constituencies_alike(seed: int) -> None:
    log = of_2562(seed)
    compared(log, [len(log) - 20, len(log)])


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        ("sums.Sheet.certain", property(lambda sheet: sheet.counted)),
        ("files.MOST_PARTIES", 11),
        ("standing.DEFAULT", ["settled", "confirmed"]),
        ("leads.NO_VOTE", sums.TOTALS.index("spoiled")),
        ("bounds.most", bounds.fewest),
    ],
)
def test_one_changed_rule_is_noticed(place: str, wrong: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"tests.second.{place}", wrong)
    with pytest.raises(AssertionError):
        for seed in range(40):
            log = Draw(seed).log()
            compared(log, [len(log)])

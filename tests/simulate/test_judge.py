"""What was published is held against the truth and the clock."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np

from sapparot.base import canonical
from sapparot.publish.rows import SHEET_COLUMNS
from sapparot.simulate.facts import Counts, EveningLog, Seen, Segment
from sapparot.simulate.judge import (
    SeatsOf,
    judge_sheets,
    parliament,
    published_parliament,
    read_sheets,
    times,
    visible_seconds,
)
from sapparot.simulate.truth import Truth
from tests.simulate.conftest import SMALL, THAILAND, Night

HEADLINE = ("settled", "confirmed")
Change = Callable[[dict[str, object]], object]


def sheets_csv(truth: Truth, changes: dict[int, Change]) -> bytes:
    """sheets.csv in which every sheet is confirmed and true, except where a change says otherwise."""
    numbers = sorted({option.number for options in truth.contests for option in options})
    file = io.StringIO()
    writer = csv.DictWriter(file, [*SHEET_COLUMNS, *map(str, numbers)], restval="")
    writer.writeheader()
    for sheet in range(2 * len(truth)):
        station, ballot = divmod(sheet, 2)
        options = truth.contests[int(truth.contest[ballot, station])]
        votes = truth.votes[ballot][station, : len(options)].tolist()
        row: dict[str, object] = {str(option.number): count for option, count in zip(options, votes, strict=True)}
        row |= {"ballot": truth.ballots[ballot], "station": truth.codes[station]}
        row |= {"state": "confirmed", "layer": "confirmed", "valid": sum(votes), "unlisted": 0}
        row |= {"spoiled": truth.spoiled[ballot, station], "no_vote": truth.no_vote[ballot, station]}
        row["ballots_cast"] = truth.cast[station]
        if sheet in changes:
            changes[sheet](row)
        writer.writerow(row)
    return file.getvalue().encode()


def test_true_confirmed_sheets_are_right(small: Night) -> None:
    judged = judge_sheets(read_sheets(sheets_csv(small.truth, {}), small.truth, HEADLINE))
    assert (judged.right, judged.wrong, judged.disputed, judged.uncounted) == (120, 0, 0, 0)


def test_each_sheet_is_judged_by_what_the_headline_says_of_it(small: Night) -> None:
    changes: dict[int, Change] = {
        0: lambda row: row.update(spoiled=999),
        1: lambda row: row.update({"1": 999}),
        2: lambda row: row.update(state="disputed"),
        3: lambda row: row.update(state="reported", layer="reported"),
        4: lambda row: row.update(state="reported", layer="reported", valid=999),
        5: lambda row: row.update(state="empty", layer="none", valid=""),
        6: lambda row: row.update(state="settled", layer="settled"),
    }
    judged = judge_sheets(read_sheets(sheets_csv(small.truth, changes), small.truth, HEADLINE))
    assert (judged.right, judged.wrong, judged.disputed, judged.uncounted) == (114, 2, 1, 3)
    assert (judged.provisional, judged.provisional_wrong) == (2, 1)
    assert judged.wrong_sheets == (small.truth.sheet_key(0), small.truth.sheet_key(1))


def test_a_lower_layer_counts_when_the_headline_uses_it(small: Night) -> None:
    changes: dict[int, Change] = {0: lambda row: row.update(state="reported", layer="reported")}
    judged = judge_sheets(read_sheets(sheets_csv(small.truth, changes), small.truth, (*HEADLINE, "reported")))
    assert judged.right == 120


Story = list[tuple[dict[str, int], dict[str, list[int]]]]


def snapshots(story: Story) -> Callable[[str], bytes]:
    """Snapshots with list votes by party and leaders by area, one a minute from 17:01; what is counted equals all layers."""
    files = {}
    for n, (votes, leaders) in enumerate(story, 1):
        parties = [{"party": party, "votes": count, "seats": 0} for party, count in votes.items()]
        calculation = {"lists": {"votes": sum(votes.values()), "parties": parties} if votes else None}
        files[f"v1/snapshots/{n}/seats.json"] = {
            "snapshot": {"at": f"2023-05-14T10:{n:02d}:00.000000Z", "n": n},
            "rule": {"name": "th-2566", "list_seats": 100},
            "headline": calculation,
            "all_layers": calculation,
        }
        blocks = {area: {"constituency": {"lead": {"leaders": won}}, "list": {}} for area, won in leaders.items()}
        areas = [{"area": area, "ballots": block} for area, block in blocks.items()]
        files[f"v1/snapshots/{n}/constituencies.json"] = {"areas": areas}
        seats = [
            {"party": party, "constituency": 1, "list": count, "total": count + 1} for party, count in votes.items()
        ]
        nobody = {"party": "none", "constituency": 0, "list": 0, "total": 0}
        files[f"v1/snapshots/{n}/headline.json"] = {"parliament": {"headline": {"parties": [*seats, nobody]}}}
    return lambda name: canonical.encode(files[name])


END = ({"a": 6000, "b": 4000}, {"x": [1], "y": [2]})


def test_times_are_those_from_which_on_nothing_changes_any_more() -> None:
    story: Story = [
        ({}, {"x": [], "y": []}),
        ({"a": 60, "b": 40}, {"x": [1], "y": []}),
        ({"a": 550, "b": 450}, {"x": [1], "y": [2]}),
        ({"a": 591, "b": 409}, {"x": [2], "y": [2]}),
        ({"a": 609, "b": 391}, {"x": [1], "y": [2]}),
        END,
    ]
    found = times(snapshots(story), 6)
    assert found.trend_at == found.trend_counted_at == "2023-05-14T10:04:00.000000Z"
    assert found.leaders_at == "2023-05-14T10:05:00.000000Z"
    assert [moment.off for moment in found.course] == [None, 0.0, 5.0, 0.9, 0.9, 0.0]
    assert [moment.leaders for moment in found.course] == [0, 1, 2, 1, 2, 2]


def test_leaders_are_not_known_while_a_constituency_has_none_or_two() -> None:
    assert times(snapshots([END, (END[0], {"x": [1], "y": []})]), 2).leaders_at is None
    assert times(snapshots([END, (END[0], {"x": [1], "y": [2, 3]})]), 2).leaders_at is None


def test_snapshots_that_were_thinned_are_passed_over() -> None:
    told = snapshots([END, ({"a": 1, "b": 99}, {"x": [2], "y": [2]}), END, END])
    thinned = ("v1/snapshots/2/seats.json", "v1/snapshots/2/constituencies.json")

    def read(name: str) -> bytes:
        if name in thinned:
            raise FileNotFoundError(name)
        return told(name)

    assert times(told, 4).trend_at == "2023-05-14T10:03:00.000000Z"
    found = times(read, 4)
    assert [moment.n for moment in found.course] == [1, 3, 4]
    assert found.trend_at == found.leaders_at == "2023-05-14T10:01:00.000000Z"


def test_the_parliament_is_read_from_the_headline() -> None:
    read = snapshots([({"a": 60, "b": 0}, {})])
    assert parliament(read, 1) == [SeatsOf("a", 1, 60, 61), SeatsOf("b", 1, 0, 1)]


def test_the_announced_parliament_is_read_from_the_folder() -> None:
    announced = published_parliament(THAILAND)
    assert sum(party.total for party in announced) == 500
    assert announced[0] == SeatsOf("move-forward", 112, 39, 151)
    assert sum(party.total for party in published_parliament(SMALL)) == 7


def log_of(segments: tuple[Segment, ...], seen: tuple[Seen, ...]) -> EveningLog:
    """A log with these times and nothing else."""
    return EveningLog(
        counts=msgspec.convert(dict.fromkeys(Counts.__struct_fields__, 0), Counts),
        devices=0,
        enrolled_s=0.0,
        sender_cpu_s=0.0,
        began=0.0,
        ended=0.0,
        segments=segments,
        seen=seen,
        schedule=Path(),
        outcomes=Path(),
    )


def test_a_report_is_visible_with_the_first_snapshot_that_covers_it() -> None:
    epoch = 1_684_058_400.0  # 2023-05-14T10:00:00Z
    log = log_of((Segment(100.0, epoch, 60.0),), (Seen(1, 5, 100.5), Seen(2, 9, 103.0)))
    received = [(4, "2023-05-14T10:00:00.000000Z"), (5, "2023-05-14T10:01:00.000000Z"), (9, "2023-05-14T10:01:00Z")]
    assert np.allclose(visible_seconds(received, log), [0.5, 2.0])

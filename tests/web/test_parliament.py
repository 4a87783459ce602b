"""The parliament on the page is the one in the files, seat by seat."""

import json
from typing import Any

import msgspec
import pytest

from sapparot.web.public.contests import contest_lines
from sapparot.web.public.parliament import hemicycle, party_lines
from sapparot.web.public.snapshots import (
    AreaFile,
    CoverageFile,
    Definition,
    Edition,
    HeadlineFile,
    PartyFile,
    SeatFile,
)
from tests.web.evenings import COMPLETE, EARLY, EMPTY, LATE, Evening, evening

KINDS = (
    ("headline.json", HeadlineFile),
    ("constituencies.json", AreaFile),
    ("provinces.json", PartyFile),
    ("seats.json", SeatFile),
    ("coverage.json", CoverageFile),
)


def edition(given: Evening) -> Edition:
    files: list[Any] = [msgspec.json.decode(given.files[name], type=kind) for name, kind in KINDS]
    return Edition(msgspec.json.decode(given.definition, type=Definition), *files)


def test_the_whole_election_of_2566_gives_its_parliament() -> None:
    shown = edition(evening(COMPLETE, "th-2566", 0.02))
    lines = party_lines(shown, contest_lines(shown))
    seats = {line.name.en: (line.constituency, line.lists, line.seats) for line in lines if line.seats}
    assert seats["Move Forward"] == (112, 39, 151)
    assert seats["Pheu Thai"] == (112, 29, 141)
    assert sum(total for _, _, total in seats.values()) == 500
    assert all(line.waiting == 0 and line.certain == line.seats for line in lines), "everything is counted"


@pytest.mark.parametrize("shares", [EMPTY, EARLY, LATE, COMPLETE])
def test_every_seat_is_drawn_once_whatever_is_known(shares: dict[str, float]) -> None:
    shown = edition(evening(shares, "th-2566", 0.02))
    drawn = hemicycle(shown.definition, party_lines(shown, contest_lines(shown)))
    dots = [dot for ring in drawn.rings for dot in ring.path.split("M") if dot]
    assert len(dots) == len(set(dots)) == drawn.seats == 500
    assert drawn.majority == 251


def test_seats_agree_with_the_published_file() -> None:
    given = evening(LATE, "th-2566", 0.02)
    shown = edition(given)
    published = {row["party"]: row for row in json.loads(given.files["seats.json"])["headline"]["parties"]}
    for line in party_lines(shown, contest_lines(shown)):
        if line.place >= 0 and line.seats:
            row = published[shown.definition.parties[line.place].code]
            assert (line.constituency, line.lists, line.decided) == (row["constituency"], row["list"], row["safe"])


def test_provisional_seats_are_never_in_the_sum_of_counted_ones() -> None:
    shown = edition(evening({"reported": 1.0}, "th-2566", 0.02))
    lines = party_lines(shown, contest_lines(shown))
    assert sum(line.seats for line in lines) == 0
    assert sum(line.waiting for line in lines) == 500


def test_a_contest_says_who_leads_and_how_certain_that_is() -> None:
    standings = {line.standing for line in contest_lines(edition(evening(LATE, "th-2566", 0.02)))}
    assert {"leading", "decided"} <= standings
    assert {line.standing for line in contest_lines(edition(evening(EMPTY)))} == {"open"}
    assert {line.standing for line in contest_lines(edition(evening(COMPLETE)))} <= {"decided", "leading"}

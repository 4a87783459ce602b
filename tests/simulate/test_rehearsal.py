"""A rehearsal against a server that somebody else runs."""

from __future__ import annotations

import csv
from pathlib import Path

import msgspec
import pytest

from sapparot.simulate.facts import Flat
from sapparot.simulate.problems import SourceUnusable
from sapparot.simulate.rehearsal import INVITES, Rehearsal, prepare, rehearse
from tests.simulate.conftest import SMALL
from tests.simulate.doors import Doors, serving


def test_a_rehearsal_is_drawn_then_given_its_codes_then_played(tmp_path: Path) -> None:
    rehearsal = Rehearsal(source=SMALL, place=tmp_path, honest=True)
    wanted = prepare(rehearsal)
    assert len(list(csv.DictReader((tmp_path / "election/stations.csv").open(encoding="utf-8")))) == 60
    with pytest.raises(SourceUnusable, match="no code for move-forward/1"):
        rehearse(rehearsal, "http://127.0.0.1:9", tell=lambda _: None)
    filled = [msgspec.structs.replace(one, code="abc") for one in wanted]
    (tmp_path / INVITES).write_bytes(msgspec.json.encode(filled))
    doors = Doors()
    with serving(doors) as url:
        log = rehearse(rehearsal, url, flat=Flat(rate=None, reports=300), tell=lambda _: None)
    assert log.counts.accepted == 300 == len(doors.reports)


def test_invites_are_asked_for_by_network_and_level(tmp_path: Path) -> None:
    wanted = prepare(Rehearsal(source=SMALL, place=tmp_path))
    assert all(one.uses > 0 and not one.code for one in wanted)
    heads = [one for one in wanted if one.level == 2]
    assert [(one.network, one.uses) for one in heads] == [("rajabhat", 1)] * 3
    assert sorted(one.area for one in heads) == ["01-01", "01-02", "02-01"] and heads[0].name == "rajabhat/2/01-01"


def test_nothing_is_played_before_it_was_prepared(tmp_path: Path) -> None:
    with pytest.raises(SourceUnusable, match="prepare"):
        rehearse(Rehearsal(source=SMALL, place=tmp_path), "http://127.0.0.1:9", tell=lambda _: None)


def test_a_rehearsal_that_was_prepared_for_fewer_invites_is_prepared_again(tmp_path: Path) -> None:
    rehearsal = Rehearsal(source=SMALL, place=tmp_path)
    filled = [msgspec.structs.replace(one, code="abc") for one in prepare(rehearsal) if not one.area]
    (tmp_path / INVITES).write_bytes(msgspec.json.encode(filled))
    with pytest.raises(SourceUnusable, match=r"no code for rajabhat/2/01-01, .*: prepare the rehearsal again"):
        rehearse(rehearsal, "http://127.0.0.1:9", tell=lambda _: None)

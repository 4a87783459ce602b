"""The fold: what it writes, what it survives, and that the same entries give the same bytes."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from typing import Any

import pytest

from sapparot.base import canonical
from sapparot.contests import BINDING_KINDS
from sapparot.verify import Engine, genuine
from tests.verify.cast import (
    FAR,
    GONE,
    LIST,
    NEW,
    NEXT,
    OTHER_VOTES,
    ROOT,
    SHEET,
    STATION,
    VOTES,
    Evening,
    corrected,
    definitions,
    final,
    kid,
    photo,
    small,
)


def test_a_definition_whose_times_have_no_offset_is_no_election() -> None:
    evening = Evening(defined=False)
    for kind, body in definitions():
        evening.put(kind, re.sub(rb'("closes_at":"[^"]*)Z"', rb'\1"', body))
    assert evening.rules() == ["entry_is_readable"] and evening.engine.election is None


def test_a_definition_that_contradicts_itself_is_a_finding() -> None:
    evening = Evening(defined=False)
    for kind, body in definitions():
        evening.put(kind, body.replace(b"01-01-010111-002", b"01-01-010111-001"))
    assert evening.rules() == ["entry_is_readable"] and evening.engine.election is None
    evening.report("somchai")
    assert evening.rules()[-1] == "election_is_ours"


def test_a_correction_of_the_election_counts_before_anything_rests_on_it() -> None:
    evening = Evening()
    for kind, body in corrected():
        evening.put(kind, body)
    evening.report("somchai", sheet=f"{GONE}/list")
    evening.report("somchai", sheet=f"{NEW}/list")
    refused, moved = evening.outs
    assert (refused["rule"], moved["sheet"], moved["state"]) == ("sheet_is_known", f"{NEW}/list", "reported")


@pytest.mark.parametrize("kind", sorted(BINDING_KINDS))
def test_once_something_rests_on_the_election_a_second_definition_changes_nothing(kind: str) -> None:
    evening = Evening()
    evening.report("somchai")
    early = Evening()
    for entry in (evening.entries[-1][1:] if kind == "report" else (kind, b"{}"), *corrected()):
        early.put(*entry)
    assert early.engine.election is not None and GONE in early.engine.election.stations.index


def test_another_election_changes_nothing() -> None:
    evening = Evening()
    for kind, body in definitions():
        evening.put(kind, body.replace(b'"small"', b'"other"'))
    assert evening.engine.election is not None and evening.engine.election.id == "small" and evening.outs == []


STRANGE_REPORTS: dict[str, tuple[str, dict[str, Any], str]] = {
    "an unknown sheet": ("somchai", {"sheet": "99-99-1/list"}, "sheet_is_known"),
    "another election": ("somchai", {"election": "th-2566"}, "election_is_ours"),
    "an unknown stage": ("somchai", {"stage": "perhaps"}, "stage_is_allowed"),
    "official figures from a volunteer": ("somchai", {"stage": "official"}, "stage_is_allowed"),
    "a device that never enrolled": ("nobody", {}, "device_is_enrolled"),
}


@pytest.mark.parametrize("name", STRANGE_REPORTS)
def test_a_report_that_cannot_count_is_noted_and_changes_nothing(name: str) -> None:
    who, members, rule = STRANGE_REPORTS[name]
    evening = Evening()
    evening.report(who, **members)
    assert [(out["kind"], out["rule"], out["weight"]) for out in evening.outs] == [("finding", rule, "note")]


def test_a_finding_entry_has_exactly_these_members() -> None:
    evening = Evening()
    evening.report("somchai", final(valid=371))
    assert evening.findings("votes_sum_to_valid") == [
        {
            "kind": "finding", "v": 1, "sheet": SHEET, "cause": evening.last, "rule": "votes_sum_to_valid",
            "outcome": "failed", "values": {"total": 370, "valid": 371}, "weight": "dispute",
        }
    ]  # fmt: skip


def test_one_id_counts_once() -> None:
    evening = Evening()
    evening.report("somchai", id="same")
    evening.report("somchai", final(OTHER_VOTES), id="same")
    assert evening.standing().state == "reported" and evening.rules() == ["report_is_new"]
    evening.report("wichai", id="same")
    assert evening.standing().state == "confirmed"


@pytest.mark.parametrize(("since", "until"), [("2026-03-02", "2026-04-01"), ("2026-01-01", "2026-02-01")])
def test_a_device_outside_of_its_time_does_not_count(since: str, until: str) -> None:
    evening = Evening()
    evening.enrol("somchai", **{"from": f"{since}T00:00:00Z", "until": f"{until}T00:00:00Z"})
    evening.report("somchai")
    assert evening.rules() == ["device_is_enrolled"] and evening.findings()[0]["values"]["reason"] == "expired"


def test_a_network_cannot_take_over_another_networks_device() -> None:
    evening = Evening()
    evening.enrol("somchai", network="pheu-thai")
    assert [finding["values"]["reason"] for finding in evening.findings()] == ["taken"]
    evening.revoke("somchai", 100, network="pheu-thai")
    assert [finding["values"]["reason"] for finding in evening.findings()] == ["taken", "taken"]
    evening.report("somchai", after=120)
    assert evening.standing().state == "reported"


def test_a_device_is_named_after_its_key_and_enrolled_by_a_known_network() -> None:
    evening = Evening()
    evening.enrol("new", kid=kid("somebody"))
    evening.enrol("new", network="unheard-of")
    assert [finding["values"]["reason"] for finding in evening.findings()] == ["key", "network"]


def test_an_audit_checks_every_signature_again() -> None:
    evening = Evening(signed=True, check=genuine)
    evening.report("somchai")
    evening.report("wichai")
    assert evening.outs and evening.rules() == [] and evening.standing().state == "confirmed"
    evening.signed = False
    evening.report("ploy")
    evening.enrol("late")
    assert evening.rules() == ["signature_holds", "enrolment_is_authentic"] and evening.standing().sources == 2


def test_same_figures_and_same_photograph_at_two_stations_are_noticed() -> None:
    evening = Evening()
    shown = [{"role": "form", "sha256": photo(3)}]
    evening.report("somchai", evidence=shown)
    evening.report("wichai", sheet=LIST, evidence=shown)
    assert evening.rules() == []
    evening.report("ploy", sheet=f"{NEXT}/constituency", evidence=shown)
    assert evening.rules() == ["figures_not_copied", "photograph_not_copied"]
    assert {finding["values"]["station"] for finding in evening.findings()} == {STATION}
    assert evening.standing(f"{NEXT}/constituency").state == "disputed"


def test_kinds_of_other_slices_pass_by() -> None:
    assert Evening().put("evidence", {"original": photo(1)}) == []
    assert Evening().put("snapshot", {"n": 1}) == []


def test_an_entry_is_traced_to_its_sheet() -> None:
    evening = Evening()
    evening.report("somchai")
    number = small().sheet_number(SHEET)
    _, kind, body = evening.entries[-1]
    assert evening.engine.step(10**6, kind, body).sheet == number
    assert evening.engine.step(10**6, "move", canonical.encode(evening.moves()[-1])).sheet == number
    assert evening.engine.step(10**6, "finding", canonical.encode({"sheet": None})).sheet is None


def test_a_device_may_report_both_ballots_of_its_station_from_there() -> None:
    evening = Evening()
    evening.report("somchai", place=[1524, 10113])
    evening.report("somchai", sheet=LIST)
    assert evening.rules() == [] and FAR not in str(evening.outs)


def scenario() -> Evening:
    """A varied evening, the same on every machine."""
    evening = Evening()
    people = ("somchai", "malee", "wichai", "nok", "ploy", "prapat", "kong", "dao", "fah")
    for number in range(400):
        dice = int.from_bytes(hashlib.sha256(b"%d" % number).digest()[:8], "big")
        station = small().stations.codes[dice % 60]
        ballot = ("constituency", "list")[dice // 60 % 2]
        votes = {str(option): dice // 7**option % 90 for option in range(1, 7)}
        stage = ("progress", "final", "final", "official")[dice // 120 % 4]
        name = "head" if stage == "official" else people[dice // 480 % len(people)]
        replaces = f"r{dice % 300}" if dice % 5 == 0 else None
        shown = [{"sha256": photo(dice % 50)}]
        evening.report(
            name,
            final(votes),
            after=dice % 500 - 20,
            sheet=f"{station}/{ballot}",
            stage=stage,
            replaces=replaces,
            evidence=shown,
        )
        if dice % 37 == 0:
            evening.decide("wari", "anan", sheet=f"{station}/{ballot}", figures=final(votes | {"6": 0}))
        if dice % 61 == 0:
            evening.revoke(name, after=dice % 300)
            evening.enrol(name)
    return evening


def digest(evening: Evening) -> str:
    return hashlib.sha256(canonical.encode(evening.outs)).hexdigest()


def test_the_same_entries_give_the_same_bytes_whatever_the_hash_seed() -> None:
    program = "from tests.verify.test_engine import digest, scenario; print(digest(scenario()))"
    answers = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert answers == {digest(scenario()) + "\n"}


def test_an_engine_that_starts_again_from_the_log_says_the_same() -> None:
    evening = scenario()
    again, outs = Engine(), []
    for entry in evening.entries:
        outs += [canonical.decode(body) for _, body in again.apply(*entry)]
    assert outs == evening.outs
    sheets = range(small().sheets)
    assert [again.standing(sheet) for sheet in sheets] == [evening.engine.standing(sheet) for sheet in sheets]


def test_our_own_entries_in_the_log_change_nothing() -> None:
    evening = scenario()
    again, outs = Engine(), []
    for entry in evening.entries:
        new = again.apply(*entry)
        outs += [canonical.decode(body) for _, body in new]
        assert all(again.apply(entry[0], kind, body) == [] for kind, body in new)
    assert outs == evening.outs


def test_every_finding_of_an_evening_is_canonical_and_complete() -> None:
    for out in scenario().findings():
        assert set(out) == {"kind", "v", "sheet", "cause", "rule", "outcome", "values", "weight"}
        assert out["outcome"] == "failed" and all(isinstance(value, int | str) for value in out["values"].values())


def test_moves_of_a_sheet_form_one_chain() -> None:
    evening = scenario()
    for number in range(small().sheets):
        moves = evening.moves(small().sheet_key(number))
        states = ["empty", *(move["state"] for move in moves)]
        assert [move["was"] for move in moves] == states[:-1]
        if moves:
            assert states[-1] == evening.engine.standing(number).state
            assert all((move["figures"] is None) == (move["layer"] == "none") for move in moves)


def test_votes_of_a_move_hold_the_options_that_were_reported() -> None:
    evening = Evening()
    evening.report(
        "somchai", {"votes": {"1": 5, "3": 7}, "valid": None, "spoiled": 1, "no_vote": None, "ballots_cast": None}
    )
    assert evening.moves()[-1]["figures"] == {
        "votes": {"1": 5, "3": 7}, "valid": None, "spoiled": 1, "no_vote": None, "ballots_cast": None,
    }  # fmt: skip
    assert VOTES.keys() == {"1", "2", "3", "4"}


def test_a_small_copy_and_its_original_are_one_photograph_of_one_station() -> None:
    evening = Evening()
    shown = [{"role": "form", "sha256": photo(3), "small": photo(4)}]
    evening.report("somchai", evidence=shown)
    evening.report("wichai", sheet=LIST, evidence=shown)
    evening.report("malee", evidence=[{"role": "form", "sha256": photo(4)}])
    assert evening.rules() == []
    evening.reading("reader", photo(4))
    assert evening.rules() == []
    evening.report("ploy", sheet=f"{NEXT}/constituency", evidence=[{"role": "form", "small": photo(4)}])
    assert "photograph_not_copied" in evening.rules()


@pytest.mark.parametrize("small", [None, 5, "", "x", [], {}, photo(9).upper()])
def test_whatever_stands_for_a_small_copy_the_report_is_read(small: object) -> None:
    evening = Evening()
    evening.report("somchai", evidence=[{"role": "form", "sha256": photo(3), "small": small}])
    assert evening.rules() == [] and evening.standing().state == "reported"

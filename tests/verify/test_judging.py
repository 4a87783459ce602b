"""What the page of a station is told about one report."""

from __future__ import annotations

from sapparot.base import canonical
from sapparot.verify import Ground, judge
from sapparot.verify.rules import RULES
from tests.verify.cast import FAR, NEXT, SHEET, STATION, Evening, default_policy, final, kid, photo, small

GROUND = Ground(small())


def trail(evening: Evening, sheet: str = SHEET) -> list[tuple[int, str, bytes]]:
    """The entries about a sheet, our own conclusions at the end."""
    number = small().sheet_number(sheet)
    found = [entry for entry in evening.entries if entry[1] in ("report", "reading")]
    found += [
        (10**6 + at, out["kind"], canonical.encode(out)) for at, out in enumerate(evening.outs) if out["sheet"] == sheet
    ]
    assert number is not None
    return found


def test_every_rule_is_told_with_its_sentence() -> None:
    evening = Evening()
    evening.progress("somchai", {"1": 10})
    evening.report("somchai")
    told = {judged.rule: judged for judged in judge(GROUND, default_policy(), trail(evening), evening.last)}
    assert {rule.__name__ for rule in RULES} <= set(told)
    assert told["votes_sum_to_valid"].outcome == "passed" and "370" in told["votes_sum_to_valid"].sentence.th
    assert told["final_not_below_progress"].outcome == "passed"
    assert told["ballots_add_up"].weight == "dispute" and told["ballots_add_up"].title.en


def test_what_needs_the_whole_log_is_unknown_and_never_passed() -> None:
    evening = Evening()
    evening.report("somchai")
    told = {judged.rule: judged.outcome for judged in judge(GROUND, default_policy(), trail(evening), evening.last)}
    for rule in (
        "device_is_enrolled", "signature_holds", "figures_not_copied", "photograph_not_copied", "leader_like_neighbours",
        "device_at_one_place", "duty_matches",
    ):  # fmt: skip
        assert told[rule] == "unknown", rule


def test_the_duties_that_the_log_named_before_a_report_are_told_of_it() -> None:
    evening = Evening()
    evening.report("nok")
    for named in ([FAR], [STATION]):
        evening.put("duties", {"election": "small", "duties": {kid("somchai"): named, kid("malee"): []}})
    evening.put("duties", {"election": "another", "duties": {kid("somchai"): [FAR]}})
    evening.put("duties", {"duties": 7})
    for name in ("somchai", "malee", "wichai"):
        evening.report(name)
    evening.put("duties", {"election": "small", "duties": {kid("wichai"): [STATION], kid("nok"): [FAR]}})
    entries = [entry for entry in evening.entries if entry[1] in ("report", "duties")]
    told = [
        {judged.rule: judged.outcome for judged in judge(GROUND, default_policy(), entries, position)}["duty_matches"]
        for position, kind, _ in entries
        if kind == "report"
    ]
    assert told == ["unknown", "passed", "unknown", "unknown"], "of nok, somchai, malee, wichai"


def test_a_finding_in_the_log_is_told_where_the_sheet_alone_does_not_show_it() -> None:
    evening = Evening()
    shown = [{"role": "form", "sha256": photo(4)}]
    evening.report("somchai", final({"1": 80, "2": 5}), sheet=f"{NEXT}/constituency", evidence=shown)
    evening.entries.clear()
    evening.report("wichai", evidence=shown)
    told = {judged.rule: judged for judged in judge(GROUND, default_policy(), trail(evening), evening.last)}
    assert told["photograph_not_copied"].outcome == "failed" and NEXT in told["photograph_not_copied"].sentence.th


def test_a_report_that_cannot_be_read_is_told_as_such() -> None:
    evening = Evening()
    evening.put("report", {"at": "yesterday", "jws": ""})
    (told,) = judge(GROUND, default_policy(), trail(evening), evening.last)
    assert (told.rule, told.outcome) == ("entry_is_readable", "failed")


def test_entries_that_are_no_reports_are_not_judged() -> None:
    assert judge(GROUND, default_policy(), [(3, "move", b"{}"), (4, "finding", b"[")], 3) == []

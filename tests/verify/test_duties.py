"""What the log says of duties: only later reports are compared with it, and nobody is worse off for a duty given back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapparot.base import canonical
from sapparot.verify import Engine
from sapparot.verify.letters import BRACKETS, DUTY_KEYS, DUTY_STATIONS
from tests.verify.cast import FAR, NEXT, PEOPLE, SHEET, STATION, Evening, final, kid, photo

RULE = "duty_matches"


def says(evening: Evening, duties: dict[str, list[str]], **changes: Any) -> list[dict[str, Any]]:
    """The log tells where people have duties."""
    named = {kid(name) if name in PEOPLE else name: stations for name, stations in duties.items()}
    return evening.put("duties", {"election": "small", "duties": named} | changes)


def amiss(outs: list[dict[str, Any]]) -> list[tuple[str | None, str, dict[str, Any]]]:
    return [(out["sheet"], out["weight"], out["values"]) for out in outs if out.get("rule") == RULE]


def test_a_report_from_another_station_than_the_duty_is_noted_and_counts_all_the_same() -> None:
    evening = Evening()
    assert says(evening, {"somchai": [NEXT, FAR], "malee": [STATION]}) == []
    assert amiss(evening.report("somchai")) == [(SHEET, "note", {"station": NEXT})]
    assert amiss(evening.report("malee")) == []
    assert evening.standing().state == "reported" and evening.standing().row is not None


def test_every_station_of_the_list_is_one_where_the_owner_may_be() -> None:
    evening = Evening()
    says(evening, {"somchai": [STATION, NEXT]})
    other = final({"1": 80, "2": 5})
    assert not amiss(evening.report("somchai") + evening.report("somchai", other, sheet=f"{NEXT}/constituency"))
    assert amiss(evening.progress("somchai", {"1": 3}, sheet=f"{FAR}/list")) == [
        (f"{FAR}/list", "note", {"station": STATION})
    ]


def test_what_came_before_is_not_judged_again() -> None:
    evening = Evening()
    assert not amiss(evening.report("somchai"))
    assert says(evening, {"somchai": [FAR]}) == []
    assert not amiss(evening.outs)


def test_the_last_word_on_a_key_holds_and_a_duty_given_back_leaves_nothing_to_compare() -> None:
    evening = Evening()
    says(evening, {"somchai": [FAR]})
    says(evening, {"somchai": [STATION]})
    assert not amiss(evening.progress("somchai", {"1": 1}))
    says(evening, {"somchai": [FAR]})
    assert amiss(evening.progress("somchai", {"1": 2}))
    says(evening, {"malee": [STATION]})
    assert amiss(evening.progress("somchai", {"1": 3})), "a list without the key says nothing of it"
    says(evening, {"somchai": []})
    assert not amiss(evening.progress("somchai", {"1": 4}))


def test_only_who_reports_from_a_station_is_compared() -> None:
    evening = Evening()
    says(evening, {"head": [FAR], "reader": [FAR], "somchai": [STATION]})
    evening.report("somchai")
    assert not amiss(evening.report("head", stage="official") + evening.reading("reader", photo(1)))


def test_another_election_and_unknown_keys_and_stations_are_passed_over() -> None:
    evening = Evening()
    says(evening, {"somchai": [STATION]})
    assert says(evening, {"somchai": [FAR]}, election="another") == []
    assert says(evening, {"k" * 43: [FAR], "malee": ["99-99-999999-999"]}) == []
    assert not amiss(evening.report("somchai") + evening.report("malee"))


def test_before_an_election_is_defined_nothing_is_known_of_duties() -> None:
    assert says(Evening(defined=False), {"somchai": [STATION]}) == []


def test_a_device_that_enrols_again_keeps_its_duty_and_one_that_enrols_later_has_none_yet() -> None:
    evening = Evening()
    says(evening, {"somchai": [FAR]})
    evening.enrol("somchai")
    assert amiss(evening.report("somchai"))
    says(evening, {kid("late"): [FAR]})
    evening.enrol("late")
    assert not amiss(evening.report("late"))


@pytest.mark.parametrize(
    "said",
    [
        {"duties": None},
        {"duties": [STATION]},
        {"duties": {"k": STATION}},
        {"duties": {"k": [1]}},
        {"duties": {"k": [""]}},
        {"duties": {"k": [["a"]]}},
        {"duties": {"k" * 201: []}},
        {"election": 7},
        {"v": 2},
        {"duties": {f"{n:043}": [] for n in range(DUTY_KEYS + 1)}},
        {"duties": {"k": [STATION] * (DUTY_STATIONS + 1)}},
        {"duties": {f"{n:043}": [] for n in range(BRACKETS)}},
    ],
)
def test_an_entry_that_is_not_what_it_says_is_found_unreadable_and_changes_nothing(said: dict[str, Any]) -> None:
    evening = Evening()
    says(evening, {"somchai": [STATION]})
    body = {"kind": "duties", "v": 1, "election": "small", "duties": {kid("somchai"): [FAR]}} | said
    (out,) = evening.put("duties", canonical.encode(body))
    assert (out["rule"], out["sheet"], out["weight"]) == ("entry_is_readable", None, "note")
    assert not amiss(evening.report("somchai"))


def test_the_largest_entry_can_be_read() -> None:
    evening = Evening()
    duties = {f"{n:043}": [STATION] for n in range(DUTY_KEYS - 1)} | {kid("somchai"): [FAR] * DUTY_STATIONS}
    assert says(evening, duties) == [] and amiss(evening.report("somchai"))


STATIONS = st.lists(st.sampled_from((STATION, NEXT, FAR)), max_size=3, unique=True).map(sorted)


@given(st.lists(st.dictionaries(st.sampled_from(("somchai", "malee")), STATIONS, min_size=1), max_size=6))
def test_the_rule_fails_exactly_when_the_last_list_names_other_stations_only(told: list[dict[str, list[str]]]) -> None:
    evening = Evening()
    for duties in told:
        says(evening, duties)
    for name in ("somchai", "malee"):
        last = next((duties[name] for duties in reversed(told) if name in duties), [])
        failed = amiss(evening.report(name))
        assert [values for _, _, values in failed] == ([] if STATION in last or not last else [{"station": last[0]}])
    again = Engine()
    assert [out for entry in evening.entries for out in again.apply(*entry)] == [
        (out["kind"], canonical.encode(out)) for out in evening.outs
    ]

"""A report that was not signed by its person's own device reports and disputes, but does not confirm."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapparot.base import canonical
from sapparot.verify import Engine, Policy
from sapparot.verify.policy import Channels, Interests, policy_entry
from sapparot.verify.states import weigh
from tests.verify.cast import NETWORKS as ALL_NETWORKS
from tests.verify.cast import OTHER_VOTES, Evening, claim, default_policy, photo

TEXT = {"channel": "text"}
NETWORKS = sorted(ALL_NETWORKS)[:4]


def by_text(*people: str, policy: Policy | None = None) -> Evening:
    """An evening on which these people are known by text alone."""
    evening = Evening(policy=policy)
    for name in people:
        evening.enrol(name, **TEXT)
    return evening


def test_a_text_makes_a_sheet_reported_and_says_so() -> None:
    evening = by_text("somchai")
    evening.progress("somchai", {"1": 3})
    assert evening.standing().state == "live"
    evening.report("somchai")
    assert evening.moves()[-1] | {"figures": None, "cause": 0} == {
        "kind": "move", "v": 1, "sheet": evening.moves()[-1]["sheet"], "was": "live", "state": "reported",
        "layer": "reported", "reason": "only_text", "sources": 0, "figures": None, "cause": 0,
    }  # fmt: skip


def test_texts_of_any_number_of_networks_confirm_nothing() -> None:
    people = ("somchai", "wichai", "ploy", "kong", "head")
    evening = by_text(*people)
    for name in people:
        evening.report(name)
    assert (evening.standing().state, evening.standing().sources) == ("reported", 0)


def test_one_signed_report_and_a_text_are_one_source() -> None:
    evening = by_text("wichai")
    evening.report("wichai")
    evening.report("somchai")
    assert (evening.standing().state, evening.standing().sources, evening.standing().reason) == (
        "reported", 1, "first_final",
    )  # fmt: skip
    evening.report("ploy")
    assert (evening.standing().state, evening.standing().sources) == ("confirmed", 2)


def test_a_text_disputes_like_any_other_claim() -> None:
    evening = by_text("wichai")
    evening.report("somchai")
    evening.report("wichai", {"votes": OTHER_VOTES})
    assert evening.standing().state == "disputed"


def test_a_network_whose_text_differs_from_its_signed_report_does_not_stand_behind_it() -> None:
    evening = by_text("malee")
    evening.report("somchai")
    evening.report("wichai")
    assert evening.standing().state == "confirmed"
    evening.report("malee", {"votes": OTHER_VOTES})
    assert (evening.standing().state, evening.standing().layer) == ("disputed", "confirmed")


def test_readings_need_a_signed_final_beside_them() -> None:
    evening = by_text("somchai")
    evening.report("somchai", evidence=[{"role": "form", "sha256": photo(7)}])
    evening.reading("reader", photo(7))
    evening.reading("wari", photo(7))
    assert evening.standing().state == "reported"


def test_a_policy_may_let_texts_confirm() -> None:
    policy = msgspec.structs.replace(default_policy(), channels=Channels(text="source"))
    evening = by_text("somchai", "wichai", policy=policy)
    evening.report("somchai")
    evening.report("wichai")
    assert evening.standing().state == "confirmed"


def test_a_new_policy_weighs_texts_again() -> None:
    evening = by_text("somchai", "wichai")
    evening.report("somchai")
    evening.report("wichai")
    evening.put(*policy_entry(msgspec.structs.replace(default_policy(), channels=Channels(text="source"))))
    assert evening.standing().state == "confirmed"
    evening.put(*policy_entry(default_policy()))
    assert evening.standing().state == "disputed"  # what was confirmed is never taken back by itself


def test_a_gateway_cannot_be_made_a_source_afterwards() -> None:
    evening = by_text("somchai")
    evening.enrol("somchai")
    evening.report("somchai")
    evening.report("wichai")
    assert (evening.standing().state, evening.standing().sources) == ("reported", 1)


@pytest.mark.parametrize("word", [None, "", "app", "TEXT", 7, ["text"], {"text": 1}])
def test_other_words_for_a_channel_are_passed_over(word: object) -> None:
    evening = Evening()
    evening.enrol("somchai", channel=word)
    evening.report("somchai")
    evening.report("wichai")
    assert evening.standing().state == "confirmed" and evening.rules() == []


def test_a_policy_without_channels_keeps_its_bytes() -> None:
    said = canonical.decode(policy_entry(default_policy())[1])["policy"]
    assert "channels" not in said and "groups" not in said["decisions"]
    assert msgspec.convert(said, Policy) == default_policy()


def test_a_log_without_channels_and_one_with_replay_to_the_same_bytes() -> None:
    for channel in ({}, TEXT):
        evening = Evening(signed=True)
        for name in ("somchai", "wichai", "ploy"):
            evening.enrol(name, **channel)
            evening.report(name)
        engine = Engine()
        again = [out for entry in evening.entries for _, out in engine.apply(*entry)]
        assert again == [canonical.encode(out) for out in evening.outs]


Sent = st.lists(
    st.tuples(st.sampled_from(NETWORKS), st.booleans(), st.booleans(), st.sampled_from(["final", "reading"])),
    min_size=1,
    max_size=8,
)


@given(sent=Sent, data=st.data())
def test_texts_never_raise_a_sheet(sent: list[tuple[str, bool, bool, Any]], data: st.DataObject) -> None:
    """What is confirmed with texts is confirmed without them, and with no more sources."""
    interests = Interests(Policy())
    claims = [
        msgspec.structs.replace(claim(network, None if agrees else OTHER_VOTES, stage), channel="text" if text else "")
        for network, agrees, text, stage in sent
    ]
    verdict = weigh(data.draw(st.permutations(claims)), interests)
    signed = [one for one in claims if not one.channel]
    if verdict.state == "confirmed":
        without = weigh(signed, interests)
        assert (without.state, without.row) == ("confirmed", verdict.row)
        assert verdict.sources <= without.sources

"""What the claims of a sheet are worth: properties of the table of states."""

from __future__ import annotations

import random
from itertools import combinations, permutations

from hypothesis import given
from hypothesis import strategies as st

from sapparot.verify.facts import NOTHING, Claim, Layer, Standing, State, Verdict
from sapparot.verify.policy import Group, Interests, Policy
from sapparot.verify.states import MOVES, leaders, step, weigh
from tests.verify.cast import OTHER_VOTES, VOTES, Evening, claim, default_policy, final, row

INTERESTS = Interests(default_policy())
RANK = {"empty": 0, "live": 1, "disputed": 2, "reported": 3, "confirmed": 4, "settled": 5}
VOTE_SETS = (VOTES, OTHER_VOTES, VOTES | {"1": 211})
CLAIMS = st.builds(
    claim,
    st.sampled_from(("sao", "pao", "vote62", "pheu-thai", "move-forward", "stranger")),
    st.sampled_from(VOTE_SETS),
    st.sampled_from(("final", "final", "reading", "progress")),
    st.sampled_from(((), (), (), ("votes_sum_to_valid",), ("clock_not_ahead",))),
)


@given(st.lists(CLAIMS, max_size=7), st.randoms(use_true_random=False))
def test_the_order_of_arrival_never_changes_what_claims_are_worth(claims: list[Claim], chance: random.Random) -> None:
    shuffled = list(claims)
    chance.shuffle(shuffled)
    assert weigh(shuffled, INTERESTS) == weigh(claims, INTERESTS)


@given(st.lists(CLAIMS, max_size=6))
def test_states_move_only_along_the_table(claims: list[Claim]) -> None:
    held = NOTHING
    for count in range(len(claims) + 1):
        now = step(held, weigh(claims[:count], INTERESTS))
        assert now == held or now.state in MOVES[held.state]
        assert (now.row is None) == (now.layer == "none")
        held = now


@given(st.sampled_from(sorted(MOVES)), st.lists(CLAIMS, max_size=4))
def test_from_every_state_every_verdict_leads_along_the_table(state: State, claims: list[Claim]) -> None:
    layer: Layer = "none" if state == "empty" or state == "disputed" else state
    held = Standing(state, layer, None if layer == "none" else row(), 1, "")
    now = step(held, weigh(claims, INTERESTS))
    assert now.state == state or now.state in MOVES[state]


@given(st.lists(CLAIMS, min_size=1, max_size=6), st.data())
def test_a_further_claim_of_a_group_that_has_spoken_never_raises_a_sheet(
    claims: list[Claim], data: st.DataObject
) -> None:
    finals = [known for known in claims if known.stage == "final"]
    if not finals:
        return
    network = data.draw(st.sampled_from([known.network for known in finals]))
    more = claim(network, data.draw(st.sampled_from(VOTE_SETS)), "final")
    before, after = weigh(claims, INTERESTS), weigh([*claims, more], INTERESTS)
    assert RANK[after.state] <= RANK[before.state]


@given(
    st.permutations(["somchai", "wichai", "ploy", "dao"]),
    st.sets(st.sampled_from(["somchai", "wichai", "ploy", "dao"])),
)
def test_independent_finals_in_any_order_end_in_the_same_state(order: list[str], liars: set[str]) -> None:
    def ended(names: list[str]) -> tuple[str, bytes | None]:
        evening = Evening()
        for name in names:
            evening.report(name, final(OTHER_VOTES if name in liars else VOTES))
        standing = evening.standing()
        # Which figures a disputed sheet keeps is history: those that were confirmed before the dispute.
        return standing.state, standing.row if standing.state != "disputed" else None

    assert ended(order) == ended(sorted(order))


def test_readings_alone_confirm_nothing() -> None:
    readings = [claim("sao", stage="reading"), claim("vote62", stage="reading")]
    assert weigh(readings, INTERESTS).state == "empty"
    assert weigh([*readings, claim("democrat", OTHER_VOTES)], INTERESTS).state == "disputed"


def test_one_row_stands_for_rows_that_agree_whatever_their_order() -> None:
    rows = [row(), row(spoiled=None), row(OTHER_VOTES)]
    assert all(leaders(order, 0) == leaders(rows, 0) for order in permutations(rows))
    assert set(leaders(rows, 0)) == {row(), row(OTHER_VOTES)}


def test_every_pair_of_distinct_groups_confirms() -> None:
    networks = ("sao", "vote62", "pheu-thai", "move-forward", "democrat", "rajabhat", "media", "stranger")
    for one, other in combinations(networks, 2):
        assert weigh([claim(one), claim(other)], INTERESTS).state == "confirmed"


def test_a_change_that_the_table_does_not_allow_makes_a_sheet_disputed() -> None:
    live = Verdict("live", "progress_counted", row(), row(), 1)
    confirmed = Verdict("confirmed", "independent_sources_agree", row(), None, 2)
    assert step(step(NOTHING, live), confirmed).state == "disputed"


def test_groups_make_networks_dependent_and_nothing_else_does() -> None:
    alone = Interests(Policy())
    assert weigh([claim("sao"), claim("pao")], alone).state == "confirmed"
    bound = Interests(Policy(groups=(Group("o", "officials", ("sao", "pao")),)))
    assert weigh([claim("sao"), claim("pao")], bound).state == "reported"


def test_the_final_of_a_group_that_contradicts_itself_makes_nothing_confirmed() -> None:
    readings = [claim("sao", stage="reading"), claim("vote62", stage="reading")]
    unsound = claim("pheu-thai", failed=("votes_sum_to_valid",))
    assert weigh([*readings, unsound], INTERESTS).state == "disputed"
    assert weigh([*readings, unsound, claim("pheu-thai")], INTERESTS).state == "disputed"
    assert weigh([*readings, unsound, claim("move-forward")], INTERESTS).state == "confirmed"


def test_who_leaves_an_option_out_takes_no_votes_from_what_others_confirm() -> None:
    evening = Evening()
    evening.report(
        "somchai", {"votes": {"1": 212, "2": 35}, "valid": 370, "spoiled": 6, "no_vote": 9, "ballots_cast": 385}
    )
    for name in ("malee", "wichai"):
        evening.report(name, {"votes": VOTES})
    held = evening.moves()[-1]
    assert (held["state"], held["figures"]["votes"]) == ("confirmed", VOTES)

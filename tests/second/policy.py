"""A policy: the members, ranges and defaults of docs/formats/policy.md and the weights of docs/reference/rules.md."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.second.forms import NAME
from tests.second.reading import Member, Members, Object, check, integer, items, left_out, members, one_of, table

ANY = (0, 10**9)
SMALL = (1, 100)
PERMILLE = (0, 1000)
LEVEL = (1, 3)
NUMBERS: dict[str, dict[str, tuple[int, tuple[int, int]]]] = {
    "agreement": {
        "sources": (2, SMALL), "tolerance": (0, ANY), "outvoted": (1, ANY), "outvote": (3, SMALL),
        "outvote_unsound": (2, SMALL), "rivals": (0, ANY), "room": (16, SMALL),
    },
    "decisions": {"otherwise": (1, SMALL), "disputed": (2, SMALL), "overrule": (2, SMALL), "groups": (1, SMALL)},
    "levels": {"official": (2, LEVEL), "reading": (3, LEVEL), "decision": (3, (2, 3))},
    "tolerances": {
        "valid": (0, ANY), "ballots": (0, ANY), "eligible": (0, ANY), "turnout_ballots": (5, ANY),
        "turnout_permille": (10, PERMILLE), "complete_permille": (50, PERMILLE), "largest": (100_000, (1, 10**9)),
    },
    "neighbours": {
        "fewest": (5, (3, 30)), "deviations": (6, SMALL), "turnout_permille": (200, PERMILLE),
        "share_permille": (250, PERMILLE), "gap_permille": (250, PERMILLE), "shift_permille": (300, PERMILLE),
    },
    "evening": {
        "ballots_per_minute": (60, (1, 100_000)), "clock_seconds": (300, ANY), "near_metres": (5000, ANY),
        "apart_metres": (20_000, ANY), "stations": (20, (1, 100_000)), "copied_votes": (100, ANY),
    },
}  # fmt: skip
"""Of each number its default and its range."""

GRAVE = frozenset(
    {
        "numbers_are_plausible", "options_stand", "votes_sum_to_valid", "ballots_add_up", "cast_within_eligible",
        "complete_reaches_turnout", "counted_after_closing", "paper_takes_time", "photograph_not_copied",
    }
)  # fmt: skip
"""Rules of weight `dispute` unless a policy says otherwise; all others are notes."""

OTHERS = frozenset(
    {
        "same_turnout_on_both_ballots", "progress_never_falls", "final_not_below_progress", "device_keeps_its_word",
        "replaces_own_report", "observed_after_closing", "clock_not_ahead", "turnout_like_neighbours",
        "leader_like_neighbours", "leader_like_other_ballot", "rows_not_shifted", "figures_not_copied",
        "device_near_station", "device_at_one_place", "duty_matches", "official_matches_ours", "officials_agree",
    }
)  # fmt: skip
KEEPS_OUT = frozenset(
    {
        "entry_is_readable", "signature_holds", "enrolment_is_authentic", "device_is_enrolled", "election_is_ours",
        "sheet_is_known", "stage_is_allowed", "official_from_own_area", "report_is_new", "reading_is_blind",
        "device_has_room", "group_has_room", "decision_is_allowed",
    }
)  # fmt: skip
"""Rules that keep a statement out of the count, which cannot be given `dispute`."""

GROUP = members(
    {
        "id": NAME,
        "kind": one_of("officials", "party", "civil", "university", "media", "other"),
        "networks": items(NAME),
    },
    closed=True,
)


def _numbers(known: dict[str, tuple[int, tuple[int, int]]]) -> Member:
    form = members({name: left_out(integer(*span), default) for name, (default, span) in known.items()}, closed=True)
    return left_out(form, form(Object([])))


FORM = members(
    {
        "id": left_out(NAME, "default"),
        "headline": left_out(items(one_of("live", "reported", "confirmed", "settled")), []),
        **{name: _numbers(known) for name, known in NUMBERS.items()},
        "channels": left_out(
            members({"text": left_out(one_of("claim", "source"), "claim")}, closed=True), {"text": "claim"}
        ),
        "weights": left_out(table(one_of(*GRAVE, *OTHERS, *KEEPS_OUT), one_of("dispute", "note", "off")), {}),
        "groups": left_out(items(GROUP), []),
    },
    closed=True,
)


@dataclass
class Policy:
    """What the count holds by from the entry of a policy on."""

    given: Members = field(default_factory=lambda: FORM(Object([])))

    def __post_init__(self) -> None:
        given = self.given
        self.agreement: dict[str, int] = given["agreement"]
        self.decisions: dict[str, int] = given["decisions"]
        self.levels: dict[str, int] = given["levels"]
        self.tolerances: dict[str, int] = given["tolerances"]
        self.neighbours: dict[str, int] = given["neighbours"]
        self.evening: dict[str, int] = given["evening"]
        self.kind_of_group: dict[str, str] = {group["id"]: group["kind"] for group in given["groups"]}
        self._group_of: dict[str, str] = {
            network: group["id"] for group in given["groups"] for network in group["networks"]
        }

    def weight(self, rule: str) -> str:
        return str(self.given["weights"].get(rule, "dispute" if rule in GRAVE else "note"))

    def group(self, network: str) -> str:
        """Give the group of a network: one that names it, or a group of its own."""
        own = f"network {network}" if network in self.kind_of_group else network
        return self._group_of.get(network, own)

    def parties(self, groups: set[str]) -> int:
        return sum(self.kind_of_group.get(group) == "party" for group in groups)

    def is_source(self, channel: str) -> bool:
        return channel == "" or self.given["channels"]["text"] == "source"


def policy_of(value: Any) -> Policy:
    """Read a policy, which must not contradict itself."""
    given = FORM(value)
    ids = [group["id"] for group in given["groups"]]
    networks = [network for group in given["groups"] for network in group["networks"]]
    for each in (ids, networks, given["headline"]):
        check(len(set(each)) == len(each))
    check(given["agreement"]["outvote"] >= given["agreement"]["sources"])
    check(not any(weight == "dispute" and rule in KEEPS_OUT for rule, weight in given["weights"].items()))
    return Policy(given)

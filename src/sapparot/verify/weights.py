"""What a failed rule means unless the policy says otherwise: it disputes the sheet, or it is noted."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sapparot.verify.facts import Weight

CERTAIN = frozenset(
    {
        "entry_is_readable",
        "signature_holds",
        "enrolment_is_authentic",
        "device_is_enrolled",
        "election_is_ours",
        "sheet_is_known",
        "stage_is_allowed",
        "official_from_own_area",
        "report_is_new",
        "reading_is_blind",
        "device_has_room",
        "group_has_room",
        "decision_is_allowed",
    }
)
"""Rules that keep a statement out of the count when they fail, whatever their weight."""

DISPUTING = frozenset(
    {
        "numbers_are_plausible",
        "options_stand",
        "votes_sum_to_valid",
        "ballots_add_up",
        "cast_within_eligible",
        "complete_reaches_turnout",
        "counted_after_closing",
        "paper_takes_time",
        "photograph_not_copied",
    }
)
"""Rules whose failure makes figures untrustworthy by themselves."""

NOTED = frozenset(
    {
        "same_turnout_on_both_ballots",
        "progress_never_falls",
        "final_not_below_progress",
        "device_keeps_its_word",
        "replaces_own_report",
        "observed_after_closing",
        "clock_not_ahead",
        "turnout_like_neighbours",
        "leader_like_neighbours",
        "leader_like_other_ballot",
        "rows_not_shifted",
        "figures_not_copied",
        "device_near_station",
        "device_at_one_place",
        "duty_matches",
        "official_matches_ours",
        "officials_agree",
    }
)
"""Rules that honest people and honest phones break: their failure is shown, and people judge."""

WEIGHTS: Mapping[str, Weight] = {
    **dict.fromkeys(sorted(CERTAIN), "note"),
    **dict.fromkeys(sorted(DISPUTING), "dispute"),
    **dict.fromkeys(sorted(NOTED), "note"),
}
"""Every rule with its weight."""

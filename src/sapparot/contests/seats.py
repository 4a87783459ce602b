"""From votes to seats: the rules by name, winners of constituencies, and the whole parliament.

A rule is a module with `allot`; another country's rule is one more module and one more entry in RULES.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction

from msgspec import Struct

from sapparot.contests import seats_th_2562, seats_th_2566
from sapparot.contests.allotment import PartySeats, PartyVotes, SeatOutcome
from sapparot.contests.facts import SeatRule
from sapparot.contests.problems import (
    LOT_OF_NOBODY,
    NO_TIE,
    SEATS_REFUSED,
    TOO_FEW_LOTS,
    UNKNOWN_RULE,
    SeatsRefused,
)


class House(Struct, frozen=True):
    """How a House is seated: its rule, its usual size, and whether the rule needs to know constituency seats."""

    allot: Callable[[Sequence[PartyVotes], int, Sequence[int]], SeatOutcome]
    list_seats: int
    constituencies: int
    compensates: bool


RULES = {
    "th-2562": House(seats_th_2562.allot, list_seats=150, constituencies=350, compensates=True),
    "th-2566": House(seats_th_2566.allot, list_seats=100, constituencies=400, compensates=False),
}
"""Seat rules by the name that an election gives in its `seat_rule`."""


def seats(rule: SeatRule, parties: Sequence[PartyVotes], lots: Sequence[str] = ()) -> SeatOutcome:
    """Give the list seats under a rule.

    A tie at the margin leaves its seats open and stands in `ties`; `lots` are the names of tied parties in the order
    in which they were drawn, and settle it. Raises SeatsRefused when the rule is not known or cannot be applied, and
    when `lots` do not fit the tie.
    """
    outcome = house(rule.name).allot(parties, rule.list_seats, ())
    return _drawn(rule, parties, outcome, lots) if lots else outcome


def house(rule: str) -> House:
    """Find a rule by its name. Raises SeatsRefused when there is none."""
    if rule not in RULES:
        raise SeatsRefused(SEATS_REFUSED, UNKNOWN_RULE.fill(rule=rule, rules=", ".join(sorted(RULES))))
    return RULES[rule]


def _drawn(rule: SeatRule, parties: Sequence[PartyVotes], tied: SeatOutcome, lots: Sequence[str]) -> SeatOutcome:
    """Settle a tie by lots, or say what is wrong with them."""
    if not tied.ties:
        raise SeatsRefused(SEATS_REFUSED, NO_TIE)
    among = ", ".join(tied.ties[0].parties)
    for position, lot in enumerate(lots):
        if lot not in tied.ties[0].parties or lot in lots[:position]:
            raise SeatsRefused(SEATS_REFUSED, LOT_OF_NOBODY.fill(party=lot, among=among))
    if len(lots) < tied.ties[0].seats:
        raise SeatsRefused(SEATS_REFUSED, TOO_FEW_LOTS.fill(seats=tied.ties[0].seats, among=among))
    names = [party.party for party in parties]
    return RULES[rule.name].allot(parties, rule.list_seats, [names.index(lot) for lot in lots])


def winners(votes: Sequence[int], no_vote: int = 0) -> tuple[int, ...]:
    """Give the positions with the most votes in a constituency: one, several when a lot must decide, or none.

    Nobody wins without more votes than those who chose nobody (Organic Act of B.E. 2561, section 126; Constitution of
    B.E. 2560, section 85).
    """
    most = max(votes, default=0)
    return tuple(position for position, count in enumerate(votes) if count == most) if most > no_vote else ()


def parliament(constituency_winners: Iterable[str], lists: Iterable[PartySeats]) -> tuple[PartySeats, ...]:
    """Join constituency winners, one party name a seat, with list seats.

    Parties stand in the order of `lists`, then those that only won constituencies, in the order of their first.
    """
    won = Counter(constituency_winners)
    joined = [PartySeats(party.party, party.list_seats, won.pop(party.party, 0)) for party in lists]
    return (*joined, *(PartySeats(party, 0, count) for party, count in won.items()))


def quota_text(quota: Fraction) -> str:
    """Write a quota exactly: as a decimal without trailing zeros when it is finite, else as a reduced fraction p/q."""
    whole, digits = quota.denominator, 0
    for prime in (2, 5):
        power = 0
        while whole % prime == 0:
            whole //= prime
            power += 1
        digits = max(digits, power)
    if whole != 1:
        return f"{quota.numerator}/{quota.denominator}"
    scaled = str(quota.numerator * 10**digits // quota.denominator).rjust(digits + 1, "0")
    return f"{scaled[:-digits]}.{scaled[-digits:]}" if digits else scaled

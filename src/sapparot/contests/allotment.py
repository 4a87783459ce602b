"""What every seat rule works on: votes of parties in, seats of parties out, and the filling of seats by remainders.

All arithmetic is in whole numbers and fractions. A seat that two parties claim equally is given to neither: it waits
for the lot that the law orders, and the outcome names the parties that draw.
"""

from collections.abc import Sequence
from fractions import Fraction

from msgspec import Struct

from sapparot.base.text import Text


class PartyVotes(Struct, frozen=True):
    """What a party brings to a seat rule. `list_names` counts the names on its list; None when that is not known."""

    party: str
    votes: int
    constituency_seats: int = 0
    list_names: int | None = None


class PartySeats(Struct, frozen=True):
    """The seats of a party."""

    party: str
    list_seats: int = 0
    constituency_seats: int = 0

    @property
    def total(self) -> int:
        """Count the members of the party."""
        return self.list_seats + self.constituency_seats


class Tie(Struct, frozen=True):
    """Parties with equal claims to fewer seats than there are parties. A lot among them decides."""

    parties: tuple[str, ...]
    seats: int


class SeatOutcome(Struct, frozen=True):
    """What a seat rule gives, parties in the order in which they came.

    `quota` is votes for one seat. Seats in `ties` wait for a lot; `unfilled` seats have no name left to take them.
    """

    rule: str
    quota: Fraction
    parties: tuple[PartySeats, ...]
    ties: tuple[Tie, ...] = ()
    unfilled: int = 0
    note: Text | None = None


class Claim(Struct, frozen=True):
    """A party's claim to list seats: `whole` seats, then its `rank` among those that wait for one more, larger first."""

    whole: int
    rank: tuple[Fraction, ...]
    names: int | None = None
    entitled: bool = True

    def room(self, given: int) -> bool:
        """Tell whether the party may have one more seat."""
        return self.entitled and (self.names is None or given < self.names)


class Filled(Struct):
    """Seats by position in the claims; `tied` positions draw for `places` seats that are not given yet."""

    given: list[int]
    tied: tuple[int, ...] = ()
    places: int = 0
    unfilled: int = 0


def fill(claims: Sequence[Claim], seats: int, drawn: Sequence[int] = ()) -> Filled:
    """Give whole seats, then one seat each in order of rank, round after round, until all are given.

    One round is enough unless lists run out of names: then parties that have names go on in the same order. `drawn`
    are positions in the order in which lots were drawn; they settle a tie when they name enough of the tied.
    """
    given = [claim.whole if claim.names is None else min(claim.whole, claim.names) for claim in claims]
    left = seats - sum(given)
    while left > 0:
        waiting = [position for position, claim in enumerate(claims) if claim.room(given[position])]
        if not waiting:
            return Filled(given, unfilled=left)
        if left < len(waiting):
            return _margin(claims, given, waiting, left, drawn)
        for position in waiting:
            given[position] += 1
        left -= len(waiting)
    return Filled(given)


def _margin(claims: Sequence[Claim], given: list[int], waiting: list[int], left: int, drawn: Sequence[int]) -> Filled:
    """Give the last seats: fewer than there are parties waiting."""
    edge = sorted((claims[position].rank for position in waiting), reverse=True)[left - 1]
    ahead = [position for position in waiting if claims[position].rank > edge]
    level = [position for position in waiting if claims[position].rank == edge]
    places = left - len(ahead)
    lucky = level if len(level) == places else [position for position in drawn if position in level][:places]
    settled = len(lucky) == places
    for position in ahead + (lucky if settled else []):
        given[position] += 1
    return Filled(given) if settled else Filled(given, tied=tuple(level), places=places)


def outcome(rule: str, quota: Fraction, parties: Sequence[PartyVotes], filled: Filled) -> SeatOutcome:
    """Put names to positions."""
    tie = Tie(tuple(parties[position].party for position in filled.tied), filled.places)
    return SeatOutcome(
        rule=rule,
        quota=quota,
        parties=tuple(
            PartySeats(party.party, given, party.constituency_seats)
            for party, given in zip(parties, filled.given, strict=True)
        ),
        ties=(tie,) if filled.tied else (),
        unfilled=filled.unfilled,
    )

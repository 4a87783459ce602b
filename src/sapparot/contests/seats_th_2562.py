"""Rule `th-2562`: Thailand 2019, one ballot, mixed-member apportionment of 350 constituency and 150 list seats.

Organic Act on the Election of Members of the House of Representatives of B.E. 2561, section 128, read as the commission
read it when it gave the list seats on 8 May 2562, after the Constitutional Court had found the section in order. Numbers
are those of its paragraphs:

(1) all votes of parties that have a list, divided by the 500 members of the House: `quota`;
(2) a party's votes divided by the quota: the members it should have at first;
(3) less its constituency members: the list members it should get at first;
(5) a party whose constituency members reach or pass (2) keeps them and gets no list seat;
(7) when (3) adds up to more than 150, every party's share is multiplied by 150 and divided by that sum;
(4) whole numbers first, then one seat each to the largest remainders. The remainder of a party below one whole quota
    counts like any other: in 2019 this seated eleven, later ten, parties that had fewer votes than the quota;
(6) between equal remainders the higher average of votes for one member goes first; equal averages draw lots. The average
    is taken over the members given so far; a party that has none goes before one that has.

A list gives no more members than it has names; such seats go on to the next remainders among parties that have names.

Section 129: when not all constituencies are announced but at least 95 in 100, the list seats are given in that proportion
and the House counts as that much smaller. On 8 May 2562, 349 constituencies gave 149 list seats and a quota over 498.
Section 131: after a rerun, or when a candidate's votes are struck out, the calculation is made again on the new votes.

The Act writes remainders with four decimals. Here fractions stay exact; when four decimals would have seated other
parties, the outcome carries a note.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import floor

from msgspec.structs import replace

from sapparot.base.text import Text
from sapparot.contests.allotment import Claim, Filled, PartySeats, PartyVotes, SeatOutcome, fill, outcome
from sapparot.contests.problems import NO_VOTES, SEATS_REFUSED, WRONG_CONSTITUENCIES, SeatsRefused

NAME = "th-2562"
CONSTITUENCIES = 350
ENOUGH = Fraction(95, 100)
"""Share of constituencies that section 129 asks for."""
DECIMALS = 4


def allot(parties: Sequence[PartyVotes], list_seats: int, drawn: Sequence[int] = ()) -> SeatOutcome:
    """Give `list_seats` (150 in the law) from the votes and the constituency seats of the parties.

    A party with `list_names` 0 has no list: its votes do not count towards the quota. `drawn` are positions in
    `parties` in the order of the lots. Raises SeatsRefused when there are no votes, and when the constituency seats
    add up to more than all constituencies or to fewer than section 129 asks for.
    """
    won = sum(party.constituency_seats for party in parties)
    if not ENOUGH * CONSTITUENCIES <= won <= CONSTITUENCIES:
        least = -floor(-ENOUGH * CONSTITUENCIES)
        raise SeatsRefused(SEATS_REFUSED, WRONG_CONSTITUENCIES.fill(won=won, least=least, all=CONSTITUENCIES))
    total = sum(party.votes for party in parties if party.list_names != 0)
    if total == 0:
        raise SeatsRefused(SEATS_REFUSED, NO_VOTES)
    seats = floor(Fraction(list_seats * won, CONSTITUENCIES))
    quota = Fraction(total, won + seats)
    given = outcome(NAME, quota, parties, fill(_claims(parties, quota, seats), seats, drawn))
    return replace(given, note=_note(given, _with_decimals(parties, quota, seats)))


def _claims(parties: Sequence[PartyVotes], quota: Fraction, seats: int, places: int | None = None) -> list[Claim]:
    """Paragraphs (2), (3), (5) and (7)."""
    first = [_first_share(party, quota, places) for party in parties]
    factor = min(Fraction(1), Fraction(seats) / sum(first)) if any(first) else Fraction(1)
    shares = [_rounded(share * factor, places) for share in first]
    return [_claim(party, share) for party, share in zip(parties, shares, strict=True)]


def _first_share(party: PartyVotes, quota: Fraction, places: int | None) -> Fraction:
    if party.list_names == 0:
        return Fraction(0)
    return max(Fraction(0), _rounded(party.votes / quota, places) - party.constituency_seats)


def _claim(party: PartyVotes, share: Fraction) -> Claim:
    """Paragraphs (4) and (6)."""
    whole = floor(share)
    members = whole + party.constituency_seats
    average = Fraction(party.votes, members or 1)
    return Claim(whole, (share - whole, Fraction(members == 0), average), party.list_names, entitled=share > 0)


def _rounded(number: Fraction, places: int | None) -> Fraction:
    """Round half up; the Act says how many decimals, not how."""
    if places is None:
        return number
    return Fraction(floor(number * 10**places + Fraction(1, 2)), 10**places)


def _with_decimals(parties: Sequence[PartyVotes], quota: Fraction, seats: int) -> Filled:
    rounded = _rounded(quota, DECIMALS)
    return fill(_claims(parties, rounded, seats, DECIMALS), seats) if rounded else Filled([0] * len(parties))


def _note(given: SeatOutcome, rounded: Filled) -> Text | None:
    """Say so when the four decimals of the Act give other seats than exact fractions. A tie says enough itself."""
    if given.ties or rounded.tied:
        return None
    if [party.list_seats for party in given.parties] == rounded.given:
        return None
    return Text(
        f"หากปัดทศนิยมสี่ตำแหน่งตามตัวบท ที่นั่งจะเป็น: {_listed(given.parties, rounded.given)}",
        f"With the four decimals of the Act the list seats would be: {_listed(given.parties, rounded.given)}",
    )


def _listed(parties: Sequence[PartySeats], given: Sequence[int]) -> str:
    """Name the parties whose seats differ, with the other number."""
    return ", ".join(
        f"{party.party} {seats}" for party, seats in zip(parties, given, strict=True) if seats != party.list_seats
    )

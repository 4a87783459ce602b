"""Rule `th-2566`: Thailand since 2023, two ballots, 100 list seats beside 400 constituencies.

Constitution of B.E. 2560, section 91, as amended in 2564; Organic Act on the Election of Members of the House of
Representatives of B.E. 2561, section 128, as amended by the Act (No. 2) of B.E. 2566, in the steps in which the
commission published it on 24 April 2566:

1. add the list votes of all parties, in the whole country;
2. divide by the 100 list seats: the average of votes for one member, here `quota`;
3. divide each party's votes by the quota: whole numbers are seats;
4. while the seats are fewer than 100, the parties with the largest remainders get one more each, in order;
5. equal remainders that would exceed 100 draw lots.

There is no threshold. A party cannot have more members than names on its list; the law names nobody else for those
seats, so they go on by step 4 to parties that have names left.
"""

from collections.abc import Sequence
from fractions import Fraction

from sapparot.contests.allotment import Claim, PartyVotes, SeatOutcome, fill, outcome
from sapparot.contests.problems import NO_LIST_SEATS, NO_VOTES, SEATS_REFUSED, SeatsRefused

NAME = "th-2566"


def allot(parties: Sequence[PartyVotes], list_seats: int, drawn: Sequence[int] = ()) -> SeatOutcome:
    """Give `list_seats` (100 in the law) to lists; constituency seats are taken as they are.

    `drawn` are positions in `parties` in the order of the lots. Raises SeatsRefused when there are no votes or no list
    seats.
    """
    if list_seats < 1:
        raise SeatsRefused(SEATS_REFUSED, NO_LIST_SEATS)
    total = sum(party.votes for party in parties)
    if total == 0:
        raise SeatsRefused(SEATS_REFUSED, NO_VOTES)
    quota = Fraction(total, list_seats)
    claims = [_claim(party, quota) for party in parties]
    return outcome(NAME, quota, parties, fill(claims, list_seats, drawn))


def _claim(party: PartyVotes, quota: Fraction) -> Claim:
    whole, remainder = divmod(Fraction(party.votes), quota)
    return Claim(whole, (remainder,), party.list_names, entitled=party.votes > 0)

"""What outstanding voters can still change: whether a constituency is decided, and how many list seats are.

Every outstanding eligible voter may vote for any option or not at all. Nothing here estimates; a bound holds for every
way in which they can vote. Pure, in whole numbers.
"""

from collections.abc import Sequence

from msgspec import Struct


class ListBounds(Struct, frozen=True):
    """The fewest and the most list seats that each list can still get, in the order of the votes."""

    seats: int
    low: tuple[int, ...]
    high: tuple[int, ...]

    @property
    def fixed(self) -> int:
        """Count the seats that cannot change hands any more."""
        return sum(self.low)

    @property
    def open(self) -> int:
        """Count the seats that still can."""
        return self.seats - self.fixed


def decided(votes: Sequence[int], outstanding: int, no_vote: int = 0) -> int | None:
    """Give the position of the option that nobody can overtake or draw level with, or None.

    Those who chose nobody count like a rival: nobody is elected without more votes than `no_vote` (section 126 of the
    Organic Act of B.E. 2561). A possible tie is not decided, because a lot would follow.
    """
    leader = max(range(len(votes)), key=votes.__getitem__, default=None)
    if leader is None:
        return None
    rival = max((*votes[:leader], *votes[leader + 1 :], no_vote))
    return leader if votes[leader] - rival > outstanding else None


def list_bounds(
    votes: Sequence[int], outstanding: int, seats: int, names: Sequence[int | None] | None = None
) -> ListBounds:
    """Bound every list's seats under largest remainders (rule th-2566), ties falling either way.

    `names[i]` caps list i, None is no cap. Without caps that can bind, `high` is exact: some vote reaches it. `low` is
    sound, and exact up to the rounding of less than one vote for each list.
    """
    caps = [seats if cap is None else min(cap, seats) for cap in names or [None] * len(votes)]
    low = tuple(min(cap, _fewest(votes, i, outstanding, seats)) for i, cap in enumerate(caps))
    most = [_most(votes, i, outstanding, seats) for i in range(len(votes))]
    # Seats that a short list cannot fill go to others, beyond what their own votes could give them.
    spills = [count > cap for count, cap in zip(most, caps, strict=True)]
    high = tuple(
        min(caps[i], seats - sum(low) + low[i] if any(spills[:i] + spills[i + 1 :]) else count)
        for i, count in enumerate(most)
    )
    return ListBounds(seats, low, high)


def _most(votes: Sequence[int], i: int, outstanding: int, seats: int) -> int:
    """Count the seats of list i when every outstanding voter votes for it and every tie falls its way.

    No other vote gives it more. With a fixed number of votes cast, moving one to i only weakens the claims of others
    against it. With n further votes, all for i, the claim of list j against the k-th seat of i is
    ceil(S (v_j - v_i - n) / (V + n)) + k - 1, which never grows with n.
    """
    total = sum(votes) + outstanding
    if total == 0:
        return 0
    whole, remainder = divmod(seats * (votes[i] + outstanding), total)
    if remainder == 0:
        return whole
    stronger = sum(
        -((remainder - seats * other) // total)  # claims with a remainder above ours
        for j, other in enumerate(votes)
        if j != i and seats * other > remainder
    )
    return whole + 1 if stronger < seats - whole else whole


def _fewest(votes: Sequence[int], i: int, outstanding: int, seats: int) -> int:
    """Count the seats of list i that no way of voting can take from it.

    Whole quotas at the highest possible turnout are safe. The seat of the remainder is lost if the other lists can
    bring S - whole claims to at least that remainder. They do best at full turnout without a vote for i: if they can do
    it with T votes cast, then with T + d as well, for the h-th claim of a list rises by d (h - k) / S votes, and these
    add up to less than d. Votes are taken as divisible here, which can only make the bound lower. Each list needs part
    of a quota for its next claim and a whole quota for every further one, so the cheapest are bought first.
    """
    if len(votes) == 1:
        return seats if votes[i] else 0
    total = sum(votes) + outstanding
    whole, remainder = divmod(seats * votes[i], total) if total else (0, 0)
    if remainder == 0:
        return whole
    needed, prices = seats - whole, []
    for j, other in enumerate(votes):
        if j != i:
            claims = max(0, (seats * other - remainder) // total + 1)
            needed -= claims
            prices.append(remainder + claims * total - seats * other)
    return whole if _can_buy(needed, sorted(prices), seats * outstanding, total) else whole + 1


def _can_buy(needed: int, prices: Sequence[int], budget: int, quota: int) -> bool:
    """Tell whether others can buy the claims they need; all amounts in votes times seats."""
    for price in prices[: max(0, needed)]:
        if price > budget:
            return False
        budget -= price
        needed -= 1
    return budget >= needed * quota

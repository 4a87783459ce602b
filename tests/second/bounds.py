"""The fewest and the most list seats that outstanding voters can leave a list, as docs/formats/counting.md has it."""

from __future__ import annotations

from collections.abc import Sequence


def most(votes: Sequence[int], left: int, seats: int, party: int) -> int:
    total = sum(votes) + left
    if not total:
        return 0
    whole, rest = divmod(seats * (votes[party] + left), total)
    if not rest:
        return whole
    others = [each for at, each in enumerate(votes) if at != party]
    stronger = sum(-((rest - seats * each) // total) for each in others if seats * each > rest)
    return whole + (stronger < seats - whole)


def fewest(votes: Sequence[int], left: int, seats: int, party: int) -> int:
    if len(votes) == 1:
        return seats if votes[0] else 0
    total = sum(votes) + left
    if not total:
        return 0
    whole, rest = divmod(seats * votes[party], total)
    if not rest:
        return whole
    claims, prices = 0, []
    for at, each in enumerate(votes):
        if at != party:
            strong = max(0, (seats * each - rest) // total + 1)
            claims += strong
            prices.append(rest + strong * total - seats * each)
    missing = seats - whole - claims
    prices.sort()
    price = sum(prices[: max(0, missing)]) + max(0, missing - len(prices)) * total
    return whole if price <= seats * left else whole + 1


def bounds(votes: Sequence[int], left: int, seats: int, names: Sequence[int | None]) -> list[tuple[int, int]]:
    """Give `low` and `high` of each list."""
    caps = [seats if each is None else min(each, seats) for each in names]
    tops = [most(votes, left, seats, party) for party in range(len(votes))]
    lows = [min(cap, fewest(votes, left, seats, party)) for party, cap in enumerate(caps)]
    found = []
    for party, low in enumerate(lows):
        spills = any(tops[other] > caps[other] for other in range(len(votes)) if other != party)
        found.append((low, min(caps[party], seats - sum(lows) + low if spills else tops[party])))
    return found

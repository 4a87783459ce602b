"""What the sums mean: who leads in each contest, what can no longer change, and the parliament that would follow."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from sapparot.base.text import Text
from sapparot.contests import Ballot, Contest, SeatRule
from sapparot.contests.allotment import PartySeats, PartyVotes, SeatOutcome
from sapparot.contests.bounds import ListBounds, decided, list_bounds
from sapparot.contests.problems import SeatsRefused
from sapparot.contests.seats import house, parliament, seats, winners
from sapparot.tally.result import NO_VOTE, Result, over_layers


class Lead(Struct, frozen=True):
    """Who leads one contest for one seat; options by number.

    `leaders` are several when they are level, none when nobody has more votes than those who chose nobody. `margin` is
    the distance to the next one, or to `no_vote` when that is nearer. `decided` is the option that no outstanding voter
    can take the seat from any more; always None unless the layers are those of the headline.
    """

    area: str
    leaders: tuple[int, ...]
    runner_up: int | None
    margin: int
    outstanding: int
    decided: int | None


class Parliament(Struct, frozen=True):
    """The seats that would follow.

    `seats` joins constituencies (leaders) and lists; `undecided` counts constituencies without a single leader, `safe`
    the constituency seats that are decided, by party. `lists` is None, with the reason in `refused`, when the seat rule
    cannot be applied yet. `bounds` is None where the rule has none; `low` and `high` are its seats by party.
    """

    seats: tuple[PartySeats, ...]
    undecided: int
    safe: dict[str, int]
    votes: dict[str, int]
    lists: SeatOutcome | None
    refused: Text | None
    bounds: ListBounds | None
    low: dict[str, int] = {}
    high: dict[str, int] = {}


def leads(result: Result, ballot: str, layers: Iterable[str] | None = None) -> list[Lead]:
    """Give who leads in each contest of a ballot, in the order of the election.

    Over the given layers nothing is decided; without them those of the headline count, and what is decided there is told.
    """
    chosen = result.headline if layers is None else tuple(layers)
    scope, options = result.parties[ballot].scope.name, result.standings[ballot].options
    votes = over_layers(result.votes(ballot, scope), chosen).tolist()
    certain = result.certain_votes(ballot).tolist() if layers is None else None
    outstanding = result.outstanding(ballot).tolist()
    found = []
    for area, contest in result.contests(ballot):
        safe = None if certain is None else _decided(certain[area], contest, options, outstanding[area])
        found.append(_lead(votes[area], contest, options, (outstanding[area], safe)))
    return found


def _lead(row: list[int], contest: Contest, options: int, more: tuple[int, int | None]) -> Lead:
    votes, no_vote = row[: len(contest.numbers)], row[options + NO_VOTE]
    first = winners(votes, no_vote)
    order = sorted(range(len(votes)), key=votes.__getitem__, reverse=True)  # of equal ones the first stays first
    second = order[1] if len(order) > 1 else None
    rival = max(no_vote, 0 if second is None else votes[second])
    return Lead(
        area=contest.area,
        leaders=tuple(contest.numbers[column] for column in first),
        runner_up=None if second is None or not votes[second] else contest.numbers[second],
        margin=max(0, votes[order[0]] - rival),
        outstanding=more[0],
        decided=more[1],
    )


def _decided(row: list[int], contest: Contest, options: int, outstanding: int) -> int | None:
    column = decided(row[: len(contest.numbers)], outstanding, row[options + NO_VOTE])
    return None if column is None else contest.numbers[column]


def seat_ballot(result: Result) -> Ballot | None:
    """Give the ballot on which single seats are won: the one contested below the whole country."""
    return next((ballot for ballot in result.election.ballots if ballot.scope != result.top_level), None)


def list_ballot(result: Result) -> Ballot:
    """Give the ballot whose votes fill the lists: the one of the whole country, else the only one there is."""
    ballots = result.election.ballots
    return next((ballot for ballot in ballots if ballot.scope == result.top_level), ballots[0])


def outlook(result: Result, won: list[Lead], layers: Iterable[str] | None = None) -> Parliament:
    """Give the parliament over layers as `leads` takes them; `won` are the leads of the seat ballot over the same layers."""
    chosen = result.headline if layers is None else tuple(layers)
    leaders = _winners(result, [(lead.area, lead.leaders[0]) for lead in won if len(lead.leaders) == 1])
    safe = _winners(result, [(lead.area, lead.decided) for lead in won if lead.decided is not None])
    votes = party_votes(result, chosen)
    brought = _brought(result, votes, _counted(leaders))
    lists, refused = _lists(result, brought)
    given = lists.parties if lists else tuple(PartySeats(party.party) for party in brought)
    names = [party.party for party in brought]
    bounds = _bounds(result, brought) if layers is None else None
    return Parliament(
        seats=parliament(leaders, given),
        undecided=len(won) - len(leaders),
        safe=_counted(safe),
        votes=votes,
        lists=lists,
        refused=refused,
        bounds=bounds,
        low=dict(zip(names, bounds.low, strict=True)) if bounds else {},
        high=dict(zip(names, bounds.high, strict=True)) if bounds else {},
    )


def party_votes(result: Result, layers: Iterable[str]) -> dict[str, int]:
    """Give the votes of each party on the list ballot in the whole country, parties in the order of the election."""
    row = over_layers(result.by_party(list_ballot(result).code, result.top_level), layers)[0].tolist()
    return dict(zip(result.election.parties, row, strict=False))


def _winners(result: Result, seats_of: list[tuple[str, int]]) -> list[str]:
    """Name who stands under numbers of seats: the party, or the area and number of a candidate without one."""
    ballot, contests = seat_ballot(result), result.election.contests
    named = [(area, number, contests[ballot.code if ballot else "", area]) for area, number in seats_of]
    return [one.options[one.column[number]].party or f"{area}/{number}" for area, number, one in named]


def _counted(names: list[str]) -> dict[str, int]:
    return {name: names.count(name) for name in dict.fromkeys(names)}


def _brought(result: Result, votes: Mapping[str, int], won: Mapping[str, int]) -> list[PartyVotes]:
    names = dict(_list_names(result))
    standing = [party for party in votes if not names or party in names]
    return [PartyVotes(party, votes[party], won.get(party, 0), names.get(party)) for party in standing]


def _list_names(result: Result) -> Iterator[tuple[str, int | None]]:
    """Give the parties that stand on the list ballot, with the names on their lists."""
    ballot = list_ballot(result)
    if ballot.scope == result.top_level:
        for _, contest in result.contests(ballot.code):
            yield from ((option.party, option.list_names) for option in contest.options if option.party is not None)


def _lists(result: Result, brought: list[PartyVotes]) -> tuple[SeatOutcome | None, Text | None]:
    try:
        return seats(result.election.seat_rule, brought), None
    except SeatsRefused as refused:
        return None, refused.detail


def _bounds(result: Result, brought: list[PartyVotes]) -> ListBounds | None:
    """Bound the list seats by certain votes and outstanding voters, where the rule gives lists their seats alone."""
    rule, ballot = result.election.seat_rule, list_ballot(result)
    if ballot.scope != result.top_level or not _bounded(rule):
        return None
    row = result.certain_votes(ballot.code)[0].tolist()
    certain = Counter[str | None]()
    for _, contest in result.contests(ballot.code):
        for column, option in enumerate(contest.options):
            certain[option.party] += row[column]
    votes = [certain[party.party] for party in brought]
    outstanding = int(result.outstanding(ballot.code)[0])
    return list_bounds(votes, outstanding, rule.list_seats, [party.list_names for party in brought])


def _bounded(rule: SeatRule) -> bool:
    """Tell whether a rule gives list seats by the list votes alone."""
    try:
        return rule.list_seats > 0 and not house(rule.name).compensates
    except SeatsRefused:
        return False

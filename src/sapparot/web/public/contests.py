"""Where each contest stands: who leads, in which layers, and whether anybody can still overtake."""

from __future__ import annotations

from msgspec.structs import replace

from sapparot.base.text import Text
from sapparot.contests import Ballot, Contest, Option
from sapparot.tally import STATES, TOTALS, Lead
from sapparot.web.public.facts import NO_PARTY, ContestLine, OptionLine, Progress, Standing, bar
from sapparot.web.public.snapshots import AreaSums, Definition, Edition, Sums, in_layers

DISPUTED = STATES.index("disputed")


def contest_lines(edition: Edition) -> list[ContestLine]:
    """Give every constituency in the order of the election."""
    return [contest_line(edition, area) for area in edition.constituencies.areas]


def contest_line(edition: Edition, area: AreaSums) -> ContestLine:
    """Say where the contest of one constituency stands."""
    definition = edition.definition
    sums = area.ballots[definition.local.code]
    contest = definition.contest_at(definition.local, area.area)
    standing, lead = standing_of(sums)
    disputed = sum(ballot.sheets_by_state[DISPUTED] for ballot in area.ballots.values())
    line = ContestLine(area.area, area.name, standing, disputed, sums.share)
    if contest is None or lead is None or not lead.leaders:
        return line
    option = contest.options[contest.column[lead.leaders[0]]]
    layers = edition.counted if standing in ("leading", "decided") else (*edition.counted, *edition.waiting)
    return ContestLine(
        area.area,
        area.name,
        standing,
        disputed,
        sums.share,
        place=NO_PARTY if len(lead.leaders) > 1 else place_of(definition, option),
        leader=option.name,
        party=party_name(definition, option, short=True),
        votes=sums.of(layers, len(TOTALS) + contest.column[option.number]),
        margin=lead.margin,
        outstanding=lead.outstanding,
        tied=len(lead.leaders) > 1,
        doubtful=0 < lead.margin <= sums.disputed_eligible,
    )


def standing_of(sums: Sums) -> tuple[Standing, Lead | None]:
    """Give how far a contest is and the lead that this rests on: the headline's when there is one."""
    if sums.lead is not None and sums.lead.leaders:
        return ("decided" if sums.lead.decided is not None else "leading"), sums.lead
    if sums.lead_of_all_layers is not None and sums.lead_of_all_layers.leaders:
        return "provisional", sums.lead_of_all_layers
    return "open", None


def national_sums(edition: Edition, ballot: Ballot) -> Sums | None:
    """Add up a ballot of the whole country by option; None where some of its sheets lie in no constituency."""
    whole = edition.provinces.areas[0].ballots[ballot.code]
    parts = [area.ballots[ballot.code] for area in edition.constituencies.areas if ballot.code in area.ballots]
    if sum(sum(part.sheets) for part in parts) != sum(whole.sheets):
        return None
    votes = {
        layer: [
            sum(column) for column in zip(*(part.votes[layer] for part in parts if layer in part.votes), strict=True)
        ]
        for layer in whole.votes
    }
    return replace(whole, votes=votes)


def option_lines(edition: Edition, contest: Contest, sums: Sums) -> list[OptionLine]:
    """Give the options of a contest, most votes first: those of the headline, then all that are known."""
    columns = {number: len(TOTALS) + column for number, column in contest.column.items()}
    votes = {number: sums.of(edition.counted, column) for number, column in columns.items()}
    waiting = {number: sums.of(edition.waiting, column) for number, column in columns.items()}
    total = sum(votes.values())
    longest = max((votes[number] + waiting[number] for number in votes), default=0)
    order = sorted(contest.options, key=lambda o: (-votes[o.number], -waiting[o.number], o.number))
    return [
        OptionLine(
            number=option.number,
            place=place_of(edition.definition, option),
            name=option.name,
            party=party_name(edition.definition, option, short=False),
            votes=votes[option.number],
            waiting=waiting[option.number],
            share=votes[option.number] * 10_000 // total if total else 0,
            parts=bar((("party", votes[option.number]), ("waiting", waiting[option.number])), longest),
        )
        for option in order
    ]


def progress(edition: Edition, area: AreaSums) -> list[Progress]:
    """Say how far each ballot of an area is counted."""
    return [
        Progress(
            ballot=ballot.name,
            sheets=sum(sums.sheets),
            counted=in_layers(sums.sheets, edition.counted),
            # What a policy keeps out of the headline is provisional, whatever its layer.
            reported=in_layers(sums.sheets, tuple(layer for layer in edition.waiting if layer != "live")),
            live=in_layers(sums.sheets, ("live",)) if "live" in edition.waiting else 0,
            disputed=sums.sheets_by_state[DISPUTED],
            voters=sums.eligible_share,
        )
        for ballot in edition.definition.ballots
        if (sums := area.ballots.get(ballot.code)) is not None
    ]


def place_of(definition: Definition, option: Option) -> int:
    """Give the place of an option's party in the palette."""
    return NO_PARTY if option.party is None else definition.place.get(option.party, NO_PARTY)


def party_name(definition: Definition, option: Option, *, short: bool) -> Text | None:
    """Name the party of an option."""
    party = definition.party.get(option.party) if option.party else None
    if party is None:
        return None
    return party.short if short else party.name

"""The summary of an evening in words."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from sapparot.base.clock import unstamp
from sapparot.demo.facts import Recounted, Summary
from sapparot.simulate.deviations import Explained, LeadersExplained
from sapparot.simulate.facts import Gathered
from sapparot.simulate.judge import SeatsOf

AREAS = 10
"""Constituencies with another leader that are printed, those without an explanation first."""
SHEETS = 3
"""Sheets of each that are named."""


def show(summary: Summary, console: Console, zone: ZoneInfo) -> None:
    """Print what came of an evening."""
    reports, sheets, judged = summary.reports, summary.sheets, summary.sheets_judged
    total = sum(sheets.values())
    facts = Table(show_header=False, box=None, pad_edge=False)
    facts.add_column(style="dim")
    facts.add_column()
    rows = [
        ("reports sent", f"{reports.sent:,}"),
        ("accepted, duplicate, refused", f"{reports.accepted:,}   {reports.duplicate:,}   {reports.refused:,}"),
        ("accepted per second", f"{summary.accepted_per_s:,.0f}"),
        ("from acceptance to snapshot", f"p50 {summary.visible_s.p50:.2f} s   p99 {summary.visible_s.p99:.2f} s"),
        ("list trend known (simulated)", _local(summary.trend_at, zone)),
        ("all leaders known (simulated)", _local(summary.leaders_at, zone)),
        ("sheets right", f"{sheets['right']:,}   {_share(sheets['right'], total)}"),
        ("sheets wrong", f"{sheets['wrong']:,}   {_share(sheets['wrong'], total)}"),
        ("sheets disputed", f"{sheets['disputed']:,}   {_share(sheets['disputed'], total)}"),
        ("sheets uncounted", f"{sheets['uncounted']:,}   {_share(sheets['uncounted'], total)}"),
        ("  of those provisional", f"{judged.provisional:,}, {judged.provisional_wrong:,} of them not true"),
        ("parliament equals the published", "yes" if summary.parliament_equal else f"no: {_differing(summary)}"),
        *explanation(summary.explained),
        ("recount equal", f"{'yes' if summary.recount_equal else 'NO'}   ({_recounted(summary.recounted)})"),
        ("wall time", f"{summary.wall_s:.0f} s   ({_phases(summary)})"),
        ("peak memory", f"{summary.peak_rss_mib:,.0f} MiB"),
    ]
    for name, value in (*rows, *_people(summary.people)):
        facts.add_row(name, value)
    console.print(_parliament(summary))
    console.print(facts)


def explanation(found: Explained) -> list[tuple[str, str]]:
    """Say of every deviation whether the sheets of which the headline claims nothing make it."""
    if not (found.leaders or found.list) and found.explained:
        return []
    rows = [(f"  {one.area}", _leader(one)) for one in sorted(found.leaders, key=lambda one: one.explained)[:AREAS]]
    if more := found.leaders[AREAS:]:
        rows.append(("  more constituencies", f"{len(more):,} (--json names them)"))
    if found.list:
        seats = ", ".join(
            f"{party} {ours} (in truth {found.list.truth[party]})" for party, ours in found.list.ours.items()
        )
        sheets = f"{found.list.disputed:,} disputed and {found.list.uncounted:,} uncounted sheets"
        rows.append(("  list", f"{seats}; {sheets}: {_closes(explained=found.list.explained)}"))
    if not found.seats_follow:
        rows.append(("  seats", "do NOT follow from the figures of the headline's own sheets"))
    return [("every deviation explained", "yes, by disputed or uncounted sheets" if found.explained else "NO"), *rows]


def _leader(one: LeadersExplained) -> str:
    claims = (("disputed", one.disputed), ("uncounted", one.uncounted))
    sheets = (
        "; ".join(f"{verdict} {_named(keys)}" for verdict, keys in claims if keys) or "no sheet disputed or uncounted"
    )
    return f"{_who(one.ours)} leads, in truth {_who(one.truth)}; {sheets}: {_closes(explained=one.explained)}"


def _who(names: Sequence[str]) -> str:
    return " and ".join(names) or "nobody"


def _named(keys: Sequence[str]) -> str:
    more = f" and {len(keys) - SHEETS:,} more" if len(keys) > SHEETS else ""
    return ", ".join(keys[:SHEETS]) + more


def _closes(*, explained: bool) -> str:
    return "their true votes close the gap" if explained else "NOT explained, true votes there do not close the gap"


def _people(people: Gathered | None) -> list[tuple[str, str]]:
    if people is None:
        return []
    return [
        ("people joined, of them on a family's phone", f"{people.joined:,}   {people.shared:,}"),
        ("stations chosen, planned", f"{people.chosen:,}   {people.planned:,}"),
        ("dropped out, stepped in, did not come", f"{people.dropped:,}   {people.replaced:,}   {people.absent:,}"),
        ("checked in, phones enrolled", f"{people.arrived:,}   {people.enrolled:,}"),
        ("phones lost, their reports refused", f"{people.lost:,}   {people.lost_refused:,}"),
    ]


def _parliament(summary: Summary) -> Table:
    table = Table("party", title="Parliament", title_justify="left", box=None, pad_edge=False)
    for name in ("constituency", "list", "total", "published"):
        table.add_column(name, justify="right")
    announced = {party: seats["published"] for party, seats in summary.deviations.items()}
    missing = [SeatsOf(party, 0, 0, 0) for party, seats in summary.deviations.items() if not seats["ours"]]
    for party in (*summary.parliament, *missing):
        published = announced.get(party.party, party.total)
        table.add_row(party.party, *map(str, (party.constituency, party.list, party.total, published)))
    return table


def _local(moment: str | None, zone: ZoneInfo) -> str:
    return "not reached" if moment is None else f"{unstamp(moment).astimezone(zone):%H:%M}"


def _share(part: int, total: int) -> str:
    return f"{part / total:.2%}" if total else ""


def _differing(summary: Summary) -> str:
    return ", ".join(
        f"{party} {seats['ours']} (published {seats['published']})" for party, seats in summary.deviations.items()
    )


def _recounted(recounted: Recounted) -> str:
    rendered = f"{recounted.rendered:,} of {recounted.snapshots:,} snapshots rendered again"
    return f"every conclusion, {rendered}, no signature checked"


def _phases(summary: Summary) -> str:
    return ", ".join(f"{name} {seconds:.0f}" for name, seconds in summary.phases_s.items())

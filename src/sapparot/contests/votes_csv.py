"""`sapparot seats VOTES.csv`: a table of parties in, seats out, as JSON or as a table for people."""

import sys
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sapparot.base.text import Language, Text
from sapparot.contests.allotment import PartyVotes, SeatOutcome
from sapparot.contests.facts import SeatRule
from sapparot.contests.problems import (
    CANNOT_READ,
    LARGE_FILE,
    SEATS_REFUSED,
    TOO_MANY_SEATS,
    TWICE,
    SeatsRefused,
)
from sapparot.contests.seats import House, house, quota_text, seats
from sapparot.contests.tables import Cells, Columns, Flaws, rows

FILE_LIMIT = 1_000_000
"""Bytes; a table of parties is a thousandth of this."""
STANDARD_INPUT = Path("-")
MOST_VOTES = 10**18 - 1
MOST_NAMES = 10_000


def seats_command(path: Path, rule: str, lots: Sequence[str] = ()) -> SeatOutcome:
    """Read a table of parties and give the seats under a rule.

    Columns, in any order: `party`, `votes`, `constituency_seats` (an empty cell is 0; required by th-2562) and
    `list_names` (an empty cell is no cap). Raises SeatsRefused, whose `detail` says what is wrong with which cell.
    """
    under = house(rule)
    flaws = Flaws()
    parties = list(_parties(flaws, path.name, _content(path), under))
    won = sum(party.constituency_seats for party in parties)
    if won > under.constituencies:
        flaws.add(path.name, TOO_MANY_SEATS.fill(won=won, all=under.constituencies), cell=("constituency_seats", None))
    if flaws.found:
        texts = [flaw.text for flaw in flaws.found]
        detail = Text("\n".join(text.th for text in texts), "\n".join(text.en for text in texts))
        raise SeatsRefused(SEATS_REFUSED, detail)
    return seats(SeatRule(rule, under.list_seats), parties, lots)


def _content(path: Path) -> bytes:
    try:
        with sys.stdin.buffer if path == STANDARD_INPUT else path.open("rb") as file:
            data = file.read(FILE_LIMIT + 1)
    except OSError as error:
        raise SeatsRefused(SEATS_REFUSED, CANNOT_READ.fill(file=path.name, why=error.strerror or error)) from error
    if len(data) > FILE_LIMIT:
        said = LARGE_FILE.fill(most=FILE_LIMIT)
        raise SeatsRefused(SEATS_REFUSED, Text(f"{path.name}: {said.th}", f"{path.name}: {said.en}"))
    return data


def _columns(under: House) -> Columns:
    if under.compensates:
        return Columns(("party", "votes", "constituency_seats"), ("list_names",))
    return Columns(("party", "votes"), ("constituency_seats", "list_names"))


def _parties(flaws: Flaws, file: str, data: bytes, under: House) -> Iterator[PartyVotes]:
    seen: dict[str, int | None] = {}
    for cells in rows(flaws, file, data, _columns(under)):
        party = cells.text("party")
        votes = cells.integer("votes", 0, MOST_VOTES)
        won = cells.integer("constituency_seats", 0, under.constituencies, required=False)
        names = cells.integer("list_names", 0, MOST_NAMES, required=False)
        if party is not None:
            _once(cells, party, seen)
        if cells.good and party is not None and votes is not None:
            yield PartyVotes(party, votes, won or 0, names)


def _once(cells: Cells, party: str, seen: dict[str, int | None]) -> None:
    """Refuse a party that stands twice, also when the two are typed differently but look the same."""
    key = " ".join(unicodedata.normalize("NFKC", party).casefold().split())
    if key in seen:
        cells.wrong("party", TWICE.fill(first=seen[key]))
    else:
        seen[key] = cells.row


def seats_json(outcome: SeatOutcome) -> dict[str, Any]:
    """Give the outcome as it is printed with `--json`, the quota by `quota_text`; `unfilled` and `note` only when they say something."""
    said: dict[str, Any] = {"unfilled": outcome.unfilled} if outcome.unfilled else {}
    if outcome.note:
        said["note"] = {"th": outcome.note.th, "en": outcome.note.en}
    return {
        "quota": quota_text(outcome.quota),
        "parties": [
            {
                "party": party.party,
                "list_seats": party.list_seats,
                "constituency_seats": party.constituency_seats,
                "total": party.total,
            }
            for party in outcome.parties
        ],
        "ties": [{"parties": list(tie.parties), "seats": tie.seats} for tie in outcome.ties],
        **said,
    }


HEADER = Text("    รวม    เขต  บัญชี  พรรค", "  total   cons.  list  party")
SUM = Text("รวม", "total")
QUOTA = Text("คะแนนต่อหนึ่งที่นั่ง {quota}", "votes for one seat: {quota}")
DRAW = Text("รอจับสลาก {seats} ที่นั่ง ระหว่าง {parties}", "{seats} seat(s) wait for a lot between {parties}")
UNFILLED = Text("ไม่มีรายชื่อเหลือสำหรับ {seats} ที่นั่ง", "no names are left for {seats} seat(s)")


def seats_table(outcome: SeatOutcome, lang: Language) -> str:
    """Write the outcome for people: parties with seats, most first; then what is still open.

    Numbers stand before names, because the width of Thai text differs between terminals.
    """
    seated = sorted((party for party in outcome.parties if party.total), key=lambda party: -party.total)
    lines = [HEADER.say(lang)]
    lines += [_line(party.total, party.constituency_seats, party.list_seats, party.party) for party in seated]
    won = sum(party.constituency_seats for party in seated)
    listed = sum(party.list_seats for party in seated)
    lines.append(_line(won + listed, won, listed, SUM.say(lang)))
    said = [QUOTA.fill(quota=quota_text(outcome.quota))]
    said += [DRAW.fill(seats=tie.seats, parties=", ".join(tie.parties)) for tie in outcome.ties]
    said += [UNFILLED.fill(seats=outcome.unfilled)] if outcome.unfilled else []
    said += [outcome.note] if outcome.note else []
    return "\n".join(lines + [text.say(lang) for text in said])


def _line(total: int, won: int, listed: int, name: str) -> str:
    return f"{total:7} {won:6} {listed:6}  {name}"

"""A correction of the election: as long as nothing rests on it, another definition takes its place (docs/howto/bring-an-election.md).

Whoever waits for a place in the log is placed in the order of arrival, so it is enough that no report has arrived when the correction
is committed: all later ones stand behind it. Every process reads an election once, so none may run meanwhile, whatever its roles.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from sapparot import contests, duty, intake, ledger, people
from sapparot.base import outbox
from sapparot.base.database import Connection
from sapparot.base.presence import alone
from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.contests import BINDING_KINDS, Election
from sapparot.contests.problems import IN_USE, RESTED_ON, STILL_RUNNING

SHOWN = 100
PLACE_SERVED = Text("{code}: มีอาสาสมัครได้รับหน้าที่ที่นี่", "{code}: somebody has a duty there")
AREA_NAMED = Text(
    "{code}: มีอาสาสมัครหรือหัวหน้าเขตของพื้นที่นี้ หรือมีรหัสเชิญ ลิงก์เชิญ หรือเครื่องที่ผูกกับพื้นที่นี้",
    "{code}: somebody belongs to this area or heads it, or an invite or a device is for it",
)


def correct(connection: Connection, entries: Sequence[tuple[str, bytes]], now: datetime) -> bool:
    """Put a definition in the place of the one with the same id, in the caller's transaction; False when it is that one already.

    Raises Problem STILL_RUNNING while a server or another correction runs, RESTED_ON when a report has arrived, IN_USE with the codes that
    people still serve.
    """
    if not alone(connection):
        raise Problem(STILL_RUNNING)
    if not intake.hold_off(connection) or _rested_on(connection):
        raise Problem(RESTED_ON)
    missed = list(_missed(connection, contests.assemble(body for _, body in entries), now))
    if missed:
        shown = [{"code": IN_USE.code, "th": said.th, "en": said.en} for said in islice(missed, SHOWN)]
        raise Problem(IN_USE, errors=shown, error_count=len(missed))
    return contests.save(connection, entries, correct=True)


def _rested_on(connection: Connection) -> bool:
    kinds = sorted(BINDING_KINDS)
    logged = ledger.read_kinds(connection, (0, ledger.head(connection).size), kinds, 1)
    return bool(logged) or outbox.holds(connection, kinds)


def _missed(connection: Connection, election: Election, now: datetime) -> Iterator[Text]:
    """Name what people serve and the election would lose; a code that it never had was nobody's place before either."""
    standing = contests.load(connection, election.id)
    lost = _codes(contests.assemble(standing)) - _codes(election) if standing else set()
    for code in sorted(duty.places_served(connection, election.id) & lost):
        yield PLACE_SERVED.fill(code=code)
    for code in sorted(people.areas_named(connection, now) & lost):
        yield AREA_NAMED.fill(code=code)


def _codes(election: Election) -> set[str]:
    return {*election.stations.index, *election.areas}

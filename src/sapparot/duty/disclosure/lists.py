"""What the log is still to be told of duties, and the entries that tell it, without a database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sapparot.base import canonical
from sapparot.base.outbox import ENTRY_LIMIT
from sapparot.verify import DUTY_KEYS, DUTY_STATIONS

Stations = Sequence[str]


def untold(
    owners: Mapping[str, UUID], held: Mapping[UUID, Stations], told: Mapping[str, Stations]
) -> dict[str, list[str]]:
    """Return the keys of which the log does not say yet what holds now, with their stations.

    ``owners`` are the keys that stand, ``held`` at which stations each person has duties, ``told`` the last word of the log on a key. A key
    without duties is told of only when the log names some.
    """
    wanted = {kid: sorted(held.get(person, ()))[:DUTY_STATIONS] for kid, person in owners.items()}
    return {kid: stations for kid, stations in wanted.items() if stations != list(told.get(kid, ()))}


def duties_entries(election: str, duties: Mapping[str, Stations]) -> list[tuple[str, bytes]]:
    """Write where the owners of keys have duties, in as few entries as it takes; none is larger than the log and its readers take."""
    kids = sorted(duties)
    if len(kids) <= DUTY_KEYS:
        said = {kid: duties[kid] for kid in kids}
        body = canonical.encode({"duties": said, "election": election, "kind": "duties", "v": 1})
        if len(body) <= ENTRY_LIMIT:
            return [("duties", body)] if kids else []
    half = len(kids) // 2 if len(kids) < 2 * DUTY_KEYS else DUTY_KEYS
    parts = (kids[:half], kids[half:])
    return [entry for part in parts for entry in duties_entries(election, {kid: duties[kid] for kid in part})]

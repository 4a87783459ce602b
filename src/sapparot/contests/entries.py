"""Writing an election as the definition entries that stand in the ledger, each within its limit of 64 KiB."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

import msgspec

from sapparot.base import canonical
from sapparot.contests.facts import ContestDefined, Party
from sapparot.places import Area, Station

LIMIT = 60_000
"""Bytes of items in an entry; the rest of the 64 KiB is room for what surrounds them."""

T = TypeVar("T")


def entries(
    header: dict[str, Any],
    parties: Sequence[Party],
    areas: Sequence[Area],
    contests: Sequence[ContestDefined],
    stations: dict[str, list[Station]],
) -> list[tuple[str, bytes]]:
    """Give the `(kind, canonical JSON)` entries: the header, then the parts. The same election gives the same bytes.

    `stations` lists the stations under the area that their entry names. A single contest or name must fit into LIMIT.
    """
    parts: list[dict[str, Any]] = []
    parts += ({"kind": "parties", "items": chunk} for chunk in chunks(parties))
    parts += ({"kind": "areas", "items": chunk} for chunk in chunks(areas))
    parts += ({"kind": "options", "contests": chunk} for chunk in chunks(contests))
    for area, listed in stations.items():
        parts += ({"kind": "stations", "area": area, "items": chunk} for chunk in chunks(listed))
    common = {"v": 1, "election": header["id"]}
    head = {"kind": "election", "v": 1, **header, "parts": len(parts)}
    return [("election", canonical.encode(head)), *((part["kind"], canonical.encode(common | part)) for part in parts)]


def chunks(items: Iterable[T]) -> Iterator[list[msgspec.Raw]]:
    """Give the items, already written, in lists of at most LIMIT bytes."""
    chunk: list[msgspec.Raw] = []
    size = 0
    for item in items:
        written = canonical.encode(item)
        if chunk and size + len(written) + 1 > LIMIT:
            yield chunk
            chunk, size = [], 0
        chunk.append(msgspec.Raw(written))
        size += len(written) + 1
    if chunk:
        yield chunk

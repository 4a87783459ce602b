"""From a result to the files of a snapshot: the same result and the same meta always give the same bytes."""

import hashlib
from typing import Any

from sapparot.base import canonical
from sapparot.base.clock import stamp
from sapparot.contests import Election
from sapparot.publish.areas import constituencies, kinds, provinces
from sapparot.publish.facts import FILE_VERSION, SnapshotMeta
from sapparot.publish.headline import coverage_file, headline
from sapparot.publish.rules import MANIFEST
from sapparot.publish.seating import outlooks, seats_file
from sapparot.publish.sheets import SheetFiles
from sapparot.tally import Result, coverage


class Renderer:
    """Renders snapshots of one election; keeps nothing that changes a byte, only what saves work."""

    def __init__(self, election: Election) -> None:
        self.election = election
        self.definition = canonical.encode(definition(election))
        self.definition_sha256 = hashlib.sha256(self.definition).hexdigest()
        self._sheets: SheetFiles | None = None

    def refresh(self, result: Result, size: int) -> None:
        """Do now what a full snapshot would otherwise do at once."""
        self._kept(result).refresh(result, size)

    def render(self, result: Result, meta: SnapshotMeta) -> dict[str, bytes]:
        """Give every file of a snapshot by name, and its manifest. `result` is of the log up to `meta.size`."""
        files = {name: canonical.encode(self._head(result, meta) | block) for name, block in _light(result).items()}
        if meta.full:
            files |= self._kept(result).render(result, meta.size)
        files[MANIFEST] = manifest(files, meta, result.election.id, self.definition_sha256)
        return files

    def _kept(self, result: Result) -> SheetFiles:
        if self._sheets is None:
            self._sheets = SheetFiles(result)
        return self._sheets

    def _head(self, result: Result, meta: SnapshotMeta) -> dict[str, Any]:
        """Give what each light file says about itself."""
        return {
            "v": FILE_VERSION,
            "election": result.election.id,
            "definition": self.definition_sha256,
            "headline": result.headline,
            "snapshot": {"n": meta.n, "size": meta.size, "root": meta.root, "at": meta.at, "full": meta.full},
        }


def _light(result: Result) -> dict[str, dict[str, Any]]:
    both = outlooks(result)
    coverages = [coverage(result, ballot.code) for ballot in result.election.ballots]
    blocks: dict[str, dict[str, Any] | None] = {
        "headline.json": headline(result, both, coverages),
        "constituencies.json": constituencies(result, both.leads),
        "provinces.json": provinces(result),
        "seats.json": seats_file(result, both),
        "coverage.json": coverage_file(coverages),
        "kinds.json": kinds(result),
    }
    return {name: block for name, block in blocks.items() if block is not None}


def manifest(files: dict[str, bytes], meta: SnapshotMeta, election: str, definition_sha256: str) -> bytes:
    """Give the manifest: SHA-256 and size of every other file, and the manifest before this one."""
    return canonical.encode(
        {
            "v": FILE_VERSION,
            "election": election,
            "definition": definition_sha256,
            "n": meta.n,
            "size": meta.size,
            "root": meta.root,
            "at": meta.at,
            "full": meta.full,
            "previous": meta.previous,
            "files": {
                name: {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)} for name, data in files.items()
            },
        }
    )


def definition(election: Election) -> dict[str, Any]:
    """Give the election itself: what every code and number in the other files stands for."""
    return {
        "v": FILE_VERSION,
        "election": election.id,
        "name": election.name,
        "date": election.date.isoformat(),
        "opens_at": stamp(election.opens_at),
        "closes_at": stamp(election.closes_at),
        "seat_rule": election.seat_rule,
        "ballots": election.ballots,
        "parties": list(election.parties.values()),
        "areas": list(election.areas.values()),
        "contests": [
            {"ballot": contest.ballot, "area": contest.area, "seats": contest.seats, "options": contest.options}
            for contest in election.contest_list
        ],
    }

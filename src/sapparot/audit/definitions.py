"""Definitions of elections behind the first: which of them takes its place, and which change nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec
from msgspec import Struct

from sapparot.audit.facts import Finding
from sapparot.audit.wording import found
from sapparot.contests import BINDING_KINDS, DEFINITION_KINDS, Definition, DefinitionError
from sapparot.tally import Entry


class _Header(Struct):
    id: str


_header = msgspec.json.Decoder(_Header)


def definitions(entries: Iterable[Entry]) -> Iterator[Finding]:
    """Say what becomes of each definition behind the first that counts; what cannot be read is said elsewhere."""
    followed = _Followed()
    for position, kind, body in entries:
        if kind in BINDING_KINDS:
            followed.definition.bind()
        elif kind in DEFINITION_KINDS:
            try:
                yield from followed.take(position, kind, body)
            except (DefinitionError, msgspec.MsgspecError):
                continue
    yield from followed.broken()


class _Followed:
    """The definitions as they come by, with the places where each began."""

    def __init__(self) -> None:
        self.definition = Definition()
        self._begun: dict[str, list[int]] = {}
        self._counted = False

    def take(self, position: int, kind: str, body: bytes) -> Iterator[Finding]:
        """Take one entry of a definition; raises DefinitionError and msgspec.MsgspecError."""
        if kind == "election":
            self._begun.setdefault(_header.decode(body).id, []).append(position)
        election = self.definition.add(body)
        if election is None:
            return
        first = self._begun.pop(election.id)[0]
        if not self.definition.counts(election):
            yield found("election.again", first, election=ascii(election.id))
        elif self._counted:
            yield found("election.corrected", first, end=position)
        else:
            self._counted = True

    def broken(self) -> Iterator[Finding]:
        """Give what began and never was whole."""
        for identity, positions in self._begun.items():
            yield from (found("election.again", position, election=ascii(identity)) for position in positions)

"""A whole night in memory: reports, what follows from them, and snapshots, in one log as the sequencer would lay it out."""

from __future__ import annotations

import random
from collections import deque

from sapparot.base.clock import stamp
from sapparot.ledger.tree import Tree, leaf_hash
from sapparot.publish import rules
from sapparot.publish.facts import SnapshotMeta
from sapparot.publish.render import Renderer
from sapparot.tally import Entry, Tally
from sapparot.verify import Engine
from tests.verify.cast import (
    CLOSES,
    FAR,
    LIST,
    NEXT,
    OTHER_VOTES,
    PEOPLE,
    SHEET,
    STATION,
    VOTES,
    Evening,
    final,
    kid,
)  # fmt: skip

SHEETS = (SHEET, LIST, f"{NEXT}/constituency", f"{NEXT}/list")
STATIONS = (FAR, NEXT, STATION)


def statements(seed: int, reports: int) -> list[tuple[str, bytes]]:
    """Give the entries of an evening that people and devices made: definitions, register, reports, a decision."""
    chance = random.Random(seed)
    evening = Evening()
    for number in range(reports):
        if chance.random() < 0.2:
            held = {name: chance.sample(STATIONS, chance.randint(0, 2)) for name in chance.sample(sorted(PEOPLE), 3)}
            duties = {kid(name): sorted(stations) for name, stations in held.items()}
            evening.put("duties", {"election": "small", "duties": duties})
        who = chance.choice([name for name, (_, level) in PEOPLE.items() if level == 1])
        sheet, after = chance.choice(SHEETS), 20.0 + number
        if chance.random() < 0.3:
            evening.progress(who, {"1": chance.randint(0, 90)}, after, sheet=sheet)
        else:
            figures = final(chance.choice((VOTES, VOTES, OTHER_VOTES)), spoiled=chance.choice((6, 6, 6, 7)))
            evening.report(who, figures, after, sheet=sheet)
    evening.decide("wari", "anan", figures=final())
    return [(kind, body) for _, kind, body in evening.entries]


class Night:
    """Lays entries out; what follows from one stands a while behind it, as in life."""

    def __init__(
        self, seed: int = 1, reports: int = 40, snapshots: int = 6, said: list[tuple[str, bytes]] | None = None
    ) -> None:
        self.log: list[Entry] = []
        self._engine, self._tally, self._tree = Engine(), Tally(), Tree()
        self._outs: deque[tuple[str, bytes]] = deque()
        self._counted = 0
        self._n = 0
        self._previous: str | None = None
        self._renderer: Renderer | None = None
        chance = random.Random(seed)
        said = said or statements(seed, reports)
        first = next(at for at, (kind, _) in enumerate(said) if kind == "report")
        due = {first + (len(said) - first) * step // snapshots for step in range(snapshots)}
        for at, entry in enumerate(said):
            self._append(entry)
            while self._outs and chance.random() < 0.6:
                self._append(self._outs.popleft())
            if at in due:
                self._append(self.snapshot(full=chance.random() < 0.5))
        while self._outs:
            self._append(self._outs.popleft())
        self._append(self.snapshot(full=True))

    def _append(self, entry: tuple[str, bytes]) -> None:
        self.log.append((len(self.log), *entry))
        self._tree.append(leaf_hash(entry[1]))
        self._outs.extend(self._engine.apply(*self.log[-1]))

    def snapshot(self, *, full: bool) -> tuple[str, bytes]:
        """Publish what stands in the log; give the entry."""
        self._tally.apply_many(self.log[self._counted :])
        self._counted = len(self.log)
        self._n += 1
        meta = SnapshotMeta(self._n, len(self.log), self._tree.root().hex(), stamp(CLOSES), full, self._previous)
        result = self._tally.result()
        self._renderer = self._renderer or Renderer(result.election)
        manifest = self._renderer.render(result, meta)[rules.MANIFEST]
        self._previous = rules.digest(manifest)
        return rules.entry(meta, manifest)

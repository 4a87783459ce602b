"""One audit from the checkpoint to the verdict, in the order in which each step can rely on the one before it.

1. The checkpoint is signed by the key of the log. Without that there is nothing to compare with, and the audit ends.
2. Every entry is read once: its hash, its form, the tile that lists it. The hashes give the root that was signed, and that of every
   checkpoint seen before.
3. Photographs and published files have the hashes that the log gives them.
4. Every signature is verified under the keys that the log itself enrols.
5. Everything that was concluded is concluded again from the entries alone.

With more than one process the long parts of the last step run beside the others, on the same bytes; what they say is heard last.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from sapparot.audit import photographs
from sapparot.audit.chain import TOLD, Chain, Network, Photograph, PromiseKey, PublicationKey, Ruling, Snapshot, Told
from sapparot.audit.checkpoints import compare
from sapparot.audit.crew import BUNDLES, Aside, Crew
from sapparot.audit.definitions import definitions
from sapparot.audit.facts import AuditReport, Checked, Finding, Plan, Tell
from sapparot.audit.findings import Findings
from sapparot.audit.hashes import Spine
from sapparot.audit.opening import Opening, open_copy
from sapparot.audit.published import Published, not_yet_logged
from sapparot.audit.recounting import findings_of
from sapparot.audit.replays import replays
from sapparot.audit.signatures import Signatures, judge, keys_ready
from sapparot.audit.survey import survey
from sapparot.audit.tilelog import NO_KIND, EntriesMissing, TileLog
from sapparot.audit.times import backdated
from sapparot.audit.wording import found
from sapparot.base import canonical
from sapparot.base.text import Text
from sapparot.contests import BINDING_KINDS, DEFINITION_KINDS
from sapparot.ledger.tiles import WIDTH
from sapparot.publish.recount import DERIVED, RecountReport, recount_conclusions, recount_snapshots

PLAIN = re.compile("[a-z0-9][a-z0-9_.-]*")
"""Ids of networks that cannot be taken for one another."""
KINDS = DERIVED | DEFINITION_KINDS | BINDING_KINDS | TOLD
"""Kinds of entries that this program knows."""


class Supply(Protocol):
    """Brings files of the copy that are not there yet; a plain directory has them or lacks them."""

    def log(self, size: int) -> None:
        """Bring the tiles of the first `size` entries."""
        ...

    def published(self, snapshots: Sequence[Snapshot]) -> None:
        """Bring the files of these snapshots."""
        ...

    def photographs(self, names: Sequence[str]) -> None:
        """Bring the photographs of these names."""
        ...


class Inspection:
    """Audits one copy."""

    def __init__(self, plan: Plan, folder: Path, supply: Supply, tell: Tell) -> None:
        self._plan, self._folder, self._supply, self._tell = plan, folder, supply, tell
        self._findings = Findings()
        self._checked: list[Checked] = []
        self._chain = Chain()
        self._snapshots: list[Snapshot] = []
        self._keys: list[PublicationKey] = []
        self._kinds: Counter[str] = Counter()
        self._photographs: list[Photograph] = []
        self._rulings: Counter[str] = Counter()

    def run(self) -> AuditReport:
        """Do everything and give the report."""
        opening = open_copy(self._plan, self._folder)
        self._add(opening.findings)
        if opening.head is not None:
            self._supply.log(opening.head.size)
            log = TileLog(str(self._folder / "log"), opening.head.size)
            try:
                with Aside(self._plan.processes if log.bundles > BUNDLES else 1) as aside:
                    self._everything(log, opening, aside)
            except EntriesMissing as missing:
                self._broken(opening, missing)
        return AuditReport(
            source=self._plan.source,
            head=opening.head,
            verdict=self._findings.verdict(),
            checked=tuple(self._checked),
            findings=tuple(self._findings.named),
            numbers=dict(self._findings.numbers),
            kinds=dict(self._kinds),
        )

    def _everything(self, log: TileLog, opening: Opening, aside: Aside) -> None:
        """Go through the entries; raises EntriesMissing. Signatures are verified here, each by itself: the rules need not do it again."""
        conclusions = aside.begin(recount_conclusions, log, signatures=False)
        self._entries(log, opening)
        self._files(log.size)
        snapshots = aside.begin(recount_snapshots, self._longer(log), self._plan.every)
        self._signatures(log)
        self._tell("recount", 0, 1)
        report = RecountReport(conclusions(), snapshots())
        self._tell("recount", 1, 1)
        self._findings.merge(findings_of(report, log.size))
        self._done(report.conclusions.compared, Text("ข้อสรุปที่สรุปใหม่", "conclusions drawn again"))
        self._done(report.snapshots.compared, Text("ภาพรวมที่นับใหม่", "snapshots counted again"))

    def _longer(self, log: TileLog) -> TileLog:
        """Give the log with what it is going to say of snapshots that were published after its checkpoint."""
        behind = [canonical.encode(snapshot.said) for snapshot in self._snapshots if snapshot.position >= log.size]
        return TileLog(log.root, log.size, tuple(("snapshot", body) for body in behind))

    def _add(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            self._findings.add(finding)

    def _done(self, number: int, what: Text) -> None:
        self._checked.append(Checked(what, number))

    def _entries(self, log: TileLog, opening: Opening) -> None:
        """Hash every entry, and compare the roots with those that were signed."""
        spine = Spine(log)
        marks, places, times = bytearray(), bytearray(), bytearray()
        for part in Crew(survey, log, self._plan.processes).answers(log.bundles, "entries", self._tell):
            spine.roots += part.roots
            spine.edge = part.edge
            self._kinds += part.kinds
            marks += part.marks
            places += part.places
            times += part.times
            self._findings.merge(part.findings)
            for told in part.told:
                self._take(told, opening)
        self._done(log.size, Text("รายการที่คำนวณค่าแฮชใหม่", "entries hashed"))
        if spine.root(log.size) != opening.tree.root:
            self._add([found("log.root", size=log.size)])
        self._add(spine.tiles())
        self._add(compare(opening.tree, opening.others, spine.root))
        self._done(len(opening.others), Text("หัวบันทึกอื่นที่เทียบ", "other checkpoints compared"))
        if (stands := opening.stands) is not None:
            signed = Text(
                "ผู้ร่วมลงนามตามนโยบายที่ลงนามรับรอง {size} รายการแรก",
                "cosigners of the policy that signed the first {size} entries",
            )
            self._done(len(stands.cosigned), signed.fill(size=f"{stands.head.size:,}"))
        self._add(replays(log, bytes(marks), bytes(places)))
        self._add(backdated(bytes(times), bytes(places)))
        self._chain.begun = int.from_bytes(places[:8], "little") if places else None
        if self._rulings["election"] > 1:
            self._add(definitions(log()))
        for kind in sorted(self._kinds.keys() - KINDS - {NO_KIND}):
            self._add([found("entry.kind_unknown", kind=ascii(kind), number=self._kinds[kind])])

    def _take(self, told: Told, opening: Opening) -> None:
        """Keep what a later step needs."""
        if isinstance(told, Snapshot):
            self._snapshots.append(told)
        elif isinstance(told, PublicationKey):
            self._keys.append(told)
        elif isinstance(told, Photograph):
            self._photographs.append(told)
        elif isinstance(told, PromiseKey):
            if opening.head is not None and told.log != opening.head.origin:
                self._add([found("promise_key.other_log", told.position, log=told.log)])
        elif isinstance(told, Ruling):
            self._rule(told)
        else:
            if isinstance(told, Network):
                self._add(_about_network(told, self._chain))
            self._chain.take(told)

    def _rule(self, told: Ruling) -> None:
        """Say when the policy of the count is announced again; what becomes of a definition shows when all of it is read."""
        self._rulings[told.kind] += 1
        if told.kind == "policy" and self._rulings["policy"] > 1:
            self._add([found("policy.again", told.position)])

    def _signatures(self, log: TileLog) -> None:
        processes = self._plan.processes
        crew = Crew(judge, Signatures(log, self._chain, keys_ready(processes)), processes)
        verified = Counter[str]()
        for part in crew.answers(log.bundles, "signatures", self._tell):
            verified += part.verified
            self._findings.merge(part.findings)
        self._done(verified.total(), Text("ลายมือชื่อที่ตรวจ", "signatures verified"))

    def _files(self, size: int) -> None:
        """Hash the photographs and the published files; `size` is that of the log."""
        chosen = photographs.chosen(self._photographs, self._plan.sample)
        self._supply.photographs([photographs.name_of(one) for one in chosen])
        self._add(photographs.contradictions(self._photographs))
        self._add(photographs.check(self._folder, chosen, self._tell))
        self._done(len(chosen), Text("ภาพถ่ายที่ตรวจ", "photographs looked for and hashed"))
        self._supply.published(self._snapshots)
        last = max((snapshot.said.n for snapshot in self._snapshots), default=0)
        for position, said in enumerate(not_yet_logged(self._folder, last, size), size):
            self._snapshots.append(Snapshot(position, said))
        published = Published(self._folder, self._snapshots, self._keys)
        self._add(published.check(self._tell))
        self._done(published.files, Text("ไฟล์ผลที่ตรวจ", "published files hashed"))

    def _broken(self, opening: Opening, missing: EntriesMissing) -> None:
        """Say where entries are missing; what remains can be compared by size alone."""
        first = missing.index * WIDTH
        last = min(first + WIDTH, opening.tree.size) - 1
        self._add([found("log.missing", first, first=first, last=last, why=missing)])
        self._add(compare(opening.tree, opening.others, None))


def _about_network(network: Network, chain: Chain) -> list[Finding]:
    """Say what people should know of an announcement: a new key, or an id that may look like another one and is not."""
    others = [name for name, known in chain.networks.items() if name != network.id and known[-1].kid == network.kid]
    if others:
        return [found("network.shared_key", network.position, network=ascii(network.id), other=ascii(others[0]))]
    if network.id in chain.networks:
        same = chain.networks[network.id][-1].kid == network.kid
        return [found("network.again" if same else "network.rekeyed", network.position, network=network.id)]
    return (
        [] if PLAIN.fullmatch(network.id) else [found("network.disguised", network.position, network=ascii(network.id))]
    )

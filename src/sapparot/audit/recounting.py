"""What the recount found, in the words of an audit."""

from __future__ import annotations

from sapparot.audit.findings import Findings
from sapparot.audit.wording import found
from sapparot.publish.recount import RecountReport


def findings_of(report: RecountReport, size: int) -> Findings:
    """Give the disagreements of a recount as findings; what stands at `size` or behind it is not in the log yet."""
    findings = Findings()
    for flaw in report.conclusions.disagreements:
        findings.add(found("conclusion.differs", flaw.position, kind=flaw.kind, why=flaw.why))
    for flaw in report.snapshots.disagreements:
        position = flaw.position if flaw.position < size else None
        findings.add(
            found("snapshot.recount", position, None if position is not None else "v1/snapshots", why=flaw.why)
        )
    findings.more("conclusion.differs", report.conclusions.disagreeing - len(report.conclusions.disagreements))
    findings.more("snapshot.recount", report.snapshots.disagreeing - len(report.snapshots.disagreements))
    if report.conclusions.waiting:
        findings.add(found("conclusion.waiting", number=report.conclusions.waiting))
    return findings

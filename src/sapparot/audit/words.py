"""The report of an audit in words, Thai first, then English."""

from __future__ import annotations

from collections.abc import Iterator

from sapparot.audit.facts import AuditReport, Finding, Grade, Verdict
from sapparot.audit.wording import SENTENCES, plain
from sapparot.base.text import Language, Text

VERDICTS: dict[Verdict, Text] = {
    "holds": Text("ทุกอย่างที่ตรวจตรงกัน", "Everything that was checked holds."),
    "fails": Text("มีสิ่งที่ไม่ตรงกัน", "Something does not hold."),
    "unjudged": Text("ตัดสินไม่ได้ เพราะสำเนาไม่ครบ", "It cannot be judged: something is missing."),
}
GRADES: dict[Grade, Text] = {
    "fails": Text("ไม่ตรง", "does not hold"),
    "gap": Text("ขาด", "is missing"),
    "note": Text("ควรรู้", "good to know"),
}
SHOWN = 20
"""Findings of one code that are printed; the JSON names more."""
ROUGH = frozenset({"checkpoint.rewritten", "log.tile"})
"""Codes whose position is only where a stretch of the log begins or ends."""
OF_LOG = Text("บันทึกสาธารณะ {origin}: {size} รายการ ราก {root}", "Log {origin}: {size} entries, root {root}")
AT = Text("ตำแหน่ง {position}", "position {position}")
FIRST = Text(
    "ที่แรกในบันทึกสาธารณะที่ไม่ตรงคือตำแหน่ง {position}: {sentence} สิ่งที่พบหลังจากนั้นอาจเป็นผลของจุดนี้จุดเดียว",
    "The first place in the log that does not hold is position {position}: {sentence}. What is found behind it may follow from it alone.",
)
AND_MORE = Text("และอีก {number} แห่ง", "and {number} more")


def report_lines(report: AuditReport) -> Iterator[str]:
    """Yield the lines of the report: what was checked, what was found, the verdict; each in both languages."""
    languages: tuple[Language, ...] = ("th", "en")
    for lang in languages:
        if report.head is not None:
            head = report.head
            yield OF_LOG.fill(origin=plain(head.origin), size=f"{head.size:,}", root=head.root).say(lang)
        for checked in report.checked:
            yield f"  {checked.number:>12,}  {checked.what.say(lang)}"
        yield from _findings(report, lang)
        yield VERDICTS[report.verdict].say(lang)
        yield ""


def _first(report: AuditReport, lang: Language) -> Iterator[str]:
    """Yield the sentence of what does not hold at the lowest position, where more than one thing does not."""
    several = sum(number for code, number in report.numbers.items() if SENTENCES[code][0] == "fails") > 1
    wrong = [finding for finding in report.findings if finding.grade == "fails" and finding.code not in ROUGH]
    places = [finding.position for finding in wrong if finding.position is not None]
    if several and places:
        found = next(finding for finding in wrong if finding.position == min(places))
        yield f"  {FIRST.fill(position=f'{min(places):,}', sentence=found.sentence.say(lang)).say(lang)} [{found.code}]"


def _findings(report: AuditReport, lang: Language) -> Iterator[str]:
    yield from _first(report, lang)
    for grade, word in GRADES.items():
        for code in dict.fromkeys(finding.code for finding in report.findings if finding.grade == grade):
            named = [finding for finding in report.findings if finding.code == code]
            for finding in named[:SHOWN]:
                yield f"  {word.say(lang)}: {_place(finding, lang)}{finding.sentence.say(lang)} [{code}]"
            if (more := report.numbers[code] - len(named[:SHOWN])) > 0:
                yield f"  {AND_MORE.fill(number=f'{more:,}').say(lang)} [{code}]"


def _place(finding: Finding, lang: Language) -> str:
    places = [] if finding.position is None else [AT.fill(position=f"{finding.position:,}").say(lang)]
    places += [] if finding.file is None else [finding.file]
    return f"{', '.join(places)}: " if places else ""

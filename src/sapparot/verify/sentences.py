"""The sentence of every finding and of every reason of a move, in Thai and English; made when somebody reads it, never before."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from sapparot.base.text import Language, Text
from sapparot.verify.facts import Finding, Value
from sapparot.verify.wording import REASONS, RULES, WORDS

UNKNOWN = Text(th="ยังตรวจไม่ได้: ไม่มี{missing}", en="Not known: {missing} is missing")
NOT_APPLICABLE = Text(th="ข้อนี้ไม่ใช้กับรายงานนี้", en="Does not apply to this report")


class Sentences(Struct, frozen=True):
    """What one rule says: what must hold, and what it says when it does and when it does not."""

    holds: Text
    passed: Text
    failed: Text


SENTENCES: Mapping[str, Sentences] = {
    rule: Sentences(*(Text(th, en) for th, en in texts)) for rule, texts in RULES.items()
}


def title(rule: str) -> Text:
    """Say what a rule demands. Raises KeyError for a name that is no rule."""
    return SENTENCES[rule].holds


def sentence(finding: Finding) -> Text:
    """Say a finding in both languages. Raises KeyError when it is not one of ours."""
    sentences = SENTENCES[finding.rule]
    if finding.outcome == "not_applicable":
        return NOT_APPLICABLE
    template = {"passed": sentences.passed, "failed": sentences.failed, "unknown": UNKNOWN}[finding.outcome]
    return Text(_filled(template, "th", finding.values), _filled(template, "en", finding.values))


def why(reason: str) -> Text | None:
    """Say the reason of a move; None for a code that is no reason."""
    return Text(*REASONS[reason]) if reason in REASONS else None


def _filled(template: Text, lang: Language, values: Mapping[str, Value]) -> str:
    """Fill in numbers with separators and the words that stand for codes."""
    shown = {name: _shown(name, value, lang) for name, value in values.items()}
    return template.say(lang).format(**shown)


def _shown(name: str, value: Value, lang: Language) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    if (name, value) in WORDS:
        return Text(*WORDS[name, value]).say(lang)
    return value

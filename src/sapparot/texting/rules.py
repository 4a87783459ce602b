"""How a text message is read as a report (docs/formats/text-report.md). Pure.

A message is a row of numbers and keys. What stands between them does not matter, nor do Thai digits, capitals or line breaks; a word
that is not known is never guessed at.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from types import MappingProxyType

from sapparot.base.problems import Problem, ProblemKind
from sapparot.texting.facts import TOTALS, Figures, Stage, Written
from sapparot.texting.marks import GAP, SIGNS, marks
from sapparot.texting.problems import (
    MARKS_WRONG,
    NO_FIGURES,
    NO_STAGE,
    NUMBER_MISSING,
    NUMBER_TOO_LARGE,
    TOO_LONG,
    TWICE,
    WORD_UNKNOWN,
)

LONGEST = 1600
LARGEST = 100_000
PAIRS = (
    ("เขต", "C"), ("แบ่งเขต", "C"),
    ("บัญชี", "L"), ("บัญชีรายชื่อ", "L"), ("รายชื่อ", "L"),
    ("ระหว่าง", "P"), ("ระหว่างนับ", "P"), ("นับ", "P"),
    ("จบ", "F"), ("สุดท้าย", "F"), ("ผลสุดท้าย", "F"), ("ครบ", "F"),
    ("ดี", "V"), ("บัตรดี", "V"),
    ("เสีย", "X"), ("บัตรเสีย", "X"),
    ("ไม่เลือก", "N"), ("ไม่เลือกผู้ใด", "N"), ("ไม่เลือกผู้สมัครผู้ใด", "N"), ("ไม่ประสงค์", "N"), ("ไม่ประสงค์ลงคะแนน", "N"),
    ("ใช้สิทธิ", "B"), ("มาใช้สิทธิ", "B"), ("ผู้มาใช้สิทธิ", "B"), ("ใช้สิทธิ์", "B"), ("มาใช้สิทธิ์", "B"),
)  # fmt: skip
"""Thai words and the key that each stands for."""
ENGLISH = MappingProxyType(
    {
        "CONSTITUENCY": "C",
        "LIST": "L",
        "PROGRESS": "P",
        "FINAL": "F",
        "VALID": "V",
        "SPOILED": "X",
        "NOVOTE": "N",
        "CAST": "B",
    }
)
BALLOTS, STAGES = "CL", MappingProxyType[str, Stage]({"P": "progress", "F": "final"})
TOTAL_OF = MappingProxyType(dict(zip("VXNB", TOTALS, strict=True)))
YES = ("ใช่", "OK"), ("ยืนยัน", "YES")
HELP = ("ช่วย", "HELP"), ("วิธีส่ง", "?")
CODE = ("รหัส", "CODE"), ("ผูก", "LINK")
_DIGITS = {0x0E50 + digit: str(digit) for digit in range(10)}
_NOTHING = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))
"""Characters without a width, which chat programs put in."""


def plain(text: str) -> str:
    """Bring a message into one form: capitals, plain digits, nothing that cannot be seen."""
    return unicodedata.normalize("NFKC", text).translate(_DIGITS).translate(_NOTHING).upper().strip()


WORDS = MappingProxyType({key: key for key in "CLPFVXNB"} | dict(ENGLISH) | {plain(thai): key for thai, key in PAIRS})
_TOKEN = re.compile(r"([0-9]+)|([A-Z]+|[\u0E00-\u0E7F]+)|([\s,;:=./|_–—-]+)|(.)", re.DOTALL)
"""A number, a word, what may stand between, anything else."""


def command(text: str) -> tuple[str, str] | None:
    """Return ``yes``, ``help`` or ``code`` with what stands behind it, when a message is one of these and no report."""
    word, _, rest = plain(text).partition(" ")
    for name, pairs in (("yes", YES), ("help", HELP), ("code", CODE)):
        if word in {plain(form) for pair in pairs for form in pair}:
            return name, rest.strip().removeprefix("#")
    return None


def read(text: str) -> Written:
    """Read a message as a report; raises :class:`Problem` with what is not understood."""
    whole = plain(text)
    if len(whole) > LONGEST:
        raise Problem(TOO_LONG)
    body, sharp, given = whole.partition("#")
    tokens = list(_tokens(body))
    made = marks(_symbols(tokens))
    given = "".join(given.split())
    if sharp and given != made:
        raise _said(MARKS_WRONG, given=given[:8])
    return _written(tokens, made, bool(sharp))


def goes_on(before: Figures, now: Figures) -> bool:
    """Tell whether a count went on: nothing that was given is left out or smaller now."""
    totals = [(getattr(before, name), getattr(now, name)) for name in TOTALS]
    votes = [(count, now.votes.get(option)) for option, count in before.votes.items()]
    return all(was is None or (is_now is not None and is_now >= was) for was, is_now in totals + votes)


def agrees(written: Figures, signed: Figures) -> bool:
    """Tell whether what was written is part of what was signed; a form that was typed whole gives every option."""
    totals = [(getattr(written, name), getattr(signed, name)) for name in TOTALS]
    votes = [(count, signed.votes.get(option, 0)) for option, count in written.votes.items()]
    return all(given is None or given == there for given, there in totals + votes)


def _tokens(body: str) -> Iterator[str]:
    """Yield numbers and keys in order."""
    for number, word, _, other in _TOKEN.findall(body):
        if number:
            yield number
        elif word or other:
            if word not in WORDS:
                raise _said(WORD_UNKNOWN, word=(word or other)[:20])
            yield WORDS[word]


def _symbols(tokens: list[str]) -> Iterator[int]:
    """Yield the symbols that the check characters cover: keys, digits, and a gap between two numbers."""
    before = ""
    for token in tokens:
        if before.isdigit() and token.isdigit():
            yield GAP
        yield from map(SIGNS.index, token)
        before = token


def _written(tokens: list[str], made: str, checked: bool) -> Written:
    first = next((place for place, token in enumerate(tokens) if not token.isdigit()), len(tokens))
    station, rest = "-".join(tokens[:first]), tokens[first:]
    head: dict[str, str] = {}
    while rest and rest[0] in BALLOTS + "PF":
        part = "ballot" if rest[0] in BALLOTS else "stage"
        if part in head:
            raise _said(TWICE, what=f"{head[part]} {rest[0]}")
        head[part] = rest.pop(0)
    if "stage" not in head:
        raise Problem(NO_STAGE)
    return Written(station or None, head.get("ballot"), STAGES[head["stage"]], _figures(rest), made, checked)


def _figures(tokens: list[str]) -> Figures:
    votes: dict[str, int] = {}
    totals: dict[str, int] = {}
    if not tokens:
        raise Problem(NO_FIGURES)
    for place in range(0, len(tokens), 2):
        key, *after = tokens[place : place + 2]
        if not after or not after[0].isdigit():
            raise _said(NUMBER_MISSING, after=key)
        if not key.isdigit() and key not in TOTAL_OF:
            raise _said(WORD_UNKNOWN, word=key)
        name = str(_count(key)) if key.isdigit() else TOTAL_OF[key]
        into = votes if key.isdigit() else totals
        if name in into:
            raise _said(TWICE, what=key)
        into[name] = _count(after[0])
    return Figures(votes, **totals)


def _count(number: str) -> int:
    if len(number) > 6 or int(number) > LARGEST:
        raise _said(NUMBER_TOO_LARGE, number=f"{number[:4]}…")  # it may be a telephone number, and answers are kept
    return int(number)


def _said(kind: ProblemKind, **values: str) -> Problem:
    return Problem(kind, kind.title.fill(**values))

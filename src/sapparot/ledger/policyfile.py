"""Reads a policy file (C2SP tlog-policy) strictly: every flaw is named with its line, in Thai and English, and nothing is guessed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.ledger import wording
from sapparot.ledger.problems import POLICY_REFUSED
from sapparot.ledger.quorum import NONE, Cosigner, Group, Log, Policy
from sapparot.ledger.signatures import COSIGNATURE, ED25519, KeyInvalid, VerifierKey

MOST_BYTES = 1024 * 1024
_MOST_SHOWN = 60


class _Flaw(Exception):
    """One thing that is wrong with a line."""

    def __init__(self, said: Text, **values: object) -> None:
        self.said = Text(said.th.format(**values), said.en.format(**values))
        super().__init__(self.said.en)


def read_policy(data: bytes) -> Policy:
    """Read a policy file; raises :class:`Problem` with every flaw under ``errors``, each with ``line``, ``th`` and ``en``."""
    reader = _Reader()
    errors: list[dict[str, object]] = []
    for number, line in enumerate(_lines(data), 1):
        try:
            reader.take(line)
        except _Flaw as flaw:
            errors.append(_error(number, flaw.said))
    if not errors and reader.quorum is None:
        errors.append(_error(0, wording.NO_QUORUM))
    if errors or reader.quorum is None:
        raise Problem(POLICY_REFUSED, errors=errors)
    return Policy(tuple(reader.logs), tuple(reader.cosigners), tuple(reader.groups), reader.quorum)


def read_policy_file(path: Path) -> Policy:
    """Read the policy file at ``path``; raises :class:`Problem`, also when there is no such file."""
    return read_policy(policy_bytes(path))


def policy_bytes(path: Path) -> bytes:
    """Return what stands in the policy file at ``path``; raises :class:`Problem` when it cannot be opened."""
    try:
        return path.read_bytes()
    except OSError as error:
        said = Text(f"เปิดไฟล์นโยบาย {path} ไม่ได้", f"the policy file {path} cannot be opened: {error.strerror}")
        raise Problem(POLICY_REFUSED, said) from error


def _lines(data: bytes) -> list[str]:
    """Split into lines; bytes above 0x7F stay what they are, whatever they mean (surrogates stand for what is not UTF-8)."""
    if len(data) > MOST_BYTES:
        raise Problem(POLICY_REFUSED, errors=[_error(0, wording.FILE_LARGE)])
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    if lines.pop():
        raise Problem(POLICY_REFUSED, errors=[_error(len(lines) + 1, wording.NO_NEWLINE)])
    return lines


def _error(line: int, said: Text) -> dict[str, object]:
    where = Text(f"บรรทัด {line}: ", f"line {line}: ") if line else Text("", "")
    return {"line": line, "th": where.th + said.th, "en": where.en + said.en}


class _Reader:
    """What the lines so far defined."""

    def __init__(self) -> None:
        self.logs: list[Log] = []
        self.cosigners: list[Cosigner] = []
        self.groups: list[Group] = []
        self.quorum: str | None = None
        self._free: set[str] = set()
        self._member_of: dict[str, str] = {}
        self._words: dict[str, Callable[[list[str]], None]] = {
            "log": self._log,
            "witness": self._cosigner,
            "group": self._group,
            "quorum": self._quorum,
        }

    def take(self, line: str) -> None:
        """Read one line without its newline; raises :class:`_Flaw`."""
        if any(letter == "\x7f" or (letter < " " and letter != "\t") for letter in line):
            raise _Flaw(wording.CONTROL_CHARACTER)
        words = [word for word in line.replace("\t", " ").split(" ") if word]
        if not words or words[0].startswith("#"):
            return
        read = self._words.get(words[0])
        if read is None:
            raise _Flaw(wording.UNKNOWN_WORD, word=_shown(words[0]))
        read(words[1:])

    def _log(self, words: list[str]) -> None:
        if len(words) not in (1, 2):
            raise _Flaw(wording.LOG_FORM)
        key = _key(words[0], ED25519)
        if any(key.public == log.key.public for log in self.logs):
            raise _Flaw(wording.SAME_KEY)
        self.logs.append(Log(key, *words[1:]))

    def _cosigner(self, words: list[str]) -> None:
        if len(words) not in (2, 3):
            raise _Flaw(wording.WITNESS_FORM)
        key = _key(words[1], COSIGNATURE)
        if any(key.public == cosigner.key.public for cosigner in self.cosigners):
            raise _Flaw(wording.SAME_KEY)
        self._define(words[0])
        self.cosigners.append(Cosigner(words[0], key, *words[2:]))

    def _group(self, words: list[str]) -> None:
        if len(words) < 3:
            raise _Flaw(wording.GROUP_FORM)
        name, rule, *members = words
        for member in members:
            self._join(member, name, members)
        needed = _needed(rule, len(members))
        self._define(name)
        self._member_of |= dict.fromkeys(members, name)
        self.groups.append(Group(name, needed, tuple(members)))

    def _quorum(self, words: list[str]) -> None:
        if len(words) != 1:
            raise _Flaw(wording.QUORUM_FORM)
        if self.quorum is not None:
            raise _Flaw(wording.SECOND_QUORUM)
        if words[0] != NONE and words[0] not in self._free:
            raise _Flaw(wording.UNKNOWN_NAME, name=_shown(words[0]))
        self.quorum = words[0]

    def _define(self, name: str) -> None:
        if name == NONE:
            raise _Flaw(wording.RESERVED_NAME)
        if name in self._free:
            raise _Flaw(wording.SAME_NAME, name=_shown(name))
        self._free.add(name)

    def _join(self, member: str, group: str, members: list[str]) -> None:
        if member == NONE:
            raise _Flaw(wording.RESERVED_NAME)
        if member not in self._free:
            raise _Flaw(wording.UNKNOWN_NAME, name=_shown(member))
        if member in self._member_of or members.count(member) > 1:
            raise _Flaw(wording.SECOND_GROUP, name=_shown(member), group=_shown(self._member_of.get(member, group)))


def _key(text: str, type_wanted: int) -> VerifierKey:
    try:
        return VerifierKey.read(text, type_wanted)
    except (KeyInvalid, UnicodeEncodeError) as error:
        raise _Flaw(wording.KEY_UNREADABLE, why=str(error)) from error


def _needed(rule: str, members: int) -> int:
    if rule in ("all", "any"):
        return members if rule == "all" else 1
    if not (rule.isascii() and rule.isdecimal()) or len(rule) > 6 or not 1 <= int(rule) <= members:
        raise _Flaw(wording.GROUP_COUNT, members=members)
    return int(rule)


def _shown(name: str) -> str:
    return name[:_MOST_SHOWN].encode("utf-8", "surrogateescape").decode("utf-8", "replace")

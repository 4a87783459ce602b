"""Findings gathered from many places: all are counted, the first of each code are named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from sapparot.audit.facts import Finding, Verdict
from sapparot.audit.wording import SENTENCES

NAMED = 100
"""Findings of one code that are named one by one."""


class Findings:
    """A bounded list of findings and the number of all of them."""

    def __init__(self, found: Iterable[Finding] = ()) -> None:
        self.numbers: Counter[str] = Counter()
        self.named: list[Finding] = []
        self._kept: Counter[str] = Counter()
        for finding in found:
            self.add(finding)

    def add(self, finding: Finding) -> None:
        """Count a finding, and name it when few of its code were named before."""
        self.numbers[finding.code] += 1
        self._name(finding)

    def merge(self, other: Findings) -> None:
        """Take over what was gathered elsewhere."""
        self.numbers.update(other.numbers)
        for finding in other.named:
            self._name(finding)

    def more(self, code: str, number: int) -> None:
        """Count findings of a code that nobody names."""
        if number > 0:
            self.numbers[code] += number

    def verdict(self) -> Verdict:
        """Say what follows from everything that was found: one thing that does not hold outweighs whatever is missing."""
        grades = {SENTENCES[code][0] for code in self.numbers}
        if "fails" in grades:
            return "fails"
        return "unjudged" if "gap" in grades else "holds"

    def _name(self, finding: Finding) -> None:
        if self._kept[finding.code] < NAMED:
            self._kept[finding.code] += 1
            self.named.append(finding)

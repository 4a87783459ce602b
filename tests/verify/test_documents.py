"""The pages about rules, policy, moves and findings say what the program does."""

from __future__ import annotations

import json
import re

import msgspec
import pytest

from sapparot.base import canonical
from sapparot.verify import title
from sapparot.verify.policy import Policy
from sapparot.verify.states import MOVES
from sapparot.verify.weights import CERTAIN, WEIGHTS
from sapparot.verify.wording import REASONS
from tests.verify.cast import ROOT, Evening, final

DOCS = ROOT / "docs"


def rows(page: str, heading: str) -> list[str]:
    """The rows of the table under a heading row."""
    text = (DOCS / page).read_text("utf-8")
    return re.search(rf"^{re.escape(heading)}\n\|[-|]+\n((?:\|.*\n)+)", text, re.MULTILINE)[1].splitlines()  # type: ignore[index]


def blocks(page: str) -> list[dict[str, object]]:
    return [
        json.loads(block) for block in re.findall(r"```json\n(.*?)```", (DOCS / page).read_text("utf-8"), re.DOTALL)
    ]


def test_the_page_of_rules_lists_every_rule_with_its_weight() -> None:
    wanted = [
        f"| `{rule}` | {title(rule).en} | {title(rule).th} | {weight}{', does not count' if rule in CERTAIN else ''} |"
        for rule, weight in WEIGHTS.items()
    ]
    assert sorted(rows("reference/rules.md", "| rule | demands | ต้องเป็นอย่างไร | weight |")) == sorted(wanted)


def values(member: msgspec.structs.FieldInfo) -> str:
    """What a member of the policy may be, as the page says it."""
    kind = msgspec.inspect.type_info(member.type)
    if isinstance(kind, msgspec.inspect.IntType):
        return f"{kind.ge:,} to {kind.le:,}"
    assert isinstance(kind, msgspec.inspect.LiteralType)
    return " or ".join(f"`{value}`" for value in kind.values)


def test_the_page_of_the_policy_lists_every_member_with_its_default_and_its_range() -> None:
    wanted = []
    for part in msgspec.structs.fields(Policy):
        if isinstance(part.default, msgspec.Struct):
            members = msgspec.structs.fields(type(part.default))
            wanted += [(f"{part.name}.{member.name}", str(member.default), values(member)) for member in members]
    found = rows("formats/policy.md", "| member | default | range | meaning |")
    told = [re.fullmatch(r"\| `([\w.]+)` \| `([^`]+)` \| ([^|]*) \| \S.* \|", line) for line in found]
    assert [line.groups() for line in told[2:] if line] == wanted


def test_the_page_of_moves_lists_the_table_of_states() -> None:
    found = [re.findall(r"`(\w+)`", line) for line in rows("formats/moves-and-findings.md", "| from | may become |")]
    assert {state: set(after) for state, *after in found} == MOVES


def test_the_page_of_moves_lists_every_reason() -> None:
    wanted = [f"| `{reason}` | {en} ({th}) |" for reason, (th, en) in REASONS.items()]
    assert rows("formats/moves-and-findings.md", "| `reason` | says |") == wanted


@pytest.mark.parametrize("kind", ["move", "finding"])
def test_the_entries_on_the_page_are_what_the_fold_writes(kind: str) -> None:
    [shown] = [block for block in blocks("formats/moves-and-findings.md") if block["kind"] == kind]
    evening = Evening()
    if kind == "move":
        evening.report("somchai")
        evening.report("wichai")
        written = evening.moves()[-1]
    else:
        evening.report("somchai", final(valid=371))
        [written] = evening.findings("votes_sum_to_valid")
    assert canonical.encode(written | {"cause": shown["cause"]}) == canonical.encode(shown)
    assert list(shown) == sorted(shown)


def test_the_example_of_a_group_stands_in_the_default_policy() -> None:
    [example] = re.findall(r"```toml\n(.*?)```", (DOCS / "formats/policy.md").read_text("utf-8"), re.DOTALL)
    lines = [line.split("#")[0].strip() for line in example.splitlines()]
    assert "\n".join(lines) in (ROOT / "data/policies/default.toml").read_text("utf-8")

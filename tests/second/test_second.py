"""A second fold, written from docs/formats/judging.md and the pages it names alone, concludes the same as ours, byte for byte."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from sapparot.base import canonical
from sapparot.base.jws import b64
from sapparot.verify import Engine, Policy, genuine
from sapparot.verify.letters import ENROLMENT_TYPE, REPORT_TYPE
from tests.replay.night import Night
from tests.second import figures, texts
from tests.second.evenings import Chaos, Entries, neighbourhood
from tests.second.fold import Fold
from tests.second.policy import NUMBERS
from tests.verify.cast import Evening, default_policy, definitions, jws, minutes
from tests.verify.test_every_rule import BESIDE, BREAKS, UNREADABLE

OURS = {"evenings", "test_second", "test_counting", "test_seating"}
"""Modules here that know the program: they make evenings and compare."""
SEEDS = st.integers(0, 2**32 - 1)


def conclusions(entries: Iterable[tuple[int, str, bytes]], *, checked: bool = False) -> list[bytes]:
    """Fold with both; they conclude the same from every entry."""
    engine, fold, concluded = Engine(genuine if checked else None), Fold(checks_signatures=checked), list[bytes]()
    for position, kind, body in entries:
        ours = engine.apply(position, kind, body)
        assert fold.take(position, kind, body) == ours, (position, kind, body)
        concluded += [out for _, out in ours]
    return concluded


def broken(rule: str) -> Entries:
    near = msgspec.structs.replace(default_policy().neighbours, fewest=len(BESIDE))
    evening = Evening(policy=msgspec.structs.replace(default_policy(), neighbours=near))
    BREAKS[rule][0](evening)
    return evening.entries


def unreadable(problem: str) -> Entries:
    evening = Evening(defined=problem != "definition")
    for _ in range(2):
        evening.put(*UNREADABLE[problem])
    return evening.entries


def told(concluded: list[bytes]) -> set[str]:
    """The rules of the findings and the reasons of the moves."""
    outs = [canonical.decode(out) for out in concluded]
    return {out["rule"] if out["kind"] == "finding" else out["reason"] for out in outs}


@pytest.mark.parametrize("rule", BREAKS)
def test_the_second_fold_finds_every_broken_rule(rule: str) -> None:
    assert rule in told(conclusions(broken(rule), checked=rule == "signature_holds"))


@pytest.mark.parametrize("problem", UNREADABLE)
def test_the_second_fold_names_what_cannot_be_read(problem: str) -> None:
    found = [canonical.decode(out) for out in conclusions(unreadable(problem))]
    assert {"kind": UNREADABLE[problem][0], "problem": problem} in [out.get("values") for out in found]


def reports(letters: Iterable[str]) -> Entries:
    """An election, and a report for each of these JWS."""
    bodies = (canonical.encode({"at": minutes(9), "jws": letter}) for letter in letters)
    return [(0, *entry) for entry in [*definitions(), *(("report", body) for body in bodies)]]


@pytest.mark.parametrize("place", texts.PLACES)
def test_both_folds_read_the_same_json(place: str) -> None:
    payloads = [texts.PLACES[place] % value for value in texts.VALUES]
    concluded = conclusions(reports(jws("fah", REPORT_TYPE, payload) for payload in payloads))
    assert {"entry_is_readable", "sheet_is_known"} <= told(concluded)


@pytest.mark.parametrize("member", texts.ENROLMENTS)
def test_both_folds_read_the_same_enrolments(member: str) -> None:
    payloads = [texts.ENROLMENTS[member] % value for value in texts.VALUES]
    bodies = [canonical.encode({"jws": jws("fah", ENROLMENT_TYPE, payload)}) for payload in payloads]
    told_of = told(conclusions([(0, "enrolment", body) for body in bodies]))
    assert told_of == {"entry_is_readable", "enrolment_is_authentic"}


def test_both_folds_know_the_same_policy() -> None:
    for part, numbers in NUMBERS.items():
        assert msgspec.structs.asdict(getattr(Policy(), part)) == {
            name: default for name, (default, _) in numbers.items()
        }
    edges = [
        {"policy": {part: {name: number}}}
        for part, numbers in NUMBERS.items()
        for name, (_, (least, most)) in numbers.items()
        for number in (least - 1, least, most, most + 1)
    ]
    told_of = conclusions([(0, "policy", canonical.encode(edge)) for edge in edges])
    assert len(edges) // 2 <= len(told_of) < len(edges)


@pytest.mark.parametrize("place", texts.HEADERS)
def test_both_folds_read_the_same_headers(place: str) -> None:
    headers = [b64(texts.HEADERS[place] % value) for value in texts.VALUES]
    assert "entry_is_readable" in told(conclusions(reports(f"{header}.e30.AAAA" for header in headers)))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_second_fold_counts_whole_nights(seed: int) -> None:
    log = Night(seed, reports=60).log
    written = [body for _, kind, body in log if kind in ("move", "finding")]
    assert conclusions(log) == written and len(written) > 30


def chaos(seed: int) -> list[bytes]:
    evening = Chaos(seed)
    return conclusions(evening.entries(), checked=evening.signed)


@settings(phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(SEEDS)
def test_the_second_fold_counts_evenings_in_which_anything_happens(seed: int) -> None:
    chaos(seed)


@settings(max_examples=8, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(SEEDS)
@example(7)
def test_the_second_fold_knows_its_neighbours(seed: int) -> None:
    assert conclusions(neighbourhood(seed))


def rounded_up(values: list[int]) -> int:
    return -figures.median([-value for value in values])


def too_kind(one: figures.Row, other: figures.Row, tolerance: int) -> bool:
    return figures.agree(one, other, tolerance + 1)


def too_far(here: tuple[int, int], there: tuple[int, int]) -> int:
    return figures.metres(here, there) + 1000


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        ("neighbours.median", rounded_up),
        ("book.agree", too_kind),
        ("rules.metres", too_far),
        ("rules.MOST_PHOTOGRAPHS", 0),
    ],
)
def test_one_wrong_number_is_noticed(place: str, wrong: object, monkeypatch: pytest.MonkeyPatch) -> None:
    logs = [*map(broken, BREAKS), neighbourhood(7), Night(1).log]
    monkeypatch.setattr(f"tests.second.{place}", wrong)
    with pytest.raises(AssertionError):
        for log in logs:
            conclusions(log)


def imported(path: Path) -> set[str]:
    nodes = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Import | ast.ImportFrom)]
    return {
        name
        for node in nodes
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names])
    }


def test_the_second_fold_uses_nothing_of_the_first() -> None:
    modules = {path.stem: imported(path) for path in Path(__file__).parent.glob("*.py")}
    assert modules.keys() > OURS
    for module, names in modules.items():
        foreign = {
            name for name in names if name.startswith(("sapparot", "tests")) and not name.startswith("tests.second")
        }
        assert module in OURS or not foreign, module
        assert module in OURS or not OURS & {name.rpartition(".")[2] for name in names}, module

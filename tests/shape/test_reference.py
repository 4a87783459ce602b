"""The reference pages say what the program has: every setting, command, endpoint and problem, and nothing that is gone."""

from __future__ import annotations

import ast
import asyncio
import gc
import importlib
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.main import get_command

from sapparot import cli, side, up
from sapparot.base.doors import Door, UnguardedRoute, check_doors
from sapparot.base.problems import CATALOGUE, CannotGoOn
from sapparot.base.settings import Settings, environment_name
from tests.journeys.sound import PAGES
from tests.shape.house import PACKAGE, ROOT, House, Module, dotted, standing

REFERENCE = ROOT / "docs/reference"
THAI = re.compile(r"[\u0e00-\u0e7f]")
Row = tuple[str, ...]


def rows(text: str, width: int) -> set[Row]:
    """The first ``width`` cells of every table row that begins with a cell in backticks, without the backticks."""
    found = set()
    for line in text.splitlines():
        cells = [cell.strip().strip("`") for cell in line.strip().strip("|").split("|")]
        if line.startswith("| `") and len(cells) >= width:
            found.add(tuple(cells[:width]))
    return found


def differences(wanted: set[Row], page: str) -> list[str]:
    """What the page lacks and what it says too much."""
    width = len(next(iter(wanted)))
    written = rows(page, width)
    missing = [f"write: | {' | '.join(row)} |" for row in sorted(wanted - written)]
    return missing + [f"remove: | {' | '.join(row)} |" for row in sorted(written - wanted)]


def settings() -> set[Row]:
    """Environment variable and default of every setting."""
    return {(environment_name(field.name), _shown(field.default)) for field in msgspec.structs.fields(Settings)}


def _shown(default: object) -> str:
    return "not set" if default is None else f"./{default}" if isinstance(default, Path) else str(default)


def doors(directory: Path) -> set[Row]:
    """Path, method, caller, largest body and pace of every door of a process that has every role."""
    found: list[Door] = []

    async def build() -> None:
        side.web_side(Settings(data=directory, senders="page"), "postgresql:///nowhere", up.ROLES).gate()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(side, "check_doors", lambda routes, named: found.extend(named))
        asyncio.run(build())
    return {(door.path, door.method, door.who, _size(door.body_limit), f"{door.per_minute:,}") for door in found}


def _dotted(name: str) -> str:
    return name.removeprefix("src/").removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _size(limit: int) -> str:
    return "none" if not limit else f"{limit:,}"


class Command(msgspec.Struct, frozen=True):
    """A command of the program: its help and the help of each of its options."""

    help: str
    options: dict[str, str]
    epilog: str = ""


def commands() -> dict[str, Command]:
    """Every command by its name."""
    found: dict[str, Command] = {}
    for name, command in get_command(cli.cli).commands.items():  # type: ignore[attr-defined]
        parts = [part for each in getattr(command, "commands", {"": command}).values() for part in each.params]
        options = {option: part.help or "" for part in parts for option in part.opts if option.startswith("--")}
        found[name] = Command(command.help or "", options)
    return found


def undocumented_options(found: dict[str, Command], page: str) -> list[str]:
    """Commands and options that have no place on the page, and places of commands that are gone."""
    sections = {
        match[1]: match[2] for match in re.finditer(r"^## `sapparot ([\w-]+)`\n(.*?)(?=^## |\Z)", page, re.M | re.S)
    }
    missing = [f"{name} is not described" for name in sorted(set(found) - set(sections))]
    missing += [f"{name} is gone" for name in sorted(set(sections) - set(found))]
    for name in set(found) & set(sections):
        options = set(found[name].options) - {"--help"}
        written = set(re.findall(r"`(--[a-z-]+)", sections[name]))
        missing += [f"{name} {option} is not described" for option in sorted(options - written)]
        missing += [f"{name} {option} is gone" for option in sorted(written - options)]
    return missing


@pytest.fixture(scope="module")
def house() -> House:
    return standing()


def test_every_setting_is_documented_with_its_default() -> None:
    page = (REFERENCE / "settings.md").read_text()
    assert differences(settings(), page) == []
    assert differences(settings() | {("SAPPAROT_CANARY", "1")}, page) == ["write: | SAPPAROT_CANARY | 1 |"]


def test_every_command_and_option_is_documented() -> None:
    page = (REFERENCE / "commands.md").read_text()
    found = commands()
    assert undocumented_options(found, page) == []
    canary = Command("Sing.", {"--song": "What to sing."})
    assert undocumented_options(found | {"canary": canary}, page) == ["canary is not described"]
    silent = found | {"up": canary}
    assert "up --song is not described" in undocumented_options(silent, page)


def test_every_command_explains_itself_and_its_options() -> None:
    silent = {
        f"{name} {option}"
        for name, command in commands().items()
        for option, text in [("", command.help), *command.options.items()]
        if not text
    }
    assert silent == set()


def unshown(found: dict[str, Command]) -> list[str]:
    """Commands whose help shows no example, one with an option that is none, or no exit codes."""
    missing = []
    for name, command in found.items():
        examples = re.findall(r"^Example: (.*)$", command.epilog, re.M)
        options = {option for example in examples for option in re.findall(r"(?<= )--[a-z-]+", example)}
        missing += [f"{name}: {option} is no option" for option in sorted(options - set(command.options))]
        if not examples or not all(f"sapparot {name}" in example for example in examples):
            missing.append(f"{name} shows no example")
        if not re.search(r"^Exit codes: 0 .*\b2 .*\.$", command.epilog, re.M):
            missing.append(f"{name} shows no exit codes")
    return missing


def test_the_help_of_every_command_shows_an_example_and_the_exit_codes() -> None:
    found = leaves(get_command(cli.cli))
    assert unshown(found) == [] and len(found) > 25
    assert unshown({"canary": Command("Sing.", {})}) == ["canary shows no example", "canary shows no exit codes"]
    sung = Command("Sing.", {}, "Example: sapparot canary --song\n\nExit codes: 0 sung; 2 not.")
    assert unshown({"canary": sung}) == ["canary: --song is no option"]


def leaves(command: Any, *before: str) -> dict[str, Command]:
    """Every command that does something, by all its words."""
    found: dict[str, Command] = {}
    for name, inner in command.commands.items():
        if hasattr(inner, "commands"):
            found |= leaves(inner, *before, name)
        else:
            options = {option: part.help or "" for part in inner.params for option in part.opts}
            found[" ".join((*before, name))] = Command(inner.help or "", options, inner.epilog or "")
    return found


def test_every_endpoint_is_documented_with_its_door(tmp_path: Path) -> None:
    page = (REFERENCE / "endpoints.md").read_text()
    assert differences(doors(tmp_path), page) == []
    canary = ("/v1/canary", "GET", "anyone", "none", "60")
    assert differences(doors(tmp_path) | {canary}, page) == [f"write: | {' | '.join(canary)} |"]


NO_PAGES = re.compile(
    r"/(v1|log|static|en)(/|$)|/(metrics|healthz|readyz|worker\.js|app\.webmanifest|favicon\.ico)$|.*/on$|.*\.csv$"
)
"""Doors of GET that give no page of their own: machines, files, the same in English, and what leads on."""


def unlooked(found: set[Row], pages: dict[str, str], tests: str) -> list[str]:
    """Pages that no browser puts before axe, and tests that are said to and are not there."""
    doors = {path for path, method, *_ in found if method == "GET" and not NO_PAGES.match(path)}
    missing = [f"no test puts {door} before axe" for door in sorted(doors - set(pages))]
    missing += [f"{door} is gone" for door in sorted(set(pages) - doors)]
    return missing + [f"{test} is gone" for test in sorted(set(pages.values())) if f"def {test}(" not in tests]


def test_every_page_is_put_before_axe_by_a_test_that_is_there(tmp_path: Path) -> None:
    tests = "".join(file.read_text() for file in (ROOT / "tests/journeys").glob("test_*.py"))
    assert unlooked(doors(tmp_path), PAGES, tests) == []
    canary = {("/canary", "GET", "anyone", "none", "60")}
    assert unlooked(doors(tmp_path) | canary, PAGES, tests) == ["no test puts /canary before axe"]
    assert unlooked(doors(tmp_path), PAGES | {"/gone": "test_gone"}, tests) == ["/gone is gone", "test_gone is gone"]


def test_every_problem_speaks_thai_and_english_and_names_its_slice(house: House) -> None:
    for module in house.modules:
        if module.stem == "problems":
            importlib.import_module(_dotted(module.name))
    assert [line for code in CATALOGUE for line in faults(code)] == []


def faults(code: str) -> list[str]:
    """What is wrong with a problem of the catalogue."""
    kind = CATALOGUE[code]
    slices = {path.name for path in (ROOT / PACKAGE).iterdir() if path.is_dir()}
    wrong = []
    if not re.fullmatch(r"[a-z]+\.[a-z]+(_[a-z]+)*", code) or code.split(".")[0] not in slices:
        wrong.append(f"{code}: a code is slice.words")
    if not 400 <= kind.status <= 599:
        wrong.append(f"{code}: {kind.status} is not the status of a problem")
    if not THAI.search(kind.title.th) or THAI.search(kind.title.en) or not kind.title.en:
        wrong.append(f"{code}: needs Thai and English")
    return wrong


def test_a_problem_without_thai_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    spoiled = msgspec.structs.replace(
        CATALOGUE["base.not_found"],
        title=msgspec.convert({"th": "x", "en": "x"}, type(CATALOGUE["base.not_found"].title)),
    )
    monkeypatch.setitem(CATALOGUE, "base.not_found", spoiled)
    monkeypatch.setitem(
        CATALOGUE, "canary.Not-Words", msgspec.structs.replace(spoiled, code="canary.Not-Words", status=200)
    )
    assert faults("base.not_found") == ["base.not_found: needs Thai and English"]
    assert len(faults("canary.Not-Words")) == 3


def stops(house: House) -> list[type[CannotGoOn]]:
    """Every way in which a command stops."""
    for module in house.modules:
        if "CannotGoOn" in module.text:
            importlib.import_module(_dotted(module.name))
    found = [CannotGoOn]
    for one in found:
        found += one.__subclasses__()
    return found[1:]


def unsaid(module: Module, names: set[str]) -> list[str]:
    """Lines that stop a command without a sentence in Thai and one in English."""
    wrong = []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and dotted(node.func) in names:
            said = [ast.unparse(argument) for argument in node.args]
            if len(said) != 2 or not THAI.search(said[0]) or THAI.search(said[1]):
                wrong.append(f"{module.name}:{node.lineno}")
    return wrong


def test_every_way_to_stop_has_a_code_and_speaks_thai_and_english(house: House) -> None:
    names = {stop.__name__ for stop in stops(house)}
    assert {stop.kind.code for stop in stops(house)} <= CATALOGUE.keys()
    assert [line for module in house.modules for line in unsaid(module, names)] == []
    for canary in ("SettingInvalid('no')", "SettingInvalid('no', 'no')", "SettingInvalid('ไม่', 'ไม่')"):
        assert unsaid(Module("canary.py", canary, ast.parse(canary)), names) == ["canary.py:1"]
    with pytest.raises(TypeError, match="kind"):
        type("Speechless", (CannotGoOn,), {})
    gc.collect()  # what failed to become a way to stop is not found as one


def test_every_code_with_which_a_command_stops_is_documented(house: House) -> None:
    page = (REFERENCE / "commands.md").read_text().partition("## When a command cannot go on")[2]
    wanted: set[Row] = {(stop.kind.code, stop.kind.title.th, stop.kind.title.en) for stop in stops(house)}
    assert differences(wanted, page) == []
    assert differences(wanted | {("canary.sings", "ไม่", "no")}, page) == ["write: | canary.sings | ไม่ | no |"]


def test_the_program_does_not_start_when_a_route_has_no_door() -> None:
    with pytest.raises(UnguardedRoute):
        check_doors([("GET", "/canary")], [])
    with pytest.raises(UnguardedRoute):
        check_doors([], [Door("GET", "/canary", "anyone", per_minute=60)])

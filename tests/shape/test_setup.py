"""Setting up: what is chosen on an odd machine, what is said when something is missing, and that a second call costs nothing."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from bench.__main__ import BENCHMARKS, FLOORS
from tests.shape.house import ROOT

THAI = re.compile(r"[\u0e00-\u0e7f]")


@pytest.fixture
def setup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, working in a directory of its own and never running anything."""
    specification = importlib.util.spec_from_file_location("setup_script", ROOT / "tools/setup.py")
    assert specification and specification.loader
    module = importlib.util.module_from_spec(specification)
    monkeypatch.setitem(sys.modules, "setup_script", module)
    specification.loader.exec_module(module)
    monkeypatch.setattr(module, "TOOLS", tmp_path / ".tools")
    monkeypatch.setattr(module, "ENVIRONMENT", tmp_path / ".venv")
    monkeypatch.setattr(module, "run", lambda command, **options: pytest.fail(f"ran {command}"))
    monkeypatch.delenv("SAPPAROT_PYTHON", raising=False)
    return module


def machine_has(setup: ModuleType, monkeypatch: pytest.MonkeyPatch, found: dict[str, bool]) -> None:
    """Let the machine have these interpreters: path, and whether it was built with optimisations."""
    known = {path: setup.Interpreter(path, "3.12.1", optimised, True) for path, optimised in found.items()}
    monkeypatch.setattr(setup, "probe", known.get)


def test_the_distributions_python_comes_first(setup: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    machine_has(setup, monkeypatch, {"/usr/bin/python3": False, "python3.13": True})
    assert setup.interpreter().path == "/usr/bin/python3"


def test_an_optimised_build_is_preferred_to_a_newer_one(setup: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    machine_has(setup, monkeypatch, {"python3.14": False, "python3.12": True})
    assert setup.interpreter().path == "python3.12"


def test_the_operators_choice_wins_and_a_wrong_one_is_refused(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine_has(setup, monkeypatch, {"python3.12": True, "mine": False})
    monkeypatch.setenv("SAPPAROT_PYTHON", "mine")
    assert setup.interpreter().path == "mine"
    monkeypatch.setenv("SAPPAROT_PYTHON", "python2")
    with pytest.raises(setup.Stop, match="SAPPAROT_PYTHON=python2"):
        setup.interpreter()


def test_a_real_interpreter_describes_itself(setup: ModuleType) -> None:
    found = setup.probe(sys.executable)
    assert found.version == ".".join(map(str, sys.version_info[:3]))
    assert setup.probe("no-such-python") is None


def test_what_an_ordinary_user_cannot_install_is_said_in_thai_and_english(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(setup.shutil, "which", lambda name: None)
    without_venv = setup.Interpreter("/usr/bin/python3", "3.11.2", True, False)
    for step in (setup.browser, setup.token, lambda: setup.install_venv(without_venv)):
        with pytest.raises(setup.Stop, match="apt-get install") as stopped:
            step()
        thai, english = str(stopped.value).splitlines()
        assert THAI.search(thai) and not THAI.search(english)


def test_a_step_whose_inputs_did_not_change_does_nothing(setup: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    machine_has(setup, monkeypatch, {"python3": True})
    (setup.ENVIRONMENT / "bin").mkdir(parents=True)
    (setup.ENVIRONMENT / "bin/sapparot").touch()
    python = setup.interpreter()
    inputs = [setup.LOCK, setup.UV_LOCK, setup.ROOT / "pyproject.toml"]
    setup.record("environment", setup.fingerprint(inputs, setup.ROOT, python.path, python.version))
    setup.environment()
    (setup.ENVIRONMENT / "bin/sapparot").unlink()
    with pytest.raises(pytest.fail.Exception, match="ran"):
        setup.environment()


def test_what_a_server_imports_is_compiled_even_where_python_is_told_not_to(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (setup.ENVIRONMENT / "bin").mkdir(parents=True)
    (setup.ENVIRONMENT / "bin/python").symlink_to(sys.executable)
    (tmp_path / "imported.py").touch()
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(setup, "_STARTED", "imported, broken")
    (tmp_path / "broken.py").write_text("raise ImportError")
    setup.bytecode()
    assert list((tmp_path / "__pycache__").glob("imported.*.pyc")), "and what cannot be imported stops nothing"


def test_a_fingerprint_sees_a_change_of_name_and_of_bytes(setup: ModuleType) -> None:
    lock, other = setup.LOCK, setup.UV_LOCK
    assert len({setup.fingerprint(files) for files in ([lock], [other], [lock, other], [])}) == 4


def test_help_names_every_verb() -> None:
    told = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    verbs = re.findall(r"^([a-z]+):.* ## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert verbs == [line.split()[1] for line in told.splitlines()]


def test_every_benchmark_with_a_main_can_be_named() -> None:
    programs = {path.stem for path in (ROOT / "bench").glob("[!_]*.py") if "\ndef main(" in path.read_text("utf-8")}
    named = [*BENCHMARKS, *FLOORS]
    assert sorted(named) == sorted(programs)
    for name in ("publish", "recount"):
        told = subprocess.run(
            [sys.executable, "-m", "bench", name, "--stations", "0"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert told.returncode == 1 and "0 is not a whole number above zero" in told.stderr

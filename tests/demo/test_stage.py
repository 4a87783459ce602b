"""The stage of a demo: what happens while its servers start."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sapparot.app import name_demo, note_signer, promise_maker
from sapparot.base.settings import Settings
from sapparot.demo import stage
from sapparot.demo.problems import StageOccupied


def test_whoever_waits_for_the_doors_leaves_the_processors_to_those_who_open_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks, rests = iter([False, False, False, True]), list[float]()
    servers = stage.Servers(Settings(data=tmp_path, port=stage.free_port("127.0.0.1")), "postgresql:///nowhere")
    monkeypatch.setattr(stage, "PROCESSES", {})
    monkeypatch.setattr(servers, "_ready", lambda: next(looks))
    monkeypatch.setattr("time.sleep", rests.append)
    servers.start()
    assert len(rests) == 3 and min(rests) > 0


def test_what_a_stranger_left_in_the_directory_stays_there(tmp_path: Path) -> None:
    kept = tmp_path / "thesis.txt"
    kept.write_text("two years of work")
    with pytest.raises(StageOccupied), stage.cleared(tmp_path):
        pytest.fail("it went on")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"] and kept.read_text() == "two years of work"


def test_an_earlier_demo_is_replaced_and_what_it_only_points_to_stays(tmp_path: Path) -> None:
    elsewhere, data = tmp_path / "elsewhere", tmp_path / "data"
    elsewhere.mkdir()
    (elsewhere / "kept").write_text("x")
    with stage.cleared(data):
        (data / "public" / "log").mkdir(parents=True)
        (data / "public" / "log" / "checkpoint").write_text("old")
        (data / "seen.json").write_text("{}")
        (data / "link").symlink_to(elsewhere)
    with stage.cleared(data):
        assert [path.name for path in data.iterdir()] == [stage.MARK]
    assert (elsewhere / "kept").read_text() == "x"


def test_a_demo_that_runs_keeps_its_directory_from_the_next(tmp_path: Path) -> None:
    with stage.cleared(tmp_path):
        (tmp_path / "public").mkdir()
        with pytest.raises(StageOccupied), stage.cleared(tmp_path):
            pytest.fail("it went on")
        assert (tmp_path / "public").is_dir()
    with stage.cleared(tmp_path):
        assert not (tmp_path / "public").exists()


def test_a_demo_beside_strange_files_ends_with_2_and_touches_nothing(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("two years of work")
    command = [
        sys.executable,
        "-m",
        "sapparot",
        "demo",
        "--once",
        "--scale",
        "0.004",
        "--port",
        "0",
        "--data",
        str(tmp_path),
    ]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 2, ended.stderr
    assert str(tmp_path) in ended.stderr.replace("\n", "") and "Traceback" not in ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_two_demos_are_two_logs_unless_a_name_is_set(tmp_path: Path) -> None:
    names = []
    for place in (tmp_path / "one", tmp_path / "two", tmp_path / "two"):
        settings = Settings(data=place)
        with stage.cleared(place):
            name_demo(settings)
            names.append(note_signer(settings).name)
        assert note_signer(Settings(data=place)).name == names[-1], "every command and process knows it"
        assert f'"log":"{names[-1]}"'.encode() in promise_maker(settings).entry()[1]
    assert len(set(names)) == 3 and all(name.startswith("sapparot.local/demo/") for name in names)
    assert note_signer(Settings(data=place, origin="example.org/log")).name == "example.org/log"
    assert note_signer(Settings(data=tmp_path / "no demo")).name == "sapparot.local/log"

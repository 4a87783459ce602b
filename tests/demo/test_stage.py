"""The stage of a demo: what happens while its servers start."""

from __future__ import annotations

from pathlib import Path

import pytest

from sapparot.base.settings import Settings
from sapparot.demo import stage


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

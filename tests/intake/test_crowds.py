"""Many carriers at once, none of them in haste: what is left for the others."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from sapparot.intake import api
from sapparot.intake.rules import BODY_LIMIT
from tests.intake.phones import eventually, head, serving


def test_slow_large_bodies_of_many_carriers_leave_the_door_open_for_phones(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "MAX_BYTES", 2 * BODY_LIMIT)
    with serving(database_url, tmp_path) as front:
        with contextlib.ExitStack() as stack:
            for _ in range(2):
                connection = stack.enter_context(front.socket())
                connection.sendall(head(front, front.phone(), BODY_LIMIT) + b"x" * 1000)
            phone, relay = front.phone(), front.phone()
            many = [relay.report(seq=number) for number in range(60)]
            assert eventually(lambda: front.post(relay, many).status == 503)
            assert front.post(phone, phone.report()).outcomes == ["accepted"]
        assert eventually(lambda: front.post(relay, many).status == 202)

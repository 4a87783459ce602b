"""A database that was restored from a copy goes on where the copy was taken."""

from __future__ import annotations

import subprocess
from pathlib import Path

from sapparot.base.database import connect
from sapparot.base.lodging import find_lodging
from tests.databases import at as database_at
from tests.intake.phones import Front, run_id, serving


def test_a_restored_database_keeps_its_promises_and_takes_new_reports(server: str, own: Front, tmp_path: Path) -> None:
    phone = own.phone()
    reports = [phone.report(seq=number) for number in range(5)]
    first = [line["promise"] for line in own.post(phone, reports).lines]
    own.sequence()
    waiting = phone.report()
    promise = own.post(phone, waiting).lines[0]["promise"]

    name, binaries = f"restored_{run_id()}", find_lodging(tmp_path / "postgres").binaries()
    url = database_at(server, name)
    with connect(server, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
    try:
        dump = subprocess.run([str(binaries / "pg_dump"), own.url], capture_output=True, check=True, timeout=60)
        subprocess.run(
            [str(binaries / "psql"), "-q", url], input=dump.stdout, capture_output=True, check=True, timeout=60
        )
        with serving(url, own.settings.data) as restored:
            again = restored.post(phone, [*reports, waiting])
            assert again.outcomes == ["duplicate"] * 6
            assert [line["promise"] for line in again.lines] == [*first, promise]
            fresh = [phone.report(seq=number) for number in range(3)]
            assert restored.post(phone, fresh).outcomes == ["accepted"] * 3
            restored.sequence()
            logged = restored.logged()
            assert logged[:6] == [*own.logged(), waiting]
            assert set(logged[6:]) == set(fresh)
            assert len(logged) == 9
    finally:
        with connect(server, autocommit=True) as admin:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

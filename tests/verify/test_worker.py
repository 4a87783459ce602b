"""The follower: nothing twice, nothing left out, whenever it stops."""

from __future__ import annotations

from pathlib import Path

from structlog.testing import capture_logs

from sapparot import app, verify
from sapparot.base import outbox
from sapparot.base.database import Connection
from sapparot.base.follow import cursor
from sapparot.base.settings import Settings
from sapparot.base.shipped import shipped
from sapparot.ledger.store import append, load_tree
from sapparot.verify import store, worker
from sapparot.verify.worker import Verifier
from tests.verify.cast import OTHER_VOTES, SHEET, Evening, final, small


def logged(database: Connection, evening: Evening, start: int = 0) -> None:
    """Write an evening's entries to the log."""
    append(database, load_tree(database), [(kind, body) for _, kind, body in evening.entries[start:]])
    database.commit()


def waiting(database: Connection) -> list[tuple[str, bytes]]:
    found = [(entry.kind, entry.body) for entry in outbox.take(database, 10_000)]
    database.commit()
    return found


def evening_of_three() -> Evening:
    evening = Evening()
    evening.report("somchai")
    evening.report("wichai", final(OTHER_VOTES))
    evening.report("ploy", final(valid=1))
    return evening


def concluded(evening: Evening) -> list[str]:
    return [f"{out['kind']} {out['cause']}" for out in evening.outs]


def told(entries: list[tuple[str, bytes]]) -> list[str]:
    from sapparot.base import canonical

    return [f"{kind} {canonical.decode(body)['cause']}" for kind, body in entries]


def test_the_follower_concludes_what_the_fold_concludes(database: Connection) -> None:
    evening = evening_of_three()
    logged(database, evening)
    verifier = Verifier()
    verifier.start(database)
    assert verifier.step(database) == len(evening.entries) and verifier.step(database) == 0
    assert told(waiting(database)) == concluded(evening)
    assert cursor(database, "verify") == len(evening.entries)


def test_a_follower_that_starts_again_goes_on_where_it_stopped(database: Connection, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(worker, "BATCH", 7)
    monkeypatch.setattr(worker, "REPLAY_BATCH", 3)
    evening = evening_of_three()
    logged(database, evening)
    while True:
        verifier = Verifier()
        verifier.start(database)
        if not verifier.step(database):
            break
    assert told(waiting(database)) == concluded(evening)


def test_a_crash_before_the_commit_leaves_nothing_behind(database: Connection, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    evening = evening_of_three()
    logged(database, evening)
    verifier = Verifier()
    verifier.start(database)

    def crash(*_: object) -> None:
        raise ConnectionError("killed")

    monkeypatch.setattr(worker, "advance", crash)
    try:
        verifier.step(database)
    except ConnectionError:
        database.rollback()
    assert waiting(database) == [] and store.trail(database, [small().sheet_number(SHEET) or 0]) == []
    monkeypatch.undo()
    again = Verifier()
    again.start(database)
    again.step(database)
    assert told(waiting(database)) == concluded(evening)


def test_the_trail_of_a_sheet_holds_reports_and_what_followed(database: Connection) -> None:
    evening = evening_of_three()
    logged(database, evening)
    verifier = Verifier()
    verifier.start(database)
    verifier.step(database)
    append(database, load_tree(database), waiting(database))
    verifier.step(database)
    number = small().sheet_number(SHEET)
    assert number is not None
    kinds = [trace.kind for trace in store.trail(database, [number])]
    assert kinds == ["report"] * 3 + [out["kind"] for out in evening.outs]
    newest = store.trail(database, [number], limit=2)
    assert [trace.position for trace in newest] == sorted(trace.position for trace in newest) and len(newest) == 2


def test_a_start_that_names_no_policy_leaves_the_one_in_force(
    database: Connection, database_url: str, tmp_path: Path
) -> None:
    default = shipped("data") / "policies" / "default.toml"
    other = tmp_path / "other.toml"
    other.write_text(default.read_text().replace('id = "', 'id = "other-', 1))
    announced = []
    with capture_logs() as told:
        for policy in (None, other, None, other, default):
            app.prepare(Settings(data=tmp_path, database_url=database_url, policy=policy), database_url)
            announced.append(verify.in_force(database))
            database.commit()
    first, changed, kept, same, last = announced
    assert first != changed == kept == same and last == first
    assert [line["code"] for line in told] == ["verify.policy_other", "verify.policy_again"]
    assert all("SAPPAROT_POLICY" in told[1][language] for language in ("th", "en"))

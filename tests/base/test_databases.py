"""A database that a test had is lent to the next one as if it were new, or not at all."""

from __future__ import annotations

import psycopg
import pytest

from sapparot.base.database import connect
from tests.databases import Databases

ROWS = "INSERT INTO base.outbox (kind, body) SELECT 'test', repeat('x', 100)::bytea FROM generate_series(1, {})"
SAID = "SELECT (SELECT count(*) FROM base.outbox), (SELECT count(*) FROM base.cursors), (SELECT count(*) FROM base.migrations)"


@pytest.fixture
def lending(server: str, template: str) -> Databases:
    return Databases(server, template)


def used(lending: Databases, *commands: str) -> str:
    """Lend a database, do something in it, and say what it was called."""
    with lending.lent() as url, connect(url, autocommit=True) as connection:
        for command in commands:
            connection.execute(command.encode())
        return str(connection.info.dbname)


def number(lending: Databases) -> tuple[int, int]:
    """Lend a database; say how much stands in it, and the number of the first row."""
    with lending.lent() as url, connect(url) as connection:
        rows = connection.execute(SAID).fetchone()
        made = connection.execute(
            "INSERT INTO base.outbox (kind, body) VALUES ('test', '') RETURNING number"
        ).fetchone()
        assert rows and made and rows[2] > 9
        return rows[0] + rows[1], made[0]


@pytest.mark.parametrize("rows", [1, 20_000])
def test_what_was_written_is_gone_and_numbers_begin_again(lending: Databases, rows: int) -> None:
    used(lending, ROWS.format(rows), "INSERT INTO base.cursors VALUES ('x', 7)")
    assert len(lending._clean) == 1
    assert number(lending) == (0, 1)
    assert len(lending._clean) == 1, "it was the same one"
    lending.close()


@pytest.mark.parametrize(
    "command",
    [
        "CREATE TABLE base.more (n integer)", "ALTER TABLE base.cursors ADD COLUMN more integer", "DROP TABLE base.cursors",
        "ALTER TABLE base.outbox ENABLE ROW LEVEL SECURITY", "CREATE FUNCTION more() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "ALTER TABLE base.cursors ALTER COLUMN position DROP NOT NULL", "DELETE FROM base.migrations",
        "UPDATE base.migrations SET sha256 = 'x'", "CREATE INDEX ON base.cursors (position)",
    ],
)  # fmt: skip
def test_one_in_which_more_than_rows_was_changed_is_not_lent_again(lending: Databases, command: str) -> None:
    used(lending, command)
    assert lending._clean == []
    assert number(lending) == (0, 1)
    lending.close()


def test_who_had_it_cannot_come_back(lending: Databases) -> None:
    with lending.lent() as url:
        left = connect(url)
        left.execute("INSERT INTO base.outbox (kind, body) VALUES ('test', '')")
    assert len(lending._clean) == 1
    with pytest.raises(psycopg.OperationalError):
        left.execute("SELECT 1")
    with lending.lent() as again, pytest.raises(psycopg.OperationalError, match="does not exist"):
        assert again != url
        connect(url)
    lending.close()


def test_one_that_lets_nobody_in_is_opened_again(lending: Databases, server: str) -> None:
    with lending.lent() as url:
        name = str(psycopg.conninfo.conninfo_to_dict(url)["dbname"])
        with connect(server, autocommit=True) as admin:
            admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'.encode())
    assert number(lending) == (0, 1)
    lending.close()

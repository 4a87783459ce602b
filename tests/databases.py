"""Migrated databases for tests. Making one costs half a second, so one that was used is made as it was and lent again.

Nobody who had it can come back: its sessions are ended and it gets another name. What was written is deleted, and sequences begin again.
A database in which more than rows was changed (a table, a trigger, what the migrations wrote) is not mended but dropped.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from sapparot.base.database import Connection, connect

LARGE = 1 << 20
"""Bytes beyond which a table is truncated: deleted rows would slow down whoever has it next."""
CATALOGS = (
    "pg_attrdef", "pg_attribute", "pg_class", "pg_constraint", "pg_event_trigger", "pg_extension", "pg_index", "pg_inherits",
    "pg_policy", "pg_proc", "pg_rewrite", "pg_sequence", "pg_trigger", "pg_type",
)  # fmt: skip
_SHAPE = " UNION ALL ".join(
    f"SELECT count(*), count(*) FILTER (WHERE xmin::text::bigint >= %(since)s) FROM {name}" for name in CATALOGS
)
_TABLES = (
    "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT LIKE 'pg\\_%' AND schemaname <> 'information_schema'"
    " ORDER BY 1, 2"
)
_SEQUENCES = "SELECT schemaname, sequencename, start_value, last_value FROM pg_sequences ORDER BY 1, 2"
_CONTENT = "SELECT coalesce(md5(string_agg(row::text, '\n' ORDER BY row::text)), '') FROM {} AS row"
_END = "SELECT pg_terminate_backend(pid, 20000) FROM pg_stat_activity WHERE datname = %s"

_numbers = itertools.count(1)


def at(server: str, name: str) -> str:
    """The URL of database ``name`` on the same server."""
    return psycopg.conninfo.make_conninfo(server, dbname=name)


def reached(url: str) -> bool:
    """Tell whether a server answers there."""
    try:
        connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


class Databases:
    """Lends databases made from one template."""

    def __init__(self, server: str, template: str) -> None:
        self._server = server
        self._template = template
        self._clean: list[str] = []
        with connect(at(server, template)) as connection:
            tables = [sql.Identifier(*row) for row in connection.execute(_TABLES).fetchall()]
            contents = [(table, _content(connection, table)) for table in tables]
            self._kept = [(table, digest) for table, digest in contents if digest]
            self._empty = [table for table, digest in contents if not digest]
            self._sequences = connection.execute(_SEQUENCES).fetchall()

    @contextmanager
    def lent(self) -> Iterator[str]:
        """The URL of a database as the migrations leave it; after the block it leads nowhere."""
        name = self._named()
        with connect(self._server, autocommit=True) as admin:
            if self._clean:
                _do(admin, "ALTER DATABASE {} RENAME TO {}", self._clean.pop(), name)
            else:
                _do(admin, "CREATE DATABASE {} TEMPLATE {}", name, self._template)
        with connect(at(self._server, name)) as connection:
            since, shape = _now(connection), _shape(connection, 0)
        try:
            yield at(self._server, name)
        finally:
            self._take_back(name, since, [count for count, _ in shape])

    def close(self) -> None:
        """Drop what is left."""
        with connect(self._server, autocommit=True) as admin:
            while self._clean:
                _do(admin, "DROP DATABASE {} WITH (FORCE)", self._clean.pop())

    def _named(self) -> str:
        return f"test_{os.getpid()}_{next(_numbers)}"

    def _take_back(self, name: str, since: int, counts: list[int]) -> None:
        resting = self._named()
        with connect(self._server, autocommit=True) as admin:
            _do(admin, "ALTER DATABASE {} ALLOW_CONNECTIONS true", name)
            admin.execute(_END, (name,))
            try:
                _do(admin, "ALTER DATABASE {} RENAME TO {}", name, resting)
            except psycopg.errors.ObjectInUse:  # somebody is faster at coming back than we are
                _do(admin, "DROP DATABASE {} WITH (FORCE)", name)
                return
            with connect(at(self._server, resting)) as connection:
                same = _shape(connection, since) == [(count, 0) for count in counts]
                clean = same and self._emptied(connection)
            if clean:
                self._clean.append(resting)
            else:
                _do(admin, "DROP DATABASE {} WITH (FORCE)", resting)

    def _emptied(self, connection: Connection) -> bool:
        """Delete what was written; False when what the migrations wrote is not there any more as it was."""
        if any(_content(connection, table) != digest for table, digest in self._kept):
            return False
        connection.execute("SET session_replication_role = replica")  # no trigger refuses, no key follows
        used = sql.SQL(" UNION ALL ").join(
            sql.SQL("SELECT {}, pg_relation_size({}::regclass) WHERE EXISTS (SELECT 1 FROM {})").format(
                sql.Literal(number), sql.Literal(table.as_string()), table
            )
            for number, table in enumerate(self._empty)
        )
        found = connection.execute(used).fetchall()
        for number in (number for number, size in found if size <= LARGE):
            connection.execute(sql.SQL("DELETE FROM {}").format(self._empty[number]))
        if large := [self._empty[number] for number, size in found if size > LARGE]:
            connection.execute(sql.SQL("TRUNCATE {} CASCADE").format(sql.SQL(", ").join(large)))
        before = {(schema, name): last for schema, name, _, last in self._sequences}
        for schema, name, start, last in connection.execute(_SEQUENCES).fetchall():
            if (kept := before[schema, name]) != last:
                place = sql.Identifier(schema, name).as_string()
                connection.execute("SELECT setval(%s, %s, %s)", (place, kept or start, kept is not None))
        return True


def _do(connection: Connection, command: str, *names: str) -> None:
    connection.execute(sql.SQL(command).format(*map(sql.Identifier, names)))


def _now(connection: Connection) -> int:
    """The number of the current transaction: what is newer was changed later."""
    row = connection.execute("SELECT pg_current_xact_id()::text::bigint").fetchone()
    assert row
    return int(row[0])


def _shape(connection: Connection, since: int) -> list[tuple[int, ...]]:
    """How many rows each catalog of tables, functions and the like has, and how many of them are newer."""
    return [(row[0], row[1] if since else 0) for row in connection.execute(_SHAPE, {"since": since}).fetchall()]


def _content(connection: Connection, table: sql.Identifier) -> str:
    row = connection.execute(sql.SQL(_CONTENT).format(table)).fetchone()
    return str(row[0]) if row else ""

"""The log in PostgreSQL. Only the sequencer appends; everybody may read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sapparot.base.text import Text
from sapparot.ledger.facts import Entry, Head
from sapparot.ledger.tiles import MOST_BYTES, EntryTooLarge
from sapparot.ledger.tree import EMPTY_ROOT, Tree, leaf_hash, leaf_hashes

if TYPE_CHECKING:  # an audit imports this without a database
    from sapparot.base.database import AsyncConnection, Connection


TOLD = 5_000
"""Entries between two words of how far a check is."""


GAP = Text("ไม่มีรายการที่ {first} ถึง {last}", "positions {first} to {last} are missing")
NOT_ITS_HASH = Text("รายการไม่ตรงกับค่าแฮชของมัน", "the entry does not have its leaf hash")
OTHER_ROOT = Text("รากของ {size} รายการแรกเป็นค่าอื่น", "the root of size {size} is another")
FEWER = Text(
    "มีหัวบันทึกของ {size} รายการ แต่มีจริงเพียง {there} รายการ", "a head of size {size} exists, but only {there} entries"
)


class LogDamaged(RuntimeError):
    """Stored entries, hashes and heads do not fit together."""


def append(connection: Connection, tree: Tree, entries: Sequence[tuple[str, bytes]]) -> list[bytes]:
    """Give ``(kind, body)`` entries the next positions in the caller's transaction; return their leaf hashes.

    ``tree`` grows with them; when the transaction fails it must be loaded again. A second writer breaks the primary key. Raises
    :class:`EntryTooLarge` for an entry that no bundle could hold, before anything is written.
    """
    if longest := [len(body) for _, body in entries if len(body) > MOST_BYTES]:
        raise EntryTooLarge(max(longest))
    first = tree.size
    leaves = leaf_hashes(body for _, body in entries)
    with connection.cursor().copy(
        "COPY ledger.entries (position, kind, body, leaf_hash) FROM STDIN (FORMAT BINARY)"
    ) as copy:
        copy.set_types(["int8", "text", "bytea", "bytea"])
        for position, ((kind, body), leaf) in enumerate(zip(entries, leaves, strict=True), first):
            tree.append(leaf)
            copy.write_row((position, kind, body, leaf))
    connection.execute(
        "INSERT INTO ledger.heads (size, root, subtrees) VALUES (%s, %s, %s)", (tree.size, tree.root(), tree.packed())
    )
    return leaves


def load_tree(connection: Connection) -> Tree:
    """Return the right edge of the tree as it was last committed."""
    row = connection.execute("SELECT size, root, subtrees FROM ledger.heads ORDER BY size DESC LIMIT 1").fetchone()
    if row is None:
        return Tree()
    tree = Tree.unpacked(row[0], row[2])
    if tree.root() != row[1]:
        raise LogDamaged(f"the stored root of size {row[0]} does not follow from its subtrees")
    return tree


def head(connection: Connection) -> Head:
    """Return the newest head."""
    row = connection.execute("SELECT size, root FROM ledger.heads ORDER BY size DESC LIMIT 1").fetchone()
    return Head(*row) if row else Head(0, EMPTY_ROOT)


def head_for(connection: Connection, size: int) -> Head | None:
    """Return the head of exactly ``size`` entries, when an append ended there."""
    row = connection.execute("SELECT size, root FROM ledger.heads WHERE size = %s", (size,)).fetchone()
    return Head(*row) if row else None


def read(connection: Connection, start: int, limit: int) -> list[Entry]:
    """Return at most ``limit`` entries from position ``start`` on, in order."""
    cursor = connection.cursor(binary=True)
    cursor.execute(
        "SELECT position, kind, body FROM ledger.entries WHERE position >= %s ORDER BY position LIMIT %s",
        (start, limit),
    )
    return [Entry(*row) for row in cursor.fetchall()]


def read_bodies(connection: Connection, start: int, limit: int) -> list[bytes]:
    """Return the bodies of at most ``limit`` entries from position ``start`` on, without a gap."""
    cursor = connection.cursor(binary=True)
    cursor.execute(
        "SELECT position, body FROM ledger.entries WHERE position >= %s AND position < %s ORDER BY position",
        (start, start + limit),
    )
    rows = cursor.fetchall()
    if rows and rows[-1][0] != start + len(rows) - 1:
        raise LogDamaged(f"an entry from {start} to {start + limit} is missing")
    return [row[1] for row in rows]


def read_kinds(connection: Connection, span: tuple[int, int], kinds: Sequence[str], limit: int) -> list[Entry]:
    """Return at most ``limit`` entries of some kinds with ``span[0] <= position < span[1]``, in order."""
    cursor = connection.cursor(binary=True)
    cursor.execute(
        "SELECT position, kind, body FROM ledger.entries"
        " WHERE position >= %s AND position < %s AND kind = ANY(%s) ORDER BY position LIMIT %s",
        (*span, list(kinds), limit),
    )
    return [Entry(*row) for row in cursor.fetchall()]


def read_starts(connection: Connection, kind: str, length: int) -> list[tuple[int, bytes]]:
    """Return the position and the first ``length`` bytes of every entry of a kind, in order."""
    cursor = connection.cursor(binary=True)
    cursor.execute(
        "SELECT position, substring(body FROM 1 FOR %s) FROM ledger.entries WHERE kind = %s ORDER BY position",
        (length, kind),
    )
    return [(row[0], row[1]) for row in cursor.fetchall()]


def read_all(connection: Connection, size: int, chunk: int = 5000) -> Iterator[Entry]:
    """Yield the first ``size`` entries in order."""
    position = 0
    while position < size:
        entries = read(connection, position, min(chunk, size - position))
        if not entries:
            raise LogDamaged(f"entry {position} is missing")
        yield from entries
        position += len(entries)


_GET = "SELECT position, kind, body FROM ledger.entries WHERE position = ANY(%b::bigint[]) ORDER BY position"


def get(connection: Connection, positions: Sequence[int]) -> list[Entry]:
    """Return the entries at ``positions`` that exist, in order of position."""
    return [Entry(*row) for row in connection.execute(_GET, (list(positions),)).fetchall()]


async def get_async(connection: AsyncConnection, positions: Sequence[int]) -> list[Entry]:
    """The same as :func:`get` on an asynchronous connection."""
    return [Entry(*row) for row in await (await connection.execute(_GET, (list(positions),))).fetchall()]


def record_checkpoint(connection: Connection, head: Head, moment: datetime) -> None:
    """Record that ``head`` is about to be signed; raises when a checkpoint of a larger size was recorded."""
    connection.execute(
        "INSERT INTO ledger.checkpoints (size, signed_at) VALUES (%s, %s) ON CONFLICT DO NOTHING", (head.size, moment)
    )
    stands_last(connection, head)


def stands_last(connection: Connection, head: Head) -> None:
    """Raises :class:`LogDamaged` when a checkpoint of a larger size than ``head`` was recorded, by whoever leads the log now."""
    row = connection.execute("SELECT max(size) FROM ledger.checkpoints").fetchone()
    if row is None or row[0] != head.size:
        raise LogDamaged(f"a checkpoint larger than {head.size} was recorded before this one was published")


async def find(connection: AsyncConnection, leaf: bytes) -> int | None:
    """Return the first position at which an entry has this leaf hash."""
    cursor = await connection.execute("SELECT min(position) FROM ledger.entries WHERE leaf_hash = %s", (leaf,))
    row = await cursor.fetchone()
    return row[0] if row else None


def checkpoint_sizes(connection: Connection) -> list[int]:
    """Return every size that was signed or about to be, in order."""
    return [row[0] for row in connection.execute("SELECT size FROM ledger.checkpoints ORDER BY size").fetchall()]


def last_checkpoint(connection: Connection) -> Head | None:
    """Return the head that was signed last."""
    row = connection.execute(
        "SELECT size, root FROM ledger.checkpoints JOIN ledger.heads USING (size) ORDER BY size DESC LIMIT 1"
    ).fetchone()
    return Head(*row) if row else None


def check(connection: Connection, tell: Callable[[int], None] = lambda _: None) -> Iterator[tuple[int, Text]]:
    """Recompute every leaf hash and head; yield (position, what is wrong) for each difference, and `tell` how many were read.

    Reads the whole log once, in order, with a server-side cursor; memory stays flat.
    """
    heads = _heads(connection)
    expected = next(heads, None)
    tree = Tree()
    with connection.cursor(name="ledger_check", binary=True) as cursor:
        cursor.itersize = TOLD
        cursor.execute("SELECT position, body, leaf_hash FROM ledger.entries ORDER BY position")
        for position, body, stored in cursor:
            if position != tree.size:
                yield tree.size, GAP.fill(first=tree.size, last=position - 1)
                return
            leaf = leaf_hash(body)
            if leaf != stored:
                yield position, NOT_ITS_HASH
            tree.append(leaf)
            if tree.size % TOLD == 0:
                tell(tree.size)
            if expected and tree.size == expected.size:
                if tree.root() != expected.root:
                    yield position, OTHER_ROOT.fill(size=expected.size)
                expected = next(heads, None)
    if expected:
        yield expected.size, FEWER.fill(size=expected.size, there=tree.size)


def _heads(connection: Connection) -> Iterator[Head]:
    rows = connection.execute("SELECT size, root FROM ledger.heads ORDER BY size").fetchall()
    return iter([Head(*row) for row in rows])

"""What the database knows of the secrets that all its processes have alike."""

from __future__ import annotations

from sapparot.base.database import Connection


def hold(connection: Connection) -> dict[str, bytes]:
    """Return the fingerprint of each known secret by its name; until the transaction ends nobody else is told."""
    connection.execute("LOCK TABLE base.secrets IN SHARE ROW EXCLUSIVE MODE")
    return dict(connection.execute("SELECT name, fingerprint FROM base.secrets").fetchall())


def know(connection: Connection, name: str, fingerprint: bytes) -> None:
    """Record the fingerprint of a secret, in the place of another one."""
    connection.execute(
        "INSERT INTO base.secrets (name, fingerprint) VALUES (%s, %s)"
        " ON CONFLICT (name) DO UPDATE SET fingerprint = excluded.fingerprint",
        (name, fingerprint),
    )

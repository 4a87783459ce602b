"""One frozen object of settings, read once from the environment (documented in docs/reference/settings.md)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything an operator may choose; every default works on one machine without configuration."""

    data: Path = Path("sapparot-data")
    """Directory of everything that is kept: embedded database, public files, sealed originals, secrets."""
    database_url: str | None = None
    """Any PostgreSQL 15 or newer instead of the embedded one."""
    host: str = "127.0.0.1"
    """Address to listen on."""
    port: int = 8000
    """Port to listen on."""
    origin: str = "sapparot.local/log"
    """Name of the public log as it stands in every checkpoint."""
    clock: str = "system"
    """``system``, or the path of a conductor's file for a simulated evening."""
    policy: Path | None = None
    """File of the policy in force; none means the default policy that comes with the program."""
    promise_seconds: int = 60
    """Longest time from acceptance to inclusion in the log that a promise states."""
    intake_waiting: int = 20_000
    """Reports that may wait for the database before the door answers 503."""
    body_seconds: float = 20.0
    """Longest time a small body may take to arrive; a large one gets a second more for every 4 KiB."""
    snapshot_seconds: float = 0.6
    """Shortest time between two snapshots."""
    full_snapshot_seconds: float = 60.0
    """Shortest time between two snapshots that carry every station."""
    database_connections: int = 8
    """Connections that the web side of one process may hold."""
    log_format: str = "text"
    """``text`` for people, ``json`` for machines."""


class SettingInvalid(ValueError):
    """A setting in the environment cannot be read."""


def environment_name(field: str) -> str:
    """Return the environment variable of a setting: ``SAPPAROT_DATA`` for ``data``."""
    return f"SAPPAROT_{field.upper()}"


def settings_from(environment: Mapping[str, str] = os.environ, **overrides: object) -> Settings:
    """Read the settings; ``overrides`` that are not None win over the environment."""
    values: dict[str, object] = {}
    for field in msgspec.structs.fields(Settings):
        name = environment_name(field.name)
        if environment.get(name):
            values[field.name] = environment[name]
    values |= {name: value for name, value in overrides.items() if value is not None}
    try:
        settings = msgspec.convert(values, Settings, strict=False, dec_hook=_path)
    except msgspec.ValidationError as error:
        raise SettingInvalid(f"a setting cannot be read: {error}") from error
    return msgspec.structs.replace(settings, data=settings.data.absolute())


def _path(kind: type, value: object) -> object:
    if kind is Path and isinstance(value, str | Path):
        return Path(str(value))
    raise TypeError(f"no setting has the type {kind}")

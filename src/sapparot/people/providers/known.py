"""The providers that an installation knows: a TOML file with a table for each (docs/howto/providers.md)."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec
from msgspec.structs import replace

from sapparot.base.problems import CannotGoOn
from sapparot.people.problems import PROVIDERS_INVALID
from sapparot.people.providers.facts import Provider
from sapparot.people.providers.rules import fault_of


class ProvidersInvalid(CannotGoOn, ValueError, kind=PROVIDERS_INVALID):
    """The file of the providers cannot be used; the message says why, never a secret."""


def read_providers(file: Path | None) -> dict[str, Provider]:
    """Return the providers of a file in its order, none without one; raises :class:`ProvidersInvalid`."""
    if file is None:
        return {}
    try:
        tables = msgspec.convert(tomllib.loads(file.read_text("utf-8")), dict[str, Provider])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        why = type(error).__name__
        raise ProvidersInvalid(
            f"อ่านไฟล์ผู้ให้บริการเข้าระบบไม่ได้: {why}", f"the file of the providers cannot be read: {why}"
        ) from error
    except msgspec.ValidationError as error:
        raise ProvidersInvalid(f"ไฟล์ผู้ให้บริการเข้าระบบ: {error}", f"the file of the providers: {error}") from error
    known = {name: replace(table, id=name) for name, table in tables.items()}
    for name, provider in known.items():
        if fault := fault_of(provider):
            raise ProvidersInvalid(f"ผู้ให้บริการ {name}: {fault.th}", f"the provider {name}: {fault.en}")
    if sum(provider.messages for provider in known.values()) > 1:
        raise ProvidersInvalid("ให้ส่งข้อความผ่านผู้ให้บริการได้เพียงรายเดียว", "messages go by one provider at most")
    if len({provider.issuer for provider in known.values()}) != len(known):
        raise ProvidersInvalid("ผู้ให้บริการสองรายมี issuer เดียวกัน", "two providers have the same issuer")
    return known

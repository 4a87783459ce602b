"""What providers say of themselves, and their keys: asked over HTTP, bounded in bytes and seconds, kept for a while.

A key that is not among those that are kept makes us ask again, at most once a minute, so that a provider may change its keys at any time
and nobody can make us ask without end. While a provider is silent, what it said before holds on for a day.
"""

from __future__ import annotations

import asyncio
from typing import Any, TypeVar

import msgspec
import structlog

from sapparot.base.clock import monotonic
from sapparot.base.outside import Answer, Unanswered, ask
from sapparot.base.problems import Problem
from sapparot.people.providers.facts import Introduced, Keys, Provider
from sapparot.people.providers.problems import PROVIDER_SILENT
from sapparot.people.providers.rules import discovery_of, trusted

log = structlog.get_logger()

SECONDS = 5.0
MOST_BYTES = 256 * 1024
FRESH, HOLDS, PAUSE = 3600.0, 86_400.0, 60.0
SILENCE = 5.0
"""Seconds for which a provider that did not answer is not asked again."""
MOST_KEYS = 50
Read = TypeVar("Read")


class KeySet(msgspec.Struct, frozen=True):
    """The keys of a provider (RFC 7517)."""

    keys: Keys


class _Kept:
    """One document of a provider."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.found: Any = None
        self.at = -HOLDS
        self.tried = -HOLDS


class Discovery:
    """Asks providers, and remembers what they said."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}

    async def introduced(self, provider: Provider) -> Introduced:
        """Return what a provider says of itself; raises :class:`Problem`."""
        found = await self._document(discovery_of(provider), Introduced, FRESH)
        if not trusted(found, provider):
            log.error("a provider introduces itself as another", provider=provider.id)
            raise Problem(PROVIDER_SILENT)
        return found

    async def keys(self, provider: Provider, kid: str | None) -> Keys:
        """Return the keys of a provider, asked anew when ``kid`` is not among them; raises :class:`Problem`."""
        where = (await self.introduced(provider)).jwks_uri
        if not where:
            return []
        keys = (await self._document(where, KeySet, FRESH)).keys
        if kid is not None and all(key.get("kid") != kid for key in keys):
            keys = (await self._document(where, KeySet, PAUSE)).keys
        return keys[:MOST_KEYS]

    async def _document(self, url: str, kind: type[Read], younger: float) -> Read:
        kept = self._kept.setdefault(url, _Kept())
        async with kept.lock:
            now = monotonic()
            if now - kept.at >= younger and now - kept.tried >= SILENCE:
                kept.tried = now
                try:
                    kept.found, kept.at = await asyncio.to_thread(_fetched, url, kind), now
                except Unanswered as error:
                    log.warning("a provider does not answer", reason=str(error))
            if kept.found is None or now - kept.at >= HOLDS:
                raise Problem(PROVIDER_SILENT)
            found: Read = kept.found
            return found


def _fetched(url: str, kind: type[Read]) -> Read:
    answer = ask(url, None, {"Accept": "application/json"}, most=MOST_BYTES, seconds=SECONDS)
    return read(answer, kind)


def read(answer: Answer, kind: type[Read]) -> Read:
    """Return the JSON of an answer; raises :class:`Unanswered`, which repeats nothing of it."""
    if answer.status != 200:
        raise Unanswered(f"it answered {answer.status}")
    try:
        return msgspec.json.decode(answer.body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unanswered("what it said is not what was asked for") from error

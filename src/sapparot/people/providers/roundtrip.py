"""To a provider and back (OpenID Connect Core 1.0, section 3.1: authorization code, with PKCE, state and nonce).

What the browser takes along in its cookie is sealed against change and counts once (``signin/once.py``). State, nonce and the verifier of
PKCE are derived from it under a secret: the provider's address shows the first two, and neither tells the cookie. So an answer that comes
by another browser, twice, late, or for another provider is refused before anybody is asked about it. Nothing is kept of who set out.
"""

from __future__ import annotations

import asyncio
import hmac
from base64 import b64encode, urlsafe_b64decode
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote_plus, urlencode

import msgspec
import structlog

from sapparot.base.clock import Clock
from sapparot.base.database import AsyncConnection
from sapparot.base.jws import b64
from sapparot.base.outside import Unanswered, ask
from sapparot.base.problems import Problem
from sapparot.people.providers.discovery import MOST_BYTES, SECONDS, Discovery, read
from sapparot.people.providers.facts import Departure, Errand, Introduced, Provider, Return, Tokens
from sapparot.people.providers.idtoken import head_of, opened
from sapparot.people.providers.problems import PROVIDER_DECLINED, PROVIDER_REFUSED, PROVIDER_SILENT, PROVIDER_UNKNOWN
from sapparot.people.providers.rules import challenge_of, fault_in
from sapparot.people.signin.facts import Site
from sapparot.people.signin.once import Once
from sapparot.people.signin.problems import TOO_LATE

log = structlog.get_logger()

COOKIE = "sapparot_way"
USE = "provider"
BACK = "/sign-in/with/{provider}/back"
LONGEST_CODE = 4096


class Came(NamedTuple):
    """A browser came back from a provider: what it took along, and why it went."""

    provider: Provider
    made: bytes
    errand: Errand


class Arrived(NamedTuple):
    """Somebody came back: as whom the provider knows it, and why it went."""

    provider: Provider
    subject: str
    errand: Errand


class RoundTrip:
    """Leads browsers to providers and takes them in again."""

    def __init__(self, known: Mapping[str, Provider], once: Once, site: Site, clock: Clock) -> None:
        self.known = known
        self.site = site
        self._once = once
        self._clock = clock
        self._discovery = Discovery()

    def provider(self, name: str) -> Provider:
        """Return a provider; raises :class:`Problem`."""
        if (found := self.known.get(name)) is None:
            raise Problem(PROVIDER_UNKNOWN)
        return found

    async def leave(self, errand: Errand) -> Departure:
        """Return where a browser goes for an errand; raises :class:`Problem`."""
        provider = self.provider(errand.provider)
        introduced = await self._discovery.introduced(provider)
        made = self._once.make(USE, provider.id, self._clock.now(), msgspec.json.encode(errand))
        asked = {
            **provider.more,
            "response_type": "code",
            "client_id": provider.client,
            "redirect_uri": self._back(provider),
            "scope": "openid",
            "state": self._once.derive(made, "state"),
            "nonce": self._once.derive(made, "nonce"),
            "code_challenge": challenge_of(self._once.derive(made, "verifier")),
            "code_challenge_method": "S256",
        }
        where = introduced.authorization_endpoint
        return Departure(f"{where}{'&' if '?' in where else '?'}{urlencode(asked)}", b64(made))

    def errand(self, name: str, way: str | None) -> Errand | None:
        """Return why a browser went to a provider, by its cookie alone; it stays good."""
        carried = self._once.read(USE, name, _unpacked(way or ""), self._clock.now())
        return msgspec.json.decode(carried, type=Errand) if carried is not None else None

    async def take_back(self, connection: AsyncConnection, name: str, way: str | None, state: str) -> Came:
        """Take a browser in again, once; raises :class:`Problem`. ``way`` is its cookie. Nobody else is asked about it."""
        provider, now = self.provider(name), self._clock.now()
        made = _unpacked(way or "")
        carried = self._once.read(USE, provider.id, made, now)
        if carried is None or not hmac.compare_digest(state.encode(), self._once.derive(made, "state").encode()):
            raise Problem(TOO_LATE)
        if not await self._once.spend(connection, made, now):
            raise Problem(TOO_LATE)
        return Came(provider, made, msgspec.json.decode(carried, type=Errand))

    async def arrive(self, came: Came, said: Return) -> Arrived:
        """Ask the provider who came back; raises :class:`Problem`. It may take its time, so no connection is held meanwhile."""
        provider, made, errand = came
        introduced = await self._discovery.introduced(provider)
        _check_sender(said, introduced)
        if said.error or not said.code:
            raise Problem(PROVIDER_DECLINED if said.error in ("access_denied", "login_required") else PROVIDER_REFUSED)
        token = await self._token(provider, introduced, said.code[:LONGEST_CODE], self._once.derive(made, "verifier"))
        keys = [] if "HS256" in provider.algorithms else await self._discovery.keys(provider, head_of(token).kid)
        claims = opened(token, provider, keys)
        if fault := fault_in(claims, provider, self._once.derive(made, "nonce"), self._clock.now()):
            log.warning("an ID token is refused", provider=provider.id, reason=fault)
            raise Problem(PROVIDER_REFUSED)
        return Arrived(provider, claims.sub, errand)

    def _back(self, provider: Provider) -> str:
        return self.site.origin + BACK.format(provider=provider.id)

    async def _token(self, provider: Provider, introduced: Introduced, code: str, verifier: str) -> str:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._back(provider),
            "code_verifier": verifier,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        if provider.showing == "basic":
            pair = f"{quote_plus(provider.client)}:{quote_plus(provider.secret)}"
            headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        else:
            form["client_id"] = provider.client
            form |= {"client_secret": provider.secret} if provider.showing == "post" else {}
        try:
            body = urlencode(form).encode()
            answer = await asyncio.to_thread(
                ask, introduced.token_endpoint, body, headers, most=MOST_BYTES, seconds=SECONDS
            )
        except Unanswered as error:
            log.warning("a provider does not answer", provider=provider.id, reason=str(error))
            raise Problem(PROVIDER_SILENT) from error
        try:
            return read(answer, Tokens).id_token
        except Unanswered as error:
            log.warning("a provider gives no ID token", provider=provider.id, reason=str(error))
            raise Problem(PROVIDER_SILENT if answer.status >= 500 else PROVIDER_REFUSED) from error


def _check_sender(said: Return, introduced: Introduced) -> None:
    """Refuse an answer of another provider than the one that was asked (RFC 9207)."""
    if said.iss != introduced.issuer and (said.iss or introduced.authorization_response_iss_parameter_supported):
        raise Problem(PROVIDER_REFUSED)


def _unpacked(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except ValueError:
        return b""

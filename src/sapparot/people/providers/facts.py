"""Providers, what they say of themselves, and the accounts that people linked."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple
from uuid import UUID

import msgspec
from msgspec import Meta

from sapparot.base.text import Text

Algorithm = Literal["RS256", "PS256", "ES256", "EdDSA", "HS256"]
Showing = Literal["post", "basic", "none"]
"""How we show a provider that it is us: the secret in the form, in the header, or not at all."""
Address = Annotated[str, Meta(max_length=500)]


class Provider(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A table of the file of providers. ``id`` is the name of the table."""

    th: Annotated[str, Meta(min_length=1, max_length=40)]
    en: Annotated[str, Meta(min_length=1, max_length=40)]
    issuer: Address
    client: Annotated[str, Meta(min_length=1, max_length=300)]
    secret: Annotated[str, Meta(max_length=500)] = ""
    algorithms: tuple[Algorithm, ...] = ("RS256", "ES256")
    """With which algorithms the provider signs; ``HS256`` (with the secret, as LINE does for web pages) stands alone."""
    showing: Showing = "post"
    messages: bool = False
    """Whether our LINE account sends messages to whom this provider names: a LINE Login channel of the same LINE provider."""
    more: dict[str, Annotated[str, Meta(max_length=100)]] = {}
    """Further parameters of the request, such as ``prompt`` or LINE's ``bot_prompt``."""
    id: str = ""

    @property
    def name(self) -> Text:
        """How people call it."""
        return Text(self.th, self.en)


class Introduced(msgspec.Struct, frozen=True):
    """What a provider says of itself (OpenID Connect Discovery 1.0, section 3), as far as it is used."""

    issuer: Address
    authorization_endpoint: Address
    token_endpoint: Address
    jwks_uri: Address = ""
    authorization_response_iss_parameter_supported: bool = False


class Claims(msgspec.Struct, frozen=True):
    """What an ID token says (OpenID Connect Core 1.0, section 2), as far as it is used."""

    iss: str
    sub: Annotated[str, Meta(min_length=1, max_length=255)]
    aud: str | list[str]
    exp: int | float
    iat: int | float
    nonce: str = ""
    azp: str | None = None
    nbf: int | float | None = None


class Tokens(msgspec.Struct, frozen=True):
    """The answer of a token endpoint; the access token is of no use here and is not kept."""

    id_token: Annotated[str, Meta(max_length=20_000)]


class Errand(msgspec.Struct, frozen=True):
    """Why somebody goes to a provider: to sign in (perhaps to one network), or to link an account as ``person``."""

    provider: str
    lang: Literal["th", "en"]
    network: str = ""
    there: str = ""
    person: UUID | None = None


class Departure(NamedTuple):
    """Where a browser goes, and what it brings back in its cookie."""

    address: str
    way: str


class Return(msgspec.Struct, frozen=True):
    """What a provider sends a browser back with; fields that are missing are empty."""

    state: str = ""
    code: str = ""
    iss: str = ""
    error: str = ""


class Subject(msgspec.Struct, frozen=True):
    """What a provider calls somebody. Stored only sealed, and only where messages are sent to it."""

    sub: str


class Linked(msgspec.Struct, frozen=True):
    """An account that a person linked, as it sees it."""

    id: UUID
    provider: str
    made_at: datetime
    used_at: datetime | None


class Held(msgspec.Struct, frozen=True):
    """Everything that is kept of a linked account: ``subject`` where messages are sent to it."""

    account: Linked
    subject: str | None


class KnownProvider(msgspec.Struct, frozen=True):
    """A provider as people see it."""

    id: str
    name: Text


class Accounts(msgspec.Struct, frozen=True):
    """The providers at which one may sign in, and the accounts that one linked."""

    providers: list[KnownProvider]
    accounts: list[Linked]


class Providers(msgspec.Struct, frozen=True):
    """The providers at which one may sign in."""

    providers: list[KnownProvider]


Keys = list[dict[str, Any]]
LINKED = "linked"
"""The use for which subjects are sealed."""

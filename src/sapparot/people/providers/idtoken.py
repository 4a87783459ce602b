"""Is this ID token really of its provider? (OpenID Connect Core 1.0, section 3.1.3.7; RFC 8725)

Which algorithms count is ours to say, never the token's: a provider that signs with key pairs is never asked for a secret, and the other
way round, so a public key cannot pass for a secret. The key must be of the kind that the algorithm needs and strong enough.
"""

from __future__ import annotations

from typing import Any

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from sapparot.base.problems import Problem
from sapparot.people.providers.facts import Claims, Keys, Provider
from sapparot.people.providers.problems import PROVIDER_REFUSED

Key = RSAKey | ECKey | OKPKey | OctKey
_KINDS: dict[str, tuple[str, type[RSAKey] | type[ECKey] | type[OKPKey], dict[str, str]]] = {
    "RS256": ("RSA", RSAKey, {}),
    "PS256": ("RSA", RSAKey, {}),
    "ES256": ("EC", ECKey, {"crv": "P-256"}),
    "EdDSA": ("OKP", OKPKey, {"crv": "Ed25519"}),
}
_LEAST_RSA = 2048
_MALFORMED = (JoseError, msgspec.MsgspecError, ValueError, TypeError, KeyError, RecursionError)


class Head(msgspec.Struct, frozen=True):
    """The header of a token, as far as it chooses a key."""

    alg: str
    kid: str | None = None


def head_of(token: str) -> Head:
    """Return the header of a token, which nothing proves yet; raises :class:`Problem`."""
    try:
        return msgspec.convert(jws.extract_compact(token.encode()).headers(), Head)
    except _MALFORMED as error:
        raise Problem(PROVIDER_REFUSED) from error


def opened(token: str, provider: Provider, keys: Keys) -> Claims:
    """Return what a token says when its provider signed it; raises :class:`Problem`."""
    head = head_of(token)
    if head.alg not in provider.algorithms:
        raise Problem(PROVIDER_REFUSED)
    try:
        key = OctKey.import_key(provider.secret) if head.alg == "HS256" else _chosen(head, keys)
        return msgspec.json.decode(
            jws.deserialize_compact(token, key, algorithms=[head.alg]).payload, type=Claims, strict=True
        )
    except _MALFORMED as error:
        raise Problem(PROVIDER_REFUSED) from error


def _chosen(head: Head, keys: Keys) -> Key:
    """Return the one key that the header means; raises :class:`Problem` when there is none, or more than one."""
    kty, kind, more = _KINDS[head.alg]
    fitting = [key for key in keys if _fits(key, head, {"kty": kty, **more})]
    if len(fitting) != 1:
        raise Problem(PROVIDER_REFUSED)
    key = kind.import_key({name: value for name, value in fitting[0].items() if name != "key_ops"})
    if isinstance(key, RSAKey) and key.public_key.key_size < _LEAST_RSA:
        raise Problem(PROVIDER_REFUSED)
    return key


def _fits(key: dict[str, Any], head: Head, must: dict[str, str]) -> bool:
    named = head.kid is None or key.get("kid") == head.kid
    usable = key.get("use", "sig") == "sig" and key.get("alg", head.alg) == head.alg
    return named and usable and all(key.get(name) == value for name, value in must.items())

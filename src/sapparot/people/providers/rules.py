"""What must be true of a provider's words, without a network (OpenID Connect Core 1.0; RFC 7636, 9207, 9700)."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta

from sapparot.base.jws import b64
from sapparot.base.text import Text
from sapparot.people.providers.facts import Claims, Introduced, Provider

SKEW = timedelta(seconds=60)
"""How much the clocks of a provider and of this machine may differ."""
OLDEST = timedelta(minutes=15)
"""How long ago an ID token may have been made, whatever it says about its end."""
RESERVED = {"response_type", "response_mode", "client_id", "redirect_uri", "scope"} | {
    "state", "nonce", "code_challenge", "code_challenge_method",
}  # fmt: skip
"""Parameters of the request that are never an operator's to choose."""
_HERE = re.compile(r"http://(localhost|127\.0\.0\.1)(:[0-9]{1,5})?(/[!-~]*)?")
_THERE = re.compile(r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[!-~]*)?")
_ID = re.compile(r"[a-z][a-z0-9-]{0,30}")


def fault_of(provider: Provider) -> Text | None:
    """Say what is wrong with a table of the file of providers; None when nothing is."""
    secret = "HS256" in provider.algorithms
    faults = {
        Text(
            "ชื่อใช้ได้เฉพาะอักษรอังกฤษตัวเล็ก ตัวเลข และขีดกลาง", "its name has lower-case letters, digits and hyphens"
        ): not _ID.fullmatch(provider.id),
        Text("issuer ต้องเป็นที่อยู่ https ที่ไม่มี ? และ #", "issuer is an https address without ? and #"): not address(
            provider.issuer
        )
        or bool(set("?#") & set(provider.issuer)),
        Text("algorithms ยังไม่ระบุเลยสักชื่อ", "algorithms names none"): not provider.algorithms,
        Text(
            "HS256 ต้องอยู่ลำพัง เพราะต้องไม่มีใครนำกุญแจสาธารณะมาใช้แทนความลับได้",
            "HS256 stands alone: a public key must never be taken for a secret",
        ): secret and len(provider.algorithms) > 1,
        Text("HS256 ต้องมี secret ยาวอย่างน้อย 32 ตัวอักษร", "HS256 needs a secret of 32 characters"): secret
        and len(provider.secret) < 32,
        Text(
            'ไม่มี secret (หรือจะตั้ง showing เป็น "none" ก็ได้)', 'secret is missing (or showing is "none")'
        ): not provider.secret and provider.showing != "none",
        Text("more มีพารามิเตอร์ที่ระบบเป็นผู้กำหนดเอง", "more names a parameter that is ours"): bool(
            RESERVED & set(provider.more)
        ),
    }
    return next((fault for fault, true in faults.items() if true), None)


def address(text: str) -> bool:
    """Tell whether this is an address that may be asked: https, or plain http on this machine."""
    return bool(_THERE.fullmatch(text) or _HERE.fullmatch(text))


def trusted(found: Introduced, provider: Provider) -> bool:
    """Tell whether what was found is about this provider, and leads nowhere in clear."""
    ends = [found.authorization_endpoint, found.token_endpoint, *([found.jwks_uri] if found.jwks_uri else [])]
    plain = provider.issuer.startswith("http:")
    safe = all(address(each) and (plain or each.startswith("https:")) for each in ends)
    return found.issuer == provider.issuer and safe


def discovery_of(provider: Provider) -> str:
    """Return where a provider introduces itself."""
    return provider.issuer.rstrip("/") + "/.well-known/openid-configuration"


def challenge_of(verifier: str) -> str:
    """Return the code challenge of a verifier: S256 (RFC 7636, section 4.2)."""
    return b64(hashlib.sha256(verifier.encode()).digest())


def fault_in(claims: Claims, provider: Provider, nonce: str, now: datetime) -> str | None:
    """Say in English why an ID token proves nothing here; None when it does (OpenID Connect Core 1.0, section 3.1.3.7)."""
    moment, skew = now.timestamp(), SKEW.total_seconds()
    faults = {
        "another issuer": claims.iss != provider.issuer,
        "for somebody else": claims.aud not in (provider.client, [provider.client]),
        "given to somebody else": claims.azp not in (None, provider.client),
        "expired": not claims.exp > moment - skew,
        "not yet valid": claims.nbf is not None and not claims.nbf <= moment + skew,
        "made in the future": not claims.iat <= moment + skew,
        "made long ago": not claims.iat > moment - OLDEST.total_seconds(),
        "an answer to another question": not nonce or claims.nonce != nonce,
    }
    return next((fault for fault, true in faults.items() if true), None)

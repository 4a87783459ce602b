"""Looks through a public log for what must not stand there; knows every member that an entry may have."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Sequence
from typing import Any

ENTRIES = {
    "report": {"at", "jws"},
    "reading": {"at", "jws"},
    "enrolment": {"jws"},
    "revocation": {"jws"},
    "decision": {"at", "jws"},
    "network": {"id", "key", "name"},
    "evidence": {"at", "original", "published", "type", "width", "height"},
    "move": {"cause", "figures", "layer", "reason", "sheet", "sources", "state", "was"},
    "finding": {"cause", "outcome", "rule", "sheet", "values", "weight"},
    "snapshot": {"n", "size", "root", "at", "full", "manifest"},
    "promise_key": {"key", "log"},
    "publication_key": {"key"},
    "duties": {"election", "duties"},
    "policy": {"policy"},
}
REPORT = {
    "v", "id", "election", "sheet", "stage", "votes", "valid", "spoiled", "no_vote", "ballots_cast", "eligible", "evidence",
    "observed_at", "seq", "replaces", "reason", "place", "app",
}  # fmt: skip
SIGNED = {
    "report": REPORT,
    "reading": REPORT | {"photo"},
    "decision": {"v", "sheet", "at", "figures", "use", "reason"},
    "enrolment": {"v", "kid", "key", "network", "level", "from", "until", "same", "areas"},
    "revocation": {"v", "kid", "network", "at", "reason"},
}
PUBLIC = frozenset({"election", "parties", "areas", "options", "stations"})
"""Definitions: the names of candidates and the places of stations are public."""
TELEPHONE = re.compile(r"(?<![0-9A-Za-z_-])(?:\+66|0)[2-9][0-9]{7,8}(?![0-9A-Za-z_-])")
MAIL = re.compile(r"[^\s\"@]+@[^\s\"@]+\.[a-z]{2,}")
TITLED = re.compile("นาย|นาง|ด\\.ญ\\.|ด\\.ช\\.|Mr\\.|Mrs\\.|Ms\\.")
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}\.[0-9]{9,11}\.[A-Za-z0-9_-]{43}")


FORMS = {"a telephone number": TELEPHONE, "an address of mail": MAIL, "a title": TITLED, "a token": TOKEN}


def found(kind: str, body: bytes, secrets: Sequence[str] = ()) -> Iterator[str]:
    """Say what an entry tells that it should not; ``secrets`` may stand nowhere."""
    if kind in PUBLIC:
        return
    entry = json.loads(body)
    signed = entry.get("jws", [])
    letters = [signed] if isinstance(signed, str) else signed
    payloads: list[dict[str, Any]] = [json.loads(urlsafe_b64decode(each.split(".")[1] + "==")) for each in letters]
    text = json.dumps({**entry, "jws": payloads}, ensure_ascii=False)
    if strange := set(entry) - ENTRIES[kind] - {"kind", "v"}:
        yield f"{kind} has {sorted(strange)}"
    for payload in payloads:
        yield from _members(kind, payload)
    yield from _words(kind, text)
    yield from (f"{kind} has a secret" for secret in secrets if secret in body.decode() or secret in text)


def _members(kind: str, payload: dict[str, Any]) -> Iterator[str]:
    if strange := set(payload) - SIGNED.get(kind, set()):
        yield f"the signed {kind} has {sorted(strange)}"
    place = payload.get("place") or [0, 0]
    if any(type(part) is not int or abs(part) > most for part, most in zip(place, (9_000, 18_000), strict=True)):
        yield f"{kind} tells the place {place}"


def _words(kind: str, text: str) -> Iterator[str]:
    if re.search(r"[0-9]\.[0-9]", re.sub(r'"(?:at|from|until|observed_at|app|id|log)": "[^"]*"', "", text)):
        yield f"{kind} has a fraction"
    for name, form in FORMS.items():
        if kind != "network" and (match := form.search(text)):
            yield f"{kind} has {name}: {match[0]}"

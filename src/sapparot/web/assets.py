"""What the build made of the front end: one style sheet that goes into every page, and its scripts."""

from __future__ import annotations

import gzip
import json
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

from msgspec import Struct

BUILT = Path(__file__).parent / "static" / "built"
STATIC_URL = "/static/built/"
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}


class FrontendNotBuilt(RuntimeError):
    """The front end is not there; `make setup` builds it."""


class Assets(Struct, frozen=True):
    """The style sheet as text, and the addresses of the scripts: of every public page, and of the page that checks entries."""

    style: str
    public_script: str
    check_script: str


class PhoneAssets(Struct, frozen=True):
    """What the phone's app is made of: its style sheet as text, its scripts, its worker, and every file that it needs offline."""

    style: str
    app_script: str
    join_script: str
    first: tuple[str, ...]
    """Files that the first script imports at once: a page names them so that they come beside it."""
    files: tuple[str, ...]
    worker: str


def load_assets(built: Path = BUILT) -> Assets:
    """Read the manifest of the build. Raises FrontendNotBuilt when a part is missing."""
    try:
        manifest = json.loads((built / "manifest.json").read_text())
        style = (built / manifest["site.css"]).read_text()
        return Assets(style.strip(), STATIC_URL + manifest["public.ts"], STATIC_URL + manifest["check.ts"])
    except (OSError, KeyError) as error:
        raise FrontendNotBuilt(f"the front end is not built in {built}: run make setup") from error


def load_phone(built: Path = BUILT) -> PhoneAssets:
    """Read what the build made for the phone. Raises FrontendNotBuilt when a part is missing."""
    try:
        manifest = json.loads((built / "manifest.json").read_text())
        phone = manifest["phone"]
        return PhoneAssets(
            style=(built / manifest["app.css"]).read_text().strip(),
            app_script=STATIC_URL + manifest["app.ts"],
            join_script=STATIC_URL + manifest["join.ts"],
            first=tuple(STATIC_URL + name for name in phone["first"]),
            files=tuple(STATIC_URL + name for name in phone["files"]),
            worker=(built / manifest["worker.ts"]).read_text(),
        )
    except (OSError, KeyError) as error:
        raise FrontendNotBuilt(f"the front end is not built in {built}: run make setup") from error


def load_lead(built: Path = BUILT) -> Assets:
    """Read what the build made for the pages of those who lead. Raises FrontendNotBuilt when a part is missing."""
    try:
        manifest = json.loads((built / "manifest.json").read_text())
        style = (built / manifest["lead.css"]).read_text()
        return Assets(style.strip(), STATIC_URL + manifest["lead.ts"], "")
    except (OSError, KeyError) as error:
        raise FrontendNotBuilt(f"the front end is not built in {built}: run make setup") from error


def csp_hash(text: str) -> str:
    """Return the source expression that lets a page carry exactly this inline style (CSP Level 3)."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def content_security_policy(styles: list[str], images: str = "'self'") -> str:
    """Return the policy of a page with these inline style sheets: nothing from elsewhere, no inline script.

    Hashes instead of nonces, so that the same page is the same bytes and any cache may keep it.
    """
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src {' '.join(map(csp_hash, styles))}",
            "script-src 'self'",
            "connect-src 'self'",
            f"img-src {images}",
            "font-src 'self'",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


class StaticFile(Struct, frozen=True):
    """A file of the front end: its bytes, plain and (where that helps) compressed; `hashed` when its name changes with it."""

    body: bytes
    packed: bytes | None
    media_type: str
    hashed: bool


def load_static(directory: Path = BUILT.parent) -> dict[str, StaticFile]:
    """Read every file of the front end, by path below `/static/`. They are few and small, so they stay in memory."""
    found = {}
    for path in sorted(directory.rglob("*")):
        kind = MEDIA_TYPES.get(path.suffix)
        if kind is None or not path.is_file():
            continue
        body = path.read_bytes()
        packed = None if path.suffix == ".woff2" else gzip.compress(body, mtime=0)
        found[path.relative_to(directory).as_posix()] = StaticFile(body, packed, kind, path.parent.name == BUILT.name)
    return found

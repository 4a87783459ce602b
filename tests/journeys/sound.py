"""Pages that everybody can use: what axe-core calls serious and what does not fit a small phone, in both languages, light and dark.

A test that has a page in front of it asks :func:`faults`; one that has addresses calls :func:`pages_are_sound`.
"""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Page

from tests.people.cast import Browser

NARROW, DESK = 360, 1440
HEIGHT = 900
COLOURS = '{ runOnly: ["color-contrast", "link-in-text-block"] }'
GRAVE = f"""(colours) => axe.run(document, {{ resultTypes: ["violations"], ...(colours ? {COLOURS} : {{}}) }}).then((found) =>
  found.violations.filter((one) => ["serious", "critical"].includes(one.impact)).flatMap((one) =>
    one.nodes.slice(0, 3).map((node) => `${{one.id}}: ${{node.html.slice(0, 200)}} ${{node.failureSummary}}`)))"""
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


def faults(page: Page, axe: str, colours: bool = False) -> list[str]:
    """What is seriously wrong with the page as it stands: axe's words, and what sticks out of the screen.

    ``colours``: only what depends on them is looked at, on a page in which nothing else has changed.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe)
    grave: list[str] = page.evaluate(GRAVE, colours)
    wide = None if colours else page.evaluate(WIDE)
    return [*grave, wide] if wide else grave


def by_day_and_night(page: Page, axe: str) -> list[str]:
    """What is seriously wrong in light, and with the colours of the dark: nothing else differs (tests/web/test_colours.py)."""
    page.emulate_media(color_scheme="light")
    found = faults(page, axe)
    page.emulate_media(color_scheme="dark")
    return found + [f"dark: {fault}" for fault in faults(page, axe, colours=True)]


def pages_are_sound(page: Page, axe: str, base: str, *paths: str) -> None:
    """Open pages (paths without a language) in Thai and English, at phone and desk, light and dark; nothing serious may be wrong.

    ``base`` is the address of the doors. Everything that can be opened is opened.
    """
    wrong = []
    for path in paths:
        for lang in ("", "/en"):
            page.set_viewport_size({"width": NARROW, "height": HEIGHT})
            answer = page.goto(f"{base}{lang}{path}")
            assert answer is not None and answer.status < 500, f"{lang}{path}: {answer and answer.status}"
            for width in (NARROW, DESK):
                page.set_viewport_size({"width": width, "height": HEIGHT})
                page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
                wrong += [f"{lang}{path} at {width} px: {fault}" for fault in by_day_and_night(page, axe)]
    assert not wrong, "\n".join(wrong)

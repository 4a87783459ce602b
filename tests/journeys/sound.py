"""Pages that everybody can use: what axe-core calls serious and what does not fit a small phone, in both languages, light and dark.

A test that has a page in front of it asks :func:`faults`; one that has addresses calls :func:`pages_are_sound`.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page

from tests.people.cast import Browser

NARROW, DESK = 360, 1440
HEIGHT = 900
COLOURS = '{ runOnly: ["color-contrast", "link-in-text-block"] }'
LIGHT = """Object.fromEntries(axe._audit.rules.filter((one) => ["minor", "moderate"].includes(one.impact))
  .map((one) => [one.id, { enabled: false }]))"""
"""Leaves out the rules that find nothing serious: what a rule finds weighs as much as the rule."""
GRAVE = f"""([colours, every]) => axe
  .run(document, {{ resultTypes: ["violations"], ...(colours ? {COLOURS} : every ? {{}} : {{ rules: {LIGHT} }}) }})
  .then((found) => found.violations.filter((one) => every || ["serious", "critical"].includes(one.impact)).flatMap((one) =>
    one.nodes.slice(0, 3).map((node) => `${{one.id}}: ${{node.html.slice(0, 200)}} ${{node.failureSummary}}`)))"""
PUBLIC = "test_axe_finds_no_serious_fault_on_any_page"
HEADS = "test_every_page_of_a_head_can_be_used_by_everybody_full_and_empty"
ORGANISERS = "test_every_page_of_an_organiser_and_the_way_in_can_be_used_by_everybody"
TOLD = "test_an_announcement_reaches_the_outbox_and_the_app_and_nobody_of_another_network"
PAGES = {
    **dict.fromkeys(
        ("/", "/province/{code}", "/constituency/{code}", "/station/{code}", "/stations", "/check"), PUBLIC
    ),
    "/app": "test_no_screen_has_a_serious_fault_for_people_with_disabilities",
    "/join/": "test_who_has_not_joined_finds_pages_without_faults_as_well",
    "/sign-in": ORGANISERS,
    "/sign-in/with/{provider}/back": "test_an_account_elsewhere_is_linked_once_and_opens_from_then_on",
    "/me": "test_the_pages_of_signing_in_can_be_used_by_everybody",
    "/outbox": "test_a_code_comes_up_by_itself_and_the_page_can_be_used_by_everybody",
    "/head": "test_the_pages_of_a_head_can_be_used_by_everybody",
    "/organise/import/{file}": "test_five_thousand_people_are_brought_through_a_server_that_is_killed_in_the_middle",
    **dict.fromkeys(("/organise/announcements/{number}", "/organise/announcements/{number}/people"), TOLD),
}
"""The page of each door, and the test that puts it before axe; :func:`unseen` says whether it did."""
PAGES |= dict.fromkeys(
    (
        "/head/{area}", "/head/{area}/stations/{station}", "/head/{area}/stations/{station}/people", "/head/{area}/people",
        "/head/{area}/people/{person}", "/head/{area}/compare",
        "/head/{area}/announcements", "/head/{area}/announcements/{number}", "/head/{area}/announcements/{number}/people",
    ),
    HEADS,
)  # fmt: skip
PAGES |= dict.fromkeys(
    (
        "/organise", "/organise/roles", "/organise/network", "/organise/people", "/organise/people/{person}", "/organise/import",
        "/organise/invites", "/organise/invites/tree", "/organise/consents", "/organise/coverage", "/organise/plans",
        "/organise/plans/{number}", "/organise/announcements", "/organise/phones",
    ),
    ORGANISERS,
)  # fmt: skip
SEEN: set[str] = set()
"""Paths of the pages that were put before axe since a test began."""
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


def faults(page: Page, axe: str, colours: bool = False, every: bool = False) -> list[str]:
    """What is seriously wrong with the page as it stands: axe's words, and what sticks out of the screen.

    ``colours``: only what depends on them is looked at, on a page in which nothing else has changed. ``every``: not the serious alone.
    """
    SEEN.add(urlsplit(page.url).path)
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe)
    grave: list[str] = page.evaluate(GRAVE, [colours, every])
    wide = None if colours else page.evaluate(WIDE)
    return [*grave, wide] if wide else grave


def unseen(test: str) -> list[str]:
    """Doors whose page a test should have put before axe, and did not, in Thai or in English."""
    wanted = [door for door, by in PAGES.items() if by == test]
    paths = {door: re.sub(r"\{\w+\}", "[^/]+", door) + ("[^/]+" if door == "/join/" else "") for door in wanted}
    return [door for door in wanted if not any(re.fullmatch(f"(/en)?{paths[door]}", seen) for seen in SEEN)]


def by_day_and_night(page: Page, axe: str, every: bool = False) -> list[str]:
    """What is seriously wrong in light, and with the colours of the dark: nothing else differs (tests/web/test_colours.py)."""
    page.emulate_media(color_scheme="light")
    found = faults(page, axe, every=every)
    page.emulate_media(color_scheme="dark")
    return found + [f"dark: {fault}" for fault in faults(page, axe, colours=True, every=every)]


def pages_are_sound(page: Page, axe: str, base: str, *paths: str) -> None:
    """Open pages (paths without a language) in Thai and English, at phone and desk, light and dark; nothing serious may be wrong.

    ``base`` is the address of the doors. Everything that can be opened is opened. Both languages are one template: axe looks at Thai on
    the phone and at English on the desk, what is too wide is looked for in all four.
    """
    wrong = []
    for path in paths:
        for lang, looked_at in (("", NARROW), ("/en", DESK)):
            page.set_viewport_size({"width": NARROW, "height": HEIGHT})
            answer = page.goto(f"{base}{lang}{path}")
            assert answer is not None and answer.status < 500, f"{lang}{path}: {answer and answer.status}"
            page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
            for width in (NARROW, DESK):
                page.set_viewport_size({"width": width, "height": HEIGHT})
                found = by_day_and_night(page, axe) if width == looked_at else [page.evaluate(WIDE)]
                wrong += [f"{lang}{path} at {width} px: {fault}" for fault in found if fault]
    assert not wrong, "\n".join(wrong)

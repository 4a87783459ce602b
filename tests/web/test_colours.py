"""Party colours stay readable whatever data bring."""

import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from sapparot.base.text import Text
from sapparot.contests import Party
from sapparot.web.public.colours import GRAPHIC, NEUTRAL, NIGHT, PAPER, contrast, palette, text_on, usable, visible_on

colours = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")


@given(colours)
def test_text_on_a_party_colour_can_be_read(colour: str) -> None:
    assert contrast(text_on(colour), colour) >= 4.5


@given(colours, st.sampled_from([PAPER, NIGHT]))
def test_lines_in_a_party_colour_can_be_seen_by_day_and_by_night(colour: str, page: str) -> None:
    assert contrast(visible_on(colour, page), page) >= GRAPHIC


@given(colours)
def test_a_colour_that_can_be_seen_is_left_alone(colour: str) -> None:
    if contrast(colour, PAPER) >= GRAPHIC:
        assert visible_on(colour, PAPER) == colour


@given(st.text())
def test_what_is_no_colour_becomes_grey(text: str) -> None:
    assert usable(text) == NEUTRAL or len(usable(text)) == 7


def test_black_on_white_has_the_contrast_that_wcag_says() -> None:
    assert round(contrast("#000000", "#ffffff"), 2) == 21.0
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48


def test_the_palette_names_parties_by_their_place() -> None:
    parties = [
        Party("a", 1, Text("ก", "A"), Text("ก", "A"), "#f47933"),
        Party("b", 2, Text("ข", "B"), Text("ข", "B"), "#FFF"),
    ]
    sheet = palette(parties)
    assert ".p-0{--c:#f47933;" in sheet
    assert f".p-1{{--c:{NEUTRAL};" in sheet


DARK = re.compile(r"@media[^{]*prefers-color-scheme[^{]*\{((?:[^{}]*\{[^{}]*\})*)[^{}]*\}")
STYLES = Path(__file__).parents[2] / "src/sapparot/web/frontend/styles"


def not_colours(css: str) -> list[str]:
    """What style sheets change in the dark besides colours."""
    said = [one.strip() for block in DARK.findall(css) for one in re.findall(r"[{;]([^{};]+:[^{};]+)", block)]
    return [one for one in said if not re.fullmatch(r"(--[\w-]+|color|background|fill|stroke): ?#[0-9a-f]{3,8}", one)]


def test_a_page_differs_by_night_in_colours_only_so_that_only_they_are_looked_at_again() -> None:
    css = "".join(path.read_text() for path in sorted(STYLES.rglob("*.css")))
    assert len(DARK.findall(css)) == css.count("prefers-color-scheme") > 1 and not_colours(css) == []
    sheet = palette([Party("a", 1, Text("ก", "A"), Text("ก", "A"), "#000033")])
    assert len(DARK.findall(sheet)) == 1 and not_colours(sheet) == []
    assert not_colours("@media (prefers-color-scheme:dark){p{color:#fff;display:none}}") == ["display:none"]

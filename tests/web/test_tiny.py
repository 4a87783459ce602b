"""Elections of a few constituencies, or of one, with provinces and without: each has all of its pages and says nothing of what it lacks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from sapparot.contests import assemble, define, read_folder
from sapparot.publish.facts import SnapshotMeta
from sapparot.publish.render import Renderer
from sapparot.tally import Tally
from sapparot.web.public.hexgrid import Hex
from sapparot.web.public.mapdraw import NARROWEST, _draw
from tests.web.conftest import Ask
from tests.web.evenings import DATA, Evening

FIRST, ALL = ("01-01",), ("01-01", "01-02", "02-01")
META = SnapshotMeta(n=1, size=9, root="4f" * 32, at="2026-03-01T13:14:32.000000Z", full=True, previous=None)


def tables(kept: tuple[str, ...], *, provinces: bool) -> Iterator[tuple[str, bytes]]:
    """Give the small election with these constituencies alone."""
    for name, data in read_folder(DATA / "small").items():
        lines = data.decode().splitlines(keepends=True)
        if name in ("areas.csv", "stations.csv", "options.csv"):
            gone = [code for code in ALL if code not in kept]
            lines = [line for line in lines if not any(re.search(rf"(^|,){code}[-,]", line) for code in gone)]
        if name == "areas.csv":
            lines = [re.sub(r"^(SM|0\d)(,\w+,.*),\d+,\d+$", r"\1\2,,", line) for line in lines]
            lines = [
                line for line in lines if "province" not in line or (provinces and line[:2] in {c[:2] for c in kept})
            ]
            if not provinces:
                lines = [re.sub(r"constituency,0\d", "constituency,SM", line) for line in lines]
        yield name, "".join(lines).encode()


def begun(kept: tuple[str, ...], *, provinces: bool) -> Evening:
    """Give the first snapshot of such an election."""
    entries = define(dict(tables(kept, provinces=provinces)))
    tally = Tally()
    tally.apply_many([(position, kind, body) for position, (kind, body) in enumerate(entries)])
    renderer = Renderer(assemble([body for _, body in entries]))
    return Evening(renderer.definition, renderer.render(tally.result(), META))


@pytest.mark.parametrize(("kept", "provinces"), [(FIRST, True), (FIRST, False), (ALL, False), (ALL, True)])
def test_every_link_of_a_tiny_election_leads_to_a_page(ask: Ask, kept: tuple[str, ...], provinces: bool) -> None:
    client, seen = ask(begun(kept, provinces=provinces)), set[str]()
    waiting = ["/", "/stations?q=0", "/stations?q=SM", "/station/01-01-010111-001"]
    while waiting:
        path = waiting.pop()
        page = client.get(path)
        assert page.status_code == 200, path
        seen.add(path)
        found = re.findall(r'href="(/(?:province|constituency|station|stations)[^"#]*)', page.text)
        waiting += [link for link in set(found) - seen if link not in waiting]
    assert {f"/constituency/{code}" for code in kept} <= seen
    assert any(path.startswith("/province/") for path in seen) == (provinces and kept == ALL)
    country = client.get("/en").text
    assert ("By province" in country) == (provinces and kept == ALL)
    assert ("The constituency is not decided" in country) == (kept == FIRST)


@pytest.mark.parametrize(
    ("kept", "provinces", "level"),
    [(ALL, True, "province"), (ALL, False, "constituency"), (FIRST, True, "subdistrict")],
)
def test_the_file_of_provinces_lists_the_country_and_the_largest_areas_of_which_there_are_several(
    kept: tuple[str, ...], provinces: bool, level: str
) -> None:
    files = {name: json.loads(data) for name, data in begun(kept, provinces=provinces).files.items() if "json" in name}
    told = files["provinces.json"]
    country, *others = [area["kind"] for area in told["areas"]]
    assert (country, set(others), told["level"]) == ("country", {level}, level) and len(others) > 1
    assert {ballot["bias_level"] for ballot in files["coverage.json"]["ballots"]} == {level}


def test_few_hexagons_are_drawn_no_larger_than_many() -> None:
    cells: dict[str, Hex] = {"a": (0, 0), "b": (1, 0)}
    left, _, width, _ = map(int, _draw(cells, dict.fromkeys(cells.values(), 0)).box.split())
    spots = _draw(cells, {}).spots
    assert width == NARROWEST and abs((spots["a"][0] + spots["b"][0]) / 2 - (left + width / 2)) <= 1

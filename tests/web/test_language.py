"""Words, numbers and dates in both languages."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from sapparot.web.language import (
    CATALOGUES,
    basis,
    filters,
    language_of,
    long_date,
    number,
    path_in,
    percent,
)
from sapparot.web.render import TEMPLATES

OPTIONS = {"**.html": {"extensions": "jinja2.ext.i18n", "newstyle_gettext": "true"}}


def test_every_text_of_the_templates_has_its_thai_and_no_thai_is_left_over() -> None:
    found = extract_from_dir(TEMPLATES, [("**.html", "jinja2.ext:babel_extract")], OPTIONS)
    wanted = {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found}
    with (CATALOGUES / "th.po").open("rb") as source:
        catalogue = read_po(source, locale="th")
    texts = {entry.id if isinstance(entry.id, str) else entry.id[0]: entry for entry in catalogue if entry.id}
    assert wanted - texts.keys() == set(), "not in translations/th.po"
    assert texts.keys() - wanted == set(), "no longer said by any template"
    for key, entry in texts.items():
        said = entry.string if isinstance(entry.string, str) else (entry.string or [""])[0]
        assert said, f"no Thai for {key!r}"
        assert not list(entry.check(catalogue)), f"other places than in the English of {key!r}"


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [(1, 3, "33.3%"), (9_999, 10_000, "99.9%"), (3, 3, "100.0%"), (0, 7, "0.0%"), (0, 0, "–")],
)
def test_a_share_is_rounded_down_so_that_all_means_all(part: int, whole: int, said: str) -> None:
    assert percent(part, whole) == said


def test_numbers_are_written_with_separators_and_a_dash_for_nothing() -> None:
    assert number(1_234_567) == "1,234,567"
    assert number(None) == "–"
    assert basis(None) == "–"
    assert basis(6_239) == "62.3%"
    assert number(10**400) == "≥ 10^15"


def test_days_are_of_the_buddhist_era_in_thai() -> None:
    assert long_date(date(2023, 5, 14), "th") == "วันอาทิตย์ 14 พฤษภาคม 2566"
    assert long_date(date(2023, 5, 14), "en") == "Sunday 14 May 2023"


def test_after_midnight_the_time_of_a_snapshot_stands_with_its_date() -> None:
    bangkok, polling_day = ZoneInfo("Asia/Bangkok"), date(2023, 5, 14)
    before, after = datetime(2023, 5, 14, 16, 59, 59, tzinfo=UTC), datetime(2023, 5, 14, 17, 0, 1, tzinfo=UTC)
    assert filters("th", bangkok)["asof"](before, polling_day) == "23:59:59 น."
    assert filters("en", bangkok)["asof"](before, polling_day) == "23:59:59"
    assert filters("th", bangkok)["asof"](after, polling_day) == "15 พ.ค. 00:00:01 น."
    assert filters("en", bangkok)["asof"](after, polling_day) == "15 May 00:00:01"
    assert filters("en", bangkok)["asof"](after, date(2022, 5, 14)) == "15 May 2023 00:00:01"


@pytest.mark.parametrize(
    ("zone", "thai", "english", "machine"),
    [
        ("Asia/Bangkok", "00:30:05 น.", "15 May 2023 00:30:05", "2023-05-15T00:30:05+07:00"),
        ("America/Sao_Paulo", "14:30:05 น.", "14 May 2023 14:30:05", "2023-05-14T14:30:05-03:00"),
    ],
)
def test_times_are_those_of_the_zone_that_is_set(zone: str, thai: str, english: str, machine: str) -> None:
    moment, there = datetime(2023, 5, 14, 17, 30, 5, tzinfo=UTC), ZoneInfo(zone)
    assert filters("th", there)["clock"](moment) == thai
    assert filters("en", there)["moment"](moment) == english
    assert filters("en", there)["isotime"](moment) == machine


@pytest.mark.parametrize("path", ["/", "/check", "/station/10-01-100101-001", "/english", "/en-route"])
def test_a_path_in_a_language_leads_back_to_itself(path: str) -> None:
    assert language_of(path_in("en", path)) == ("en", path)
    assert language_of(path_in("th", path)) == ("th", path)

"""The story of a sheet, told from the entries of the log."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from sapparot.base import canonical
from sapparot.base.clock import unstamp
from sapparot.base.jws import SigningKey
from sapparot.web.public.stations import comparison
from sapparot.web.public.trail import LoggedEntry, Trail, photographs_of, signed_by, story
from tests.web.sheets import COPY, PHOTO, Log, disputed_station, figures

STATION = "01-01-010111-001"


def told(log: Log, sheet: str) -> Trail:
    return Trail(sheet, log.entries[sheet], log.reporters, {PHOTO: COPY})


def test_a_disputed_sheet_shows_its_state_its_reason_and_every_report() -> None:
    log = Log()
    disputed_station(log, STATION, [212, 35, 18, 4], [220, 40])
    found = story(told(log, f"{STATION}/constituency"))
    assert (found.state, found.layer) == ("disputed", "live")
    assert found.reason is not None and found.reason.en == "Sources differ"
    assert [one.stage for one in found.told] == ["progress", "final", "final"]
    assert [one.agrees for one in found.told] == [None, False, False]
    assert [remark.grave for remark in found.told[2].remarks] == [True]
    assert [step.state for one in found.told for step in one.steps] == ["live", "reported", "disputed"]
    assert [shot.published for shot in found.told[1].photographs] == [COPY, None]


def test_sources_that_differ_stand_side_by_side_and_only_where_they_differ() -> None:
    log = Log()
    disputed_station(log, STATION, [212, 35, 18, 4], [220, 40])
    side_by_side = comparison(story(told(log, f"{STATION}/constituency")).told)
    assert side_by_side is not None
    assert dict(side_by_side.rows) == {"1": (212, 293), "valid": (269, 350), "ballots_cast": (284, 365)}
    assert comparison(story(told(log, f"{STATION}/list")).told) is None


def test_what_does_not_count_stands_beside_nothing() -> None:
    log, sheet = Log(), f"{STATION}/list"
    log.report(sheet, "vote62", "2023-05-14T12:00:00Z", figures([220, 40]))
    cause = log.report(sheet, "teachers", "2023-05-14T12:30:00Z", figures([1, 259]), stage="official")
    assert comparison(story(told(log, sheet)).told) is not None
    log.finding(sheet, cause, "stage_is_allowed", "note", stage="official", level=1, needed=2)
    found = story(told(log, sheet)).told
    assert comparison(found) is None
    assert "may not report" in found[1].remarks[0].text.en


def test_agreeing_reports_say_so() -> None:
    log = Log()
    disputed_station(log, STATION, [212, 35, 18, 4], [220, 40])
    assert [one.agrees for one in story(told(log, f"{STATION}/list")).told] == [True, True]


def test_a_report_of_a_device_that_nobody_enrolled_has_no_network() -> None:
    log = Log()
    log.report("s/list", "vote62", "2023-05-14T12:00:00Z", figures([1, 2]))
    found = story(Trail("s/list", log.entries["s/list"]))
    assert [one.reporter for one in found.told] == [None]


def test_a_decision_is_told_with_its_reason_and_the_people_behind_it() -> None:
    log = Log()
    reason = {"th": "อ่านจากภาพ", "en": "Read from the photograph"}
    said = {"v": 1, "sheet": "s/list", "at": "2023-05-14T15:00:00Z", "use": 4, "reason": reason}
    keys = [SigningKey.from_secret("EdDSA", name * 32) for name in (b"k", b"m")]
    signed = [key.sign(canonical.encode(said), "sapparot-decision+jwt") for key in keys]
    log.add("s/list", "decision", {"at": "2023-05-14T15:00:02Z", "jws": signed})
    (one,) = story(Trail("s/list", log.entries["s/list"])).told
    assert (one.stage, one.pseudonym) == ("decision", ", ".join(sorted(key.kid[:8] for key in keys)))
    assert one.reason is not None and one.reason.en == "Read from the photograph"


def test_a_rule_that_this_page_does_not_know_is_named_at_least() -> None:
    log = Log()
    cause = log.report("s/list", "vote62", "2023-05-14T12:00:00Z", figures([1]))
    log.finding("s/list", cause, "stars_are_aligned", "note")
    (one,) = story(Trail("s/list", log.entries["s/list"])).told
    assert [remark.text.en for remark in one.remarks] == ["stars_are_aligned"]


kinds = st.sampled_from(["report", "reading", "move", "finding", "decision", "evidence"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
bodies = (
    st.binary()
    | values.map(msgspec.json.encode)
    | st.fixed_dictionaries(
        {"jws": st.text(), "at": st.text() | st.just("2023-05-14T12:00:00Z"), "rule": st.text(), "cause": st.integers()}
    ).map(msgspec.json.encode)
)


@given(st.lists(st.tuples(kinds, bodies)))
def test_whatever_stands_in_the_log_the_story_can_be_told(entries: list[tuple[str, bytes]]) -> None:
    trail = Trail("s/list", [LoggedEntry(position, kind, body) for position, (kind, body) in enumerate(entries)])
    assert len(story(trail).told) <= len(entries)
    signed_by(trail.entries)
    photographs_of(trail.entries)


def test_a_small_copy_stands_for_its_original_until_that_has_come() -> None:
    small, there = "12" * 32, "34" * 32
    log = Log()
    shown = [{"role": "form", "page": 1, "sha256": PHOTO, "small": small}, {"role": "board", "small": 7}]
    log.report("s/list", "vote62", "2023-05-14T12:00:00Z", figures([1, 2]), evidence=shown)
    assert photographs_of(log.entries["s/list"]) == {PHOTO, small}
    shots = []
    keeping: tuple[dict[str, str | None], ...] = (
        {}, {small: there}, {small: there, PHOTO: COPY}, {small: there, PHOTO: None}, {small: None}, {small: None, PHOTO: COPY},
    )  # fmt: skip
    for kept in keeping:
        shots.append(story(Trail("s/list", log.entries["s/list"], {}, kept)).told[0].photographs)
    assert [len(one) for one in shots] == [2] * len(keeping)
    shown_as = [(one[0].published, one[0].small, one[0].removed) for one in shots]
    assert shown_as[:3] == [(None, False, False), (there, True, False), (COPY, False, False)]
    assert shown_as[3:] == [(None, False, True), (None, False, True), (COPY, False, False)]


def test_what_a_revoked_device_said_is_told_not_to_count_and_the_revocation_stands_in_the_story() -> None:
    log, sheet = Log(), f"{STATION}/list"
    first = log.report(sheet, "vote62", "2023-05-14T12:00:00Z", figures([220, 40]))
    log.move(sheet, first, ("empty", "reported", "reported"), "first_final", figures([220, 40]))
    (kid,) = log.reporters
    log.reporters[kid] = msgspec.structs.replace(log.reporters[kid], revoked=unstamp("2023-05-14T12:00:00Z"))
    log.report(sheet, "teachers", "2023-05-14T12:30:00Z", figures([1, 259]))
    key = SigningKey.from_secret("EdDSA", b"k" * 32)
    revoked = log.add(sheet, "revocation", {"jws": key.sign(canonical.encode({"kid": kid}), "x")})
    log.move(sheet, revoked, ("reported", "empty", "none"), "nothing_stands", None)
    found = story(told(log, sheet)).told
    assert [(one.stage, one.withdrawn) for one in found] == [("final", True), ("final", False), ("revocation", False)]
    assert found[2].pseudonym == kid[:8] and [step.state for step in found[2].steps] == ["empty"]
    assert comparison(found) is None


def test_a_revocation_that_cannot_be_read_is_told_as_one() -> None:
    log, sheet = Log(), f"{STATION}/list"
    for body in ({}, {"jws": "a.b.c"}, {"jws": 7}):
        log.add(sheet, "revocation", body)
    assert [one.stage for one in story(told(log, sheet)).told] == ["revocation"] * 3

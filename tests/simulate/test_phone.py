"""What phones write: real reports under real signatures, the same bytes every time."""

from __future__ import annotations

import hashlib
import io
import uuid
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sapparot.base import canonical
from sapparot.base.jws import MalformedJws, PublicKey, parse
from sapparot.simulate.evening import NONE, Slip, Stage, Trick
from sapparot.simulate.mix import Mix
from sapparot.simulate.phone import REPORT_TYPE, Occurrence
from tests.simulate.conftest import THAILAND, Night, drawn


def rows(night: Night, **wanted: int) -> list[int]:
    """Rows of events with these members."""
    events = night.events
    return np.flatnonzero(np.logical_and.reduce([events[name] == value for name, value in wanted.items()])).tolist()


def payload(line: bytes) -> dict[str, object]:
    """The payload of a line."""
    return dict(canonical.decode(parse(line).payload))


ORDINARY = {"slip": Slip.NOTHING, "trick": Trick.NOTHING, "again": NONE, "photo": 0}


def test_a_final_tells_the_truth_in_canonical_json_under_the_devices_key(thailand: Night) -> None:
    truth = thailand.truth
    for row in rows(thailand, stage=Stage.FINAL, **ORDINARY)[:50]:
        line, _ = thailand.phones.line(row)
        jws, told = parse(line), payload(line)
        device, sheet = int(thailand.events["device"][row]), int(thailand.events["sheet"][row])
        key = thailand.phones.key(device)
        assert PublicKey.from_jwk(key.jwk).verify(jws)
        assert (jws.header.kid, jws.header.typ) == (key.kid, REPORT_TYPE)
        assert jws.payload == canonical.encode(told)
        station, ballot = divmod(sheet, 2)
        options = truth.contests[int(truth.contest[ballot, station])]
        votes = truth.votes[ballot][station, : len(options)].tolist()
        assert told["votes"] == {str(option.number): count for option, count in zip(options, votes, strict=True)}
        assert told["sheet"] == truth.sheet_key(sheet)
        figures = [told[name] for name in ("valid", "spoiled", "no_vote")]
        assert [sum(votes), truth.spoiled[ballot, station], truth.no_vote[ballot, station]] == figures
        assert told["ballots_cast"] == sum(figures)  # type: ignore[arg-type]


def test_a_report_has_the_same_bytes_again(thailand: Night) -> None:
    for row in rows(thailand, stage=Stage.PROGRESS)[:20]:
        assert thailand.phones.line(row) == thailand.phones.line(row)


def test_a_report_that_is_sent_again_is_the_earlier_one(thailand: Night) -> None:
    row = int(np.flatnonzero(thailand.events["again"] != NONE)[0])
    original = int(thailand.events["again"][row])
    assert thailand.phones.line(row)[0] == thailand.phones.line(original)[0]


def test_ids_are_unique_and_carry_the_phones_time(thailand: Night) -> None:
    ids = [uuid.UUID(thailand.phones.report_id(row)) for row in range(2000)]
    assert len(set(ids)) == 2000
    assert {(one.version, one.variant) for one in ids} == {(7, uuid.RFC_4122)}
    row = rows(thailand, **ORDINARY)[0]
    device = int(thailand.events["device"][row])
    made = float(thailand.events["made"][row]) + int(thailand.crew.clock_off[device])
    assert ids[row].int >> 80 == int(made * 1000)
    told = payload(thailand.phones.line(row)[0])
    assert datetime.fromisoformat(str(told["observed_at"])).timestamp() == int(made)


def test_a_correction_names_what_it_replaces(thailand: Night) -> None:
    row = int(np.flatnonzero((thailand.events["replaces"] != NONE) & (thailand.events["again"] == NONE))[0])
    told = payload(thailand.phones.line(row)[0])
    replaced = payload(thailand.phones.line(int(thailand.events["replaces"][row]))[0])
    assert told["replaces"] == replaced["id"]
    assert told["sheet"] == replaced["sheet"]


def test_progress_grows_into_the_final(thailand: Night) -> None:
    events = thailand.events
    row = rows(thailand, stage=Stage.PROGRESS, **ORDINARY)[0]
    same = (events["sheet"] == events["sheet"][row]) & (events["device"] == events["device"][row])
    final = int(np.flatnonzero(same & (events["stage"] == Stage.FINAL) & (events["slip"] == Slip.NOTHING))[0])
    before, after = payload(thailand.phones.line(row)[0]), payload(thailand.phones.line(final)[0])
    assert all(count <= after["votes"][number] for number, count in before["votes"].items())  # type: ignore[index,attr-defined]
    assert before["valid"] == sum(before["votes"].values())  # type: ignore[attr-defined]


def test_plotters_tell_the_same_lie_about_a_sheet(tmp_path: Path) -> None:
    thailand = drawn(tmp_path, THAILAND, scale=0.02, mix=Mix(plot_provinces=40, plot_both_permille=1000))
    crew, events = thailand.crew, thailand.events
    lying = crew.lies_for[events["device"]] >= 0
    own = (events["trick"] < Trick.FORGED) & (events["again"] == NONE)
    finals = np.flatnonzero(lying & own & (events["stage"] == Stage.FINAL))
    sheets, counts = np.unique(events["sheet"][finals], return_counts=True)
    shared = finals[events["sheet"][finals] == sheets[counts == 2][0]]
    one, other = (thailand.phones.counted(Occurrence(*events[row].item())) for row in shared)
    assert one == other
    assert sum(count or 0 for count in one.votes) == one.valid


@pytest.mark.parametrize("trick", [Trick.FORGED, Trick.STRANGER])
def test_unwanted_reports_do_not_verify_under_an_enrolled_key(thailand: Night, trick: Trick) -> None:
    for row in rows(thailand, trick=trick):
        jws = parse(thailand.phones.line(row)[0])
        key = thailand.phones.key(int(thailand.events["device"][row]))
        assert (jws.header.kid == key.kid) == (trick == Trick.FORGED)
        assert not key.public().verify(jws)


def test_garbage_is_no_report(thailand: Night) -> None:
    for row in rows(thailand, trick=Trick.GARBAGE):
        with pytest.raises(MalformedJws):
            parse(thailand.phones.line(row)[0])


def test_an_enrolment_carries_the_key_that_signed_it(thailand: Night) -> None:
    jws = parse(thailand.phones.enrolment(3, "code"))
    assert jws.header.jwk is not None
    assert PublicKey.from_jwk(jws.header.jwk).verify(jws)
    assert jws.payload == b'{"invite":"code","v":1}'


def test_a_photograph_is_named_by_the_report_that_it_belongs_to(thailand: Night) -> None:
    row = rows(thailand, photo=1, again=NONE, trick=Trick.NOTHING)[0]
    line, photo = thailand.phones.line(row)
    assert photo is not None
    with Image.open(io.BytesIO(photo)) as image:
        assert image.format == "JPEG"
    evidence = payload(line)["evidence"]
    assert evidence == [{"page": 1, "role": "form", "sha256": hashlib.sha256(photo).hexdigest()}]
    assert thailand.phones.line(row)[1] == photo

"""Who may sign what, and what an audit says about the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from sapparot.audit.command import audit
from sapparot.audit.facts import AuditReport, Plan
from sapparot.base import canonical
from sapparot.base.jws import SigningKey, b64
from sapparot.ledger.notes import NoteSigner
from sapparot.verify.letters import ENROLMENT_TYPE, REPORT_TYPE
from tests.audit.attacks import at
from tests.audit.town import Statement, honest, kept, note_of, statements, write
from tests.verify.cast import OTHER_VOTES, SHEET, VOTES, Evening, final, jws, key_of, kid, minutes

P256 = SigningKey.from_secret("ES256", b"a phone with a P-256 key".ljust(32, b"."))
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def audited(said: list[Statement] | tuple[Statement, ...], tmp_path: Path, **members: object) -> AuditReport:
    write(kept(said), tmp_path / "copy")
    plan = Plan(source=str(tmp_path / "copy"), state=tmp_path / "state.json", processes=1, **members)  # type: ignore[arg-type]
    return audit(plan, lambda stage, done, total: None)


def before_reports(*entries: Statement) -> list[Statement]:
    said = list(statements())
    first = at("report", said, 0)
    return [*said[:first], *entries, *said[first:]]


def entry(kind: str, **members: object) -> Statement:
    return kind, canonical.encode({"kind": kind, "v": 1} | members)


def codes(report: AuditReport, *grades: str) -> set[str]:
    return {finding.code for finding in report.findings if finding.grade in (grades or ("fails", "gap"))}


def enrolment(key: SigningKey, signer: str, *, signed: bool = True, **members: object) -> Statement:
    said = {
        "v": 1, "kid": key.kid, "key": key.jwk, "network": "sao", "level": 1,
        "from": "2026-02-01T00:00:00Z", "until": "2026-04-01T00:00:00Z",
    } | members  # fmt: skip
    return entry("enrolment", jws=jws(signer, ENROLMENT_TYPE, said, signed=signed))


def report(key: SigningKey, jws_text: str | None = None) -> Statement:
    said = {"v": 1, "id": "p256", "election": "small", "sheet": SHEET, "stage": "final", **final()}
    return entry("report", at=minutes(15), jws=jws_text or key.sign(canonical.encode(said), REPORT_TYPE))


def test_a_phone_with_a_p256_key_is_believed(tmp_path: Path) -> None:
    assert codes(audited(before_reports(enrolment(P256, "sao"), report(P256)), tmp_path)) == set()


def test_a_replay_under_another_writing_of_the_signature_is_a_replay(tmp_path: Path) -> None:
    """An ECDSA signature can be rewritten by anyone into a second one that is valid too."""
    one = report(P256)
    text = canonical.decode(one[1])["jws"]
    head = text.rpartition(".")[0]
    signature = P256.raw_sign(head.encode())
    other = signature[:32] + (ORDER - int.from_bytes(signature[32:], "big")).to_bytes(32, "big")
    again = report(P256, f"{head}.{b64(other)}")
    assert again != one
    assert codes(audited(before_reports(enrolment(P256, "sao"), one, again), tmp_path)) == {"report.replayed"}


def test_heads_of_one_area_and_people_with_two_phones_are_recounted_as_they_were_counted(tmp_path: Path) -> None:
    """What stands in the log of official figures and decisions follows from the entries alone, areas and persons included."""
    evening = Evening(signed=True)
    evening.enrol("near", network="rajabhat", level=2, areas=["01-01"])
    evening.enrol("far", network="democrat", level=2, areas=["02-01"])
    evening.enrol("civil", network="vote62", level=2, areas=["01-01"])
    evening.enrol("second", network="media", level=3, same=kid("wari"))
    evening.report("somchai")
    evening.report("wichai", final(OTHER_VOTES))
    for name, first in (("near", 212), ("far", 9), ("civil", 213)):
        evening.report(name, final(VOTES | {"1": first}), stage="official")
    evening.decide("wari", "second", figures=final())
    evening.decide("second", "anan", figures=final(), after=250)
    assert {"official_from_own_area", "officials_agree", "decision_is_allowed"} <= set(evening.rules())
    assert evening.standing().state == "settled"
    said = [(kind, body) for _, kind, body in evening.entries]
    assert codes(audited(said, tmp_path)) == set()


@pytest.mark.parametrize(
    ("forged", "code"),
    [
        (enrolment(P256, "sao", signed=False), "enrolment.signature"),
        (enrolment(P256, "pao"), "enrolment.signature"),
        (enrolment(P256, "nobody", network="nobody"), "enrolment.network"),
        (enrolment(P256, "sao", kid=kid("somchai")), "enrolment.key"),
        (enrolment(P256, "sao", same=kid("malee")), "enrolment.same"),
        (enrolment(P256, "sao", same=P256.kid), "enrolment.same"),
        (entry("enrolment", jws="a.b.c"), "entry.unreadable"),
        (entry("network", id="new", key={"kty": "none"}), "entry.unreadable"),
        (entry("promise_key", key=P256.jwk, log="example.org/other"), "promise_key.other_log"),
        (entry("report", at=minutes(15), jws="a.b.c"), "entry.unreadable"),
        (entry("report", at=minutes(15)), "entry.unreadable"),
        (("report", b'{"kind":"report", "v":1}'), "entry.unreadable"),
        (("report", b'{"kind":"report","kind":"move","v":1}'), "entry.unreadable"),
        (("report", b"\xff\xfe"), "entry.unreadable"),
        (("report", b"[" * 5000), "entry.unreadable"),
        (("report", b"[]"), "entry.unreadable"),
        (entry("decision", at=minutes(250), jws=[]), "entry.unreadable"),
    ],
)
def test_what_is_not_signed_as_it_should_be_is_found(forged: Statement, code: str, tmp_path: Path) -> None:
    assert code in codes(audited(before_reports(forged), tmp_path))


def test_a_decision_by_somebody_of_another_level_is_found(tmp_path: Path) -> None:
    evening = Evening(defined=False)
    evening.decide("somchai", "malee", after=245, figures=final())
    _, kind, body = evening.entries[0]
    assert codes(audited([*statements(), (kind, body)], tmp_path)) == {"decision.signature"}


def test_a_report_before_the_enrolment_of_its_device_is_found(tmp_path: Path) -> None:
    assert "report.unenrolled" in codes(audited(before_reports(report(P256), enrolment(P256, "sao")), tmp_path))


def test_a_report_after_its_device_was_revoked_is_a_note(tmp_path: Path) -> None:
    evening = Evening(defined=False, signed=True)
    evening.revoke("somchai", 10)
    said = audited(before_reports(evening.entries[0][1:]), tmp_path)
    assert said.verdict == "holds" and "report.after_revocation" in codes(said, "note")


def test_a_revocation_under_a_key_that_was_replaced_is_void_and_no_report_is_said_not_to_count(tmp_path: Path) -> None:
    evening = Evening(defined=False, signed=True)
    evening.revoke("somchai", 10)
    rekeyed = entry("network", id="sao", key=key_of("new sao").jwk)
    said = audited(before_reports(rekeyed, evening.entries[0][1:]), tmp_path)
    assert said.verdict == "holds" and "enrolment.old_key" in codes(said, "note")
    assert "report.after_revocation" not in codes(said, "note")


def test_a_second_revocation_of_an_earlier_time_does_not_hide_the_first(tmp_path: Path) -> None:
    evening = Evening(defined=False, signed=True)
    evening.revoke("somchai", 10)
    evening.revoke("somchai", 5)
    first, second = ((kind, body) for _, kind, body in evening.entries)
    said = audited([*before_reports(first), second], tmp_path)
    assert said.verdict == "holds" and "report.after_revocation" in codes(said, "note")


def test_a_network_that_takes_a_new_key_is_a_note_and_signs_with_it(tmp_path: Path) -> None:
    rekeyed = entry("network", id="sao", key=key_of("new sao").jwk)
    said = audited(before_reports(rekeyed, enrolment(P256, "new sao"), report(P256)), tmp_path)
    assert said.verdict == "holds" and "network.rekeyed" in codes(said, "note")
    old = audited(before_reports(rekeyed, enrolment(P256, "sao")), tmp_path / "old")
    assert old.verdict == "holds" and "enrolment.old_key" in codes(old, "note"), "void by the rules: it enrols nobody"


OTHER = SigningKey.from_secret("ES256", b"another phone".ljust(32, b"."))
NEW_SAO, NEW_PAO = (entry("network", id=name, key=key_of(f"new {name}").jwk) for name in ("sao", "pao"))


@pytest.mark.parametrize(
    ("said", "reasons", "found"),
    [
        (
            [NEW_SAO, enrolment(P256, "sao", level=3), enrolment(OTHER, "new sao", level=3, same=P256.kid)],
            ["network", "same"], {"enrolment.same"},
        ),
        (
            [
                *(NEW_SAO, enrolment(P256, "sao", level=3), enrolment(P256, "new sao", level=3)),
                enrolment(OTHER, "new sao", level=3, same=P256.kid),
            ],
            ["network"], set(),
        ),
        (
            [
                *(NEW_PAO, enrolment(P256, "pao", network="pao"), enrolment(P256, "sao", level=3)),
                enrolment(OTHER, "sao", level=3, same=P256.kid),
            ],
            ["network"], set(),
        ),
        (
            [
                *(enrolment(P256, "sao"), enrolment(OTHER, "sao", same=P256.kid)),
                enrolment(OTHER, "sao", same=kid("somchai")),
            ],
            ["same"], {"enrolment.same"},
        ),
    ],
    ids=["first is void", "first is void and said again", "void by another network", "of two persons"],
)  # fmt: skip
def test_the_audit_and_the_count_say_the_same_of_devices_of_one_person(
    said: list[Statement], reasons: list[str], found: set[str], tmp_path: Path
) -> None:
    whole = before_reports(*said)
    findings = [canonical.decode(body) for kind, body in kept(whole).log if kind == "finding"]
    objections = [each["values"]["reason"] for each in findings if each["rule"] == "enrolment_is_authentic"]
    assert objections == reasons
    assert codes(audited(whole, tmp_path)) == found


def test_a_copy_that_brings_its_own_key_is_held_to_the_one_that_is_known(tmp_path: Path) -> None:
    forger = NoteSigner("example.org/log", b"f" * 32)
    write(honest(), tmp_path / "forged", key=forger)
    known = NoteSigner("example.org/log", b"l" * 32).verifier_key()

    def judged(**members: object) -> AuditReport:
        plan = Plan(source=str(tmp_path / "forged"), state=tmp_path / "state.json", processes=1, **members)  # type: ignore[arg-type]
        return audit(plan, lambda stage, done, total: None)

    assert codes(judged(key=known)) == {"key.differs", "checkpoint.unsigned"}
    assert codes(judged()) == set(), "the first key that is seen is taken, and said to be"
    assert "key.unpinned" in codes(judged(), "note")
    write(honest(), tmp_path / "forged")
    assert codes(judged()) == {"key.changed", "checkpoint.unsigned"}, "and from then on it is held to"
    assert "key.unpinned" not in codes(judged(), "note"), "the key that is held to is not that of this copy"


def test_a_log_whose_key_cannot_be_read_is_not_believed(tmp_path: Path) -> None:
    write(honest(), tmp_path / "copy")
    (tmp_path / "copy/log/log.vkey").write_text("example.org/log+00000000+AAAA\n")
    plan = Plan(source=str(tmp_path / "copy"), state=tmp_path / "state.json", processes=1)
    assert "key.unreadable" in codes(audit(plan, lambda stage, done, total: None))


def test_a_photograph_cannot_have_two_published_copies(tmp_path: Path) -> None:
    said = list(statements())
    first = canonical.decode(said[at("evidence", said, 0)][1])
    second = ("evidence", canonical.encode(first | {"published": "0" * 64}))
    found = audited([*said, second], tmp_path)
    assert codes(found) == {"evidence.doubled"}


def test_other_peoples_checkpoints_are_read_or_said_to_be_unusable(tmp_path: Path) -> None:
    note, junk = tmp_path / "early.note", tmp_path / "junk.note"
    note.write_text(note_of(honest().log[:100]))
    junk.write_text("nothing\n")
    assert codes(audited(statements(), tmp_path, checkpoints=(note,))) == set()
    assert codes(audited(statements(), tmp_path, checkpoints=(note, junk))) == {"checkpoint.other_unsigned"}

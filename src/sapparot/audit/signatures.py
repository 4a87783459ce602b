"""The second pass: every signature in the log, under the keys that the log itself enrolled."""

from __future__ import annotations

from collections import Counter, OrderedDict

import msgspec
from msgspec import Struct

from sapparot.audit.chain import Chain, Device, Network, own_name
from sapparot.audit.facts import Finding
from sapparot.audit.findings import Findings
from sapparot.audit.survey import SIGNED
from sapparot.audit.tilelog import TileLog
from sapparot.audit.wording import found
from sapparot.base.jws import Jws, MalformedJws, PublicKey, parse
from sapparot.verify import letters
from sapparot.verify.problems import Unreadable
from sapparot.verify.register import DECIDING

KEYS, ALONE, LEAST = 240_000, 60_000, 10_000
"""Public keys that stay ready, 2.3 kB each, in all processes together, in one at most and in one at least.

Making one anew costs nearly half of what it takes to verify by it.
"""
_LETTERS = {"report": letters.REPORT_TYPE, "reading": letters.READING_TYPE}
_signed = msgspec.json.Decoder(letters.SignedEntry)


class Judged(Struct):
    """Signatures that were verified, by kind of entry, and what was found."""

    verified: Counter[str]
    findings: Findings


class Signatures(Struct):
    """What is needed to judge signatures: the log, and who may sign in it."""

    log: TileLog
    chain: Chain
    keys: int
    """How many public keys stay ready from one range to the next."""


def keys_ready(processes: int) -> int:
    """Return how many public keys each of so many processes keeps ready."""
    return max(LEAST, min(ALONE, KEYS // processes))


def judge(job: Signatures, first: int, end: int) -> Judged:
    """Verify every signature in bundles `first` to `end` (not included); raises EntriesMissing."""
    judged = Judged(Counter(), Findings())
    for position, kind, body in job.log.entries(first, end):
        if kind in SIGNED:
            finding = _report(job.chain, position, kind, body)
        elif kind in _STATEMENTS:
            finding = _statement(job.chain, position, kind, body)
        else:
            continue
        judged.verified[kind] += 1
        if finding is not None:
            judged.findings.add(finding)
    while len(_keys) > job.keys:
        _keys.popitem(last=False)
    return judged


def _report(chain: Chain, position: int, kind: str, body: bytes) -> Finding | None:
    try:
        letter = _signed.decode(body)
        jws = parse(letter.jws)
    except (MalformedJws, ValueError) as error:
        return found("entry.unreadable", position, why=error)
    if jws.header.typ != _LETTERS[kind]:
        return found("entry.unreadable", position, why=f"typ is not {_LETTERS[kind]}")
    device = chain.device(jws.header.kid, position)
    if device is None:
        return found("report.unenrolled", position, kid=jws.header.kid)
    if not _verifies(device, jws):
        return found("report.signature", position, kid=device.kid)
    if letter.at is None:
        return found("entry.unreadable", position, why="no time at which it was taken in")
    return _out_of_time(chain, position, device.kid, letters.seconds(letter.at))


def _out_of_time(chain: Chain, position: int, kid: str, at: int) -> Finding | None:
    """Say that a report does not count by the time at which it was taken in, which its device did not sign."""
    device = chain.in_force(kid, position)
    if any(revoked.position <= position and at >= revoked.at for revoked in chain.revoked.get(kid, ())):
        return found("report.after_revocation", position)
    outside = device is not None and not device.since <= at < device.until
    return found("report.outside", position, kid=kid) if outside else None


def _statement(chain: Chain, position: int, kind: str, body: bytes) -> Finding | None:
    try:
        return _STATEMENTS[kind](chain, position, body)
    except Unreadable as problem:
        return found("entry.unreadable", position, why=problem.__cause__ or problem)


def _enrolment(chain: Chain, position: int, body: bytes) -> Finding | None:
    jws, said = letters.open_statement(body, letters.ENROLMENT_TYPE, letters.Enrolment)
    if own_name(said.key) != said.kid:
        return found("enrolment.key", position)
    if position in chain.apart:
        return found("enrolment.same", position)
    return _by_network(chain, position, jws, said.network) or _unusual(chain, position, said)


def _unusual(chain: Chain, position: int, said: letters.Enrolment) -> Finding | None:
    """Say what people should ask a network about an enrolment that holds."""
    device = chain.in_force(said.kid, position + 1)
    if device is None or device.position != position:
        return None
    if position in chain.repeated:
        return found("enrolment.repeated", position, network=said.network, first=chain.repeated[position])
    late = said.level >= DECIDING and chain.begun is not None and chain.begun < position
    return found("enrolment.late", position, network=said.network, level=said.level) if late else None


def _revocation(chain: Chain, position: int, body: bytes) -> Finding | None:
    jws, said = letters.open_statement(body, letters.REVOCATION_TYPE, letters.Revocation)
    return _by_network(chain, position, jws, said.network)


def _by_network(chain: Chain, position: int, jws: Jws, identity: str) -> Finding | None:
    network = chain.network(identity, position)
    if network is None:
        return found("enrolment.network", position, network=identity)
    if _by(network, jws):
        return None
    # What was under way when the key was replaced; the rules take it for void, so it decides nothing.
    old = any(_by(earlier, jws) for earlier in chain.networks[identity] if earlier.position < network.position)
    return found("enrolment.old_key" if old else "enrolment.signature", position, network=identity)


def _by(network: Network, jws: Jws) -> bool:
    if jws.header.kid != network.kid:
        return False
    key = _network_keys.get(network.kid)
    if key is None:
        key = _network_keys[network.kid] = PublicKey.from_jwk(network.key)
    return key.verify(jws)


def _decision(chain: Chain, position: int, body: bytes) -> Finding | None:
    """Every signature under a decision is that of a device that may decide; whether they are enough, the recount says."""
    for jws in letters.open_decision(body).signed:
        device = chain.device(jws.header.kid, position)
        if device is None or chain.level(device.kid, position) < DECIDING:
            return found("decision.signature", position, why=f"{jws.header.kid} may not decide")
        if not _verifies(device, jws):
            return found("decision.signature", position, why=f"{jws.header.kid} did not sign it")
    return None


_STATEMENTS = {"enrolment": _enrolment, "revocation": _revocation, "decision": _decision}
_keys: OrderedDict[str, PublicKey] = OrderedDict()
_network_keys: dict[str, PublicKey] = {}
"""By thumbprint, which a key has for itself: `chain` reads it from the key."""


def _verifies(device: Device, jws: Jws) -> bool:
    key = _keys.get(device.kid)
    if key is None:
        try:
            key = _keys[device.kid] = PublicKey.from_jwk(device.jwk())
        except MalformedJws:
            return False
    return key.kid == device.kid and key.verify(jws)

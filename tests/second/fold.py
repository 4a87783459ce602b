"""The fold: entries one by one, and the findings and moves that follow from each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from tests.second import forms
from tests.second.book import COUNTED, Book, Claim, Device, Held, Sheet
from tests.second.case import COUNTING, Case, Values
from tests.second.decisions import Council, judged
from tests.second.figures import Figures, shown
from tests.second.forms import Letter, canonical, letter_of, public_key, signed_by, thumbprint
from tests.second.gates import Arrival, refusals
from tests.second.ground import Definitions, SheetId
from tests.second.policy import Policy, policy_of
from tests.second.reading import Members, Unreadable, read, seconds
from tests.second.rules import failures, official_matches
from tests.second.weighing import figures_of, next_held

Found = Iterable[tuple[str, Values]]
LARGEST = 2**53 - 1


class Fold:
    """Another program's count. With `checks_signatures` it believes no signature."""

    def __init__(self, *, checks_signatures: bool = False) -> None:
        self._checks_signatures = checks_signatures
        self._policy = Policy()
        self._definitions = Definitions()
        self._book: Book | None = None
        self._networks: dict[str, Members] = {}
        self._devices: dict[str, Device] = {}
        self._position = 0
        self._follows: list[tuple[str, bytes]] = []
        self._kinds: dict[str, Callable[[str, bytes], None]] = {
            **dict.fromkeys(forms.PARTS, self._define),
            "network": self._network,
            "enrolment": self._enrol,
            "revocation": self._revoke,
            "duties": self._duties,
            "policy": self._announce,
            "report": self._statement,
            "reading": self._statement,
            "decision": self._decision,
        }

    def take(self, position: int, kind: str, body: bytes) -> list[tuple[str, bytes]]:
        """Take the entry at a position; give what follows from it."""
        self._position, self._follows = position, []
        self._definitions.fixed |= kind in forms.RESTING
        if kind in self._kinds:
            try:
                self._kinds[kind](kind, body)
            except Unreadable as problem:
                self._find([("entry_is_readable", {"kind": kind, "problem": str(problem)})])
        return self._follows

    def _write(self, kind: str, **members: Any) -> None:
        entry = {"v": 1, "kind": kind, "cause": self._position, **members}
        self._follows.append((kind, canonical(entry)))

    def _find(self, found: Found, sheet: SheetId | None = None, *, note: bool = False) -> None:
        name = self._book.election.name(sheet) if self._book and sheet else None
        for rule, values in found:
            weight = self._policy.weight(rule)
            if weight != "off":
                held = {key: _within(value) for key, value in values.items()}
                weight = "note" if note else weight
                self._write("finding", rule=rule, outcome="failed", weight=weight, sheet=name, values=held)

    def _define(self, kind: str, body: bytes) -> None:
        election = self._definitions.add(kind, body)
        old = None if self._book is None else self._book.election
        if election is not None and self._definitions.replaces(old, election):
            self._book = Book(election, self._policy)

    def _network(self, _: str, body: bytes) -> None:
        network = read(body, forms.NETWORK)
        public_key(network["key"])
        self._networks[network["id"]] = network["key"]

    def _objection(self, letter: Letter, network: str) -> str | None:
        key = self._networks.get(network)
        if key is None or thumbprint(key) != letter.kid:
            return "network"
        return "signature" if self._checks_signatures and not signed_by(letter, key) else None

    def _enrol(self, _: str, body: bytes) -> None:
        letter = letter_of(read(body, forms.SIGNED)["jws"], "enrolment")
        said = read(letter.payload, forms.ENROLMENT)
        kid, known = said["kid"], self._devices.get(said["kid"])
        reason = self._objection(letter, said["network"])
        if not reason and known is not None and known.network != said["network"]:
            reason = "taken"
        if not reason and thumbprint(said["key"]) != kid:
            reason = "key"
        voice = self._voice(said, known)
        if not reason and voice is None:
            reason = "same"
        if reason or voice is None:
            self._find([("enrolment_is_authentic", {"device": shown(kid), "reason": reason or ""})])
            return
        device = self._devices.setdefault(kid, Device(kid, said["network"], voice, said["key"]))
        device.voice, device.key, device.level, device.areas = voice, said["key"], said["level"], said["areas"]
        device.since, device.until = seconds(said["from"]), seconds(said["until"])
        device.channel = device.channel or ("text" if said["channel"] == "text" else "")

    def _voice(self, said: Members, known: Device | None) -> str | None:
        """Give the voice of the device after this enrolment; none when its `same` does not hold."""
        if said["same"] is None:
            return known.voice if known else str(said["kid"])
        first = self._devices.get(said["same"])
        if first is None or first.network != said["network"] or first.kid == said["kid"]:
            return None
        return first.voice if known is None or known.voice == first.voice else None

    def _revoke(self, _: str, body: bytes) -> None:
        letter = letter_of(read(body, forms.SIGNED)["jws"], "revocation")
        said = read(letter.payload, forms.REVOCATION)
        device = self._devices.get(said["kid"])
        reason = self._objection(letter, said["network"]) or ("unknown" if device is None else None)
        if not reason and device is not None and device.network != said["network"]:
            reason = "taken"
        if reason or device is None:
            self._find([("enrolment_is_authentic", {"device": shown(said["kid"]), "reason": reason or ""})])
            return
        at = seconds(said["at"])
        revoked = device.revoked = at if device.revoked is None else min(at, device.revoked)
        if self._book is not None:
            about = sorted(set(device.said.values()))
            for sheet in about:
                self._book.sheets[sheet].withdraw(lambda claim: claim.device is device and claim.received >= revoked)
            self._weigh(self._book, about)

    def _duties(self, _: str, body: bytes) -> None:
        said = read(body, forms.DUTIES)
        if self._book is not None and said["election"] == self._book.election.id:
            for kid, stations in said["duties"].items():
                if kid in self._devices:
                    known = self._book.election.index
                    self._devices[kid].duties = [station for station in stations if station in known]

    def _announce(self, _: str, body: bytes) -> None:
        self._policy = policy_of(read(body, forms.POLICY)["policy"])
        if self._book is not None:
            self._book.policy = self._policy
            self._weigh(self._book, sorted(self._book.sheets))

    def _statement(self, kind: str, body: bytes) -> None:
        entry = read(body, forms.SIGNED)
        envelope = letter_of(entry["jws"], kind)
        if entry["at"] is None:
            raise Unreadable("received_at")
        letter = read(envelope.payload, forms.REPORT)
        if self._book is None:
            self._find([("election_is_ours", {"election": shown(letter["election"])})], note=True)
            return
        device, sheet = self._devices.get(envelope.kid), self._book.election.sheet(letter["sheet"])
        stage, received = _stage(kind, letter["stage"]), seconds(entry["at"])
        arrival = Arrival(
            self._book, envelope, letter, stage, received, device, sheet, self._checks_signatures
        )  # fmt: skip
        refused = refusals(arrival)
        if refused or device is None:
            self._find(refused, sheet, note=True)
        elif sheet is not None:
            self._hear(self._book, arrival, device, sheet)

    def _hear(self, book: Book, arrival: Arrival, device: Device, sheet: SheetId) -> None:
        letter = arrival.letter
        device.said[letter["id"]] = sheet
        if letter["id"] in device.awaited:
            return
        figures = Figures(book.contest(sheet), letter, self._policy.tolerances["largest"])
        case = Case(book, sheet, arrival.stage, device, letter, arrival.received, figures)
        _replace(case)
        if device.home is None and case.stage in COUNTING:
            device.home = sheet.station
        found = failures(case)
        claim = Claim(
            self._position, letter["id"], device, device.channel, case.stage, figures.row, figures.total, letter["seq"],
            case.received, frozenset(rule for rule, _ in found),
        )  # fmt: skip
        touched = {case.moved} if case.moved else set()
        if case.stage == "official":
            _join(book, book.sheets[sheet], claim)
        elif _has_room(book, book.sheets[sheet], claim):
            _add(book.sheets[sheet], claim)
            touched.add(sheet)
        else:
            room = self._policy.agreement["room"]
            found.append(
                ("group_has_room", {"claims": len(_of_group(book, book.sheets[sheet].claims, claim)), "room": room})
            )
        self._find(found, sheet, note=case.stage == "official")
        self._weigh(book, sorted(touched))

    def _decision(self, _: str, body: bytes) -> None:
        entry = read(body, forms.DECISION)
        letters = [letter_of(jws, "decision") for jws in entry["jws"]]
        if any(letter.payload != letters[0].payload for letter in letters):
            raise Unreadable("words")
        said = read(letters[0].payload, forms.DECIDED)
        if self._book is None:
            self._find([("decision_is_allowed", {"people": 0, "needed": 1, "reason": "sheet"})])
            return
        council = Council(self._policy, self._devices, letters, seconds(entry["at"]))
        sheet = self._book.election.sheet(said["sheet"])
        judgement = judged(self._book, council, said, sheet)
        if judgement.reason is not None or sheet is None or judgement.row is None:
            values: Values = {"people": council.people, "needed": judgement.needed, "reason": judgement.reason or ""}
            self._find([("decision_is_allowed", values)], sheet)
            return
        self._book.sheets[sheet].decided = said["at"]
        self._hold(self._book, sheet, Held("settled", "settled", judgement.row, council.people), "decided")

    def _weigh(self, book: Book, sheets: Iterable[SheetId]) -> None:
        for sheet in sheets:
            self._hold(book, sheet, *next_held(book, sheet))

    def _hold(self, book: Book, sheet: SheetId, now: Held, reason: str) -> None:
        was, book.sheets[sheet].held = book.sheets[sheet].held, now
        if was == now:
            return
        contest = book.contest(sheet)
        figures = None if now.row is None else figures_of(contest.keys, now.row)
        self._write(
            "move", sheet=book.election.name(sheet), was=was.state, state=now.state, layer=now.layer, sources=now.sources,
            reason=reason, figures=figures,
        )  # fmt: skip
        if was.row != now.row and now.row is not None and now.layer in COUNTED:
            rows = dict.fromkeys(book.last_officials(sheet).values())
            found = [official_matches(contest, row, now.row) for row in rows]
            self._find([("official_matches_ours", values) for values in found if values], sheet)


def _within(value: str | int) -> str | int:
    return max(-LARGEST, min(LARGEST, value)) if isinstance(value, int) else value


def _stage(kind: str, stage: str) -> str:
    if kind == "reading":
        return "reading" if stage == "final" else f"reading ({stage})"
    return "reading (as a report)" if stage == "reading" else stage


def _replace(case: Case) -> None:
    """Look at what the statement replaces; withdraw what is the device's own."""
    device, name = case.device, case.letter["replaces"]
    if name is None:
        return
    if name in device.said and name != case.letter["id"]:
        case.replaces, case.moved = "own", device.said[name]
        case.book.sheets[case.moved].withdraw(lambda claim: claim.device is device and claim.id == name)
    elif any(claim.id == name for claim in case.so_far.claims):
        case.replaces = "foreign"
    else:
        case.replaces = "awaited"
        device.awaited.add(name)


def _of_group(book: Book, claims: list[Claim], claim: Claim) -> list[Claim]:
    return [other for other in claims if book.group(other) == book.group(claim)]


def _has_room(book: Book, sheet: Sheet, claim: Claim) -> bool:
    mates, room = _of_group(book, sheet.claims, claim), book.policy.agreement["room"]
    own = [mate for mate in mates if mate.device is claim.device and mate.stage != "progress"]
    if len(mates) < room and (claim.stage == "progress" or len(own) < max(1, room // 4)):
        return True
    alike = all(book.agree(one.row, other.row) for one in mates for other in mates)
    return alike and not all(book.agree(claim.row, mate.row) for mate in mates)


def _add(sheet: Sheet, claim: Claim) -> None:
    earlier = sheet.progress_of(claim.device) if claim.stage == "progress" else None
    if earlier is None:
        sheet.claims.append(claim)
    elif claim.size > earlier.size:
        sheet.claims[sheet.claims.index(earlier)] = claim


def _join(book: Book, sheet: Sheet, claim: Claim) -> None:
    earlier = [other for other in sheet.official if other.device is claim.device]
    if any(claim.seq < other.seq for other in earlier):
        return
    sheet.official = [other for other in sheet.official if other.device is not claim.device]
    mates = _of_group(book, sheet.official, claim)
    if len(mates) >= book.policy.agreement["room"]:
        sheet.official.remove(mates[0])
    sheet.official.append(claim)

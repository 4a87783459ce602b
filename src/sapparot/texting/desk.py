"""How a text message becomes a report: who wrote it, what it says, whether it is certain, and what it is answered.

Everything about one message is one transaction, after the person's key was enrolled in one of its own: a crash leaves no trace, or a
report with its answer. Messages of one speaker are answered one after the other. What was answered is kept, so a message that is
delivered again gets the same answer and makes nothing new.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple, Protocol
from uuid import UUID

from sapparot.base import canonical
from sapparot.base.clock import Clock, stamp
from sapparot.base.database import AsyncConnection, AsyncPool
from sapparot.base.jws import SigningKey
from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.contests import Election
from sapparot.intake import REPORT_TYPE, read_line, receive
from sapparot.people import DEVICE_LIFE, Device, Keyring, Person, Persons, enrol_for_text
from sapparot.texting import store, wording
from sapparot.texting.facts import TOTALS, Figures, Incoming, Post, Said, Standing, Word, Written
from sapparot.texting.gateways import Gateway, without_words
from sapparot.texting.problems import (
    CODE_WRONG,
    NO_DUTY,
    NO_SUCH_OPTION,
    NOT_A_VOLUNTEER,
    NOT_TRAINED,
    NOTHING_WAITS,
    OLDER,
    SPOKEN_ELSEWHERE,
    WHICH_BALLOT,
    WHICH_STATION,
)
from sapparot.texting.rules import agrees, command, goes_on, read

BALLOT_OF = {"C": "constituency", "L": "list"}
APP = "text/1"


class Posts(Protocol):
    """Knows who has a duty where."""

    async def __call__(self, connection: AsyncConnection, person: UUID) -> Sequence[Post]:
        """Return the stations at which a person has a duty now, numbered from 1."""
        ...


class Signed(Protocol):
    """Knows what people's own devices signed."""

    async def __call__(self, connection: AsyncConnection, person: UUID, said: Said) -> Figures | None:
        """Return the figures of the newest final that a person's own device signed about the sheet."""
        ...


class Elections(Protocol):
    """Knows the elections."""

    async def election(self, name: str | None = None) -> Election:
        """Return an election."""
        ...


class _Heard(NamedTuple):
    """A message came: by which gateway, of whom, and when."""

    gateway: Gateway
    message: Incoming
    speaker: bytes
    now: datetime

    @property
    def at(self) -> datetime:
        """When it was written; when it came, where the gateway does not tell."""
        return self.now if self.message.at is None else min(self.message.at, self.now)


class Desk:
    """Answers text messages."""

    def __init__(
        self,
        database: AsyncPool,
        persons: Persons,
        knows: tuple[Posts, Signed, Elections],
        keys: tuple[bytes, Keyring],
        clock: Clock,
    ) -> None:
        """``knows``: who has a duty where, what own devices signed, and the elections.

        ``keys``: the secret from which the keys of persons are derived, and the keys of the networks.
        """
        self._database = database
        self._persons = persons
        self._posts, self._signed, self._elections = knows
        self._secret, self._keyring = keys
        self._clock = clock

    async def hear(self, gateway: Gateway, message: Incoming) -> str:
        """Answer one message; a stranger who wrote often is answered with nothing."""
        heard = _Heard(gateway, message, self.speaker(gateway, message), self._clock.now())
        await self._introduce(heard)
        async with self._database.connection() as connection, connection.transaction():
            await store.take_turn(connection, heard.speaker)
            before = await store.answered(connection, gateway.id, message.id)
            if before is not None:
                return before
            person = await self._person(connection, heard)
            lang = person.lang if person else "th"
            try:
                async with connection.transaction():
                    reply = await self._reply(connection, heard, person)
            except Problem as problem:
                if person is not None and problem.kind is NOTHING_WAITS:
                    await store.missed(connection, person.id)
                reply = Text(
                    *(f"{said}\n{wording.SEND_AGAIN.say(lang)}" for said in (problem.detail.th, problem.detail.en))
                )
            if person is None and reply is not wording.BOUND and not await self._answers(connection, heard):
                return ""
            await store.answer(connection, gateway.id, message.id, reply.say(lang), heard.now)
            return reply.say(lang)

    def speaker(self, gateway: Gateway, message: Incoming) -> bytes:
        """Return under what a telephone or account is known here, however a gateway writes the telephone."""
        sender = message.sender
        if gateway.by_telephone:
            with suppress(Problem):  # a short number, a name: as it is
                sender = self._persons.phone(sender)
        return self._hash("speaker", gateway.realm, sender)

    async def code(self, person: UUID) -> tuple[str, datetime]:
        """Return a code with which a person claims a chat account, and until when."""
        async with self._database.connection() as connection, connection.transaction():
            return await store.make_code(connection, person, self._clock.now())

    def key(self, network: str, person: UUID) -> SigningKey:
        """Return the key under which the gateway signs what a person writes."""
        return SigningKey.from_secret("EdDSA", self._hash("key", network, str(person)))

    async def _answers(self, connection: AsyncConnection, heard: _Heard) -> bool:
        """Tell whether a stranger is answered once more; whoever binds an account with its code is no stranger."""
        realm = heard.gateway.realm
        everybody = bytes(32) if heard.gateway.by_telephone else self._hash("strangers", realm)
        return await store.may_answer(connection, heard.speaker, everybody, heard.now)

    async def _introduce(self, heard: _Heard) -> None:
        """Enrol the key of a person who may report, before the report: the log must know it first."""
        async with self._database.connection() as connection:
            person = await self._person(connection, heard)
            if person is None or person.trained_at is None or not await self._posts(connection, person.id):
                return
            async with connection.transaction():
                with suppress(Problem):  # revoked: told when there is something to report
                    await self._enrol(connection, heard, person)

    async def _enrol(self, connection: AsyncConnection, heard: _Heard, person: Person) -> SigningKey:
        network, now = heard.gateway.network, heard.now
        key = self.key(network, person.id)
        device = Device(key.kid, key.jwk, network, 1, now, now + DEVICE_LIFE, channel="text")
        await enrol_for_text(connection, person.id, device, self._keyring[network])
        return key

    async def _person(self, connection: AsyncConnection, heard: _Heard) -> Person | None:
        """Return the active person of the gateway's network that a telephone or account belongs to."""
        gateway, person = heard.gateway, None
        if gateway.by_telephone:
            try:
                person = await self._persons.by_phone(connection, gateway.network, heard.message.sender)
            except Problem:  # a short number, a name: nobody's telephone
                return None
        elif owner := await store.owner(connection, heard.speaker):
            person = await self._persons.get(connection, owner)
        if person is None or person.network != gateway.network or person.state != "active" or not person.proven_at:
            return None
        return person

    async def _reply(self, connection: AsyncConnection, heard: _Heard, person: Person | None) -> Text:
        if not heard.message.text.strip():
            return without_words()
        asked = command(heard.message.text)
        if asked is not None and asked[0] == "code" and not heard.gateway.by_telephone:
            return await self._claim(connection, heard, asked[1])
        if person is None:
            raise Problem(NOT_A_VOLUNTEER)
        if asked is not None and asked[0] == "help":
            return wording.HELP
        if person.trained_at is None:
            raise Problem(NOT_TRAINED)
        posts = await self._posts(connection, person.id)
        if asked is not None:
            word = await store.confirmed(connection, person.id, asked[1].replace(" ", ""), heard.now)
            if word is None:
                raise Problem(NOTHING_WAITS, NOTHING_WAITS.title.fill(given=asked[1][:8]))
            _post(word.said.sheet.rpartition("/")[0], posts)  # the duty may have ended meanwhile
        else:
            written = read(heard.message.text)
            said = await self._said(written, posts)
            certain = written.checked and not wording.doubts(said.figures)
            word = Word(said, written.marks, certain=certain, secret=False)
        return await self._weigh(connection, heard, person, word)

    async def _weigh(self, connection: AsyncConnection, heard: _Heard, person: Person, word: Word) -> Text:
        """Take what was said, unless the same stands already, something newer does, or it must be confirmed first."""
        said, doubts = word.said, wording.doubts(word.said.figures)
        read_back = wording.heard(said, await self._ballot(said))
        if await store.spoken_by_another(connection, person.id, heard.speaker, said):
            raise Problem(SPOKEN_ELSEWHERE)
        before = await store.standing(connection, person.id, said)
        if before is not None and before.figures == said.figures:
            return wording.known(read_back)
        if before is not None and before.said_at is not None and heard.at < before.said_at:
            raise Problem(OLDER)
        own = await self._signed(connection, person.id, said) if before is None and said.stage == "final" else None
        apart = own is not None and not agrees(said.figures, own)
        stands = before.figures if before is not None else own if apart else None
        if stands is not None and not word.secret and not _follows(before, said):
            # A sender can be forged and a message come late: the code goes to the telephone itself, and nobody else reads it.
            word = Word(said, store.make_secret(), certain=False, secret=True)
            question = wording.ask_to_replace(read_back, wording.figures_of(stands), doubts, word.marks)
        elif word.certain:
            taken = await self._take(connection, heard, (person, said, before), read_back)
            return wording.apart(taken) if apart else taken
        else:
            question = wording.ask(read_back, doubts, word.marks)
        if not await store.wait(connection, person.id, word, heard.at, heard.now):
            raise Problem(OLDER)
        return question

    async def _claim(self, connection: AsyncConnection, heard: _Heard, code: str) -> Text:
        owner = await store.claimant(connection, code, heard.now)
        person = await self._persons.get(connection, owner) if owner else None
        if person is None or person.network != heard.gateway.network or person.state != "active":
            raise Problem(CODE_WRONG)
        await store.bind(connection, heard.speaker, person.id, heard.now)
        return wording.BOUND

    async def _said(self, written: Written, posts: Sequence[Post]) -> Said:
        """Find the sheet that is meant; raises :class:`Problem`."""
        post = _post(written.station, posts)
        election = await self._elections.election(post.election)
        numbers = {
            ballot.code: number
            for ballot in election.ballots
            if (number := election.sheet_number(f"{post.station}/{ballot.code}")) is not None
        }
        code = BALLOT_OF[written.ballot] if written.ballot else next(iter(numbers)) if len(numbers) == 1 else ""
        if code not in numbers:
            raise Problem(WHICH_BALLOT)
        options = election.contest_of(numbers[code]).column
        for option in written.figures.votes:
            if int(option) not in options:
                raise Problem(NO_SUCH_OPTION, NO_SUCH_OPTION.title.fill(number=option))
        return Said(election.id, f"{post.station}/{code}", written.stage, written.figures)

    async def _ballot(self, said: Said) -> Text:
        election = await self._elections.election(said.election)
        return election.ballots[election.ballot_index[said.sheet.rpartition("/")[2]]].name

    async def _take(
        self, connection: AsyncConnection, heard: _Heard, told: tuple[Person, Said, Standing | None], read_back: Text
    ) -> Text:
        """Sign and store a report, in the place of what stood before."""
        (person, said, before), now = told, heard.now
        seq = await store.reports(connection, person.id) + 1
        standing = Standing(self._report_id(heard.gateway, heard.message, now), said.figures, seq, heard.at)
        key = await self._enrol(connection, heard, person)
        line = key.sign(canonical.encode(_payload(said, standing, before, now)), REPORT_TYPE).encode()
        await receive(connection, [read_line(line, key.kid)], now)
        await store.stand(connection, person.id, heard.speaker, said, standing)
        return wording.taken(read_back, replaced=before is not None)

    def _report_id(self, gateway: Gateway, message: Incoming, now: datetime) -> UUID:
        """Return a UUIDv7 (RFC 9562) that follows from the message, so that nobody needs chance for it."""
        drawn = self._hash("report", gateway.id, message.id)
        number = int(now.timestamp() * 1000) << 80 | int.from_bytes(drawn[:10], "big")
        number = number & ~(0xF << 76) | 7 << 76
        return UUID(int=number & ~(0b11 << 62) | 0b10 << 62)

    def _hash(self, use: str, *about: str) -> bytes:
        return hmac.digest(self._secret, "\n".join(("sapparot/texting", use, *about)).encode(), sha256)


def _follows(before: Standing | None, said: Said) -> bool:
    """Tell whether figures only go on from those that stand: progress grows, a final does not."""
    return before is not None and said.stage == "progress" and goes_on(before.figures, said.figures)


def _post(station: str | None, posts: Sequence[Post]) -> Post:
    """Return the duty that a message names by code, by its short number, or by leaving it out; raises :class:`Problem`."""
    shown = ", ".join(f"{post.number} ({post.station})" for post in posts) or "-"
    if station is None:
        if len(posts) == 1:
            return posts[0]
        if posts:
            raise Problem(WHICH_STATION, WHICH_STATION.title.fill(posts=shown))
    for post in posts:
        if station in (post.station, str(post.number)):
            return post
    raise Problem(NO_DUTY, NO_DUTY.title.fill(posts=shown))


def _payload(said: Said, standing: Standing, before: Standing | None, now: datetime) -> dict[str, object]:
    totals = {name: count for name in TOTALS if (count := getattr(said.figures, name)) is not None}
    return {
        "v": 1,
        "id": str(standing.report),
        "election": said.election,
        "sheet": said.sheet,
        "stage": said.stage,
        "votes": said.figures.votes,
        **totals,
        "observed_at": stamp(now),
        "seq": standing.seq,
        "replaces": str(before.report) if before else None,
        "app": APP,
    }

"""Senders: SMS gateways and LINE, each as its published API says.

* Twilio, Programmable Messaging, "Create a Message": ``POST /2010-04-01/Accounts/{sid}/Messages.json``, a form, Basic authentication.
* ThaiBulkSMS, API v2, "Send SMS": ``POST /sms``, a form, Basic authentication with key and secret.
* LINE Messaging API, "Send push message": ``POST /v2/bot/message/push``, JSON, a bearer token, and a retry key under which LINE takes a
  message once only.

Which are used is a setting; their keys stand in a file that the setting names. No telephone, text or key ever stands in a reason.
"""

from __future__ import annotations

import tomllib
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, Protocol
from urllib.parse import quote, urlencode
from uuid import UUID

import msgspec

from sapparot.base.outside import Answer, Unanswered, ask
from sapparot.base.problems import CannotGoOn
from sapparot.people.messages.facts import Letter, Outcome
from sapparot.people.messages.rules import NO_SENDER, UNSURE
from sapparot.people.problems import SENDERS_INVALID

SECONDS = 10.0
MOST_BYTES = 64 * 1024
_FORM = "application/x-www-form-urlencoded"


class SendersInvalid(CannotGoOn, ValueError, kind=SENDERS_INVALID):
    """The file of the senders cannot be used; the message says what is missing, never a key."""


class Sender(Protocol):
    """Carries messages out."""

    name: str
    repeats: bool
    """Trying the same message again reaches the person once only."""

    def reaches(self, letter: Letter) -> bool:
        """Tell whether this sender can carry the message at all."""
        ...

    def send(self, message: UUID, letter: Letter) -> Outcome:
        """Try once; ``message`` is the same in every try."""
        ...


class Sms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An account at an SMS gateway: ``gateway``, ``account`` (sid or key), ``secret``, and from whom the messages come."""

    gateway: Literal["twilio", "thaibulksms"]
    account: str
    secret: str
    sender: str
    url: str = ""


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A channel of the LINE Messaging API; ``token`` is its channel access token."""

    token: str
    url: str = "https://api.line.me"


class Accounts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file of the senders (TOML)."""

    sms: Sms | None = None
    line: Line | None = None


class PageSender:
    """Leaves messages on the operators' outbox page: for demonstrations and tests, never for real people."""

    name = "page"
    repeats = True

    def reaches(self, letter: Letter) -> bool:
        """Every message stands on the page."""
        return True

    def send(self, message: UUID, letter: Letter) -> Outcome:
        """There is nothing to do."""
        return Outcome(self.name)


class TwilioSender:
    """SMS through Twilio, or a gateway that speaks its API."""

    name = "sms"
    repeats = False

    def __init__(self, account: Sms) -> None:
        self._account = account
        where = account.url or "https://api.twilio.com"
        self._url = f"{where}/2010-04-01/Accounts/{quote(account.account, safe='')}/Messages.json"

    def reaches(self, letter: Letter) -> bool:
        """Every person has a telephone."""
        return True

    def send(self, message: UUID, letter: Letter) -> Outcome:
        """Hand the message over; 201 is taken."""
        form = {"To": letter.phone, "From": self._account.sender, "Body": letter.text}
        return _posted(self.name, self._url, urlencode(form).encode(), _basic(self._account))


class ThaiBulkSender:
    """SMS through ThaiBulkSMS."""

    name = "sms"
    repeats = False

    def __init__(self, account: Sms) -> None:
        self._account = account
        self._url = f"{account.url or 'https://api-v2.thaibulksms.com'}/sms"

    def reaches(self, letter: Letter) -> bool:
        """Every person has a telephone."""
        return True

    def send(self, message: UUID, letter: Letter) -> Outcome:
        """Hand the message over; it is taken when the number does not stand among the bad ones."""
        form = {"msisdn": letter.phone.removeprefix("+"), "message": letter.text, "sender": self._account.sender}
        answer = _ask(self._url, urlencode(form).encode(), _basic(self._account))
        outcome = answer if isinstance(answer, Outcome) else _judged(self.name, answer)
        if isinstance(answer, Answer) and outcome.sender and _bad_numbers(answer.body):
            return Outcome(reason="the gateway says that it cannot reach this number", final=True)
        return outcome


class LineSender:
    """Push messages of a LINE official account to people who linked their LINE."""

    name = "line"
    repeats = True

    def __init__(self, account: Line) -> None:
        self._url = f"{account.url}/v2/bot/message/push"
        self._headers = {"Authorization": f"Bearer {account.token}", "Content-Type": "application/json"}

    def reaches(self, letter: Letter) -> bool:
        """Only who linked LINE."""
        return letter.line is not None

    def send(self, message: UUID, letter: Letter) -> Outcome:
        """Hand the message over; 409 says that an earlier try was taken."""
        said = {"to": letter.line, "messages": [{"type": "text", "text": letter.text}]}
        headers = self._headers | {"X-Line-Retry-Key": str(message)}
        answer = _ask(self._url, msgspec.json.encode(said), headers)
        if isinstance(answer, Outcome):
            return answer
        return Outcome(self.name) if answer.status == 409 else _judged(self.name, answer)


def senders_from(named: str, file: Path | None) -> list[Sender]:
    """Return the senders that a setting names, in the order in which they are tried; raises :class:`SendersInvalid`."""
    accounts = _read(file)
    made: list[Sender] = []
    for name in filter(None, named.split(",")):
        if name == "page":
            made.append(PageSender())
        elif name == "sms" and accounts.sms:
            made.append(
                TwilioSender(accounts.sms) if accounts.sms.gateway == "twilio" else ThaiBulkSender(accounts.sms)
            )
        elif name == "line" and accounts.line:
            made.append(LineSender(accounts.line))
        else:
            raise SendersInvalid(f"ไฟล์บัญชีผู้ส่งข้อความไม่มีตาราง [{name}]", f"the file of the senders has no table [{name}]")
    return made


def deliver(senders: Sequence[Sender], message: UUID, letter: Letter) -> Outcome:
    """Try the senders in order until one takes the message; what it could not reach is final only when all say so."""
    outcomes = []
    for sender in senders:
        if sender.reaches(letter):
            outcome = sender.send(message, letter)
            if outcome.sender:
                return outcome
            outcomes.append(outcome)
    if not outcomes:
        return Outcome(reason=NO_SENDER, final=True)
    return Outcome(reason=outcomes[-1].reason, final=all(outcome.final for outcome in outcomes))


def deliver_once(senders: Sequence[Sender], message: UUID, letter: Letter, *, begun: bool) -> Outcome:
    """Try the senders in order so that nobody gets the message twice; what that costs is that somebody may go without.

    ``begun``: a try broke off, nobody knows how far it came. Then only senders are asked that take a message once; and after one that
    may have taken it, no other.
    """
    refused: list[Outcome] = []
    for sender in senders:
        if not sender.reaches(letter):
            continue
        if begun and not sender.repeats:
            return Outcome(reason=UNSURE, final=True)
        outcome = sender.send(message, letter)
        if outcome.sender:
            return outcome
        if outcome.unsure:
            return outcome if sender.repeats else Outcome(reason=UNSURE, final=True)
        refused.append(outcome)
    if not refused:
        return Outcome(reason=NO_SENDER, final=True)
    return Outcome(reason=refused[-1].reason, final=all(outcome.final for outcome in refused))


def _read(file: Path | None) -> Accounts:
    if file is None:
        return Accounts()
    try:
        return msgspec.convert(tomllib.loads(file.read_text("utf-8")), Accounts)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        why = type(error).__name__
        raise SendersInvalid(
            f"อ่านไฟล์บัญชีผู้ส่งข้อความไม่ได้: {why}", f"the file of the senders cannot be read: {why}"
        ) from error
    except msgspec.ValidationError as error:
        raise SendersInvalid(f"ไฟล์บัญชีผู้ส่งข้อความ: {error}", f"the file of the senders: {error}") from error


def _basic(account: Sms) -> dict[str, str]:
    proof = b64encode(f"{account.account}:{account.secret}".encode()).decode()
    return {"Authorization": f"Basic {proof}", "Content-Type": _FORM, "Accept": "application/json"}


def _ask(url: str, body: bytes, headers: dict[str, str]) -> Answer | Outcome:
    try:
        return ask(url, body, headers, most=MOST_BYTES, seconds=SECONDS)
    except Unanswered as error:
        return Outcome(reason=str(error), unsure=error.sent)


def _posted(name: str, url: str, body: bytes, headers: dict[str, str]) -> Outcome:
    answer = _ask(url, body, headers)
    return answer if isinstance(answer, Outcome) else _judged(name, answer)


def _judged(name: str, answer: Answer) -> Outcome:
    """Say what an answer means: 2xx taken, 429 and 5xx perhaps later, everything else never."""
    if 200 <= answer.status < 300:
        return Outcome(name)
    reason = f"{name} answered {answer.status}{_code(answer.body)}"
    later = answer.status in (429, 503)
    return Outcome(reason=reason, final=answer.status < 500 and not later, unsure=answer.status >= 500 and not later)


def _code(body: bytes) -> str:
    """Return the gateway's own number of the error, when it gives one: its words may repeat the telephone."""
    said = _json(body)
    inner = said.get("error")
    code = inner.get("code") if isinstance(inner, dict) else said.get("code")
    return f" (code {code})" if isinstance(code, int) else ""


def _bad_numbers(body: bytes) -> bool:
    said = _json(body)
    return bool(said.get("bad_phone_number_list")) and not said.get("phone_number_list")


def _json(body: bytes) -> dict[str, Any]:
    try:
        said = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}

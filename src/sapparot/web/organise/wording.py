"""What the network asks people to agree to: each text in its version, who agreed to which, and another wording as another version."""

from __future__ import annotations

from msgspec import Struct

from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.people.census import Standing, standing
from sapparot.people.terms import ConsentText, NewText, TermsChange, change, terms, texts
from sapparot.web.framing import Said
from sapparot.web.guarded import Leaf, Reply, Visit
from sapparot.web.organise.desk import Desk

PATH = "/organise/consents"
TITLE = Text("ข้อความขอความยินยอม", "What people agree to")
SAVED = Text(
    "บันทึกเป็นฉบับที่ {version} แล้ว คนที่ยินยอมฉบับก่อนจะเห็นฉบับใหม่ในแอปและเลือกได้อีกครั้ง",
    "Saved as version {version}. Who agreed to an earlier one sees the new one in the app and chooses again.",
)
UNCHANGED = Text("ข้อความเหมือนเดิม จึงไม่มีฉบับใหม่", "The words are the same, so there is no new version")
TOO_SHORT = Text("ข้อความต้องยาว 20 ถึง 2,000 ตัวอักษรทั้งสองภาษา", "Each language needs 20 to 2,000 signs")
SHORTEST, LONGEST = 20, 2000


class Asked(Struct, frozen=True):
    """A text that people are asked to agree to, with how many agreed to it, and to earlier versions."""

    text: ConsentText
    now: int
    earlier: int


class WordingPages:
    """The page of consent texts."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def leaves(self) -> list[Leaf]:
        """Return the pages."""
        return [Leaf("GET", PATH, "organiser", self.texts), Leaf("POST", PATH, "organiser", self.reword, 0, 30)]

    async def texts(self, visit: Visit, said: Said | None = None, typed: NewText | None = None) -> Reply:
        """Show the texts; ``typed`` is what somebody wrote that was not taken."""
        network = visit.who.network
        async with self._desk.connection() as connection:
            asked = await texts(connection, network)
            given = await standing(connection, network)
        values = {
            "template": "consents",
            "title": TITLE,
            "asked": [Asked(text, *_split(given, text)) for text in asked],
            "typed": typed,
        }
        return await self._desk.page(visit, "/network", values, said)

    async def reword(self, visit: Visit) -> Reply:
        """Save another wording as another version."""
        form = await visit.form()
        network = visit.who.network
        async with self._desk.connection() as connection:
            before = {text.purpose: text.version for text in await texts(connection, network)}
        purpose = next((one for one in before if one == form.text("purpose")), None)
        if purpose is None:
            return await self.texts(visit)
        wanted = NewText(purpose, *(form.text(lang).replace("\r\n", "\n") for lang in ("th", "en")))
        if not all(SHORTEST <= len(text) <= LONGEST for text in (wanted.th, wanted.en)):
            return await self.texts(visit, Said(TOO_SHORT, bad=True), wanted)
        try:
            version = await self._save(network, wanted)
        except Problem as problem:
            return await self.texts(visit, Said(problem.detail, bad=True), wanted)
        said = UNCHANGED if version == before[purpose] else SAVED.fill(version=version)
        return await self.texts(visit, Said(said))

    async def _save(self, network: str, wanted: NewText) -> int:
        async with self._desk.connection() as connection, connection.transaction():
            await terms(connection, network, lock=True)
            await change(connection, network, TermsChange(consents=(wanted,)), self._desk.people.clock.now())
            return next(text.version for text in await texts(connection, network) if text.purpose == wanted.purpose)


def _split(given: list[Standing], text: ConsentText) -> tuple[int, int]:
    mine = [one for one in given if one.purpose == text.purpose]
    now = sum(one.people for one in mine if one.version == text.version)
    return now, sum(one.people for one in mine) - now

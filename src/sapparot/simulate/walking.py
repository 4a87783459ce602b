"""What people do at the doors of people, step by step, as the app and the pages do it for them."""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple
from uuid import UUID

from sapparot.base import canonical
from sapparot.base.jws import SigningKey
from sapparot.base.shipped import shipped
from sapparot.duty.training.course import read_course
from sapparot.simulate.browsers import Answer, Browser, Street
from sapparot.simulate.phone import DEVICE_TYPE
from sapparot.simulate.problems import DoorClosed

ASK = canonical.encode({"v": 1, "invite": ""})
TRIES = 3


class Member(NamedTuple):
    """Who somebody says to be: network, name, telephone, area of service."""

    network: str
    name: str
    phone: str
    area: str | None = None


class Way:
    """The steps; each raises DoorClosed when a door says what it should not."""

    def __init__(self, street: Street) -> None:
        self._street = street
        self._consents: dict[str, list[dict[str, Any]]] = {}
        course = read_course(shipped("data") / "training" / "volunteer.toml")
        self._right = {question.id: question.right.th for question in course.questions}

    async def sign_up(self, browser: Browser, who: Member) -> str:
        """Join a network and prove the telephone; return the person's id."""
        said = {
            "network": who.network, "name": who.name, "phone": who.phone, "area": who.area,
            "consents": await self._agreed(browser, who.network), "lang": "th",
        }  # fmt: skip
        return await self._prove(browser, who.phone, ("/v1/join", said))

    async def sign_in(self, browser: Browser, who: Member) -> str:
        """Sign in with a code; return the person's id."""
        return await self._prove(browser, who.phone, ("/v1/sign-in", {"network": who.network, "phone": who.phone}))

    async def learn(self, browser: Browser, *, hasty: bool = False) -> None:
        """Pass the quiz; who is hasty guesses first."""
        for guesses in (True, False) if hasty else (False,):
            training = (await self._street.ask(browser, "GET", "/v1/me/training")).json()
            quiz = training["quiz"]
            answers = {one["id"]: 0 if guesses else self._place(one) for one in quiz["questions"]}
            said = {"version": training["version"], "number": quiz["number"], "answers": answers}
            if (await self._street.ask(browser, "POST", "/v1/me/training", said)).json()["passed"]:
                return
        raise DoorClosed("ตอบแบบทดสอบถูกแล้วแต่ไม่ผ่าน", "the quiz was answered rightly and not passed")

    async def choose(self, browser: Browser, place: str, jobs: tuple[str, ...] = ("progress", "final")) -> bool:
        """Guard a place; tell whether it still had room."""
        answer = await self._street.ask(browser, "POST", "/v1/me/duties", {"place": place, "jobs": jobs})
        if answer.status == 409:
            return False
        answer.json()
        return True

    async def accept(self, browser: Browser) -> str:
        """Accept every duty that is offered; return the station, or nothing."""
        place = ""
        for duty in await self._duties(browser, "offered"):
            path = f"/v1/me/duties/{duty['id']}/answer"
            (await self._street.ask(browser, "POST", path, {"answer": "accept"})).json()
            place = duty["place"]
        return place

    async def drop(self, browser: Browser) -> None:
        """Give every accepted duty back."""
        for duty in await self._duties(browser, "accepted"):
            (await self._street.ask(browser, "POST", f"/v1/me/duties/{duty['id']}/drop", {"reason": ""})).json()

    async def enrol(self, browser: Browser, key: SigningKey) -> tuple[str, str]:
        """Enrol a device with its key; return its thumbprint and token."""
        asked = key.sign(ASK, DEVICE_TYPE, embed_key=True).encode()
        said = (await self._street.ask(browser, "POST", "/v1/me/devices", asked)).json()
        return said["kid"], said["token"]

    async def revoke(self, browser: Browser, kid: str) -> None:
        """Revoke a lost device."""
        (await self._street.ask(browser, "DELETE", f"/v1/me/devices/{kid}")).json()

    async def check_in(self, browser: Browser, station: str, at: str, place: tuple[int, int]) -> None:
        """Say that one is at the station; ``place`` in hundredths of a degree."""
        made = UUID(bytes=hashlib.sha256(f"{browser.cookie} {station}".encode()).digest()[:16], version=4)
        one = {"id": str(made), "station": station, "at": at, "lat": place[0], "lon": place[1]}
        said = (await self._street.ask(browser, "POST", "/v1/me/check-ins", {"check_ins": [one]})).json()
        if said["check_ins"][0]["status"] != "noted":
            raise DoorClosed(
                f"ระบบไม่ได้บันทึกการเช็กอินที่ {station}: {said}", f"a check-in at {station} was not noted: {said}"
            )

    async def ask(self, browser: Browser, method: str, path: str, said: object = None) -> Any:
        """Ask any other door."""
        return (await self._street.ask(browser, method, path, said)).json()

    async def _agreed(self, browser: Browser, network: str) -> list[dict[str, Any]]:
        if network not in self._consents:
            page = (await self._street.ask(browser, "GET", f"/v1/networks/{network}")).json()
            asked = [text for text in page["consents"] if text["required"]]
            self._consents[network] = [{"purpose": text["purpose"], "version": text["version"]} for text in asked]
        return self._consents[network]

    async def _prove(self, browser: Browser, phone: str, begun: tuple[str, object]) -> str:
        answer = Answer(0, b"")
        for _ in range(TRIES):
            coming = self._street.awaited(phone)
            handle = (await self._street.ask(browser, "POST", *begun)).json()["handle"]
            said = {"handle": handle, "code": await coming}
            answer = await self._street.ask(browser, "POST", "/v1/sign-in/code", said)
            if answer.status == 200:
                return str(answer.json()["person"])
        last = f"{answer.status} {answer.body.decode(errors='replace')[:300]}"
        raise DoorClosed(f"ไม่มีรหัสใดถูก: {last}", f"no code was right: {last}")

    async def _duties(self, browser: Browser, state: str) -> list[dict[str, Any]]:
        said = (await self._street.ask(browser, "GET", "/v1/me/duties")).json()
        return [duty for duty in said["duties"] if duty["state"] == state]

    def _place(self, question: dict[str, Any]) -> int:
        return [option["th"] for option in question["options"]].index(self._right[question["id"]])

"""The frame around the pages of those who lead: their network with its colour, and where they can go."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from sapparot.base.database import AsyncConnection
from sapparot.base.text import Text
from sapparot.people.signin import Identity
from sapparot.people.terms import Terms, terms

Tab = tuple[str, Text]

ORGANISE: tuple[Tab, ...] = (
    ("/organise", Text("ภาพรวม", "Overview")),
    ("/organise/people", Text("รายชื่อ", "People")),
    ("/organise/coverage", Text("หน่วย", "Stations")),
    ("/organise/plans", Text("แผนจัดคน", "Plans")),
    ("/organise/announcements", Text("ประกาศ", "Announcements")),
    ("/organise/import", Text("นำเข้ารายชื่อ", "Import")),
    ("/organise/invites", Text("ลิงก์เชิญ", "Invites")),
    ("/organise/roles", Text("สิทธิ์", "Roles")),
    ("/organise/network", Text("เครือข่าย", "Network")),
)
HEAD: Tab = ("/head", Text("เขตของฉัน", "My constituency"))


class Said(Struct, frozen=True):
    """What a page says about what was done just now; ``bad`` when it was not."""

    text: Text
    bad: bool = False


async def framed(connection: AsyncConnection, who: Identity, tab: str) -> dict[str, Any]:
    """Return what the frame of a page shows to somebody who leads."""
    network = await terms(connection, who.network)
    tabs = (*(ORGANISE if who.has("organiser") else ()), *((HEAD,) if who.has("head") else ()))
    return {"network": network, "palette": coloured(network), "tabs": tabs, "tab": tab}


def template_in(room: str, name: str) -> str:
    """Return where the template of a page is: in the folder of its room unless it names another."""
    return f"{name if '/' in name else f'{room}/{name}'}.html"


def coloured(network: Terms | None) -> str:
    """Return a style sheet with the colour of a network; it is ``#rrggbb``, so nothing else can come in."""
    return f":root{{--brand:{network.colour}}}" if network else ""

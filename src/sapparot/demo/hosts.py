"""Who receives a visitor of the demo: networks whose doors are open, and people with roles as whom anybody may sign in.

Their telephones are made up, and their codes stand on the outbox page of this machine.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from math import ceil

import msgspec

from sapparot.base.clock import clock_from
from sapparot.base.database import AsyncConnection, beside, connect
from sapparot.base.problems import Problem
from sapparot.base.settings import Settings
from sapparot.base.text import Text
from sapparot.people.granting import Granter, GrantRole, NewGrant
from sapparot.people.house import People
from sapparot.people.persons.problems import PERSON_UNKNOWN
from sapparot.people.terms import TermsChange, Welcome, change
from sapparot.peoplehouse import people_of
from sapparot.simulate.people import Network

WELCOME = Text(
    "นี่คือค่ำเลือกตั้งจำลอง ใส่ชื่อและเบอร์สมมติได้เลย รหัสจะขึ้นที่หน้า /outbox ของเครื่องนี้ ไม่มีการส่งข้อความจริง",
    "This is a simulated election evening. Make up a name and a number; the code comes up at /outbox of this machine."
    " No message is sent.",
)
NAMES: dict[GrantRole, Text] = {
    "organiser": Text("ผู้จัด ซ้อมระบบ", "Practice Organiser"),
    "head": Text("หัวหน้าเขต ซ้อมระบบ", "Practice Head"),
    "centre": Text("ศูนย์กลาง ซ้อมระบบ", "Practice Centre"),
}
COLOURS = ("#0b5563", "#7a3e9d", "#a8322d", "#1f6f43", "#8a5a00", "#2f4b9b", "#9c2c6b", "#4d5a1f")
OWN_INVITES = 5
HEADS_EACH = 100


class Host(msgspec.Struct, frozen=True):
    """Somebody with a role; ``area`` is the constituency of a head."""

    role: GrantRole
    network: str
    phone: str
    area: str | None = None


def hosts(networks: Sequence[Network], area: str) -> tuple[Host, ...]:
    """Return the people with roles: all of one network, the largest that stands everywhere and for no party."""
    anywhere = [each for each in networks if not (each.party or each.only or each.excluded)] or networks
    home = max(anywhere, key=lambda each: each.share).id
    return (
        Host("organiser", home, "+66800000001"),
        Host("head", home, "+66800000002", area),
        Host("centre", home, "+66800000003"),
    )


def organisers(networks: Sequence[Network], heads: int) -> tuple[Host, ...]:
    """Return the organisers who make the heads: enough of them that each makes a hundred."""
    leading = [each.id for each in networks if each.heads] or [networks[0].id]
    return tuple(
        Host("organiser", network, f"+6680001{place:02}{number:02}")
        for place, network in enumerate(leading)
        for number in range(ceil(heads / HEADS_EACH))
    )


def receive(settings: Settings, url: str, networks: Sequence[Network], seated: Sequence[Host]) -> None:
    """Open the doors of the networks, and list the hosts and give them their roles, as an operator does."""
    asyncio.run(_receive(people_of(settings, clock_from(settings.clock)), url, networks, seated))


async def _receive(people: People, url: str, networks: Sequence[Network], seated: Sequence[Host]) -> None:
    with connect(url) as connection:
        async with await beside(connection) as other:
            for number, network in enumerate(networks):
                colour = COLOURS[number % len(COLOURS)]
                open_door = TermsChange(
                    open=True,
                    approval=False,
                    own_invites=OWN_INVITES,
                    colour=colour,
                    welcome=Welcome(WELCOME.th, WELCOME.en),
                )
                await change(other, network.id, open_door, people.clock.now())
            for host in seated:
                await _seat(people, other, host)


async def _seat(people: People, connection: AsyncConnection, host: Host) -> None:
    await people.importer.one(connection, host.network, (NAMES[host.role].th, host.phone))
    person = await people.persons.by_phone(connection, host.network, host.phone)
    if person is None:
        raise Problem(PERSON_UNKNOWN)
    await people.office.grant(connection, Granter(None, "", frozenset()), NewGrant(person.id, host.role, host.area))


def guide(address: str, seated: Sequence[Host]) -> str:
    """Say where a visitor joins, where codes come up, and as whom one may sign in."""
    home = seated[0].network
    lines = [
        "Try it yourself; everybody's codes come up on one page, on this machine alone:",
        f"  codes         {address}outbox",
        f"  volunteer     {address}join/{home}   any Thai mobile number, such as 081 234 5678",
    ]
    for host in seated:
        local = f"0{host.phone[3:5]} {host.phone[5:8]} {host.phone[8:]}"
        where = f" of {host.area}" if host.area else ""
        lines.append(f"  {host.role + where:<13} {address}sign-in?network={host.network}   {local}")
    return "\n".join(lines)

"""Networks, invites and devices in PostgreSQL."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from sapparot.base import canonical, outbox
from sapparot.base.database import AsyncConnection, Connection
from sapparot.base.jws import THUMBPRINT, SigningKey
from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.people.facts import Device, Enrolment, Invited, Network, StandingInvite
from sapparot.people.problems import (
    DEVICE_REVOKED,
    INVITE_EXPIRED,
    INVITE_NOT_STANDING,
    INVITE_UNKNOWN,
    INVITE_USED_UP,
    NETWORK_EXISTS,
    NETWORK_UNKNOWN,
)
from sapparot.people.rules import HEAD, code_hash, enrolment_entry, fitting, network_entry, revocation_entry

DEVICE_LIFE = timedelta(days=60)
"""How long an enrolment stands: the campaign before polling day, the night itself and the recounts after it."""
_DEVICES = "SELECT kid, key, network, level, enrolled_at, until, revoked_at, channel FROM people.devices WHERE kid = ANY(%b::text[])"


def add_network(connection: Connection, network: Network) -> None:
    """Record a network and announce its key in the log, in the caller's transaction."""
    added = connection.execute(
        "INSERT INTO people.networks (id, name_th, name_en, key) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (network.id, network.name.th, network.name.en, Jsonb(network.key)),
    )
    if not added.rowcount:
        raise Problem(NETWORK_EXISTS, NETWORK_EXISTS.title, network=network.id)
    outbox.put(connection, [network_entry(network)])


def rotate_network(connection: Connection, identity: str, key: dict[str, Any]) -> None:
    """Give a network another public key (JWK) and announce it in the log, in the caller's transaction."""
    row = connection.execute(
        "UPDATE people.networks SET key = %s WHERE id = %s RETURNING name_th, name_en", (Jsonb(key), identity)
    ).fetchone()
    if row is None:
        raise Problem(NETWORK_UNKNOWN, network=identity)
    outbox.put(connection, [network_entry(Network(identity, Text(row[0], row[1]), key))])


def networks(connection: Connection) -> list[Network]:
    """Return every network, by id."""
    rows = connection.execute("SELECT id, name_th, name_en, key FROM people.networks ORDER BY id").fetchall()
    return [Network(row[0], Text(row[1], row[2]), row[3]) for row in rows]


async def titles(connection: AsyncConnection) -> dict[str, Text]:
    """Return what every network is called, by id."""
    cursor = await connection.execute("SELECT id, name_th, name_en FROM people.networks")
    return {row[0]: Text(row[1], row[2]) for row in await cursor.fetchall()}


def areas_named(connection: Connection, now: datetime) -> set[str]:
    """Return the codes of areas to which people, invites that still hold, and phones of spent ones belong."""
    found = connection.execute(
        "SELECT area FROM people.persons WHERE ended_at IS NULL UNION SELECT area FROM people.grants WHERE ended_at IS NULL"
        " UNION SELECT area FROM people.invites WHERE used < uses AND expires_at > %(now)s"
        " UNION SELECT area FROM people.invite_links WHERE ended_at IS NULL AND used < uses AND expires_at > %(now)s"
        " UNION SELECT area FROM people.devices JOIN people.invites ON code_hash = invite"
        " WHERE revoked_at IS NULL AND until > %(now)s",
        {"now": now},
    )
    return {area for (area,) in found.fetchall() if area is not None}


def make_invite(connection: Connection, network: str, invited: Invited, uses: int, expires_at: datetime) -> str:
    """Return a new invite code of a network; only its hash is kept. Raises :class:`Problem`."""
    fitting(invited)
    if not connection.execute(
        "SELECT 1 FROM people.networks WHERE id = %s AND state = 'active'", (network,)
    ).fetchone():
        raise Problem(NETWORK_UNKNOWN, network=network)
    code = secrets.token_urlsafe(16)
    connection.execute(
        "INSERT INTO people.invites (code_hash, network, level, area, uses, expires_at) VALUES (%s, %s, %s, %s, %s, %s)",
        (code_hash(code), network, *invited, uses, expires_at),
    )
    return code


def standing_invites(connection: Connection, network: str, now: datetime) -> list[StandingInvite]:
    """Return the invites of a network that still enrol devices, those first that end first; raises :class:`Problem`."""
    if not connection.execute("SELECT 1 FROM people.networks WHERE id = %s", (network,)).fetchone():
        raise Problem(NETWORK_UNKNOWN, network=network)
    rows = connection.execute(
        "SELECT left(encode(code_hash, 'hex'), 12), level, area, uses, used, expires_at FROM people.invites"
        " WHERE network = %s AND used < uses AND expires_at > %s ORDER BY expires_at, code_hash",
        (network, now),
    ).fetchall()
    return [StandingInvite(name, Invited(level, area), *rest) for name, level, area, *rest in rows]


def cancel_invite(connection: Connection, network: str, name: str, now: datetime) -> None:
    """End an invite by its name in :func:`standing_invites`: it is expired from now on. Raises :class:`Problem` when none stands."""
    ended = connection.execute(
        "UPDATE people.invites SET expires_at = %s WHERE network = %s AND used < uses AND expires_at > %s"
        " AND left(encode(code_hash, 'hex'), 12) = %s",
        (now, network, now, name),
    )
    if not ended.rowcount:
        raise Problem(INVITE_NOT_STANDING)


async def enrol(
    connection: AsyncConnection, asked: Sequence[Enrolment], now: datetime, keys: dict[str, SigningKey]
) -> list[Device | Problem]:
    """Enrol devices under their invites and put their entries into the outbox, in one transaction.

    A device that is enrolled already gets the same answer again and uses nothing up. Rows are locked in the order of their keys.
    """
    async with connection.transaction():
        invites = await _lock_invites(connection, sorted({ask.invite for ask in asked}))
        known = await devices_async(connection, [ask.kid for ask in asked])
        answers: list[Device | Problem] = []
        fresh: dict[str, tuple[Device, bytes]] = {}
        for ask in asked:
            answer = known.get(ask.kid) or _decide(ask, invites.get(ask.invite), now)
            if isinstance(answer, Device) and ask.kid not in known:
                known[ask.kid] = answer
                fresh[ask.kid] = (answer, ask.invite)
                invites[ask.invite]["used"] += 1
            answers.append(Problem(DEVICE_REVOKED) if isinstance(answer, Device) and answer.revoked_at else answer)
        if fresh:
            await _insert(connection, list(fresh.values()))
            added = [device for device, _ in fresh.values()]
            await outbox.put_async(connection, await asyncio.to_thread(_entries, added, keys))
        return answers


def _entries(devices: list[Device], keys: dict[str, SigningKey]) -> list[tuple[str, bytes]]:
    return [enrolment_entry(device, keys[device.network]) for device in devices]


def _decide(ask: Enrolment, invite: dict[str, Any] | None, now: datetime) -> Device | Problem:
    if invite is None:
        return Problem(INVITE_UNKNOWN)
    if invite["expires_at"] <= now:
        return Problem(INVITE_EXPIRED)
    if invite["used"] >= invite["uses"]:
        return Problem(INVITE_USED_UP)
    level, area = invite["level"], invite["area"]
    if level == HEAD and area is None:  # a code from when none was named: nobody heads the whole country
        level = 1
    areas = None if area is None else (area,)
    return Device(ask.kid, ask.key, invite["network"], level, now, now + DEVICE_LIFE, areas=areas)


async def _lock_invites(connection: AsyncConnection, hashes: list[bytes]) -> dict[bytes, dict[str, Any]]:
    cursor = await connection.execute(
        "SELECT code_hash, network, level, area, uses, used, expires_at FROM people.invites"
        " WHERE code_hash = ANY(%s) ORDER BY code_hash FOR UPDATE",
        (hashes,),
    )
    names = ("network", "level", "area", "uses", "used", "expires_at")
    return {row[0]: dict(zip(names, row[1:], strict=True)) for row in await cursor.fetchall()}


async def _insert(connection: AsyncConnection, fresh: list[tuple[Device, bytes]]) -> None:
    ordered = sorted(fresh, key=lambda pair: pair[0].kid)
    await connection.execute(
        "INSERT INTO people.devices (kid, key, network, level, invite, enrolled_at, until)"
        " SELECT kid, key::jsonb, network, level, invite, enrolled_at, until"
        " FROM unnest(%b::text[], %b::text[], %b::text[], %b::smallint[], %b::bytea[], %b::timestamptz[],"
        " %b::timestamptz[]) AS fresh (kid, key, network, level, invite, enrolled_at, until)",
        (
            [device.kid for device, _ in ordered],
            [canonical.encode(device.key).decode() for device, _ in ordered],
            [device.network for device, _ in ordered],
            [device.level for device, _ in ordered],
            [invite for _, invite in ordered],
            [device.enrolled_at for device, _ in ordered],
            [device.until for device, _ in ordered],
        ),
    )
    uses = Counter(invite for _, invite in ordered)
    hashes = sorted(uses)
    await connection.execute(
        "UPDATE people.invites SET used = used + spent.times"
        " FROM unnest(%s::bytea[], %s::integer[]) AS spent (hash, times) WHERE code_hash = spent.hash",
        (hashes, [uses[invite] for invite in hashes]),
    )


def enrolled(connection: Connection, kids: Iterable[str], *, revoked: bool = False) -> dict[str, Device]:
    """Return the enrolled devices among ``kids``; with ``revoked`` only those that were revoked."""
    query = _DEVICES + (" AND revoked_at IS NOT NULL" if revoked else "")
    return {row[0]: Device(*row) for row in connection.execute(query, (_possible(kids),)).fetchall()}


async def devices_async(connection: AsyncConnection, kids: Iterable[str]) -> dict[str, Device]:
    """The same as :func:`enrolled` on an asynchronous connection."""
    cursor = await connection.execute(_DEVICES, (_possible(kids),))
    return {row[0]: Device(*row) for row in await cursor.fetchall()}


async def own_devices(connection: AsyncConnection, person: UUID) -> frozenset[str]:
    """Return the thumbprints of a person's own devices, revoked or not; the gateway's key for its texts is none."""
    cursor = await connection.execute("SELECT kid FROM people.devices WHERE person = %s AND channel IS NULL", (person,))
    return frozenset(row[0] for row in await cursor.fetchall())


def standing_keys(connection: Connection, people: Sequence[UUID]) -> dict[str, UUID]:
    """Return the thumbprints of people's keys that were not revoked, those of their texts too, each with its owner."""
    found = connection.execute(
        "SELECT kid, person FROM people.devices WHERE person = ANY(%b::uuid[]) AND revoked_at IS NULL", (list(people),)
    )
    return {row[0]: row[1] for row in found.fetchall()}


def enrolled_since(connection: Connection, since: datetime) -> list[UUID]:
    """Return whose keys were enrolled at ``since`` or later."""
    found = connection.execute(
        "SELECT DISTINCT person FROM people.devices WHERE enrolled_at >= %s AND person IS NOT NULL", (since,)
    )
    return [row[0] for row in found.fetchall()]


def _possible(kids: Iterable[str]) -> list[str]:
    """Strangers name devices: what cannot be a thumbprint never reaches the database, which chokes on some texts."""
    return [kid for kid in kids if THUMBPRINT.fullmatch(kid)]


def revoke(connection: Connection, kid: str, now: datetime, reason: str, keys: dict[str, SigningKey]) -> bool:
    """End a device's right to report from ``now`` on and announce it in the log; return whether it had that right then.

    One that was revoked from a later moment on is revoked again: of several revocations the earliest holds.
    """
    device = enrolled(connection, [kid]).get(kid)
    if device is None or (device.revoked_at is not None and device.revoked_at <= now):
        return False
    connection.execute("UPDATE people.devices SET revoked_at = %s WHERE kid = %s", (now, kid))
    outbox.put(connection, [revocation_entry(device, now, reason, keys[device.network])])
    return True


async def enrol_for_text(connection: AsyncConnection, person: UUID, enrolled: Device, signer: SigningKey) -> Device:
    """Enrol the key under which the gateway signs what a person writes, and announce it, in the caller's transaction.

    A key that is enrolled already stays as it is; raises :class:`Problem` when it was revoked.
    """
    added = await connection.execute(
        "INSERT INTO people.devices (kid, key, network, level, person, enrolled_at, until, channel)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (
            *(enrolled.kid, Jsonb(enrolled.key), enrolled.network, enrolled.level, person),
            *(enrolled.enrolled_at, enrolled.until, enrolled.channel),
        ),
    )
    if added.rowcount:
        await outbox.put_async(connection, [enrolment_entry(enrolled, signer)])
    device = (await devices_async(connection, [enrolled.kid])).get(enrolled.kid, enrolled)
    if device.revoked_at is not None:
        raise Problem(DEVICE_REVOKED)
    return device

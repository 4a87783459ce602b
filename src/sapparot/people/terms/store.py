"""Terms and consent texts of networks in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import UNSET

from sapparot.base.database import AsyncConnection
from sapparot.base.text import Text
from sapparot.people.persons.facts import PURPOSES, Agreed
from sapparot.people.terms.facts import ConsentText, NewText, Terms, TermsChange
from sapparot.people.terms.rules import plain, readable_colour
from sapparot.people.terms.wording import FIRST_VERSION, TEXTS

_TERMS = (
    "SELECT id, name_th, name_en, coalesce(short_th, name_th), coalesce(short_en, name_en), colour, welcome_th, welcome_en,"
    " open, approval, own_invites, state FROM people.networks"
)
_CHANGE = (
    "UPDATE people.networks SET short_th = coalesce(%s, short_th), short_en = coalesce(%s, short_en), colour = coalesce(%s, colour),"
    " welcome_th = coalesce(%s, welcome_th), welcome_en = coalesce(%s, welcome_en), open = coalesce(%s, open),"
    " approval = coalesce(%s, approval), own_invites = coalesce(%s, own_invites) WHERE id = %s"
)
_ADD_TEXT = (
    "INSERT INTO people.consent_texts (network, purpose, version, th, en, since) VALUES (%s, %s, %s, %s, %s, %s)"
    " ON CONFLICT DO NOTHING"
)


async def all_terms(connection: AsyncConnection) -> list[Terms]:
    """Return the networks that take part, by id."""
    cursor = await connection.execute(_TERMS + " WHERE state = 'active' ORDER BY id")
    return [_terms(row) for row in await cursor.fetchall()]


async def terms(connection: AsyncConnection, network: str, *, lock: bool = False) -> Terms | None:
    """Return the terms of a network; ``lock`` holds them to the end of the transaction."""
    cursor = await connection.execute(_TERMS + " WHERE id = %s" + " FOR UPDATE" * lock, (network,))
    row = await cursor.fetchone()
    return _terms(row) if row else None


def _terms(row: Sequence[Any]) -> Terms:
    texts = Text(row[1], row[2]), Text(row[3], row[4]), Text(row[6], row[7])
    return Terms(row[0], texts[0], texts[1], row[5], texts[2], *row[8:])


async def change(connection: AsyncConnection, network: str, wanted: TermsChange, now: datetime) -> None:
    """Change the terms in the caller's transaction; raises :class:`Problem` for what cannot be shown."""
    short = (None, None) if wanted.short is UNSET else (plain(wanted.short.th), plain(wanted.short.en))
    welcome = wanted.welcome
    words = (None, None) if welcome is UNSET else (plain(welcome.th, lines=True), plain(welcome.en, lines=True))
    colour = None if wanted.colour is UNSET else readable_colour(wanted.colour)
    doors = [None if value is UNSET else value for value in (wanted.open, wanted.approval, wanted.own_invites)]
    await connection.execute(_CHANGE, (*short, colour, *words, *doors, network))
    for text in () if wanted.consents is UNSET else wanted.consents:
        await _reword(connection, network, text, now)


async def _reword(connection: AsyncConnection, network: str, text: NewText, now: datetime) -> None:
    wording = Text(plain(text.th, lines=True), plain(text.en, lines=True))
    [standing] = [each for each in await texts(connection, network) if each.purpose == text.purpose]
    if standing.text != wording:
        await keep(connection, network, [Agreed(text.purpose, standing.version)], now)
        values = (network, text.purpose, standing.version + 1, wording.th, wording.en, now)
        await connection.execute(_ADD_TEXT, values)


async def texts(connection: AsyncConnection, network: str) -> list[ConsentText]:
    """Return what the network asks people to agree to now, what is required first."""
    cursor = await connection.execute(
        "SELECT DISTINCT ON (purpose) purpose, version, th, en FROM people.consent_texts WHERE network = %s"
        " ORDER BY purpose, version DESC",
        (network,),
    )
    own = {row[0]: (row[1], Text(row[2], row[3])) for row in await cursor.fetchall()}
    given = {purpose: own.get(purpose, (FIRST_VERSION, TEXTS[purpose])) for purpose in PURPOSES}
    return [ConsentText(purpose, *given[purpose], purpose == "duty") for purpose in PURPOSES]


async def keep(connection: AsyncConnection, network: str, agreed: Sequence[Agreed], now: datetime) -> None:
    """Keep the words of the first version, which stand in the program, before somebody is recorded as having agreed to them."""
    for consent in agreed:
        if consent.version == FIRST_VERSION:
            text = TEXTS[consent.purpose]
            await connection.execute(_ADD_TEXT, (network, consent.purpose, FIRST_VERSION, text.th, text.en, now))


async def text_of(connection: AsyncConnection, network: str, agreed: Agreed) -> Text | None:
    """Return the words of one version."""
    cursor = await connection.execute(
        "SELECT th, en FROM people.consent_texts WHERE network = %s AND purpose = %s AND version = %s",
        (network, agreed.purpose, agreed.version),
    )
    row = await cursor.fetchone()
    return Text(row[0], row[1]) if row else None

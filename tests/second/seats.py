"""List seats: the rules of docs/formats/seats.md, in exact fractions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

CONSTITUENCIES = 350
LEAST = 333


@dataclass(frozen=True)
class Party:
    """What a party brings to a seat rule; names of None are no cap."""

    code: str
    votes: int
    won: int = 0
    names: int | None = None

    def cap(self, seats: int) -> int:
        return seats if self.names is None else min(self.names, seats)


class Refused(Exception):
    """The rule gives no list seats; the arguments are Thai and English."""


@dataclass
class Given:
    """What a rule gives to the lists, in the order of the parties."""

    quota: Fraction
    seats: list[int]
    ties: list[tuple[list[int], int]]
    unfilled: int
    whole: list[int] | None = None
    remainder: list[Fraction] | None = None
    note: dict[str, str] | None = None


@dataclass
class Claim:
    """What a list asks for: whole seats, and a rank where seats are left."""

    whole: int
    rank: Any
    entitled: bool
    cap: int


def filled(claims: Sequence[Claim], seats: int, lots: Sequence[int] = ()) -> Given:
    """Fill seats: whole ones first, then round after round by rank."""
    given = [min(claim.whole, claim.cap) for claim in claims]
    left = seats - sum(given)
    ties: list[tuple[list[int], int]] = []
    while left:
        waiting = [at for at, claim in enumerate(claims) if claim.entitled and given[at] < claim.cap]
        if not waiting:
            break
        takers = waiting if len(waiting) <= left else _last_round(claims, waiting, left, lots, ties)
        for at in takers:
            given[at] += 1
        left -= len(takers) + sum(places for _, places in ties)
    return Given(Fraction(0), given, ties, left)


def _last_round(
    claims: Sequence[Claim], waiting: list[int], left: int, lots: Sequence[int], ties: list[tuple[list[int], int]]
) -> list[int]:
    """Say who gets one of the last seats; who is level for too few draws lots."""
    last = sorted((claims[at].rank for at in waiting), reverse=True)[left - 1]
    above = [at for at in waiting if claims[at].rank > last]
    level = [at for at in waiting if claims[at].rank == last]
    places = left - len(above)
    if len(level) == places:
        return above + level
    drawn = [at for at in lots if at in level][:places]
    if len(drawn) == places:
        return above + drawn
    ties.append((level, places))
    return above


def th_2566(parties: Sequence[Party], list_seats: int, lots: Sequence[int] = ()) -> Given:
    if not list_seats:
        raise Refused("การเลือกตั้งนี้ไม่มีที่นั่งแบบบัญชีรายชื่อ", "this election has no list seats")
    quota = _quota(parties, list_seats)
    whole = [party.votes // quota for party in parties]
    remainder = [party.votes % quota for party in parties]
    claims = [
        Claim(seats, rank, party.votes > 0, party.cap(list_seats))
        for seats, rank, party in zip(whole, remainder, parties, strict=True)
    ]
    given = filled(claims, list_seats, lots)
    given.quota, given.whole, given.remainder = quota, whole, remainder
    return given


def _quota(parties: Sequence[Party], seats: int) -> Fraction:
    votes = sum(party.votes for party in parties)
    if not votes:
        raise Refused("ไม่มีคะแนนเลย จึงหาคะแนนต่อหนึ่งที่นั่งไม่ได้", "there are no votes, so no seat has a price in votes")
    return Fraction(votes, seats)


def th_2562(parties: Sequence[Party], list_seats: int, lots: Sequence[int] = ()) -> Given:
    won = sum(party.won for party in parties)
    if not LEAST <= won <= CONSTITUENCIES:
        raise Refused(
            f"ที่นั่งแบบแบ่งเขตรวมกันได้ {won} แต่ต้องเป็น {LEAST} ถึง {CONSTITUENCIES} (มาตรา 128 และ 129)",
            f"the constituency seats add up to {won}; sections 128 and 129 need {LEAST} to {CONSTITUENCIES}",
        )
    seats = list_seats * won // CONSTITUENCIES
    quota = _quota([party for party in parties if party.names != 0], won + seats)
    exact = _mixed(parties, seats, quota, lots, Fraction)
    rough = _mixed(parties, seats, _four(quota), (), _four)
    exact.quota = quota
    if not exact.ties and not rough.ties:
        pairs = zip(parties, exact.seats, rough.seats, strict=True)
        others = ", ".join(f"{party.code} {other}" for party, here, other in pairs if here != other)
        if others:
            exact.note = {
                "th": f"หากปัดทศนิยมสี่ตำแหน่งตามตัวบท ที่นั่งจะเป็น: {others}",
                "en": f"With the four decimals of the Act the list seats would be: {others}",
            }
    return exact


def _mixed(
    parties: Sequence[Party], seats: int, quota: Fraction, lots: Sequence[int], rounded: Callable[[Fraction], Fraction]
) -> Given:
    shares = [
        Fraction(0) if party.names == 0 else max(Fraction(0), rounded(party.votes / quota) - party.won)
        for party in parties
    ]
    if (all_shares := sum(shares)) > seats:
        shares = [rounded(share * seats / all_shares) for share in shares]
    claims = []
    for party, share in zip(parties, shares, strict=True):
        whole = int(share)
        members = party.won + whole
        rank = (share - whole, not members, Fraction(party.votes, members or 1))
        claims.append(Claim(whole, rank, share > 0, party.cap(seats)))
    return filled(claims, seats, lots)


def _four(number: Fraction) -> Fraction:
    return Fraction((number * 20_000 + 1) // 2, 10_000)


RULES = {"th-2562": th_2562, "th-2566": th_2566}


def given_by(rule: str, parties: Sequence[Party], list_seats: int) -> Given:
    if rule not in RULES:
        rules = ", ".join(RULES)
        raise Refused(f"ไม่รู้จักกติกา {rule} (มี {rules})", f"the rule {rule} is not known (there are {rules})")
    return RULES[rule](parties, list_seats)


def written(number: Fraction) -> str:
    """Write exactly: a decimal without trailing zeros, else p/q in lowest terms."""
    for digits in range(number.denominator.bit_length()):
        scaled = number * 10**digits
        if scaled.denominator == 1:
            text = str(scaled.numerator).rjust(digits + 1, "0")
            return f"{text[:-digits]}.{text[-digits:]}" if digits else text
    return f"{number.numerator}/{number.denominator}"

"""A name is found among forty thousand without an index of names: the time is that of opening what is sealed, and little more."""

from __future__ import annotations

import secrets
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from sapparot.base.database import connect
from sapparot.people.organising import Members, Wanted
from sapparot.people.organising import store as organising
from sapparot.people.persons import Reader
from sapparot.people.persons.facts import Particulars
from sapparot.people.persons.vault import VaultLocked
from tests.people.persons_cast import NOW, Town

MANY = 40_000
SLOWER = 3.0
"""A search without a hit may take so many times as long as reading the rows and opening them."""
NAMES = ["สมชาย ใจดี", "สมหญิง รักชาติ", 'มา"นะ \\ ถนอม', "Ömer Straße", "name phone", "สมศักดิ์ ใจดี"]
Found = TypeVar("Found")


def filled(town: Town, names: list[str], network: str = "vote62") -> None:
    """Put people into a network, in one piece."""
    rows = [(uuid.uuid4(), name, secrets.token_bytes(32)) for name in names]
    sealed = [town.vault.seal(made, Particulars(name, "+66812345678", "a@example.org")) for made, name, _ in rows]
    with connect(town.url) as connection:
        connection.execute(
            "INSERT INTO people.persons (id, network, state, sealed, phone, joined_at)"
            " SELECT id, %s, 'active', sealed, phone, %s FROM unnest(%s::uuid[], %s::bytea[], %s::bytea[]) AS new (id, sealed, phone)",
            (network, NOW, [row[0] for row in rows], sealed, [row[2] for row in rows]),
        )
        connection.execute("ANALYZE people.persons")


def asked(town: Town, reader: Reader, q: str, **more: Any) -> Members:
    wanted = Wanted(q=q, **more)
    return town.run(lambda connection: town.bureau.people(connection, reader, wanted))


def names(found: Members) -> set[str | None]:
    return {member.name for member in found.people}


@pytest.fixture
def town(database_url: str, tmp_path: Path) -> Town:
    return Town(database_url, tmp_path)


@pytest.mark.parametrize(
    ("q", "wanted"),
    [
        ("ใจดี", {"สมชาย ใจดี", "สมศักดิ์ ใจดี"}), ("สม", {"สมชาย ใจดี", "สมหญิง รักชาติ", "สมศักดิ์ ใจดี"}),
        ('"นะ', {'มา"นะ \\ ถนอม'}), ("\\", {'มา"นะ \\ ถนอม'}), ("STRASSE", {"Ömer Straße"}), ("o\u0308mer", {"Ömer Straße"}),
        ("phone", {"name phone"}), ("  name   PHONE ", {"name phone"}), ("example", set()), ("+668", set()), ('{"', set()), ("ฮฮฮ", set()),
    ],
)  # fmt: skip
def test_part_of_a_name_finds_it_and_nothing_else_that_is_sealed_with_it(town: Town, q: str, wanted: set[str]) -> None:
    filled(town, NAMES)
    reader = town.organiser()
    assert names(asked(town, reader, q)) == wanted


def test_names_of_who_is_gone_or_never_proved_the_telephone_are_not_found(town: Town) -> None:
    for number, state in enumerate(("active", "waiting", "listed", "applied", "left", "expelled")):
        town.person(state=state, who=(f"ค้นหา {state}", f"+668100000{number:02}"))
    assert names(asked(town, town.organiser(), "ค้นหา")) == {"ค้นหา active", "ค้นหา waiting", "ค้นหา listed"}


def test_a_search_reads_on_in_pages_without_gap_or_double(town: Town) -> None:
    filled(town, [f"คนที่ {number % 3} {number}" for number in range(120)])
    reader = town.organiser()
    seen: list[str | None] = []
    after = None
    while True:
        page = asked(town, reader, "คนที่ 1", limit=7, after=after)
        seen += [member.name for member in page.people]
        if page.next is None:
            break
        after = page.next
    assert len(seen) == len(set(seen)) == 40


def test_many_blobs_open_as_one_does_and_a_changed_one_says_whose_it_is(town: Town) -> None:
    ids = [uuid.uuid4() for _ in range(5)]
    old = [(one.bytes, town.vault.seal(one, Particulars(str(one), "+66812345678"))) for one in ids[:2]]
    town.vault.advance()
    rows = old + [(one.bytes, town.vault.seal(one, Particulars(str(one), "+66812345678"))) for one in ids[2:]]
    assert all(str(one).encode() in plain for one, plain in zip(ids, town.vault.open_all(rows), strict=True))
    swapped = [(rows[0][0], rows[1][1])]
    with pytest.raises(VaultLocked, match=str(ids[0])):
        list(town.vault.open_all(swapped))
    with pytest.raises(VaultLocked):
        list(town.vault.open_all([(rows[0][0], b"")]))


def quickest(work: Callable[[], Found]) -> tuple[float, Found]:
    """The shortest of three times."""
    times = []
    for _ in range(3):
        began = time.perf_counter()
        found = work()
        times.append(time.perf_counter() - began)
    return min(times), found


@pytest.mark.slow
def test_a_name_is_found_among_forty_thousand_about_as_fast_as_their_seals_can_be_opened(town: Town) -> None:
    filled(town, [f"สมชาย ใจดี {number}" for number in range(MANY)])
    reader = town.organiser()

    def floor() -> int:
        query = organising.Query("vote62")
        rows = town.run(lambda connection: organising.veiled(connection, query))
        return sum(1 for _ in town.vault.open_all(rows))

    least, opened = quickest(floor)
    nothing, none = quickest(lambda: asked(town, reader, "ไม่มีคนนี้"))
    last, one = quickest(lambda: asked(town, reader, f"ใจดี {MANY - 1}"))
    print(f"floor {least:.3f} s, no hit {nothing:.3f} s, one hit {last:.3f} s")  # noqa: T201
    assert opened == MANY + 1 and not none.people and len(one.people) == 1
    assert nothing < least * SLOWER and last < least * SLOWER

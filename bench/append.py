"""How fast a log grows with all its files, and how fast a proof comes out of them.

The floor is what nobody can do without: SHA-256 of every entry as a leaf, bare, over the same entries in the same run. Beside it stand
leaves a second with tiles and bundles written in batches and forced onto the disk batch by batch, the most memory that was used, and
inclusion proofs made from the files alone, a fresh reader for each. The floor of a proof is to open and read the same files once more and
to make as many node hashes as its nodes take, in the same moment.

Run: make bench ARGS="append [--leaves 10000000] [--bytes 64] [--place DIR]"
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import sys
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from statistics import median

from sapparot.base.clock import monotonic
from sapparot.base.objects import Objects
from sapparot.ledger.growth import Growth
from sapparot.ledger.proofs import check_inclusion, inclusion
from sapparot.ledger.shelf import Shelf
from sapparot.ledger.tiles import HEIGHT, WIDTH, Hashes
from sapparot.ledger.tree import HASH_SIZE, leaf_hash, leaf_hashes

BATCH = 65_536
LEAVES_A_SECOND = 200_000
SECONDS = 60.0
MEGABYTES = 100
PROOF_MILLISECONDS = 2.0
PROOF_FLOORS = 1.5
"""A proof may also take so many times what the same reads and hashes alone take on this machine: a slow one is not our fault."""
TEN_MILLION = 10_000_000
PROOFS = 1000


def entry(position: int, width: int) -> bytes:
    """An entry of ``width`` bytes that no other position has."""
    return b"%0*d" % (width, position)


def batches(leaves: int, width: int) -> Iterator[list[bytes]]:
    """The entries, batch by batch."""
    for start in range(0, leaves, BATCH):
        yield [entry(position, width) for position in range(start, min(start + BATCH, leaves))]


def floor(leaves: int, width: int) -> float:
    """Seconds that the bare leaf hashes take."""
    spent = 0.0
    for batch in batches(leaves, width):
        began = monotonic()
        for body in batch:
            sha256(b"\x00" + body).digest()
        spent += monotonic() - began
    return spent


def append(place: Path, leaves: int, width: int) -> tuple[float, bytes]:
    """Write the log; return seconds, without making the entries, and the root."""
    growth, shelf = Growth(), Shelf(Objects.at(place))
    spent = 0.0
    for batch in batches(leaves, width):
        began = monotonic()
        shelf.put(growth.add(batch, leaf_hashes(batch)))
        shelf.settle()
        spent += monotonic() - began
    began = monotonic()
    shelf.put(growth.partials())
    shelf.settle()
    return spent + monotonic() - began, growth.root()


def proofs(place: Path, leaves: int, width: int, root: bytes) -> tuple[list[float], list[float]]:
    """Milliseconds of each of a thousand proofs, all of them checked, and of the floor of each; both in order of size."""
    objects = Objects.at(place)
    chance = random.Random(62)
    spent, least = [], []
    for _ in range(PROOFS):
        index = chance.randrange(leaves)
        names: list[str] = []

        def read(name: str, names: list[str] = names) -> bytes:
            names.append(f"{place}/log/{name}")
            return objects.get(f"log/{name}")

        began = monotonic()
        path = inclusion(Hashes(read, leaves), index, leaves)
        spent.append((monotonic() - began) * 1000)
        check_inclusion(leaf_hash(entry(index, width)), index, leaves, path, root)
        least.append(proof_floor(names, hashes_of_path(index, leaves)))
    return sorted(spent), sorted(least)


def proof_floor(names: list[str], hashes: int) -> float:
    """Milliseconds that reading these files and making so many node hashes take."""
    began = monotonic()
    for name in names:
        file = os.open(name, os.O_RDONLY)
        os.read(file, WIDTH * HASH_SIZE)
        os.close(file)
    pair = bytes(65)
    for _ in range(hashes):
        sha256(pair).digest()
    return (monotonic() - began) * 1000


def hashes_of_path(index: int, size: int) -> int:
    """How many node hashes the path of an entry takes that tiles do not hold (RFC 6962, section 2.1.1)."""
    hashes, start, end = 0, 0, size
    while end - start > 1:
        middle = start + (1 << (end - start - 1).bit_length() - 1)
        left = index < middle
        hashes += _hashes_of_root(*((middle, end) if left else (start, middle)))
        start, end = (start, middle) if left else (middle, end)
    return hashes


def _hashes_of_root(start: int, end: int) -> int:
    """Node hashes for the root over a span: a full subtree begins at the tile level below it, any other one is put together."""
    count = end - start
    level = (count - 1).bit_length()
    if count == 1 << level:
        return (1 << level % HEIGHT) - 1
    middle = start + (1 << level - 1)
    return 1 + _hashes_of_root(start, middle) + _hashes_of_root(middle, end)


def main() -> int:
    """Measure, print, and return 1 when a bound is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leaves", type=int, default=TEN_MILLION)
    parser.add_argument("--bytes", type=int, default=64, help="size of an entry")
    parser.add_argument("--place", type=Path, help="directory on the disk to measure; the temporary one by default")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sapparot-append-", dir=chosen.place) as directory:
        spent, root = append(Path(directory), chosen.leaves, chosen.bytes)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        bare = floor(chosen.leaves, chosen.bytes)
        spent_on_proofs, least = proofs(Path(directory), chosen.leaves, chosen.bytes, root)
    rate = chosen.leaves / spent
    print(f"{chosen.leaves:,} entries of {chosen.bytes} bytes with all files: {spent:.1f} s, {rate:,.0f} a second")
    print(f"bare leaf hashes of the same entries: {bare:.1f} s; the log takes {spent / bare:.1f} times the floor")
    print(f"most memory: {memory:.0f} MB")
    late, late_floor = (times[int(len(times) * 0.99)] for times in (spent_on_proofs, least))
    middle, middle_floor = median(spent_on_proofs), median(least)
    print(f"inclusion proof from files: median {middle:.2f} ms, 99 of 100 within {late:.2f} ms")
    print(
        f"  the same reads and hashes alone: {middle_floor:.2f} and {late_floor:.2f} ms; {middle / middle_floor:.2f} times the floor"
    )
    seconds = SECONDS * chosen.leaves / TEN_MILLION
    proved = late <= max(PROOF_MILLISECONDS, PROOF_FLOORS * late_floor)
    met = rate >= LEAVES_A_SECOND and spent <= seconds and memory <= MEGABYTES and proved
    print("within its bounds" if met else "OUT OF BOUNDS")
    return int(not met)


if __name__ == "__main__":
    sys.exit(main())

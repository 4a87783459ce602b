"""How fast a log grows with all its files, and how fast a proof comes out of them.

The floor is what nobody can do without: SHA-256 of every entry as a leaf, bare, over the same entries in the same run. Beside it stand
leaves a second with tiles and bundles written in batches and forced onto the disk batch by batch, the most memory that was used, and
inclusion proofs made from the files alone, a fresh reader for each.

Run: make bench ARGS="append [--leaves 10000000] [--bytes 64] [--place DIR]"
"""

from __future__ import annotations

import argparse
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
from sapparot.ledger.tiles import Hashes
from sapparot.ledger.tree import leaf_hash, leaf_hashes

BATCH = 65_536
LEAVES_A_SECOND = 200_000
SECONDS = 60.0
MEGABYTES = 100
PROOF_MILLISECONDS = 2.0
TEN_MILLION = 10_000_000


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


def proofs(place: Path, leaves: int, width: int, root: bytes) -> list[float]:
    """Milliseconds for each of some hundred proofs, all of them checked."""
    objects = Objects.at(place)
    chance = random.Random(62)
    spent = []
    for _ in range(300):
        index = chance.randrange(leaves)
        began = monotonic()
        path = inclusion(Hashes(lambda name: objects.get(f"log/{name}"), leaves), index, leaves)
        spent.append((monotonic() - began) * 1000)
        check_inclusion(leaf_hash(entry(index, width)), index, leaves, path, root)
    return sorted(spent)


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
        milliseconds = proofs(Path(directory), chosen.leaves, chosen.bytes, root)
    rate = chosen.leaves / spent
    print(f"{chosen.leaves:,} entries of {chosen.bytes} bytes with all files: {spent:.1f} s, {rate:,.0f} a second")
    print(f"bare leaf hashes of the same entries: {bare:.1f} s; the log takes {spent / bare:.1f} times the floor")
    print(f"most memory: {memory:.0f} MB")
    late = milliseconds[int(len(milliseconds) * 0.99)]
    print(f"inclusion proof from files: median {median(milliseconds):.2f} ms, 99 of 100 within {late:.2f} ms")
    seconds = SECONDS * chosen.leaves / TEN_MILLION
    met = (
        rate >= LEAVES_A_SECOND
        and spent <= seconds
        and memory <= MEGABYTES
        and median(milliseconds) <= PROOF_MILLISECONDS
    )
    print("within its bounds" if met else "OUT OF BOUNDS")
    return int(not met)


if __name__ == "__main__":
    sys.exit(main())

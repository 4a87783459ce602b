"""What counting, checking and publishing a national evening costs, against a floor that only reads the same moves.

Run: make bench ARGS="publish [--stations 95137]"
"""

from __future__ import annotations

import argparse
import hashlib
import random
import resource
import time
from collections.abc import Callable

from bench.verify_fold import OPTIONS, above_zero, definitions
from sapparot.base import canonical
from sapparot.publish.facts import SnapshotMeta
from sapparot.publish.render import Renderer
from sapparot.tally import Entry, Tally

BATCH = 2000
STANDINGS = (("live", "live"), ("reported", "reported"), ("confirmed", "confirmed"), ("disputed", "live"))


def moves(codes: list[str], count: int, start: int) -> list[Entry]:
    """Moves of random sheets with figures of ordinary size."""
    chance = random.Random(start)
    made: list[Entry] = []
    for position in range(start, start + count):
        ballot, width = chance.choice(list(OPTIONS.items()))
        state, layer = chance.choice(STANDINGS)
        votes = {str(number): chance.randrange(60) for number in range(1, width + 1)}
        valid = sum(votes.values())
        figures = {"votes": votes, "valid": valid, "spoiled": 9, "no_vote": 11, "ballots_cast": valid + 20}
        move = {
            "kind": "move", "v": 1, "sheet": f"{chance.choice(codes)}/{ballot}", "was": "empty", "state": state,
            "layer": layer, "figures": figures, "cause": position, "reason": "finals_agree", "sources": 2,
        }  # fmt: skip
        made.append((position, "move", canonical.encode(move)))
    return made


def timed(work: Callable[[], object], rounds: int = 5) -> float:
    """The median of some rounds, in seconds of the processor."""
    spent = []
    for _ in range(rounds):
        begin = time.process_time()
        work()
        spent.append(time.process_time() - begin)
    return sorted(spent)[rounds // 2]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stations", type=above_zero, default=95_137)
    given = parser.parse_args()
    tally = Tally()
    log = [(position, kind, body) for position, (kind, body) in enumerate(definitions(given.stations))]
    tally.apply_many(log)
    position, before = len(log), peak()
    election = tally.result().election
    spent = floor = 0.0
    count = 2 * given.stations
    for start in range(position, position + count, 20 * BATCH):
        made = moves(election.stations.codes, 20 * BATCH, start)
        begin = time.process_time()
        for at in range(0, len(made), BATCH):
            tally.apply_many(made[at : at + BATCH])
        middle = time.process_time()
        for _, _, body in made:
            canonical.decode(body)
        spent, floor = spent + middle - begin, floor + time.process_time() - middle
        position = start + len(made)
    each = 20 * BATCH * -(-count // (20 * BATCH))
    print(
        f"tally: {spent / each * 1e6:.1f} us a move, {spent / floor:.2f} times the floor (decode); {before} MiB before, {peak()} MiB after"
    )
    print(f"cross-check (full recomputation and comparison): {timed(tally.compare) * 1e3:.0f} ms")
    publish(tally, position)


def publish(tally: Tally, size: int) -> None:
    """Render light and full snapshots, cold and with rows kept."""
    result, renderer = tally.result(), Renderer(tally.result().election)

    def render(*, full: bool) -> dict[str, bytes]:
        return renderer.render(result, SnapshotMeta(1, size, "0" * 64, "2023-05-14T11:00:00.000000Z", full, None))

    light = timed(lambda: render(full=False))
    begin = time.process_time()
    files = render(full=True)
    cold, kept = time.process_time() - begin, timed(lambda: render(full=True))
    floor = timed(lambda: [hashlib.sha256(data).digest() for data in files.values()])
    volume = sum(map(len, files.values()))
    print(f"light snapshot: {light * 1e3:.0f} ms, {sum(map(len, render(full=False).values())) / 1e6:.2f} MB")
    print(
        f"full snapshot: {cold:.2f} s the first time, {kept:.2f} s with rows kept, {volume / 1e6:.0f} MB; {peak()} MiB"
    )
    print(f"full snapshot with rows kept: {kept / floor:.1f} times the floor (hash the same bytes)")
    moved = moves(result.election.stations.codes, BATCH, size)
    tally.apply_many(moved)
    begin = time.process_time()
    renderer.refresh(result, size + BATCH)
    print(f"rows of moved sheets: {(time.process_time() - begin) / BATCH * 1e6:.1f} us a move")


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()

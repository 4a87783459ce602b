"""How long the fold of `verify` takes for each report of a national evening, against a floor that only reads and writes the same bytes.

Run: make bench ARGS="verify_fold [--stations 95137]"
"""

from __future__ import annotations

import argparse
import random
import resource
import time
from collections.abc import Iterator
from typing import Any

from sapparot.base import canonical
from sapparot.base.jws import SigningKey, b64, parse
from sapparot.verify import Engine, letters, policy_entry
from sapparot.verify.policy import Policy

OPTIONS = {"constituency": 12, "list": 67}
NETWORKS = 16
CLOSES = "2023-05-14T10:00:00Z"
Entry = tuple[str, bytes]


def above_zero(argument: str) -> int:
    """Read a whole number above zero from the command line."""
    if argument.isdecimal() and int(argument):
        return int(argument)
    raise argparse.ArgumentTypeError(f"{argument} is not a whole number above zero")


def text(word: str) -> dict[str, str]:
    return {"th": word, "en": word}


def definitions(stations: int) -> Iterator[Entry]:
    """The definition entries of a nation of 400 constituencies with 18 subdistricts each."""
    districts = max(1, stations * 400 // 95_137)
    codes = [f"{10 + number // 6}-{number % 6 + 1:02}" for number in range(districts)]
    parties: list[dict[str, Any]] = [
        {"code": f"p{n}", "number": n, "name": text(f"p{n}"), "short": text(f"p{n}"), "color": "#123456"}
        for n in range(1, 68)
    ]
    areas: list[dict[str, Any]] = [{"code": "TH", "kind": "country", "parent": None, "name": text("TH")}]
    areas += [{"code": c, "kind": "constituency", "parent": "TH", "name": text(c)} for c in codes]
    areas += [
        {"code": f"{c}-{s:02}", "kind": "subdistrict", "parent": c, "name": text(c)} for c in codes for s in range(18)
    ]
    contests: list[dict[str, Any]] = [{"ballot": "constituency", "area": c, "options": options(12)} for c in codes]
    contests.append({"ballot": "list", "area": "TH", "options": options(67), "seats": 100})
    lists: dict[str, list[Any]] = {c: [] for c in codes}
    for number in range(stations):
        c = codes[number % districts]
        s = number // districts % 18
        lists[c].append([f"{c}-{s:02}-{number:05}", 620, "ordinary", 13_700_000, 100_500_000, f"{c}-{s:02}"])
    parts: list[dict[str, Any]] = [
        {"kind": "parties", "items": parties},
        {"kind": "areas", "items": areas},
        {"kind": "options", "contests": contests},
        *({"kind": "stations", "area": c, "items": items} for c, items in lists.items()),
    ]
    header = {
        "kind": "election", "v": 1, "id": "bench", "name": text("bench"), "date": "2023-05-14",
        "opens_at": "2023-05-14T01:00:00Z", "closes_at": CLOSES, "seat_rule": {"name": "th-2566", "list_seats": 100},
        "ballots": [
            {"code": "constituency", "scope": "constituency", "name": text("c")},
            {"code": "list", "scope": "country", "name": text("l")},
        ],
        "forms": [], "parts": len(parts),
    }  # fmt: skip
    yield "election", canonical.encode(header)
    for part in parts:
        yield str(part["kind"]), canonical.encode({"v": 1, "election": "bench", **part})


def options(count: int) -> list[dict[str, Any]]:
    return [{"number": n, "party": f"p{n}", "name": text(f"o{n}")} for n in range(1, count + 1)]


def register(devices: int) -> Iterator[Entry]:
    """Networks and devices; signatures are made up, as the fold does not check them again."""
    keys = [SigningKey.from_secret("EdDSA", bytes([number]) * 32) for number in range(NETWORKS)]
    for number, key in enumerate(keys):
        yield "network", canonical.encode({"kind": "network", "v": 1, "id": f"n{number}", "key": key.jwk})
    yield policy_entry(Policy())
    for device in range(devices):
        jwk = device_key(device)
        said = {
            "v": 1, "kid": kid_of(jwk), "key": jwk, "network": f"n{device % NETWORKS}", "level": 1,
            "from": "2023-05-01T00:00:00Z", "until": "2023-06-01T00:00:00Z",
        }  # fmt: skip
        header = {"alg": "EdDSA", "kid": keys[device % NETWORKS].kid, "typ": letters.ENROLMENT_TYPE}
        yield "enrolment", canonical.encode({"kind": "enrolment", "v": 1, "jws": unsigned(header, said)})


def device_key(device: int) -> dict[str, str]:
    return {"kty": "OKP", "crv": "Ed25519", "x": b64(device.to_bytes(32, "big"))}


def kid_of(jwk: dict[str, str]) -> str:
    from sapparot.base.jws import thumbprint

    return thumbprint(jwk)


def unsigned(header: dict[str, Any], payload: dict[str, Any]) -> str:
    return f"{b64(canonical.encode(header))}.{b64(canonical.encode(payload))}.{'A' * 86}"


def reports(stations: int, codes: list[str]) -> Iterator[Entry]:
    """One progress and two finals of every sheet, in three waves; one final in fifty has a mistake."""
    chance = random.Random(1)
    kids = [kid_of(device_key(device)) for device in range(stations)]
    serial = 0
    for wave, (stage, at) in enumerate([("progress", "11:30"), ("final", "12:30"), ("final", "14:00")]):
        for station in range(stations):
            for ballot, width in OPTIONS.items():
                serial += 1
                figures = numbers(station, width, half=stage == "progress")
                if stage == "final" and chance.random() < 0.02:
                    figures["votes"]["1"] += 10
                payload = {
                    "v": 1, "id": f"0197a000-0000-7000-8000-{serial:012}", "election": "bench",
                    "sheet": f"{codes[station]}/{ballot}", "stage": stage, **figures,
                    "evidence": [{"role": "form", "page": 1, "sha256": f"{serial:064x}"}] if stage == "final" else [],
                    "observed_at": f"2023-05-14T{at}:00Z", "seq": wave + 1, "replaces": None, "app": "bench/1",
                    "place": [1370, 10050],
                }  # fmt: skip
                device = station if wave < 2 else (station + 1) % stations
                header: dict[str, Any] = {"alg": "EdDSA", "kid": kids[device], "typ": letters.REPORT_TYPE}
                body = {"kind": "report", "v": 1, "at": f"2023-05-14T{at}:01.000000Z", "jws": unsigned(header, payload)}
                yield "report", canonical.encode(body)


def numbers(station: int, width: int, *, half: bool) -> dict[str, Any]:
    chance = random.Random(station * 100 + width)
    part = 2 if half else 1
    votes = {str(n): chance.randrange(2, 900 // n + 3) // 3 // part for n in range(1, width + 1)}
    while sum(votes.values()) > 480:
        votes = {n: count // 2 for n, count in votes.items()}
    valid = sum(votes.values())
    return {"votes": votes, "valid": valid, "spoiled": 9, "no_vote": 11, "ballots_cast": valid + 20}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stations", type=above_zero, default=95_137)
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args()
    engine, position = Engine(), 0
    for kind, body in [*definitions(given.stations), *register(given.stations)]:
        assert not engine.apply(position, kind, body), (kind, position)
        position += 1
    assert engine.election is not None
    print(f"before the first report: {peak()} MiB")
    if given.profile:
        import cProfile

        profile = cProfile.Profile()
        entries = list(reports(given.stations, engine.election.stations.codes))
        profile.enable()
        for at, (kind, body) in enumerate(entries, position):
            engine.apply(at, kind, body)
        profile.disable()
        profile.print_stats("tottime")
        return
    fold(engine, position, given.stations)


def fold(engine: Engine, position: int, stations: int) -> None:
    """Fold the reports in chunks, so that the generator's time and memory stay out of the figures."""
    assert engine.election is not None
    spent = floor = 0.0
    count = out = size = 0
    chunk: list[bytes] = []
    source = reports(stations, engine.election.stations.codes)
    while chunk := [body for _, (_, body) in zip(range(20_000), source, strict=False)]:
        begin = time.process_time()
        outs = [engine.apply(position + at, "report", body) for at, body in enumerate(chunk)]
        middle = time.process_time()
        for body in chunk:
            canonical.encode(canonical.decode(parse(canonical.decode(body)["jws"]).payload))
        spent, floor = spent + middle - begin, floor + time.process_time() - middle
        count, position = count + len(chunk), position + len(chunk)
        out += sum(map(len, outs))
        size += sum(len(body) for entries in outs for _, body in entries)
        print(f"{count:>8,} reports: {(middle - begin) / len(chunk) * 1e6:.1f} us each, {peak()} MiB")
    print(f"{spent / count * 1e6:.1f} us a report, {out / count:.2f} entries and {size / count:.0f} bytes out")
    print(f"{spent / floor:.2f} times the floor of {floor / count * 1e6:.1f} us (parse, decode, encode)")


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()

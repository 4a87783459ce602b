"""A server that is killed in the middle of a photograph goes on from what it had on the disk; nothing is torn, nothing is lost."""

from __future__ import annotations

import hashlib
import random
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from sapparot.base import canonical, outbox
from sapparot.base.database import Connection
from sapparot.base.objects import sealed_objects
from sapparot.evidence.resuming import PATH, PIECE_TYPE
from tests.evidence.conftest import authorization
from tests.evidence.pictures import board, written
from tests.evidence.sending import metadata
from tests.evidence.test_kill import server


def headers(phone: str, **more: str) -> dict[str, str]:
    given = {name.replace("_", "-"): value for name, value in more.items()}
    return {"authorization": authorization(phone), "tus-resumable": "1.0.0", **given}


def send_on(root: str, path: str, photograph: bytes, phone: str) -> bool:
    """Ask how far it came and send all the rest; False when the server died meanwhile."""
    try:
        told = httpx.head(root + path, headers=headers(phone), verify=False, timeout=60)
        offset = int(told.headers["upload-offset"])
        said = headers(phone, upload_offset=str(offset), content_type=PIECE_TYPE)
        slowly = (photograph[at : at + 40_000] for at in range(offset, len(photograph), 40_000))
        answer = httpx.patch(root + path, content=slowly, headers=said, verify=False, timeout=60)
    except httpx.TransportError:
        return False
    assert answer.status_code == 204, answer.text
    return True


def received(database: Connection) -> int:
    row = database.execute("SELECT sum(received) FROM evidence.uploads").fetchone()
    database.commit()
    return int(row[0]) if row else 0


def wait_for_more(database: Connection, size: int) -> None:
    """Return when that much more is on the disk, at the latest after half a minute."""
    before, until = received(database), time.monotonic() + 30
    while received(database) < before + size and time.monotonic() < until:
        time.sleep(0.002)


def test_a_killed_server_goes_on_from_what_was_on_the_disk(
    database_url: str, database: Connection, tmp_path: Path
) -> None:
    chance = random.Random(21)
    photographs = {f"phone{n}": written(board(64 + n, 48)) + chance.randbytes(4_000_000) for n in range(4)}
    paths: dict[str, str] = {}
    done: set[str] = set()
    for attempt in range(6):
        with server(database_url, tmp_path) as (url, process), ThreadPoolExecutor(4) as threads:
            root = url.removesuffix("/v1/evidence/")
            for phone, photograph in photographs.items():
                if phone not in paths:
                    said = headers(phone, upload_length=str(len(photograph)), upload_metadata=metadata(photograph))
                    paths[phone] = httpx.post(root + PATH, headers=said, verify=False, timeout=60).headers["location"]
            sent = {
                phone: threads.submit(send_on, root, paths[phone], photographs[phone], phone) for phone in photographs
            }
            if attempt < 5:
                wait_for_more(database, chance.randint(1, 4) * 500_000)
                process.kill()
            done = {phone for phone, one in sent.items() if one.result()}
    assert done == set(photographs)
    names = sorted(hashlib.sha256(photograph).hexdigest() for photograph in photographs.values())
    assert sorted(canonical.decode(one.body)["original"] for one in outbox.take(database, 100)) == names
    sealed = sealed_objects(tmp_path)
    assert sorted(hashlib.sha256(sealed.get(f"v1/evidence/{name}.jpg")).hexdigest() for name in names) == names
    assert list((tmp_path / "incoming").iterdir()) == []

"""Two networks, those who lead them, and browsers that read pages and send forms."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

from tests.databases import Databases
from tests.intake.phones import Answer, Front
from tests.people.arriving import found, web_side
from tests.people.cast import Browser

OTHER = "teachers"


@contextmanager
def leading(databases: Databases, folder: Path, **chosen: object) -> Iterator[Front]:
    """The whole web side over a database of its own, with two networks."""
    with web_side(databases, folder, **({"senders": None} | chosen)) as running:
        found(running, OTHER)
        yield running


def words(answer: Answer, status: int = 200) -> str:
    """What a page says, without its marks."""
    assert answer.status == status, (answer.status, answer.body[:600])
    body = re.sub(rb"(?s)<(style|script)[^>]*>.*?</\1>", b" ", answer.body)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body.decode())).split())


def send(browser: Browser, path: str, **fields: object) -> Answer:
    """Send a form as a page does."""
    pairs = [(name, one) for name, value in fields.items() for one in (value if isinstance(value, list) else [value])]
    return browser.call("POST", path, urlencode(pairs).encode(), content_type="application/x-www-form-urlencoded")


def upload(browser: Browser, path: str, data: bytes, name: str = "people.csv") -> Answer:
    """Send a file as a page does."""
    mark = secrets.token_hex(12)
    head = (
        f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: text/csv\r\n\r\n'
    )
    body = head.encode() + data + f"\r\n--{mark}--\r\n".encode()
    return browser.call("POST", path, body, content_type=f"multipart/form-data; boundary={mark}")

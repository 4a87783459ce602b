"""A phone that sends a photograph in pieces, header by header, so that tests may say anything."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from typing import Any

import httpx
import msgspec

from sapparot.evidence.resuming import PATH, PIECE_TYPE
from tests.evidence.conftest import Station, authorization


def metadata(original: bytes, **more: bytes) -> str:
    """The header Upload-Metadata of a photograph."""
    pairs = {"sha256": hashlib.sha256(original).hexdigest().encode(), **more}
    return ",".join(f"{name} {b64encode(value).decode()}".strip() for name, value in pairs.items())


def checksum(data: bytes, algorithm: str = "sha1") -> str:
    """The header Upload-Checksum of a body."""
    return f"{algorithm} {b64encode(hashlib.new(algorithm, data).digest()).decode()}"


class Sender(msgspec.Struct):
    """One device at the doors of a station."""

    station: Station
    phone: str = "phone"

    @property
    def root(self) -> str:
        host, port = self.station.address
        return f"http://{host}:{port}"

    def say(self, method: str, path: str = PATH, content: Any = None, **headers: str) -> httpx.Response:
        """One request; names of headers with underscores, and None leaves a usual header out."""
        usual = {"tus-resumable": "1.0.0", "authorization": authorization(self.phone)}
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {name: value for name, value in (usual | given).items() if value}
        return httpx.request(method, self.root + path, content=content, headers=sent, timeout=60, verify=False)

    def begin(self, photograph: bytes, content: bytes | None = None, **headers: str) -> httpx.Response:
        """Begin an upload."""
        usual = {"upload_length": str(len(photograph)), "upload_metadata": metadata(photograph)}
        if content is not None:
            usual["content_type"] = PIECE_TYPE
        return self.say("POST", content=content, **(usual | headers))

    def begun(self, photograph: bytes) -> str:
        """Begin an upload; return its path."""
        answer = self.begin(photograph)
        assert answer.status_code == 201, answer.text
        return str(answer.headers["location"])

    def patch(self, path: str, offset: int, content: Any, **headers: str) -> httpx.Response:
        """Send what follows."""
        usual = {"upload_offset": str(offset), "content_type": PIECE_TYPE}
        return self.say("PATCH", path, content, **(usual | headers))

    def offset(self, path: str) -> int:
        """How far the upload has come."""
        answer = self.say("HEAD", path)
        assert answer.status_code == 200, answer.status_code
        assert answer.headers["cache-control"] == "no-store"
        return int(answer.headers["upload-offset"])


def code(answer: httpx.Response) -> tuple[int, str]:
    """Status and problem code of a refusal, which speaks tus as well."""
    assert answer.headers["tus-resumable"] == "1.0.0"
    return answer.status_code, answer.json()["code"]

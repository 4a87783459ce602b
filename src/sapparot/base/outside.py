"""Asking servers of other people: bounded in time and bytes, and never led elsewhere by a redirect."""

from __future__ import annotations

import http.client
import zlib
from collections.abc import Iterator, Mapping
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import HTTPHandler, HTTPSHandler, OpenerDirector, ProxyHandler, Request

import msgspec

from sapparot.base.clock import monotonic


class Unanswered(OSError):
    """The other server gave no answer that can be used; the message names the server without path or password."""

    def __init__(self, words: str, *, sent: bool = False) -> None:
        """``sent``: the request went out, so the other server may have done what it was asked."""
        super().__init__(words)
        self.sent = sent


class Answer(msgspec.Struct, frozen=True):
    """What the other server said."""

    status: int
    body: bytes


def _opener() -> OpenerDirector:
    """Return an opener that knows no redirects and takes every status for an answer; proxies are those of the environment."""
    opener = OpenerDirector()
    for handler in (ProxyHandler(), HTTPHandler(), HTTPSHandler()):
        opener.add_handler(handler)
    return opener


_OPENER = _opener()


def ask(
    url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None, *, most: int, seconds: float
) -> Answer:
    """GET ``url``, or POST ``body`` to it; any status is an answer. Raises :class:`Unanswered` beyond ``most`` bytes or ``seconds``."""
    name = _host(url)
    until = monotonic() + seconds
    try:
        request = Request(url, body, {"User-Agent": "sapparot", **(headers or {})})  # noqa: S310 - http or https, see _host
        with _OPENER.open(request, timeout=seconds) as found:
            return Answer(found.status, _body(found, most, until))
    except http.client.InvalidURL as error:  # its message would repeat the path, which may hold a key
        raise Unanswered(f"the address at {name} has characters that none has") from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        # What goes wrong before the whole request is out comes as a URLError; an error of the answer comes as it is.
        raise Unanswered(
            f"{name}: {getattr(error, 'reason', None) or error}", sent=not isinstance(error, URLError)
        ) from error


def _host(url: str) -> str:
    try:
        parts = urlsplit(url)
        name = f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
    except ValueError as error:
        raise Unanswered("this is not the address of a web server") from error
    if parts.scheme not in ("http", "https") or not name or "@" in parts.netloc:
        raise Unanswered("an address begins with http:// or https:// and holds a host, and no name or password")
    return name


def _body(found: http.client.HTTPResponse, most: int, until: float) -> bytes:
    """Read what there is; a server that sends drop by drop is left at ``until``."""
    body = b""
    for piece in pieces(found):
        body += piece
        if len(body) > most:
            raise ValueError(f"more than {most} bytes")
        if monotonic() > until:
            raise ValueError("the answer takes too long")
    return body


def packed(found: http.client.HTTPResponse) -> bool:
    """Tell whether a body comes as gzip; raises OSError when it is packed in another way."""
    how = (found.getheader("Content-Encoding") or "identity").strip().lower()
    if how not in ("identity", "gzip", "x-gzip"):
        raise OSError(f"the answer comes as {how}")
    return how != "identity"


def pieces(found: http.client.HTTPResponse, size: int = 65536) -> Iterator[bytes]:
    """Give a body in pieces of ``size`` at most, unpacked where it comes as gzip: logs may send bundles so (tlog-tiles).

    Raises OSError when it is packed in another way, or damaged.
    """
    unpack = zlib.decompressobj(16 + zlib.MAX_WBITS) if packed(found) else None
    while piece := found.read1(size):
        while piece:
            try:
                yield piece if unpack is None else unpack.decompress(piece, size)
            except zlib.error as error:
                raise OSError(f"the answer cannot be unpacked: {error}") from error
            piece = unpack.unconsumed_tail if unpack is not None else b""
    if unpack is not None and (not unpack.eof or unpack.unused_data):
        raise OSError("the answer cannot be unpacked: it does not end where its gzip ends")

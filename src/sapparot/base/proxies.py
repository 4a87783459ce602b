"""Whom a request comes from: the peer of the connection, or, behind proxies that the operator trusts, whom they name.

Each proxy adds on the right of one header whom it heard (``X-Forwarded-For``; ``Forwarded``, RFC 7239). Whatever stands further left may
have been written by the caller, so it is read from the right, and only as far as every hop is trusted. The other header is never read:
a proxy that does not know it passes on what a caller wrote.

One caller with IPv6 has a whole network of 64 bits (RFC 6177), so that network is the address by which callers are counted; the network
of 48 bits around it, which a customer may have as well, has a room of its own.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from sapparot.base.asgi import Scope

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
MOST_HOPS = 16
_FOR = re.compile(r'(?:^|;)\s*for=("(?:[^"\\]|\\.)*"|[^;,"\s]*)\s*(?:;|$)', re.IGNORECASE)
_PORT = re.compile(r"\[([0-9a-fA-F:.]+)\](?::\d{1,5})?|(\d{1,3}(?:\.\d{1,3}){3})(?::\d{1,5})?")


def networks_in(text: str) -> tuple[Network, ...]:
    """Read networks in CIDR notation, separated by spaces or commas; raises :class:`ValueError` for what is none, or is everybody."""
    found = tuple(ip_network(part) for part in text.replace(",", " ").split())
    if any(network.prefixlen == 0 for network in found):
        raise ValueError("a proxy that may be anybody is no proxy: everybody could then write its own address")
    return found


class Proxies:
    """The proxies that are trusted, and the header in which they say whom they heard."""

    def __init__(self, trusted: str = "", named: str = "x-forwarded-for") -> None:
        self._trusted = networks_in(trusted)
        self._name = named.encode()
        self._knows = lru_cache(4096)(self._known)

    def look(self, scope: Scope) -> None:
        """Put whom the request comes from into ``scope["client"]``."""
        client = scope.get("client")
        if not client or not (self._trusted or ":" in client[0]):
            return
        scope["client"] = (self._caller(scope, str(client[0])), client[1])

    def _caller(self, scope: Scope, peer: str) -> str:
        """Return the nearest address that no trusted proxy has; a hop that names none hides behind the proxy that wrote it."""
        last = peer
        if self._trusted and self._knows(peer):
            said = b",".join(value for name, value in scope["headers"] if name == self._name).decode("latin-1")
            for _ in range(MOST_HOPS):
                said, hop = _rightmost(said)
                address = _node(hop) if self._name == b"x-forwarded-for" else _forwarded(hop)
                if address is None:
                    break
                last = str(address)
                if not self._knows(last):
                    break
        return counted(last)

    def _known(self, text: str) -> bool:
        address = _address(text)
        return address is not None and any(address in network for network in self._trusted)


def counted(text: str) -> str:
    """Return the address by which a caller is counted: an IPv4 address as it is, of IPv6 the network of 64 bits."""
    address = _address(text)
    if isinstance(address, IPv6Address) and not address.is_loopback:
        return f"{IPv6Address(int(address) >> 64 << 64)}/64"
    return str(address) if address else text


def wider(counted: str) -> str | None:
    """Return the network of 48 bits around a counted network of 64 bits, which one customer may have as a whole; None around others."""
    network, slash, bits = counted.partition("/")
    return f"{IPv6Address(int(IPv6Address(network)) >> 80 << 80)}/48" if slash and bits == "64" else None


def _address(text: str) -> Address | None:
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def _rightmost(said: str) -> tuple[str, str]:
    """Cut off the last element; a comma inside quotes, counted from the right, separates nothing."""
    rest, _, hop = said.rpartition(",")
    while hop.count('"') % 2 and rest:
        rest, _, more = rest.rpartition(",")
        hop = f"{more},{hop}"
    return rest, hop.strip()


def _node(text: str) -> Address | None:
    """Read an address with or without a port, as proxies write it."""
    port = _PORT.fullmatch(text)
    return _address(port[1] or port[2] if port else text)


def _forwarded(element: str) -> Address | None:
    """Read ``for=`` of an element of ``Forwarded``; None for ``unknown`` and for names in its place."""
    found = _FOR.search(element)
    return _node(found[1].strip('"')) if found else None

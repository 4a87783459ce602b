"""Whom a request comes from: nobody writes its own address, and a network of 64 bits is one caller."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Iterator

import pytest
import uvloop
from hypothesis import given
from hypothesis import strategies as st

from sapparot.base.asgi import Receive, Scope, Send, respond
from sapparot.base.gate import Gate
from sapparot.base.proxies import Proxies, counted
from sapparot.base.server import make_server

TRUSTED = "10.0.0.0/8 2001:db8:ffff::/48"
PROXY, OTHER_PROXY, CALLER = "10.0.0.1", "10.1.2.3", "203.0.113.9"


def came(
    headers: list[tuple[str, str]], peer: str = PROXY, named: str = "x-forwarded-for", trusted: str = TRUSTED
) -> str:
    """Whom the program takes for the caller."""
    scope = {"client": (peer, 50_000), "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers]}
    Proxies(trusted, named).look(scope)
    assert scope["client"][1] == 50_000
    return str(scope["client"][0])


def by(*said: str, peer: str = PROXY) -> str:
    return came([("x-forwarded-for", one) for one in said], peer)


def told(*said: str) -> str:
    return came([("forwarded", one) for one in said], named="forwarded")


def test_without_trusted_proxies_the_peer_is_the_caller_whatever_it_writes() -> None:
    for name in ("x-forwarded-for", "forwarded", "x-real-ip", "true-client-ip"):
        assert came([(name, CALLER)], peer=PROXY, trusted="") == PROXY


def test_a_peer_that_is_no_proxy_of_ours_is_not_believed() -> None:
    assert by("198.51.100.7", peer=CALLER) == CALLER


@pytest.mark.parametrize(
    "said",
    [
        [CALLER], [f"6.6.6.6, {CALLER}"], ["6.6.6.6", CALLER], [f"6.6.6.6, {CALLER}, {OTHER_PROXY}"],
        [f"6.6.6.6,{CALLER} ,\t{OTHER_PROXY}"], [f"10.9.9.9, {CALLER}"], [f"unknown, {CALLER}"], [f"{CALLER}:4711"],
        [f"::ffff:{CALLER}"], [f"6.6.6.6, {CALLER}", f"2001:db8:ffff::7, {OTHER_PROXY}"], [f'", {CALLER}'], [f", , {CALLER}"],
    ],
)  # fmt: skip
def test_the_nearest_address_that_no_trusted_proxy_has_is_the_caller(said: list[str]) -> None:
    assert by(*said) == CALLER


@pytest.mark.parametrize("said", ["", "unknown", "_hidden", "999.1.1.1", "a" * 9000, "6.6.6.6, nonsense", "6.6.6.6,"])
def test_a_hop_that_names_nobody_hides_behind_the_proxy_that_wrote_it(said: str) -> None:
    assert by(said) == PROXY


def test_who_is_inside_the_trusted_networks_itself_is_found_at_the_far_end() -> None:
    assert by("10.7.7.7, 10.8.8.8") == "10.7.7.7"
    assert by(", ".join(["10.7.7.7"] * 500)) == "10.7.7.7"


@pytest.mark.parametrize(
    "said",
    [
        [f"for={CALLER}"], [f'for="{CALLER}:8080";proto=https;by=10.0.0.2'], [f"For={CALLER};host=example.org"],
        [f"for=6.6.6.6, for={CALLER}"], ["for=6.6.6.6", f"proto=http; for={CALLER}"], [f'for="evil, for={CALLER}'],
        [f'for="6.6.6.6, for=7.7.7.7", for={CALLER}'], [f"for={CALLER}, for=10.3.3.3"], [f'for=unknown,for="{CALLER}"'],
    ],
)  # fmt: skip
def test_forwarded_is_read_as_rfc_7239_writes_it_from_the_right(said: list[str]) -> None:
    assert told(*said) == CALLER


def test_a_callers_own_words_in_the_header_that_is_not_read_change_nothing() -> None:
    both = [("forwarded", "for=6.6.6.6"), ("x-forwarded-for", CALLER)]
    assert came(both) == CALLER
    assert came([("forwarded", f"for={CALLER}"), ("x-forwarded-for", "6.6.6.6")], named="forwarded") == CALLER
    assert came([("x-forwarded-for", CALLER)], named="forwarded") == PROXY


def test_all_addresses_of_one_network_of_64_bits_are_one_caller() -> None:
    home = "2001:db8:1:2::/64"
    assert by("2001:db8:1:2::1") == by("2001:db8:1:2:ffff:eeee:dddd:cccc") == by("[2001:db8:1:2::5]:443") == home
    assert told('for="[2001:db8:1:2::17]:4711"') == told('for="[2001:db8:1:2::17]"') == home
    assert came([], peer="2001:db8:1:2::99", trusted="") == home
    assert came([], peer="fe80::1%eth0", trusted="") == "fe80::/64"
    assert by("2001:db8:1:3::1") != home
    assert came([], peer="::1", trusted="") == "::1", "this machine is this machine"
    assert came([("x-forwarded-for", CALLER)], peer="::ffff:10.0.0.1") == CALLER


@given(
    st.lists(st.text(alphabet='0123456789abcdef.:[]",;= for%_\\', max_size=30), max_size=6),
    st.sampled_from([CALLER, "9.9.9.9"]),
)
def test_whatever_a_caller_writes_first_what_the_proxy_adds_is_the_caller(written: list[str], caller: str) -> None:
    assert by(*written, caller) == caller
    assert told(*written, f"for={caller}") == caller
    assert told(*written, f'for="{caller}"') == caller


@given(st.text(max_size=60))
def test_nothing_that_can_stand_there_is_an_error(text: str) -> None:
    line = text.encode("utf-8", "replace").decode("latin-1")
    assert counted(text) is not None
    assert by(line) and told(line)


@pytest.fixture(scope="module")
def address() -> Iterator[int]:
    """A running server that says whom it takes for the caller, and trusts this machine."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await respond(send, 200, json.dumps(scope["client"][0]).encode())

    gate = Gate({("GET", "/"): app}, {}, proxies=("127.0.0.0/8", "x-forwarded-for"))
    listening = socket.create_server(("127.0.0.1", 0))
    server = make_server(gate, "127.0.0.1", 0)
    thread = threading.Thread(target=lambda: uvloop.run(server.serve(sockets=[listening])), daemon=True)
    thread.start()
    yield listening.getsockname()[1]
    server.should_exit = True
    thread.join(20)


@pytest.mark.parametrize(
    ("written", "caller"),
    [((), "127.0.0.1"), (("6.6.6.6", CALLER), CALLER), ((f"6.6.6.6, {CALLER}, 127.0.0.2",), CALLER)],
)
def test_the_running_server_goes_by_the_header(address: int, written: tuple[str, ...], caller: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", address, timeout=10)
    connection.putrequest("GET", "/")
    for line in written:
        connection.putheader("X-Forwarded-For", line)
    connection.endheaders()
    assert json.loads(connection.getresponse().read()) == caller
    connection.close()

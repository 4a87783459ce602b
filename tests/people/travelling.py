"""Providers that run as processes of their own, a web side that knows them, and browsers that go there and come back."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

import pytest

from sapparot.base.asgi import Budget
from tests.databases import Databases
from tests.intake.phones import NETWORK, Answer, Front, Served, serving
from tests.people.arriving import found, web_side
from tests.people.cast import Browser, person, signed_in
from tests.people.test_senders import Gateway, gateway
from tests.web.leading import send, words

PROGRAM = Path(__file__).with_name("provider.py")
SECRET = "0123456789abcdef0123456789abcdef"
OTHER = "teachers"
ALGORITHMS = {"google": "RS256", "chula": "ES256", "line": "HS256", "kmitl": "EdDSA"}
SHOWS = {"google": "client_secret_post", "chula": "client_secret_basic", "line": "client_secret_post", "kmitl": "none"}
_numbers, _names = count(1000), count(1)


class Elsewhere(NamedTuple):
    """A running provider."""

    id: str
    port: int

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, method: str, path: str, form: dict[str, str] | str | None = None) -> tuple[int, str, str]:
        """Status, where it leads, and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        body = urlencode(form) if isinstance(form, dict) else form
        connection.request(method, path, body, {"Content-Type": "application/x-www-form-urlencoded"} if body else {})
        answer = connection.getresponse()
        return answer.status, answer.getheader("location") or "", answer.read().decode()

    def lie(self, lie: str) -> None:
        assert self.ask("POST", "/lie", lie)[0] == 200

    def asked(self) -> list[dict[str, Any]]:
        return list(json.loads(self.ask("GET", "/asked")[2]))


@contextmanager
def provider(name: str, **more: Any) -> Iterator[Elsewhere]:
    """A provider in a process of its own."""
    back = f"http://localhost/sign-in/with/{name}/back"
    config = {"alg": ALGORITHMS[name], "client": "sapparot", "secret": SECRET, "back": back, "show": SHOWS[name]} | more
    process = subprocess.Popen(
        [sys.executable, str(PROGRAM), json.dumps(config)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdin and process.stdout
    try:
        yield Elsewhere(name, int(process.stdout.readline()))
    finally:
        process.stdin.close()
        process.wait(20)


def table(one: Elsewhere) -> str:
    how = {"chula": 'showing = "basic"', "kmitl": 'showing = "none"'}.get(one.id, f'secret = "{SECRET}"')
    how += f'\nsecret = "{SECRET}"' if one.id == "chula" else ""
    how += "\nmessages = true" if one.id == "line" else ""
    return (
        f'[{one.id}]\nth = "บัญชี {one.id}"\nen = "{one.id.title()}"\nissuer = "{one.issuer}"\nclient = "sapparot"\n'
        f'algorithms = ["{ALGORITHMS[one.id]}"]\n{how}\n'
    )


class Scene(NamedTuple):
    """The web side and the providers that it knows."""

    front: Front
    providers: dict[str, Elsewhere]
    line: Gateway
    """The far side of LINE's messages."""


@pytest.fixture(scope="module")
def scene(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("providers")
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        patch.setattr(Budget, "spend", lambda *_: True)  # all these travellers come from one address
        running = {name: stack.enter_context(provider(name, names_itself=name != "line")) for name in ALGORITHMS}
        file, senders = folder / "providers.toml", folder / "senders.toml"
        file.write_text("\n".join(map(table, running.values())))
        far = stack.enter_context(gateway())
        senders.write_text(f'[line]\ntoken = "t0ken"\nurl = "{far.url}"\n')
        chosen = {"site": "http://localhost", "providers": file, "senders": "line,page", "senders_file": senders}
        front = stack.enter_context(web_side(databases, folder, **chosen))
        found(front, OTHER)
        yield Scene(front, running, far)


@pytest.fixture(params=list(ALGORITHMS))
def one(request: pytest.FixtureRequest, scene: Scene) -> Elsewhere:
    """Each provider: RS256, ES256, HS256 as LINE, EdDSA; each shows its secret in another way."""
    return scene.providers[request.param]


class Traveller(Browser):
    """A browser that goes to providers and keeps the cookie of the way."""

    def __init__(self, front: Front, token: str = "") -> None:
        super().__init__(front, token)
        self.way = ""

    def call(self, method: str, path: str, said: object = None, **headers: str) -> Answer:
        kept = [f"sapparot_session={self.token}"] if self.token else []
        kept += [f"sapparot_way={self.way}"] if self.way else []
        answer = super().call(method, path, said, **({"cookie": "; ".join(kept)} if kept else {}) | headers)
        given = answer.headers.get("set-cookie", "")
        if given.startswith("sapparot_way="):
            assert "HttpOnly" in given and "Path=/sign-in" in given and "SameSite=lax" in given
            self.way = given.split(";")[0].partition("=")[2].strip('"')
        return answer

    def leave(self, provider: Elsewhere, path: str = "", **form: str) -> str:
        """Leave for a provider; return the address to which the page leads."""
        answer = send(self, path or f"/en/sign-in/with/{provider.id}", **form)
        assert answer.status == 200, words(answer, answer.status)
        where = answer.body.decode().partition('content="0;url=')[2].partition('"')[0].replace("&amp;", "&")
        assert where.startswith(f"{provider.issuer}/authorize?")
        return where

    def back(self, provider: Elsewhere, where: str, who: str) -> str:
        """Say at the provider who one is; return the path to which it leads back."""
        status, _, page = provider.ask("GET", where.removeprefix(provider.issuer))
        assert status == 200 and "Who are you?" in page
        status, there, _ = provider.ask("POST", where.removeprefix(provider.issuer), {"who": who})
        assert status == 302 and there.startswith("http://localhost/sign-in/with/")
        return there.removeprefix("http://localhost")

    def come(self, provider: Elsewhere, who: str, path: str = "", **form: str) -> Answer:
        """The whole way."""
        return self.get(self.back(provider, self.leave(provider, path, **form), who))


def volunteer(scene: Scene, network: str = NETWORK, state: str = "active") -> UUID:
    return person(scene.front, network, state=state, who=("สมศรี มาดี", new_phone()))


def traveller(scene: Scene, who: UUID | None = None, **since: timedelta) -> Traveller:
    token = signed_in(scene.front, who, **since).token if who else ""
    return Traveller(scene.front, token)


def link(scene: Scene, provider: Elsewhere, who: UUID, name: str) -> Answer:
    return traveller(scene, who).come(provider, name, f"/me/with/{provider.id}")


def new_phone() -> str:
    """A telephone that no other test uses."""
    return f"+6681666{next(_numbers)}"


def fresh_name() -> str:
    return f"U{next(_names):032x}"


@contextmanager
def own_side(scene: Scene, one: Elsewhere, **more: Any) -> Iterator[Served]:
    """Another web side over the same database, which knows one provider."""
    folder = scene.front.settings.data
    file = folder / f"{one.port}.toml"
    file.write_text(table(one))
    with serving(scene.front.url, folder, ("intake", "web"), site="http://localhost", providers=file, **more) as front:
        yield front

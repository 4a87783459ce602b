"""Signing in with an account at a provider that runs as a process of its own: only who linked it comes in, and no lie is believed."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import pytest

from sapparot.base.database import AsyncConnection, AsyncPool, connect
from sapparot.people.providers.roundtrip import RoundTrip
from sapparot.web.signin.elsewhere import ElsewherePages
from tests.databases import Databases
from tests.intake.phones import NETWORK
from tests.people.arriving import ask_code, code_for, deliver, try_code, web_side
from tests.people.cast import Browser, person, said, signed_in
from tests.people.travelling import (
    ALGORITHMS,
    OTHER,
    SHOWS,
    Elsewhere,
    Scene,
    fresh_name,
    link,
    new_phone,
    one,
    own_side,
    provider,
    scene,
    traveller,
    volunteer,
)
from tests.web.leading import send, words

__all__ = ["one", "scene"]


def test_who_linked_an_account_signs_in_with_it(scene: Scene, one: Elsewhere) -> None:
    who, name = volunteer(scene), fresh_name()
    linked = link(scene, one, who, name)
    assert (linked.status, linked.headers["location"]) == (303, "/me?done=linked")
    browser = traveller(scene)
    answer = browser.come(one, name, next="/en/app")
    assert (answer.status, answer.headers["location"]) == (303, "/en/app#/signed-in")
    assert said(browser.get("/v1/me"))["person"] == str(who)
    [session] = [each for each in said(browser.get("/v1/me/sessions"))["sessions"] if each["here"]]
    assert session["method"] == "oidc"
    accounts = said(browser.get("/v1/me/accounts"))
    assert [each["provider"] for each in accounts["accounts"]] == [one.id] and accounts["accounts"][0]["used_at"]
    assert [each["id"] for each in accounts["providers"]] == list(ALGORITHMS)


def test_we_ask_for_nothing_but_who_it_is_with_state_nonce_and_pkce(scene: Scene, one: Elsewhere) -> None:
    browser = traveller(scene)
    where = browser.leave(one)
    asked = {name: value for name, [value] in parse_qs(urlsplit(where).query).items()}
    assert asked["scope"] == "openid" and asked["code_challenge_method"] == "S256" and asked["response_type"] == "code"
    assert asked["redirect_uri"] == f"http://localhost/sign-in/with/{one.id}/back"
    assert len({asked["state"], asked["nonce"], asked["code_challenge"], browser.way}) == 4
    browser.get(browser.back(one, where, fresh_name()))
    [token] = [each for each in one.asked() if each["path"] == "/token"][-1:]
    assert token["form"]["code_verifier"] not in where and ("client_secret" in token["form"]) == (
        SHOWS[one.id] == "client_secret_post"
    )
    assert (token["auth"] == "basic") == (SHOWS[one.id] == "client_secret_basic")


def test_an_account_that_nobody_linked_opens_nothing_and_hears_how_to_join(scene: Scene, one: Elsewhere) -> None:
    with connect(scene.front.url) as connection:
        connection.execute("UPDATE people.networks SET open = true")
    browser = traveller(scene)
    answer = browser.come(one, fresh_name())
    page = words(answer, 403)
    assert "link the account" in page and "Join a network first" in page and "Vote62" in page
    assert b'href="/en/join/vote62"' in answer.body and b"people.account_unknown" in answer.body
    assert browser.get("/v1/me").status == 401


def test_right_after_joining_an_account_is_linked(scene: Scene) -> None:
    google, phone, name = scene.providers["google"], new_phone(), fresh_name()
    person(scene.front, state="waiting", who=("สมศรี มาดี", phone))
    browser = traveller(scene)
    assert try_code(browser, ask_code(scene.front, phone), code_for(scene.front, phone)).status == 200
    assert browser.come(google, name, "/en/me/with/google").headers["location"] == "/en/me?done=linked"
    told = traveller(scene).come(google, name)
    assert "has not approved you yet" in words(told, 403)


def test_a_browser_that_was_left_open_links_nothing(scene: Scene) -> None:
    browser = traveller(scene, volunteer(scene), ago=timedelta(minutes=16))
    assert b"people.sign_in_again" in send(browser, "/me/with/google").body
    assert send(traveller(scene), "/me/with/google").status == 303


LIES = [
    "iss", "iss of another", "aud", "aud of several", "azp", "nonce", "no nonce", "expired", "old", "future", "not yet", "no sub",
    "empty sub", "no exp", "exp as text", "sub as number", "none", "confusion", "other key", "key in the header", "signature",
    "no token", "not a token", "words", "long",
]  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_no_lie_of_an_id_token_is_believed(scene: Scene, one: Elsewhere, lie: str) -> None:
    who, name = volunteer(scene), fresh_name()
    if lie in ("no sub", "empty sub", "sub as number"):
        name = {"sub as number": "12"}.get(lie, name)
    else:
        assert link(scene, one, who, name).status == 303
    one.lie(lie)
    browser = traveller(scene)
    answer = browser.come(one, name)
    assert answer.status == 403 and b"people.provider_refused" in answer.body
    assert browser.get("/v1/me").status == 401


def test_an_answer_that_comes_by_another_browser_twice_or_to_another_provider_is_refused(
    scene: Scene, one: Elsewhere
) -> None:
    who, name = volunteer(scene), fresh_name()
    assert link(scene, one, who, name).status == 303
    mine = traveller(scene)
    back = mine.back(one, mine.leave(one), name)
    victim = traveller(scene)
    assert b"people.too_late" in victim.get(back).body, "a browser that never left"
    victim.leave(one)
    assert b"people.too_late" in victim.get(back).body, "the state of another browser"
    way = mine.way
    other = next(each for each in ALGORITHMS if each != one.id)
    assert b"people.too_late" in mine.get(back.replace(f"/with/{one.id}/", f"/with/{other}/")).body
    mine.way = way
    assert mine.get(back).status == 303
    mine.way = way
    assert b"people.too_late" in mine.get(back).body, "a second time"
    assert victim.get("/v1/me").status == 401


def test_a_code_is_good_once_and_only_with_its_own_verifier(scene: Scene, one: Elsewhere) -> None:
    who, name = volunteer(scene), fresh_name()
    assert link(scene, one, who, name).status == 303
    thief, mine = traveller(scene), traveller(scene)
    back, stolen = mine.back(one, mine.leave(one), name), thief.back(one, thief.leave(one), "somebody")
    code = parse_qs(urlsplit(back).query)["code"][0]
    injected = stolen.replace(parse_qs(urlsplit(stolen).query)["code"][0], code)
    assert b"people.provider_refused" in thief.get(injected).body, "a stolen code under the thief's own state"
    assert thief.get("/v1/me").status == 401


@pytest.mark.parametrize("sender", ["", "&iss=https%3A%2F%2Fevil.example"])
def test_an_answer_that_another_provider_gives_is_refused(scene: Scene, one: Elsewhere, sender: str) -> None:
    who, name = volunteer(scene), fresh_name()
    assert link(scene, one, who, name).status == 303
    browser = traveller(scene)
    back, _, named = browser.back(one, browser.leave(one), name).partition("&iss=")
    answer = browser.get(back + sender)
    if sender or named:  # who names itself always does
        assert answer.status == 403 and b"people.provider_refused" in answer.body
    else:
        assert answer.status == 303 and one.id == "line"


def test_who_says_no_at_the_provider_is_told_so_kindly(scene: Scene, one: Elsewhere) -> None:
    browser = traveller(scene)
    where = browser.leave(one)
    _, there, _ = one.ask("POST", where.removeprefix(one.issuer), {"who": ""})
    assert "error=access_denied" in there
    assert "You cancelled" in words(browser.get(there.removeprefix("http://localhost")), 403)


@pytest.mark.parametrize(
    "query", ["", "?state=", "?code=x", "?state=x&code=y", "?error=server_error", "?state=%00", "?state=" + "x" * 5000]
)
def test_an_answer_without_its_beginning_is_refused(scene: Scene, query: str) -> None:
    for way in ("", "x", "A" * 400, "…".encode().decode("latin-1")):
        browser = traveller(scene)
        browser.way = way
        answer = browser.get(f"/sign-in/with/google/back{query}")
        assert answer.status == 403 and b"people.too_late" in answer.body


def test_nobody_is_led_anywhere_but_to_a_page_of_ours(scene: Scene) -> None:
    google, who, name = scene.providers["google"], volunteer(scene), fresh_name()
    assert link(scene, google, who, name).status == 303
    for there in ("https://evil.example/", "//evil.example", "/\\evil.example", "/app?x=1", "javascript:1"):
        assert traveller(scene).come(google, name, next=there).headers["location"] == "/en/sign-in/on"


def test_one_account_is_linked_to_one_person_of_a_network_and_one_of_a_provider_to_a_person(scene: Scene) -> None:
    google, name = scene.providers["google"], fresh_name()
    mine, other, elsewhere = volunteer(scene), volunteer(scene), volunteer(scene, OTHER)
    assert link(scene, google, mine, name).status == 303
    assert link(scene, google, mine, name).status == 303, "doing it again changes nothing"
    assert b"people.account_taken" in link(scene, google, other, name).body
    assert b"people.account_before" in link(scene, google, mine, fresh_name()).body
    assert link(scene, google, elsewhere, name).status == 303
    assert b"people.account_several" in traveller(scene).come(google, name).body
    for network, who in ((NETWORK, mine), (OTHER, elsewhere)):
        browser = traveller(scene)
        assert browser.come(google, name, network=network).status == 303
        assert said(browser.get("/v1/me"))["person"] == str(who)


def test_linking_ends_with_the_session_that_began_it(scene: Scene) -> None:
    google, name = scene.providers["google"], fresh_name()
    mine, other = volunteer(scene), volunteer(scene)
    browser = traveller(scene, mine)
    back = browser.back(google, browser.leave(google, "/me/with/google"), name)
    browser.token = signed_in(scene.front, other).token
    assert b"people.too_late" in browser.get(back).body, "somebody else sits there now"
    browser = traveller(scene, mine)
    back = browser.back(google, browser.leave(google, "/me/with/google"), name)
    browser.token = ""
    assert browser.get(back).status == 303, "who is not signed in is led to signing in"
    assert b"people.account_unknown" in traveller(scene).come(google, name).body


def test_an_account_that_was_unlinked_opens_nothing(scene: Scene) -> None:
    google, who, name = scene.providers["google"], volunteer(scene), fresh_name()
    assert link(scene, google, who, name).status == 303
    browser, other = traveller(scene, who), traveller(scene, volunteer(scene))
    [account] = said(browser.get("/v1/me/accounts"))["accounts"]
    assert other.call("DELETE", f"/v1/me/accounts/{account['id']}").status == 404
    assert browser.call("DELETE", f"/v1/me/accounts/{account['id']}").status == 204
    assert b"people.account_unknown" in traveller(scene).come(google, name).body


def test_who_leaves_or_is_erased_takes_the_link_along(scene: Scene) -> None:
    google, who, name = scene.providers["google"], volunteer(scene), fresh_name()
    assert link(scene, google, who, name).status == 303
    assert traveller(scene, who).call("DELETE", "/v1/me").status == 200
    assert b"people.account_unknown" in traveller(scene).come(google, name).body
    with connect(scene.front.url) as connection:
        assert not connection.execute("SELECT 1 FROM people.linked WHERE person = %s", (who,)).fetchall()


def test_what_a_provider_calls_somebody_lies_in_no_table_and_stands_in_the_export_where_it_is_kept(
    scene: Scene, one: Elsewhere
) -> None:
    who, name = volunteer(scene), fresh_name()
    assert link(scene, one, who, name).status == 303
    with connect(scene.front.url) as connection:
        rows = connection.execute("SELECT account, sealed FROM people.linked WHERE person = %s", (who,)).fetchall()
    assert name.encode() not in b"".join(bytes(value) for row in rows for value in row if value)
    [held] = said(traveller(scene, who).get("/v1/me/data"))["more"]["accounts"]
    assert held["subject"] == (name if one.id == "line" else None)


def test_messages_reach_who_linked_line_there_but_a_code_that_proves_a_telephone_goes_to_the_telephone(
    scene: Scene,
) -> None:
    phone, name = new_phone(), fresh_name()
    who = person(scene.front, who=("สมศรี มาดี", phone))
    assert link(scene, scene.providers["line"], who, name).status == 303
    far = scene.line
    far.answers, far.asked = [(200, "{}")], []
    handle = ask_code(scene.front, phone)
    deliver(scene.front)
    [(path, headers, body)] = far.asked
    told = json.loads(body)
    assert (path, told["to"], headers["authorization"]) == ("/v2/bot/message/push", name, "Bearer t0ken")
    code = "".join(filter(str.isdigit, told["messages"][0]["text"]))[:6]
    assert said(try_code(Browser(scene.front), handle, code))["person"] == str(who)
    joining = {"network": NETWORK, "name": "สมศรี มาดี", "phone": phone, "consents": [{"purpose": "duty", "version": 1}]}
    with connect(scene.front.url) as connection:
        connection.execute("UPDATE people.codes SET made_at = made_at - interval '2 days'")
        connection.execute("UPDATE people.networks SET open = true")
    assert Browser(scene.front).post("/v1/join", joining).status == 202
    assert code_for(scene.front, phone) and len(far.asked) == 1


def test_a_new_key_of_a_provider_is_learned_and_an_unknown_one_does_not_make_us_ask_without_end(
    scene: Scene,
) -> None:
    with provider("chula", alg="ES256") as fresh, own_side(scene, fresh) as front:
        here = scene._replace(front=front, providers={"chula": fresh})
        who, name = volunteer(here), fresh_name()
        assert link(here, fresh, who, name).status == 303
        fresh.ask("POST", "/keys/new", "x")
        assert b"people.provider_refused" in traveller(here).come(fresh, name).body, "keys were asked for just now"
        for _ in range(3):
            traveller(here).come(fresh, name)
        asked = [each["path"] for each in fresh.asked()]
        assert asked.count("/jwks") <= 2 and asked.count("/.well-known/openid-configuration") == 1


def test_a_provider_that_is_silent_or_introduces_itself_as_another_is_said_plainly(scene: Scene) -> None:
    with provider("google", introduces="https://accounts.google.com") as liar, own_side(scene, liar) as front:
        here = scene._replace(front=front, providers={})
        answer = send(traveller(here), "/en/sign-in/with/google")
        assert answer.status == 503 and "cannot be reached" in words(answer, 503)
    with provider("google") as quiet, own_side(scene, quiet) as front:
        quiet.ask("POST", "/silent", "1")
        here = scene._replace(front=front, providers={})
        assert send(traveller(here), "/en/sign-in/with/google").status == 503
        assert len(quiet.asked()) == 1
        assert send(traveller(here), "/en/sign-in/with/google").status == 503
        assert len(quiet.asked()) == 1, "not asked again at once"
        assert traveller(here).get("/en/sign-in").status == 200


def test_a_provider_that_takes_its_time_holds_no_connection_to_the_database(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[object] = []
    meanwhile: list[int] = []
    made, asked = ElsewherePages.__init__, RoundTrip._token

    class Counted:
        def __init__(self, pool: AsyncPool) -> None:
            self.pool = pool

        @asynccontextmanager
        async def connection(self, **how: Any) -> AsyncIterator[AsyncConnection]:
            async with self.pool.connection(**how) as connection:
                held.append(connection)
                try:
                    yield connection
                finally:
                    held.pop()

    def making(self: ElsewherePages, database: AsyncPool, *about: Any) -> None:
        made(self, cast("AsyncPool", Counted(database)), *about)

    async def asking(self: RoundTrip, *about: Any) -> str:
        meanwhile.append(len(held))
        return await asked(self, *about)

    monkeypatch.setattr(ElsewherePages, "__init__", making)
    monkeypatch.setattr(RoundTrip, "_token", asking)
    who, name = volunteer(scene), fresh_name()
    one = scene.providers["google"]
    with own_side(scene, one) as front:
        here = scene._replace(front=front)
        assert link(here, one, who, name).headers["location"] == "/me?done=linked"
        assert traveller(here).come(one, name).status == 303
    assert meanwhile == [0, 0]


def test_the_buttons_stand_where_people_sign_in(scene: Scene) -> None:
    page = Browser(scene.front).get("/en/sign-in")
    told = words(page)
    assert "Sign in with Google" in told and "Sign in with a passkey" in told
    assert b'formaction="/en/sign-in/with/google"' in page.body
    assert b"with/google" not in Browser(scene.front).call("GET", "/en/sign-in", host="elsewhere.example").body
    assert Browser(scene.front).get("/v1/providers").status == 200
    assert send(Browser(scene.front), "/sign-in/with/nobody").status == 404


def test_with_tls_the_cookie_of_the_way_is_kept_to_its_very_host(
    scene: Scene, databases: Databases, tmp_path: Path
) -> None:
    file = scene.front.settings.providers
    with web_side(databases, tmp_path, site="https://count.example", providers=file) as secure:
        form = {"content_type": "application/x-www-form-urlencoded", "origin": "https://count.example"}
        answer = secure.call("POST", "/sign-in/with/google", b"network=", host="count.example", **form)
    assert answer.status == 200, answer.body
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-sapparot_way=") and "Path=/;" in cookie and "Secure" in cookie

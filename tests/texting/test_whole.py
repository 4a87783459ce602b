"""The assembled program takes a text message from a person with a duty, and the public page says how it came."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from sapparot import app
from sapparot.base.clock import SystemClock
from sapparot.base.database import Connection
from sapparot.base.jws import parse
from sapparot.base.settings import Settings
from sapparot.base.text import Text
from sapparot.contests import save
from sapparot.intake.admission import Admission
from sapparot.people import Network, Vault, add_network
from sapparot.side import web_side
from tests.serving import serving
from tests.texting.office import NEXT, STATION
from tests.texting.test_desk import FINAL, PHONE, marked
from tests.verify.cast import definitions

SECRET = "a-secret-of-the-gateway"
FILE = f'[[gateways]]\nid = "sms"\nkind = "plain"\nnetwork = "vote62"\nsecret = "{SECRET}"\nto = "+66800000000"\n'


@pytest.fixture
def root(database_url: str, database: Connection, tmp_path: Path) -> Iterator[str]:
    """Where the program serves, with the small election and a network in its database."""
    (tmp_path / "gateways.toml").write_text(FILE)
    settings = Settings(data=tmp_path, text_gateways=tmp_path / "gateways.toml")
    save(database, definitions())
    add_network(database, Network("vote62", Text("โหวต 62", "Vote 62"), app.keyring(settings).make("vote62").jwk))
    database.commit()
    with serving(web_side(settings, database_url, ("intake", "web")).gate()) as running:
        yield running.root


def send(root: str, text: str, name: str, secret: str = SECRET) -> httpx.Response:
    body = json.dumps({"id": name, "from": PHONE, "text": text}).encode()
    at = str(int(datetime.now(UTC).timestamp()))
    mac = hmac.digest(secret.encode(), at.encode() + b"\n" + body, "sha256").hex()
    headers = {"x-sapparot-time": at, "x-sapparot-signature": mac}
    return httpx.post(f"{root}/v1/text/sms", content=body, headers=headers, timeout=60, verify=False)


def volunteer(database: Connection, data: Path) -> UUID:
    person, now = uuid4(), datetime.now(UTC)
    database.execute(
        "INSERT INTO people.persons (id, network, level, state, lang, phone, joined_at, proven_at, trained_at)"
        " VALUES (%s, 'vote62', 1, 'active', 'en', %s, %s, %s, %s)",
        (person, Vault(data / "secrets").find(PHONE), now, now, now),
    )
    database.commit()
    return person


def duty(database: Connection, person: UUID, place: str, slot: int, state: str = "accepted") -> None:
    database.execute(
        "INSERT INTO duty.duties (election, person, network, place, job, state, slot, turn, how, since)"
        " VALUES ('small', %s, 'vote62', %s, 'final', %s, 0, %s, 'given', now())",
        (person, place, state, slot),
    )
    database.commit()


def arrived(database: Connection) -> list[dict[str, Any]]:
    admitted = Admission(SystemClock()).take(database, 100)
    database.rollback()
    return [json.loads(parse(json.loads(body)["jws"]).payload) for _, body in admitted]


def test_a_person_with_a_duty_reports_by_text_to_the_real_program(
    root: str, database: Connection, tmp_path: Path
) -> None:
    assert send(root, marked(FINAL), "1", "another-secret").status_code == 401
    person = volunteer(database, tmp_path)
    assert "no duty" in send(root, marked(FINAL), "2").json()["reply"]
    duty(database, person, STATION, 0)
    assert send(root, marked(FINAL), "3").json()["reply"].startswith("Kept")
    [report] = arrived(database)
    assert report["sheet"] == f"{STATION}/constituency" and report["app"] == "text/1"
    assert "81234" not in json.dumps(report)


def test_the_short_number_of_a_station_stays_when_another_duty_ends(
    root: str, database: Connection, tmp_path: Path
) -> None:
    person = volunteer(database, tmp_path)
    duty(database, person, STATION, 0)
    duty(database, person, NEXT, 1)
    database.execute("UPDATE duty.duties SET state = 'dropped' WHERE place = %s", (STATION,))
    database.commit()
    assert "no duty" in send(root, marked(f"1 {FINAL}"), "1").json()["reply"]
    assert send(root, marked(f"2 {FINAL}"), "2").json()["reply"].startswith("Kept")
    assert [report["sheet"] for report in arrived(database)] == [f"{NEXT}/constituency"]


def test_a_person_who_is_signed_in_gets_a_code_for_a_chat_account(
    root: str, database: Connection, tmp_path: Path
) -> None:
    here = {"origin": root}
    stranger = httpx.post(f"{root}/v1/me/text-codes", headers=here, verify=False)
    assert (stranger.status_code, stranger.json()["code"]) == (401, "people.sign_in_first")
    token, now = "t" * 43, datetime.now(UTC)
    database.execute(
        "INSERT INTO people.sessions (token_hash, person, method, began_at, seen_at, until)"
        " VALUES (%s, %s, 'code', %s, %s, %s)",
        (sha256(token.encode()).digest(), volunteer(database, tmp_path), now, now, now + timedelta(days=1)),
    )
    database.commit()
    mine = here | {"cookie": f"sapparot_session={token}"}
    answers = [httpx.post(f"{root}/v1/me/text-codes", headers=mine, verify=False) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    codes = {answer.json()["code"] for answer in answers}
    assert len(codes) == 2 and all(len(code) == 8 for code in codes)
    assert database.execute("SELECT count(*) FROM texting.codes").fetchone() == (1,)  # only the newest holds


def test_a_person_is_told_where_its_own_network_takes_messages(root: str, database: Connection, tmp_path: Path) -> None:
    assert httpx.get(f"{root}/v1/me/text-channels", verify=False).status_code == 401
    person, now = volunteer(database, tmp_path), datetime.now(UTC)

    def asked(token: str, network: str) -> Any:
        database.execute("UPDATE people.persons SET network = %s WHERE id = %s", (network, person))
        database.execute(
            "INSERT INTO people.sessions (token_hash, person, method, began_at, seen_at, until)"
            " VALUES (%s, %s, 'code', %s, %s, %s)",
            (sha256(token.encode()).digest(), person, now, now, now + timedelta(days=1)),
        )
        database.commit()
        here = {"cookie": f"sapparot_session={token}"}
        return httpx.get(f"{root}/v1/me/text-channels", headers=here, verify=False).json()

    assert asked("t" * 43, "vote62") == {"channels": [{"kind": "sms", "to": "+66800000000"}]}
    add_network(database, Network("ilaw", Text("ไอลอว์", "iLaw"), app.keyring(Settings(data=tmp_path)).make("ilaw").jwk))
    assert asked("u" * 43, "ilaw") == {"channels": []}

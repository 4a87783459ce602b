"""Networks, their keys and their invites."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from sapparot import cli, people
from sapparot.base import canonical, outbox
from sapparot.base.database import Connection, connect
from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.people import Invited, Network, add_network, areas_named, enrolled, make_invite, networks
from sapparot.people.keyring import Keyring
from tests.intake.phones import NETWORK, Front, Phone
from tests.people.arriving import define_small
from tests.people.cast import person

SOON = datetime.now(UTC) + timedelta(days=1)


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return Keyring(tmp_path / "secrets" / "networks")


def test_a_network_is_announced_in_the_log_with_its_key(database: Connection, keyring: Keyring) -> None:
    network = Network("vote62", Text("โหวต62", "Vote62"), keyring.make("vote62").jwk)
    add_network(database, network)
    assert networks(database) == [network]
    [entry] = outbox.take(database, 10)
    assert canonical.decode(entry.body) == {
        "id": "vote62", "key": keyring["vote62"].jwk, "kind": "network", "name": {"en": "Vote62", "th": "โหวต62"}, "v": 1,
    }  # fmt: skip


def test_a_network_is_added_once(database: Connection, keyring: Keyring) -> None:
    network = Network("vote62", Text("a", "b"), keyring.make("vote62").jwk)
    add_network(database, network)
    with pytest.raises(Problem, match="network_exists"):
        add_network(database, network)
    assert len(outbox.take(database, 10)) == 1


def test_a_network_nobody_knows_gives_no_invites(database: Connection) -> None:
    with pytest.raises(Problem, match="network_unknown"):
        make_invite(database, "nobody", Invited(), 1, SOON)


@pytest.mark.parametrize(("level", "uses"), [(0, 1), (4, 1), (1, 0), (1, -1)])
def test_an_invite_has_a_level_and_uses_that_make_sense(
    database: Connection, keyring: Keyring, level: int, uses: int
) -> None:
    add_network(database, Network("vote62", Text("a", "b"), keyring.make("vote62").jwk))
    with pytest.raises(psycopg.errors.CheckViolation):
        make_invite(database, "vote62", Invited(level), uses, SOON)


@pytest.mark.parametrize("invited", [Invited(2), Invited(2, ""), Invited(1, "10-01"), Invited(3, "10-01")])
def test_an_invite_for_a_heads_phone_names_its_constituency_and_no_other_does(
    database: Connection, keyring: Keyring, invited: Invited
) -> None:
    add_network(database, Network("vote62", Text("a", "b"), keyring.make("vote62").jwk))
    with pytest.raises(Problem, match="invite_needs_area"):
        make_invite(database, "vote62", invited, 1, SOON)


def test_a_command_gives_a_head_no_area_that_is_no_constituency_of_the_election(
    own: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAPPAROT_DATA", str(own.settings.data))
    monkeypatch.setenv("SAPPAROT_DATABASE_URL", own.url)
    define_small(own)
    who = str(person(own))
    invite, grant = ["invite", NETWORK, "--level", "2"], ["people", "grant", who, "head"]
    for words in (invite, grant):
        for area in ("SM", "99-9", "01-01-010111"):
            refused = CliRunner().invoke(cli.cli, [*words, "--area", area])
            assert isinstance(refused.exception, Problem)
            assert refused.exception.kind.code == "people.no_constituency", area
        done = CliRunner().invoke(cli.cli, [*words, "--area", "01-01"])
        assert done.exit_code == 0, done.output


def test_a_command_brings_nobody_of_a_list_with_an_area_that_the_election_lacks_and_names_the_file(
    own: Front, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAPPAROT_DATA", str(own.settings.data))
    monkeypatch.setenv("SAPPAROT_DATABASE_URL", own.url)
    define_small(own)
    file = tmp_path / "people.csv"
    file.write_text("name,phone,area\nก ข,0812345678,01-01\nก ค,0812345679,99-9\n", "utf-8")
    for more in ([], ["--dry-run"]):
        refused = CliRunner().invoke(cli.cli, ["people", "import", NETWORK, str(file), *more])
        assert isinstance(refused.exception, Problem) and refused.exception.kind.code == "people.areas_unknown"
        for said in (refused.exception.detail.th, refused.exception.detail.en):
            assert said.startswith("people.csv: ") and said.endswith('area "99-9"')
    with connect(own.url) as connection:
        assert connection.execute("SELECT count(*) FROM people.persons").fetchone() == (0,)
    file.write_text(file.read_text("utf-8").replace("99-9", "01-01-010111"), "utf-8")
    assert CliRunner().invoke(cli.cli, ["people", "import", NETWORK, str(file)]).exit_code == 0


def test_an_operator_lists_the_invites_that_stand_without_their_codes_and_cancels_one(
    own: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAPPAROT_DATA", str(own.settings.data))
    monkeypatch.setenv("SAPPAROT_DATABASE_URL", own.url)

    def run(*words: str) -> list[str]:
        done = CliRunner().invoke(cli.cli, ["people", "invites", *words])
        assert done.exit_code == 0, done.output
        return done.output.splitlines()

    head, many, spent, over = (own.invite(2, 2, 1, "01-01"), own.invite(50, days=2), own.invite(), own.invite(days=-1))
    assert own.enrol(Phone(), head).status == own.enrol(Phone(), spent).status == 201
    with connect(own.url) as connection:
        add_network(connection, Network("teachers", Text("ครู", "Teachers"), {}))
    first, second = run(NETWORK)
    assert " level 2 (01-01), 1 of 2 used, until 20" in first and " level 1, 0 of 50 used, until 20" in second
    assert not any(code in first + second for code in (head, many, spent, over)) and run("teachers") == []
    name = first.split()[0]
    for words in (["teachers", "--cancel", name], [NETWORK, "--cancel", name[:-1]], [NETWORK, "--cancel", head]):
        refused = CliRunner().invoke(cli.cli, ["people", "invites", *words])
        assert isinstance(refused.exception, Problem) and refused.exception.kind.code == "people.invite_not_standing"
    assert run(NETWORK, "--cancel", name) == []
    assert run(NETWORK) == [second]
    answer = own.enrol(Phone(), head)
    assert (answer.status, answer.problem["code"]) == (403, "people.invite_expired")
    assert own.enrol(Phone(), many).status == 201
    with connect(own.url) as connection:
        assert areas_named(connection, datetime.now(UTC)) == {"01-01"}, "the phone that it enrolled stays"
    unknown = CliRunner().invoke(cli.cli, ["people", "invites", "nobody"])
    assert isinstance(unknown.exception, Problem) and unknown.exception.kind.code == "people.network_unknown"


def test_the_key_of_a_network_is_made_once_and_kept_for_its_owner_alone(keyring: Keyring, tmp_path: Path) -> None:
    first = keyring.make("vote62")
    assert Keyring(tmp_path / "secrets" / "networks")["vote62"].kid == first.kid
    [file] = (tmp_path / "secrets" / "networks").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("name", ["", "..", "../x", "a/b", "A", "ก", "-x", "x" * 65, "x\n"])
def test_a_network_has_a_name_that_is_no_path(keyring: Keyring, name: str) -> None:
    with pytest.raises(Problem) as refused:
        keyring[name]
    assert refused.value.kind.code == "people.network_id_invalid" and not keyring


def test_whatever_a_stranger_calls_a_device_the_question_is_answered(database: Connection) -> None:
    names = ["", "x", "\x00" * 43, "ก" * 43, "\ud800" * 43, "x" * 10**6, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"]
    assert enrolled(database, names) == {}


def test_no_name_of_the_face_is_also_a_room() -> None:
    rooms = {path.stem for path in Path(people.__file__).parent.iterdir() if path.suffix in ("", ".py")}
    assert not rooms & set(people.__all__), "the room would take the name's place as soon as somebody enters it"

"""Keys are replaced and revoked by entries of the log, and what was signed rightly before stays right."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from sapparot import app, cli, keycare
from sapparot.base.database import connect
from sapparot.base.jws import PublicKey
from sapparot.base.presence import present
from sapparot.base.problems import Problem
from sapparot.base.settings import Settings
from sapparot.base.shared import SecretMissing
from sapparot.base.signers import AgentSigner
from sapparot.ledger import read
from sapparot.people import networks
from sapparot.verify.register import Register, genuine
from tests.intake.phones import NETWORK, Front, Phone


@pytest.fixture
def here(own: Front, monkeypatch: pytest.MonkeyPatch) -> Front:
    """Doors whose directory and database the commands use."""
    monkeypatch.setenv("SAPPAROT_DATA", str(own.settings.data))
    monkeypatch.setenv("SAPPAROT_DATABASE_URL", own.url)
    return own


def run(*words: str) -> Result:
    return CliRunner().invoke(cli.cli, ["keys", *words])


def register(here: Front) -> Register:
    """The register of devices as a stranger reads it from the log, every signature checked."""
    here.sequence()
    found = Register(genuine)
    with connect(here.url) as connection:
        for entry in read(connection, 0, 10_000):
            if entry.kind == "network":
                found.announce(entry.body)
            elif entry.kind == "enrolment":
                assert found.enrol(entry.body).objection is None
            elif entry.kind == "revocation":
                assert found.revoke(entry.body).objection is None
    return found


def test_a_network_with_a_new_key_enrols_and_revokes_and_its_older_devices_stand(here: Front) -> None:
    old = here.phone()
    before = app.keyring(here.settings)[NETWORK].kid
    done = run("rotate", NETWORK)
    assert done.exit_code == 0, done.output
    after = app.keyring(here.settings)[NETWORK]
    assert done.output.strip() == after.kid != before
    here.sequence()
    assert [PublicKey.from_jwk(entry["key"]).kid for entry in here.log("network")] == [before, after.kid]
    with connect(here.url) as connection:
        assert [network.key for network in networks(connection)] == [after.jwk]
    revoked = run("revoke", old.key.kid, "--reason", "lost")
    assert (revoked.exit_code, revoked.stdout.strip()) == (0, old.key.kid)
    device = register(here).device(old.key.kid)
    assert device is not None and device.revoked is not None


def test_an_interrupted_change_of_keys_is_finished_by_the_same_command(
    here: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    before = app.keyring(here.settings)[NETWORK].kid
    with monkeypatch.context() as patch:
        patch.setattr("sapparot.people.keyring.Keyring.advance", crash)
        run("rotate", NETWORK)
    assert app.keyring(here.settings)[NETWORK].kid == before
    assert run("rotate", NETWORK).exit_code == 0
    here.sequence()
    announced = [PublicKey.from_jwk(entry["key"]).kid for entry in here.log("network")]
    assert announced[-1] == app.keyring(here.settings)[NETWORK].kid != before
    assert sorted(path.name for path in (here.settings.data / "secrets/networks").iterdir()) == [f"{NETWORK}.key"]


def test_a_lost_secret_is_replaced_after_what_it_costs_was_said_and_agreed_to(here: Front) -> None:
    app.share(here.settings, here.url, app.DOORS)
    file = here.settings.data / "secrets/tokens.key"
    before = file.read_bytes()
    known = run("replace", "tokens.key", "--yes")
    assert isinstance(known.exception, Problem) and known.exception.kind.code == "base.secret_unchanged"
    file.unlink()
    asked = CliRunner().invoke(cli.cli, ["keys", "replace", "tokens.key"], input="n\n")
    assert asked.exit_code == 1 and "โทเค็น" in asked.stderr and "every phone's token ends" in asked.stderr
    assert not file.exists()
    with pytest.raises(SecretMissing):
        app.share(here.settings, here.url, app.DOORS)
    done = run("replace", "tokens.key", "--yes")
    assert done.exit_code == 0 and str(file) in done.stdout, done.output
    assert file.read_bytes() != before
    app.share(here.settings, here.url, app.DOORS)


def test_every_secret_that_is_shared_has_its_cost() -> None:
    names = {name for names in app.SHARED.values() for name in names}
    assert {name.replace("*.key", "") for name in names} == set(keycare.COSTS)


def test_nobody_replaces_a_secret_while_a_server_runs(here: Front) -> None:
    app.share(here.settings, here.url, app.DOORS)
    (here.settings.data / "secrets/tokens.key").unlink()
    with present(here.url):
        refused = run("replace", "tokens.key", "--yes")
    assert isinstance(refused.exception, Problem) and refused.exception.kind.code == "base.still_running"
    assert not (here.settings.data / "secrets/tokens.key").exists()


def test_a_new_key_of_the_vault_is_known_at_once(here: Front) -> None:
    done = CliRunner().invoke(cli.cli, ["people", "reseal", "--new-key"])
    assert done.exit_code == 0, done.output
    with connect(here.url) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM base.secrets ORDER BY name")]
    assert names == ["phones.key", "vault/1.key", "vault/2.key"]


def test_no_key_is_made_for_a_network_that_nobody_knows(here: Front) -> None:
    done = run("rotate", "nobody")
    assert isinstance(done.exception, Problem) and done.exception.kind.code == "people.network_unknown"
    assert not (here.settings.data / "secrets/networks/nobody.key").exists()


def test_a_revocation_can_reach_back_and_names_what_it_could_not_revoke(here: Front) -> None:
    thief, other = here.phone(), Phone()
    done = run("revoke", thief.key.kid, other.key.kid, "--reason", "misused", "--since", "2023-05-14T18:00:00+07:00")
    assert done.exit_code == 1
    assert done.stdout.split() == [thief.key.kid] and other.key.kid in done.stderr
    device = register(here).device(thief.key.kid)
    assert device is not None and device.revoked == 1_684_062_000
    again = run("revoke", thief.key.kid, "--reason", "lost")
    assert again.exit_code == 1 and "เพิกถอนไปก่อนแล้ว" in again.stderr and "[people.not_revoked]" in again.stderr
    assert len(here.log("revocation")) == 1


def test_a_revocation_reaches_back_behind_an_earlier_one(here: Front) -> None:
    thief = here.phone()
    assert run("revoke", thief.key.kid, "--reason", "lost").exit_code == 0
    for moment, code in (
        ("2023-05-14T18:00:00+07:00", 0),
        ("2023-05-14T18:00:00+07:00", 1),
        ("2023-05-15T00:00:00Z", 1),
    ):
        assert run("revoke", thief.key.kid, "--reason", "misused", "--since", moment).exit_code == code
    device = register(here).device(thief.key.kid)
    assert device is not None and device.revoked == 1_684_062_000
    assert len(here.log("revocation")) == 2


@pytest.mark.parametrize("reason", ["", "สมศรีโทรมาจาก 0812345678", "stolen"])
def test_the_log_keeps_no_words_about_who_lost_a_device(here: Front, reason: str) -> None:
    phone = here.phone()
    assert run("revoke", phone.key.kid, f"--reason={reason}").exit_code == 2
    here.sequence()
    assert here.log("revocation") == []


@pytest.mark.parametrize("moment", ["yesterday", "2023-05-14T18:00:00", "14/05/2566", "2566-05-14T18:00:00+07:00"])
def test_a_moment_that_cannot_be_read_or_has_not_come_revokes_nothing(here: Front, moment: str) -> None:
    phone = here.phone()
    assert run("revoke", phone.key.kid, "--reason", "lost", "--since", moment).exit_code == 2
    here.sequence()
    assert here.log("revocation") == []


def test_the_agent_command_serves_the_key_of_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SAPPAROT_LOG_KEY", "ab" * 32)
    path = tmp_path / "log.sock"
    (tmp_path / "secrets").mkdir()
    threading.Thread(target=keycare.agent, args=(path, tmp_path), daemon=True).start()
    while not path.exists():
        threading.Event().wait(0.01)
    signer = AgentSigner(path)
    settings = Settings(data=tmp_path, log_key=f"agent:{path}")
    assert app.note_signer(settings).public == signer.public
    assert not (tmp_path / "secrets/log.key").exists()


@pytest.mark.parametrize("kid", ["-" + "a" * 42, "--" + "a" * 41])
def test_a_thumbprint_that_begins_with_a_hyphen_names_a_device(here: Front, kid: str) -> None:
    done = run("revoke", kid, "--reason", "lost")
    assert (done.exit_code, kid in done.output) == (1, True), done.output

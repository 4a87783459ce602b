"""A signing key can sit in several places, and whoever signs sees no difference; what is out of reach or lies is said, not used."""

from __future__ import annotations

import os
import shutil
import socketserver
import subprocess
import sys
import threading
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sapparot.base.keys import secret_file
from sapparot.base.problems import Problem
from sapparot.base.settings import SettingInvalid, settings_from
from sapparot.base.signers import AgentSigner, SeedSigner, Signer, TokenSigner, signer_from

SEED = bytes(range(32))
SOFTHSM = (
    os.environ.get("SAPPAROT_TEST_PKCS11", ""),
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
)
MODULE = next((path for path in SOFTHSM if path and Path(path).exists()), None)
TOOL = shutil.which("softhsm2-util")


@contextmanager
def agent(path: Path, answer: Callable[[str], str]) -> Iterator[Path]:
    """A process with a key, as docs/howto/keys.md describes it: one line in, one line out."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            for line in self.rfile:
                self.wfile.write(f"{answer(line.decode().rstrip())}\n".encode())

    with socketserver.ThreadingUnixStreamServer(str(path), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield path
        finally:
            server.shutdown()


def honest(line: str) -> str:
    signer = SeedSigner(SEED)
    word, _, rest = line.partition(" ")
    return f"ok {(signer.public if word == 'public' else signer.sign(b64decode(rest))).hex()}"


def agrees(signer: Signer) -> None:
    """The signer makes signatures that its public key verifies, equal ones for equal messages."""
    for message in (b"", b"a note\n", "— ใบรับ\n".encode() * 100):
        made = signer.sign(message)
        Ed25519PublicKey.from_public_bytes(signer.public).verify(made, message)
        assert made == signer.sign(message)


def test_a_key_in_a_file_is_made_once_and_signs(tmp_path: Path) -> None:
    first = signer_from(None, tmp_path / "secrets" / "log.key")
    agrees(first)
    assert signer_from(None, tmp_path / "secrets" / "log.key").public == first.public


def test_a_key_in_the_environment_signs_and_no_file_is_made(tmp_path: Path) -> None:
    settings = settings_from({"SAPPAROT_LOG_KEY": SEED.hex()})
    signer = signer_from(settings.log_key, tmp_path / "log.key")
    assert signer.public == SeedSigner(SEED).public
    agrees(signer)
    assert list(tmp_path.iterdir()) == []


def test_a_key_that_is_out_of_form_is_refused_without_being_shown() -> None:
    for wrong in ("ab" * 31, "AB" * 32, "file:/x", "agent:x", SEED.hex() + "0"):
        with pytest.raises(SettingInvalid, match="SAPPAROT_LOG_KEY") as refused:
            settings_from({"SAPPAROT_LOG_KEY": wrong})
        assert wrong not in str(refused.value)


def test_a_key_in_an_agent_signs(tmp_path: Path) -> None:
    with agent(tmp_path / "agent.sock", honest) as path:
        signer = signer_from(f"agent:{path}", tmp_path / "log.key")
        assert signer.public == SeedSigner(SEED).public
        agrees(signer)


LIES: dict[str, Callable[[str], str]] = {
    "silence": lambda line: "",
    "a refusal": lambda line: "no not tonight",
    "no hexadecimal": lambda line: "ok zz",
    "a short answer": lambda line: "ok 00",
    "an answer without end": lambda line: "ok " + "0" * 10_000,
    "a signature by another key": lambda line: f"ok {SeedSigner(b'x' * 32).sign(b64decode(line[5:])).hex()}",
    "a signature of something else": lambda line: f"ok {SeedSigner(SEED).sign(b'another').hex()}",
}


@pytest.mark.parametrize("lie", LIES, ids=lambda name: name.replace(" ", "-"))
def test_what_an_agent_gives_back_is_used_only_when_it_is_right(tmp_path: Path, lie: str) -> None:
    with agent(tmp_path / "agent.sock", lambda line: honest(line) if line == "public" else LIES[lie](line)) as path:
        signer = AgentSigner(path)
        with pytest.raises(Problem) as refused:
            signer.sign(b"a note\n")
    assert refused.value.kind.code == "base.signer_unavailable"


def test_an_agent_that_is_away_is_said(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="agent"):
        AgentSigner(tmp_path / "nobody.sock")


@pytest.mark.skipif(MODULE is None or TOOL is None, reason="no SoftHSM on this machine (Debian: softhsm2)")
def test_a_key_in_a_pkcs11_token_signs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MODULE and TOOL
    (tmp_path / "tokens").mkdir()
    (tmp_path / "softhsm2.conf").write_text(f"directories.tokendir = {tmp_path / 'tokens'}\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(tmp_path / "softhsm2.conf"))
    made = ["--init-token", "--free", "--label", "the log", "--pin", "1234", "--so-pin", "5678"]
    subprocess.run([TOOL, "--module", MODULE, *made], check=True, capture_output=True)
    make_key(MODULE)
    (tmp_path / "pin").write_text("1234\n")
    where = f"pkcs11:token=the%20log;object=log?module-path={MODULE}"
    signer = signer_from(f"{where}&pin-source=file:{tmp_path / 'pin'}", tmp_path / "log.key")
    agrees(signer)
    assert signer_from(f"{where}&pin-source=file:{tmp_path / 'pin'}", tmp_path / "log.key") is signer
    for wrong in (where.replace("object=log", "object=other"), where.replace("the%20log", "other")):
        with pytest.raises(Problem, match="PKCS#11"):
            TokenSigner(wrong)


def make_key(module: str) -> None:
    """Let the token make an Ed25519 key."""
    import pkcs11

    library = pkcs11.lib(module)
    edwards = {pkcs11.Attribute.EC_PARAMS: b"\x13\x0cedwards25519"}
    with library.get_token(token_label="the log").open(rw=True, user_pin="1234") as session:
        curve = session.create_domain_parameters(pkcs11.KeyType.EC_EDWARDS, edwards, local=True)
        curve.generate_keypair(store=True, label="log", id=b"\x01")


def test_an_address_of_a_token_that_names_too_little_is_refused_with_the_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = "pkcs11:token=t;object=o?module-path=/usr/lib/x.so&pin-value=1234"
    for wrong, lacks in (
        ("pkcs11:token=t?module-path=/usr/lib/x.so", "object"),
        ("pkcs11:token=t;object=", "object and module-path"),
        ("pkcs11:nonsense", "token and object and module-path"),
        ("pkcs11:token=t;object=o;module-path=/usr/lib/x.so", "module-path"),
    ):
        with pytest.raises(SettingInvalid, match=f"SAPPAROT_LOG_KEY cannot be read: the PKCS#11 URI lacks {lacks}$"):
            settings_from({"SAPPAROT_LOG_KEY": wrong})
    settings_from({"SAPPAROT_LOG_KEY": whole})
    monkeypatch.setitem(sys.modules, "pkcs11", None)
    with pytest.raises(SettingInvalid, match="python-pkcs11 is not installed"):
        settings_from({"SAPPAROT_LOG_KEY": whole})


def test_a_token_without_its_library_is_said(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="PKCS#11"):
        TokenSigner(f"pkcs11:token=t;object=o?module-path={tmp_path / 'none.so'}")


def test_a_secret_file_and_a_seed_in_the_environment_are_the_same_key(tmp_path: Path) -> None:
    seed = secret_file(tmp_path / "log.key")
    assert signer_from(seed.hex(), tmp_path / "other").public == signer_from(None, tmp_path / "log.key").public

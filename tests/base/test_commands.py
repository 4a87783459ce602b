"""Commands that cannot do what they are asked: each says why in Thai and in English, with a code, and ends with 2."""

from __future__ import annotations

import fcntl
import os
import re
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from sapparot.base.database import connect
from sapparot.base.disk import CannotWrite, refuse_unwritable
from sapparot.base.lodging import find_lodging
from sapparot.base.server import CannotListen, refuse_taken
from sapparot.ledger.notes import NoteSigner
from tests.audit.town import honest, write
from tests.shape.house import ROOT

SMALL = ROOT / "data/elections/small"


def stopped(*words: str | Path, **settings: str) -> str:
    """Run a command that must end with 2 and without a stack trace; return what it says."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("SAPPAROT_")}
    command = [sys.executable, "-m", "sapparot", *map(str, words)]
    done = subprocess.run(command, env=others | settings, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def refused(*words: str | Path, **settings: str) -> tuple[str, str, str]:
    """What a command says in Thai, in English, and its code."""
    text = stopped(*words, **settings)
    said = re.search(r"^(.*[\u0e00-\u0e7f].*)\n(.+) \[([a-z]+\.[a-z_]+)\]$", text, re.M)
    assert said is not None, text
    return said[1], said[2], said[3]


def test_an_import_beside_a_running_server_says_that_it_must_be_stopped(tmp_path: Path) -> None:
    with (find_lodging(tmp_path / "postgres").home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        thai, english, code = refused("import", SMALL, "--data", tmp_path)
    assert "ให้หยุดตัวนั้นก่อน" in thai
    assert "another sapparot process already runs" in english and str(tmp_path) in english
    assert code == "base.database_unavailable"


def test_a_setting_or_a_role_with_a_slip_is_named_in_both_languages(tmp_path: Path) -> None:
    thai, english, code = refused("up", "--data", tmp_path, SAPPAROT_PROT="8000")
    assert "SAPPAROT_PORT" in thai and "SAPPAROT_PORT" in english and code == "base.setting_invalid"
    assert refused("up", "--data", tmp_path, "--role", "intake,sing")[2] == "base.role_unknown"


def test_a_directory_that_is_none_and_a_policy_that_is_none_are_named_in_both_languages(tmp_path: Path) -> None:
    (file := tmp_path / "file").touch()
    for place in (file, file / "below", "/proc/sapparot"):
        thai, english, code = refused("import", SMALL, "--data", place)
        assert str(place) in thai and "choose another directory" in english and code == "base.database_unavailable"
    assert refused("demo", "--data", file, "--port", "0")[2] == "demo.stage_occupied"
    thai, english, code = refused("up", "--role", "verify", "--data", tmp_path / "up", SAPPAROT_POLICY=str(file / "x"))
    assert "x" in thai and "cannot be opened" in english and code == "verify.policy_invalid"
    stopped("simulate", "prepare", file)


def test_a_demo_whose_summary_could_not_be_written_does_not_begin(tmp_path: Path) -> None:
    (older := tmp_path / "older.json").write_text("kept")
    for place in (tmp_path / "nowhere" / "x.json", tmp_path, Path("/proc/sapparot.json"), older / "x.json"):
        thai, english, code = refused("demo", "--json", place, "--data", tmp_path / "demo", "--port", "0")
        assert str(place) in thai and "another place" in english and code == "base.cannot_write"
    assert not (tmp_path / "demo").exists()
    for fine in (older, tmp_path / "new.json"):
        refuse_unwritable(fine)
    assert older.read_text() == "kept" and not (tmp_path / "new.json").exists()


def test_a_place_that_one_may_not_look_at_is_named_and_a_link_to_nothing_stays(tmp_path: Path) -> None:
    (shut := tmp_path / "shut").mkdir(mode=0)
    user = os.geteuid()
    os.seteuid(user or 65534)  # to root nothing is shut
    try:
        with pytest.raises(CannotWrite, match="name another place"):
            refuse_unwritable(shut / "x.json")
    finally:
        os.seteuid(user)
    (link := tmp_path / "link").symlink_to(tmp_path / "nothing")
    refuse_unwritable(link)
    assert link.is_symlink() and not link.exists()


def test_a_network_without_a_name_or_with_an_id_that_is_none_leaves_nothing_behind(tmp_path: Path) -> None:
    place = ("--data", tmp_path / "data")
    assert refused("network", "BAD ID", "--th", "ชื่อ", "--en", "name", *place)[2] == "people.network_id_invalid"
    for th, en in (("", ""), ("ชื่อ", " "), ("…", "name"), ("ชื่อ", "n" * 201)):
        thai, english, code = refused("network", "good", "--th", th, "--en", en, *place)
        assert "ตลอดไป" in thai and "for ever" in english and code == "people.network_nameless"
    assert not (tmp_path / "data").exists()


def test_a_list_of_the_devices_of_a_network_that_the_log_lacks_is_not_an_empty_list(tmp_path: Path) -> None:
    thai, english, code = refused("keys", "list", "TYPO", write(honest(), tmp_path / "copy"))
    assert "TYPO" in thai and "announces no network TYPO; there are " in english and code == "people.network_unknown"


def test_places_that_cannot_be_written_to_are_named(tmp_path: Path) -> None:
    nowhere, key = Path("/proc/sapparot"), NoteSigner("log.example", bytes(32)).verifier_key()
    (kept := tmp_path / "kept").write_text("mine")
    for words in (
        ("simulate", "prepare", nowhere),
        ("network", "good", "--th", "ชื่อ", "--en", "name", "--data", nowhere),
        ("keys", "agent", tmp_path / "socket", "--data", nowhere),
        ("keys", "agent", tmp_path / "no" / "socket", "--data", tmp_path),
        ("keys", "agent", tmp_path, "--data", tmp_path),
        ("keys", "agent", kept, "--data", tmp_path),
        ("cosign", "--name", "a", "--log", key, "--data", nowhere),
    ):
        thai, english, code = refused(*words)
        assert "ให้เลือกที่อื่น" in thai and "name another place" in english and code == "base.cannot_write"
    assert kept.read_text() == "mine"


def test_a_server_on_a_port_that_is_taken_says_so_before_its_database_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        thai, english, code = refused("up", "--data", tmp_path / "up", "--port", port)
        assert port in thai and port in english and "--port" in english and code == "base.cannot_listen"
        assert not (tmp_path / "up").exists()
        for host in ("127.0.0.1", "localhost", "0.0.0.0"):
            with pytest.raises(CannotListen):
                refuse_taken(host, int(port))
    refuse_taken("127.0.0.1", int(port))
    with pytest.raises(CannotListen, match=r"nowhere\.invalid"):
        refuse_taken("nowhere.invalid", 8000)


def test_a_cosigner_and_a_mirror_on_a_port_that_is_taken_make_neither_a_key_nor_a_directory(tmp_path: Path) -> None:
    key, place = NoteSigner("log.example", bytes(32)).verifier_key(), tmp_path / "new"
    with socket.create_server(("127.0.0.1", 0)) as other:
        rest = ("--log", key, "--name", "a", "--data", place, "--port", str(other.getsockname()[1]))
        for words in (("cosign",), ("mirror", "http://127.0.0.1:9")):
            assert refused(*words, *rest)[2] == "base.cannot_listen"
    assert not place.exists()


def test_an_invite_that_cannot_be_made_starts_no_database(tmp_path: Path) -> None:
    place = ("--data", tmp_path / "data")
    for network in ("nobody", "../nobody"):
        assert refused("invite", network, *place)[2] == "people.network_unknown"
    assert refused("invite", "nobody", "--level", "2", *place)[2] == "people.invite_needs_area"
    assert not (tmp_path / "data").exists()


def test_a_rehearsal_that_nobody_prepared_is_named(tmp_path: Path) -> None:
    thai, english, code = refused("simulate", "play", tmp_path / "nothing-here", "http://127.0.0.1:9")
    assert "simulate prepare" in thai and "nothing-here" in english and code == "simulate.source_unusable"
    (tmp_path / "rehearsal.json").write_text('{"source":')
    assert refused("simulate", "play", tmp_path, "http://127.0.0.1:9")[2] == "simulate.source_unusable"


@pytest.mark.parametrize(
    ("words", "thai", "english"),
    [
        ("up --prot 8001", "ไม่มีตัวเลือก --prot", "No such option: --prot (Possible options: --"),
        ("up --port eighty", "ค่าของ '--port' ใช้ไม่ได้ ต้องเป็นจำนวนเต็ม ดู", "Invalid value for '--port'"),
        ("demo --scale 7", "ค่าของ '--scale' ใช้ไม่ได้ ต้องไม่เกิน 1 ดู", "less than or equal to 1"),
        ("demo --scale 0", "ต้องไม่น้อยกว่า 0.001 ดู", "greater than or equal to 0.001"),
        ("demo --scale half", "ต้องเป็นตัวเลข ดู", "a valid number"),
        ("demo --honest=yes", "ตัวเลือกนี้ไม่ต้องมีค่า ดู", "does not take a value"),
        ("seats votes.csv --lang fr", "ต้องเป็นค่าใดค่าหนึ่งใน 'th', 'en' ดู", "'fr' is not one of 'th', 'en'"),
        ("seats votes.csv --rule", "ค่าของ --rule ใช้ไม่ได้ ต้องมีค่าตามหลัง ดู", "'--rule' requires an argument"),
        ("people grant 00000000-0000-7000-8000-000000000000 king", "ค่าของ 'ROLE' ใช้ไม่ได้", "'king' is not one of"),
        ("invite", "ยังไม่ได้ใส่ 'NETWORK'", "Missing argument 'NETWORK'."),
        ("simulate play here", "ยังไม่ได้ใส่ 'URL'", "Missing argument 'URL'"),
        ("simulate play here notaurl", "ต้องขึ้นต้นด้วย http:// หรือ https://", "begins with http:// or https://"),
        ("mirror http:// --log x", "ค่าของ 'URL' ใช้ไม่ได้", "names a server"),
        ("mirror https://h:port --log x", "ค่าของ 'URL' ใช้ไม่ได้", "names a server"),
        ("mirror http://h --log x --every inf", "ค่าของ '--every' ใช้ไม่ได้", "86400"),
        ("invite net --days 99999999999", "ค่าของ '--days' ใช้ไม่ได้", "3650"),
        ("invite net --uses 99999999999", "ค่าของ '--uses' ใช้ไม่ได้", "1000000"),
        ("demo --seed -1", "ค่าของ '--seed' ใช้ไม่ได้", "greater than or equal to 0"),
        ("people ungrant 99999999999999999999", "ค่าของ 'GRANT' ใช้ไม่ได้", "less than or equal to"),
        ("keys list net . --since 2569-01-01T00:00:00Z", "เวลานี้ยังมาไม่ถึง โปรดใช้ปี ค.ศ. ดู", "has not come yet"),
        ("keys revoke abc --reason=", "ค่าของ '--reason' ใช้ไม่ได้ ต้องเป็นค่าใดค่าหนึ่งใน 'lost'", "'' is not one of"),
        ("verify now", "คำสั่งที่พิมพ์ไม่ถูกต้อง มีคำเกินมา: now ดู", "Got unexpected extra argument(s) (now)"),
        ("demoo", "ไม่มีคำสั่ง demoo อาจหมายถึง 'demo' ดู", "No such command 'demoo'"),
        ("count", "ไม่มีคำสั่ง count", "No such command 'count'"),
    ],
)
def test_what_was_typed_wrong_is_named_in_both_languages_with_a_code(words: str, thai: str, english: str) -> None:
    said = refused(*words.split())
    assert thai in said[0] and english in said[1] and said[2] == "base.usage"
    assert "--help" in said[0] and "--help" in said[1]


def test_a_command_without_words_shows_its_help() -> None:
    assert "[base.usage]" not in stopped() and "[base.usage]" not in stopped("simulate")


def test_a_command_whose_database_goes_away_says_so_in_both_languages(database_url: str, tmp_path: Path) -> None:
    waiting = "SELECT pid FROM pg_locks WHERE NOT granted AND relation = 'base.secrets'::regclass"
    place, said = {"SAPPAROT_DATABASE_URL": database_url}, list[tuple[str, str, str]]()
    with connect(database_url) as holder, connect(database_url, autocommit=True) as admin:
        holder.execute("LOCK TABLE base.secrets IN ACCESS EXCLUSIVE MODE")
        for words in (("people", "reseal"), ("up", "--role", "keep")):
            command = threading.Thread(target=lambda: said.append(refused(*words, "--data", tmp_path, **place)))  # noqa: B023
            command.start()
            while not admin.execute(waiting).fetchone():
                assert command.is_alive()
                time.sleep(0.02)
            admin.execute(f"SELECT pg_terminate_backend(pid) FROM ({waiting}) AS waiting")
            command.join()
    for thai, english, code in said:
        assert "ฐานข้อมูลไม่ตอบ" in thai and "the database does not answer" in english
        assert code == "base.database_unavailable"
    assert len(said) == 2

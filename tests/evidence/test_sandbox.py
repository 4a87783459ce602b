"""What a file can do that has taken its decoder over: nothing but compute, for a while, and write one file of bounded size."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from sapparot.evidence import sandbox
from sapparot.evidence.sandbox import Outcome

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the system call filter is the Linux kernel's")

LOADED = f"""
import importlib.util, os, signal, socket, sys, time, threading
spec = importlib.util.spec_from_file_location("sandbox", {sandbox.__file__!r})
sandbox = importlib.util.module_from_spec(spec)
spec.loader.exec_module(sandbox)
"""


def run(program: str) -> str:
    """What a fresh process prints that has loaded the sandbox as the server's processes do."""
    ran = subprocess.run(
        [sys.executable, "-I", "-c", LOADED + textwrap.dedent(program)], capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


DEEDS = [
    "open('/etc/passwd')",
    "open('/dev/null', 'w')",
    "socket.socket()",
    "socket.socketpair()",
    "os.pipe()",
    "os.listdir('/')",
    "os.fork()",
    "os.execv('/bin/true', ['true'])",
    "os.kill(os.getppid(), signal.SIGTERM)",
    "os.kill(os.getpid(), signal.SIGKILL)",
    "os.read(control, 1)",
    "os.setuid(0)",
    "os.unlink('/etc/passwd')",
]


def tried(preparation: str, deeds: list[str]) -> dict[str, str]:
    """What each deed came to after ``preparation``: the name of the error, or ``done``."""
    told = run(f"""
        control, _ = os.pipe()
        {preparation}
        for deed in {deeds!r}:
            try:
                eval(deed)
                outcome = "done"
            except OSError as error:
                outcome = type(error).__name__
            os.write(1, (deed + "\\t" + outcome + "\\n").encode())
        os._exit(0)
    """)
    return dict(line.split("\t") for line in told.splitlines())


def test_a_decoder_cannot_reach_anything() -> None:
    assert tried("assert sandbox.confine()", DEEDS) == dict.fromkeys(DEEDS, "PermissionError")


def test_the_limits_alone_refuse_files_and_network() -> None:
    assert tried("sandbox.limit()", DEEDS[:5]) == dict.fromkeys(DEEDS[:5], "OSError")


def test_a_process_that_is_not_confined_would_reach_all_that() -> None:
    """The canary of the two tests above."""
    assert tried("", DEEDS[:6]) == dict.fromkeys(DEEDS[:6], "done")


@pytest.mark.parametrize(
    ("deed", "status"),
    [
        ("while True: pass", "-24"),
        ("threading.Event().wait()", str(sandbox.LATE)),
        ("while True: os.write(copy, b'x' * (1 << 20))", str(int(Outcome.DAMAGED))),
        ("os.kill(os.getpid(), signal.SIGUSR1)", str(int(Outcome.DAMAGED))),  # -10 if it were not confined
        ("bytes(sandbox.MEMORY)", str(int(Outcome.TOO_COSTLY))),
        ("sandbox.ctypes.string_at(0)", "-11"),
        ("1 / 0", str(int(Outcome.DAMAGED))),
        ("os._exit(99)", "99"),
        ("sys.exit(0)", str(int(Outcome.DAMAGED))),
        ("raise sandbox.Refused(sandbox.Outcome.ANIMATED)", str(int(Outcome.ANIMATED))),
    ],
)
def test_every_way_to_end_badly_is_reported(tmp_path: Path, deed: str, status: str) -> None:
    (tmp_path / "photograph").write_bytes(b"photograph")
    told = run(f"""
        def develop(photograph):
            assert photograph == b"photograph"
            {deed}
        sandbox.develop, sandbox.CPU_SECONDS, sandbox.WALL_SECONDS = develop, 1, {1 if status == str(sandbox.LATE) else 60}
        copy = os.open("{tmp_path}/copy", os.O_RDWR | os.O_CREAT)
        photograph = os.open("{tmp_path}/photograph", os.O_RDWR)
        print(sandbox.attend(photograph, copy))
    """)
    assert told == status
    assert (tmp_path / "copy").stat().st_size <= sandbox.COPY_BYTES


def test_a_decoder_cannot_change_the_original(tmp_path: Path) -> None:
    (tmp_path / "photograph").write_bytes(b"photograph")
    told = run(f"""
        photograph = os.open("{tmp_path}/photograph", os.O_RDWR)
        def develop(data):
            for number in range(3, 64):
                if number != copy:
                    try:
                        os.write(number, b"forged")
                    except OSError:
                        pass
            return sandbox.Outcome.JPEG, b""
        sandbox.develop = develop
        copy = os.open("{tmp_path}/copy", os.O_RDWR | os.O_CREAT)
        print(sandbox.attend(photograph, copy))
    """)
    assert told == str(int(Outcome.JPEG))
    assert (tmp_path / "photograph").read_bytes() == b"photograph"


def test_the_confinement_fits_this_machine() -> None:
    assert run("sandbox.Image.init(); print(sandbox.rehearse())") == "True"


def test_a_decoder_ends_with_its_server(tmp_path: Path) -> None:
    """The socket's other end closes when the server dies however it dies; the process then leaves by itself."""
    told = run("""
        import subprocess
        ours, theirs = socket.socketpair()
        worker = subprocess.Popen([sys.executable, "-I", sandbox.__file__, str(theirs.fileno())], pass_fds=[theirs.fileno()])
        theirs.close()
        ready = sandbox.STATUS.unpack(ours.recv(4))[0]
        ours.close()
        print(ready, worker.wait(10))
    """)
    assert told == f"{sandbox.CONFINED} 0"

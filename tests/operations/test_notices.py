"""Notices: that something waits reaches those who look after the desk, once, and not a word of what it is."""

from __future__ import annotations

import datetime as dt
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from storyhub.config import Settings, read_settings
from storyhub.models.concern import ONLY_FOR, About, raise_concern
from storyhub.models.job import MOST_ATTEMPTS, Job, JobState
from storyhub.models.people import Role
from storyhub.models.queue import Kind, QueueItem
from storyhub.operations import working
from storyhub.operations.sending import mail_server
from tests.mailing import Hook, MailServer, certificate, running
from tests.makers import Maker
from tests.operations.conftest import Flask_

SEVEN = {"hour": 7, "minute": 0}
SEVEN_DAYS = dt.timedelta(days=7)
CANARY = {
    "text": "zanzibarine quicksilver on the marmalade tram",
    "title": "Heliotrope",
    "name": "Wisteria",
    "place": "Ouagadougou",
    "country": "BF",
    "language": "mos",
    "happened": "2019-03",
}


@pytest.fixture
def post() -> Iterator[MailServer]:
    with running(MailServer()) as server:
        yield server


@pytest.fixture
def hook() -> Iterator[Hook]:
    with running(Hook()) as server:
        yield server


@pytest.fixture
def environment(environment: dict[str, str], post: MailServer, hook: Hook) -> dict[str, str]:
    return environment | {
        "STORYHUB_SMTP_URL": f"smtp://127.0.0.1:{post.port}",
        "STORYHUB_NOTICE_FROM": "desk@stories.example",
        "STORYHUB_NOTICE_TO": "one@there.example, two@there.example",
        "STORYHUB_NOTICE_HOOK": f"http://127.0.0.1:{hook.port}/knock?key=7",
    }


@pytest.fixture
def at_seven(app: Flask, held_clock: Any) -> Any:
    """at_seven(): the worker's next minute, which is seven o'clock."""
    working.init_app(app)

    def go() -> None:
        held_clock.to(held_clock.moment.replace(**SEVEN))
        working.each_minute.call_local()

    return go


def words_of(post: MailServer) -> list[str]:
    return [str(mail.get_content()).replace("\r\n", "\n") for mail in post.read]


def flood(make: Maker, held_clock: Any) -> None:
    """Three days ago a story, today two urgent ones and one that is held."""
    held_clock.forward(days=-3)
    make.story(**CANARY)
    held_clock.forward(days=3)
    for lane in ("urgent", "urgent", "held"):
        make.story(lane=lane)


def demand(make: Maker, session: Session) -> None:
    story = make.story(state="published")
    concern = raise_concern(session, story, About.LEGAL_DEMAND, "we demand", receipt_digest="d" * 64)
    item = concern.item or session.scalars(sa.select(QueueItem).filter_by(kind=Kind.CONCERN)).one()
    item.only_for = ONLY_FOR[About.LEGAL_DEMAND]
    session.commit()


# What is said


def test_a_mail_says_how_many_wait_and_for_how_long(
    at_seven: Any, post: MailServer, make: Maker, held_clock: Any, settings: Settings
) -> None:
    flood(make, held_clock)
    at_seven()
    told = "4 wait to be read. Urgent: 2. Usual: 1. Held apart: 1.\nThe longest for 3 days.\n\n"
    assert words_of(post) == [told + f"{settings.site_url}/desk/\n"] * 2
    assert {mail["Subject"] for mail in post.read} == {"Something waits to be read"}


def test_the_hook_is_told_four_numbers(at_seven: Any, hook: Hook, make: Maker, held_clock: Any) -> None:
    flood(make, held_clock)
    at_seven()
    ((path, headers, body),) = hook.heard
    assert json.loads(body) == {"waiting": 4, "urgent": 2, "held": 1, "longest_days": 3}
    assert path == "/knock?key=7"
    assert set(headers) == {"Host", "Accept-Encoding", "Content-Length", "Content-Type"}, "and nothing of who knocks"


def test_nothing_of_a_story_is_in_any_byte_that_is_sent(
    at_seven: Any, post: MailServer, hook: Hook, make: Maker, held_clock: Any
) -> None:
    held_clock.forward(days=-3)
    make.story(
        **CANARY, themes=["canaries"], notes=["self-harm"], setting="nightlife", campaign=make.campaign("safe-trams")
    )
    held_clock.forward(days=3)
    at_seven()
    sent = (post.all_bytes + b"".join(body for _path, _headers, body in hook.heard)).lower().decode()
    told = [word for value in CANARY.values() for word in value.split()]
    told += ["canar", "self-harm", "nightlife", "tram", "burkina", "mossi", "campaign", "theme", "language", "waiting"]
    # Short ones only as words of their own: "on" is in "longest", and "bf" may be among random digits.
    found = [word for word in told if re.search(rf"(?<![\w-]){re.escape(word.lower())}(?![\w-])", sent)]
    assert set(found) <= {"the", "waiting"}, found
    assert sent.count("1 waits to be read") == 2


def test_every_mail_is_for_one_and_names_nobody_else(
    at_seven: Any, post: MailServer, make: Maker, session: Session
) -> None:
    make.moderator("Mo", email="mo@home.example", wants_digest=True)
    make.story()
    at_seven()
    assert sorted(mail["To"] for mail in post.read) == ["mo@home.example", "one@there.example", "two@there.example"]
    for mail, raw in zip(post.read, post.mails, strict=True):
        assert {address for address in re.findall(rb"[\w.]+@[\w.]+", raw) if b"@stories.example" not in address} == {
            mail["To"].encode()
        }


def test_the_machine_does_not_say_its_name(at_seven: Any, post: MailServer, make: Maker) -> None:
    make.story()
    at_seven()
    assert post.heard[0].strip() == b"ehlo stories.example"
    assert re.fullmatch(r"<[0-9a-f]{32}@stories\.example>", post.read[0]["Message-ID"])


# To whom


def test_people_are_told_who_asked_and_can_open_the_desk_today(
    at_seven: Any, post: MailServer, make: Maker, held_clock: Any
) -> None:
    asked = {"wants_digest": True}
    make.moderator("A", email="asked@home.example", **asked)
    make.moderator("B", email="never@home.example")
    make.moderator("C", email="shut@home.example", active=False, **asked)
    make.moderator("D", email="no-code@home.example", second_factor=False, **asked)
    make.moderator("E", email="over@home.example", until=held_clock.moment.date() - SEVEN_DAYS, **asked)
    make.organiser("F", email="organiser@home.example", **asked)
    make.moderator("G", email="two addresses@home.example, x@y", **asked)
    make.moderator("H", email="ONE@there.example", **asked)
    make.moderator("I", **asked)
    make.story()
    at_seven()
    told = {"asked@home.example", "two@there.example", "ONE@there.example"}
    assert {mail["To"] for mail in post.read} == told
    assert len(post.mails) == len(told), "whoever is named twice hears it once"


def test_a_demand_is_in_the_stewards_number_alone_and_in_no_line(
    at_seven: Any, post: MailServer, hook: Hook, make: Maker, session: Session
) -> None:
    make.steward("Sol", email="sol@home.example", wants_digest=True)
    demand(make, session)
    at_seven()
    (mail,) = post.read
    assert mail["To"] == "sol@home.example"
    assert "1 waits to be read. Urgent: 1. Usual: 0. Held apart: 0." in str(mail.get_content())
    assert "demand" not in post.all_bytes.decode()
    assert not hook.heard


def test_an_outside_reader_hears_only_of_what_waits_for_them(
    at_seven: Any, post: MailServer, make: Maker, session: Session
) -> None:
    make.person("Ona", Role.OUTSIDE_READER, email="ona@home.example", wants_digest=True)
    for _ in range(3):
        make.story()
    session.scalars(sa.select(QueueItem)).first().kind = Kind.APPEAL  # type: ignore[union-attr]
    session.commit()
    at_seven()
    (mail,) = [mail for mail in post.read if mail["To"] == "ona@home.example"]
    assert str(mail.get_content()).startswith("1 waits to be read.")


# When, and how often


def test_an_hour_is_told_once_however_often_the_worker_looks_or_starts(
    app: Flask, at_seven: Any, post: MailServer, hook: Hook, make: Maker, held_clock: Any
) -> None:
    make.story()
    for _ in range(3):
        at_seven()
        working.init_app(app)  # a worker that was started anew; it begins with a night's work
        held_clock.forward(minutes=20)
    assert (len(post.mails), len(hook.heard)) == (2, 1)
    held_clock.forward(days=1)
    at_seven()
    assert (len(post.mails), len(hook.heard)) == (4, 2)


def test_two_workers_in_one_minute_tell_it_once(
    app: Flask, at_seven: Any, post: MailServer, hook: Hook, make: Maker, held_clock: Any
) -> None:
    make.story()
    held_clock.to(held_clock.moment.replace(**SEVEN))
    workers = [threading.Thread(target=working.each_minute.call_local) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert (len(post.mails), len(hook.heard)) == (2, 1)


def test_at_other_hours_and_when_nothing_waits_nothing_is_said(
    at_seven: Any, post: MailServer, hook: Hook, make: Maker, held_clock: Any
) -> None:
    at_seven()
    make.story()
    held_clock.forward(hours=3)
    working.each_minute.call_local()
    assert (post.heard, hook.heard) == ([], [])


def test_what_was_said_leaves_an_hour_behind_until_the_night_and_nobodys_address(
    at_seven: Any, make: Maker, session: Session, held_clock: Any, flask: Flask_
) -> None:
    make.story()
    at_seven()
    jobs = session.scalars(sa.select(Job)).all()
    assert [job.arguments for job in jobs] == [{"slot": "2026-03-05 07"}] * 2
    assert flask("privacy", "audit").exit_code == 0
    held_clock.forward(days=1)
    working.each_night.call_local()
    assert not session.scalars(sa.select(Job)).all()


# When it fails


def test_a_server_that_is_away_is_tried_again_and_nobody_waits_for_it_meanwhile(
    at_seven: Any, post: MailServer, hook: Hook, make: Maker, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    post.ends_after = 0  # it hangs up when it is to take the first
    hook.status = 503
    make.story()
    at_seven()
    assert {(job.state, job.attempts) for job in session.scalars(sa.select(Job))} == {(JobState.WAITING, 1)}
    post.ends_after, hook.status = 9, 204
    at_seven()
    assert (len(post.mails), len(hook.heard)) == (2, 2)
    assert {job.state for job in session.scalars(sa.select(Job))} == {JobState.DONE}
    assert sorted(record.getMessage() for record in caplog.records) == [
        "a job failed: NotTaken",
        "a job failed: SMTPServerDisconnected",
    ]


def test_it_is_not_tried_for_ever_and_not_the_day_after(
    at_seven: Any, hook: Hook, make: Maker, session: Session, held_clock: Any
) -> None:
    hook.status = 500
    make.story()
    for _ in range(MOST_ATTEMPTS + 2):
        at_seven()
    assert len(hook.heard) == MOST_ATTEMPTS
    held_clock.forward(days=1)
    working.each_night.call_local()
    assert not session.scalars(sa.select(Job)).all()


def test_who_got_it_does_not_get_it_twice_because_another_did_not(
    at_seven: Any, post: MailServer, make: Maker, caplog: pytest.LogCaptureFixture
) -> None:
    post.refuses = {"one@there.example"}
    make.story()
    at_seven()
    at_seven()
    assert [mail["To"] for mail in post.read] == ["two@there.example"]
    assert [record.getMessage() for record in caplog.records] == [
        "1 of 2 notices could not be sent: SMTPRecipientsRefused"
    ]


def test_the_site_can_be_written_to_while_a_notice_is_on_its_way(
    app: Flask, at_seven: Any, post: MailServer, make: Maker, held_clock: Any
) -> None:
    """On SQLite a job that is open keeps everybody else from writing: not for as long as a mail server takes."""
    told: list[object] = []
    make.story()
    conversation = post.finish_request

    def slowly(*request: Any) -> None:
        told.append(make.story("told while the mail server thinks"))
        conversation(*request)

    post.finish_request = slowly  # type: ignore[method-assign]
    at_seven()
    assert (len(told), len(post.mails)) == (1, 2)


def test_a_hook_that_leads_elsewhere_is_not_followed(at_seven: Any, hook: Hook, make: Maker) -> None:
    with running(Hook()) as elsewhere:
        hook.status, hook.location = 302, f"http://127.0.0.1:{elsewhere.port}/"
        make.story()
        at_seven()
        assert (len(hook.heard), elsewhere.heard) == (1, [])


# Encrypted, or not at all. "127.1" is this machine too, and does not look like it.


def settings_with(environment: dict[str, str], url: str) -> Settings:
    return read_settings(environment | {"STORYHUB_SMTP_URL": url})


def test_a_server_elsewhere_that_offers_no_encryption_is_told_nothing(
    environment: dict[str, str], post: MailServer
) -> None:
    settings = settings_with(environment, f"smtp://me:secret@127.1:{post.port}")
    with pytest.raises(OSError, match="STARTTLS"), mail_server(settings):
        pass
    assert [line[:4].lower() for line in post.heard] == [b"ehlo", b"quit"]


@pytest.mark.parametrize("at_once", [True, False])
def test_a_certificate_that_nobody_vouches_for_ends_it(
    environment: dict[str, str], tmp_path: Path, at_once: bool
) -> None:
    context, _ = certificate(tmp_path, "127.1")
    with running(MailServer(context, at_once=at_once)) as post:
        url = f"{'smtps' if at_once else 'smtp'}://me:secret@127.1:{post.port}"
        with pytest.raises(OSError, match="certificate"), mail_server(settings_with(environment, url)):
            pass
        assert b"AUTH" not in post.all_bytes


@pytest.mark.parametrize("at_once", [True, False])
def test_one_that_is_vouched_for_is_signed_in_to(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: bool
) -> None:
    context, trusted = certificate(tmp_path, "127.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with running(MailServer(context, at_once=at_once)) as post:
        url = f"{'smtps' if at_once else 'smtp'}://me:s%40cret@127.1:{post.port}"
        with mail_server(settings_with(environment, url)) as server:
            assert server.noop()[0] == 250
        assert b"AUTH PLAIN AG1lAHNAY3JldA==\r\n" in post.heard


# The commands


def test_the_command_shows_what_would_be_said_and_to_how_many(
    flask: Flask_, make: Maker, post: MailServer, hook: Hook
) -> None:
    make.steward("Sol", email="sol@home.example", wants_digest=True)
    make.story()
    said = flask("notices", "send", "--dry-run").output
    assert "To 3 addresses:\n\n1 waits to be read." in said
    assert "To the hook: {'waiting': 1, 'urgent': 0, 'held': 0, 'longest_days': 0}" in said
    assert "Nothing was sent." in said
    assert "@" not in said
    assert (post.heard, hook.heard) == ([], [])
    assert "Sent." in flask("notices", "send").output
    assert (len(post.mails), len(hook.heard)) == (3, 1)


def test_the_command_says_when_nothing_waits_and_when_it_fails(
    flask: Flask_, make: Maker, post: MailServer, hook: Hook
) -> None:
    assert "Nothing waits" in flask("notices", "send").output
    make.story()
    post.refuses = {"one@there.example"}
    assert "Sent to 1 of 2" in flask("notices", "send", code=1).output
    hook.status = 404
    post.refuses = set()
    assert "NotTaken" in flask("notices", "send", code=1).output


def test_the_doctor_looks_whether_the_mail_server_lets_us_in_and_sends_nothing(
    flask: Flask_, post: MailServer, app: Flask
) -> None:
    def said() -> str:
        return app.test_cli_runner().invoke(args=["doctor"]).output

    assert "good   the mail server lets us in" in said()
    assert not post.mails
    post.shutdown()
    post.server_close()
    assert "WRONG  the mail server does not let us in (ConnectionRefusedError)" in said()

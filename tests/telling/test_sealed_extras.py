"""What a contributor leaves for the organisers alone: this server takes it, can't read it, and shows it to nobody."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from nacl.public import PrivateKey
from sqlalchemy.orm import Session

from storyhub.config import Settings
from storyhub.extensions import db
from storyhub.models.sealed import Left, SealedNote
from storyhub.models.site import the_site
from storyhub.models.story import State, Story
from storyhub.protection import boxes
from tests.journeys.steps import command, look_up
from tests.makers import Maker
from tests.pages import Page, PagesClient, receipt_shown

WORDS = "Somebody followed me from the bus to my door."
REACH = "quokkaxyzzy@example.org"
NOTE = "The door was the blue one, quokkaxyzzy, and nobody must know."
PRIVATE = PrivateKey.generate()


@pytest.fixture
def key(session: Session) -> str:
    public = bytes(PRIVATE.public_key).hex()
    the_site(session).sealing_key = public
    session.commit()
    return public


def sent(client: PagesClient, **left: str) -> Page:
    form = client.open_page("/share").form("/share").fill(text=WORDS).send().form("/share/send")
    return form.fill(**left).send()


def test_without_a_key_nothing_of_the_kind_is_asked_for(client: PagesClient) -> None:
    form = client.open_page("/share").form("/share").fill(text=WORDS).send().form("/share/send")
    assert not {"reach", "private_note"} & set(form.names)


def test_without_a_key_it_is_refused_in_plain_words_and_comes_back(client: PagesClient, session: Session) -> None:
    form = client.open_page("/share").form("/share").fill(text=WORDS).send().form("/share/send")
    fields = {name: form.value(name) for name in ("csrf_token", "sealed", "text", "wish")}
    answer = client.post("/share/send", data={**fields, "reach": REACH})
    assert answer.status_code == 422
    assert "can&#39;t be sealed here at present" in answer.text
    assert f'value="{REACH}"' in answer.text
    session.commit()
    assert session.scalar(sa.select(sa.func.count()).select_from(Story)) == 0


def test_it_is_sealed_on_arrival_and_opens_with_the_private_half_alone(
    client: PagesClient, session: Session, key: str
) -> None:
    sent(client, reach=REACH, private_note=NOTE)
    notes = {note.left: note for note in session.scalars(sa.select(SealedNote))}
    assert boxes.opened(notes[Left.REACH].box, PRIVATE) == REACH
    assert boxes.opened(notes[Left.NOTE].box, PRIVATE) == NOTE
    assert {note.key_mark for note in notes.values()} == {boxes.mark_of(key)}


def test_no_byte_of_it_is_anywhere_on_the_server_nor_in_what_leaves_it(
    app: Flask, client: PagesClient, another_client: PagesClient, make: Maker, session: Session, settings: Settings,
    key: str, tmp_path: Path, sign_in: Any, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    receipt = receipt_shown(sent(client, reach=REACH, private_note=NOTE))
    story = session.scalars(sa.select(Story)).one()
    sign_in(another_client, make.moderator())
    seen = another_client.post("/desk/next", data=_token(another_client), follow_redirects=True).text
    make.publish(story)
    for path in ("/", "/api/v1/stories", "/feed.atom", "/feed.json"):
        seen += client.get(path).text
    seen += look_up(client, receipt).form("/receipt/words").send().text
    command(app, "backup", str(tmp_path / "backup"))
    command(app, "stories", "export", str(tmp_path / "stories.jsonl"), "--format", "jsonl")
    command(app, "sealed", "take", str(tmp_path / "boxes.jsonl"))
    with app.app_context():
        for table in sa.inspect(db.engine).get_table_names():
            if not table.startswith("search_index"):
                seen += repr(db.session.execute(sa.text(f'SELECT * FROM "{table}"')).all())
    assert "quokkaxyzzy" not in seen + caplog.text
    for folder in (settings.instance, settings.volatile, tmp_path):
        for file in folder.rglob("*"):
            assert not file.is_file() or b"quokkaxyzzy" not in file.read_bytes(), file
    assert "In a sealed box that we cannot open" in seen


def _token(client: PagesClient) -> dict[str, str]:
    form = client.open_page("/desk/").form("/desk/next")
    return {"csrf_token": form.value("csrf_token")}


def test_nothing_that_the_server_holds_opens_it(
    client: PagesClient, session: Session, settings: Settings, key: str
) -> None:
    """Whoever stole all of it: every key of the instance, and every 32 bytes that stand in the database's own row."""
    sent(client, private_note=NOTE)
    box = session.scalars(sa.select(SealedNote.box)).one()
    held = [settings.secret_key, settings.receipt_key, key, the_site(session).sealing_key]
    for secret in held:
        raw = secret.encode()
        for tried in {raw[:32].ljust(32, b"\0"), bytes.fromhex(key), hashlib.sha256(raw).digest()}:
            with pytest.raises(boxes.CannotOpen):
                boxes.opened(box, PrivateKey(tried))


def test_sending_the_same_form_again_keeps_one_box_of_each(client: PagesClient, session: Session, key: str) -> None:
    form = client.open_page("/share").form("/share").fill(text=WORDS).send().form("/share/send")
    form = form.fill(reach=REACH)
    form.send()
    form.send()
    assert session.scalar(sa.select(sa.func.count()).select_from(SealedNote)) == 1


def test_it_can_be_taken_back_alone_and_goes_with_the_story(client: PagesClient, session: Session, key: str) -> None:
    receipt = receipt_shown(sent(client, reach=REACH, private_note=NOTE))
    page = look_up(client, receipt).form("/receipt/private").send()
    assert "cannot show it to you again" in page
    page = page.form("/receipt/private").fill(left=["reach"]).send()
    assert "is erased here" in page
    session.commit()
    assert session.scalars(sa.select(SealedNote.left)).all() == [Left.NOTE]
    look = look_up(client, receipt).form("/receipt/withdrawal").send()
    look.form("/receipt/withdrawal").send()
    session.expire_all()
    assert session.scalars(sa.select(SealedNote.box)).all() == [None]


def test_of_a_declined_story_it_goes_when_the_words_go(
    client: PagesClient, make: Maker, session: Session, key: str, held_clock: Any
) -> None:
    from storyhub import clock
    from storyhub.models.story import purge_due

    sent(client, private_note=NOTE)
    story = session.scalars(sa.select(Story)).one()
    make.decline(story)
    held_clock.forward(days=30)
    purge_due(session, clock.today())
    session.commit()
    assert story.state is State.DECLINED
    assert [note.box for note in story.sealed_notes] == [None]


@pytest.mark.parametrize(("field", "words"), [("reach", "x" * 201), ("private_note", "x" * 2_001)])
def test_what_is_too_long_comes_back(client: PagesClient, key: str, field: str, words: str) -> None:
    form = client.open_page("/share").form("/share").fill(text=WORDS).send().form("/share/send")
    page = form.fill(**{field: words}).send(status=422)
    assert "Please keep this under" in page
    assert words in page.text or words in str(page.html.html)


def test_organisers_take_the_boxes_to_where_their_key_is(
    client: PagesClient, another_client: PagesClient, make: Maker, session: Session, key: str, sign_in: Any
) -> None:
    sign_in(another_client, make.organiser())
    assert "Take the boxes out" not in another_client.open_page("/organise/exports")
    sent(client, reach=REACH)
    page = another_client.open_page("/organise/exports")
    assert "1 private note was left for you" in page
    form = page.form("/organise/exports/sealed")
    answer = another_client.post("/organise/exports/sealed", data={"csrf_token": form.value("csrf_token")})
    row = json.loads(answer.data)
    assert boxes.opened(bytes.fromhex(row["box"]), PRIVATE) == REACH
    assert "attachment" in answer.headers["Content-Disposition"]
    sign_in(another_client, make.moderator())
    assert another_client.get("/organise/exports").status_code == 403

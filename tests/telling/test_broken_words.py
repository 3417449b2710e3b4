"""Words to the desk that are not text, or break careless software: refused whole and given back, or kept as typed."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa

from storyhub import clock
from storyhub.models.concern import Concern
from storyhub.models.question import Question, ask
from storyhub.models.story import StoryVersion
from storyhub.protection import identifiers
from storyhub.text.incoming import clean
from tests.pages import as_typed
from tests.text.naughty import NAUGHTY

WORDS = "A quiet word about the harbour."
ALL_NAUGHTY = as_typed("\n\n".join(NAUGHTY))[:4000]


@pytest.fixture
def asked(make, session, receipt):
    story = make.story(WORDS, receipt=receipt)
    ask(story, "When?", by=make.moderator(), answer_by=clock.today() + dt.timedelta(days=14), session=session)
    session.commit()
    return story


def as_raw_bytes(fields, name):
    return urlencode(fields).encode() + f"&{name}=caf".encode() + b"\xe9 was where"


def as_percent_bytes(fields, name):
    return urlencode(fields).encode() + f"&{name}=caf%E9 was where".encode()


def send_broken(client, form, name, broken):
    fields = {key: value for key, value in form.fields.items() if key != name} | {"step": "send"}
    return client.post(
        form.action,
        data=broken(fields, name),
        content_type="application/x-www-form-urlencoded",
        headers={"Origin": client.application.extensions["settings"].site_url},
    )


@pytest.mark.parametrize("broken", [as_raw_bytes, as_percent_bytes])
@pytest.mark.parametrize(("way", "name"), [("answer", "words"), ("edit", "text")])
def test_broken_bytes_are_refused_and_not_mended_without_a_word(client, come_back, asked, session, broken, way, name):
    form = come_back(to=f"/receipt/{way}").form(f"/receipt/{way}")
    response = send_broken(client, form, name, broken)
    assert response.status_code in (400, 422)
    assert "was where" in response.text and ("broken" in response.text or "type your receipt again" in response.text)
    session.expire_all()
    assert asked.questions[0].answer is None and len(asked.versions) == 1


@pytest.mark.parametrize("broken", [as_raw_bytes, as_percent_bytes])
def test_broken_words_of_who_lost_a_receipt_are_refused_as_well(client, make, session, broken):
    story = make.publish(make.story(WORDS))
    form = client.open_page("/receipt/lost").form("/receipt/lost").fill(story=identifiers.shown(story.id))
    response = send_broken(client, form, "words", broken)
    assert response.status_code in (400, 422) and "was where" in response.text
    assert session.scalars(sa.select(Concern)).all() == []


def test_naughty_answers_are_kept_as_typed(come_back, asked, session, receipt):
    come_back(to="/receipt/answer").form("/receipt/answer").fill(words=ALL_NAUGHTY).send("step=send")
    assert session.scalar(sa.select(Question.answer)) == clean(ALL_NAUGHTY)
    shown = come_back(to="/receipt/words").html.css_first("[id^=words-questions]")
    assert shown is not None


def test_naughty_changes_are_kept_as_typed(come_back, asked, session):
    page = come_back(to="/receipt/edit").form("/receipt/edit").fill(text=ALL_NAUGHTY).send("step=look")
    assert "have arrived" in page.form("/receipt/edit").send("step=send")
    texts = session.scalars(sa.select(StoryVersion.text).order_by(StoryVersion.number)).all()
    assert texts == [WORDS, clean(ALL_NAUGHTY)]


FIELDS = ("about", "looked", "step", "words", "text", "consent", "themes", "wish", "show", "happened", "receipt")


@pytest.mark.parametrize("way", ["answer", "redaction", "edit", "consent", "appeal", "withdrawal", "words"])
@pytest.mark.parametrize("junk", ["\x00", "gAAAA" * 2000, "💥", "-1", "' OR 1=1 --"])
def test_whatever_is_sent_instead_no_page_breaks(come_back, asked, way, junk, session):
    form = come_back(to="/receipt/words").form("/receipt/withdrawal")
    form.action = f"/receipt/{way}"
    for name in FIELDS:
        page = form.forge(**{name: junk}).send(status=None)
        assert page.status in (200, 400, 404, 409, 422), (name, page.status)
        form.without(name)
        if name == "step" and way == "withdrawal":
            break


@pytest.mark.parametrize("address", ["/share", "/share/send", "/receipt/lost", "/receipt/answer"])
def test_broken_bytes_in_very_many_fields_are_no_fault_of_ours(client, address):
    body = b"&".join(b"a%d=\xff" % number for number in range(600))
    answer = client.post(address, data=body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 400

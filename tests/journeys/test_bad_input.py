"""Whatever arrives: an answer in plain words with the right status, the words kept, and nothing stored half-way."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from storyhub.models.story import Story, StoryVersion
from storyhub.text.incoming import clean
from tests.journeys.steps import look_up, tell
from tests.makers import Maker
from tests.pages import Page, PagesClient, as_typed, receipt_shown
from tests.text.naughty import NAUGHTY, NOT_TEXT

WORDS = "They laughed when I said <stop it>. &lt;3\n\nI left."
BATCH = 12


def count(session: Session) -> int:
    session.commit()
    return session.scalar(sa.select(sa.func.count(Story.id))) or 0


def words_on(page: Page) -> str:
    """The story's words wherever they stand on a page: in the box, or carried back by an error page."""
    box = page.html.css_first("textarea[name=text], textarea#carried")
    assert box is not None, page.text[:300]
    return box.text().replace("\r\n", "\n")


BATCHES = [NAUGHTY[start : start + BATCH] for start in range(0, len(NAUGHTY), BATCH)]


@pytest.mark.parametrize("number", range(len(BATCHES)))
def test_naughty_words_come_back_exactly_as_they_were_told(
    client: PagesClient, session: Session, make: Maker, number: int
) -> None:
    """
    Given words that break careless software,
    when they are told, looked over, sent, published and read,
    then they are the same words at every step.
    """
    told = as_typed("\n\n".join(BATCHES[number]))
    form = client.open_page("/share").form("/share").fill(text=told)
    if len(told) > 20_000:
        refused = form.send(status=422)
        assert words_on(refused) == clean(told)
        return
    checked = form.send()
    assert words_on(checked) == clean(told)
    receipt = receipt_shown(checked.form("/share/send").send())
    story = session.scalars(sa.select(Story)).one()
    assert story.newest.text == clean(told)
    make.publish(story)
    address = next(link for link in client.open_page("/").links.values() if "/stories/" in link)
    assert client.open_page(address).words_told == [clean(told)]
    held = look_up(client, receipt).form("/receipt/words").send()
    shown = held.html.css_first("[id^=words-story_versions]")
    assert Page.read(shown) == clean(told)
    api = client.get(f"/api/v1/stories/{address.rpartition('/')[2]}").json
    assert api is not None
    assert api["opening"].rstrip("…").strip()[:20] in clean(told)


@pytest.mark.parametrize("text", [text for text in NAUGHTY if 10 <= len(text.strip()) <= 300][::3])
def test_naughty_words_alone_keep_their_beginning_and_their_end(
    client: PagesClient, session: Session, text: str
) -> None:
    page = client.open_page("/share").form("/share").fill(text=text).send(status=None)
    assert words_on(page) == clean(as_typed(text))
    if page.status == 200:
        page.form("/share/send").send()
        assert session.scalars(sa.select(StoryVersion.text)).one() == clean(as_typed(text))
    else:
        assert page.status == 422


@pytest.mark.parametrize("text", ["", "   \n\t ", "short", "\u200b\u2060\u200f" * 9, "x" * 20_001, "é" * 30_000])
def test_too_little_or_too_much_is_said_and_kept(client: PagesClient, session: Session, text: str) -> None:
    page = client.open_page("/share").form("/share").fill(text=text).send(status=422)
    assert words_on(page) == clean(text)
    assert page.fields_with_errors() == ["text"]
    assert count(session) == 0


def test_a_body_of_ten_megabytes_is_refused_with_a_page(client: PagesClient, session: Session) -> None:
    page = client.open_page("/share").form("/share").fill(text="word " * 2_000_000).send(status=413)
    assert page.heading
    assert count(session) == 0


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "percent", "multipart"])
@pytest.mark.parametrize("data", NOT_TEXT, ids=range(len(NOT_TEXT)))
def test_what_is_not_text_is_refused_saying_so_and_nothing_is_guessed(
    client: PagesClient, session: Session, data: bytes, kind: str
) -> None:
    token = client.open_page("/share").form("/share").value("csrf_token").encode()
    words = b"At the station he said " + data + b" and more"
    if kind == "multipart":
        body = b"".join(
            b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % pair
            for pair in ((b"csrf_token", token), (b"text", words))
        )
        response = client.post("/share", data=body + b"--x--\r\n", content_type="multipart/form-data; boundary=x")
    else:
        escaped = words.replace(b" ", b"+")
        if kind == "percent":
            escaped = b"".join(b"%%%02x" % byte for byte in words)
        response = client.post(
            "/share",
            data=b"csrf_token=" + token + b"&text=" + escaped,
            content_type="application/x-www-form-urlencoded",
        )
    assert response.status_code == 422, response.text[:200]
    assert count(session) == 0


def test_a_null_and_other_controls_are_left_out_and_nothing_else(client: PagesClient, session: Session) -> None:
    tell(client, "At the\0 station\x07 he\x1b[31m said\ttwo\r\nwords, zero\u200dwidth\u200f kept")
    kept = session.scalars(sa.select(StoryVersion.text)).one()
    assert kept == "At the station he[31m said\ttwo\nwords, zero\u200dwidth\u200f kept"


@pytest.mark.parametrize(
    "forged",
    [
        {"country": "ZZ"}, {"country": "<b>"}, {"setting": "moon"}, {"themes": "never-heard-of"}, {"wish": "now"},
        {"consent": "everything"}, {"happened": "soon"}, {"happened": "9999"}, {"happened": "2020-13"},
        {"language": "no such language"}, {"show": "place"}, {"title": "x" * 5_000}, {"name": "x" * 5_000},
    ],
    ids=str,
)  # fmt: skip
def test_a_value_that_was_never_offered_is_refused_and_the_words_are_kept(
    client: PagesClient, session: Session, forged: dict[str, str]
) -> None:
    checked = client.open_page("/share").form("/share").fill(text=WORDS).send()
    page = checked.form("/share/send").forge(**forged).send(status=422)
    assert words_on(page) == WORDS
    assert count(session) == 0
    assert page.html.css_first(".error") is not None or "notice" in page.response.text


@pytest.mark.parametrize("step", ["/share", "/share/send"])
@pytest.mark.parametrize("how", ["the session ended", "the token was forged", "the token is missing"])
def test_a_form_that_waited_too_long_gives_the_words_back_and_works_the_second_time(
    client: PagesClient, session: Session, step: str, how: str
) -> None:
    """
    Given a form whose session has ended,
    when it is sent,
    then the words come back whole, and pressing the button once more sends them.
    """
    form = client.open_page("/share").form("/share").fill(text=WORDS)
    if step == "/share/send":
        form = form.send().form(step)
    if how == "the session ended":
        client.delete_cookie("storyhub", domain="127.0.0.1")
    elif how == "the token was forged":
        form.forge(csrf_token="forged")
    else:
        form.without("csrf_token")
    page = form.send(status=400)
    assert words_on(page) == WORDS
    assert count(session) == 0
    page = page.form("/share").send()
    if page.has_form("/share/send"):
        page = page.form("/share/send").send()
    receipt_shown(page)
    assert count(session) == 1


def test_a_theme_that_was_deleted_meanwhile_is_said_to_be_gone(
    client: PagesClient, session: Session, make: Maker
) -> None:
    theme = make.theme("buses")
    checked = client.open_page("/share").form("/share").fill(text=WORDS).send()
    form = checked.form("/share/send").fill(themes=["buses"])
    theme.retired = True
    session.commit()
    page = form.send(status=422)
    assert words_on(page) == WORDS
    page.form("/share/send").without("themes").send()
    assert count(session) == 1


@pytest.mark.parametrize(
    ("typed", "status"),
    [("", 422), ("abc", 422), ("1" * 20, 422), ("1" * 19, 422), ("0" * 18 + "97"[::-1], 422), ("<script>", 422)],
)
def test_an_unknown_or_mistyped_receipt_is_told_apart(client: PagesClient, typed: str, status: int) -> None:
    client.open_page("/receipt").form("/receipt").fill(receipt=typed).send(status=status)


def test_a_receipt_of_nothing_is_unknown(client: PagesClient) -> None:
    from storyhub.protection import receipts

    page = client.open_page("/receipt").form("/receipt").fill(receipt=receipts.mint()).send(status=404)
    assert page.has_form("/receipt")


@pytest.mark.parametrize(
    "path",
    [
        "/stories/0000000000000", "/stories/zzzzzzzzzzzzz", "/stories/1", "/stories/../../etc/passwd", "/themes/none",
        "/themes/none+none2", "/places/ZZ", "/campaigns/none", "/themes/%00", "/themes/a%2Fb", "/feed.exe",
        "/api/v1/stories/0000000000000", "/ar/stories/0000000000000", "/?theme=none", "/?setting=moon",
    ],
)  # fmt: skip
def test_what_is_not_there_is_a_page_with_a_way_on(client: PagesClient, path: str) -> None:
    response = client.get(path, follow_redirects=True)
    assert response.status_code == 404
    if response.mimetype == "text/html":
        assert Page(client, response).links


@pytest.mark.parametrize("where", ["/", "/search", "/api/v1/stories"])
@pytest.mark.parametrize(
    "asked",
    ["year=20", "country=KEN", "theme=A+B", "after=x", "language=%00", "q=" + "x" * 201, "q=a%00b", "campaign=%FF",
     "theme=" + "&theme=".join(f"t{number}" for number in range(11)), "year=%D9%A2%D9%A0%D9%A2%D9%A0", "without=%27"],
)  # fmt: skip
def test_a_malformed_filter_is_a_400_and_never_a_500(client: PagesClient, where: str, asked: str) -> None:
    assert client.get(f"{where}?{asked}").status_code == 400


def test_whatever_stands_in_an_address_is_answered(client: PagesClient, app: Flask, make: Maker) -> None:
    """Every filter with every naughty word: 200, 400 or 404, and never a 500."""
    make.story(state="published", themes=["buses"])
    for text in NAUGHTY[::9]:
        for name in ("q", "theme", "country", "after"):
            response = client.get("/search", query_string={name: text[:300]})
            assert response.status_code in (200, 400, 404), (name, text)

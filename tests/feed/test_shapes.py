"""A story that is put together from its shape is, byte for byte, what its template prints."""

from __future__ import annotations

import datetime as dt
import re
import sys
from collections import Counter
from types import FrameType, SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, render_template, template_rendered
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session
from werkzeug.test import create_environ

from storyhub.drawing.link import Link
from storyhub.feed.entries import Entry
from storyhub.feed.routes.shaping import page_in_shape
from storyhub.feed.shapes import Marked, in_shape, variant_of
from storyhub.models.publication import Publication
from storyhub.models.site import the_site
from storyhub.models.story import Story
from storyhub.protection import identifiers
from storyhub.protection.sanitising import Mark, Shape, shown, slot
from tests.makers import Maker
from tests.pages import PagesClient

# What templates could stumble over: markup, entities, marks of a shape, formats, scripts of both directions.
WORDS = st.text(st.sampled_from("ab <>&\"'{}%\n\ufdd0\ufdd1.tle_0ñق\u202e👩\u200d🚒"), min_size=1, max_size=40)
URLS = st.from_regex(r"/[a-z]{1,8}", fullmatch=True)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    maybe = draw(st.booleans())
    words = draw(WORDS)
    return Entry(
        id=draw(st.from_regex(r"[0-9a-z]{13}", fullmatch=True)),
        url=draw(URLS),
        title=draw(st.none() | WORDS),
        name=draw(st.none() | WORDS),
        text=words + draw(WORDS),
        opening=words,
        is_cut=draw(st.booleans()),
        language=draw(st.sampled_from([None, "en", "ar", "pt-BR"])),
        direction=draw(st.sampled_from(["ltr", "rtl"])),
        country="KE" if maybe else None,
        country_name=draw(WORDS) if maybe else None,
        country_url=draw(st.none() | URLS) if maybe else None,
        year=draw(st.sampled_from([None, "2019", "March 2020"])),
        setting_name=draw(st.none() | WORDS),
        themes=tuple(Link(draw(WORDS), draw(URLS)) for _number in range(draw(st.integers(0, 3)))),
        content_notes=tuple(draw(st.lists(WORDS, max_size=2))),
        released_on=draw(st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1))),
        heard=draw(st.sampled_from([0, 1, 2, 11, 1_234])),
        me_too=draw(st.sampled_from([0, 1, 2, 11, 1_234])),
        may_be_quoted=draw(st.booleans()),
        may_be_full=draw(st.booleans()),
        folds=draw(st.booleans()),
    )


@pytest.mark.parametrize("address", ["/", "/ar/"])
def test_nobody_can_tell_a_page_of_the_one_shape_from_what_its_template_prints(
    app: Flask, session: Session, address: str
) -> None:
    environ = {"storyhub.language": "ar"} if address == "/ar/" else {}

    @given(entries(), st.lists(entries(), max_size=3), st.lists(entries(), max_size=2), st.booleans())
    @settings(max_examples=60, deadline=None)
    def they_are_the_same(entry: Entry, others: list[Entry], sharing: list[Entry], are_near: bool) -> None:
        for template, told in (
            ("feed/story.html", {"entry": entry, "others": others, "are_near": are_near}),
            ("feed/related.html", {"near": others, "sharing": sharing, "story_url": entry.url}),
        ):
            assert str(page_in_shape(template, (), dict, **told)) == render_template(template, **told)

    with app.test_request_context(f"{address}stories/0000000000001", environ_overrides=environ):
        they_are_the_same()


def test_a_template_that_asks_what_differs_by_if_is_told_so(app: Flask) -> None:
    with app.test_request_context("/"):
        for source in ("{% if entry.title %}x{% endif %}", "{% for one in entry.themes %}x{% endfor %}"):
            with pytest.raises(TypeError, match="differs"):
                app.jinja_env.from_string(source).render(entry=Mark("entry"))


def test_what_stands_in_no_row_is_neither_printed_nor_asked_for(app: Flask) -> None:
    source = "{% when a.b %}{{ a.b }}{% else %}none{% endwhen %}{% each one in many %}[{{ one.c }}]{% endeach %}"
    shape = Shape(app.jinja_env.from_string(source).render(a=Mark("a"), many=Mark("many")))
    things = [SimpleNamespace(c="<"), SimpleNamespace(c=2)]
    assert str(shape.filled(SimpleNamespace(a=SimpleNamespace(b="&"), many=things))) == "&amp;[&lt;][2]"
    assert str(shape.filled(SimpleNamespace(a=SimpleNamespace(b=""), many=[]))) == "none"


@pytest.fixture
def macros(app: Flask) -> Any:
    return app.jinja_env.get_template("components/story.html").module


@pytest.mark.parametrize("address", ["/", "/ar/"])
def test_nobody_can_tell_a_filled_shape_from_what_the_template_prints(app: Flask, macros: Any, address: str) -> None:
    environ = {"storyhub.language": "ar"} if address == "/ar/" else {}

    @given(entries(), st.sampled_from([2, 3]), st.booleans())
    @settings(max_examples=150, deadline=None)
    def it_is_the_same(entry: Entry, level: int, is_open: bool) -> None:
        assert str(in_shape(macros.card, entry, level, is_open)) == str(macros.card(entry, level, is_open))

    with app.test_request_context("/", environ_overrides=environ):
        it_is_the_same()


def test_words_that_look_like_a_mark_stay_words() -> None:
    shape = Shape(f"<p>{slot('title')}</p>")

    class Told:
        title = f"<b>{slot('title')}"[0:3] + str(slot("title"))

    assert str(shape.filled(Told())) == f"<p>&lt;b&gt;{slot('title')}</p>"


@pytest.mark.parametrize(
    "address", ["/", "/stories/{told}", "/stories/{told}/related", "/themes/fear", "/search?q=bus"]
)
def test_no_name_of_the_site_or_of_a_theme_is_taken_for_a_mark(
    client: PagesClient, make: Maker, session: Session, address: str
) -> None:
    """A title stays in a phone's history: no words of a story may get into it, whatever the site is called."""
    name = "Ours \ufdd0words\ufdd1 \ufdd0entry.text\ufdd1 \ufdd0?printed\ufdd1 \ufdd0/\ufdd1"
    the_site(session).name = name
    make.theme("fear", name)
    told = make.story("On the bus.", state="published", themes=["fear"])
    page = client.open_page(address.format(told=identifiers.shown(told.id)))
    assert name in page.title and "bus" not in page.title


def test_what_is_put_in_is_escaped_unless_it_came_from_the_one_place_that_makes_html() -> None:
    class Told:
        title = '"><script>'
        words = shown("a < b")

    assert str(Shape(f"{slot('title')}|{slot('words')}").filled(Told())) == "&#34;&gt;&lt;script&gt;|a &lt; b"


def test_every_entry_of_a_variant_has_what_its_shape_asks_for() -> None:
    @given(entries())
    @settings(max_examples=50, deadline=None)
    def all_are_there(entry: Entry) -> None:
        marked = Marked(variant_of(entry))
        for name in ("title", "name", "language", "country_name", "country_url", "year", "setting_name"):
            assert bool(getattr(marked, name)) == bool(getattr(entry, name))
        assert len(marked.themes) == len(entry.themes)
        assert bool(marked.content_notes) == bool(entry.content_notes)

    all_are_there()


def test_that_a_story_was_read_makes_the_page_of_no_other_faster(app: Flask, client: PagesClient, make: Maker) -> None:
    """Else whoever measures could tell that one of its kind has been read: of many kinds there is only one."""
    plain = make.story("One.", state="published")
    other = make.story("Two.", state="published", title="A title", name="N", country="KE", show=["name"])
    client.open_page(f"/stories/{identifiers.shown(plain.id)}")
    made: list[str | None] = []
    with template_rendered.connected_to(lambda _app, template, **_told: made.append(template.name), app):
        client.open_page(f"/stories/{identifiers.shown(other.id)}")
    assert made == []


def test_reading_a_story_leaves_nothing_behind_that_makes_it_faster_again(
    app: Flask, make: Maker, session: Session
) -> None:
    """Neither its counts, nor its month, nor how many themes it has: what is made for it is made each time."""
    plain = make.story("One.", state="published", country="DE", happened="2018-12", show=["month"], themes=["another"])
    told = make.story(
        "Two.",
        state="published",
        title="A title",
        country="KE",
        happened="2019-03",
        show=["month"],
        themes=["one", "two", "three", "four"],
    )
    for story, times in ((plain, 2), (told, 1_234)):
        session.execute(sa.update(Publication).filter_by(story_id=story.id).values(heard=times, me_too=times))
    session.commit()
    for _ in range(2):
        calls_to_make(app, plain)
    first, again = calls_to_make(app, told, "March 2019"), calls_to_make(app, told, "March 2019")
    assert first == again


def calls_to_make(app: Flask, story: Story, holding: str = "h-entry") -> Counter[tuple[str, str]]:
    """Which functions are called how often while the page of a story is made: of ours, and those that say and ask."""
    environ = create_environ(f"/stories/{identifiers.shown(story.id)}", app.config["SERVER_NAME"])
    called: Counter[tuple[str, str]] = Counter()

    def note(frame: FrameType, event: str, _value: object) -> None:
        if event == "call" and re.search("/storyhub/|/babel/|/sqlalchemy/sql/", frame.f_code.co_filename):
            called[frame.f_code.co_filename, frame.f_code.co_name] += 1

    statuses: list[str] = []
    sys.setprofile(note)
    try:
        answer = app.wsgi_app(environ, lambda status, _headers: statuses.append(status))  # type: ignore[arg-type,return-value]
        page = b"".join(answer).decode()
    finally:
        sys.setprofile(None)
    assert statuses == ["200 OK"] and holding in page
    return called

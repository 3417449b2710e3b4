"""Reads what the macros print as a screen reader, a feed reader and a person without scripts would."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, render_template_string
from flask_babel import Babel
from flask_wtf import CSRFProtect, FlaskForm
from wtforms import PasswordField, RadioField, SelectMultipleField, StringField, TextAreaField, validators, widgets
from wtforms.fields.choices import SelectChoice

from storyhub.drawing.link import Link
from storyhub.feed.entries import Entry
from storyhub.feed.shapes import in_shape
from storyhub.protection.sanitising import paragraphs, shown
from storyhub.protection.tags import ShapeTags

ROOT = Path(__file__).parents[2]


class Telling(FlaskForm):
    text = TextAreaField("Your story", [validators.Length(10, message="Ten characters at least.")])
    name = StringField("A name")
    wish = RadioField("When", choices=[SelectChoice("publish", "Now"), SelectChoice("week", "In a week")])
    consent = SelectMultipleField(
        "What for",
        choices=[SelectChoice("quote", "Quotes"), SelectChoice("press", "Press")],
        widget=widgets.ListWidget(prefix_label=False),
        option_widget=widgets.CheckboxInput(),
    )
    secret = PasswordField("Password")
    website = StringField("Leave this empty")


def entry(**facts: Any) -> Entry:
    theme = Link("Buses", "/themes/buses")
    usual: dict[str, Any] = {
        "id": "abc",
        "url": "/stories/abc",
        "title": None,
        "name": None,
        "text": "One.\n\nTwo.",
        "opening": "One.",
        "is_cut": False,
        "language": "en",
        "direction": "ltr",
        "country_name": "Kenya",
        "country": "KE",
        "country_url": None,
        "year": 2019,
        "setting_name": None,
        "themes": [theme],
        "content_notes": [],
        "released_on": datetime.date(2024, 5, 1),
        "heard": 0,
        "me_too": 0,
        "may_be_quoted": False,
        "may_be_full": False,
        "folds": False,
    }
    return Entry(**(usual | facts))


@pytest.fixture
def app() -> Iterator[Flask]:
    """An application of templates only: the macros need no database."""
    app = Flask(__name__, template_folder=str(ROOT / "templates"), static_folder=None)
    app.config.update(SECRET_KEY="for this test", TESTING=True)
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True, "extensions": [ShapeTags]}
    Babel(app)
    CSRFProtect(app)
    app.jinja_env.globals.update(shown=shown, paragraphs=paragraphs, in_shape=in_shape)
    with app.test_request_context():
        yield app


def story(source: str, **context: Any) -> str:
    return render_template_string("{% import 'components/story.html' as s %}" + source, **context)


def form(source: str, **typed: str) -> str:
    telling = Telling(data=typed, meta={"csrf": False})
    if typed:
        telling.validate()
    return render_template_string("{% import 'components/forms.html' as f %}" + source, form=telling)


def test_a_story_is_an_h_entry_with_all_that_machines_look_for(app: Flask) -> None:
    page = story("{{ s.feed([entry]) }}", entry=entry())
    for mark in ("h-feed", "h-entry", "u-url", "e-content", "dt-published", "p-category", "p-location"):
        assert mark in page
    assert 'lang="en" dir="ltr"' in page
    assert 'datetime="2024-05-01"' in page


def test_words_come_back_as_typed_and_never_as_markup(app: Flask) -> None:
    page = story("{{ s.words(entry) }}", entry=entry(text="I said <stop it> & <b>no</b>", title="<3", name="<i>"))
    assert "I said &lt;stop it&gt; &amp; &lt;b&gt;no&lt;/b&gt;" in page
    assert "<b>" not in page
    assert "<i>" not in page


def test_each_paragraph_finds_its_own_direction(app: Flask) -> None:
    assert story("{{ s.told(text) }}", text="One.\n\nاثنان").count('<p dir="auto">') == 2


def test_a_count_of_none_is_not_shown(app: Flask) -> None:
    quiet = story("{{ s.solidarity(entry, '#') }}{{ s.card(entry) }}", entry=entry())
    assert "0" not in quiet.replace("2019", "").replace("2024-05-01", "")
    assert "14" in story("{{ s.solidarity(entry, '#') }}", entry=entry(heard=14))


def test_notes_stand_before_the_words_and_only_listed_ones_fold_them(app: Flask) -> None:
    noted = story("{{ s.words(entry) }}", entry=entry(content_notes=["violence"]))
    assert noted.index("violence") < noted.index("One.")
    assert "<details" not in noted
    folded = story("{{ s.words(entry) }}", entry=entry(content_notes=["violence"], folds=True))
    assert '<details class="folded">' in folded
    assert '<details class="folded" open>' in story("{{ s.words(entry, open=True) }}", entry=entry(folds=True))


def test_a_story_without_facts_says_nothing_in_their_place(app: Flask) -> None:
    page = story(
        "{{ s.card(entry) }}", entry=entry(country_name=None, year=None, themes=[], language=None, direction=None)
    )
    assert "None" not in page
    assert 'dir="auto"' in page


def test_every_field_has_a_label_and_its_errors_are_tied_to_it(app: Flask) -> None:
    page = form("{{ f.field(form.text, hint='As you like.') }}", text="short")
    assert '<label for="text">' in page
    assert 'aria-describedby="text-hint text-error"' in page
    assert 'aria-invalid="true"' in page
    assert 'id="text-hint"' in page
    assert 'id="text-error"' in page


def test_nothing_typed_is_offered_again_by_the_phone_unless_asked(app: Flask) -> None:
    assert 'autocomplete="off"' in form("{{ f.field(form.text) }}")
    page = form("{{ f.field(form.secret, autocomplete='current-password') }}")
    assert page.count("autocomplete") == 1
    assert "current-password" in page


@pytest.mark.parametrize("name", ["wish", "consent"])
def test_choices_are_one_group_with_a_legend(app: Flask, name: str) -> None:
    page = form("{{ f.field(form['" + name + "']) }}")
    assert page.count("<fieldset") == 1
    assert "<legend>" in page
    assert f'<label for="{name}-0">' in page
    assert f'id="{name}-1"' in page


def test_what_is_to_be_put_right_is_said_first_with_links(app: Flask) -> None:
    page = form("{{ f.error_summary(form) }}", text="short")
    assert 'role="alert"' in page
    assert 'href="#text"' in page
    assert "Ten characters at least." in page
    assert form("{{ f.error_summary(form) }}").strip() == ""


def test_two_forms_on_a_page_share_no_id(app: Flask) -> None:
    telling = Telling()
    page = render_template_string("{% import 'components/forms.html' as f %}{{ f.hidden(form) }}", form=telling)
    assert 'name="csrf_token"' in page
    assert " id=" not in page


def test_a_button_of_its_own_carries_its_token(app: Flask) -> None:
    page = form("{{ f.button_form('/desk/next', 'Next', fields={'lane': 'held'}) }}")
    assert 'method="post"' in page
    assert 'name="csrf_token"' in page
    assert 'name="lane" value="held"' in page


def test_the_honeypot_is_out_of_sight_and_out_of_the_tab_order(app: Flask) -> None:
    page = form("{{ f.trap(form.website) }}")
    assert 'aria-hidden="true"' in page
    assert 'tabindex="-1"' in page


def test_a_receipt_reads_left_to_right_in_five_groups(app: Flask) -> None:
    page = render_template_string(
        "{% import 'components/receipt.html' as r %}{{ r.digits(groups) }}",
        groups=["1234", "5678", "9012", "3456", "7890"],
    )
    assert page.count('<bdi dir="ltr">') == 5
    assert 'dir="ltr" translate="no"' in page
    assert "hidden data-copy" in page  # the button comes with the script, never without it


def test_a_bar_also_says_its_number_in_words(app: Flask) -> None:
    page = render_template_string("{% import 'components/figures.html' as g %}{{ g.waited(3, 12) }}{{ g.bar(1, 0) }}")
    assert "3 days" in page
    assert 'width="25.0"' in page
    assert 'width="0"' in page


@pytest.fixture
def whole(app: Flask) -> Flask:
    site = SimpleNamespace(name="Our <stories>", responsible="A group of neighbours")
    around = {"site": site, "language": "en", "direction": "ltr", "language_links": [("ar", "العربية", "/ar/")]}
    app.context_processor(lambda: dict(around, static_url=lambda path: "/static/" + path))
    return app


@pytest.mark.parametrize("code", [400, 401, 403, 404, 405, 409, 410, 413, 415, 418, 422, 429, 500, 503])
def test_every_error_says_what_happened_and_what_to_do(whole: Flask, code: int) -> None:
    page = render_template_string("{% include 'errors/page.html' %}", code=code)
    assert page.count("<h1>") == 1
    assert 'href="/support"' in page
    assert 'href="/leave"' in page
    assert "StoryHub" not in page
    assert "Our &lt;stories&gt;" in page


def test_an_error_carries_the_words_back_whole(whole: Flask) -> None:
    words = "\n  First line </textarea> & more"
    page = render_template_string("{% include 'errors/page.html' %}", code=429, retry_after=600, carried=words)
    assert ">\n\n  First line &lt;/textarea&gt; &amp; more</textarea>" in page
    assert "10 minutes" in page


def test_a_page_that_may_be_found_in_a_history_does_not_name_the_site(whole: Flask) -> None:
    page = render_template_string("{% extends 'layout/focus.html' %}{% block title %}Write{% endblock %}")
    assert "<title>Write</title>" in page
    public = render_template_string("{% extends 'layout/page.html' %}{% block title %}Themes{% endblock %}")
    assert "<title>Themes · Our &lt;stories&gt;</title>" in public


@pytest.mark.parametrize("layout", ["page", "focus", "desk"])
def test_the_way_out_is_the_first_thing_of_every_page_and_the_skip_link_the_second(whole: Flask, layout: str) -> None:
    page = render_template_string(f"{{% extends 'layout/{layout}.html' %}}")
    links = [piece.split(">")[0] for piece in page.split("<a ")[1:]]
    assert 'href="/leave" rel="noreferrer"' in links[0]
    assert 'href="#main"' in links[1]
    assert ('data-leave="escape"' in links[0]) == (layout != "desk"), "a letter is not lost to a key that closes menus"

"""`flask stories import`: whatever others collected comes in whole, once, and nothing is lost without a word."""

from __future__ import annotations

import json
import stat
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.extensions import db
from storyhub.models.decision import Act, Decision, breaks
from storyhub.models.people import Person
from storyhub.models.publication import Publication
from storyhub.models.queue import QueueItem
from storyhub.models.search import SearchText
from storyhub.models.selection import Selection, select_publications
from storyhub.models.story import State, Story, StoryVersion, Told, Use, receive, release_due
from storyhub.models.suggested import UNASKED, SuggestedTheme
from storyhub.models.theme import CodedBy, Coding, Theme
from storyhub.operations.bulk import Ready, store
from storyhub.operations.importing.bringing import Bringing, Report, Wanted
from storyhub.operations.importing.columns import Columns
from storyhub.operations.importing.files import CsvFile
from storyhub.text.incoming import clean, is_empty
from tests.makers import Maker
from tests.operations.conftest import Flask_, report_of
from tests.pages import PagesClient
from tests.text import naughty

Write = Callable[..., Path]


def texts(session: Session) -> Counter[str]:
    return Counter(text for text in session.scalars(sa.select(StoryVersion.text)) if text is not None)


def only_version(session: Session) -> StoryVersion:
    return session.scalars(sa.select(StoryVersion)).one()


# Words


def test_every_character_is_kept(flask: Flask_, csv_file: Write, session: Session) -> None:
    told = [
        'She said "no", twice;\nthen\r\n  left. ',
        " two spaces ",
        "'=1+1",
        "=1+1",
        "\ttab",
        "کتاب‌ها 👩‍👧",
        "<3 &lt;",
    ]
    flask("stories", "import", csv_file(["text"], *[[one] for one in told]), "--format", "csv")
    assert texts(session) == Counter(one.replace("\r\n", "\n") for one in told)


@pytest.mark.parametrize("format_", ["csv", "jsonl"])
def test_words_that_break_careless_software_come_in_as_they_are(
    flask: Flask_, csv_file: Write, jsonl_file: Write, session: Session, format_: str
) -> None:
    told = naughty.NAUGHTY
    path = csv_file(["text"], *[[t] for t in told]) if format_ == "csv" else jsonl_file(*[{"text": t} for t in told])
    flask("stories", "import", path, "--format", format_)
    assert texts(session) == Counter(clean(one) for one in told if not is_empty(clean(one)))
    assert len(report_of(path)) == sum(is_empty(clean(one)) for one in told)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_files_of_any_spreadsheet_are_read(
    flask: Flask_, csv_file: Write, session: Session, encoding: str, delimiter: str
) -> None:
    path = csv_file(["Story", "Country"], ["نص طويل هنا", "EG"], encoding=encoding, delimiter=delimiter)
    flask("stories", "import", path, "--format", "csv")
    assert (only_version(session).text, only_version(session).country) == ("نص طويل هنا", "EG")


def test_a_story_of_two_hundred_thousand_characters_comes_in_and_one_more_is_refused(
    flask: Flask_, csv_file: Write, session: Session
) -> None:
    path = csv_file(["text"], ["a" * 200_000], ["b" * 200_001])
    flask("stories", "import", path, "--format", "csv")
    assert texts(session) == Counter(["a" * 200_000])
    assert [(row["line"], row["what"]) for row in report_of(path)] == [("3", "refused")]
    assert json.loads(report_of(path)[0]["row"]) == ["b" * 200_001]


# Once


def test_importing_twice_adds_nothing_and_records_nothing(flask: Flask_, csv_file: Write, session: Session) -> None:
    path = csv_file(["text"], ["one"], ["two"], ["one"])
    for _ in range(2):
        done = flask("stories", "import", path, "--format", "csv")
    assert texts(session) == Counter({"one": 2, "two": 1})
    assert "0  new stories" in done.output
    assert "3  there already" in done.output
    assert session.scalar(sa.select(sa.func.count()).where(Decision.act == Act.IMPORT)) == 1


def test_a_file_that_has_grown_brings_only_what_is_new(flask: Flask_, csv_file: Write, session: Session) -> None:
    flask("stories", "import", csv_file(["text"], ["one"]), "--format", "csv")
    flask("stories", "import", csv_file(["text"], ["zero"], ["one"], ["one"]), "--format", "csv")
    assert texts(session) == Counter({"zero": 1, "one": 2})


def test_another_source_brings_the_same_words_as_other_stories(
    flask: Flask_, csv_file: Write, session: Session
) -> None:
    path = csv_file(["text"], ["one"])
    flask("stories", "import", path, "--format", "csv")
    flask("stories", "import", path, "--format", "csv", "--source", "another survey")
    assert texts(session) == Counter({"one": 2})


def test_an_import_does_not_bring_back_what_was_withdrawn(flask: Flask_, csv_file: Write, session: Session) -> None:
    path = csv_file(["text"], ["taken back"])
    flask("stories", "import", path, "--format", "csv")
    session.scalars(sa.select(Story)).one().withdraw()
    flask("stories", "import", path, "--format", "csv")
    assert texts(session) == Counter()


class PulledPlug(Exception):
    pass


@pytest.mark.parametrize("after_rows", [1, 700, 1400])
def test_an_import_that_was_killed_goes_on_where_it_ended(
    app: Flask, flask: Flask_, csv_file: Write, session: Session, folder: Path, after_rows: int
) -> None:
    rows = [[f"story {number % 900}", "IN"] for number in range(1500)]
    path = csv_file(["text", "country"], *rows)
    settings = app.extensions["settings"]
    wanted = Wanted(path.name, "csv", State.PUBLISHED, (), None, clock.window(0), settings.receipt_key)
    seen = 0

    def pull(_done: int) -> None:
        nonlocal seen
        seen += 1
        if seen > after_rows:
            raise PulledPlug

    with app.app_context():
        bringing = Bringing(db.session, CsvFile(path), wanted, Columns(), Report(folder / "report.csv"))
        bringing.check(lambda _done: None)
        with pytest.raises(PulledPlug):
            bringing.store(pull)
        db.session.rollback()
    assert sum(texts(session).values()) == after_rows // 500 * 500
    flask("stories", "import", path, "--format", "csv", "--state", "published")
    assert texts(session) == Counter(text for text, _country in rows)
    assert session.scalar(sa.select(sa.func.count()).select_from(Publication)) == 1500
    assert not list(breaks(session))


# What can't come in


def test_each_refused_row_is_reported_with_its_line_and_reason(flask: Flask_, folder: Path, session: Session) -> None:
    path = folder / "mixed.csv"
    path.write_bytes(
        b"text,country\n"
        b"good,IN\n"  # 2
        b",IN\n"  # 3: empty
        b"too,many,cells\n"  # 4
        b"few\n"  # 5
        b"caf\xe9,IN\n"  # 6: Latin-1
        b'"two\nlines",IN\n'  # 7 and 8
        b"\n"  # 9: blank, no row
        b'"she" said,IN\n'  # 10: quotes
        b'" \xe2\x80\x8b ",IN\n'  # 11: nothing that can be seen
        b"last,IN\n"
    )
    done = flask("stories", "import", path, "--format", "csv")
    assert texts(session) == Counter(["good", "two\nlines", "last"])
    report = {int(row["line"]): row for row in report_of(path)}
    assert sorted(report) == [3, 4, 5, 6, 10, 11]
    assert "byte 0xe9" in report[6]["reason"]
    assert json.loads(report[6]["row"]) == ["caf\udce9", "IN"]
    assert json.loads(report[4]["row"]) == ["too", "many", "cells"]
    assert json.loads(report[10]["row"]) == ['"she" said,IN\n']
    assert "9 rows read" in done.output
    assert "6  refused" in done.output


def test_a_quote_that_is_never_closed_swallows_nothing_in_silence(
    flask: Flask_, folder: Path, session: Session
) -> None:
    path = folder / "open.csv"
    path.write_text('text,country\nfirst,IN\n"open,IN\nthird,IN\nfourth,IN\n')
    flask("stories", "import", path, "--format", "csv")
    assert texts(session) == Counter(["first"])
    assert "fourth" in report_of(path)[0]["row"]


def test_the_report_is_for_its_owner_alone_and_only_there_when_needed(flask: Flask_, csv_file: Write) -> None:
    good = csv_file(["text"], ["fine"], name="good.csv")
    flask("stories", "import", good, "--format", "csv")
    assert not report_of(good)
    bad = csv_file(["text", "year"], ["", "2001"], name="bad.csv")
    flask("stories", "import", bad, "--format", "csv")
    assert stat.S_IMODE((bad.parent / "bad.csv.refused.csv").stat().st_mode) == 0o600


def test_lines_of_json_that_are_none_are_reported(flask: Flask_, folder: Path, session: Session) -> None:
    path = folder / "lines.jsonl"
    path.write_bytes(
        b'\xef\xbb\xbf{"text": "good"}\n'
        b"{broken\n"
        b'["a list"]\n'
        b'{"text": 5}\n'
        b'{"text": "half \\ud800"}\n'
        b'{"text": "a", "text": "b"}\n'
        b'{"text": "caf\xe9"}\n'
        b"\n" + b"[" * 100_000 + b"\n"
        b'{"title": "nothing told"}\n'
        b'{"text": "last"}'
    )
    flask("stories", "import", path, "--format", "jsonl")
    assert texts(session) == Counter(["good", "last"])
    assert [int(row["line"]) for row in report_of(path)] == [2, 3, 4, 5, 6, 7, 9, 10]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("text\nhello\n".encode("utf-16"), "UTF-16"),
        (b"", "empty"),
        (b"number,when\n1,2001\n", "number, when"),
        (b"text,text\na,b\n", "Two columns"),
        ("país,tëxt\na,b\n".encode("latin-1"), "UTF-8"),
    ],
)
def test_a_file_that_is_no_use_is_refused_in_one_line_and_changes_nothing(
    flask: Flask_, folder: Path, session: Session, data: bytes, said: str
) -> None:
    path = folder / "useless.csv"
    path.write_bytes(data)
    done = flask("stories", "import", path, "--format", "csv", code=1)
    assert said in done.output
    assert done.output.count("\n") == 1
    assert not session.scalar(sa.select(sa.func.count()).select_from(Story))


@pytest.mark.parametrize(
    "words",
    [
        ["stories", "import"],
        ["stories", "import", "nowhere.csv", "--format", "csv"],
        ["stories", "import", "here.csv"],
        ["stories", "import", "here.csv", "--format", "doc"],
        ["stories", "import", "here.csv", "--format", "csv", "--consent", "anything"],
        ["stories", "import", "here.csv", "--format", "csv", "--state", "declined"],
        ["stories", "import", "here.csv", "--format", "csv", "--language", "klingonish-"],
        ["stories", "import", "here.csv", "--format", "csv", "--report", "here.csv"],
        ["stories", "import", "here.csv", "--format", "csv", "--map", "here.csv"],
    ],
)
def test_wrong_usage_ends_with_two(flask: Flask_, csv_file: Write, words: list[str]) -> None:
    csv_file(["text"], ["hello"], name="here.csv")
    flask(*words, code=2)


def test_a_dry_run_counts_and_reports_and_stores_nothing(flask: Flask_, csv_file: Write, session: Session) -> None:
    path = csv_file(["text"], ["one"], [" "])
    done = flask("stories", "import", path, "--format", "csv", "--dry-run")
    assert "1  would be new" in done.output
    assert len(report_of(path)) == 1
    assert not texts(session)


# Facts


def test_facts_are_read_as_people_write_them(flask: Flask_, csv_file: Write, session: Session, make: Maker) -> None:
    make.campaign("safe-buses")
    header = ["Story", "Title", "Language", "Country", "Date", "Setting", "Tags", "City", "content notes", "Campaign"]
    row = ["words", "Heading", "Spanish", "Côte d’Ivoire", "2019-03-08", "Transport", "Buses; At night", "X", "threats"]
    flask("stories", "import", csv_file(header, [*row, "safe-buses"]), "--format", "csv")
    version = only_version(session)
    told = (version.title, version.language, version.country, version.happened, version.setting, version.place)
    assert told == ("Heading", "es", "CI", "2019-03", "transport", "X")
    assert version.content_notes == ["threats"]
    assert version.story.campaign_id is not None
    assert [theme.slug for theme in version.story.themes()] == ["at-night", "buses"]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("2019", "2019"),
        ("2019-3", "2019-03"),
        ("2019-03-08T10:00:00Z", "2019-03"),
        ("08/03/2019", "2019"),
        ("8.3.2019", "2019"),
        ("Fri, 08 Mar 2019 10:00:00 +0000", "2019"),
        ("2019-13", None),
        ("1850", None),
        ("2999", None),
        ("last summer", None),
    ],
)
def test_a_date_becomes_a_year_or_a_month_and_never_a_day(
    flask: Flask_, csv_file: Write, session: Session, written: str, kept: str | None
) -> None:
    path = csv_file(["text", "date"], ["words", written])
    flask("stories", "import", path, "--format", "csv")
    assert only_version(session).happened == kept
    assert [row["what"] for row in report_of(path)] == ([] if kept else ["noted"])


def test_a_bad_fact_is_noted_and_the_story_comes_in(flask: Flask_, csv_file: Write, session: Session) -> None:
    path = csv_file(
        ["text", "country", "setting", "language", "campaign", "consent"],
        ["words", "Atlantis", "moon", "klingonish!", "no-such", "anything"],
    )
    done = flask("stories", "import", path, "--format", "csv", "--consent", "press")
    assert only_version(session).country is None
    assert only_version(session).story.consent == ()  # its own column speaks, and what isn't understood allows nothing
    (noted,) = report_of(path)
    assert all(one in noted["reason"] for one in ("Atlantis", "moon", "klingonish!", "no-such", "anything"))
    assert "1 of them lack a fact" in done.output


def test_columns_of_zeros_and_ones_become_themes_and_others_are_left_out(
    flask: Flask_, csv_file: Write, session: Session
) -> None:
    path = csv_file(
        ["Description", "Touching /Groping", "Never", "Score", "name"],
        ["first words", "1", "0", "7", "Jane Doe"],
        ["more words", "0", "0", "1", "John Doe"],
    )
    done = flask("stories", "import", path, "--format", "csv", "--state", "published")
    (theme,) = session.scalars(sa.select(Theme))
    assert (theme.slug, theme.names) == ("touching-groping", {"en": "Touching /Groping"})
    found = session.scalars(select_publications(session, Selection(themes=("touching-groping",))))
    assert [public.version.text for public in found] == ["first words"]
    assert "became the theme touching-groping" in done.output
    assert "'Never', 'Score', 'name'" in done.output
    assert {version.name for version in session.scalars(sa.select(StoryVersion))} == {""}  # who it is never comes in


def test_that_a_story_has_none_of_a_files_themes_is_kept_and_an_empty_cell_says_nothing(
    flask: Flask_, csv_file: Write, session: Session
) -> None:
    path = csv_file(
        ["text", "Boats", "Kites"],
        ["of boats", "1", "0"],
        ["of none", "0", "0"],
        ["no boats", "0", ""],
        ["?", "", ""],
        ["of kites", "0", "1"],
    )
    flask("stories", "import", path, "--format", "csv", "--state", "published")
    said_no = (
        sa.select(StoryVersion.text, Theme.slug, SuggestedTheme.refused, SuggestedTheme.sureness)
        .join(SuggestedTheme, SuggestedTheme.version_id == StoryVersion.id)
        .join(Theme, Theme.id == SuggestedTheme.theme_id)
        .order_by(StoryVersion.text, Theme.slug)
    )
    wanted = [("no boats", "boats"), ("of none", "boats"), ("of none", "kites")]
    assert [tuple(row) for row in session.execute(said_no)] == [(*pair, True, UNASKED) for pair in wanted]
    assert session.scalar(sa.select(sa.func.count()).select_from(Coding)) == 2


def test_a_map_says_what_columns_are(flask: Flask_, csv_file: Write, session: Session, folder: Path) -> None:
    given = folder / "map.json"
    given.write_text(json.dumps({"Q7": "text", "Q2": "country", "verified": None}))
    path = csv_file(["text", "Q7", "Q2", "verified"], ["an id", "the words", "india", "1"])
    flask("stories", "import", path, "--format", "csv", "--map", given)
    assert (only_version(session).text, only_version(session).country) == ("the words", "IN")
    assert not session.scalars(sa.select(Theme)).all()
    given.write_text(json.dumps({"Q9": "text"}))
    assert "Q9" in flask("stories", "import", path, "--format", "csv", "--map", given, code=1).output
    given.write_text(json.dumps({"Q7": "words"}))
    flask("stories", "import", path, "--format", "csv", "--map", given, code=2)


def test_a_column_of_free_words_is_not_taken_for_themes(flask: Flask_, csv_file: Write, session: Session) -> None:
    path = csv_file(["text", "tags"], *[[f"words {n}", f"something else each time {n}"] for n in range(501)])
    assert "501" in flask("stories", "import", path, "--format", "csv", code=1).output
    assert not texts(session)


def test_lists_in_json_are_lists(flask: Flask_, jsonl_file: Write, session: Session) -> None:
    path = jsonl_file({"text": "words", "themes": ["Buses, at night", "حافلات"], "groping": True, "consent": ["quote"]})
    flask("stories", "import", path, "--format", "jsonl")
    version = only_version(session)
    slugs = [theme.slug for theme in version.story.themes()]
    assert slugs[:2] == ["buses-at-night", "groping"]
    assert slugs[2].startswith("theme-")
    assert version.story.consent == (Use.QUOTE,)


def test_the_language_is_told_from_the_words_unless_somebody_says(
    flask: Flask_, csv_file: Write, session: Session
) -> None:
    words = "Iba caminando de vuelta a casa cuando alguien me gritó desde un coche y nadie dijo nada."
    flask("stories", "import", csv_file(["text"], [words], name="a.csv"), "--format", "csv")
    flask("stories", "import", csv_file(["text"], ["Hm."], name="b.csv"), "--format", "csv", "--language", "pt_br")
    languages = dict(session.execute(sa.select(StoryVersion.text, StoryVersion.language)).all())  # type: ignore[arg-type]
    assert languages == {words: "es", "Hm.": "pt-BR"}


# States


def test_waiting_stories_wait_and_published_ones_are_public(
    flask: Flask_, csv_file: Write, session: Session, client: PagesClient
) -> None:
    flask("stories", "import", csv_file(["text"], ["waits quietly"], name="w.csv"), "--format", "csv")
    assert session.scalar(sa.select(sa.func.count()).select_from(QueueItem)) == 1
    path = csv_file(["text"], ["stands in the light"], name="p.csv")
    flask("stories", "import", path, "--format", "csv", "--state", "published", "--consent", "quote")
    assert session.scalar(sa.select(sa.func.count()).select_from(QueueItem)) == 1
    front = client.open_page("/")
    assert "stands in the light" in front
    assert "waits quietly" not in front
    assert "stands in the light" in client.open_page("/search?q=light")
    decision = session.scalars(sa.select(Decision).order_by(Decision.number.desc())).first()
    assert decision is not None
    assert (decision.act, decision.by_id, decision.facts["new"]) == (Act.IMPORT, None, 1)


def test_what_needs_somebodys_word_waits_at_the_desk_however_it_was_brought(
    flask: Flask_, csv_file: Write, session: Session
) -> None:
    path = csv_file(["text", "content_notes"], ["One story of it.", "child;sexual-violence"], ["Another.", "child"])
    done = flask("stories", "import", path, "--format", "csv", "--state", "published")
    assert "1 of them wait at the desk" in done.output and "lack a fact" not in done.output
    states = session.scalars(sa.select(Story.state).order_by(Story.state)).all()
    assert sorted(states) == ["published", "waiting"]
    assert session.scalars(sa.select(QueueItem.closed)).all() == [False]


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("", "He raped me when I was nine years old and nobody believed me."),
        ("He raped me when I was nine years old", "Nobody believed me."),
        ("I was nine years old", "He raped me and nobody believed me."),
    ],
)
def test_what_title_or_words_suggest_waits_at_the_desk_too(
    flask: Flask_, csv_file: Write, session: Session, client: PagesClient, title: str, text: str
) -> None:
    path = csv_file(["title", "text"], [title, text], ["", "Somebody shouted at me on the bus."])
    dry = flask("stories", "import", path, "--format", "csv", "--state", "published", "--dry-run")
    done = flask("stories", "import", path, "--format", "csv", "--state", "published")
    for said in (dry.output, done.output):
        assert "1 of them wait at the desk: they may speak of sexual violence and of a child" in said
    assert sorted(session.scalars(sa.select(Story.state))) == ["published", "waiting"]
    assert session.scalars(sa.select(QueueItem.closed)).all() == [False]
    assert "believed" not in client.open_page("/")


def test_stories_stored_in_bulk_are_as_if_told_and_released_one_by_one(
    app: Flask, session: Session, make: Maker
) -> None:
    told = Told(text="words", title="t", language="en", country="IN", happened="2019-03")
    theme_id, by = make.theme("buses").id, Person(id=make.anybody().id)
    with app.app_context():
        themes = [db.session.get_one(Theme, theme_id)]
        how = {"import_key": "k", "themes": themes, "coded_by": CodedBy.IMPORT, "topics": ["threats"]}
        one = receive(db.session, told, consent=[Use.QUOTE], **how)
        one.newest.content_notes = ["threats"]
        waiting = columns_of(db.session)
        db.session.rollback()
        ready = Ready("k", told, State.WAITING, (Use.QUOTE,), (theme_id,), ("threats",))
        assert store(db.session, [ready]) == 1
        assert columns_of(db.session) == waiting
        (story,) = db.session.scalars(sa.select(Story))
        story.publish(by=by, window=0)
        release_due(db.session, window=clock.window(0), originals_days=30)
        public = columns_of(db.session, Publication, SearchText)
        db.session.rollback()
        store(db.session, [Ready("k", told, State.PUBLISHED, (Use.QUOTE,), (theme_id,), ("threats",))])
        assert columns_of(db.session, Publication, SearchText) == public
        db.session.rollback()


def columns_of(session: Session, *nouns: type[Any]) -> dict[str, list[dict[str, Any]]]:
    """Every column of these tables but the ids, which are random."""
    session.flush()
    random = {"id", "story_id", "version_id", "position"}
    found = {}
    for noun in nouns or (Story, StoryVersion, QueueItem, Coding):
        rows = session.execute(sa.select(noun.__table__)).mappings()
        found[noun.__name__] = [{name: value for name, value in row.items() if name not in random} for row in rows]
    return found


# Archives of WordPress

ARCHIVE = """<?xml version="1.0" encoding="UTF-8" ?>{doctype}
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel><language>es-MX</language>{items}</channel></rss>"""
ITEM = """<item><title>{title}</title><pubDate>{date}</pubDate><category domain="category" nicename="calle">
<![CDATA[La calle]]></category><category domain="category" nicename="uncategorized"><![CDATA[Uncategorized]]></category>
<content:encoded><![CDATA[{html}]]></content:encoded><excerpt:encoded><![CDATA[not this]]></excerpt:encoded>
<wp:post_type>{kind}</wp:post_type><wp:status>{status}</wp:status><wp:post_password>{password}</wp:post_password>
<wp:comment><wp:comment_content>nor this</wp:comment_content><wp:comment_author_IP>192.0.2.7</wp:comment_author_IP>
</wp:comment></item>"""


def item(**facts: str) -> str:
    usual = {
        "title": "Un título", "date": "Fri, 08 Mar 2019 10:00:00 +0000", "html": "<p>Hola</p>", "kind": "post",
        "status": "publish", "password": "",
    }  # fmt: skip
    return ITEM.format(**usual | facts)


@pytest.fixture
def archive(folder: Path) -> Callable[..., Path]:
    def write(*items: str, doctype: str = "") -> Path:
        path = folder / "site.xml"
        path.write_text(ARCHIVE.format(items="".join(items), doctype=doctype), "utf-8")
        return path

    return write


def test_published_posts_of_an_archive_become_stories(flask: Flask_, archive: Write, session: Session) -> None:
    html = (
        "<!-- wp:paragraph --><p>Uno &amp; <em>dos</em></p><!-- /wp:paragraph --><script>x</script>"
        '[caption id="a" width="3"]<img src="x"> al pie[/caption]<p>[nombre borrado] [[gallery]]</p>'
    )
    path = archive(item(title="A &amp; <![CDATA[<b>B</b>]]>", html=html))
    done = flask("stories", "import", path, "--format", "wxr")
    version = only_version(session)
    assert version.text == "Uno & dos\n\nal pie\n\n[nombre borrado] [[gallery]]"
    assert (version.title, version.happened, version.language) == ("A & B", "2019", "es")
    assert [theme.slug for theme in version.story.themes()] == ["calle"]
    assert "1 answers of readers left out" in done.output


def test_a_post_too_short_to_tell_is_in_the_language_of_its_site(
    flask: Flask_, archive: Write, session: Session
) -> None:
    flask("stories", "import", archive(item(html="Hm.")), "--format", "wxr")
    assert only_version(session).language == "es-MX"


def test_what_is_no_public_post_is_left_out_and_reported_by_kind(
    flask: Flask_, archive: Write, session: Session
) -> None:
    path = archive(
        item(),
        item(status="draft"),
        item(status="private"),
        item(password="x"),
        item(kind="attachment"),
        item(kind="page"),
        item(html="[gallery]"),
    )
    done = flask("stories", "import", path, "--format", "wxr")
    assert sum(texts(session).values()) == 1
    assert [row["what"] for row in report_of(path)] == [*["skipped"] * 5, "refused"]
    for line in ("7 rows read", "1  new stories", "1  refused", "5  no stories", "1  no story: page"):
        assert line in done.output


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE rss SYSTEM "http://example.invalid/x.dtd">',
    ],
)
def test_an_archive_with_a_document_type_is_refused(
    flask: Flask_, archive: Write, session: Session, doctype: str
) -> None:
    done = flask("stories", "import", archive(item(html="fine"), doctype=doctype), "--format", "wxr", code=1)
    assert "document type" in done.output
    assert not texts(session)


def test_an_archive_that_breaks_off_stores_nothing(flask: Flask_, archive: Write, session: Session) -> None:
    path = archive(item(), item(), item())
    path.write_text(path.read_text("utf-8")[:-200], "utf-8")
    assert "not well-formed" in flask("stories", "import", path, "--format", "wxr", code=1).output
    assert not texts(session)


def test_xml_that_is_no_archive_is_refused(flask: Flask_, folder: Path) -> None:
    (folder / "other.xml").write_text("<feed><item><title>a</title></item></feed>")
    assert "WordPress" in flask("stories", "import", folder / "other.xml", "--format", "wxr", code=1).output


@pytest.mark.slow
def test_thousands_of_stories_come_in_within_seconds(flask: Flask_, csv_file: Write, session: Session) -> None:
    path = csv_file(
        ["text", "country"], *[[f"This is what happened on day {n}, on my way home.", "IN"] for n in range(3000)]
    )
    begun = time.process_time()
    flask("stories", "import", path, "--format", "csv", "--state", "published")
    assert time.process_time() - begun < 30
    assert session.scalar(sa.select(sa.func.count()).select_from(Publication)) == 3000

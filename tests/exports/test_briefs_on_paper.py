"""A brief on paper: two pages whatever is in it, tagged for screen readers, made without asking anybody."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import pypdf
import pytest
from sqlalchemy.orm import Session

from storyhub.exports import brief_pdf
from storyhub.models.theme import Theme
from storyhub.protection import identifiers
from tests.exports.test_briefs import begin, choose, fetch, quoted
from tests.makers import Maker
from tests.pages import PagesClient

needs_pdf = pytest.mark.skipif(brief_pdf.why_not() is not None, reason="this machine can make no PDF")

ENGLISH = (
    "Nobody on the crowded bus that evening said a single word while it went on, and I counted every one of the "
    "eleven stops until mine with my hand on the bell, because I had learned long ago that whoever speaks up is "
    "asked why they came."
)
ARABIC = (
    "لم ينطق أحد في الحافلة المزدحمة بكلمة واحدة بينما كان ذلك يحدث، وكنت أعد المحطات كلها حتى محطتي ويدي على الجرس، "
    "لأنني تعلمت منذ زمن بعيد أن من يتكلم هناك يسأل لماذا جاء أصلا ولماذا لم يبق في مكانه مع الآخرين."
)
EMPTY = "<!doctype html><html lang=en><title>A</title><body>"
COUNTRIES = ("CD", "VC", "BA", "GS", "KN", "CF", "MM", "TT")
NAME = {"en": "Unwanted remarks on buses, trams, trains and at their crowded stops", "ar": "تعليقات غير مرغوب فيها في "}


@pytest.fixture
def organiser(client: PagesClient, make: Maker, sign_in: Any) -> PagesClient:
    """The browser of an organiser who is signed in."""
    signed_in: PagesClient = sign_in(client, make.organiser("Olu"))
    return signed_in


def fill(make: Maker, words: str, language: str) -> list[str]:
    """As much as a brief can hold: long names, many places and years. Returns the places of five long quotes."""
    themes = []
    for number in range(9):
        names = {code: f"{name * 3}"[:58] + f" {number}" for code, name in NAME.items()}
        theme = Theme(slug=f"a-theme-{number}", names=names, definitions={}, retired=False)
        make.session.add(theme)
        themes.append(theme)
    make.session.commit()
    told = [
        make.story(
            words,
            state="published",
            themes=themes,
            country=country,
            happened=str(1960 + 8 * number),
            language=language,
            consent=["quote"],
        )
        for number, country in enumerate(COUNTRIES)
    ]
    return [f"{identifiers.shown(story.public.version_id)}-0-{len(words)}" for story in told[:5]]


def unzipped(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def elements(pdf: pypdf.PdfReader) -> Iterator[tuple[str, Any]]:
    """The tags of a PDF, in the order in which they are read."""

    def walk(node: Any) -> Iterator[tuple[str, Any]]:
        node = node.get_object()
        if not isinstance(node, pypdf.generic.DictionaryObject) or "/S" not in node | {"/K": None}:
            return
        yield str(node.get("/S")), node
        below = node.get("/K", [])
        for kid in below if isinstance(below, list) else [below]:
            if not isinstance(kid, int):
                yield from walk(kid)

    root: Any = pdf.trailer["/Root"]
    for top in root["/StructTreeRoot"]["/K"]:
        yield from walk(top)


@needs_pdf
@pytest.mark.parametrize(("language", "words"), [("en", ENGLISH), ("ar", ARABIC)])
def test_a_brief_that_is_as_full_as_can_be_is_two_tagged_pages(
    organiser: PagesClient, make: Maker, language: str, words: str
) -> None:
    places = fill(make, words, language)
    title = ("M" * 20 + " ") * 5 if language == "en" else "عنوان طويل جدا لهذا الموجز " * 4
    note = "\n".join([("We ask " * 10 if language == "en" else "نطلب من " * 9)[:73]] * 8)
    page = begin(organiser, "theme a-theme-0", language=language, title=title.strip()[:120], note=note)
    adding = page.form("/file").forge(passage=places)
    adding.action = f"{page.path}/quotes"
    page = adding.send()
    assert len(quoted(page)) == 5
    files = unzipped(fetch(page))
    pdf = pypdf.PdfReader(io.BytesIO(files["brief.pdf"]))

    assert len(pdf.pages) == 2
    root: Any = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == language
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert pdf.metadata.title == title.strip()[:120]
    assert b"pdfuaid:part" in root["/Metadata"].get_data()
    tags = list(elements(pdf))
    kinds = [kind for kind, _node in tags]
    assert kinds.count("/H1") == 1
    assert kinds.count("/H2") == 9
    assert kinds.count("/Figure") == 3
    assert all(node.get("/Alt") for kind, node in tags if kind == "/Figure")
    assert kinds.count("/Table") == 3
    assert kinds.count("/TH") >= 3 * 2
    assert kinds.count("/BlockQuote") == 5
    assert kinds.index("/H1") < kinds.index("/H2") < kinds.index("/BlockQuote")
    if language == "en":
        told = " ".join(" ".join(one.extract_text() for one in pdf.pages).split())
        for said in ("What we ask for", "In numbers", "In their own words", "not a survey", "About this paper"):
            assert said in told
        assert told.index("In numbers") < told.index("In their own words") < told.index("About this paper")


@needs_pdf
def test_the_same_brief_of_the_same_stories_is_the_same_file(organiser: PagesClient, make: Maker) -> None:
    make.story(ENGLISH, state="published", themes=["buses", "trams"], consent=["quote"], country="KE", happened="2019")
    make.story(state="published", themes=["buses", "trams"], country="IN", happened="2020")
    page = choose(begin(organiser), "crowded bus")
    first = unzipped(fetch(page))
    again = organiser.open_page(page.path).form("/anew").send()
    second = unzipped(fetch(again))
    assert first["brief.html"] == second["brief.html"]
    assert first["counts.csv"] == second["counts.csv"]
    # Both briefs have a name of their own, and nothing else in the PDFs differs.
    one, other = (data["brief.pdf"].partition(b"/ID")[0] for data in (first, second))
    assert one == other


def test_a_file_can_be_opened_where_nothing_else_is(
    organiser: PagesClient, make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(brief_pdf, "why_not", lambda: "program")
    make.story(state="published", themes=["buses"], country="KE", happened="2019")
    files = unzipped(fetch(begin(organiser)))
    html = files["brief.html"].decode()
    assert 'href="brief.css"' in html
    assert 'href="world.svg"' in html
    assert "/static/" not in html
    assert "<script" not in html


@pytest.mark.parametrize(
    "address",
    [
        "https://elsewhere.example/x.css",
        "file:///etc/passwd",
        "storyhub:/static/../storyhub.env",
        "storyhub:/static/css/../../instance/storyhub.env",
        "data:text/css,",
        "/static/img/world.svg",
    ],
)
def test_nothing_is_loaded_but_the_own_files(address: str) -> None:
    with pytest.raises(ValueError, match="nothing but its own files"):
        brief_pdf.own_file(address)


@needs_pdf
@pytest.mark.parametrize("address", ["https://elsewhere.example/a.png", "file:///etc/passwd"])
def test_a_page_that_asks_for_anything_else_is_not_made(address: str) -> None:
    with pytest.raises(brief_pdf.AsksForMore):
        brief_pdf.pdf(lambda _size: f'{EMPTY}<img alt="" src="{address}">', b"1")


@needs_pdf
def test_words_get_smaller_before_a_page_more_is_needed_and_too_many_are_refused() -> None:
    asked: list[str] = []

    def page(size: str) -> str:
        asked.append(size)
        return EMPTY + '<p style="break-before: page">One' * (2 if size in ("", "smaller") else 1)

    _data, size = brief_pdf.pdf(lambda size: page(size).replace("<body>", "<body><p>First"), b"1")
    assert (size, asked) == ("small", ["", "smaller", "small"])
    with pytest.raises(brief_pdf.DoesNotFit):
        brief_pdf.pdf(lambda _size: EMPTY + '<p style="break-after: page">One' * 4, b"1")


def test_only_where_there_is_a_font_are_there_letters(session: Session) -> None:
    assert brief_pdf.has_letters_of("en")
    assert not brief_pdf.has_letters_of("xx-nothing")

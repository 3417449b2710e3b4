"""Search: what is found, what is marked, and that nobody keeps what was looked for."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from storyhub.feed.snippets import LENGTH, find, snippet
from storyhub.models.site import the_site
from storyhub.protection import limits
from storyhub.text import folding
from tests.makers import Maker
from tests.pages import PagesClient


def marked(text: str, wanted: str) -> list[str]:
    return [text[start:end] for start, end in find(text, folding.query(wanted))]


@pytest.mark.parametrize(
    ("text", "wanted", "found"),
    [
        ("On the bus, the BUS and a busy man.", "bus", ["bus", "BUS"]),
        ("«Café» in the café.", "cafe", ["Café", "café"]),
        ("I don't know. (Don’t ask)", "dont", ["don't", "Don’t"]),
        ("l’homme à la gare", "homme", ["l’homme"]),
        ("قالت: الحافِلة كانت", "الحافلة", ["الحافِلة"]),
        ("我是中国人。中国很大", "中国", ["中国", "中国"]),
        ("버스에서 그가", "버스", ["버스"]),
        ("Straße und STRASSE", "strasse", ["Straße", "STRASSE"]),
        ("well-known", "known", ["well-known"]),
        ("nothing here", "zebra", []),
        ("", "bus", []),
    ],
)
def test_what_was_looked_for_is_marked_as_it_was_written(text: str, wanted: str, found: list[str]) -> None:
    assert marked(text, wanted) == found


TEXTS = st.text(st.sampled_from("ab éÉ中国人.,'’-\n\u200dकि\U0001f600") | st.characters(codec="utf-8"), max_size=400)


@given(TEXTS, TEXTS)
def test_marks_are_in_order_apart_and_in_the_words(text: str, wanted: str) -> None:
    end = 0
    for start, stop in find(text, folding.query(wanted)):
        assert end <= start < stop <= len(text)
        end = stop


@given(TEXTS, st.sampled_from(["a", "ab", "中国", "é", "b a"]), st.integers(0, 30))
def test_a_piece_is_of_the_story_and_holds_whole_marks(text: str, wanted: str, before: int) -> None:
    text = "x. " * before * 10 + text
    piece, spans, goes_before, goes_on = snippet(text, folding.query(wanted))
    assert piece in text
    assert len(piece) <= LENGTH
    assert all(0 <= start < end <= len(piece) for start, end in spans)
    assert goes_before or text.strip().startswith(piece)
    assert goes_on or text.strip().endswith(piece)


def test_a_late_find_is_shown_with_what_stands_around_it(client: PagesClient, make: Maker) -> None:
    make.story("It was a day like any other. " * 40 + "Then the zebra crossing. " + "And on. " * 60, state="published")
    page = client.open_page("/search?q=zebra")
    (mark,) = page.html.css("mark")
    assert mark.text() == "zebra"
    (words,) = page.html.css(".told")
    assert "Then the zebra crossing." in words.text()
    assert words.text().startswith("… ")


def test_words_that_look_like_html_stay_words_between_the_marks(client: PagesClient, make: Maker) -> None:
    make.story("He said <b>stop</b> & <mark>go</mark> zebra <img src=x>", state="published")
    page = client.open_page("/search?q=zebra")
    (words,) = page.html.css(".told p")
    assert words.text() == "He said <b>stop</b> & <mark>go</mark> zebra <img src=x>"
    assert [mark.text() for mark in page.html.css("mark")] == ["zebra"]


def test_finds_are_paged_and_chosen_further(client: PagesClient, make: Maker) -> None:
    for number in range(23):
        make.story("On the bus.", state="published", country="KE" if number else "FR")
    page = client.open_page("/search").form("/search").fill(q="bus").send()
    assert len(page.html.css(".h-entry")) == 20
    older = page.follow("Older stories")
    assert len(older.html.css(".h-entry")) == 3
    assert older.follow("Newer stories").text == page.text
    assert len(client.open_page("/search?q=bus&country=FR").html.css(".h-entry")) == 1


def test_nothing_found_is_kind_and_leads_on(client: PagesClient, make: Maker) -> None:
    make.theme("buses", "Buses")
    make.story(state="published", themes=["buses"])
    page = client.open_page("/search?q=zebra")
    assert "No story here has all these words" in page
    assert page.link("Buses") == "/themes/buses"
    assert page.link("Tell the first") == "/share"
    assert page.value_of("q") == "zebra"


@pytest.mark.parametrize("words", ["...", '""', "%", "*", "NEAR(a b)", "a AND", "' OR 1=1", "-", "\u200b", "(", "😀"])
def test_any_words_can_be_looked_for(client: PagesClient, make: Maker, words: str) -> None:
    make.story(f"Somebody wrote {words} here.", state="published")
    client.open_page(f"/search?q={quote(words)}")


def test_folded_words_are_not_shown_by_searching(client: PagesClient, make: Maker, session: Session) -> None:
    the_site(session).folded_notes = ["child"]
    make.story("A zebra and heavy words.", state="published", notes=["child"])
    page = client.open_page("/search?q=zebra")
    assert "heavy words" not in page.text
    assert "This story speaks of: harm to a child" in page


def test_no_cache_keeps_it_and_its_title_tells_nothing(client: PagesClient, make: Maker) -> None:
    answer = client.get("/search?q=zebra")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers
    assert "zebra" not in client.open_page("/search?q=zebra").title


def test_whoever_searches_without_end_is_asked_to_wait(
    app: Flask, client: PagesClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(vars(limits.table.SEARCH), "amounts", "2/minute")
    client.environ_base["REMOTE_ADDR"] = "203.0.113.9"
    for path in ("/search?q=a", "/?q=a"):
        client.open_page(path)
    for path in ("/search?q=a", "/?q=a"):
        page = client.open_page(path, 429)
        assert 1 <= int(page.response.headers["Retry-After"]) <= 60
    assert client.get("/api/v1/stories?q=a").status_code == 429
    client.open_page("/")

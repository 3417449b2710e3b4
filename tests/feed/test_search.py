"""Search: what is found, what is marked, and that nobody keeps what was looked for."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from storyhub.feed.snippets import LENGTH, find, snippet
from storyhub.models import figures, walking
from storyhub.models.decision import Reason
from storyhub.models.site import the_site
from storyhub.models.story import State
from storyhub.protection import limits
from storyhub.text import folding
from tests.conftest import HeldClock
from tests.makers import Maker
from tests.pages import Page, PagesClient


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


def test_phrases_are_marked_as_a_whole_and_finds_in_the_title_too(client: PagesClient, make: Maker) -> None:
    make.story("It was the last bus home, and the last, bus.", title="My last bus", state="published")
    page = client.open_page('/search?q="last bus"')
    assert [mark.text() for mark in page.html.css("h2 mark")] == ["last bus"]
    assert [mark.text() for mark in page.html.css(".told mark")] == ["last bus", "last, bus"]


@pytest.mark.parametrize("place", [0, 500, 4_990, 9_999])
def test_a_find_is_shown_however_far_back_in_a_long_story_it_stands(place: int) -> None:
    words = ["It was a day like any other."] * 10_000
    words[place] = "Then the zebra crossing came."
    text = " ".join(words)
    query = folding.query("zebra")
    folded = folding.folded(text)
    piece, spans, *_ = snippet(text, query, folded.index(" zebra ") / len(folded))
    assert [piece[start:end] for start, end in spans] == ["zebra"]


WRITTEN = st.text(st.sampled_from("abé 中国人ภาษा.,\n—قال لِ😀"), max_size=60)


@given(WRITTEN, st.integers(0, 40), st.integers(1, 6))
def test_what_the_index_finds_is_marked(text: str, start: int, length: int) -> None:
    for words in (text[start : start + length].strip(), f'"{text[start : start + length].strip()}"'):
        query = folding.query(words)
        if query and query.matches(folding.folded(text)):
            assert find(text, query), words


def shared(page: Page) -> dict[str, str]:
    """What the page says that the finds share: names with how many, as they are listed."""
    return {
        " ".join(link.text(strip=True, separator=" ").split()[:-1]): link.css_first(".count").text()
        for link in page.html.css(".sharing .chips a")
    }


def test_what_finds_share_is_counted_of_public_words_alone_and_leads_on(client: PagesClient, make: Maker) -> None:
    make.theme("buses", "Buses")
    make.theme("work", "At work")
    for number in range(3):
        make.story("The zebra.", state="published", themes=["buses"], country="KE", happened="2020")
        make.story("Another thing.", state="published", themes=["work"], country="FR", happened=f"201{number}")
    make.story("The zebra.", state="published", themes=["work"], country="IN", happened="2021", language="sw")
    for state in State:
        if state is not State.PUBLISHED:
            make.story("The zebra, unseen.", state=state, themes=["work"], country="SE", happened="1999")
    changed = make.story("The zebra.", state="published", country="NO", happened="1998")
    changed.set_aside(by=make.anybody(), reason=Reason.OTHER)
    make.session.commit()
    page = client.open_page("/search?q=zebra")
    found = shared(page)
    assert {name: found[name] for name in ("Buses", "At work", "Kenya", "India", "2020", "2021")} == {
        "Buses": "3", "At work": "1", "Kenya": "3", "India": "1", "2020": "3", "2021": "1",
    }  # fmt: skip
    assert not {"Sweden", "France", "Norway", "1999", "1998", "2010"} & found.keys()
    assert list(found)[:2] == ["At work", "Buses"], "by name, not by how many"
    assert "Counted among the newest 4 stories found." in page
    narrowed = client.open_page(page.link("India 1"))
    assert len(narrowed.html.css(".h-entry")) == 1
    assert narrowed.value_of("q") == "zebra"


def test_words_that_were_edited_away_are_in_no_find_and_no_count(client: PagesClient, make: Maker) -> None:
    story = make.story("The zebra on Mill Lane.", country="KE")
    story.redact([(4, 9)], by=make.anybody(), mark="[…]")
    make.publish(story)
    page = client.open_page("/search?q=zebra")
    assert not page.html.css(".h-entry")
    assert not shared(page)


def test_those_that_say_most_come_first_when_that_is_asked_for(client: PagesClient, make: Maker) -> None:
    much = make.story("Zebra, zebra and zebra again.", title="Much", state="published")
    make.story(f"A zebra. {'And so it went on for long. ' * 30}", title="Little", state="published")
    newest = client.open_page("/search?q=zebra")
    page = newest.follow("Show first those that say most of these words")
    assert [one.text() for one in page.html.css(".card-title")] == ["Much", "Little"]
    assert "Of the newest 2 stories with these words, those that say most of them come first." in page
    assert page.link("Show the newest first") == "/search?q=zebra"
    much.withdraw()
    make.session.commit()
    assert len(client.open_page("/search?q=zebra&order=relevance").html.css(".card-title")) == 1
    for asked in ("order=best", "order=relevance&after=0000000000000", "order=relevance&after=0000000000000-99"):
        client.open_page(f"/search?q=zebra&{asked}", 400)


def test_pages_in_order_of_relevance_stay_while_stories_arrive(
    client: PagesClient, make: Maker, held_clock: HeldClock
) -> None:
    for number in range(45):
        make.story("zebra " * (number % 7 + 1) + "and more", title=f"Number {number}", state="published")
    page = client.open_page("/search?q=zebra&order=relevance")
    seen = [one.text() for one in page.html.css(".card-title")]
    held_clock.forward(minutes=61)
    for _ in range(5):
        make.story("zebra " * 40, title="Late", state="published")
    while "The next page" in page:
        page = page.follow("The next page")
        seen += [one.text() for one in page.html.css(".card-title")]
    assert sorted(seen) == sorted(f"Number {number}" for number in range(45))
    assert "Late" in client.open_page("/search?q=zebra&order=relevance")


def test_what_somebody_leaves_out_stays_left_out_wherever_the_page_leads(client: PagesClient, make: Maker) -> None:
    make.theme("buses", "Buses")
    for number in range(45):
        notes = ["child"] if number % 2 else []
        make.story("The zebra.", state="published", themes=["buses"], notes=notes, country="KE")
    for path in ("/search?q=zebra", "/?country=KE", "/?q=zebra", "/search?q=none", "/search?q=zebra&order=relevance"):
        page = client.open_page(f"{path}&without=child")
        inside = [link.attributes["href"] or "" for link in page.html.css("main a")]
        own = [url for url in inside if url.startswith(("/?", "/search"))]
        dropping = page.html.css(".chosen a")
        gone = [link for link in dropping if "without=child" not in (link.attributes["href"] or "")]
        assert len(gone) == len([link for link in dropping if "harm to a child" in link.text()])
        dropped = {link.attributes["href"] for link in gone}
        assert all("without=child" in url for url in own if url not in dropped), (path, own)
        assert "checked" in page.html.css_first('input[name="without"][value="child"]').attributes
        (arabic,) = page.html.css('footer a[hreflang="ar"]')
        assert "without=child" in (arabic.attributes["href"] or "")


def test_a_page_that_ends_before_it_is_full_says_so_and_leads_further_back(
    client: PagesClient, make: Maker, held_clock: HeldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"FIRST_LOOK": 2, "LOOKED_AT": 4, "LOOKED_UP": 0, "FREQUENT": 1}.items():
        monkeypatch.setattr(walking, name, value)
    make.story("An old zebra on a tram.", title="Old", state="published", country="IN")
    held_clock.forward(minutes=61)
    for number in range(9):
        make.story("A zebra and no more." if number % 2 else "A tram.", state="published", country="IN")
    for path in ("/search?q=zebra+tram", "/?q=zebra+tram&country=IN", "/api/v1/stories?q=zebra+tram"):
        if path.startswith("/api"):
            answer: dict[str, Any] = client.get(path).get_json()
            while not answer["stories"]:
                answer = client.get(answer["next"]).get_json()
            assert answer["stories"][0]["title"] == "Old"
            continue
        page = client.open_page(path)
        assert "We looked through the newest stories, and none of them fits." in page
        for _ in range(9):
            if page.html.css(".h-entry"):
                break
            page = page.follow("Look further back")
        assert "Old" in page
        assert page.response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "after", ["7zzzzzzzzzzzz-1", "7zzzzzzzzzzzz-50", "8000000000000-1", "0000000000001-51", "-0", "x-1"]
)
def test_a_place_in_the_order_of_relevance_that_cannot_be_is_refused(
    client: PagesClient, make: Maker, after: str
) -> None:
    make.story("Some words.", state="published")
    assert client.get(f"/search?q=words&order=relevance&after={after}").status_code == 400


@given(st.integers(0, 1_300), st.sampled_from(["zebra", '"zebra on a tram"', "斑马", "حمار"]), st.booleans())
@settings(max_examples=60, deadline=None)
def test_a_find_is_shown_also_where_the_looking_is_divided(before: int, words: str, unknown: bool) -> None:
    found = words.strip('"')
    text = f"{'a' * before} {found} {'and so on ' * 700}"
    wanted = folding.query(words)
    piece, spans, _before, _after = snippet(text, wanted, 0.0 if unknown else before / len(text))
    assert [piece[start:end] for start, end in spans] == [found]


SEARCHES = (
    "/search",
    "/search?q=zebra",
    "/search?q=okapi",
    "/search?q=zebra&order=relevance",
    "/search?q=no-such",
    "/ar/search?q=zebra",
)


def kept_entries() -> int:
    return sum(len(kept) for _edition, kept in figures._kept.values())


def test_a_search_is_the_same_whatever_was_looked_for_before_and_leaves_nothing_of_its_words(
    client: PagesClient, make: Maker
) -> None:
    make.theme("buses", "Buses")
    for number in range(25):
        make.story(f"A zebra, an okapi & <{number}>.", title="On a zebra" * (number % 2), state="published")
    make.story("A zebra.", state="published", themes=["buses"], country="KE", language="sw", notes=["child"])
    first = {}
    for path in SEARCHES:
        figures._kept.clear()
        first[path] = client.open_page(path).text
    for path in SEARCHES:
        assert client.open_page(path).text == first[path], path
    kept = kept_entries()
    for path in (
        *reversed(SEARCHES),
        '/search?q="an+okapi"',
        "/search?q=zebra&country=KE",
        "/search?q=zebra&theme=buses",
    ):
        client.open_page(path)
    assert kept_entries() == kept


def test_what_finds_share_leads_on_with_all_that_was_chosen_before(client: PagesClient, make: Maker) -> None:
    make.theme("buses", "Buses")
    make.theme("work", "At work")
    make.story(
        "100% zebra %00", state="published", themes=["buses", "work"], country="KE", notes=[], language="zh-Hant"
    )
    page = client.open_page("/search?theme=buses&q=100%25+zebra+%2500&without=child&order=relevance")
    links = {link.text(): link.attributes["href"] or "" for link in page.html.css(".sharing .chips a")}
    assert links["At work 1"] == ("/search?theme=buses&theme=work&q=100%25+zebra+%2500&without=child&order=relevance")
    assert links["Kenya 1"] == "/search?theme=buses&country=KE&q=100%25+zebra+%2500&without=child&order=relevance"
    for url in links.values():
        assert len(client.open_page(url).html.css(".h-entry")) == 1

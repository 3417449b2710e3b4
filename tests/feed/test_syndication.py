"""Atom and JSON feeds: valid, autodiscovered, and carrying no more than was allowed."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any
from xml.etree import ElementTree

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from storyhub.feed.entries import Entry
from storyhub.feed.syndication import Syndicated, atom
from tests.feed.test_story import address
from tests.makers import Maker
from tests.pages import PagesClient

ATOM = "{http://www.w3.org/2005/Atom}"
LONG = "This is one sentence of a story. " * 40


def feed_at(client: PagesClient, path: str) -> ElementTree.Element:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.content_type == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(answer.data)


def text_of(element: ElementTree.Element, name: str) -> str:
    found = element.find(ATOM + name)
    assert found is not None, name
    return found.text or ""


def test_it_has_what_rfc_4287_asks_for(client: PagesClient, make: Maker, held_clock: Any) -> None:
    story = make.story(LONG, title="Title & <b>", state="published", themes=["buses"])
    root = feed_at(client, "/feed.atom")
    assert root.tag == ATOM + "feed"
    assert text_of(root, "updated") == "2026-03-05T00:00:00Z"
    assert text_of(root, "id").startswith("tag:127.0.0.1,2020-01-01:")
    (entry,) = root.findall(ATOM + "entry")
    assert text_of(entry, "title") == "Title & <b>"
    assert text_of(entry, "id") == f"tag:127.0.0.1,2026-03-05:stories/{address(story).rpartition('/')[2]}"
    assert text_of(entry, "updated") == text_of(entry, "published") == "2026-03-05T00:00:00Z"
    site = client.application.extensions["settings"].site_url
    link = entry.find(ATOM + "link")
    assert link is not None
    assert link.attrib["href"] == site + address(story)
    rels = {one.attrib["rel"]: one.attrib["href"] for one in root.findall(ATOM + "link")}
    assert rels == {"self": f"{site}/feed.atom", "alternate": f"{site}/"}


@pytest.mark.parametrize("path", ["/feed", "/themes/buses/feed", "/places/KE/feed", "/campaigns/spring/feed"])
def test_an_opening_and_a_link_unless_full_words_were_allowed(client: PagesClient, make: Maker, path: str) -> None:
    campaign = make.campaign("spring")
    facts: dict[str, Any] = {"themes": ["buses"], "country": "KE", "campaign": campaign, "state": "published"}
    make.story("Kept: " + LONG, **facts, consent=["quote", "research", "press"])
    make.story("Given: " + LONG, **facts, consent=["full"])
    as_atom = {
        "content" if (given := entry.find(ATOM + "content")) is not None else "summary": (
            given.text if given is not None else text_of(entry, "summary")
        )
        for entry in feed_at(client, path + ".atom").findall(ATOM + "entry")
    }
    as_json = client.get(path + ".json")
    assert as_json.content_type == "application/feed+json; charset=utf-8"
    items = [item["content_html"] for item in json.loads(as_json.data)["items"]]
    for words in (as_atom["summary"] or "", next(item for item in items if "Kept" in item)):
        assert "Kept: This is" in words
        assert len(words) < 400
    for words in (as_atom["content"] or "", next(item for item in items if "Given" in item)):
        assert words.count("This is one sentence") == 40


def test_words_are_escaped_once_for_html_and_once_for_xml(client: PagesClient, make: Maker) -> None:
    make.story("He said <stop it> & left.\n\nYes.", state="published", consent=["full"])
    (entry,) = feed_at(client, "/feed.atom").findall(ATOM + "entry")
    assert text_of(entry, "content") == ('<p dir="auto">He said &lt;stop it&gt; &amp; left.</p><p dir="auto">Yes.</p>')


def test_what_xml_cannot_hold_is_left_out(app: Flask) -> None:
    @given(st.text(st.characters(codec="utf-8") | st.sampled_from("\x00\x08\x0b\ufffe\uffff]]>&<"), max_size=60))
    def any_words_make_a_feed(words: str) -> None:
        entry = Entry(
            **dict.fromkeys(("country", "country_name", "country_url", "year", "setting_name"), None),
            id="x",
            url="/stories/x",
            title=words,
            name=words,
            text=words,
            opening=words,
            is_cut=False,
            language="en",
            direction="ltr",
            themes=(),
            content_notes=(words,),
            released_on=dt.date(2026, 3, 5),
            heard=0,
            me_too=0,
            may_be_quoted=False,
            may_be_full=bool(len(words) % 2),
            folds=False,
        )
        feed = Syndicated(
            words, words, "en", "https://a.example/", "https://a.example/f", None, [entry], "https://a.example"
        )
        ElementTree.fromstring(atom(feed))

    with app.test_request_context():
        any_words_make_a_feed()


def test_json_feed_is_version_1_1(client: PagesClient, make: Maker) -> None:
    story = make.story("Words.", state="published", themes=["buses"], language="fr", name="Amina", show=("name",))
    answer = client.get("/feed.json")
    feed = answer.get_json(force=True)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert {"title", "home_page_url", "feed_url", "items"} <= feed.keys()
    (item,) = feed["items"]
    assert item["url"].endswith(address(story))
    assert item["language"] == "fr"
    assert item["tags"] == ["Buses"]
    assert item["authors"] == [{"name": "Amina"}]


def test_feeds_are_found_in_the_head_of_pages(client: PagesClient, arabic: PagesClient, make: Maker) -> None:
    make.campaign("spring")
    make.story(state="published", themes=["buses"], country="KE")
    for path, base in (
        ("/", ""),
        ("/themes/buses", "/themes/buses"),
        ("/places/KE", "/places/KE"),
        ("/campaigns/spring", "/campaigns/spring"),
    ):
        for reader, prefix in ((client, ""), (arabic, "/ar")):
            links = reader.open_page(path).html.css('link[rel=alternate][type*="+"]')
            found = [link.attributes["href"] for link in links]
            assert found == [f"{prefix}{base}/feed.atom", f"{prefix}{base}/feed.json"]
            assert all(client.get(href or "").status_code == 200 for href in found)


def test_older_stories_follow(client: PagesClient, make: Maker) -> None:
    for _ in range(33):
        make.story(state="published")
    root = feed_at(client, "/feed.atom")
    (following,) = [link.attrib["href"] for link in root.findall(ATOM + "link") if link.attrib["rel"] == "next"]
    path = following.removeprefix(client.application.extensions["settings"].site_url)
    ids = [text_of(entry, "id") for one in (root, feed_at(client, path)) for entry in one.findall(ATOM + "entry")]
    assert len(set(ids)) == len(ids) == 33
    assert client.get("/feed.json").get_json(force=True)["next_url"] == following.replace(".atom", ".json")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/themes/none/feed.atom", 404),
        ("/places/XX/feed.json", 404),
        ("/campaigns/none/feed.atom", 404),
        ("/feed.xml", 404),
        ("/feed.atom?after=x", 400),
    ],
)
def test_a_feed_that_is_not_there(client: PagesClient, path: str, status: int) -> None:
    client.open_page(path, status)


def test_an_empty_feed_is_a_feed(client: PagesClient) -> None:
    assert feed_at(client, "/feed.atom").findall(ATOM + "entry") == []
    assert client.get("/feed.json").get_json(force=True)["items"] == []

"""A story's own page, the stories that are about the same, and what stands where a story was."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from storyhub.models.decision import Reason
from storyhub.models.story import Story
from storyhub.protection import identifiers
from storyhub.text import incoming
from tests.makers import Maker
from tests.pages import PagesClient
from tests.text.naughty import NAUGHTY


def address(story: Story) -> str:
    return f"/stories/{identifiers.shown(story.id)}"


def test_it_shows_all_the_words_and_a_neutral_title(client: PagesClient, make: Maker) -> None:
    text = "First.\n\n" + "A long story. " * 200 + "\n\nLast."
    story = make.story(text, title="My uncle", state="published", consent=["quote"])
    page = client.open_page(address(story))
    assert page.words_told == [text]
    assert page.heading == "My uncle"
    assert "uncle" not in page.title
    assert "These words may be quoted." in page


def test_what_was_typed_is_what_is_shown(client: PagesClient, make: Maker) -> None:
    texts = [incoming.clean(f"before {text} after") for text in NAUGHTY if len(text) < 5_000]
    for text in texts:
        story = make.story(text, title=text[:60], state="published")
        assert client.open_page(address(story)).words_told == [text]


def test_it_is_an_h_entry(client: PagesClient, make: Maker) -> None:
    story = make.story(state="published", themes=["buses"], country="KE")
    page = client.open_page(address(story)).html
    for name in ("h-entry", "u-url", "e-content", "dt-published", "p-category", "p-location"):
        assert page.css_first(f".{name}") is not None, name
    robots = page.css_first("meta[name=robots]")
    assert robots is not None
    assert robots.attributes["content"] == "noindex"


def test_a_story_alone_says_so_kindly(client: PagesClient, make: Maker) -> None:
    story = make.story(state="published")
    assert "Others have told of this" not in client.open_page(address(story))
    assert "No other story shares its themes yet" in client.open_page(address(story) + "/related")


def test_where_a_story_was_set_aside_something_neutral_stands(
    client: PagesClient, make: Maker, session: Session
) -> None:
    story = make.story("Words set aside.", title="A title", state="published")
    story.set_aside(by=make.anybody(), reason=Reason.OTHER)
    session.commit()
    for path in (address(story), address(story) + "/related"):
        page = client.open_page(path, 410)
        assert page.heading == "A story stood here"
        assert "set aside" in page.text
        assert "Words" not in page.text
        assert "title" not in page.text
    assert client.get(f"/api/v1{address(story)}").status_code == 410


@pytest.mark.parametrize("state", ["waiting", "declined", "counted", "withdrawn"])
def test_nobody_learns_that_any_other_story_exists(client: PagesClient, make: Maker, state: str) -> None:
    story = make.story(state=state)
    known = client.get(address(story))
    unknown = client.get("/stories/" + identifiers.shown(identifiers.new_id()))
    assert known.status_code == unknown.status_code == 404
    assert known.data == unknown.data.replace(unknown.request.path.encode(), known.request.path.encode())


def test_a_withdrawn_story_is_gone_from_everything_at_once(client: PagesClient, make: Maker, session: Session) -> None:
    story = make.story("A word like zanzibar.", state="published", themes=["buses"], country="KE")
    other = make.story("Another.", state="published", themes=["buses"], country="KE")
    paths = [
        *(
            "/",
            "/search?q=zanzibar",
            "/themes/buses",
            "/places/KE",
            "/feed.atom",
            "/feed.json",
            "/themes/buses/feed.atom",
        ),
        *("/api/v1/stories", f"/api/v1{address(other)}/related", address(other) + "/related"),
    ]
    tags = {path: client.get(path).headers.get("ETag") for path in paths}
    assert all("zanzibar" in client.get(path).get_data(as_text=True) for path in paths)
    story.withdraw()
    session.commit()
    for path in paths:
        answer = client.get(path, headers={"If-None-Match": tags[path] or ""})
        assert answer.status_code == 200, path
        assert "A word like" not in answer.get_data(as_text=True), path
    assert client.get(address(story)).status_code == 404


@pytest.mark.parametrize("name", ["0000000000000", "zzzzzzzzzzzzz", "x", "ABCDEFGHJKMNP", "0" * 14, "%00", "..%2f"])
def test_an_address_that_is_no_story_is_a_page(client: PagesClient, name: str) -> None:
    client.open_page(f"/stories/{name}", 404)

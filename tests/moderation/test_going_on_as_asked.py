"""What somebody asked to be handed stays asked for: after a decision, a skip and a hold, until they ask anew."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub.models.theme import Theme
from tests.makers import Maker
from tests.moderation.conftest import path_of
from tests.pages import Page, PagesClient


def arabic_ones(make: Maker, number: int = 3) -> list[str]:
    """German stories that have waited longer, and Arabic ones; where these lie."""
    for _ in range(3):
        make.story("Das war am Abend.", language="de")
    return [path_of(make.story("حدث ذلك في المساء.", language="ar")) for _ in range(number)]


def ask_for(client: PagesClient, query: str) -> Page:
    return client.open_page(f"/desk/?{query}").form("/desk/next").send()


@pytest.mark.parametrize("how", ["/publication", "/skip", "/hold", "/escalation", "/desk/next"])
def test_the_next_one_is_like_what_was_asked_for(mina: PagesClient, make: Maker, how: str) -> None:
    paths = set(arabic_ones(make))
    seen = set()
    page = ask_for(mina, "lane=usual&language=ar")
    for _ in range(3):
        seen.add(page.path)
        page = page.form(how).send()
    assert seen == paths
    assert page.path == "/desk/" and page.value_of("language") == "ar"


def test_who_asks_for_anything_is_handed_anything(mina: PagesClient, make: Maker) -> None:
    paths = set(arabic_ones(make))
    assert ask_for(mina, "language=ar").form("/skip").send().path in paths
    page = ask_for(mina, "")
    mina.open_page(page.path).form("/skip").send()
    seen = {ask_for(mina, "").form("/skip").send().path for _ in range(3)}
    assert seen - paths


@pytest.mark.parametrize(
    "kept",
    ["nothing", 7, ["lane"], {"lane": "sofa"}, {"theme": "gone"}, {"cluster": "x"}, {"age": [{}]}, {"kind": None}],
)
def test_whatever_is_kept_no_page_breaks(mina: PagesClient, make: Maker, kept: object) -> None:
    arabic_ones(make)
    page = ask_for(mina, "language=ar")
    with mina.session_transaction() as session:
        session["wanted"] = kept
    assert page.form("/skip").send().path.startswith("/desk/items/")


def test_a_theme_that_is_gone_by_then_is_asked_for_no_more(mina: PagesClient, make: Maker, session: Session) -> None:
    make.theme("buses", "Buses")
    for _ in range(2):
        make.story(themes=["buses"])
    make.story()
    page = ask_for(mina, "theme=buses")
    session.scalars(sa.select(Theme).filter_by(slug="buses")).one().slug = "night-buses"
    session.commit()
    assert page.form("/skip").send().path != page.path

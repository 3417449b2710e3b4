"""The guide for a volunteer's first evening says what the desk does, and can be read in ten minutes."""

from __future__ import annotations

import re

from storyhub.config import ROOT
from storyhub.models.decision import Reason
from storyhub.models.labels import REASONS
from tests.makers import Maker
from tests.moderation.conftest import path_of
from tests.pages import PagesClient

GUIDE = (ROOT / "docs" / "moderating.md").read_text("utf-8")
TEN_MINUTES = 2_000  # words, for somebody who reads two hundred in a minute


def test_it_can_be_read_in_ten_minutes() -> None:
    read = re.sub(r"(?m)^!\[.*$", "", GUIDE)  # pictures are looked at
    assert sum(bool(re.search(r"\w", word)) for word in read.split()) <= TEN_MINUTES


def test_it_gives_every_reason_of_the_policy_by_its_name_and_no_other() -> None:
    rows = re.findall(r"(?m)^\| ([^|]+) \| [^|]+ \| [^|]+ \| [^|]+ \|[^|]*\|$", GUIDE)
    given = [row for row in rows if row != "reason" and not row.startswith("-")]
    names = [str(REASONS[reason]).removesuffix(", given in the letter") for reason in Reason]
    assert given == names


def test_it_names_the_keys_that_the_desk_hears(mina: PagesClient, make: Maker) -> None:
    page = mina.open_page(path_of(make.story()))
    heard = {node.text().strip() for node in page.html.css("#keys kbd")}
    assert set(re.findall(r"(?m)^\| `(.)` \|", GUIDE)) <= heard


def test_it_names_buttons_as_the_desk_names_them(mina: PagesClient, make: Maker) -> None:
    story, queue = mina.open_page(path_of(make.story())), mina.open_page("/desk/")
    for said in ("Pass to the safeguarding lead", "Hide words that show who somebody is", "Next story"):
        assert f"“{said}" in GUIDE
        assert said in story
    assert "“How you work here”" in GUIDE
    assert "How you work here" in queue

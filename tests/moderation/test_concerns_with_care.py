"""The page of a concern is as careful with its readers as that of a story: it folds, has its keys, and is held."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from storyhub.models.concern import About, raise_concern
from storyhub.models.decision import Reason
from storyhub.models.queue import Lane
from storyhub.models.story import State, Story
from storyhub.moderation.actions import Wanted, claim_next
from storyhub.protection import receipts
from storyhub.protection.identifiers import shown
from tests.makers import Maker
from tests.moderation.conftest import SignIn, path_of
from tests.pages import Page, PagesClient

TOLD = "It was by the river, in the evening."
Raise = Callable[..., str]


@pytest.fixture
def heavy(make: Maker) -> Story:
    return make.story(TOLD, notes=["death"], state="published")


@pytest.fixture
def raised(make: Maker, session: Session) -> Raise:
    """raised(story, "danger"): where it lies on the desk."""

    def raise_it(story: Story, about: str = "names-me") -> str:
        digest = receipts.digest(receipts.mint(), make.receipt_key)
        concern = raise_concern(session, story, About(about), "It is about me.", receipt_digest=digest)
        session.commit()
        assert concern.item is not None
        return f"/desk/items/{shown(concern.item.id)}"

    return raise_it


def is_folded(page: Page) -> bool:
    found = page.html.css_first("details.folded-words")
    return found is not None and "open" not in found.attributes and TOLD in found.text()


def test_who_would_rather_not_read_of_it_is_not_handed_a_concern_about_it(
    make: Maker, session: Session, heavy: Story, raised: Raise
) -> None:
    raised(heavy)
    wanted = Wanted(lane=Lane.URGENT)
    assert claim_next(session, wanted, by=make.moderator("Nada", rather_not=["death"])) is None
    assert claim_next(session, wanted, by=make.moderator("Sam", rather_not=["child"])) is not None


def test_of_a_story_that_is_set_aside_it_goes_by_the_words_that_were_public(
    make: Maker, session: Session, heavy: Story, raised: Raise
) -> None:
    heavy.set_aside(by=make.moderator("Sam"), reason=Reason.OTHER)
    assert heavy.state is State.SET_ASIDE
    raised(heavy)
    assert claim_next(session, Wanted(), by=make.moderator("Nada", rather_not=["death"])) is None


@pytest.mark.parametrize("about", ["names-me", "danger", "my-story"])
def test_the_words_beside_it_fold_for_whoever_wants_to_know_first(
    lea: PagesClient, heavy: Story, raised: Raise, about: str
) -> None:
    page = lea.open_page(raised(heavy, about))
    assert is_folded(page)
    assert "This story speaks of: " in page
    assert page.html.css_first(".folded-words summary").attributes["data-key"] == "w"


def test_they_stay_open_for_whoever_wants_that_and_when_a_form_came_back(
    client: PagesClient, make: Maker, sign_in: SignIn, heavy: Story, raised: Raise
) -> None:
    here = raised(heavy)
    page = sign_in(client, make.moderator("Mina")).open_page(here)
    form = next(one for one in page.forms if one.value("answer") == "refused")
    assert not is_folded(form.fill(note="o" * 2001).send(status=422))
    page.form("/skip").send()
    page = sign_in(client, make.moderator("Sam", folds=[])).open_page(here)
    assert not is_folded(page) and TOLD in page


def test_stewards_are_told_first_what_a_demand_is_about(
    client: PagesClient, make: Maker, sign_in: SignIn, heavy: Story, raised: Raise
) -> None:
    assert is_folded(sign_in(client, make.steward("Sara")).open_page(raised(heavy, "legal-demand")))


def test_it_is_held_and_left_by_the_same_keys_as_a_story(mina: PagesClient, heavy: Story, raised: Raise) -> None:
    page = mina.open_page(raised(heavy))
    keys = {button.attributes["data-key"]: button.text(strip=True) for button in page.html.css("button[data-key]")}
    assert keys["h"].startswith("Hold") and keys["s"].startswith("Skip")
    assert any("holding.js" in (script.attributes.get("src") or "") for script in page.html.css("script"))
    page.form("/hold").send()
    page = mina.open_page(page.path)
    keys = {button.attributes["data-key"]: button.text(strip=True) for button in page.html.css("button[data-key]")}
    assert keys["h"].startswith("Back to usual") and keys["e"].startswith("Pass to the safeguarding lead")


# Where many are seen at once


@pytest.mark.parametrize(("folds", "told"), [(None, True), ([], False)])
def test_what_a_heavy_story_speaks_of_stands_before_its_opening(
    client: PagesClient, make: Maker, sign_in: SignIn, folds: list[str] | None, told: bool
) -> None:
    stories = [make.story(TOLD, notes=["death"]), make.story("We won.", notes=["threats"])]
    page = choosing(sign_in(client, make.moderator("Mina", folds=folds)), stories)
    lines = [line.text() for line in page.html.css(".openings li")]
    assert [("This story speaks of" in line) for line in lines if TOLD in line] == [told]
    assert not any("This story speaks of" in line for line in lines if "We won." in line)


def choosing(client: PagesClient, stories: list[Story]) -> Page:
    form = client.open_page("/desk/?lane=usual").form("/desk/selection")
    return form.fill(items=[path_of(story).rsplit("/", 1)[1] for story in stories]).send()


def test_each_tick_box_is_named_after_its_row(mina: PagesClient, make: Maker) -> None:
    stories = [make.story(TOLD, language="en"), make.story("Wir haben gewonnen.", language="de")]
    page = mina.open_page("/desk/?lane=usual")
    assert len({name_of(page, box) for box in boxes_of(page)}) == 2
    assert {"German" in name for name in (name_of(page, box) for box in boxes_of(page))} == {True, False}
    page = choosing(mina, stories)
    names = {name_of(page, box) for box in boxes_of(page)}
    assert names == {f"Not this one: leave it out {words}" for words in (TOLD, "Wir haben gewonnen.")}


def boxes_of(page: Page) -> list[str]:
    boxes = page.html.css("input[type=checkbox][name=items], input[type=checkbox][name=apart]")
    return [box.attributes.get("aria-labelledby") or "" for box in boxes]


def name_of(page: Page, ids: str) -> str:
    return " ".join(" ".join(page.html.css_first(f"[id='{one}']").text().split()) for one in ids.split())

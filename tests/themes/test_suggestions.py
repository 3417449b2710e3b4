"""Suggested themes as organisers meet them: learned from what people coded, and never given by a program alone."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable, Sequence
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.models import story as telling
from storyhub.models import suggested
from storyhub.models.job import MOST_ATTEMPTS, Job, JobState
from storyhub.models.long_work import LongWork, WorkState, order_work
from storyhub.models.people import Person
from storyhub.models.publication import Publication, PublishedTheme
from storyhub.models.story import State, Story, StoryVersion
from storyhub.models.suggested import SuggestedTheme, SuggestionModel
from storyhub.models.theme import CodedBy, Coding, Theme
from storyhub.operations import working
from storyhub.operations.bulk import Ready, store
from storyhub.operations.long_work import do_one
from storyhub.protection import identifiers
from storyhub.text.suggesting import Quality, Suggested, Suggester, Told, learn
from storyhub.themes import suggesting
from tests.makers import Maker
from tests.pages import Page, PagesClient

SignIn = Callable[[PagesClient, Person], PagesClient]

PLAIN = ["brumel", "tasko", "lindar", "vesh", "omara", "kelt", "pindo", "surri", "wex", "halb"]
TELLING = {"boats": ["zurgel", "kaprin"], "kites": ["mifosh", "dwellap"]}


def words(number: int, *themes: str) -> str:
    chance = random.Random(number)
    told = [chance.choice(PLAIN) for _ in range(8)] + [chance.choice(TELLING[theme]) for theme in themes]
    chance.shuffle(told)
    return " ".join(told)


@pytest.fixture
def ola(client: PagesClient, make: Maker, sign_in: SignIn) -> PagesClient:
    """The browser of Ola, who organises."""
    return sign_in(client, make.organiser("Ola"))


CHOSEN = [("boats",), ("kites",), ("boats", "kites")]
IDS = {"boats": 1001, "kites": 1002}


@pytest.fixture(autouse=True)
def _learned_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a site without the extra for many languages, which takes seconds to load; judged in two parts, not five."""
    monkeypatch.setattr("storyhub.text.suggesting.learning.FOLDS", 2)
    monkeypatch.setattr("storyhub.text.nearness.meaning.is_installed", lambda: False)


@cache
def learned_once() -> tuple[bytes, Quality]:
    """From sixty stories that moderators coded. Learning is tested with `coded`; all else goes on from here."""
    told = [
        Told(words(number, *CHOSEN[number % 3]), {str(IDS[slug]) for slug in CHOSEN[number % 3]}, "en")
        for number in range(60)
    ]
    return learn(told, wanted="words")


@pytest.fixture
def themes(session: Session) -> dict[str, Theme]:
    found = {slug: Theme(id=IDS[slug], slug=slug, names={"en": slug.capitalize()}) for slug in IDS}
    session.add_all(found.values())
    session.commit()
    return found


@pytest.fixture
def learned(app: Flask, session: Session, make: Maker, themes: dict[str, Theme]) -> dict[str, Theme]:
    """Six public stories that nobody looked at, four of boats and two of nothing; and what was learned before."""
    bring_in(session, [*(words(number, "boats") for number in range(100, 104)), words(104), words(105)])
    data, quality = learned_once()
    suggested.keep_model(session, data, method="words-3", stories=quality.stories, quality=quality.as_facts())
    work = do(app, session, learn=False)
    assert work.state is WorkState.DONE, work.error
    return themes


@pytest.fixture
def coded(session: Session, themes: dict[str, Theme]) -> None:
    """Sixty public stories that people coded in a file."""
    chosen = [CHOSEN[number % 3] for number in range(60)]
    texts = [words(number, *slugs) for number, slugs in enumerate(chosen)]
    bring_in(session, texts, [tuple(IDS[slug] for slug in slugs) for slugs in chosen])


def bring_in(
    session: Session, texts: Sequence[str], theme_ids: Sequence[tuple[int, ...]] = (), said_no: tuple[int, ...] = ()
) -> None:
    """Public stories at once, as an import stores them."""
    ready = [
        Ready(text, telling.Told(text=text, language="en"), State.PUBLISHED, theme_ids=ids, not_theme_ids=said_no)
        for text, ids in zip_longest(texts, theme_ids, fillvalue=())
    ]
    store(session, ready)
    session.commit()


def tell(make: Maker, session: Session, text: str, themes: list[Theme], by: CodedBy = CodedBy.MODERATOR) -> Story:
    """A story that goes out at the next release."""
    story = telling.receive(session, telling.Told(text=text, language="en"))
    story.set_themes(themes, by)
    story.publish(by=make.anybody(), window=clock.window(0))
    return story


def do(app: Flask, session: Session, **arguments: object) -> LongWork:
    with app.app_context():
        work = order_work(session, "suggest", by=None, **arguments)
        do_one(session, work)
    session.expire_all()
    return work


def waiting(session: Session, **which: object) -> list[SuggestedTheme]:
    session.expire_all()
    return list(session.scalars(sa.select(SuggestedTheme).filter_by(**which).order_by(SuggestedTheme.version_id)))


def accepted(session: Session) -> list[Coding]:
    session.expire_all()
    return list(session.scalars(sa.select(Coding).filter_by(coded_by=CodedBy.SUGGESTION)))


def answered(page: Page, **by_place: str) -> Page:
    """The batch page sent with yes or no to the story at a place (first, second…)."""
    names = [node.attributes["name"] for node in page.html.css(".asked input[value=yes]")]
    places = dict(zip(("first", "second", "third", "fourth"), names, strict=False))
    return (
        page.form("/organise/suggestions/themes/boats")
        .fill(**{places[one]: said for one, said in by_place.items()})
        .send()
    )


# ---- Learning and looking through


def test_what_nobody_looked_at_gets_suggestions_and_no_coding(session: Session, learned: dict[str, Theme]) -> None:
    found = waiting(session)
    assert {one.theme_id for one in found} == {learned["boats"].id}
    assert len(found) == 4
    assert all(500 < one.sureness <= 1000 and not one.refused for one in found)
    assert accepted(session) == []


def test_the_page_says_what_was_learned_and_what_waits(ola: PagesClient, learned: dict[str, Theme]) -> None:
    page = ola.open_page("/organise/suggestions")
    assert "from 60 stories" in page
    assert "Boats 4 stories" in page
    rows = [
        [cell.text(strip=True) for cell in row.css("th, td")] for row in page.html.css("table.theme-quality tbody tr")
    ]
    assert {(row[0], row[1], row[-1]) for row in rows} == {("Boats", "40", "yes"), ("Kites", "40", "yes")}
    assert len(page.html.css("table.theme-quality svg.dots[aria-label]")) == 2
    assert "only in languages in which people gave it" in page


def test_before_anything_is_coded_the_page_says_what_it_needs(ola: PagesClient, app: Flask, session: Session) -> None:
    page = ola.open_page("/organise/suggestions")
    assert "Nothing was learned yet" in page
    page = page.form("/organise/suggestions/learning").send()
    work = session.scalars(sa.select(LongWork)).one()
    assert (work.kind, work.arguments) == ("suggest", {"learn": True})
    with app.app_context():
        do_one(session, work)
    assert (work.state, work.error) == (WorkState.FAILED, "too-few")
    assert "too little to learn from" in ola.open_page(page.path)
    assert ola.open_page("/organise/suggestions/themes/boats", 404).status == 404


def test_looking_through_without_having_learned_says_so(app: Flask, session: Session) -> None:
    work = do(app, session, learn=False)
    assert (work.state, work.error) == (WorkState.FAILED, "no-model")


def test_a_theme_with_too_few_stories_is_listed_with_how_many_are_missing(
    ola: PagesClient, app: Flask, make: Maker, session: Session, coded: None
) -> None:
    rare = make.theme("rare")
    for number in range(200, 203):
        tell(make, session, words(number), [rare])
    make.release()
    do(app, session)
    assert "Rare: 17 more stories" in ola.open_page("/organise/suggestions")


def test_only_the_newest_model_is_kept(app: Flask, session: Session, learned: dict[str, Theme], coded: None) -> None:
    before = session.scalars(sa.select(SuggestionModel.id)).one()
    do(app, session)
    after = session.scalars(sa.select(SuggestionModel)).one()
    assert after.id != before
    assert b"zurgel" not in after.packed
    assert after.quality["stories"] == 60


def after_a_minute(app: Flask, session: Session) -> None:
    """What the worker does for what was released."""
    session.commit()
    working.init_app(app)
    working.each_minute_suggest.call_local()


def asking(session: Session) -> list[Job]:
    session.expire_all()
    return list(session.scalars(sa.select(Job).filter_by(name=suggested.LOOK_THROUGH)))


def test_new_stories_are_suggested_for_by_themselves(
    app: Flask, make: Maker, session: Session, learned: dict[str, Theme]
) -> None:
    model = session.scalars(sa.select(SuggestionModel.id)).one()
    story = tell(make, session, words(300, "kites"), [])
    make.release()
    after_a_minute(app, session)
    assert [one.theme_id for one in waiting(session, version_id=story.newest.id)] == [learned["kites"].id]
    assert session.scalars(sa.select(SuggestionModel.id)).one() == model
    assert asking(session) == []


def test_only_what_is_new_is_looked_through(
    app: Flask, make: Maker, session: Session, learned: dict[str, Theme], monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[str] = []
    really = Suggester.suggest

    def suggest(self: Suggester, texts: Sequence[str], languages: Sequence[str | None]) -> list[Suggested]:
        looked_at.extend(texts)
        return really(self, texts, languages)

    monkeypatch.setattr(Suggester, "suggest", suggest)
    after_a_minute(app, session)
    assert looked_at == [], "all were looked through when it was learned"
    released = [words(300, "kites"), words(301)]
    for text in released:
        tell(make, session, text, [])
    tell(make, session, words(302), [learned["boats"]])
    make.release()
    for _minute in range(2):
        after_a_minute(app, session)
        assert sorted(looked_at) == sorted(released), "nor again when nothing came, nor what a person coded"


def test_before_anything_was_learned_a_release_leaves_no_work(
    app: Flask, make: Maker, session: Session, themes: dict[str, Theme]
) -> None:
    tell(make, session, words(300, "kites"), [])
    make.release()
    assert asking(session) == []


def test_what_asks_for_it_does_not_tell_in_which_order_stories_came(
    session: Session, learned: dict[str, Theme]
) -> None:
    bring_in(session, [words(number) for number in range(300, 320)])
    asked = [str(job.arguments["versions"]).split() for job in asking(session)]
    assert max(map(len, asked)) == 20
    assert all(ids == sorted(ids, key=int) for ids in asked)


def test_what_is_brought_in_and_what_is_edited_is_looked_through_too(
    app: Flask, make: Maker, session: Session, learned: dict[str, Theme]
) -> None:
    bring_in(session, [words(300, "kites"), words(301, "kites")])
    after_a_minute(app, session)
    assert len(waiting(session, theme_id=learned["kites"].id)) == 2
    story = session.scalars(sa.select(Story).limit(1)).one()
    story.edit(telling.Told(text=words(302, "kites", "boats"), language="en"))
    story.publish(by=make.anybody(), window=clock.window(0))
    make.release()
    after_a_minute(app, session)
    new = waiting(session, version_id=story.newest.id)
    assert {one.theme_id for one in new} == {theme.id for theme in learned.values()}


def test_nothing_is_held_while_new_stories_are_looked_through(
    app: Flask, make: Maker, session: Session, learned: dict[str, Theme], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what is taken back meanwhile gets no suggestion."""
    story = tell(make, session, words(300, "kites"), [])
    make.release()
    really = suggesting.suggestions

    def suggestions(*told: Any) -> dict[int, dict[int, int]]:
        story.withdraw()
        session.commit()  # waits for ever, or is refused, if the one who looks holds the database or the story
        return really(*told)

    monkeypatch.setattr(suggesting, "suggestions", suggestions)
    after_a_minute(app, session)
    assert waiting(session, theme_id=learned["kites"].id) == []
    assert asking(session) == []


def test_what_a_killed_worker_had_in_hand_is_looked_through_by_the_next(
    app: Flask, make: Maker, session: Session, learned: dict[str, Theme], monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(make, session, words(300, "kites"), [])
    make.release()
    with monkeypatch.context() as patched:
        patched.setattr(suggesting, "keep_for", killed)
        with pytest.raises(SystemExit):
            after_a_minute(app, session)
    after_a_minute(app, session)
    assert len(waiting(session, theme_id=learned["kites"].id)) == 1


def killed(*_: object) -> None:
    raise SystemExit


def test_what_can_not_be_looked_through_is_given_up_and_stops_no_other_work(
    app: Flask, make: Maker, session: Session, learned: dict[str, Theme], monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(make, session, words(300, "kites"), [])
    make.release()

    def fail(*_: object) -> None:
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr(Suggester, "suggest", fail)
        for _minute in range(MOST_ATTEMPTS + 1):
            after_a_minute(app, session)
            working.each_minute.call_local()
    assert [(job.state, job.attempts) for job in asking(session)] == [(JobState.FAILED, MOST_ATTEMPTS)]
    tell(make, session, words(301, "kites"), [])
    make.release()
    after_a_minute(app, session)
    assert len(waiting(session, theme_id=learned["kites"].id)) == 1


def test_what_was_learned_by_another_version_leaves_no_work_behind(
    app: Flask, make: Maker, session: Session, learned: dict[str, Theme]
) -> None:
    session.scalars(sa.select(SuggestionModel)).one().packed = b"of another version"
    session.execute(sa.update(SuggestionModel).values(id=77))
    tell(make, session, words(300, "kites"), [])
    make.release()
    assert len(asking(session)) == 1
    after_a_minute(app, session)
    assert asking(session) == [] and waiting(session, theme_id=learned["kites"].id) == []


def test_a_contributors_own_choice_may_be_added_to_and_a_moderators_is_not(
    app: Flask, make: Maker, session: Session, learned: dict[str, Theme]
) -> None:
    own = tell(make, session, words(400, "boats", "kites"), [learned["boats"]], CodedBy.CONTRIBUTOR)
    looked_at = tell(make, session, words(401, "boats", "kites"), [learned["boats"]])
    make.release()
    do(app, session, learn=False)
    assert [one.theme_id for one in waiting(session, version_id=own.newest.id)] == [learned["kites"].id]
    assert waiting(session, version_id=looked_at.newest.id) == []


def test_what_a_program_suggested_is_not_learned_from(
    app: Flask, session: Session, learned: dict[str, Theme], coded: None
) -> None:
    version_ids = [one.version_id for one in waiting(session)]
    suggested.accept(session, [(one, learned["boats"].id) for one in version_ids])
    session.commit()
    do(app, session)
    assert session.scalars(sa.select(SuggestionModel)).one().stories == 60
    mixed = version_ids[0]
    session.add(Coding(version_id=mixed, theme_id=learned["kites"].id, coded_by=CodedBy.ORGANISER))
    session.commit()
    (told,) = suggesting.told(session, [mixed])
    assert (set(told.themes), set(told.unsaid)) == ({str(learned["kites"].id)}, {str(learned["boats"].id)})


def test_that_a_file_gives_a_story_none_of_its_themes_is_learned_from(
    app: Flask, session: Session, make: Maker, themes: dict[str, Theme], coded: None
) -> None:
    """Learned from stories with themes alone, it would think that every story has one."""
    other = make.theme("other")
    bring_in(session, [words(number) for number in range(500, 560)], said_no=tuple(IDS.values()))
    bring_in(session, ["nobody has looked at these words"])
    version_ids = suggesting.version_ids_to_learn_from(session)
    assert version_ids == sorted(version_ids)
    told = suggesting.told(session, version_ids)
    assert len(told) == 120
    assert {tuple(one.unsaid) for one in told if not one.themes} == {(str(other.id),)}
    do(app, session)
    model = suggested.the_model(session)
    assert model is not None and model.stories == 120
    suggester = suggesting.the_suggester(session) or pytest.fail("nothing was learned")
    assert suggester.suggest([words(570)], ["en"])[0].why == "unsure"
    assert waiting(session, refused=False) == []
    assert len(waiting(session, refused=True, sureness=suggested.UNASKED)) == 120, "what a file said stays"


def test_what_somebody_refused_to_a_program_is_no_such_story(
    ola: PagesClient, session: Session, learned: dict[str, Theme]
) -> None:
    answered(ola.open_page("/organise/suggestions/themes/boats"), first="no")
    assert suggesting.version_ids_to_learn_from(session) == []


def test_stopped_in_the_middle_it_leaves_what_was_there(
    app: Flask, session: Session, learned: dict[str, Theme], coded: None
) -> None:
    before = session.scalars(sa.select(SuggestionModel.id)).one()
    with app.app_context():
        steps = app.extensions["long-work"]["suggest"](session, {}, None)
        done, total = next(steps)
        assert (done, total) <= (50, 100)
        steps.close()
    session.rollback()
    assert session.scalars(sa.select(SuggestionModel.id)).one() == before
    assert len(waiting(session)) == 4


# ---- Answering


def test_nothing_is_marked_beforehand(ola: PagesClient, session: Session, learned: dict[str, Theme]) -> None:
    page = ola.open_page("/organise/suggestions/themes/boats")
    assert len(page.html.css(".asked > li")) == 4
    assert page.html.css("input[checked]") == []
    page = page.form("/organise/suggestions/themes/boats").send()
    assert "Nothing was marked" in page
    assert accepted(session) == []


def test_what_a_person_accepts_is_marked_as_suggested_and_readers_see_it(
    ola: PagesClient, session: Session, learned: dict[str, Theme]
) -> None:
    page = answered(ola.open_page("/organise/suggestions/themes/boats"), first="yes", second="no")
    assert "1 story has the theme now. For 1 story it is not suggested again." in page
    (coding,) = accepted(session)
    assert (coding.theme_id, coding.start) == (learned["boats"].id, None)
    shown = sa.select(PublishedTheme.theme_id).join(Publication, Publication.position == PublishedTheme.position)
    assert session.scalars(shown.where(Publication.version_id == coding.version_id)).all() == [learned["boats"].id]
    assert len(waiting(session, refused=False)) == 2


def test_what_was_refused_never_comes_back(
    ola: PagesClient, app: Flask, session: Session, learned: dict[str, Theme], coded: None
) -> None:
    answered(ola.open_page("/organise/suggestions/themes/boats"), first="no")
    (refused,) = waiting(session, refused=True)
    for anew in (False, True):
        do(app, session, learn=anew)
        assert [one.version_id for one in waiting(session, refused=True)] == [refused.version_id]
        assert len(waiting(session)) == 4
    page = ola.open_page("/organise/suggestions/themes/boats")
    assert len(page.html.css(".asked > li")) == 3


def test_the_last_answers_can_be_taken_back_once(ola: PagesClient, session: Session, learned: dict[str, Theme]) -> None:
    before = [(one.version_id, one.sureness) for one in waiting(session)]
    page = answered(ola.open_page("/organise/suggestions/themes/boats"), first="yes", second="no", third="yes")
    assert len(accepted(session)) == 2
    page = page.form("/organise/suggestions/undo").send()
    assert "These suggestions wait again" in page
    assert accepted(session) == []
    assert [(one.version_id, one.sureness) for one in waiting(session, refused=False)] == before
    assert session.scalar(sa.select(sa.func.count()).select_from(PublishedTheme)) == 0
    assert "Take the last answers back" not in page.text
    assert "nothing left to take back" in Page(ola, ola.send_form("/organise/suggestions/undo", page_token(ola)))


def page_token(browser: PagesClient) -> list[tuple[str, str]]:
    page = browser.open_page("/organise/suggestions/themes/boats")
    node = page.html.css_first("input[name=csrf_token]")
    return [("csrf_token", node.attributes["value"] or "")]


def test_when_all_are_answered_there_is_a_way_on(ola: PagesClient, session: Session, learned: dict[str, Theme]) -> None:
    everything = {"first": "yes", "second": "yes", "third": "yes", "fourth": "yes"}
    page = answered(ola.open_page("/organise/suggestions/themes/boats"), **everything)
    assert page.path == "/organise/suggestions"
    assert "No suggestion waits" in page
    assert "Nothing waits here" in ola.open_page("/organise/suggestions/themes/boats")


@pytest.mark.parametrize(("name", "status"), [("answer-x", 400), (f"answer-{identifiers.shown(5)}", 200)])
def test_an_answer_about_what_was_never_suggested_changes_nothing(
    ola: PagesClient, session: Session, learned: dict[str, Theme], name: str, status: int
) -> None:
    response = ola.send_form("/organise/suggestions/themes/boats", [*page_token(ola), (name, "yes")])
    assert response.status_code == status
    assert accepted(session) == []


def test_a_coded_story_can_not_be_accepted_twice(session: Session, learned: dict[str, Theme]) -> None:
    pair = (waiting(session)[0].version_id, learned["boats"].id)
    session.add(Coding(version_id=pair[0], theme_id=pair[1], coded_by=CodedBy.ORGANISER))
    session.flush()
    assert suggested.accept(session, [pair]) == []
    assert suggested.accept(session, [pair]) == suggested.refuse(session, [pair]) == []


# ---- What goes away


def test_a_withdrawal_takes_its_suggestions_along(session: Session, learned: dict[str, Theme]) -> None:
    version_id = waiting(session)[0].version_id
    version = session.get(StoryVersion, version_id)
    version.story.withdraw()
    session.commit()
    assert waiting(session, version_id=version_id) == []
    assert suggested.accept(session, [(version_id, learned["boats"].id)]) == []
    assert suggesting.keep_for(session, [version_id], {version_id: {learned["boats"].id: 900}}) == 0


def test_a_retired_theme_is_suggested_no_more(
    ola: PagesClient, app: Flask, session: Session, learned: dict[str, Theme]
) -> None:
    session.get(Theme, learned["boats"].id).retired = True
    session.commit()
    assert ola.open_page("/organise/suggestions/themes/boats", 404).status == 404
    assert "No suggestion waits" in ola.open_page("/organise/suggestions")
    do(app, session, learn=False)
    assert waiting(session) == []


@pytest.mark.parametrize("role", ["moderator", "safeguarding-lead"])
def test_suggestions_are_for_organisers_and_stewards(
    client: PagesClient, make: Maker, sign_in: SignIn, role: str
) -> None:
    browser = sign_in(client, make.person("Mo", role))
    assert browser.get("/organise/suggestions").status_code == 403


def test_the_pages_are_there_in_arabic(ola: PagesClient, learned: dict[str, Theme]) -> None:
    assert ola.open_page("/ar/organise/suggestions").html.css_first("html").attributes["dir"] == "rtl"
    assert ola.open_page("/ar/organise/suggestions/themes/boats").status == 200


# ---- By command


@pytest.fixture
def flask(app: Flask) -> Callable[..., Result]:
    runner = app.test_cli_runner()

    def run(*arguments: object, code: int = 0) -> Result:
        done = runner.invoke(args=[str(one) for one in arguments])
        assert done.exit_code == code, done.output + repr(done.exception)
        return done

    return run


def test_a_command_learns_and_another_suggests_for_a_file(
    flask: Callable[..., Result], session: Session, coded: None, tmp_path: Path
) -> None:
    flask("themes", "learn", "--method", "words")
    assert session.scalars(sa.select(SuggestionModel.stories)).one() == 60
    file = tmp_path / "texts.jsonl"
    lines = [
        "kelt zurgel vesh",
        "",
        '{"text": "mifosh wex", "language": "en-GB", "id": "a/7"}',
        '{"text": "zurgel", "language": "xx"}',
    ]
    file.write_text("\n".join(lines) + "\n", "utf-8")
    done = flask("themes", "suggest", file, "--json", "--language", "en")
    boats, empty, kites, other = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["slug"] for one in boats["themes"]] == ["boats"]
    assert 0.5 < boats["themes"][0]["sureness"] <= 1
    assert boats["language"] == "en"
    assert "why" not in boats
    assert boats["likely"] == ["boats"]
    assert boats["every"]["boats"] == boats["themes"][0]["sureness"]
    assert boats["every"]["kites"] < 0.5
    assert kites["id"] == "a/7"
    assert "id" not in boats
    assert empty == {"themes": [], "likely": [], "every": {}, "language": "en", "why": "words"}
    assert ([one["slug"] for one in kites["themes"]], kites["language"]) == (["kites"], "en-GB")
    assert other == {"themes": [], "likely": [], "every": {}, "language": "xx", "why": "language"}
    plain = flask("themes", "suggest", file, "--language", "en").stdout.splitlines()
    assert plain[0].startswith("boats ")
    assert "nobody gave any to stories in this language" in plain[3]


def test_a_line_of_a_language_that_cannot_be_told_is_read_as_the_one_that_was_learned(
    flask: Callable[..., Result], learned: dict[str, Theme], tmp_path: Path
) -> None:
    file = tmp_path / "texts.txt"
    file.write_text("kelt zurgel\n")
    (row,) = map(json.loads, flask("themes", "suggest", file, "--json").stdout.splitlines())
    assert (row["language"], row["likely"]) == (None, ["boats"])


def test_what_another_version_learned_is_neither_used_nor_in_the_way(
    app: Flask, flask: Callable[..., Result], ola: PagesClient, session: Session, coded: None, tmp_path: Path
) -> None:
    """The page goes on saying how good it was; a command says how to go on, and whoever asks for more lets it learn."""
    data, quality = learned_once()
    with np.load(io.BytesIO(data)) as kept:
        of_before = {name: kept[name] for name in kept.files if "set" not in name and "last" not in name}
    older = io.BytesIO()
    np.savez_compressed(older, **of_before | {"format": np.array(1)})
    suggested.keep_model(session, older.getvalue(), method="words-2", stories=60, quality=quality.as_facts())
    session.commit()
    file = tmp_path / "texts.txt"
    file.write_text("kelt zurgel\n")
    assert "too old. Learn again: flask themes learn" in flask("themes", "suggest", file, "--json", code=1).stderr
    page = ola.open_page("/organise/suggestions")
    assert "Boats" in page
    assert "It looks at no new story before it has learned again." in page
    assert "New stories are looked through by themselves" not in page
    work = do(app, session, learn=False)
    assert work.state is WorkState.DONE, "looking through learns again by itself"
    assert session.scalars(sa.select(SuggestionModel.method)).one() == "words-3"
    assert "before it has learned again" not in ola.open_page("/organise/suggestions")
    assert flask("themes", "suggest", file, "--json").exit_code == 0


def test_a_command_says_in_one_line_what_is_missing(flask: Callable[..., Result], tmp_path: Path) -> None:
    file = tmp_path / "texts.txt"
    file.write_text("kelt\n")
    done = flask("themes", "suggest", file, "--json", code=1)
    assert done.stderr.strip() == "Error: Nothing was learned yet. Learn first: flask themes learn"
    assert "too little to learn from" in flask("themes", "learn", code=1).stderr
    assert flask("themes", "suggest", tmp_path / "none.txt", code=2).stdout == ""


def test_a_line_that_is_no_text_ends_it_with_its_number(
    flask: Callable[..., Result], learned: dict[str, Theme], tmp_path: Path
) -> None:
    file = tmp_path / "texts.txt"
    file.write_bytes(b"kelt\n\xff\xfe\n")
    assert "Line 2 is not UTF-8" in flask("themes", "suggest", file, code=1).stderr

"""Two people code a sample without seeing each other's work, and what they gave is then compared and settled."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from storyhub.models.decision import Act, Decision
from storyhub.models.export import Export, ExportedStory
from storyhub.models.people import Person
from storyhub.models.publication import Publication
from storyhub.models.rounds import CodingRound, RoundCoding, RoundReading, RoundStory
from storyhub.models.selection import Selection
from storyhub.models.story import Story, Told
from storyhub.models.theme import CodedBy, Coding, Theme
from storyhub.protection.identifiers import shown
from storyhub.themes import rounds
from tests.conftest import sign_in_as
from tests.makers import Maker
from tests.pages import Page, PagesClient

SignIn = Callable[[PagesClient, Person], PagesClient]


@dataclass
class Sample:
    """A sample of public stories, with its maker and two moderators who code it."""

    id: int
    ola: PagesClient
    mina: PagesClient
    ben: PagesClient
    people: dict[str, Person]
    stories: list[Story]

    @property
    def path(self) -> str:
        return f"/organise/rounds/{shown(self.id)}"

    def code(self, who: PagesClient, *themes: str, place: int | None = None, done: bool = True) -> Page:
        """Code the next story, or the one at a place, as somebody at its page does."""
        page = who.open_page(f"{self.path}/code" + (f"?at={place}" if place else ""))
        if themes:
            page = page.form("/codings").fill(themes=list(themes)).send("where=story")
        return page.form("/done").send() if done else page


def browser(app: Flask, person: Person) -> PagesClient:
    client = app.test_client()
    assert isinstance(client, PagesClient)
    return sign_in_as(client, person)


@pytest.fixture
def sample(app: Flask, make: Maker, session: Session) -> Sample:
    people = {"ola": make.organiser("Ola"), "mina": make.moderator("Mina"), "ben": make.moderator("Ben")}
    for slug, name in (("home", "At home"), ("work", "At work")):
        make.theme(slug, name)
    stories = [make.story(f"Somebody followed me, and it was the {n}. time.", state="published") for n in range(4)]
    ola = browser(app, people["ola"])
    page = ola.open_page("/organise/rounds").form("/organise/rounds")
    coders = [shown(people[name].id) for name in ("mina", "ben")]
    page.fill(name="First look", size="4", seed="7", themes=["home", "work"], coders=coders).send()
    found = session.scalars(sa.select(CodingRound)).one()
    return Sample(found.id, ola, browser(app, people["mina"]), browser(app, people["ben"]), people, stories)


def version_at(session: Session, sample: Sample, place: int) -> int:
    return session.scalars(sa.select(RoundStory.version_id).filter_by(round_id=sample.id, place=place)).one()


def letters(sample: Sample) -> dict[str, str]:
    """The letter of each coder: by their ids, which are chance."""
    both = sorted(("mina", "ben"), key=lambda name: sample.people[name].id)
    return {both[0]: "A", both[1]: "B"}


def test_a_sample_is_drawn_and_the_same_number_draws_it_again(sample: Sample, make: Maker, session: Session) -> None:
    found = session.scalars(sa.select(CodingRound)).one()
    assert (found.seed, found.name, found.closed) == (7, "First look", False)
    drawn = list(session.scalars(sa.select(RoundStory.version_id).order_by(RoundStory.place)))
    assert sorted(drawn) == sorted(story.newest.id for story in sample.stories)
    everything = Selection()
    assert rounds.draw_sample(session, everything, 4, 7) == drawn
    assert rounds.draw_sample(session, everything, 2, 7) == drawn[:2]
    assert any(rounds.draw_sample(session, everything, 4, seed) != drawn for seed in range(8, 12))
    make.story(state="published", country="KE", themes=["home"])
    assert len(rounds.draw_sample(session, Selection(country="KE", themes=("home",)), 9, 7)) == 1


NO_SAMPLES: list[tuple[dict[str, object], str]] = [
    ({"name": " "}, "needs a name"),
    ({"size": "0"}, "from 1 to 500"),
    ({"size": "many"}, "whole number"),
    ({"seed": "9" * 11}, "from 1 to"),
    ({"themes": []}, "Choose the themes"),
    ({"coders": ["one"]}, "two people or more"),
    ({"country": "KE"}, "No public story is like this"),
]


def test_a_sample_that_could_not_be_compared_is_not_drawn(app: Flask, make: Maker, session: Session) -> None:
    ola = browser(app, make.organiser())
    one, other = make.moderator(), make.organiser()
    make.theme("home")
    make.story(state="published")
    gone = make.story(state="published", country="KE")
    form = ola.open_page("/organise/rounds").form("/organise/rounds")
    gone.withdraw()
    session.commit()
    both = [shown(one.id), shown(other.id)]
    for fields, said in NO_SAMPLES:
        filled = {"name": "A look", "themes": ["home"], "coders": both, **fields}
        if filled["coders"] == ["one"]:
            filled["coders"] = both[:1]
        page = form.forge(**filled).send(status=422)
        text = page.text.replace("2,147,483,647", "…")
        assert said in text or (filled.get("country") and "Not a valid choice" in page), fields
        assert session.scalar(sa.select(sa.func.count()).select_from(CodingRound)) == 0


def test_coders_see_the_words_and_the_codebook_and_nothing_that_was_given(
    sample: Sample, make: Maker, session: Session
) -> None:
    theme = session.scalars(sa.select(Theme).filter_by(slug="home")).one()
    theme.definitions, theme.use_not = {"en": "Where somebody lives."}, {"en": "Not in a hotel."}
    for story in sample.stories:
        story.set_themes([make.theme("old", "An older theme")], CodedBy.ORGANISER)
    session.commit()
    sample.code(sample.mina, "home")
    page = sample.ben.open_page(f"{sample.path}/code?at=1")
    assert "Where somebody lives" in page and "Not in a hotel" in page and "Somebody followed me" in page
    assert "No theme yet" in page and "An older theme" not in page
    assert page.html.css(".given li") == []


def test_a_coder_can_not_reach_the_others_work_by_trying_addresses(sample: Sample, session: Session) -> None:
    sample.code(sample.mina, "home", done=False)
    theirs = session.scalars(sa.select(RoundCoding.id)).one()
    page = sample.ben.open_page(f"{sample.path}/code?at=1")
    page.form("/codings").fill(themes=["work"]).send("where=story").form("/removal").forge(coding=shown(theirs)).send(
        status=404
    )
    assert session.scalar(sa.select(sa.func.count()).select_from(RoundCoding)) == 2
    for path in ("", "/agreement"):
        sample.ben.open_page(sample.path + path, status=403)
    for path in ("/agreement",):
        sample.ola.open_page(sample.path + path, status=404)
    progress = sample.ola.open_page(sample.path)
    assert "0 of 4" in progress and progress.html.css(".given li, .side-by-side") == []
    for action in ("/export", "/settlement", "/settlement/undo"):
        assert progress.client.send_form(sample.path + action, []).status_code in (400, 404)
    assert "0 of 4 done" in sample.ben.open_page("/organise/rounds")


def test_an_organiser_who_codes_sees_only_how_far_the_other_is(app: Flask, make: Maker, session: Session) -> None:
    ola, other = make.organiser("Ola"), make.organiser("Oda")
    make.theme("home")
    make.story(state="published")
    one, two = browser(app, ola), browser(app, other)
    form = one.open_page("/organise/rounds").form("/organise/rounds")
    form.fill(name="Ours", themes=["home"], coders=[shown(ola.id), shown(other.id)]).send()
    found = session.scalars(sa.select(CodingRound)).one()
    path = f"/organise/rounds/{shown(found.id)}"
    page = one.open_page(f"{path}/code").form("/codings").fill(themes=["home"]).send("where=story")
    page.form("/done").send()
    assert "1 of 1" in two.open_page(path)
    two.open_page(f"{path}/agreement", status=404)
    assert "No theme yet" in two.open_page(f"{path}/code")


def test_somebody_else_does_not_code_it(sample: Sample, app: Flask, make: Maker) -> None:
    eve = browser(app, make.moderator("Eve"))
    eve.open_page(f"{sample.path}/code", status=404)
    assert "There is no sample yet" in eve.open_page("/organise/rounds")
    token = eve.open_page("/account/me").value_of("csrf_token")
    version = shown(sample.stories[0].newest.id)
    for action in ("codings", "removal", "done", "undo"):
        fields = [("csrf_token", token), ("version", version), ("themes", "home"), ("coding", version)]
        assert eve.send_form(f"{sample.path}/{action}", fields).status_code == 404
    sample.ola.open_page(f"{sample.path}/code", status=404)


def test_two_code_at_once_and_the_last_story_closes_it(sample: Sample, session: Session) -> None:
    for _ in range(4):
        mine, theirs = (who.open_page(f"{sample.path}/code") for who in (sample.mina, sample.ben))
        mine = mine.form("/codings").fill(themes=["home"]).send("where=story")
        theirs = theirs.form("/codings").fill(themes=["home", "work"]).send("where=story")
        mine.form("/done").send()
        theirs.form("/done").send()
    assert session.scalars(sa.select(CodingRound.closed)).one()
    assert session.scalar(sa.select(sa.func.count()).select_from(RoundReading)) == 8
    assert "This sample is closed" in sample.ben.open_page(f"{sample.path}/code")
    form = theirs.form("/codings")
    form.send("where=story", status=409)


def test_a_coder_goes_back_and_thinks_again(sample: Sample, session: Session) -> None:
    page = sample.code(sample.mina, "home")
    assert "1 of 4 done" in page and page.html.css("#story")
    page = page.form("/undo").send()
    assert "0 of 4 done" in page and "Story 1 of the sample" in page
    page = page.form("/removal").send()
    assert "No theme yet" in page
    page = page.form("/done").send()
    assert "1 of 4 done" in page and "Story 2 of the sample" in page
    assert "you are done with it" in page.follow("Back")
    assert session.scalar(sa.select(sa.func.count()).select_from(RoundCoding)) == 0


def test_passages_are_marked_in_a_sample_as_well(sample: Sample, session: Session) -> None:
    page = sample.mina.open_page(f"{sample.path}/code")
    page = page.form("/codings").fill(themes=["home"], words="followed me").send("where=passage")
    coding = session.scalars(sa.select(RoundCoding)).one()
    assert (coding.start, coding.end) == (9, 20)
    assert page.html.css_first("mark.coded").text() == "followed me"
    page.form("/codings").fill(themes=["home"], words="nobody").send("where=passage", status=422)


def compared(sample: Sample) -> Page:
    """Mina gives home to all four; Ben to three, and work to the second one as well; no theme to the fourth."""
    for place in range(1, 5):
        sample.code(sample.mina, "home")
        sample.code(sample.ben, *{2: ["home", "work"], 4: []}.get(place, ["home"]))
    return sample.ola.open_page(f"{sample.path}/agreement")


def test_the_agreement_is_told_in_figures_a_picture_and_words(sample: Sample) -> None:
    page = compared(sample)
    assert "2 people coded 4 stories that they share" in page and "To 2 stories all gave exactly the same" in page
    rows = [[cell.text().strip() for cell in row.css("th, td")] for row in page.html.css("table.agreement tbody tr")]
    home, work = rows
    assert (home[0], home[2:5]) == ("At home", ["0.00", "0.00", "75%"])
    assert (work[0], work[2:5]) == ("At work", ["0.00", "0.00", "75%"])
    assert "Too weak to build on" in home[-1]
    assert len(page.html.css("svg.agree")) == 3
    # Of 16 values 8 are yes, and 2 of 8 decisions differ: 1 - (2·2/16) / (2·8·8/(16·15)).
    assert page.html.css_first("table.agreement tfoot td.number").text().strip() == "0.53"
    for name in ("Mina", "Ben"):
        assert name not in page


def test_differences_are_settled_as_the_organisers_own_and_undone(sample: Sample, session: Session) -> None:
    page = compared(sample)
    assert [node.text().strip() for node in page.html.css(".difference h3")] == ["Story 2", "Story 4"]
    second, fourth = version_at(session, sample, 2), version_at(session, sample, 4)
    page = page.form("/settlement").send(f"take={letters(sample)['ben']}")
    assert given(session) == {(second, "home"), (second, "work")}
    assert "settled" in page
    page = page.form("/settlement/undo").send()
    assert given(session) == set()
    settle = [form for form in page.forms if form.fields.get("version") == shown(fourth)]
    settle[0].send("take=none")
    assert given(session) == set()
    page = sample.ola.open_page(f"{sample.path}/agreement")
    assert len(page.html.css(".difference h3 .lane")) == 1
    page.form("/settlement").send("take=all")
    assert given(session) == {(second, "home"), (second, "work")}
    agreed = [form for form in page.forms if form.fields.get("take") == "agreed"]
    assert "2 themes were given" in agreed[0].send()
    assert len(given(session)) == 4


def given(session: Session) -> set[tuple[int, str]]:
    session.expire_all()
    rows = session.execute(sa.select(Coding, Theme.slug).join(Theme, Theme.id == Coding.theme_id))
    assert all(coding.coded_by is CodedBy.ORGANISER for coding, _slug in rows)
    rows = session.execute(sa.select(Coding, Theme.slug).join(Theme, Theme.id == Coding.theme_id))
    return {(coding.version_id, slug) for coding, slug in rows}


def test_an_undo_takes_off_only_what_the_settlement_gave(sample: Sample, session: Session) -> None:
    page = compared(sample)
    second = version_at(session, sample, 2)
    theme = session.scalars(sa.select(Theme.id).filter_by(slug="home")).one()
    session.add(Coding(version_id=second, theme_id=theme, coded_by=CodedBy.ORGANISER))
    session.commit()
    page = page.form("/settlement").send("take=all")
    assert given(session) == {(second, "home"), (second, "work")}
    page.form("/settlement/undo").send()
    assert given(session) == {(second, "home")}


def test_words_that_are_taken_back_vanish_and_the_comparison_goes_on(sample: Sample, session: Session) -> None:
    first = sample.code(sample.mina, "home", done=False)
    gone = next(story for story in sample.stories if story.newest.id == version_at(session, sample, 1))
    gone.withdraw()
    session.commit()
    page = first.form("/codings").fill(themes=["work"]).send("where=story")
    assert "have changed or are gone" in page and "Story 2 of the sample" in page
    sample.mina.open_page(f"{sample.path}/code?at=1")
    assert session.scalar(sa.select(sa.func.count()).select_from(RoundCoding)) == 0
    for _ in range(3):
        sample.code(sample.mina, "home")
        sample.code(sample.ben, "home")
    page = sample.ola.open_page(f"{sample.path}/agreement")
    assert "2 people coded 3 stories that they share" in page
    assert "always said the same" in page


def test_words_that_were_hidden_meanwhile_are_not_shown_to_coders(
    sample: Sample, make: Maker, session: Session
) -> None:
    sample.code(sample.mina, "home")
    story = next(story for story in sample.stories if story.newest.id == version_at(session, sample, 2))
    story.edit(Told(text="Ben Miller followed me, and it was late."))
    story.redact([(0, 10)], by=make.anybody(), mark="[name]")
    make.publish(story)
    page = sample.mina.open_page(f"{sample.path}/code")
    assert "Story 3 of the sample" in page and "1 of 3 done" in page
    assert "You are done with all of it" in sample.mina.open_page(f"{sample.path}/code?at=2")


def test_a_story_that_changed_after_it_was_coded_is_compared_and_not_settled(
    sample: Sample, make: Maker, session: Session
) -> None:
    page = compared(sample)
    story = next(story for story in sample.stories if story.newest.id == version_at(session, sample, 2))
    story.edit(Told(text="I tell it in other words now, which are mine."))
    make.publish(story)
    page = page.form("/settlement").send("take=all")
    assert "have changed or are gone" in page
    assert given(session) == set()
    assert "Its words have changed or are gone" in page and "other words now" not in page


def test_who_has_left_leaves_nothing_to_compare(sample: Sample, session: Session) -> None:
    compared(sample)
    session.delete(session.get(Person, sample.people["ben"].id))
    session.commit()
    assert "there is nothing to compare" in sample.ola.open_page(f"{sample.path}/agreement")


def test_the_codings_leave_as_a_file_without_words_and_on_the_record(sample: Sample, session: Session) -> None:
    page = compared(sample)
    response = page.client.send_form(f"{sample.path}/export", [("csrf_token", page.value_of("csrf_token"))])
    assert response.status_code == 200, "the password was given a moment ago"
    rows = list(csv.DictReader(io.StringIO(response.get_data(as_text=True).removeprefix("\ufeff"))))
    assert len(rows) == 8 and set(rows[0]) == {"id", "coder", "themes"}
    assert {row["coder"] for row in rows} == {"A", "B"}
    assert sorted(row["themes"] for row in rows) == ["", *["home"] * 6, "home;work"]
    assert {row["id"] for row in rows} == {shown(story.id) for story in sample.stories}
    assert "followed" not in response.get_data(as_text=True)
    export = session.scalars(sa.select(Export)).one()
    assert (export.what, export.count, export.format) == ("round", 4, "csv")
    assert session.scalar(sa.select(sa.func.count()).select_from(ExportedStory)) == 4
    assert session.scalars(sa.select(Decision.facts).filter_by(act=Act.EXPORT)).one()["sha256"] == export.sha256
    fields = [("csrf_token", page.value_of("csrf_token")), ("coder", "A")]
    one = page.client.send_form(f"{sample.path}/export", fields)
    assert one.get_data(as_text=True).count("\n") == 5


def test_a_sample_is_closed_early_and_only_what_is_done_is_compared(sample: Sample) -> None:
    sample.code(sample.mina, "home")
    sample.code(sample.mina, "work")
    sample.code(sample.ben, "home")
    page = sample.ola.open_page(sample.path)
    assert "Not everybody is done" in page
    page = page.form("/close").send()
    assert "2 people coded 1 story that they share" in page and "1 more was coded by one person alone" in page


def test_pages_of_samples_are_there_in_arabic(sample: Sample) -> None:
    compared(sample)
    sample.ola.prefix = "/ar"
    for path in ("/organise/rounds", sample.path, f"{sample.path}/agreement"):
        sample.ola.open_page(path)


def test_nothing_of_a_sample_is_public(sample: Sample, client: PagesClient, session: Session) -> None:
    compared(sample)
    assert session.scalar(sa.select(sa.func.count()).select_from(Publication)) == 4
    assert "At home" not in client.open_page(f"/stories/{shown(sample.stories[0].id)}")

"""Everything that is held about a story: a walk over the tables that no new column can escape."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from storyhub import clock
from storyhub.exports.decisions import TOLD
from storyhub.extensions import Base
from storyhub.models.concern import About, raise_concern
from storyhub.models.decision import Act, Reason, append_decision
from storyhub.models.export import Export, ExportedStory
from storyhub.models.question import Otherwise, ask, propose_redaction
from storyhub.models.story import Story
from storyhub.protection import receipts
from storyhub.telling.holding import FACTS, NOT_ABOUT_A_STORY, NOT_TOLD, OF_NO_STORY, TABLES, everything_held
from tests.pages import words_of

WORDS = "A quiet word about the harbour <at night>, by Anna."
TIES = {"story_id", "version_id", "source_version_id", "concern_id", "position"}


def tables_about_stories() -> set[str]:
    """Every table that hangs on a story: by a key that leads there, however far, or by the name of a column."""
    found = {"stories"}
    while True:
        more = {
            table.name
            for table in Base.metadata.tables.values()
            if TIES & set(table.columns.keys())
            or any(key.column.table.name in found for key in table.foreign_keys)
            or (table.name == "decision_words")
        }
        if more <= found:
            return found
        found |= more


def test_every_table_about_stories_is_shown_or_said_not_to_be():
    shown = {table.noun.__tablename__ for table in TABLES}
    assert tables_about_stories() == shown | set(NOT_ABOUT_A_STORY)
    assert all(len(reason.split()) > 3 for reason in NOT_ABOUT_A_STORY.values())


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.noun.__tablename__)
def test_every_column_is_shown_or_kept_back_for_a_reason(table):
    columns = {column.name for column in table.noun.__table__.columns}
    assert set(table.shown) | set(table.kept_back) == columns, "say how it is shown, or why it is not"
    assert not set(table.shown) & set(table.kept_back)
    assert all(len(reason.split()) > 3 for reason in table.kept_back.values())


def test_a_column_that_nobody_thought_of_is_shown_under_its_own_name(app, make, session, monkeypatch):
    story = make.story(WORDS)
    table = next(table for table in TABLES if table.noun is Story)
    monkeypatch.delitem(table.shown, "wish")
    with app.test_request_context():
        rows = next(part.rows for part in everything_held(session, story) if part.name == "stories")
    assert ("wish", "publish") in rows[0].facts


@pytest.fixture
def told_of(make, session, receipt):
    """A story to which everything happened that can happen to one."""
    by = make.moderator()
    story = make.story(
        WORDS, receipt=receipt, title="At the sea", name="Asha", place="Pune", country="IN", happened="2019-05",
        setting="work", themes=["harbours"], consent=["quote"], show=("name",), notes=["threats"], wish="week",
        campaign=make.campaign("night-buses", "Night buses"),
    )  # fmt: skip
    ask(story, "In spring?", by=by, answer_by=clock.today() + dt.timedelta(days=14), session=session)
    story.open_question.reply("It was spring.")
    story.redact([(46, 50)], by=by, mark="[a name]", note="Her name is rare.")
    propose_redaction(
        story, "May we?", by=by, answer_by=clock.today(), otherwise=Otherwise.PUBLISH, session=session
    )  # fmt: skip
    story.open_question.refuse("No, please.")
    make.decline(story, Reason.NAMES_A_PERSON, "We read it.", by=by)
    return story


def held(page):
    """What stands on the page, by table."""
    parts = page.html.css("section.held")
    return {part.attributes["id"].removeprefix("held-"): words_of(part) for part in parts}


def test_all_that_is_held_is_on_one_page(come_back, told_of, make, session):
    parts = held(come_back(to="/receipt/words"))
    facts = ("At the sea", "Asha", "Pune", "India", "2019-05", "at work", "English", "the name", "threats", "Erased on")
    for words in ("harbour <at night>", "[a name]", "with words hidden", *facts):
        assert words in parts["story_versions"], words
    for words in ("not published", "Publish it in a week", "Night buses", told_of.receipt_digest, "Day it was decided"):
        assert words in parts["stories"], words
    assert "Harbours" in parts["codings"] and "a moderator" in parts["codings"]
    assert "Usual" in parts["queue_items"]
    assert "It was spring." in parts["questions"] and "No, please." in parts["questions"]
    assert "It would show who somebody is" in parts["decisions"] and "By a moderator" in parts["decisions"]
    for words in ("In spring?", "May we?", "We read it.", "Her name is rare."):
        assert words in parts["decision_words"], words
    page = come_back(to="/receipt/appeal").form("/receipt/appeal").fill(words="Look again.").send("step=send")
    assert "Look again." in held(page.form("/receipt/words").send())["appeals"]


def test_no_moderator_is_named(come_back, told_of, session, make):
    page = come_back(to="/receipt/words")
    for person in session.scalars(sa.text("SELECT username FROM people")):
        assert person not in page.text


def test_a_published_story_and_the_files_that_held_it(come_back, make, session, receipt):
    story = make.publish(make.story(WORDS, receipt=receipt, themes=["harbours"], notes=["threats"], country="KE"))
    export = Export(
        day=dt.date(2026, 2, 3), by_id=None, format="csv", filters={}, consent="research", count=1, sha256="0" * 64
    )
    session.add(export)
    session.flush()
    session.add(ExportedStory(export_id=export.id, story_id=story.id))
    session.commit()
    parts = held(come_back(to="/receipt/words"))
    assert "February 3, 2026, csv, Use it for research" in parts["exported_stories"]
    assert "Kenya" in parts["publications"] and "Harbours" in parts["published_themes"]
    assert "threats" in parts["published_notes"] and "search_texts" in parts
    page = come_back(to="/receipt/withdrawal")
    assert "It was in 1 file" in page and "February 3, 2026" in page
    page = page.form("/receipt/withdrawal").send("step=sure")
    assert "1 file that was taken out before held it" in page
    parts = held(page.form("/receipt/words").send())
    assert "withdrawals" in parts and "harbour" not in " ".join(parts.values()).replace("Harbours", "")


def test_a_decision_that_waits_is_not_told_here_either(come_back, make, session, receipt):
    story = make.story(WORDS, receipt=receipt)
    story.decline(by=make.moderator(), window=10**7, reason=Reason.ABUSE, letter="A letter.", note="A note.")
    session.commit()
    page = come_back(to="/receipt/words")
    for secret in ("A letter.", "A note.", "hurt others", "not published"):
        assert secret not in page
    assert "decisions" not in held(page)
    make.release()
    story.outcome_window = clock.window(0)
    make.release()
    assert "A letter." in come_back(to="/receipt/words")


def test_what_somebody_else_said_who_wants_the_story_is_not_shown(come_back, make, session, receipt):
    story = make.publish(make.story(WORDS, receipt=receipt))
    concern = raise_concern(
        session, story, About.MY_STORY, "I wrote it on my aunt's phone.", receipt_digest=receipts.mint()
    )  # fmt: skip
    concern.refuse(by=make.moderator(), letter="We are not sure, aunt.", originals_days=30, session=session)
    session.commit()
    page = come_back(to="/receipt/words")
    assert "it was not shown to be so" in held(page)["concerns"]
    assert "aunt" not in page, "perhaps they are right, and this receipt was stolen from them"


def test_whoever_writes_a_note_is_told_that_the_contributor_can_read_it(client, make, sign_in):
    make.story(WORDS)
    desk = sign_in(client, make.moderator())
    assert "Whoever told the story can read it with the receipt" in desk.open_page("/desk/").form("/desk/next").send()


def test_a_demand_is_told_and_what_was_noted_about_who_made_it_is_not(come_back, make, session, receipt):
    story = make.story(WORDS, receipt=receipt)
    append_decision(
        session, Act.DEMAND, by=make.steward().id, story_id=story.id, note="By Mr Smith of the company.",
        facts={"from": "company", "asked": "remove", "done": "refused"},
    )  # fmt: skip
    session.commit()
    page = come_back(to="/receipt/words")
    assert "a demand by others answered" in held(page)["decisions"] and "demanded by: a company" in page
    assert "Smith" not in page


def test_every_fact_of_a_decision_has_a_name_for_its_teller_or_is_left_out() -> None:
    unsaid = TOLD - set(FACTS) - NOT_TOLD - OF_NO_STORY
    assert not unsaid, f"put them into FACTS, NOT_TOLD or OF_NO_STORY in storyhub/telling/holding.py: {unsaid}"
    assert not set(FACTS) & (NOT_TOLD | OF_NO_STORY)


def test_that_it_was_decided_with_others_is_told_without_a_number(come_back, told_of, make, session):
    append_decision(session, Act.HOLD, by=make.anybody().id, story_id=told_of.id, facts={"cluster": "0abcdefghjkmn"})
    session.commit()
    said = held(come_back(to="/receipt/words"))["decisions"]
    assert "together with others that say nearly the same, or were chosen with it: yes" in said
    assert "0abcdefghjkmn" not in said

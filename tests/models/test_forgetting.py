"""What is withdrawn or purged is gone: from every row, from the search index, from the bytes of the file."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.config import Settings
from storyhub.models import search
from storyhub.models.decision import DecisionWords, Reason, breaks
from storyhub.models.publication import Publication, PublishedNote, PublishedTheme
from storyhub.models.search import SearchText
from storyhub.models.site import the_site
from storyhub.models.story import State, Story, StoryVersion, Withdrawal, purge_due
from tests.conftest import HeldClock
from tests.makers import Maker

SECRET = "quokkaberry"


def bytes_at_rest(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def everything_in(session: Session) -> str:
    """Every value of every table, as text."""
    session.commit()
    found = []
    for name in sa.inspect(session.connection()).get_table_names():
        if not name.startswith("search_index"):
            found += [repr(tuple(row)) for row in session.execute(sa.text(f'SELECT * FROM "{name}"'))]
    return "\n".join(found)


@pytest.mark.parametrize("state", [state for state in State if state is not State.WITHDRAWN])
def test_a_withdrawn_story_leaves_no_word_in_any_table(make: Maker, session: Session, state: State) -> None:
    story = make.story(
        f"The {SECRET} happened.",
        title=SECRET,
        name=SECRET,
        place=SECRET,
        country="KE",
        happened="2020-03",
        state=state,
    )
    if state is State.WAITING:
        story.redact([(0, 3)], by=make.anybody(), mark="[…]")
    session.commit()
    story.withdraw()
    search.forget_for_good(session)
    assert SECRET not in everything_in(session)
    assert session.get(Withdrawal, story.id) is not None
    for table in (Publication, SearchText, PublishedTheme, PublishedNote):
        assert session.scalar(sa.select(sa.func.count()).select_from(table)) == 0


def test_a_withdrawn_story_leaves_no_word_in_the_file(make: Maker, session: Session, settings: Settings) -> None:
    """Not in the search index, which keeps words until it is merged; not in free pages; not in the log."""
    if not settings.on_sqlite:
        pytest.skip("PostgreSQL's own files are its own matter: VACUUM and its log are the host's")
    others = [make.story(f"Others tell of {number}.", state="published") for number in range(30)]
    story = make.story(f"The {SECRET} happened. " * 40, title=f"My {SECRET}", state="published")
    assert SECRET.encode() in bytes_at_rest(settings.instance)
    story.withdraw()
    search.forget_for_good(session)
    session.commit()
    with session.get_bind().connect() as connection:  # type: ignore[union-attr]
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    assert SECRET.encode() not in bytes_at_rest(settings.instance)
    assert len(others) == 30


def test_words_are_purged_on_their_day_and_not_before(make: Maker, session: Session, held_clock: HeldClock) -> None:
    story = make.story(f"The {SECRET} happened.", place=SECRET, state="declined")
    assert story.newest.purge_on == clock.today() + dt.timedelta(days=30)
    held_clock.forward(days=29)
    assert purge_due(session, clock.today()) == 0
    held_clock.forward(days=1)
    assert purge_due(session, clock.today()) == 1
    assert SECRET not in everything_in(session)
    assert story.state is State.DECLINED, "that it was told, and what became of it, stays counted"


def test_what_was_typed_goes_and_what_is_public_stays(make: Maker, session: Session, held_clock: HeldClock) -> None:
    story = make.story("Ben Miller shouted at me on the bus.")
    story.redact([(0, 10)], by=make.anybody(), mark="[…]")
    make.publish(story)
    held_clock.forward(days=31)
    assert purge_due(session, clock.today()) == 1
    session.commit()
    assert [version.text for version in story.versions] == [None, "[…] shouted at me on the bus."]
    assert story.public and story.public.version.text == "[…] shouted at me on the bus."
    assert "Miller" not in everything_in(session)


def test_undoing_a_decision_pauses_the_purge(make: Maker, session: Session, held_clock: HeldClock) -> None:
    story = make.story(state="declined")
    held_clock.forward(days=10)
    story.undo(by=make.anybody())
    held_clock.forward(days=100)
    assert purge_due(session, clock.today()) == 0
    assert story.newest.text


def test_a_story_without_words_can_not_come_back(make: Maker, session: Session, held_clock: HeldClock) -> None:
    """Reversing a decline after the purge would publish an empty page."""
    from storyhub.models.story import NotPossible

    story = make.story(state="declined")
    held_clock.forward(days=30)
    purge_due(session, clock.today())
    session.commit()
    with pytest.raises(NotPossible):
        story.undo(by=make.anybody())


def test_many_versions_are_purged_in_steps(make: Maker, session: Session, held_clock: HeldClock) -> None:
    for _ in range(5):
        make.story(state="declined")
    held_clock.forward(days=30)
    assert [purge_due(session, clock.today(), most=2) for _ in range(4)] == [2, 2, 1, 0]
    assert session.scalar(sa.select(sa.func.count(StoryVersion.text))) == 0


def test_leaving_the_public_changes_the_edition(make: Maker, session: Session) -> None:
    """It is in every ETag: else a cache would go on showing the words."""
    for leave in (lambda story: story.withdraw(), lambda story: story.undo(by=make.anybody())):
        story: Story = make.story(state="published")
        before = the_site(session).edition
        leave(story)
        session.commit()
        assert the_site(session).edition > before


def test_taking_a_story_back_erases_what_was_noted_and_written_about_it_and_the_record_still_holds(session, make):
    story = make.story("At the harbour it began.")
    decided = {"reason": Reason.OTHER, "letter": "About the harbour.", "note": "The harbour again."}
    story.decline(by=make.moderator(), window=0, **decided)
    make.release()
    story.withdraw()
    session.commit()
    assert session.execute(sa.select(DecisionWords.note, DecisionWords.letter)).all() == [(None, None)]
    assert list(breaks(session)) == []


def test_a_story_that_came_from_a_file_can_be_taken_down_again_and_waits_for_the_first_time(session, make):
    story = make.publish(make.story("It came from a file."))
    for item in list(story.items):
        session.delete(item)
    session.commit()
    story.undo(by=make.moderator())
    session.commit()
    assert story.state is State.WAITING
    assert story.open_item is not None


def test_notes_go_with_the_words_that_they_may_name_and_letters_with_the_last_of_them(session, make, held_clock):
    """A note about a hidden name holds the name; the story itself stays public."""
    story = make.story("Ben Miller shouted at me.")
    story.redact([(0, 10)], by=make.anybody(), mark="[…]", note="That was Ben Miller of the council.")
    make.publish(story)
    declined = make.decline(make.story("At the harbour it began."), letter="About the harbour.")
    other = make.story("Not due.")
    other.decline(by=make.anybody(), window=10**7, reason=Reason.OTHER, letter="Kept.", note="Kept.")
    session.commit()
    held_clock.forward(days=31)
    assert purge_due(session, clock.today()) == 2
    session.commit()
    said = session.execute(sa.select(DecisionWords.note, DecisionWords.letter).order_by(DecisionWords.number)).all()
    assert said == [(None, None), (None, None), ("Kept.", "Kept.")]
    assert "Miller" not in everything_in(session) and "harbour" not in everything_in(session)
    assert list(breaks(session)) == []
    assert declined.state is State.DECLINED


def test_a_letter_stays_while_words_of_its_story_do(session, make, held_clock):
    story = make.story("First words.")
    make.publish(story)
    story.set_aside(by=make.anybody(), reason=Reason.OTHER, note="A note.")
    session.commit()
    decision = session.scalars(sa.select(DecisionWords)).one()
    decision.letter = "A letter."
    story.versions[0].purge_on = clock.today()
    story.versions.append(story.versions[0].copied("redacted", number=2))
    session.commit()
    assert purge_due(session, clock.today()) == 1
    session.commit()
    assert session.execute(sa.select(DecisionWords.note, DecisionWords.letter)).all() == [(None, "A letter.")]

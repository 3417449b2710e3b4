"""What is decided about a story, what the contributor and the public get of it, and how it is taken back."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.models.decision import Act, Decision, DecisionWords, Reason, breaks
from storyhub.models.publication import Publication
from storyhub.models.queue import Lane
from storyhub.models.story import State, Story
from storyhub.models.theme import CodedBy, Theme
from tests.makers import Maker
from tests.moderation.conftest import SignIn, let_time_pass, path_of
from tests.pages import Page, PagesClient


def acts(session: Session) -> list[str]:
    return [str(act) for act in session.scalars(sa.select(Decision.act).order_by(Decision.number))]


def slugs(session: Session, story: Story) -> list[str]:
    session.expire_all()
    return [theme.slug for theme in story.themes()]


def send_to(page: Page, ending: str, **fields: object) -> Page:
    """The form for publishing, sent by the button that keeps only a part of it."""
    form = page.form("/publication").fill(dict(fields))
    form.action = form.action.replace("/publication", ending)
    return form.send()


def test_a_story_is_published_with_its_themes_and_what_it_speaks_of(
    mina: PagesClient, make: Maker, session: Session
) -> None:
    story = make.story("Words that everybody may read now.", themes=["buses"])
    make.theme("work")
    make.theme("school")
    form = mina.open_page(path_of(story)).form("/publication")
    assert form.values("themes") == ["buses"]
    page = form.fill(themes=["buses", "work"], content_notes=["threats"], note="Read it twice.").send()
    assert "Published. It can be read now." in page
    session.expire_all()
    public = session.scalars(sa.select(Publication)).one()
    assert public.version.text == "Words that everybody may read now."
    assert [theme.slug for theme in public.themes] == ["buses", "work"]
    assert [note.note for note in public.notes] == ["threats"]
    assert session.scalars(sa.select(DecisionWords.note)).all() == ["Read it twice."]
    assert not list(breaks(session))


def test_a_theme_that_its_teller_chose_can_be_taken_off_and_the_others_stay_theirs(
    mina: PagesClient, make: Maker, session: Session
) -> None:
    story = make.story()
    story.set_themes([make.theme("buses"), make.theme("work")], CodedBy.CONTRIBUTOR)
    session.commit()
    page = mina.open_page(path_of(story))
    assert "Themes they chose Buses, Work" in page
    page = send_to(page, "/themes", themes=["buses"])
    assert "The themes are kept" in page
    assert slugs(session, story) == ["buses"]
    assert page.has_form("/publication")


def test_a_script_that_only_says_publish_takes_no_theme_off(mina: PagesClient, make: Maker, session: Session) -> None:
    story = make.story(themes=["buses"], notes=["threats"])
    page = mina.open_page(path_of(story))
    page.form("/publication").without("themes", "content_notes", "offered", "version").send()
    public = session.scalars(sa.select(Publication)).one()
    assert [theme.slug for theme in public.themes] == ["buses"]
    assert [note.note for note in public.notes] == ["threats"]


def test_what_a_story_speaks_of_is_kept_while_it_waits(mina: PagesClient, make: Maker, session: Session) -> None:
    story = make.story()
    page = send_to(mina.open_page(path_of(story)), "/notes", content_notes=["child", "threats"])
    assert "This story speaks of: threats, harm to a child" in page or "harm to a child, threats" in page
    session.expire_all()
    assert set(story.newest.content_notes) == {"child", "threats"}


def test_a_retired_theme_can_not_be_chosen(mina: PagesClient, make: Maker, session: Session) -> None:
    story, theme = make.story(), make.theme("gone")
    make.theme("work")
    page = mina.open_page(path_of(story))
    theme.retired = True
    session.commit()
    answer = page.form("/publication").forge(themes=["gone", "work"], note="Mind the tram.").send(status=422)
    assert "can no longer be chosen" in answer
    assert answer.value_of("note") == "Mind the tram."
    assert "gone" not in answer.form("/publication").options("themes")
    assert acts(session) == []


def test_a_story_that_is_only_to_be_counted_is_counted(mina: PagesClient, make: Maker, session: Session) -> None:
    story = make.story(wish="count")
    page = mina.open_page(path_of(story))
    assert "Count it" in page
    assert "It is counted" in page.form("/publication").send()
    session.expire_all()
    assert story.state is State.COUNTED
    assert acts(session) == ["count"]


def test_a_story_that_is_to_wait_a_week_says_when_it_goes_out(mina: PagesClient, make: Maker, session: Session) -> None:
    story = make.story(wish="week")
    page = mina.open_page(path_of(story))
    assert "It goes out on " in page
    assert "It will be published on " in page.form("/publication").send()
    session.expire_all()
    assert (story.state, story.outcome) == (State.WAITING, State.PUBLISHED)


def test_a_decline_is_a_letter_with_a_reason(mina: PagesClient, make: Maker, session: Session) -> None:
    story = make.story("They were seen at Number 7, Mill Lane.")
    form = mina.open_page(path_of(story)).form("/decline")
    draft = form.value("letter")
    assert "Thank you for trusting us" in draft
    assert "Mill Lane" not in draft
    page = form.fill(reason="names-a-person").send()
    assert "It is not published" in page
    session.expire_all()
    assert story.state is State.DECLINED
    decision = session.scalars(sa.select(Decision)).one()
    assert decision.reason is Reason.NAMES_A_PERSON
    # The draft was left as it stood, so it speaks of the reason that was chosen.
    assert "could show who somebody is" in (decision.words.letter or "")  # type: ignore[union-attr]
    assert "doubt" not in (decision.words.letter or "").lower()  # type: ignore[union-attr]


def test_a_letter_that_a_moderator_wrote_goes_out_as_written(mina: PagesClient, make: Maker, session: Session) -> None:
    story = make.story()
    mina.open_page(path_of(story)).form("/decline").fill(reason="other", letter="Dear you,\n\nnot this time.").send()
    assert session.scalars(sa.select(DecisionWords.letter)).all() == ["Dear you,\n\nnot this time."]


def test_an_emptied_letter_is_never_sent_empty(mina: PagesClient, make: Maker, session: Session) -> None:
    story = make.story()
    mina.open_page(path_of(story)).form("/decline").fill(reason="duplicate", letter=" \n").send()
    assert "keep them once" in (session.scalars(sa.select(DecisionWords.letter)).one() or "")


def test_a_letter_is_drafted_in_the_language_of_the_story(mina: PagesClient, make: Maker) -> None:
    story = make.story("قصة حدثت لي في الطريق.", language="ar")
    page = mina.open_page(path_of(story))
    assert page.html.css_first("#decline-letter").attributes["lang"] == "ar"


@pytest.mark.parametrize("reason", ["", "because", "publish"])
def test_a_decline_without_a_known_reason_brings_everything_back(
    mina: PagesClient, make: Maker, session: Session, reason: str
) -> None:
    story = make.story()
    form = mina.open_page(path_of(story)).form("/decline")
    answer = form.fill(letter="A letter.", note="A note.").forge(reason=reason).send(status=422)
    assert "Choose one of the reasons" in answer
    assert answer.form("/decline").value("letter") == "A letter."
    assert answer.form("/decline").value("note") == "A note."
    assert acts(session) == []
    session.expire_all()
    assert story.outcome is None


def test_a_note_that_is_too_long_comes_back(mina: PagesClient, make: Maker, session: Session) -> None:
    story = make.story()
    answer = mina.open_page(path_of(story)).form("/publication").fill(note="o" * 2001).send(status=422)
    assert answer.form("/publication").value("note") == "o" * 2001
    assert acts(session) == []


def test_undo_stands_beside_what_was_just_decided(mina: PagesClient, make: Maker, session: Session) -> None:
    story = make.story()
    page = mina.open_page(path_of(story)).form("/publication").send()
    assert page.path == "/desk/"
    page = page.form("/undo").send()
    assert "Undone" in page
    assert page.path == path_of(story)
    assert page.has_form("/publication")
    session.expire_all()
    assert story.state is State.WAITING
    assert session.scalar(sa.select(sa.func.count()).select_from(Publication)) == 0
    assert acts(session) == ["publish", "undo"]


def test_undo_stands_there_only_for_a_moment(mina: PagesClient, make: Maker) -> None:
    mina.open_page(path_of(make.story())).form("/publication").send()
    assert not mina.open_page("/desk/").has_form("/undo")


def test_undo_twice_is_undone_once(mina: PagesClient, make: Maker, session: Session) -> None:
    story = make.story()
    page = mina.open_page(path_of(story)).form("/publication").send()
    page.form("/undo").send()
    page.form("/undo").send()
    assert acts(session) == ["publish", "undo"]


def test_a_published_story_is_set_aside_at_once_and_can_come_back(
    mina: PagesClient, make: Maker, session: Session
) -> None:
    story = make.story(state="published")
    page = mina.open_page(path_of(story))
    assert "Choose one of the reasons" in page.form("/setting-aside").send(status=422)
    page = page.form("/setting-aside").fill(reason="names-a-person", note="Somebody wrote to us.").send()
    session.expire_all()
    assert story.state is State.SET_ASIDE
    assert session.scalar(sa.select(sa.func.count()).select_from(Publication)) == 0
    page.form("/undo").send().form("/publication").send()
    session.expire_all()
    assert story.state is State.PUBLISHED
    assert acts(session) == ["publish", "set-aside", "undo", "publish"]


def test_a_note_is_kept_as_all_words_are(mina: PagesClient, make: Maker, session: Session) -> None:
    path = path_of(make.story())
    mina.open_page(path).form("/hold").forge(note="wait\0 for\r\nAmal").send()
    mina.open_page(path).form("/publication").send()
    mina.open_page(path).form("/undo").forge(note="\0").send()
    assert session.scalars(sa.select(DecisionWords.note)).all() == ["wait for\nAmal"]


def test_holding_passing_on_and_putting_back_are_recorded(mina: PagesClient, make: Maker, session: Session) -> None:
    story = make.story()
    for form, lane in (("/hold", Lane.HELD), ("/hold", Lane.USUAL), ("/escalation", Lane.URGENT)):
        mina.open_page(path_of(story)).form(form).send()
        session.expire_all()
        assert story.items[0].lane is lane
        assert story.items[0].claimed_by_id is None
    assert acts(session) == ["hold", "hold", "escalate"]


def test_pressing_publish_twice_publishes_once_and_goes_on_kindly(
    mina: PagesClient, make: Maker, session: Session
) -> None:
    story, other = make.story(), make.story()
    form = mina.open_page(path_of(story)).form("/publication")
    first, second = form.send(), form.send()
    assert first.path == second.path == path_of(other)
    assert acts(session) == ["publish"]


def test_who_comes_second_sees_what_happened_and_keeps_the_note(
    mina: PagesClient, noor: PagesClient, make: Maker, session: Session
) -> None:
    story = make.story()
    late = mina.open_page(path_of(story))
    let_time_pass(session, story)
    noor.open_page(path_of(story)).form("/decline").fill(reason="duplicate").send()
    answer = late.form("/publication").fill(note="I rang the school.").send(status=409)
    assert "Decided by Noor" in answer
    assert "It has been told here before" in answer
    assert answer.html.css_first("#carried-1").text().strip() == "I rang the school."
    assert acts(session) == ["decline"]


def test_a_story_in_other_hands_can_not_be_decided(
    mina: PagesClient, noor: PagesClient, make: Maker, session: Session
) -> None:
    story = make.story()
    late = mina.open_page(path_of(story))
    let_time_pass(session, story)
    noor.open_page(path_of(story))
    for form in ("/publication", "/decline", "/redaction", "/hold", "/escalation"):
        assert "Noor has this story in hand" in late.form(form).send(status=409)
    assert acts(session) == []


def test_a_claim_that_ran_out_is_taken_up_again_with_all_that_was_written(
    mina: PagesClient, make: Maker, session: Session
) -> None:
    story = make.story()
    form = mina.open_page(path_of(story)).form("/decline").fill(reason="other", letter="A letter.", note="A note.")
    let_time_pass(session, story)
    answer = form.send(status=409)
    assert "no longer in your hand" in answer
    assert acts(session) == []
    again = answer.form("/decline")
    assert (again.value("letter"), again.value("note"), again.value("reason")) == ("A letter.", "A note.", "other")
    again.send()
    assert acts(session) == ["decline"]


def test_a_decision_about_words_that_changed_meanwhile_is_not_taken(
    mina: PagesClient, make: Maker, session: Session
) -> None:
    story = make.story("Kwame said it to me.")
    stale = mina.open_page(path_of(story)).form("/publication")
    mina.open_page(path_of(story)).form("/redaction").fill(words="Kwame").send()
    assert "its words had changed" in stale.send(status=409)
    assert acts(session) == ["redact"]


def test_a_story_that_was_taken_back_can_not_be_decided(mina: PagesClient, make: Maker, session: Session) -> None:
    story = make.story()
    form = mina.open_page(path_of(story)).form("/publication")
    session.refresh(story)
    story.withdraw()
    session.commit()
    assert "has taken it back" in form.send(status=409)
    page = mina.open_page(path_of(story))
    assert "The words are no longer kept" in page
    assert not page.has_form("/undo")


def test_two_who_decide_at_once_make_one_decision(
    mina: PagesClient, noor: PagesClient, make: Maker, session: Session
) -> None:
    """Both hold the form; the second one's claim was taken over in between."""
    story = make.story()
    first = mina.open_page(path_of(story)).form("/publication")
    let_time_pass(session, story)
    second = noor.open_page(path_of(story)).form("/publication")
    first.send(status=409)
    second.send()
    assert acts(session) == ["publish"]


def test_an_unknown_story_is_a_plain_page(mina: PagesClient) -> None:
    mina.open_page("/desk/items/0000000000001", status=404)
    mina.open_page("/desk/items/tomorrow", status=404)


def test_a_form_without_its_token_changes_nothing(mina: PagesClient, make: Maker, session: Session) -> None:
    story = make.story()
    form = mina.open_page(path_of(story)).form("/publication").without("csrf_token").fill(note="Keep me.")
    answer = form.send(status=400)
    assert "Keep me." in answer
    assert acts(session) == []


def test_the_record_of_a_story_says_who_did_what(mina: PagesClient, make: Maker) -> None:
    story = make.story()
    mina.open_page(path_of(story)).form("/decline").fill(reason="abuse", note="Aimed at a teller.").send()
    page = mina.open_page(path_of(story))
    assert "Mina" in page
    assert "It is meant to hurt others" in page
    assert "Aimed at a teller." in page
    lately = mina.open_page("/desk/decided")
    assert "It is meant to hurt others" in lately
    assert lately.follow("not published").path == path_of(story)


class TestWithReleaseWindows:
    """A site with windows of an hour: what is decided waits, and can be undone before anybody outside sees it."""

    @pytest.fixture
    def environment(self, environment: dict[str, str]) -> dict[str, str]:
        return environment | {"STORYHUB_RELEASE_MINUTES": "60"}

    def test_the_desk_says_when_a_story_goes_out(self, mina: PagesClient, make: Maker, session: Session) -> None:
        story = make.story()
        page = mina.open_page(path_of(story))
        assert "It goes out" in page
        page = page.form("/publication").send()
        assert "It will be published" in page
        session.expire_all()
        assert (story.state, story.outcome) == (State.WAITING, State.PUBLISHED)
        assert clock.moment(story.outcome_window or 0) - clock.now() <= dt.timedelta(hours=1)
        assert "will be" in mina.open_page(path_of(story))

    def test_what_waits_for_its_window_can_be_undone(self, mina: PagesClient, make: Maker, session: Session) -> None:
        story = make.story()
        mina.open_page(path_of(story)).form("/publication").send()
        page = mina.open_page(path_of(story)).form("/undo").send()
        assert page.has_form("/publication")
        session.expire_all()
        assert (story.state, story.outcome) == (State.WAITING, None)
        assert make.release() == 0


def test_the_desk_is_there_in_arabic(arabic: PagesClient, make: Maker, sign_in: SignIn, session: Session) -> None:
    sign_in(arabic, make.moderator("Nada"))
    story = make.story("قصة حدثت لي في الطريق.", language="ar")
    page = arabic.open_page("/desk/").form("/desk/next").send()
    assert page.path == "/ar" + path_of(story)
    page.form("/publication").send()
    assert acts(session) == [str(Act.PUBLISH)]
    assert session.scalar(sa.select(sa.func.count()).select_from(Theme)) == 0

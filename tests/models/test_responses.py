"""Whatever organisers do to responses, readers see what is public and what stood there before, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from storyhub.models import regrouping
from storyhub.models.codebook import CodebookChange
from storyhub.models.decision import Act, Decision, DecisionWords, breaks
from storyhub.models.figures import kept_of_edition
from storyhub.models.responded import Responded, beside_country, beside_theme, kept_themes, page_of, public_response
from storyhub.models.response import (
    Given,
    Kind,
    Response,
    ResponseTheme,
    ResponseVersion,
    Stage,
    Who,
    Wording,
    hold_response,
    write_response,
)
from storyhub.models.site import the_site
from tests.conftest import HeldClock
from tests.makers import Maker

DOES = ("write", "publish", "discard", "take_back", "bring_back", "hide", "show")


def words(text: str, **given: Any) -> Given:
    from storyhub import clock

    facts = {"institution": "Harbour Transport", "given_on": clock.today(), "country": "KE"} | given
    return Given(who=Who.INSTITUTION, kind=Kind.ANSWER, wording=Wording.THEIRS, text=text, **facts)


def do(response: Response, what: str, text: str) -> None:
    if what == "write":
        response.write(words(text))
    elif what == "discard":
        response.discard()
    elif what in ("hide", "show"):
        if not response.earlier:
            raise StaleDataError("there is none")
        version = response.earlier[0]
        response.hide(version, "A name.", by=None) if what == "hide" else response.show(version, by=None)
    elif what == "take_back":
        response.take_back("It was not theirs.", by=None)
    else:
        getattr(response, what)(by=None)


class Expected:
    """What readers should see, kept by hand."""

    def __init__(self) -> None:
        self.public: list[str] = []  # the newest last
        self.hidden: set[int] = set()
        self.draft: str | None = "0"
        self.away = self.gone = False

    def does(self, what: str, text: str) -> bool:
        """Whether it can be done now; and then it is."""
        if self.gone:
            return False
        earlier = len(self.public) - 2
        can = {
            "write": True,
            "publish": self.draft is not None and not self.away,
            "discard": self.draft is not None,
            "take_back": bool(self.public) and not self.away,
            "bring_back": self.away,
            "hide": earlier >= 0 and earlier not in self.hidden,
            "show": earlier >= 0 and earlier in self.hidden,
        }[what]
        if can:
            self._do(what, text, earlier)
        return can

    def _do(self, what: str, text: str, earlier: int) -> None:
        if what == "write":
            self.draft = text
        elif what == "publish":
            assert self.draft is not None
            self.public.append(self.draft)
            self.draft = None
        elif what == "discard":
            self.draft, self.gone = None, not self.public
        elif what == "hide":
            self.hidden.add(earlier)
        elif what == "show":
            self.hidden.discard(earlier)
        else:
            self.away = what == "take_back"

    def seen(self) -> list[str] | None:
        if not self.public:
            return None
        if self.away:
            return [""]
        shown = ["" if place in self.hidden else text for place, text in enumerate(self.public)]
        return shown[::-1]


def texts(found: tuple[Responded, list[Responded]] | None) -> list[str] | None:
    return None if found is None else [one.text for one in (found[0], *found[1])]


@settings(max_examples=25)
@given(st.lists(st.sampled_from(DOES), max_size=14))
def test_readers_see_what_is_public_and_what_was_and_never_what_is_written_taken_back_or_hidden(
    session: Session, acts: list[str]
) -> None:
    response, expected, recorded = write_response(session, words("0")), Expected(), 0
    response_id = response.id
    number = session.scalar(sa.select(sa.func.max(Decision.number))) or 0
    for place, what in enumerate(acts, 1):
        edition = the_site(session).edition
        can = expected.does(what, str(place))
        if not can:
            if not expected.gone:
                with pytest.raises(StaleDataError):
                    do(response, what, str(place))
            continue
        do(response, what, str(place))
        is_public_act = what not in ("write", "discard")
        recorded += is_public_act
        assert (the_site(session).edition > edition) == is_public_act, what
        session.expire_all()
        assert texts(public_response(session, response_id)) == expected.seen(), acts[:place]
        if expected.gone:
            break
        session.refresh(response)
    facts = session.scalars(sa.select(Decision.facts).where(Decision.number > number, Decision.act == Act.RESPOND))
    assert len(facts.all()) == recorded
    assert not list(breaks(session))
    session.commit()


def test_the_record_holds_a_fingerprint_of_what_was_public_and_no_word_of_it(session: Session, make: Maker) -> None:
    response = make.response("From May on, drivers will stop.", themes=["buses"])
    response.take_back("It was not theirs.", by=7)
    session.commit()
    published, taken = session.scalars(sa.select(Decision).filter_by(act=Act.RESPOND).order_by(Decision.number))
    assert published.facts["sha256"] == response.public.digest()
    assert "drivers" not in str(published.facts)
    assert (taken.facts["what"], taken.by_id) == ("taken-back", 7)
    assert session.get_one(DecisionWords, taken.number).note == "It was not theirs."
    before = response.public.digest()
    response.public.text += " "
    assert response.public.digest() != before


def test_whoever_has_not_seen_what_somebody_else_did_does_nothing(session: Session, make: Maker) -> None:
    response = make.response(public=False)
    seen = response.revision
    response.write(words("Other words."))
    session.commit()
    with pytest.raises(StaleDataError):
        hold_response(session, response.id, seen)
    with pytest.raises(StaleDataError):
        hold_response(session, response.id, None)
    assert hold_response(session, response.id, response.revision) is response
    assert hold_response(session, 1, 1) is None


def test_a_draft_that_was_never_public_leaves_nothing(session: Session, make: Maker) -> None:
    make.response(themes=["buses"], public=False).discard()
    session.commit()
    for noun in (Response, ResponseVersion, ResponseTheme, Decision):
        assert session.scalar(sa.select(sa.func.count()).select_from(noun)) == 0


# Themes that are merged


def merge(session: Session, make: Maker, slug: str, into: str) -> CodebookChange:
    change = regrouping.begin_merge(session, make.theme(slug), make.theme(into), by=None)
    for _step in regrouping.carry_on(session, change, minutes=0):
        pass
    session.commit()
    return change


def undo(session: Session, change: CodebookChange) -> None:
    for _step in regrouping.undo_change(session, change, by=None, minutes=0):
        pass
    session.commit()


def answered(session: Session, make: Maker, slug: str) -> dict[str, list[str]]:
    """The texts beside a theme, each with the themes that it is said to answer."""
    shown = beside_theme(session, make.theme(slug).id, 0).few.shown
    return {one.text: [theme.slug for theme in one.themes] for one in shown}


def test_responses_follow_a_merge_of_their_theme_and_its_undoing(session: Session, make: Maker) -> None:
    make.response("Of trams.", themes=["trams"])
    make.response("Of both.", themes=["trams", "rails"])
    first = merge(session, make, "trams", "rails")
    assert answered(session, make, "rails") == {"Of trams.": ["rails"], "Of both.": ["rails"]}
    second = merge(session, make, "rails", "transport")
    assert answered(session, make, "transport") == {"Of trams.": ["transport"], "Of both.": ["transport"]}
    undo(session, second)
    undo(session, first)
    assert answered(session, make, "trams") == {"Of trams.": ["trams"], "Of both.": ["rails", "trams"]}
    assert answered(session, make, "rails") == {"Of both.": ["rails", "trams"]}
    assert answered(session, make, "transport") == {}


def test_what_is_changed_while_its_theme_is_merged_goes_back_to_it(session: Session, make: Maker) -> None:
    response = make.response("Of trams.", themes=["trams"])
    change = merge(session, make, "trams", "rails")
    rails = make.theme("rails").id
    version = response.public
    chosen = kept_themes(session, [rails, make.theme("night").id], version.theme_ids)
    response.write(words("Of trams, put right.", theme_ids=chosen))
    response.publish(by=None)
    session.commit()
    assert answered(session, make, "rails") == {"Of trams, put right.": ["night", "rails"]}
    undo(session, change)
    assert answered(session, make, "trams") == {"Of trams, put right.": ["night", "trams"]}
    assert kept_themes(session, [rails], ()) == {rails}


# Pages of many


def test_every_response_is_on_one_page_of_all_whatever_the_day(
    session: Session, make: Maker, held_clock: HeldClock
) -> None:
    for number in range(45):
        if number % 7 == 6:
            held_clock.forward(days=1)
        make.response(str(number), themes=["buses"] if number % 2 else [], country=None if number % 2 else "KE")
    for theme_id, country, wanted in (
        (None, None, range(45)),
        (make.theme("buses").id, None, range(1, 45, 2)),
        (None, "KE", range(0, 45, 2)),
        (make.theme("buses").id, "KE", ()),
    ):
        found, after = list[Responded](), None
        while (page := page_of(session, theme_id, country, after)) is not None:
            found += page.shown
            after = page.after
            if after is None:
                break
        assert sorted(int(one.text) for one in found) == list(wanted)
        assert [one.given_on for one in found] == sorted((one.given_on for one in found), reverse=True)
    assert page_of(session, None, None, 1) is None, "nobody knows what comes after a response that is not there"


def test_beside_stories_stand_the_newest_few_and_whether_there_are_more(session: Session, make: Maker) -> None:
    for number in range(3):
        make.response(str(number), themes=["buses"], country="KE")
    theme_id = make.theme("buses").id
    assert not beside_theme(session, theme_id, 50).few.has_more
    make.response("3", themes=["buses"], country="KE")
    assert (beside := beside_theme(session, theme_id, 50)).few.has_more and not beside.is_unanswered
    assert len(beside_country(session, "KE").few.shown) == 3
    assert kept_of_edition(session), "counted once an edition"


def test_silence_is_said_where_many_told_and_nobody_answered(session: Session, make: Maker) -> None:
    theme_id = make.theme("buses").id
    assert [beside_theme(session, theme_id, stories).is_unanswered for stories in (0, 9, 10)] == [False, False, True]
    response = make.response(themes=["buses"])
    assert not beside_theme(session, theme_id, 10).is_unanswered
    response.take_back("A mistake.", by=None)
    session.commit()
    assert not beside_theme(session, theme_id, 10).is_unanswered, "there was one, and a line says what became of it"
    assert response.stage is Stage.TAKEN_BACK

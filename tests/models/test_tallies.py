"""The counts of public stories are right whatever happens to stories; where they are not, they are counted anew."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.accounts.actions import settle
from storyhub.models import tally
from storyhub.models.decision import Reason, breaks
from storyhub.models.people import Person
from storyhub.models.publication import Publication, PublishedTheme
from storyhub.models.recounting import count_wrong, recount
from storyhub.models.story import NotPossible, Setting, State, Story, Told, Use, release_due
from storyhub.models.tally import Key, Tally
from storyhub.models.theme import CodedBy, Theme
from storyhub.operations.bulk import Ready, store
from tests.makers import Maker
from tests.models.test_two_at_once import at_once

VERBS = ("publish", "edit", "set aside", "put back", "undo", "withdraw", "bring in")
THEMES = ("buses", "night", "school")
numbers = itertools.count()


def counted(session: Session) -> dict[Key, int]:
    """Every tally that there is."""
    rows = session.execute(sa.select(Tally.subject, Tally.facet, Tally.value, Tally.count))
    return {(subject, facet, value): count for subject, facet, value, count in rows}


def counted_by_hand(session: Session) -> dict[Key, int]:
    """What there should be: each public story looked at by itself."""
    found: Counter[Key] = Counter()
    for public in session.scalars(sa.select(Publication)):
        themes = session.scalars(sa.select(PublishedTheme.theme_id).filter_by(position=public.position))
        facts = (public.country, public.language, public.setting, public.year, public.campaign_id)
        found.update(tally.keys(tally.Counted(*facts, tuple(themes))))
    return dict(found)


def assert_right(session: Session) -> None:
    session.rollback()
    assert counted(session) == counted_by_hand(session)
    assert count_wrong(session) == 0
    assert all(count > 0 for count in counted(session).values())


facts = st.fixed_dictionaries(
    {
        "country": st.sampled_from((None, "KE", "FR")),
        "language": st.sampled_from((None, "en", "ar")),
        "setting": st.sampled_from((None, Setting.STREET)),
        "show": st.sampled_from(((), ("setting",))),
        "happened": st.sampled_from((None, "2019", "2020-05")),
    }
)
steps = st.tuples(
    st.sampled_from(VERBS), st.integers(0, 99), facts, st.sets(st.sampled_from(THEMES)), st.booleans()
)  # fmt: skip


class Life:
    """What happens to the stories of a site, one thing after another, through the verbs that the site uses."""

    def __init__(self, make: Maker) -> None:
        self.make, self.session, self.by = make, make.session, make.moderator()
        self.themes = {slug: make.theme(slug) for slug in THEMES}
        self.campaign = make.campaign()
        self.stories: list[Story] = []

    def do(self, verb: str, which: int, told: dict[str, Any], slugs: set[str], in_campaign: bool) -> None:
        if verb == "publish" or not self.stories:
            campaign = self.campaign if in_campaign else None
            made = self.make.story(state="published", themes=[self.themes[s] for s in slugs], campaign=campaign, **told)
            self.stories.append(made)
        elif verb == "bring in":
            self.bring_in(told, slugs, in_campaign)
        else:
            try:
                self.act(verb, self.stories[which % len(self.stories)], told, slugs)
                self.make.release()
            except NotPossible:
                self.session.rollback()

    def act(self, verb: str, story: Story, told: dict[str, Any], slugs: set[str]) -> None:
        match verb:
            case "edit":
                story.edit(Told(text="Other words.", **told))
                story.set_themes([self.themes[slug] for slug in slugs], CodedBy.MODERATOR)
                story.publish(by=self.by, window=clock.window(0))
            case "set aside":
                story.set_aside(by=self.by, reason=Reason.OTHER)
            case "put back":
                story.restore(by=self.by, window=clock.window(0))
            case "undo":
                story.undo(by=self.by)
            case "withdraw":
                story.withdraw()

    def bring_in(self, told: dict[str, Any], slugs: set[str], in_campaign: bool) -> None:
        ids = tuple(self.themes[slug].id for slug in slugs)
        same = {"state": State.PUBLISHED, "theme_ids": ids, "campaign_id": self.campaign.id if in_campaign else None}
        ready = [Ready(key=str(next(numbers)), told=Told(text="From a file.", **told), **same) for _ in range(3)]
        store(self.session, ready)
        self.session.commit()


@settings(max_examples=15)
@given(happens=st.lists(steps, min_size=3, max_size=12))
def test_whatever_happens_to_stories_the_counts_stay_right(make: Maker, happens: list[Any]) -> None:
    life = Life(make)
    for step in happens:
        life.do(*step)
    assert_right(make.session)


def test_what_nobody_tells_of_any_more_leaves_no_trace(make: Maker, session: Session) -> None:
    story = make.story(state="published", themes=["buses", "night"], country="KE", happened="2019")
    assert counted(session)
    story.withdraw()
    session.commit()
    assert counted(session) == {}


def test_counts_that_went_wrong_are_found_and_set_right_and_only_they_change(make: Maker, session: Session) -> None:
    campaign = make.campaign("call")
    for country in ("KE", "FR", None):
        make.story(state="published", themes=["buses", "night"], country=country, happened="2019", campaign=campaign)
    right = counted(session)
    wrong: list[tuple[Key, int]] = [
        (("all", "all", ""), 40),
        ((tally.of_country("KE"), "year", "2019"), -1),  # gone
        ((tally.of_country("ZZ"), "all", ""), 7),  # of a place that nobody tells of
        (("theme nonsense", "all", ""), 2),
        ((tally.of_campaign(campaign.id), "country", "FR"), 3),
        (("all", "pair", " ".join(sorted(t.removeprefix("theme ") for t in map(tally.of_themes, ids(session))))), 5),
    ]
    tally.change(session, dict(wrong))
    session.commit()
    assert count_wrong(session) == len(wrong)
    assert counted(session) != right
    assert recount(session) == len(wrong)
    session.commit()
    assert counted(session) == right
    assert recount(session) == 0


def ids(session: Session) -> list[int]:
    return list(session.scalars(sa.select(Theme.id)))


def test_counting_down_what_was_never_counted_makes_nothing_negative(make: Maker, session: Session) -> None:
    make.story(state="published", country="KE")
    tally.change(session, {("country KE", "all", ""): -5, ("country FR", "all", ""): -1})
    session.commit()
    assert all(count > 0 for count in counted(session).values())


def test_a_change_touches_only_what_it_changes(make: Maker, session: Session) -> None:
    """Else a withdrawal would look at every count of a great site."""
    story = make.story(state="published", country="KE")
    session.add(Tally(subject="elsewhere", facet="all", value="", count=0))
    session.commit()
    story.withdraw()
    session.commit()
    assert counted(session) == {("elsewhere", "all", ""): 0}


def test_a_change_costs_the_same_among_many_counts(session: Session) -> None:
    if session.get_bind().dialect.name != "sqlite":
        pytest.skip("counts the steps of SQLite's machine")
    down, up = {(f"country {code}", "all", ""): -1 for code in ("FR", "KE")}, {("all", "all", ""): 1}
    steps: list[int] = []

    def step() -> int:
        steps[-1] += 1
        return 0

    for others in (10, 3_000):
        rows = [{"subject": f"{others} {n}", "facet": "all", "value": "", "count": 1} for n in range(others)]
        session.execute(sa.insert(Tally), rows)
        tally.change(session, dict.fromkeys(down, 2))
        steps.append(0)
        driver: Any = session.connection().connection.driver_connection
        driver.set_progress_handler(step, 10)
        tally.change(session, down | up)
        driver.set_progress_handler(None, 0)
    assert 0 < steps[1] <= steps[0] + 5, steps


@pytest.mark.parametrize("attempt", range(3))
def test_many_at_once_wait_for_one_another_and_the_counts_are_right(
    app: Flask, make: Maker, session: Session, attempt: int
) -> None:
    """As on a site whose decisions take effect at once. PostgreSQL refuses one of those who wait in a ring."""
    del attempt
    by, steward = make.moderator().id, make.steward().id

    def public(**told: Any) -> int:
        return make.story(state="published", themes=["buses", "night"], country="KE", **told).id

    def on(story_id: int, act: Callable[[Story, Session], object]) -> Callable[[Session], None]:
        def do(own: Session) -> None:
            act(own.get_one(Story, story_id), own)
            own.flush()
            release_due(own, window=clock.window(0), originals_days=30)

        return do

    def bring_in(own: Session) -> None:
        told = Told(text="From a file.", language="en", country="KE")
        store(own, [Ready(key=f"at-once-{next(numbers)}", told=told, state=State.PUBLISHED) for _ in range(5)])

    def decide(story: Story, own: Session) -> None:
        story.publish(by=own.get_one(Person, by), window=clock.window(0))

    def set_aside(story: Story, own: Session) -> None:
        story.set_aside(by=own.get_one(Person, by), reason=Reason.OTHER)

    def undo(story: Story, own: Session) -> None:
        story.undo(by=own.get_one(Person, by))

    due = [make.story(themes=["buses"], country="FR") for _ in range(3)]
    for story in due:
        story.publish(by=make.anybody(), window=clock.window(0))
    session.commit()
    outcome = at_once(
        app,
        *(on(public(), lambda story, _own: story.withdraw()) for _ in range(2)),
        on(due[0].id, lambda story, _own: story.withdraw()),
        *(on(make.story(themes=["night"]).id, decide) for _ in range(2)),
        on(public(), set_aside),
        on(public(), undo),
        on(public(consent=["quote"]), lambda story, _own: story.change_uses((), window=0)),
        lambda own: release_due(own, window=clock.window(0), originals_days=30),
        lambda own: settle(own, {"leave_address": f"https://{next(numbers)}.example/"}, by=steward),
        bring_in,
    )
    # Who wanted what another was just doing is told so; nobody is refused because two waited for each other.
    assert set(outcome) <= {"done", "NotPossible", "StaleDataError"}, outcome
    assert outcome.count("done") >= 8, outcome
    assert_right(session)
    assert list(breaks(session)) == []
    assert Use.QUOTE not in {use for story in session.scalars(sa.select(Story)) for use in story.consent}

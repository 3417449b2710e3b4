"""What pages count comes from the tallies, agrees with the stories, and ranks nothing by how often it was told."""

from __future__ import annotations

import pytest
from flask import Flask

from storyhub import clock
from storyhub.extensions import db
from storyhub.feed import queries
from storyhub.models.story import State, Told
from storyhub.operations.bulk import Ready, store
from tests.makers import Maker

TOLD = (("buses", "night"), ("buses", "night"), ("buses", "night"), ("night", "school"), ("night", "school"), ("work",))


@pytest.fixture
def ids(make: Maker) -> dict[str, int]:
    """Stories with these themes, the last one told last; the ids of the themes."""
    for slugs in TOLD:
        make.story(state="published", themes=slugs, country="KE", language="en", happened="2019")
    return {slug: make.theme(slug).id for slug in ("buses", "night", "school", "work")}


def test_every_pair_of_themes_is_told_in_the_order_of_their_slugs(app: Flask, ids: dict[str, int]) -> None:
    names = {theme_id: slug for slug, theme_id in ids.items()}
    with app.app_context():
        pairs = queries.joined_themes(db.session())
    assert all(first < second for first, second, _ in pairs)
    assert [(*sorted((names[one], names[other])), count) for one, other, count in pairs] == [
        ("buses", "night", 3),
        ("night", "school", 2),
    ]


def test_the_front_page_joins_themes_of_the_newest_stories_and_not_the_most_told(
    app: Flask, make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MOST_PAIRS", 2)
    slugs = ("buses", "night", "school", "work")
    ids = {slug: make.theme(slug).id for slug in slugs}
    told = [("buses", "night")] * 5 + [("night", "work")] * 2 + [("night", "school")] * 2 + [("buses", "work")]
    with app.app_context():
        ready = [
            Ready(
                key=str(number),
                told=Told(text="Told."),
                state=State.PUBLISHED,
                theme_ids=tuple(ids[slug] for slug in pair),
                window=clock.window(1) - len(told) + number,
            )
            for number, pair in enumerate(told)
        ]
        store(db.session, ready)
        db.session.commit()
        names = {theme_id: slug for slug, theme_id in ids.items()}
        chosen = [
            (*sorted((names[one], names[other])), count) for one, other, count in queries.pairs_that_join(db.session())
        ]
    # The last one was told once, and joins nobody yet; that of the buses at night was told most, and before the others.
    assert chosen == [("night", "school", 2), ("night", "work", 2)]


def test_a_theme_two_themes_a_place_and_a_campaign_are_counted(app: Flask, make: Maker, ids: dict[str, int]) -> None:
    campaign = make.campaign("call")
    make.story(state="published", themes=["work"], country="FR", campaign=campaign, language="fr", setting="street")
    with app.app_context():
        session = db.session()
        assert queries.figures_of_themes(session, (ids["night"],)) == queries.Figures(
            5, {2019: 5}, {"KE": 5}, {ids["buses"]: 3, ids["school"]: 2}
        )
        assert queries.figures_of_themes(session, (ids["night"], ids["buses"])).total == 3
        assert queries.figures_of_themes(session, (ids["work"], ids["buses"])) == queries.Figures(0, {}, {}, {})
        assert queries.figures_of_place(session, "FR").together == {ids["work"]: 1}
        assert queries.count_of_campaign(session, campaign.id) == 1
        assert queries.facets(session) == queries.Facets({"FR": 1, "KE": 6}, {"en": 6, "fr": 1}, {}, {2019: 6}, 7)
        assert queries.theme_counts(session) == {
            ids["buses"]: 3, ids["night"]: 5, ids["school"]: 2, ids["work"]: 2
        }  # fmt: skip

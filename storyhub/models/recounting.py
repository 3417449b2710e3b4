"""Counts the public stories anew and mends the tallies, one subject at a time, so that nobody waits for long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub.models import tally
from storyhub.models.publication import Publication, PublishedPair, PublishedTheme
from storyhub.models.site import the_site
from storyhub.models.tally import Key, Tally
from storyhub.protection import identifiers

Counts = dict[tuple[str, str], int]  # by facet and value
FACTS = {
    tally.COUNTRY: Publication.country,
    tally.LANGUAGE: Publication.language,
    tally.SETTING: Publication.setting,
    tally.YEAR: Publication.year,
}
OF_A_PART = (tally.COUNTRY, tally.YEAR)  # what is counted of a theme, two themes, a country, a campaign


def recount(session: Session, subjects: Iterable[str] | None = None) -> int:
    """Count these subjects anew, else all, and set right what was wrong. Returns how many rows were.

    Nothing is released or taken back meanwhile. What is held in memory is one subject's counts, not its stories.
    Doesn't commit.
    """
    the_site(session, lock=True)
    mended = 0
    for subject in list(all_subjects(session)) if subjects is None else subjects:
        wrong = differences(session, subject)
        tally.change(session, wrong)
        mended += len(wrong)
    return mended


def count_wrong(session: Session) -> int:
    """How many rows `recount` would set right. Writes nothing, so that it can be asked of a connection that reads."""
    return sum(len(differences(session, subject)) for subject in all_subjects(session))


def differences(session: Session, subject: str) -> dict[Key, int]:
    """What has to be added to each tally of a subject so that it is right."""
    wrong: Counter[Key] = Counter()
    for (facet, value), count in _counted(session, subject).items():
        wrong[subject, facet, value] += count
    for facet, values in tally.of(session, subject).items():
        for value, count in values.items():
            wrong[subject, facet, value] -= count
    return {key: by for key, by in wrong.items() if by}


def all_subjects(session: Session) -> Iterator[str]:
    """Every subject that has public stories, and every one that has tallies."""
    pair = (PublishedPair.first_id, PublishedPair.second_id)
    found = {tally.EVERYTHING, *session.scalars(sa.select(Tally.subject).distinct())}
    found.update(map(tally.of_themes, session.scalars(sa.select(PublishedTheme.theme_id).distinct())))
    found.update(tally.of_themes(one, other) for one, other in session.execute(sa.select(*pair).distinct()))
    campaigns = session.scalars(sa.select(Publication.campaign_id).distinct())
    found.update(tally.of_campaign(campaign_id) for campaign_id in campaigns if campaign_id is not None)
    countries = session.scalars(sa.select(Publication.country).distinct())
    found.update(tally.of_country(country) for country in countries if country is not None)
    yield from sorted(found)


def _counted(session: Session, subject: str) -> Counts:
    """The counts of one subject as its stories have them. None for what is no subject at all."""
    kind, *names = subject.split(" ")
    try:
        ids = [identifiers.read(name) for name in names] if kind in ("theme", "campaign") else []
    except ValueError:
        return {}
    everything = sa.select(Publication.position)
    if subject == tally.EVERYTHING:
        return {**_of_stories(session, everything, (), FACTS), **_of_pairs(session)}
    if kind == "theme" and len(ids) == 1:
        return _of_stories(session, sa.select(PublishedTheme.position).filter_by(theme_id=ids[0]), ids)
    if kind == "theme" and len(ids) == 2:
        both = sa.select(PublishedPair.position).filter_by(first_id=min(ids), second_id=max(ids))
        return _of_stories(session, both, ids)
    if kind == "country" and len(names) == 1:
        return _of_stories(session, everything.where(Publication.country == names[0]))
    if kind == "campaign" and len(ids) == 1:
        return _of_stories(session, everything.where(Publication.campaign_id == ids[0]))
    return {}


def _of_stories(
    session: Session, positions: sa.Select[int], own: Iterable[int] = (), facets: Iterable[str] = OF_A_PART
) -> Counts:
    """Counts of the stories at these positions: all, by fact, and by each theme but the subject's own."""
    chosen, facts = positions.subquery("chosen"), [FACTS[facet] for facet in facets]
    found: Counter[tuple[str, str]] = Counter()
    rows = session.execute(
        sa.select(sa.func.count(), *facts)
        .join(chosen, chosen.c.position == Publication.position)
        .group_by(*facts)
        .execution_options(yield_per=1000)
    )
    for count, *values in rows:
        found[tally.ALL, ""] += count
        for facet, value in zip(facets, values, strict=True):
            if value is not None:
                found[facet, str(value)] += count
    themes = session.execute(
        sa.select(PublishedTheme.theme_id, sa.func.count())
        .join(chosen, chosen.c.position == PublishedTheme.position)
        .where(PublishedTheme.theme_id.not_in(list(own)))
        .group_by(PublishedTheme.theme_id)
    )
    found.update({(tally.THEME, identifiers.shown(theme_id)): count for theme_id, count in themes})
    return dict(found)


def _of_pairs(session: Session) -> Counts:
    pair = (PublishedPair.first_id, PublishedPair.second_id)
    rows = session.execute(sa.select(*pair, sa.func.count()).group_by(*pair))
    return {(tally.PAIR, " ".join(map(identifiers.shown, sorted((one, other))))): count for one, other, count in rows}

"""Themes that a program suggests for stories, from those that people coded here. A person accepts them or does not.

Verbs never commit. Nothing here codes a story by itself, and what a person refused is not suggested again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from storyhub import clock
from storyhub.models.columns import WITHOUT_ROWID, Base, BigInt, Day, RandomId
from storyhub.models.job import MOST_ATTEMPTS, Job, JobState
from storyhub.models.nearness import insert_into
from storyhub.models.site import the_site
from storyhub.models.theme import CodedBy, Coding, Theme, leads_to
from storyhub.models.version import hold_stories

Pair = tuple[int, int]  # the ids of a version and of a theme

AT_ONCE = 400  # ids in one statement
UNASKED = 0  # the sureness of what nobody suggested: somebody said by themselves that the theme is not there
# Names the jobs that say which versions became public since something was learned. They are done by a task of their
# own (operations/working.py): a job holds what it writes to while it goes on, and reading words takes longer than that.
LOOK_THROUGH = "look-through"


class SuggestionModel(Base):
    """What was learned last, and how good it was on coded stories that it had not seen.

    `packed` holds weights of buckets and numbers of themes, no words of anybody (text/suggesting).
    """

    __tablename__ = "suggestion_models"

    id: Mapped[RandomId]
    method: Mapped[str] = mapped_column(sa.String(32))
    learned_on: Mapped[Day]
    stories: Mapped[int]
    quality: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    packed: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)


class SuggestedTheme(Base):
    """A theme that waits for a person: how sure the program is, of a thousand; `refused` when somebody said no.

    Also what somebody said no to without being asked, `UNASKED`: a file in which a story has none of its themes.
    """

    __tablename__ = "suggested_themes"
    __table_args__ = WITHOUT_ROWID

    version_id: Mapped[int] = mapped_column(
        BigInt, sa.ForeignKey("story_versions.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    theme_id: Mapped[int] = mapped_column(
        BigInt, sa.ForeignKey("themes.id"), primary_key=True, autoincrement=False, index=True
    )
    sureness: Mapped[int]
    refused: Mapped[bool] = mapped_column(default=False)


def the_model(session: Session) -> SuggestionModel | None:
    """What was learned last; None before anything was."""
    newest = sa.select(SuggestionModel).order_by(SuggestionModel.learned_on.desc(), SuggestionModel.id).limit(1)
    return session.scalar(newest)


def keep_model(
    session: Session, packed: bytes, *, method: str, stories: int, quality: dict[str, Any]
) -> SuggestionModel:
    """Keep what was learned, in place of what was learned before.

    Under the site's row, as releases are: what became public before is looked through with all, what does so after
    asks for it.
    """
    the_site(session, lock=True)
    session.execute(sa.delete(SuggestionModel))
    model = SuggestionModel(method=method, learned_on=clock.today(), stories=stories, quality=quality, packed=packed)
    session.add(model)
    session.flush()
    return model


def ask_for(session: Session, version_ids: Collection[int]) -> None:
    """Have these public versions looked through soon, if anything was learned. Under the site's row; doesn't commit."""
    if version_ids and session.scalar(sa.select(SuggestionModel.id).limit(1)) is not None:
        session.add_all(
            Job(name=LOOK_THROUGH, arguments={"versions": " ".join(map(str, ids))}, day=clock.today(), attempts=0)
            for ids in _in_parts(sorted(version_ids))  # which came first in a file, or that day, is not to be told
        )


def asked_for(session: Session, most: int) -> dict[int, list[int]]:
    """Some jobs that ask for it, {job: its versions}: of about so many versions, at least one job if there is any."""
    found: dict[int, list[int]] = {}
    waiting = sa.select(Job.id, Job.arguments).filter_by(name=LOOK_THROUGH, state=JobState.WAITING)
    count = 0
    for job_id, arguments in session.execute(waiting.order_by(Job.attempts, Job.id).limit(most)):
        if found and count >= most:
            break
        found[job_id] = [int(one) for one in str(arguments["versions"]).split()]
        count += len(found[job_id])
    return found


def was_looked_through(session: Session, job_ids: Collection[int] | None = None) -> None:
    """Forget that these jobs, or all, asked for it. Doesn't commit."""
    asked = sa.delete(Job).where(Job.name == LOOK_THROUGH)
    session.execute(asked if job_ids is None else asked.where(Job.id.in_(job_ids)))


def could_not_be_looked_through(session: Session, job_ids: Collection[int]) -> None:
    """Others go before these the next time, and some times later they have failed. Doesn't commit."""
    for job in session.scalars(sa.select(Job).where(Job.id.in_(job_ids)).with_for_update()):
        job.attempts += 1
        job.state = JobState.FAILED if job.attempts >= MOST_ATTEMPTS else JobState.WAITING


def keep_suggestions(session: Session, found: Mapping[int, Mapping[int, int]]) -> int:
    """Keep what is suggested for these versions, {version: {theme: sureness of a thousand}}, in place of before.

    What was refused stays so, and themes that a version has already are left out. Returns how many are kept.
    """
    taken: set[Pair] = set()
    for ids in _in_parts(found):
        waits = sa.delete(SuggestedTheme).where(SuggestedTheme.version_id.in_(ids), ~SuggestedTheme.refused)
        session.execute(waits)
        for noun in (SuggestedTheme, Coding):
            pairs = sa.select(noun.version_id, noun.theme_id).where(noun.version_id.in_(ids))
            taken |= {(version, theme) for version, theme in session.execute(pairs)}
    rows = [
        {"version_id": version, "theme_id": theme, "sureness": sureness, "refused": False}
        for version, themes in sorted(found.items())
        for theme, sureness in sorted(themes.items())
        if (version, theme) not in taken
    ]
    if rows:  # in one order, and what another worker keeps in the same moment stays: neither fails for the other
        session.execute(insert_into(session, SuggestedTheme).on_conflict_do_nothing(), rows)
    return len(rows)


def accept(session: Session, pairs: Collection[Pair]) -> list[Pair]:
    """Code the whole of each version with its theme, marked as suggested and accepted. Returns those that were done.

    Only what waits can be accepted: not what was refused, coded meanwhile, or taken back.
    """
    done = []
    hold_stories(session, [version_id for version_id, _theme in pairs])
    now = leads_to(session)
    for version_id, theme_id in sorted(set(pairs)):
        waits = session.get(SuggestedTheme, (version_id, theme_id), with_for_update=True, populate_existing=True)
        if waits is None or waits.refused:
            continue
        session.delete(waits)
        session.flush()
        coded = sa.select(Coding.id).filter_by(version_id=version_id, theme_id=now(theme_id), start=None).limit(1)
        if session.scalar(coded) is None:
            session.add(Coding(version_id=version_id, theme_id=now(theme_id), coded_by=CodedBy.SUGGESTION))
            done.append((version_id, theme_id))
    session.flush()
    return done


def refuse(session: Session, pairs: Iterable[Pair]) -> list[Pair]:
    """Remember that somebody said no: it is not suggested again. Returns those that were done."""
    done = []
    for version_id, theme_id in sorted(set(pairs)):
        waits = session.get(SuggestedTheme, (version_id, theme_id), with_for_update=True, populate_existing=True)
        if waits is not None and not waits.refused:
            waits.refused = True
            done.append((version_id, theme_id))
    session.flush()
    return done


def take_back(session: Session, *, accepted: Mapping[Pair, int], refused: Iterable[Pair]) -> list[Pair]:
    """Let what was accepted ({pair: sureness}) and refused wait again. Returns the pairs whose coding went."""
    gone = []
    hold_stories(session, [version_id for version_id, _theme in accepted])
    for (version_id, theme_id), sureness in sorted(accepted.items()):
        by_suggestion = Coding.coded_by == CodedBy.SUGGESTION
        found = sa.select(Coding).filter_by(version_id=version_id, theme_id=theme_id, start=None).where(by_suggestion)
        coding = session.scalar(found.limit(1))
        if coding is None:  # taken back with its story, or coded otherwise meanwhile: nothing to undo
            continue
        session.delete(coding)
        if session.get(SuggestedTheme, (version_id, theme_id)) is None:
            session.add(SuggestedTheme(version_id=version_id, theme_id=theme_id, sureness=sureness, refused=False))
        gone.append((version_id, theme_id))
    for pair in sorted(set(refused)):
        again = session.get(SuggestedTheme, pair)
        if again is not None:
            again.refused = False
    session.flush()
    return gone


def forget_settled(session: Session) -> None:
    """Drop what waits for themes that can't be chosen any more."""
    retired = sa.select(Theme.id).where(sa.or_(Theme.retired, Theme.merged_into_id.is_not(None)))
    session.execute(sa.delete(SuggestedTheme).where(SuggestedTheme.theme_id.in_(retired), ~SuggestedTheme.refused))


def _in_parts(ids: Collection[int]) -> Iterable[list[int]]:
    all_ids = list(ids)
    return (all_ids[start : start + AT_ONCE] for start in range(0, len(all_ids), AT_ONCE))

"""What the coders of a closed sample gave, beside one another: agreement, differences, settling them, and the file."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.models.decision import Act, append_decision
from storyhub.models.export import Export, ExportedStory
from storyhub.models.publication import Publication
from storyhub.models.rounds import CodingRound, RoundCoding, RoundReading, RoundStory
from storyhub.models.theme import CodedBy, Coding, Theme
from storyhub.models.version import StoryVersion
from storyhub.protection import identifiers
from storyhub.text.agreement import Comparison, Span, compare, overlap
from storyhub.themes.coding import Given, give_themes, numbered
from storyhub.themes.rounds import coders_of, place_of

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
AT_ONCE = 20  # stories of a page
ALL, NONE = "all", "none"

Work = dict[int, list[RoundCoding]]  # what one coder gave, by version; a version without themes was read too


@dataclass(frozen=True)
class Compared:
    """A closed sample: its coders by letters, the figures, and the themes by their slugs.

    `overlaps`: of the characters that either of two coders marked for a theme which both marked, the share of both.
    """

    letters: dict[int, str]
    work: dict[str, Work]
    result: Comparison
    themes: dict[str, Theme]
    overlaps: dict[str, float | None]

    @property
    def people(self) -> list[str]:
        return list(self.work)


def letters_of(session: Session, round_id: int) -> dict[int, str]:
    """A letter for each coder: what differs is about the codebook, not about who it was."""
    return {person.id: name for person, name in zip(coders_of(session, round_id), _names(), strict=False)}


def _names() -> Iterable[str]:
    yield from LETTERS
    yield from (one + other for one in LETTERS for other in LETTERS)


def compare_round(session: Session, found: CodingRound) -> Compared | None:
    """Only what coders said they were done with is compared. Stories that were taken back are no longer in it.

    None where fewer than two of the coders still have an account: their work went with it.
    """
    letters = letters_of(session, found.id)
    if len(letters) < 2:
        return None
    work: dict[str, Work] = {name: {} for name in letters.values()}
    readings = sa.select(RoundReading.person_id, RoundReading.version_id).filter_by(round_id=found.id)
    order = readings.join(
        RoundStory,
        sa.and_(RoundStory.round_id == RoundReading.round_id, RoundStory.version_id == RoundReading.version_id),
    ).order_by(RoundStory.place)
    for person_id, version_id in session.execute(order):
        if person_id in letters:
            work[letters[person_id]][version_id] = []
    for coding in session.scalars(sa.select(RoundCoding).filter_by(round_id=found.id).order_by(RoundCoding.id)):
        read = work.get(letters.get(coding.person_id, ""), {})
        if coding.version_id in read:
            read[coding.version_id].append(coding)
    themes = session.scalars(sa.select(Theme).where(Theme.id.in_(found.theme_ids)).order_by(Theme.slug))
    slugs = {theme.id: theme.slug for theme in themes}
    coded = {
        name: {str(version_id): {slugs[one.theme_id] for one in given} for version_id, given in read.items()}
        for name, read in work.items()
    }
    by_slug = {theme.slug: theme for theme in session.scalars(sa.select(Theme).where(Theme.id.in_(slugs)))}
    overlaps = {slug: overlap(_marked_by_both(work.values(), theme.id)) for slug, theme in by_slug.items()}
    return Compared(letters, work, compare(coded, slugs.values()), by_slug, overlaps)


def _marked_by_both(work: Iterable[Work], theme_id: int) -> list[tuple[list[Span], list[Span]]]:
    pairs = []
    for one, other in combinations(work, 2):
        for version_id in one.keys() & other.keys():
            both = [_spans(read[version_id], theme_id) for read in (one, other)]
            if all(both):
                pairs.append((both[0], both[1]))
    return pairs


def _spans(given: Iterable[RoundCoding], theme_id: int) -> list[Span]:
    return [(one.start, one.end) for one in given if one.theme_id == theme_id and one.start is not None and one.end]


@dataclass(frozen=True)
class Difference:
    """A story that its coders saw differently: its words while they are public, and what each of them gave."""

    version_id: int
    place: int
    public: Publication | None
    given: dict[str, list[Given]]
    is_settled: bool


def differences(
    session: Session, found: CodingRound, compared: Compared, after: int = 0
) -> tuple[list[Difference], int | None]:
    """The stories that differ, from a place of the sample on, and the place after which there are more."""
    wanted = [int(version_id) for version_id in compared.result.differing]
    rows = session.execute(
        sa.select(RoundStory, Publication)
        .outerjoin(Publication, Publication.version_id == RoundStory.version_id)
        .where(RoundStory.round_id == found.id, RoundStory.version_id.in_(wanted), RoundStory.place > after)
        .order_by(RoundStory.place)
        .limit(AT_ONCE + 1)
    ).all()
    by_id = {theme.id: theme for theme in compared.themes.values()}
    shown = [
        Difference(
            row.version_id,
            row.place,
            public,
            {
                name: _given(read[row.version_id], by_id, public)
                for name, read in compared.work.items()
                if row.version_id in read
            },
            row.settled,
        )
        for row, public in rows[:AT_ONCE]
    ]
    return shown, shown[-1].place if len(rows) > AT_ONCE else None


def _given(codings: Iterable[RoundCoding], themes: dict[int, Theme], public: Publication | None) -> list[Given]:
    text = (public.version.text or "") if public else ""
    return numbered((Given(one.id, themes[one.theme_id], None, one.start, one.end) for one in codings), text)


def settle(session: Session, found: CodingRound, compared: Compared, version_id: int, take: str) -> list[Coding] | None:
    """Make what one coder gave, or all, or nobody, the organisers' own. None: the words are no longer public.

    `take`: a coder's letter, ALL or NONE. KeyError for another.
    """
    # Of two who settle it at once the second one sees what the first one gave, and gives nothing twice.
    story = session.get(RoundStory, (found.id, version_id), with_for_update=True, populate_existing=True)
    public = session.scalar(sa.select(Publication.story_id).filter_by(version_id=version_id))
    if story is None or public is None:
        return None
    taken = [] if take == NONE else compared.people if take == ALL else [take]
    codings = [coding for name in taken for coding in compared.work[name].get(version_id, [])]
    # A theme that was merged since has become another one.
    now = {theme.id: theme.merged_into_id or theme.id for theme in compared.themes.values()}
    new: list[Coding] = []
    for coding in codings:
        spans = None if coding.start is None or coding.end is None else [(coding.start, coding.end)]
        new += give_themes(session, version_id, [now[coding.theme_id]], spans, CodedBy.ORGANISER)
    story.settled = True
    session.flush()
    return new


def settle_agreed(session: Session, found: CodingRound, compared: Compared) -> tuple[list[int], int]:
    """Give every story to which all gave the same themes those themes. Returns the versions, and how many are new."""
    differing = set(compared.result.differing)
    alike = [int(version_id) for version_id in compared.result.shared if version_id not in differing]
    new, versions = 0, []
    for version_id in alike:
        given = settle(session, found, compared, version_id, ALL)
        if given:
            versions.append(version_id)
            new += len(given)
    return versions, new


def unsettle(session: Session, round_id: int, version_id: int, coding_ids: Sequence[int]) -> None:
    """Take a settlement back: what it gave is taken off, and the story waits again."""
    session.execute(
        sa.delete(Coding).where(
            Coding.id.in_(coding_ids), Coding.version_id == version_id, Coding.coded_by == CodedBy.ORGANISER
        )
    )
    story = session.get(RoundStory, (round_id, version_id))
    if story is not None:
        story.settled = False
    session.flush()


COLUMNS = ("id", "coder", "themes")


def take_codings_out(session: Session, found: CodingRound, compared: Compared, *, by: int, coder: str = "") -> bytes:
    """The codings of a sample as a CSV file without a word of a story, and the record that it left. Doesn't commit.

    `flask themes agreement` reads it. `coder`: only this one's. Stories that are no longer public are left out.
    """
    stories = dict(
        session.execute(
            sa.select(StoryVersion.id, StoryVersion.story_id)
            .join(RoundStory, RoundStory.version_id == StoryVersion.id)
            .join(Publication, Publication.version_id == StoryVersion.id)
            .where(RoundStory.round_id == found.id)
        ).all()
    )
    lines, taken = io.StringIO(), set()
    lines.write("\ufeff")
    writer = csv.writer(lines)
    writer.writerow(COLUMNS)
    slugs = {theme.id: theme.slug for theme in compared.themes.values()}
    for name, read in compared.work.items():
        for version_id, given in read.items():
            if version_id not in stories or coder not in ("", name):
                continue
            themes = sorted({slugs[one.theme_id] for one in given})
            writer.writerow([identifiers.shown(stories[version_id]), name, ";".join(themes)])
            taken.add(stories[version_id])
    file = lines.getvalue().encode()
    _record(session, found, sorted(taken), hashlib.sha256(file).hexdigest(), by)
    return file


def _record(session: Session, found: CodingRound, story_ids: list[int], sha256: str, by: int) -> None:
    export = Export(
        id=identifiers.new_id(),
        day=clock.today(),
        by_id=by,
        format="csv",
        filters=found.filters,
        count=len(story_ids),
        sha256=sha256,
        what="round",
        facts={"round": identifiers.shown(found.id), "seed": found.seed},
    )
    session.add(export)
    session.flush()
    session.add_all(ExportedStory(export_id=export.id, story_id=story_id) for story_id in story_ids)
    facts: dict[str, str | int | None] = {
        "export": identifiers.shown(export.id),
        "format": "csv",
        "count": len(story_ids),
        "sha256": sha256,
    }
    append_decision(session, Act.EXPORT, by=by, facts=facts)


__all__ = [
    "ALL",
    "NONE",
    "Compared",
    "Difference",
    "compare_round",
    "differences",
    "letters_of",
    "place_of",
    "settle",
    "settle_agreed",
    "take_codings_out",
    "unsettle",
]

"""Everything that is held about one story, for whoever holds its receipt: a walk over the tables, so none is forgotten.

A column that is new and named nowhere here is shown under the name that it has in the database: the promise (9) is
kept before anybody has found words for it. What is kept back is listed with its reason.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from flask_babel import LazyString, format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from storyhub import clock, languages
from storyhub.models import demand, labels
from storyhub.models.appeal import Appeal, Heard
from storyhub.models.brief import BriefQuote
from storyhub.models.card import Card
from storyhub.models.codebook import CodingMove
from storyhub.models.concern import About, Answered, Concern
from storyhub.models.decision import Act, Decision, DecisionWords
from storyhub.models.discovered import DiscoveredGroup, GroupStory
from storyhub.models.export import Export, ExportedStory
from storyhub.models.likeness import FadingLikeness, Shingle
from storyhub.models.nearness import NearestStory, NearnessDue, StoryVector
from storyhub.models.publication import Publication, PublishedNote, PublishedPair, PublishedTheme
from storyhub.models.question import Asked, Otherwise, Question
from storyhub.models.queue import QueueItem
from storyhub.models.retheming import ThemesDue
from storyhub.models.rounds import CodingRound, RoundCoding, RoundReading, RoundStory
from storyhub.models.sealed import Left, SealedNote
from storyhub.models.search import SearchText
from storyhub.models.solidarity import Said, Solidarity
from storyhub.models.story import MadeBy, Redaction, State, Story, StoryVersion, Withdrawal
from storyhub.models.suggested import SuggestedTheme
from storyhub.models.theme import Campaign, CodedBy, Coding, Theme
from storyhub.protection import identifiers
from storyhub.text import countries

MADE_BY = {
    MadeBy.TYPED: _l("as you wrote it"),
    MadeBy.EDITED: _l("as you changed it"),
    MadeBy.REDACTED: _l("with words hidden"),
}
CODED_BY = {
    CodedBy.CONTRIBUTOR: _l("you"),
    CodedBy.MODERATOR: _l("a moderator"),
    CodedBy.ORGANISER: _l("an organiser"),
    CodedBy.IMPORT: _l("a file"),
    CodedBy.SUGGESTION: _l("a program, and a person agreed"),
}
ASKED = {Asked.QUESTION: _l("a question"), Asked.REDACTION: _l("whether words may be hidden")}
OTHERWISE = {
    Otherwise.WAIT: _l("somebody looks at it again"),
    Otherwise.PUBLISH: _l("it is published with these words hidden"),
}
SAID = {Said.HEARD: _l("people hear you"), Said.ME_TOO: _l("it happened to people too")}
LEFT = {Left.REACH: _l("how the organisers can reach you"), Left.NOTE: _l("a note for the organisers alone")}
HEARD = {Heard.UPHELD: _l("the decision stays"), Heard.OVERTURNED: _l("the decision was taken back")}
ANSWERED = {Answered.ACCEPTED: _l("a new receipt was given"), Answered.REFUSED: _l("it was not shown to be so")}
CAME_OF_IT = {
    Answered.ACCEPTED: _l("something was done about it"),
    Answered.REFUSED: _l("nothing changes because of it"),
}
SHOWN_TOO = {"name": _l("the name"), "setting": _l("where it was"), "month": _l("the month")}

# Why something that is held is not shown. Said in the documentation, held by a test.
IN_ANOTHER_ROW = "it only ties rows together; what they hold is shown"
OF_A_MODERATOR = "it says who among the moderators had it, and nothing about the contributor"
NOT_TOLD_YET = "a decision is told when it takes effect; that one waits, and from when it can be seen, is on the page"
OF_SOMEBODY_ELSE = (
    "words of somebody who says that the story is theirs: perhaps they are right, and the receipt was stolen"
)
OF_WHO_RAISED_IT = "it is of somebody else, and by it whoever told the story might guess who raised something about it"
COUNTS_CHANGES = "it counts changes of the row, so that two at once are noticed"
PART_OF_THE_CHAIN = "a link of the record's chain, made from what is shown and from the decision before"


@dataclass(frozen=True)
class Of:
    """How a column is shown: what it is called, and what its value is called."""

    label: LazyString | str
    called: Callable[[Session, Any], Any] | None = None
    is_words: bool = False  # words to be read and copied, rather than a fact


@dataclass(frozen=True)
class Table:
    """A table that holds something about a story: which of its rows, and what is shown of each."""

    noun: Any
    heading: LazyString
    rows: Callable[[Session, Story], Iterable[Any]]
    shown: Mapping[str, Of]
    kept_back: Mapping[str, str] = field(default_factory=dict)  # column: why
    part: str = ""  # where one noun has two parts on the page: what the second is called there

    @property
    def name(self) -> str:
        return self.part or str(self.noun.__tablename__)


@dataclass(frozen=True)
class Words:
    """Words that are held: what they are, the words, their language."""

    label: str
    text: str
    language: str | None


@dataclass(frozen=True)
class Row:
    """One row as it is shown."""

    facts: list[tuple[str, str]]
    words: list[Words]


@dataclass(frozen=True)
class Part:
    """The rows of one table."""

    name: str
    heading: str
    rows: list[Row]


def everything_held(session: Session, story: Story) -> list[Part]:
    """All that stands in the tables about this story, in the order of the list below; empty parts are left out."""
    parts = ((table, [_row(session, table, row) for row in table.rows(session, story)]) for table in TABLES)
    return [Part(table.name, str(table.heading), rows) for table, rows in parts if rows]


def held_of_concern(session: Session, concern: Concern) -> Part:
    """The same for somebody who raised something: the row that they caused, with their words."""
    of_kind = _OF_CONCERNS if concern.about is About.MY_STORY else _OF_OTHER_CONCERNS
    table = Table(
        Concern,
        _l("What you told us"),
        lambda *_: (),
        {
            **of_kind.shown,
            "about": Of(_l("What it is about"), _named(labels.ABOUT)),
            "words": Of(_l("What you told us"), is_words=True),
            "receipt_digest": _OF_STORIES.shown["receipt_digest"],
        },
        dict.fromkeys(("id", "story_id", "decision_number"), IN_ANOTHER_ROW),
    )
    return Part("concerns", str(table.heading), [_row(session, table, concern)])


def _row(session: Session, table: Table, row: Any) -> Row:
    facts, words = [], []
    for column in table.noun.__table__.columns:
        if column.name in table.kept_back:
            continue
        how = table.shown.get(column.name) or Of(column.name)
        value = getattr(row, table.noun.__mapper__.get_property_by_column(column).key)
        if value is None or value == "" or value == [] or value == {}:
            continue
        if how.is_words:
            words.append(Words(str(how.label), value, getattr(row, "language", None)))
        else:
            facts.append((str(how.label), _said(how.called(session, value) if how.called else value)))
    return Row([(label, said) for label, said in facts if said], words)


def _said(value: Any) -> str:
    """A value as words on a page."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dt.date):
        return str(format_date(value, "long"))
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_said(one)}" for key, one in value.items())
    if isinstance(value, list | tuple):
        return str(_(", ")).join(_said(one) for one in value)
    return str(value)


# What values are called.


def _named(names: Mapping[Any, LazyString]) -> Callable[[Session, Any], Any]:
    def called(_session: Session, value: Any) -> Any:
        if isinstance(value, list):
            return [names.get(one, one) for one in value]
        return names.get(value, value)

    return called


def _theme(session: Session, theme_id: int) -> str:
    theme = session.get(Theme, theme_id)
    return theme.name_in(languages.current()) if theme else ""


def _group(session: Session, group_id: int) -> str:
    group = session.get(DiscoveredGroup, group_id)
    return _(", ").join(filter(None, group.words)) if group else ""


def _round(session: Session, round_id: int) -> str:
    coding_round = session.get(CodingRound, round_id)
    return str(format_date(coding_round.day, "long")) if coding_round else ""


def _campaign(session: Session, campaign_id: int) -> str:
    campaign = session.get(Campaign, campaign_id)
    return campaign.name_in(languages.current()) if campaign else ""


def _story_at(session: Session, position: int) -> str:
    """The address of another public story."""
    story_id = session.scalar(sa.select(Publication.story_id).filter_by(position=position))
    return f"/stories/{identifiers.shown(story_id)}" if story_id else ""


def _export(session: Session, export_id: int) -> str:
    export = session.get(Export, export_id)
    if export is None:
        return ""
    allowed = labels.USES.get(export.consent or "", "")
    return str(_(", ")).join(str(part) for part in (format_date(export.day, "long"), export.format, allowed) if part)


def _language(_session: Session, tag: str) -> str:
    return languages.name(tag)


def _country(_session: Session, code: str) -> str:
    return countries.names(languages.current()).get(code, code)


def _window(_session: Session, window: int) -> str:
    return clock.moment(window).strftime("%Y-%m-%d %H:%M UTC")


def _somebody(_session: Session, _person_id: int) -> str:
    return _("a moderator")


def _facts(_session: Session, facts: dict[str, Any]) -> dict[str, Any]:
    shown = {key: value for key, value in facts.items() if key not in NOT_TOLD}
    return {FACTS.get(key, key): _called(key, value) for key, value in shown.items()}


def _called(key: str, value: Any) -> Any:
    return True if key == "cluster" else _VALUES.get(key, {}).get(value, value)  # a number that nobody else knows


# Of two readers the second decides: what the first one would have done is no decision, and is not told as one.
WHAT_ONE_PERSON_WOULD = "would"
# Nor what others raised: whoever is named in a story might be known by what kind of thing was said about it.
NOT_TOLD = {WHAT_ONE_PERSON_WOULD, "about", "did"}
# Facts of decisions that are about no story: of settings, of files that came or went.
OF_NO_STORY = {
    "act", "brief", "consent", "count", "export", "fields", "format", "language", "languages", "mark", "month",
    "new", "read", "refused", "response", "role", "round", "sample", "seed", "sha256", "since", "state", "stories",
    "table", "there", "until", "what",
}  # fmt: skip
FACTS: dict[str, Any] = {
    "spans": _l("places hidden"),
    "undone": _l("undone"),
    "answer-by": _l("answer wished by"),
    "otherwise": _l("without an answer"),
    "against": _l("against decision"),
    "for": _l("because of"),
    "redaction": _l("the hidden words"),
    "lane": _l("part of the queue"),
    "from": _l("demanded by"),
    "asked": _l("what was demanded"),
    "done": _l("what was done"),
    "followed": _l("what was done"),
    "cluster": _l("together with others that say nearly the same, or were chosen with it"),
    "under-18": _l("sexual detail about someone under 18"),
    "second-of": _l("after the first reading, number"),
}
_VALUES: dict[str, Mapping[Any, Any]] = {
    "undone": {**labels.ACTS, **labels.STATES},
    "from": demand.WHO,
    "asked": demand.WHAT,
    "done": demand.DONE,
    "otherwise": OTHERWISE,
    "lane": labels.LANES,
    "for": {"edit": _l("your change")},
    "redaction": {"accepted": _l("you agreed"), "no-answer": _l("no answer came")},
    "followed": {
        "reported": _l("it was reported to an authority"),
        "nothing-to-report": _l("nothing had to be reported"),
        "support-offered": _l("support was offered"),
        "something-else": _l("something else"),
    },
    "under-18": {"none-left": _l("somebody looked, and none is left")},
}

# Which rows.


def _versions(_session: Session, story: Story) -> Iterable[StoryVersion]:
    return story.versions


def _of_versions(noun: Any) -> Callable[[Session, Story], Iterable[Any]]:
    def rows(session: Session, story: Story) -> Iterable[Any]:
        ids = [version.id for version in story.versions]
        return session.scalars(sa.select(noun).where(noun.version_id.in_(ids)).order_by(*noun.__table__.primary_key))

    return rows


def _of_publication(noun: Any) -> Callable[[Session, Story], Iterable[Any]]:
    def rows(session: Session, story: Story) -> Iterable[Any]:
        return session.scalars(sa.select(noun).filter_by(position=story.public.position)) if story.public else ()

    return rows


def _shingles(session: Session, story: Story) -> Iterable[Any]:
    """How many there are, rather than each: they are numbers that nobody can read."""
    ids = [version.id for version in story.versions]
    query = sa.select(sa.func.count()).select_from(Shingle).where(Shingle.version_id.in_(ids))
    count = session.scalar(query)
    return [Shingle(value=count)] if count else []


def _by_story(noun: Any) -> Callable[[Session, Story], Iterable[Any]]:
    return lambda session, story: session.scalars(sa.select(noun).filter_by(story_id=story.id))


def _of_the_story(_session: Session, story: Story) -> Iterable[QueueItem]:
    """Its places in the queue, without those of what others raised: their kind might say who they are."""
    return [item for item in story.items if item.concern is None or item.concern.about is About.MY_STORY]


def _said_to_be_theirs(_session: Session, story: Story) -> list[Concern]:
    return [concern for concern in story.concerns if concern.about is About.MY_STORY]


def raised_by_others(story: Story) -> list[Concern]:
    """What others raised about a story, as far as it is its teller's to know: when it was answered, or is looked at
    while the story is set aside. What waits besides is known to nobody but who raised it and the desk.
    """
    others = [concern for concern in story.concerns if concern.about is not About.MY_STORY]
    return [one for one in others if one.answered or (story.state is State.SET_ASIDE and not one.was_retracted)]


def told_decisions(session: Session, story: Story) -> list[Decision]:
    """The decisions about a story, the oldest first, without the one that waits for its window (promise 4)."""
    query = sa.select(Decision).filter_by(story_id=story.id).order_by(Decision.number)
    decisions = list(session.scalars(query))
    if story.outcome is not None:
        last = max((one.number for one in decisions if one.act in DECIDING), default=0)
        decisions = [one for one in decisions if one.number < last]
    return decisions


def _as_told(session: Session, story: Story) -> list[Decision]:
    """The same for the page that shows them. For which reason a first reader would decline is told to nobody."""
    return [_without_reason(one) if one.act is Act.FIRST_READ else one for one in told_decisions(session, story)]


def _without_reason(read: Decision) -> Decision:
    return Decision(number=read.number, day=read.day, act=read.act, by_id=read.by_id, facts={})


DECIDING = {Act.PUBLISH, Act.DECLINE, Act.COUNT, Act.PUBLISH_EDIT, Act.DECLINE_EDIT, Act.RESTORE}
# What is noted when somebody says that a story is theirs, or raises or demands something, may hold words of theirs.
ABOUT_SOMEBODY_ELSE = {Act.HAND_OVER, Act.ACCEPT_CONCERN, Act.REFUSE_CONCERN, Act.DEMAND}


def _words_of_decisions(session: Session, story: Story) -> list[DecisionWords]:
    """What was written about it. What a first reader noted says what they would do, so it waits for the decision.

    A letter that a first reader would send is no letter: the second one sends it, or another, or none.
    """
    decisions = [one for one in told_decisions(session, story) if one.act not in ABOUT_SOMEBODY_ELSE]
    decided = max((one.number for one in decisions if one.act in DECIDING), default=0)
    written = [(one, one.words) for one in decisions if one.words]
    return [
        DecisionWords(number=words.number, note=words.note) if one.act is Act.FIRST_READ else words
        for one, words in written
        if one.act is not Act.FIRST_READ or (words.note and one.number < decided)
    ]


def _topics(_session: Session, spaced: str) -> list[Any]:
    return [labels.NOTES.get(code, code) for code in spaced.split()]


def _yes(_session: Session, _value: Any) -> bool:
    return True


def _size(_session: Session, box: bytes | None) -> str:
    return _("%(count)s bytes", count=len(box)) if box else _("erased")


DAY_OF_PURGING = Of(_l("Erased on"))

_OF_STORIES = Table(
    Story,
    _l("About the story"),
    lambda _session, story: [story],
    {
        "id": Of(_l("Its number, as in its address"), lambda _session, number: identifiers.shown(number)),
        "state": Of(_l("What became of it"), _named(labels.STATES)),
        "received_on": Of(_l("Day it arrived")),
        "decided_on": Of(_l("Day it was decided")),
        "ended_on": Of(_l("Day you took it back")),
        "wish": Of(_l("Your wish"), _named(labels.WISHES)),
        "may_quote": Of(labels.USES["quote"]),
        "may_research": Of(labels.USES["research"]),
        "may_press": Of(labels.USES["press"]),
        "may_full": Of(labels.USES["full"]),
        "read_by_a_person": Of(_l("A person has read it")),
        "receipt_digest": Of(_l("The number made from your receipt; nobody can turn it back")),
        "import_key": Of(_l("The file that it came from")),
        "campaign_id": Of(_l("Told for"), _campaign),
        "standing_number": Of(_l("The version that stays public")),
        "uses_next": Of(_l("What you allow from then on"), _named(labels.USES)),
        "uses_window": Of(_l("From when you allow more"), _window),
        "purge_paused": Of(_l("Kept beyond their day for a legal duty")),
    },
    {
        "outcome": NOT_TOLD_YET,
        "outcome_window": NOT_TOLD_YET,
        "outcome_number": NOT_TOLD_YET,
        "revision": COUNTS_CHANGES,
    },
)
_OF_CONCERNS = Table(
    Concern,
    _l("Somebody said that this is their story and that they lost its receipt"),
    _said_to_be_theirs,
    {
        "raised_on": Of(_l("Said on")),
        "answered": Of(_l("What came of it"), _named(ANSWERED)),
        "answered_on": Of(_l("Answered on")),
        "purge_on": DAY_OF_PURGING,
    },
    {
        "id": IN_ANOTHER_ROW,
        "story_id": IN_ANOTHER_ROW,
        "about": "it says only which kind of concern this is: the heading does",
        "words": OF_SOMEBODY_ELSE,
        "receipt_digest": OF_SOMEBODY_ELSE,
        "decision_number": IN_ANOTHER_ROW,
    },
)
_OF_OTHER_CONCERNS = Table(
    Concern,
    _l("Somebody wrote to us about it"),
    lambda _session, story: raised_by_others(story),
    {
        "raised_on": Of(_l("Written on")),
        "answered": Of(_l("What came of it"), _named(CAME_OF_IT)),
        "answered_on": Of(_l("Answered on")),
        "purge_on": Of(_l("Their words are erased on")),
    },
    {
        "id": IN_ANOTHER_ROW,
        "story_id": IN_ANOTHER_ROW,
        "about": OF_WHO_RAISED_IT,
        "words": OF_WHO_RAISED_IT,
        "receipt_digest": OF_WHO_RAISED_IT,
        "decision_number": IN_ANOTHER_ROW,
    },
    part="raised",
)

TABLES: tuple[Table, ...] = (
    Table(
        StoryVersion,
        _l("Your words"),
        _versions,
        {
            "number": Of(_l("Version")),
            "made_by": Of(_l("What this is"), _named(MADE_BY)),
            "text": Of(_l("The story"), is_words=True),
            "title": Of(_l("Title")),
            "name": Of(_l("Name")),
            "language": Of(_l("Language"), _language),
            "country": Of(_l("Country"), _country),
            "place": Of(_l("Town or place, never shown")),
            "setting": Of(_l("Where it was"), _named(labels.SETTINGS)),
            "happened": Of(_l("When it was")),
            "show": Of(_l("Shown under it, as you chose"), _named(SHOWN_TOO)),
            "content_notes": Of(_l("What it speaks of"), _named(labels.NOTES)),
            "purge_on": DAY_OF_PURGING,
        },
        {"id": IN_ANOTHER_ROW, "story_id": IN_ANOTHER_ROW},
    ),
    _OF_STORIES,
    Table(
        Redaction,
        _l("Words that were hidden"),
        _of_versions(Redaction),
        {"start": Of(_l("From character")), "end": Of(_l("To character"))},
        {"version_id": IN_ANOTHER_ROW, "source_version_id": IN_ANOTHER_ROW},
    ),
    Table(
        Coding,
        _l("Themes"),
        _of_versions(Coding),
        {
            "theme_id": Of(_l("Theme"), _theme),
            "coded_by": Of(_l("Given by"), _named(CODED_BY)),
            "start": Of(_l("From character")),
            "end": Of(_l("To character")),
        },
        {"id": IN_ANOTHER_ROW, "version_id": IN_ANOTHER_ROW},
    ),
    Table(
        CodingMove,
        _l("Themes that were joined or parted"),
        _of_versions(CodingMove),
        {
            "from_theme_id": Of(_l("Theme before"), _theme),
            "to_theme_id": Of(_l("Theme after"), _theme),
            "coded_by": Of(_l("Given by"), _named(CODED_BY)),
            "start": Of(_l("From character")),
            "end": Of(_l("To character")),
        },
        {
            "id": IN_ANOTHER_ROW,
            "change_id": IN_ANOTHER_ROW,
            "version_id": IN_ANOTHER_ROW,
            "kept": IN_ANOTHER_ROW,
            "returned": "it is true only for the minutes in which such a change is taken back",
        },
    ),
    Table(
        SuggestedTheme,
        _l("Themes that a program suggests"),
        _of_versions(SuggestedTheme),
        {
            "theme_id": Of(_l("Theme"), _theme),
            "sureness": Of(_l("How sure it is, of a thousand")),
            "refused": Of(_l("A person said no")),
        },
        {"version_id": IN_ANOTHER_ROW},
    ),
    Table(
        GroupStory,
        _l("Groups of stories that a program found"),
        _of_versions(GroupStory),
        {
            "group_id": Of(_l("Words of the group"), _group),
            "typical": Of(_l("How typical it is, of a thousand")),
            "given": Of(_l("It was given the theme of the group")),
        },
        {"version_id": IN_ANOTHER_ROW, "holds": "which of the group's words stand in it, as its text tells"},
    ),
    Table(
        RoundStory,
        _l("Samples that two people code, to compare their work"),
        _of_versions(RoundStory),
        {"round_id": Of(_l("Sample"), _round)},
        {
            "version_id": IN_ANOTHER_ROW,
            "place": "its place in the sample, which is chance",
            "settled": "whether organisers looked at what its coders saw differently",
        },
    ),
    Table(
        RoundReading,
        _l("Coded in a sample"),
        _of_versions(RoundReading),
        {"round_id": Of(_l("Sample"), _round)},
        {"version_id": IN_ANOTHER_ROW, "person_id": OF_A_MODERATOR},
    ),
    Table(
        RoundCoding,
        _l("Themes given in a sample"),
        _of_versions(RoundCoding),
        {
            "round_id": Of(_l("Sample"), _round),
            "theme_id": Of(_l("Theme"), _theme),
            "start": Of(_l("From character")),
            "end": Of(_l("To character")),
        },
        {"id": IN_ANOTHER_ROW, "version_id": IN_ANOTHER_ROW, "person_id": OF_A_MODERATOR},
    ),
    Table(
        BriefQuote,
        _l("Quoted in a brief"),
        _of_versions(BriefQuote),
        {"start": Of(_l("From character")), "end": Of(_l("To character"))},
        {"brief_id": IN_ANOTHER_ROW, "version_id": IN_ANOTHER_ROW, "place": "its place among the brief's quotes"},
    ),
    Table(
        ThemesDue,
        _l("Its themes changed"),
        _of_publication(ThemesDue),
        {"window": Of(_l("Readers see it from"), _window)},
        {"position": IN_ANOTHER_ROW},
    ),
    Table(
        QueueItem,
        _l("Where it waits"),
        _of_the_story,
        {
            "kind": Of(_l("What waits"), _named(labels.KINDS)),
            "lane": Of(_l("In which part of the queue"), _named(labels.LANES)),
            "language": Of(_l("Language"), _language),
            "waits_since": Of(_l("Since")),
            "closed": Of(_l("Done with")),
            "surge": Of(_l("It came when very many came at once"), _yes),
            "cluster_id": Of(_l("It lies with others that say nearly the same"), _yes),
            "compared": Of(_l("Compared with other stories, to find copies")),
            "alone": Of(_l("A person looked and found that it is no copy")),
            "because": Of(_l("Why it is urgent"), _named(labels.URGENCIES)),
            "topics": Of(_l("What it may speak of, so that a moderator can choose not to read it"), _topics),
            "only_for": Of(_l("Who alone decides about it"), _named(labels.ROLES)),
            "first_number": Of(_l("Number of the first reading, after which a second person decides")),
        },
        {
            "id": IN_ANOTHER_ROW,
            "story_id": IN_ANOTHER_ROW,
            "concern_id": IN_ANOTHER_ROW,
            "claimed_by_id": OF_A_MODERATOR,
            "claimed_until": OF_A_MODERATOR,
            "not_for_id": OF_A_MODERATOR,
            "revision": COUNTS_CHANGES,
        },
    ),
    Table(
        Shingle,
        _l("To know copies of it"),
        _shingles,
        {"value": Of(_l("Numbers made from pieces of its words; nobody can turn them back"))},
        {"version_id": IN_ANOTHER_ROW},
    ),
    Table(
        FadingLikeness,
        _l("To know copies of it for a while"),
        _of_versions(FadingLikeness),
        {"forget_on": Of(_l("These numbers are erased on"))},
        {"version_id": IN_ANOTHER_ROW},
    ),
    Table(
        Question,
        _l("What you were asked"),
        lambda _session, story: story.questions,
        {
            "asked": Of(_l("What was asked"), _named(ASKED)),
            "decision_number": Of(_l("Number of the decision")),
            "version_number": Of(_l("About version")),
            "asked_on": Of(_l("Asked on")),
            "answer_by": Of(_l("Answer wished by")),
            "otherwise": Of(_l("Without an answer"), _named(OTHERWISE)),
            "closed": Of(_l("Done with")),
            "accepted": Of(_l("You agreed")),
            "answer": Of(_l("Your answer"), is_words=True),
            "answered_on": Of(_l("Answered on")),
            "purge_on": DAY_OF_PURGING,
        },
        {"id": IN_ANOTHER_ROW, "story_id": IN_ANOTHER_ROW},
    ),
    Table(
        Appeal,
        _l("Your appeals"),
        lambda _session, story: story.appeals,
        {
            "against": Of(_l("Number of the decision")),
            "day": Of(_l("Made on")),
            "words": Of(_l("What you said"), is_words=True),
            "heard": Of(_l("What came of it"), _named(HEARD)),
            "heard_on": Of(_l("Heard on")),
            "purge_on": DAY_OF_PURGING,
        },
        {"id": IN_ANOTHER_ROW, "story_id": IN_ANOTHER_ROW},
    ),
    Table(
        SealedNote,
        _l("What you left for the organisers alone"),
        _by_story(SealedNote),
        {
            "left": Of(_l("What it is"), _named(LEFT)),
            "box": Of(_l("In a sealed box that we cannot open"), _size),
            "key_mark": Of(_l("Mark of the key that opens it")),
            "purge_on": DAY_OF_PURGING,
        },
        {"id": IN_ANOTHER_ROW, "story_id": IN_ANOTHER_ROW},
    ),
    _OF_CONCERNS,
    _OF_OTHER_CONCERNS,
    Table(
        Decision,
        _l("What was decided"),
        _as_told,
        {
            "number": Of(_l("Number")),
            "day": Of(_l("Day")),
            "act": Of(_l("What was done"), _named(labels.ACTS)),
            "by_id": Of(_l("By"), _somebody),
            "reason": Of(_l("Reason"), _named(labels.REASONS)),
            "facts": Of(_l("More"), _facts),
        },
        {
            "previous": PART_OF_THE_CHAIN,
            "hash": PART_OF_THE_CHAIN,
            "note_commitment": PART_OF_THE_CHAIN,
            "letter_commitment": PART_OF_THE_CHAIN,
            "story_id": IN_ANOTHER_ROW,
            "version_id": IN_ANOTHER_ROW,
        },
    ),
    Table(
        DecisionWords,
        _l("What was written about it"),
        _words_of_decisions,
        {
            "number": Of(_l("Number of the decision")),
            "note": Of(_l("A note for the team"), is_words=True),
            "letter": Of(_l("A letter to you"), is_words=True),
        },
        {"salt": PART_OF_THE_CHAIN},
    ),
    Table(
        Publication,
        _l("What everybody can see"),
        _by_story(Publication),
        {
            "position": Of(_l("Its place in the row of stories")),
            "released_on": Of(_l("Published on")),
            "language": Of(_l("Language"), _language),
            "country": Of(_l("Country"), _country),
            "setting": Of(_l("Where it was"), _named(labels.SETTINGS)),
            "year": Of(_l("Year")),
            "campaign_id": Of(_l("Told for"), _campaign),
            "heard": Of(_l("People who hear you")),
            "me_too": Of(_l("People to whom it happened too")),
        },
        {"story_id": IN_ANOTHER_ROW, "version_id": IN_ANOTHER_ROW},
    ),
    Table(
        PublishedTheme,
        _l("Themes under which it stands"),
        _of_publication(PublishedTheme),
        {"theme_id": Of(_l("Theme"), _theme)},
        {"position": IN_ANOTHER_ROW},
    ),
    Table(
        PublishedNote,
        _l("What readers are told that it speaks of"),
        _of_publication(PublishedNote),
        {"note": Of(_l("It speaks of"), _named(labels.NOTES))},
        {"position": IN_ANOTHER_ROW},
    ),
    Table(
        SearchText,
        _l("For the search"),
        _of_publication(SearchText),
        {"folded": Of(_l("The public words once more, written as the search reads them"), _yes)},
        {"position": IN_ANOTHER_ROW},
    ),
    Table(
        Card,
        _l("In rows of stories"),
        _of_publication(Card),
        {
            "opening": Of(_l("How it begins there"), is_words=True),
            "title": Of(_l("Title")),
            "is_cut": Of(_l("Only its beginning stands there")),
            "direction": Of(_l("Which way its script runs")),
            "month": Of(_l("Month")),
            "themes": Of(_l("Themes")),
            "notes": Of(_l("It speaks of")),
        },
        {"position": IN_ANOTHER_ROW},
    ),
    Table(
        PublishedPair,
        _l("Themes under which it stands together"),
        _of_publication(PublishedPair),
        {"first_id": Of(_l("Theme"), _theme), "second_id": Of(_l("And theme"), _theme)},
        {"position": IN_ANOTHER_ROW},
    ),
    Table(
        StoryVector,
        _l("To find stories that are like it"),
        _of_publication(StoryVector),
        {"vector": Of(_l("What it tells, as numbers that a program compares"), _yes)},
        {
            "position": IN_ANOTHER_ROW,
            "cell": "a number of the index that the vector stands in, and of nothing else",
            "least": "how near the last of the stories is that are shown with it: it is about them",
        },
    ),
    Table(
        NearestStory,
        _l("Stories that are like it"),
        _of_publication(NearestStory),
        {"other_position": Of(_l("Another story"), _story_at), "nearness": Of(_l("How near it is, of a thousand"))},
        {"position": IN_ANOTHER_ROW},
    ),
    Table(
        NearnessDue,
        _l("Stories like it are being looked for"),
        _of_publication(NearnessDue),
        {"position": Of(_l("Soon"), _yes)},
        {},
    ),
    Table(
        Solidarity,
        _l("What readers said"),
        _by_story(Solidarity),
        {"kind": Of(_l("What they said"), _named(SAID)), "counted": Of(_l("How often"))},
        {"story_id": IN_ANOTHER_ROW, "waiting": "it is public at the next release, and shown from then on"},
    ),
    Table(
        ExportedStory,
        _l("Files that were taken out with it"),
        _by_story(ExportedStory),
        {"export_id": Of(_l("A file"), _export)},
        {"story_id": IN_ANOTHER_ROW},
    ),
    Table(
        Withdrawal,
        _l("So that no backup brings it back"),
        _by_story(Withdrawal),
        {"day": Of(_l("Day you took it back"))},
        {"story_id": "the story's number, kept so that it can be erased again: it is shown above"},
    ),
)
# Tables that name a story and hold nothing about it.
NOT_ABOUT_A_STORY: dict[str, str] = {}

__all__ = [
    "NOT_ABOUT_A_STORY",
    "TABLES",
    "Part",
    "Row",
    "Words",
    "everything_held",
    "held_of_concern",
    "raised_by_others",
    "told_decisions",
]

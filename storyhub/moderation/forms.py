"""What a moderator fills in to decide. Nothing here reads the database: lists are handed in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    Field,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from storyhub.models.decision import Reason
from storyhub.models.labels import NOTES, REASONS
from storyhub.models.story import Story, StoryVersion
from storyhub.models.theme import Theme
from storyhub.moderation import letters, marks, under_18, wording
from storyhub.moderation.following_up import Done
from storyhub.moderation.marks import Hidden
from storyhub.moderation.suggesting import NO_HINTS, Hints, Span, Suggestion
from storyhub.protection.typed import as_text, is_text
from storyhub.text import spans

LONGEST_NOTE = 2_000
LONGEST_LETTER = 5_000

KINDS_OF_WORDS = {
    Hidden.NAME: _l("a name"),
    Hidden.PLACE: _l("a place"),
    Hidden.OTHER: _l("something else"),
}
WHAT_WAS_DONE = {
    Done.REPORTED: _l("It was reported to an authority"),
    Done.NOTHING: _l("Nothing had to be reported"),
    Done.SUPPORT: _l("Support was offered"),
    Done.OTHER: _l("Something else, told in the note"),
}


def choices(pairs: Iterable[tuple[str, Any]]) -> list[SelectChoice]:
    return [SelectChoice(str(value), words) for value, words in pairs]


class Several(SelectMultipleField):
    """Tick boxes. What was not offered is refused in plain words."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def offered(self) -> list[str]:
        return [str(choice.value) for choice in self.choices or []]

    def pre_validate(self, form: FlaskForm) -> None:  # noqa: ARG002 - WTForms asks for it
        unknown = set(self.data or []) - set(self.offered())
        if unknown:
            raise ValidationError(_("One of these can no longer be chosen. Look them over once more."))


def note_field() -> TextAreaField:
    too_long = _l("A note has room for %(most)s characters.", most=LONGEST_NOTE)
    return TextAreaField(
        _l("Note for the team"),
        [Length(max=LONGEST_NOTE, message=too_long), is_text],
        filters=[as_text],
        # The receipt shows everything that is held about a story (promise 9), and a note is.
        description=_l("Whoever told the story can read it with the receipt."),
    )


def letter_field(label: Any) -> TextAreaField:
    too_long = _l("A letter has room for %(most)s characters.", most=LONGEST_LETTER)
    return TextAreaField(label, [Length(max=LONGEST_LETTER, message=too_long), is_text], filters=[as_text])


class DeskForm(FlaskForm):
    """A form of the desk. Several stand on one page, so their fields' ids begin with the form's own word."""

    word = ""
    version = HiddenField()

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        for field in self:
            field.id = f"{self.word}-{field.short_name}"


def none_left_field() -> BooleanField:
    return BooleanField(_l("I have looked: it holds no sexual detail about someone under 18"))


def accuses_field() -> BooleanField:
    return BooleanField(_l("It accuses somebody who can be recognised"))


class Published(DeskForm):
    """What is said of a story when it is published, or would be: two boxes that stand there only when they matter."""

    none_left = none_left_field()
    accuses = accuses_field()

    def __init__(self, story: Story, *arguments: Any, may_accuse: bool = False, **named: Any) -> None:
        """`may_accuse`: the stewards want two people to decide about stories that accuse somebody."""
        super().__init__(*arguments, **named)
        self.story = story
        if not may_accuse:
            del self.accuses

    @property
    def notes(self) -> list[str]:
        """The content notes with which it goes out."""
        return self.story.newest.content_notes

    @property
    def asks_for_a_word(self) -> bool:
        return under_18.asks_for_a_word(self.story, self.notes)

    @property
    def is_accusing(self) -> bool:
        return bool(self.accuses.data) if "accuses" in self else False

    def validate_to_publish(self) -> bool:
        """As `validate`, and with the word where it is asked for: what is only kept needs none."""
        if not self.validate():
            return False
        if self.asks_for_a_word and not self.none_left.data:
            self.none_left.errors = [
                _("Sexual detail about someone under 18 is never published. Look for it, or pass the story on.")
            ]
            return False
        return True


class Publication(Published):
    """Themes, content notes, and the word that it goes out. `offered` says that the tick boxes were on the page."""

    word = "publication"
    offered = HiddenField(default="1")
    themes = Several(_l("Themes"))
    content_notes = Several(_l("This story speaks of"))
    note = note_field()

    def __init__(
        self, themes: Sequence[tuple[str, str]], story: Story, *arguments: Any, hints: Hints = NO_HINTS, **named: Any
    ) -> None:
        super().__init__(story, *arguments, **named)
        self.themes.choices = choices(with_hints(themes, [theme.slug for theme in hints.themes]))
        self.content_notes.choices = choices(with_hints(NOTES.items(), hints.notes))

    @property
    def says_themes(self) -> bool:
        """Whether themes were to be chosen at all: a script may say nothing of them."""
        return bool(self.offered.raw_data or self.themes.raw_data)

    @property
    def says_notes(self) -> bool:
        return bool(self.offered.raw_data or self.content_notes.raw_data)

    @property
    def notes(self) -> list[str]:
        """Those that were chosen; where nothing was said of them, those that stand already."""
        return list(self.content_notes.data or []) if self.says_notes else super().notes


class Decline(DeskForm):
    """Not publishing: why, and what the contributor reads. The letter is drafted; the moderator may write another."""

    word = "decline"
    reason = SelectField(_l("Reason"), validate_choice=False)
    letter = letter_field(_l("Letter to the person who told it"))
    note = note_field()

    def __init__(
        self, story_language: str | None, *arguments: Any, of_edit: bool = False, is_read: bool = True, **named: Any
    ) -> None:
        """`of_edit`: it is about new words, and what was published stays. `is_read`: there is a receipt to read it."""
        super().__init__(*arguments, **named)
        self.story_language, self.of_edit, self.is_read = story_language, of_edit, is_read
        if not is_read:
            del self.letter
        self.reason.choices = choices([("", _("Choose a reason")), *REASONS.items()])

    def validate_reason(self, field: Field) -> None:
        if field.data not in set(Reason):
            raise ValidationError(_("Choose one of the reasons."))

    def draft(self, reason: Reason | None) -> str:
        return letters.letter(reason, self.story_language, of_edit=self.of_edit)

    @property
    def letter_to_send(self) -> str | None:
        """The letter as written; the draft for the reason where nobody wrote another. None where nobody can read it."""
        if not self.is_read:
            return None
        written = (self.letter.data or "").strip()
        if not written or written == self.draft(None):
            return self.draft(Reason(self.reason.data))
        return written


class DeclineTogether(Decline):
    """Not publishing what came as one. `count`: how many were seen; `apart`: items that are none of them."""

    word = "together"
    count = IntegerField(_l("How many"), widget=HiddenInput())
    apart = Several(_l("Not one of them"))

    def __init__(self, story_language: str | None, members: Iterable[str], *arguments: Any, **named: Any) -> None:
        super().__init__(story_language, *arguments, **named)
        self.apart.choices = choices((member, member) for member in members)

    def letter_for(self, reason: Reason, language: str | None) -> str:
        """The letter as written; where nobody wrote another than the draft, the draft in a story's own language."""
        written = (self.letter.data or "").strip()
        drafts = (letters.letter(draft, self.story_language) for draft in (None, reason))
        return written if written and written not in drafts else letters.letter(reason, language)


class Redaction(DeskForm):
    """Words to hide: as spans in code points (which selecting words in the story fills in), or as the words."""

    word = "redaction"
    found = Several(_l("What was found"))
    words = TextAreaField(
        _l("Words to hide"),
        [Length(max=LONGEST_NOTE, message=_l("That is too long for one go.")), is_text],
        filters=[as_text],
    )
    spans = StringField(_l("Or their places"), [Length(max=LONGEST_NOTE, message=_l("That is too long for one go."))])
    kind = RadioField(_l("What are they?"), choices=choices(KINDS_OF_WORDS.items()), default=str(Hidden.NAME))
    which = RadioField(
        _l("Where?"),
        choices=choices([("all", _l("everywhere they stand")), ("first", _l("only this once"))]),
        default="all",
    )
    note = note_field()

    def __init__(
        self, source: StoryVersion, suggested: Iterable[Suggestion] = (), *arguments: Any, **named: Any
    ) -> None:
        super().__init__(*arguments, **named)
        self.source, self.suggested = source, {one.value: one for one in suggested}
        self.found.choices = choices((value, wording.found(one)) for value, one in self.suggested.items())
        self.places: list[spans.Span] = []
        self.kinds: dict[int, Hidden] = {}  # of what was found, by where it begins
        self.hidden_words: list[tuple[str, Hidden | None]] = []

    def validate_spans(self, field: Field) -> None:
        text, words = self.source.text or "", (self.words.data or "").strip()
        try:
            chosen = spans.read_spans(field.data or "", len(text))
        except ValueError as error:
            raise ValidationError(_("These places are not in the story. They look like this: 12-18, 40-52")) from error
        # A script that names places and says nothing else means those places and no others.
        if chosen and self.which.raw_data and self.which.data == "all":
            chosen = [spans.without_edges(text, span) for span in chosen]
            self.hidden_words = [(text[start:end], None) for start, end in chosen]
            chosen = spans.everywhere(text, chosen)
        if words:
            found = spans.find_words(text, words)
            chosen += found[:1] if self.which.data == "first" else found
            self.hidden_words.append((words, None))
        chosen += self._chosen_of_found(text)
        if not chosen and not words:
            raise ValidationError(_("Say which words are to be hidden."))
        self.places = chosen

    def _chosen_of_found(self, text: str) -> list[Span]:
        places = []
        for one in (self.suggested[value] for value in self.found.data or [] if value in self.suggested):
            here = [one.first] if self.which.data == "first" else spans.everywhere(text, [one.first])
            self.kinds |= {start: one.hidden for start, _end in here}
            self.hidden_words.append((one.words, one.hidden))
            places += here
        return places

    def validate_words(self, field: Field) -> None:
        words = (field.data or "").strip()
        everything = (self.source.text, self.source.title, self.source.name)
        if words and not any(spans.find_words(part or "", words) for part in everything):
            raise ValidationError(_("These words do not stand in the story. Copy them just as they stand there."))

    def mark(self, kind: Hidden | None = None) -> str:
        """What stands for hidden words of this kind, or else of the kind that was chosen."""
        return marks.mark(kind or Hidden(self.kind.data), self.source.language)

    def line_without(self, line: str | None) -> str | None:
        """A title or a name in which a mark stands for the hidden words; None for no change."""
        without = line or ""
        for words, kind in sorted(self.hidden_words, key=lambda hidden: -len(hidden[0])):
            for start, end in reversed(spans.find_words(without, words)):
                without = without[:start] + self.mark(kind) + without[end:]
        return without if line and without != line else None


class Originals(DeskForm):
    """Reading the words as first told once more, after the decision, and why."""

    word = "originals"
    note = note_field()


class FollowUp(DeskForm):
    """What a safeguarding lead did."""

    word = "follow-up"
    done = RadioField(_l("What was done"), choices=choices(WHAT_WAS_DONE.items()), validate_choice=False)
    note = note_field()

    def validate_done(self, field: Field) -> None:
        if field.data not in set(Done):
            raise ValidationError(_("Choose what was done."))


class SettingAside(DeskForm):
    """Taking a published story's words down."""

    word = "setting-aside"
    reason = SelectField(_l("Reason"), validate_choice=False)
    note = note_field()

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.reason.choices = choices([("", _("Choose a reason")), *REASONS.items()])

    def validate_reason(self, field: Field) -> None:
        if field.data not in set(Reason):
            raise ValidationError(_("Choose one of the reasons."))


def with_hints(pairs: Iterable[tuple[str, Any]], hinted: Collection[str]) -> list[tuple[str, Any]]:
    """(code, name) with those first that the words suggest, and saying so; none of them is chosen by that."""
    named = list(pairs)
    first = [(code, _("%(name)s – suggested by the words", name=name)) for code, name in named if code in hinted]
    return first + [(code, name) for code, name in named if code not in hinted]


def theme_choices(themes: Sequence[Theme], language: str) -> list[tuple[str, str]]:
    """(slug, name) of themes, by name."""
    return sorted(((theme.slug, theme.name_in(language)) for theme in themes), key=lambda pair: pair[1].casefold())

"""What a steward fills in about what is urgent: a list of lines for each language and kind, and a sentence to try."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import Field, TextAreaField
from wtforms.validators import Length, Optional, ValidationError

from storyhub import languages
from storyhub.accounts.settling import tidy
from storyhub.models.queue import Urgency
from storyhub.text import language as languages_of_words
from storyhub.text import topics, urgency, wordlists

Lists = dict[str, dict[str, list[str]]]

MOST_LINES = 500
LONGEST_LIST = 60_000  # characters
LONGEST_SENTENCE = 2_000
MOST_TOLD = 5  # of the lines that are refused; whoever put those right is told of the others

WHY: dict[str, LazyString] = {
    "long": _("it is too long"),
    "empty": _("there is no word in it"),
    "empty-choice": _("there is nothing on one side of a /"),
    "ends": _("a line begins and ends with a word, not with … or *"),
    "gaps": _("… stands in it more than twice"),
    "not-inside": _("an exclamation mark can only stand before its first word and before its last"),
    "ways": _("it has too many choices; please make two lines of it"),
    "short": _("so little alone would be found in nearly every story"),
    "star": _("* stands alone or at the end of a word, and # alone"),
    "star-short": _("before a * there have to be three letters or more"),
}
KINDS: dict[str, LazyString] = {"danger": _("Present danger"), "child": _("A child")}


@dataclass(frozen=True)
class Tried:
    """What would become of a story of these words."""

    because: Urgency | None
    found: tuple[tuple[str, str], ...]  # the words, and the line by which they were found
    language: str | None
    notes: tuple[str, ...]
    under_18_detail: bool


class UrgentForm(FlaskForm):
    """The sentence to try; `urgent_form` adds a field for each list: danger_en, child_en, and so on."""

    codes: tuple[str, ...] = ()
    sentence = TextAreaField(_("Try a sentence"), [Optional(), Length(max=LONGEST_SENTENCE)], [tidy])

    def lists_of(self, code: str) -> list[Field]:
        return [self[f"{kind}_{code}"] for kind in urgency.KINDS]

    def count(self, code: str) -> int:
        return sum(len(lines_in(one.data)) for one in self.lists_of(code))

    def is_ours(self, code: str) -> bool:
        """Whether the lists of this language are as StoryHub comes with them."""
        ours = urgency.defaults().get(code, {})
        return all(lines_in(self[f"{kind}_{code}"].data) == ours.get(kind, []) for kind in urgency.KINDS)

    def put_back(self, code: str) -> None:
        """Fill in the lists that StoryHub comes with. Nothing is kept yet."""
        if code in self.codes:
            for kind in urgency.KINDS:
                self[f"{kind}_{code}"].data = "\n".join(urgency.defaults().get(code, {}).get(kind, []))

    def kept(self) -> Lists | None:
        """What differs from the lists that StoryHub comes with; None when nothing does."""
        ours = urgency.defaults()
        kept: Lists = {}
        for code in self.codes:
            for kind in urgency.KINDS:
                lines = lines_in(self[f"{kind}_{code}"].data)
                if lines != ours.get(code, {}).get(kind, []):
                    kept.setdefault(code, {})[kind] = lines
        return kept or None

    def try_out(self) -> Tried:
        """Look through the sentence as a story would be, by the lists as they stand in the form."""
        words = self.sentence.data or ""
        language = languages_of_words.detect(words)
        hits = urgency.find(words, language, self.kept())
        kind = urgency.kind_of(hits)
        return Tried(
            because=Urgency(kind) if kind else None,
            found=tuple(dict.fromkeys((words[hit.start : hit.end], hit.phrase) for hit in hits)),
            language=language,
            notes=tuple(topics.find(words, language)),
            under_18_detail=urgency.under_18_detail(words, language),
        )


def lines_in(typed: str | None) -> list[str]:
    return [line.strip() for line in (typed or "").splitlines() if line.strip()]


def urgent_form(kept: Mapping[str, Mapping[str, list[str]]] | None, languages_read: Iterable[str]) -> UrgentForm:
    """The form with the lists as they are kept: of our languages, and of all others that somebody here can read."""
    others = {wordlists.primary(code) for code in languages_read} | set(kept or ())
    codes = (*wordlists.ALL, *sorted(others - set(wordlists.ALL) - {""}))
    shown = {(code, kind): _shown(kept, code, kind) for code in codes for kind in urgency.KINDS}
    fields = {f"{kind}_{code}": _field(code, kind) for code, kind in shown}
    form = type("UrgentFormOfLanguages", (UrgentForm,), {"codes": codes, **fields})
    made: UrgentForm = form(data={f"{kind}_{code}": "\n".join(lines) for (code, kind), lines in shown.items()})
    return made


def _shown(kept: Mapping[str, Mapping[str, list[str]]] | None, code: str, kind: str) -> list[str]:
    ours = urgency.defaults().get(code, {}).get(kind, [])
    return (kept or {}).get(code, {}).get(kind, ours)


def _field(code: str, kind: str) -> TextAreaField:
    label = LazyString(lambda: f"{KINDS[kind]} ({name_of(code)})")
    return TextAreaField(label, [Optional(), Length(max=LONGEST_LIST), _readable(code)], [tidy])


def name_of(code: str) -> str:
    return gettext("any language") if code == wordlists.ANY else languages.name(code, languages.current())


def title_of(code: str) -> str:
    """The same as it stands at the beginning of a line."""
    name = name_of(code)
    return name[:1].upper() + name[1:]


def _readable(code: str) -> object:
    """Refuses a list with a line that cannot be looked for, and says which and why."""

    def check(_form: FlaskForm, field: Field) -> None:
        written = (field.data or "").splitlines()
        if len(lines_in(field.data)) > MOST_LINES:
            raise ValidationError(gettext("At most %(most)s lines fit here.", most=MOST_LINES))
        wrong = [
            gettext("Line %(number)s, “%(line)s”: %(why)s.", number=number, line=_cut(line.strip()), why=WHY[why])
            for number, line, why in urgency.refused(written, code)
        ]
        if wrong:
            raise ValidationError(" ".join(wrong[:MOST_TOLD]))

    return check


def _cut(line: str) -> str:
    return line if len(line) <= 60 else f"{line[:60]}…"

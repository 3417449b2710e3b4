"""Bringing a file's stories in: first the whole file is checked, and only then is anything stored, batch by batch."""

from __future__ import annotations

import csv
import hashlib
import hmac
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from storyhub.exports.columns import COLUMNS, without_guard
from storyhub.models.decision import Act, append_decision
from storyhub.models.story import State, Told, Use
from storyhub.models.theme import Campaign, Theme
from storyhub.models.version import may_hold_under_18_detail
from storyhub.operations.bulk import Ready, in_batches, known_keys, store
from storyhub.operations.importing.columns import Columns, Refused, Understood, understand
from storyhub.operations.importing.files import Row, Unreadable
from storyhub.protection.sealing import derived_key
from storyhub.text.language import detect

MOST_THEMES = 500  # new ones: more are no themes, but words of another kind in a column of that name

Progress = Callable[[int], object]


class Source(Protocol):
    """A file that gives rows. `columns` is None when they are only known row by row."""

    columns: list[str] | None

    def rows(self, progress: Progress) -> Iterator[Row]: ...


@dataclass(frozen=True)
class Wanted:
    """How stories are to come in. `window` is the release window of those that are public at once."""

    source: str
    format: str
    state: State
    consent: tuple[Use, ...]
    language: str | None
    window: int
    receipt_key: str


@dataclass
class Counts:
    """What became of a file's rows: read = new + already there + refused + skipped. The others are among the stored."""

    read: int = 0
    new: int = 0
    there: int = 0
    refused: int = 0
    noted: int = 0
    for_the_desk: int = 0  # to be published only when somebody there has looked
    skipped: Counter[str] = field(default_factory=Counter)


class Report:
    """The file that says of each row that didn't come in whole: its line, why, and the row itself.

    For the eyes of its owner alone: it holds words of stories. Nothing is written while there is nothing to say.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: Any = None

    def add(self, what: str, row: Row, reason: str) -> None:
        if self._file is None:
            descriptor = os.open(self.path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
            os.fchmod(descriptor, 0o600)
            self._file = os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="")
            self._writer = csv.writer(self._file)
            self._writer.writerow(("line", "what", "reason", "row"))
        self._writer.writerow((row.line, what, reason, _as_json(row.raw)))

    @property
    def is_written(self) -> bool:
        return self._file is not None

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


def _as_json(raw: Any) -> str:
    """A row as JSON; bytes that are no UTF-8 as escapes, so that nothing of it is lost."""
    text = json.dumps(raw, ensure_ascii=False)
    return text if text.isprintable() or _is_utf_8(text) else json.dumps(raw)


def _is_utf_8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class Bringing:
    """One import: `check` reads the whole file and stores nothing; `store` then brings in what is new."""

    def __init__(self, session: Session, source: Source, wanted: Wanted, columns: Columns, report: Report) -> None:
        self.session = session
        self.source = source
        self.wanted = wanted
        self.columns = columns
        self.report = report
        self.counts = Counts()
        self._key = derived_key(wanted.receipt_key, "import")
        self._campaigns = {slug: id_ for id_, slug in session.execute(sa.select(Campaign.id, Campaign.slug))}
        self._theme_ids = {slug: id_ for id_, slug in session.execute(sa.select(Theme.id, Theme.slug))}
        self._new_themes: dict[str, str] = {}
        self._for_the_desk: set[str] = set()  # keys: words are looked through once, when the file is checked
        session.rollback()  # nobody has to wait while a file is read

    def check(self, progress: Progress) -> Counts:
        """Read every row, report what can't come in, and count. Raises Unreadable."""
        self._meet_columns()
        for batch in in_batches(self._understood(progress)):
            for key, facts, row in batch:
                self._count(key, row, facts)
            good = [key for key, facts, _row in batch if facts is not None]
            known = known_keys(self.session, good)
            self.session.rollback()
            self.counts.there += len(known)
            self.counts.new += len(good) - len(known)
        self.columns.settle()
        self._new_themes |= {slug: name for name, slug in self.columns.theme_columns() if slug not in self._theme_ids}
        if len(self._new_themes) > MOST_THEMES:
            raise Unreadable(
                _(
                    "%(count)s different themes are too many: leave that column out with --map.",
                    count=len(self._new_themes),
                )
            )
        return self.counts

    def _meet_columns(self) -> None:
        if self.source.columns is not None:
            self.columns.meet(self.source.columns)
            if self.columns.column("text") is None:
                names = ", ".join(self.source.columns)
                raise Unreadable(
                    _("No column is known to hold the story. Name it with --map. Found: %(names)s", names=names)
                )
            unknown = sorted(set(self.columns.given) - set(self.source.columns))
            if unknown:
                raise Unreadable(
                    _("--map names columns that the file does not have: %(names)s", names=", ".join(unknown))
                )

    def store(self, progress: Progress) -> int:
        """Store what is new, in batches of one transaction each. Returns how many. Commits.

        Killed in between, the same import simply goes on where it ended.
        """
        if not self.counts.new:
            return 0
        self._make_themes()
        self._record()
        new = 0
        for batch in in_batches(self._understood(progress)):
            ready = [self._ready(key, facts, row) for key, facts, row in batch if facts is not None]
            new += store(self.session, ready)
            self.session.commit()
        return new

    def _record(self) -> None:
        """Append the one decision, in the transaction of the first batch: no story comes in without a record."""
        counts = self.counts
        facts: dict[str, str | int | None] = {
            "source": self.wanted.source,
            "format": self.wanted.format,
            "state": str(self.wanted.state),
            "read": counts.read,
            "new": counts.new,
            "there": counts.there,
            "refused": counts.refused,
        }
        append_decision(self.session, Act.IMPORT, by=None, facts=facts)

    def _understood(self, progress: Progress) -> Iterator[tuple[str, Understood | None, Row]]:
        """(import key, facts, row) of every row; without facts where it can't be a story, and the row says why."""
        occurrences = _Occurrences(self._key, self.wanted.source)
        for row in self.source.rows(progress):
            facts = None
            if not row.problem:
                self._look_at(row)
                try:
                    facts = understand(self._cells(row), self.columns)
                except Refused as refused:
                    row.problem = str(refused)
            yield "" if facts is None else occurrences.key(facts.told.text), facts, row

    def _look_at(self, row: Row) -> None:
        if self.source.columns is None:
            self.columns.meet(row.cells)
        self.columns.watch(row.cells)

    def _cells(self, row: Row) -> Mapping[str, Any]:
        """The cells; of a file that we wrote ourselves, without the guard against formulas."""
        if self.source.columns == COLUMNS:
            return {name: without_guard(cell) for name, cell in row.cells.items()}
        return row.cells

    def _count(self, key: str, row: Row, facts: Understood | None) -> None:
        self.counts.read += 1
        if row.is_skipped:
            self.counts.skipped[row.problem] += 1
            self.report.add("skipped", row, row.problem)
        elif facts is None:
            self.counts.refused += 1
            self.report.add("refused", row, row.problem)
        else:
            self._note(key, row, facts)

    def _note(self, key: str, row: Row, facts: Understood) -> None:
        notes = list(facts.notes)
        if facts.campaign and facts.campaign not in self._campaigns:
            notes.append(_("%(fact)s left out: %(value)s", fact="campaign", value=facts.campaign))
        self.counts.noted += bool(notes)
        if self._waits_for_a_word(facts, row):
            self.counts.for_the_desk += 1
            self._for_the_desk.add(key)
            notes.append(_("it waits at the desk, as it may speak of sexual violence and of a child"))
        if notes:
            self.report.add("noted", row, "; ".join(notes))
        for slug, name in facts.themes:
            if slug not in self._theme_ids:
                self._new_themes.setdefault(slug, name)

    def _waits_for_a_word(self, facts: Understood, row: Row) -> bool:
        """Whether it may be published only when somebody at the desk has looked, as the desk would be asked to."""
        if self.wanted.state is not State.PUBLISHED:
            return False
        told = facts.told
        return may_hold_under_18_detail(facts.content_notes, told.text, told.title, self._language(told, row))

    def _language(self, told: Told, row: Row) -> str | None:
        return told.language or self.wanted.language or detect(told.text) or row.cells.get("site_language") or None

    def _make_themes(self) -> None:
        for slug, name in self._new_themes.items():
            theme = Theme(slug=slug, names={"en": name}, definitions={}, retired=False)
            self.session.add(theme)
            self.session.flush()
            self._theme_ids[slug] = theme.id

    def _ready(self, key: str, facts: Understood, row: Row) -> Ready:
        return Ready(
            key=key,
            told=replace(facts.told, language=self._language(facts.told, row)),
            state=State.WAITING if key in self._for_the_desk else self.wanted.state,
            consent=self.wanted.consent if facts.consent is None else facts.consent,
            theme_ids=tuple(self._theme_ids[slug] for slug, _name in facts.themes),
            not_theme_ids=() if facts.themes else tuple({self._theme_ids[slug] for slug in facts.not_themes}),
            content_notes=facts.content_notes,
            campaign_id=self._campaigns.get(facts.campaign or ""),
            window=self.wanted.window,
        )


class _Occurrences:
    """Which story of a file a text is: the key of a source, a text, and the how manieth time it stands there.

    A keyed digest, so that nobody can find out from a copy of the database whether a text they know came in.
    """

    def __init__(self, key: bytes, source: str) -> None:
        self._key, self._source = key, source
        self._once: set[int] = set()  # eight bytes of each text's digest, not the text: a million fit in memory
        self._again: Counter[int] = Counter()

    def key(self, text: str) -> str:
        mark = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
        if mark in self._once:
            self._again[mark] += 1
        self._once.add(mark)
        number = self._again[mark] + 1 if mark in self._again else 1
        words = json.dumps([self._source, number, text]).encode()
        return hmac.new(self._key, words, hashlib.sha256).hexdigest()

"""The record of decisions as a file for the organisation: what was decided and why, without words and without names."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub.exports.files import FORMATS, ExportFacts
from storyhub.exports.queries import one_moment
from storyhub.models.decision import Act, Decision, Reason, append_decision
from storyhub.models.people import Person, Role
from storyhub.protection import identifiers

AT_ONCE = 2_000  # decisions in memory

COLUMNS = ["number", "day", "act", "reason", "story", "version", "by", "facts", "note", "letter", "hash"]
# Facts of which only known codes, numbers, days and ids of what was decided about are ever written. A key that is new
# is in no file until it is put here, or below with why it is not.
TOLD = {
    "about", "act", "against", "answer-by", "asked", "brief", "cluster", "consent", "count", "did", "done",
    "export", "fields", "followed", "for", "format", "from", "lane", "language", "languages", "mark", "month",
    "new", "otherwise", "read", "redaction", "refused", "response", "role", "round", "sample", "second-of", "seed",
    "sha256", "since", "spans", "state", "stories", "table", "there", "under-18", "undone", "until", "what",
}  # fmt: skip
LEFT_OUT = {
    "person": "somebody with an account: whom a change of roles was about",
    "place": "an id that is on no page",
    "source": "the name of a file, which somebody chose freely",
    "would": "what the first of two readers would do: the second one decides",
}
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,300}")  # whatever is no code is not told, even under a key that is

A_MODERATOR, ITS_TELLER, THE_ORGANISATION, THE_SITE = "a moderator", "its teller", "the organisation", "the site"
OF_THE_ORGANISATION = {Act.DEMAND, Act.RESPOND, Act.IMPORT, Act.EXPORT, Act.SETTINGS}


@dataclass(frozen=True)
class Chosen:
    """Which decisions: of these days, both of them too, and of this act. None: all."""

    since: dt.date | None = None
    until: dt.date | None = None
    act: Act | None = None

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        found: list[sa.ColumnElement[bool]] = []
        if self.since is not None:
            found.append(Decision.day >= self.since)
        if self.until is not None:
            found.append(Decision.day <= self.until)
        if self.act is not None:
            found.append(Decision.act == self.act)
        return found


@dataclass(frozen=True)
class Taken:
    """A file of decisions: how many are in it, and the digest of its bytes."""

    count: int
    sha256: str


def take_decisions_out(session: Session, file: BinaryIO, chosen: Chosen, format_: str, *, by: int | None) -> Taken:
    """Write the chosen decisions to `file`, oldest first, and record that they left. Doesn't commit.

    `by` is a person's id, or None for the command line. Where nothing is chosen, nothing is recorded.
    """
    count, digesting = 0, _Digesting(file)
    taker = session.get(Person, by) if by is not None else None
    is_told_all = by is None or may_know_what_was_demanded(taker)

    def counted(rows: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        nonlocal count
        for row in rows:
            count += 1
            yield row

    with one_moment() as reading:
        rows = counted(rows_of(reading, chosen, is_told_all))
        FORMATS[format_].write(rows, cast(BinaryIO, digesting), ExportFacts(columns=COLUMNS))
    file.flush()
    taken = Taken(count, digesting.digest.hexdigest())
    if count:
        _record(session, chosen, format_, taken, by)
    return taken


class _Digesting:
    """Digests what is written to a file on its way: such a file need not be one that can be read back."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.digest = file, hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        return self.file.write(data)


def _record(session: Session, chosen: Chosen, format_: str, taken: Taken, by: int | None) -> None:
    facts: dict[str, str | int | None] = {
        "what": "decisions",
        "format": format_,
        "count": taken.count,
        "sha256": taken.sha256,
    }
    if chosen.since is not None:
        facts["since"] = chosen.since.isoformat()
    if chosen.until is not None:
        facts["until"] = chosen.until.isoformat()
    if chosen.act is not None:
        facts["act"] = str(chosen.act)
    append_decision(session, Act.EXPORT, by=by, facts=facts)


def may_know_what_was_demanded(person: Person | None) -> bool:
    """Whether somebody may know of which story something was demanded: stewards, who answer it, and nobody else."""
    return person is not None and person.is_any(Role.STEWARD)


def rows_of(session: Session, chosen: Chosen, is_told_all: bool) -> Iterator[dict[str, Any]]:
    """The chosen decisions as rows of a file, a few at a time."""
    decisions = sa.select(Decision).where(*chosen.conditions()).order_by(Decision.number)
    for decision in session.scalars(decisions.execution_options(yield_per=AT_ONCE)):
        yield row_of(decision, is_told_all)


def row_of(decision: Decision, is_told_all: bool) -> dict[str, Any]:
    """One decision. Of its note and its letter only that there were some, also when they are erased by now."""
    return {
        "number": decision.number,
        "day": decision.day.isoformat(),
        "act": str(decision.act),
        "reason": str(reason_told(decision) or ""),
        "story": story_of(decision, is_told_all),
        "version": _shown(decision.version_id),
        "by": by_whom(decision),
        "facts": facts_told(decision),
        "note": _yes(decision.note_commitment),
        "letter": _yes(decision.letter_commitment),
        "hash": decision.hash,
    }


def reason_told(decision: Decision) -> Reason | None:
    """Why; not for which reason the first of two readers would decline, since the second one decides."""
    return None if decision.act is Act.FIRST_READ else decision.reason


def story_of(decision: Decision, is_told_all: bool) -> str:
    """About which story it was; of a demand nobody learns that here who does not answer demands."""
    return _shown(decision.story_id) if is_told_all or decision.act is not Act.DEMAND else ""


def by_whom(decision: Decision) -> str:
    """Never who: a file of who decided what would be a table of how much each person did."""
    if decision.by_id is not None:
        return THE_ORGANISATION if decision.act in OF_THE_ORGANISATION else A_MODERATOR
    overtaken = decision.act is Act.UNDO and decision.facts.get("for") == "edit"
    contradicted = decision.act is Act.REFUSE_CONCERN
    return ITS_TELLER if overtaken or contradicted else THE_SITE


def facts_told(decision: Decision) -> list[str]:
    """What is known of a decision besides, as key=value; codes only."""
    pairs = ((key, str(value)) for key, value in sorted(decision.facts.items()) if value is not None and key in TOLD)
    return [f"{key}={value}" for key, value in pairs if CODE.fullmatch(value)]


def _shown(number: int | None) -> str:
    return "" if number is None else identifiers.shown(number)


def _yes(commitment: str | None) -> str:
    return "no" if commitment is None else "yes"

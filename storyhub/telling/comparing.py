"""A redaction side by side: the contributor's own words with what is or would be hidden, and how it looks then."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub.models.story import MadeBy, Redaction, Story, StoryVersion

Span = tuple[int, int]
Piece = tuple[str, bool]  # words, and whether they would be hidden


@dataclass(frozen=True)
class BeforeAndAfter:
    """The contributor's own version, its paragraphs in pieces, and the version in which words are hidden."""

    before: StoryVersion
    paragraphs: list[list[Piece]]
    after: StoryVersion


def hidden_in_public(session: Session, story: Story) -> BeforeAndAfter | None:
    """What everybody reads beside the contributor's own words, while these are held; None where nothing is hidden."""
    public = story.public.version if story.public is not None else None
    if public is None or public.made_by is not MadeBy.REDACTED:
        return None
    return before_and_after(session, story, public)


def before_and_after(session: Session, story: Story, after: StoryVersion | None = None) -> BeforeAndAfter | None:
    """What a version, else the newest, hides of the contributor's own words; None when those are no longer held."""
    after = hidden = after or story.newest
    spans: list[Span] | None = None
    while hidden.made_by is MadeBy.REDACTED:
        rows = session.execute(
            sa.select(Redaction.start, Redaction.end, Redaction.source_version_id)
            .filter_by(version_id=hidden.id)
            .order_by(Redaction.start)
        ).all()
        source = next((one for one in story.versions if rows and one.id == rows[0].source_version_id), None)
        if source is None or source.text is None:
            return None
        here = [(row.start, row.end) for row in rows if row.start < row.end]
        spans = here if spans is None else in_the_source(spans, here, source.text, hidden.text or "")
        hidden = source
    return BeforeAndAfter(hidden, pieces(hidden.text or "", spans or []), after)


def in_the_source(later: list[Span], earlier: list[Span], text: str, marked: str) -> list[Span]:
    """Spans of a text in which marks stand, as spans of the text before: `earlier` are what the marks stand for."""
    marks = _lengths_of_marks(earlier, text, marked)

    def place(position: int, *, is_end: bool) -> int:
        grown = 0
        for (start, end), mark in zip(earlier, marks, strict=True):
            at = start + grown
            if position < at + is_end:
                break
            if position < at + mark + is_end:  # within a mark: all that it stands for
                return end if is_end else start
            grown += mark - (end - start)
        return position - grown

    moved = [(place(start, is_end=False), place(end, is_end=True)) for start, end in later]
    return merged(sorted([*moved, *earlier]))


def _lengths_of_marks(spans: list[Span], text: str, marked: str) -> list[int]:
    """How long the mark is that stands for each span: names, places and other words have marks of their own."""
    lengths = []
    at = before = 0
    for (start, end), following in zip(spans, [*(start for start, _end in spans[1:]), len(text)], strict=True):
        at += start - before
        closes = marked.find("]", at) + 1 if marked[at : at + 1] == "[" else 0
        if following == len(text):  # the last one: what is left but for the words after it
            closes = len(marked) - (len(text) - end)
        elif not closes:  # a mark without brackets ends where the words after it begin
            closes = marked.find(text[end:following], at)
        lengths.append(max(closes - at, 0))
        at, before = max(closes, at), end
    return lengths


def merged(spans: list[Span]) -> list[Span]:
    """Sorted spans with those that overlap or touch joined."""
    joined: list[Span] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def pieces(text: str, spans: list[Span]) -> list[list[Piece]]:
    """A text as paragraphs of pieces; a span that goes over a paragraph's end is in both."""
    cut: list[Piece] = []
    place = 0
    for start, end in spans:
        cut += [(text[place:start], False), (text[start:end], True)]
        place = end
    cut.append((text[place:], False))
    paragraphs: list[list[Piece]] = [[]]
    for words, is_hidden in cut:
        first, *rest = words.split("\n\n")
        paragraphs[-1].append((first, is_hidden))
        paragraphs += [[(one, is_hidden)] for one in rest]
    return [[(words, is_hidden) for words, is_hidden in one if words] for one in paragraphs]

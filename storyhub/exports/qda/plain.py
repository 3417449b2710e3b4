"""Words as every program for qualitative analysis counts them: lines end in LF, one code point is one position.

Programs disagree on how many positions CR LF, a byte-order mark or U+2028 take, and codings slip by one with every
line. None of them is in what is written here; each other character stays one character.
"""

from __future__ import annotations

import re

CRLF = "\r\n"
LINE_ENDS = re.compile("[\r\x85\u2028\u2029]")
# What XML 1.0 can't hold, even escaped. It was taken out when a story was received; this is for whatever was not.
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def plain(text: str) -> str:
    """The same words with LF alone between lines: one code point for one, and for CR LF one for two."""
    return FORBIDDEN.sub("\ufffd", LINE_ENDS.sub("\n", text.replace(CRLF, "\n")))


def plain_span(text: str, start: int | None, end: int | None) -> tuple[int, int]:
    """Where code points start to end of `text` are in `plain(text)`. All of it where that is nothing."""
    last = len(text)
    first, after = min(max(start or 0, 0), last), last if end is None else min(max(end, 0), last)
    if first >= after:
        first, after = 0, last
    if text[first - 1 : first + 1] == CRLF and first > 0:
        first -= 1  # half of a line's end is the whole of it
    return first - text.count(CRLF, 0, first), after - text.count(CRLF, 0, after)


def one_line(text: str) -> str:
    """Words for a name or a heading."""
    return " ".join(plain(text).split())

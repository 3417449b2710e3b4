"""What happens to words as they arrive: almost nothing, and nothing that a reader could see (promise 8)."""

import re
import unicodedata
from functools import cache
from urllib.parse import unquote_to_bytes

__all__ = ["NotText", "check_form_body", "clean", "is_empty", "length", "read_bytes"]

# All of Unicode's Cc except tab, line feed and carriage return. Joiners (ZWNJ, ZWJ), direction controls and the
# byte-order mark are Cf, not Cc: scripts and emoji need them, so they stay, and are isolated when shown.
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
LINE_ENDS = re.compile("\r\n?")
SURROGATES = re.compile("[\ud800-\udfff]")
# No language needs more marks on one letter (Unicode's Stream-Safe Text Format, UAX #15).
LONG_RUN = 31
# Letters and symbols by category, yet blank to the eye: Hangul fillers and the empty braille cell.
BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")


class NotText(ValueError):
    """The words cannot be read as text at all; they are refused, saying so, and never guessed at."""


def read_bytes(data: bytes) -> str:
    """Return UTF-8 bytes as cleaned words; raise NotText for anything else.

    One byte-order mark at the very start is a signature of the file, not something that somebody typed.
    """
    try:
        return clean(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise NotText(f"not UTF-8 at byte {error.start}") from error


def check_form_body(body: bytes, content_type: str) -> None:
    """Raise NotText unless the body of a form, as it was sent, holds UTF-8 alone.

    To be asked before the form is parsed: Werkzeug would keep a broken %E9 as three typed characters, drop the whole
    form for a broken byte, and put U+FFFD for it in multipart, and the words would be changed without a word said.
    """
    is_percent_encoded = content_type.partition(";")[0].strip().lower() == "application/x-www-form-urlencoded"
    # What divides the fields is ASCII, so that the body is UTF-8 exactly when each of its fields is.
    read_bytes(unquote_to_bytes(body) if is_percent_encoded else body)


def clean(text: str) -> str:
    """Return the words as they are kept: Unicode NFC, lines ended by LF, no non-printing controls; all else as typed.

    White space at the ends stays too: whether anything was told is judged by is_empty(). Cleaning twice changes
    nothing more. Half of a surrogate pair is no character, cannot be stored, and raises NotText.
    """
    if lone := SURROGATES.search(text):
        raise NotText(f"half a character at position {lone.start()}")
    # Controls go first: what stood on both sides of one may be a line end, or a letter and its accent.
    return unicodedata.normalize("NFC", _ordered(LINE_ENDS.sub("\n", CONTROLS.sub("", text))))


def _ordered(text: str) -> str:
    """The same text to every reader of Unicode, with long runs of combining marks in their canonical order already.

    Python puts them in order by insertion: two megabytes of marks would keep a whole process busy for an hour.
    """
    return text if text.isascii() else _long_runs_of_marks().sub(_sorted_marks, text)


@cache
def _long_runs_of_marks() -> re.Pattern[str]:
    last = 0x1FFFF  # Unicode has no combining marks beyond its second plane
    marks = (chr(code) for code in range(0x300, last) if unicodedata.combining(_apart(chr(code))[0]))
    return re.compile(f"[{''.join(marks)}]{{{LONG_RUN},}}")


def _sorted_marks(run: re.Match[str]) -> str:
    return "".join(sorted("".join(map(_apart, run.group())), key=unicodedata.combining))


def _apart(character: str) -> str:
    return unicodedata.normalize("NFD", character)


def length(text: str) -> int:
    """Return how long the words are, in code points after cleaning: the unit of every limit and every span."""
    return len(clean(text))


def is_empty(text: str) -> bool:
    """Tell whether a reader would see nothing: only white space, joiners, direction marks or blank letters."""
    return not any(_is_seen(character) for character in text)


def _is_seen(character: str) -> bool:
    if character.isspace() or character in BLANK_LETTERS:
        return False
    return unicodedata.category(character) not in {"Cc", "Cf", "Cs"}

"""The one folded search text: what makes two spellings of a word the same word, on every database alike.

Words become tokens here, and nowhere else. SQLite's FTS5 (`tokenize='ascii'`) and PostgreSQL (`array_to_tsvector`)
are given the same tokens, so that both find the same stories in every script.

- Case, accents, Arabic and Hebrew vowel points, tatweel, width and the shape of digits do not matter. Vowel signs of
  Indic and other scripts are part of the word and stay.
- Scripts written without spaces, and Hangul, whose endings are glued on, become overlapping pairs of characters:
  中国人 → 中国 国人 人. Each character begins exactly one token, so a single one is looked up as a beginning.
- An apostrophe in a Latin word divides it, so that "homme" finds "l’homme", and "driver" finds "driver's"; before the
  English endings t, m, d, ll, re, ve it is dropped, so that "dont" and "don't" find each other. In other scripts it is
  part of the spelling, and is dropped.

Method: Unicode compatibility caseless matching (The Unicode Standard 3.13, D146), then the tables below.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

__all__ = ["Query", "Term", "folded", "query", "tokens"]

# The limits: a lexeme of PostgreSQL holds 2,046 bytes, and all lexemes of a tsvector together 1,048,575; beyond that
# array_to_tsvector does not complain (seen with 15), though the places of the lexemes no longer fit their 20 bits.
LONGEST_TOKEN = 64  # code points
LONGEST_TOKEN_BYTES = 200
MOST_BYTES_OF_ONE = 4  # in UTF-8
LONGEST_FOLDED = 1_000_000  # code points: one Arabic ligature can stand for eighteen
MOST_TOKENS = 250_000  # of one text; 200,000 characters make at most 200,000 in any script that people write
MOST_DISTINCT_BYTES = 1_000_000  # of the distinct tokens of one text, in UTF-8
MOST_KNOWN = 20_000  # characters whose folding is remembered, about 2 MB
LONGEST_QUERY = 2_000  # characters read of what somebody looks for
MOST_TERMS = 32  # looked for at once: FTS5 limits the depth of an expression

LETTERS = {
    # Latin letters that no decomposition takes apart
    "đ": "d", "ð": "d", "ɖ": "d", "ɗ": "d", "ø": "o", "ɔ": "o", "ɵ": "o", "ł": "l", "ƚ": "l", "æ": "ae", "œ": "oe",
    "þ": "th", "ħ": "h", "ŧ": "t", "ŋ": "n", "ɲ": "n", "ı": "i", "ɨ": "i", "ĸ": "k", "ƙ": "k", "ɓ": "b", "ƀ": "b",
    "ə": "e", "ǝ": "e", "ɛ": "e", "ƒ": "f", "ɠ": "g", "ǥ": "g", "ɣ": "g", "ƴ": "y", "ƶ": "z", "ʉ": "u", "ʊ": "u",
    "ʋ": "v", "ƥ": "p", "ƭ": "t", "ɩ": "i",
    # Arabic letters that keyboards of different countries give for one another (the forms with hamza decompose)
    "ٱ": "ا", "ى": "ي", "ی": "ي", "ې": "ي", "ة": "ه", "ۃ": "ه", "ہ": "ه", "ھ": "ه", "ە": "ه", "ک": "ك", "ڪ": "ك",
    "ګ": "گ",
}  # fmt: skip

# Marks that are left out of a word: accents, Hebrew points, Arabic and Syriac vowel points, selectors of a look.
MARKS = (
    (0x0300, 0x036F), (0x0483, 0x0489), (0x0591, 0x05C7), (0x0610, 0x061A), (0x064B, 0x065F), (0x0670, 0x0670),
    (0x06D6, 0x06ED), (0x0711, 0x0711), (0x0730, 0x074A), (0x0898, 0x089F), (0x08CA, 0x08FF), (0x1AB0, 0x1AFF),
    (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE00, 0xFE0F), (0xFE20, 0xFE2F), (0xE0100, 0xE01EF),
)  # fmt: skip
LEFT_OUT = frozenset("ـʾʿˈ")  # tatweel; signs of transliteration
APOSTROPHES = frozenset("'‘’‛`´ʹʻʼʽˊˋ′՚׳＇")
ZERO_WIDTH_SPACE = "\u200b"  # divides words in Khmer and Thai; every other format control stands inside them

# Thai, Lao; Myanmar; Hangul; Khmer; New Tai Lue, Tai Tham; kana, Han, Bopomofo, Hangul; kana and Han beyond.
PAIRED = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u1980-\u19ff\u1a20-\u1aaf\u2e80-\u2fdf\u3005-\u3007"
    "\u3021-\u3029\u3031-\u30ff\u3105-\u318f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\ua9e0-\ua9ff"
    "\uaa60-\uaa7f\uac00-\ud7ff\uf900-\ufaff\U0001aff0-\U0001b16f\U00020000-\U0003ffff"
)
PAIRED_CHARACTER = re.compile(f"[{PAIRED}]")
RUNS = re.compile(f"([{PAIRED}]+)|[^{PAIRED}]+")

ENGLISH_ENDING = re.compile(r"(?<=[a-z])'(?=(?:t|m|d|ll|re|ve)(?![\w']))")
APOSTROPHE_ELSEWHERE = re.compile(r"(?<=[^\W_a-z0-9])'(?=[^\W_a-z0-9])")
QUOTES = re.compile('["“”„‟«»「」『』＂]')
GERSHAYIM = re.compile('(?<=[\u05d0-\u05ea])"(?=[\u05d0-\u05ea])')  # צה"ל: an abbreviation, not a quotation


class _Characters(dict[int, str]):
    """What each character becomes in the folded text: itself, another, nothing, or a space between words."""

    def __missing__(self, code: int) -> str:
        if len(self) >= MOST_KNOWN:  # a text made of every character there is must not stay in memory
            self.clear()
        self[code] = becomes = _becomes(chr(code))
        return becomes


def _becomes(character: str) -> str:
    """Return a character decomposed and case-folded, and each part of that as the tables say."""
    for _ in range(2):
        character = unicodedata.normalize("NFKD", character).casefold()
    parts = map(_part_becomes, unicodedata.normalize("NFKD", character))
    return unicodedata.normalize("NFC", "".join(parts))


def _part_becomes(part: str) -> str:
    code = ord(part)
    category = unicodedata.category(part)
    if part in LETTERS:
        return LETTERS[part]
    if part in APOSTROPHES:
        return "'"
    if part in LEFT_OUT or any(first <= code <= last for first, last in MARKS):
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(part))
    if category == "Cf":
        return " " if part == ZERO_WIDTH_SPACE else ""
    if category[0] in "LNM" or 0x20000 <= code < 0x3FFFE:  # Han that this Python's Unicode does not know yet
        return part
    return " "


class _Lines(_Characters):
    """The same but for line ends, which stay: so that many words can be folded at once and still be told apart."""

    def __missing__(self, code: int) -> str:
        if code != ord("\n"):
            return super().__missing__(code)
        self[code] = becomes = "\n"
        return becomes


CHARACTERS, LINES = _Characters(), _Lines()


def _words(text: str) -> list[str]:
    """Return the folded words, each a run of letters, digits and kept marks."""
    text = unicodedata.normalize("NFC", text).translate(CHARACTERS)[:LONGEST_FOLDED]
    if "'" in text:
        text = APOSTROPHE_ELSEWHERE.sub("", ENGLISH_ENDING.sub("", text)).replace("'", " ")
    return unicodedata.normalize("NFC", text).split()


def _word_tokens(word: str) -> list[str]:
    if not PAIRED_CHARACTER.search(word):  # nearly every word of nearly every script
        return [_shortened(word)]
    found: list[str] = []
    for run in RUNS.finditer(word):
        piece = run.group()
        if run.group(1):
            found.extend(piece[start : start + 2] for start in range(len(piece)))
        else:
            found.append(_shortened(piece))
    return found


def _shortened(token: str) -> str:
    token = token[:LONGEST_TOKEN]
    if token.isascii() or len(token) * MOST_BYTES_OF_ONE <= LONGEST_TOKEN_BYTES:
        return token
    return token.encode()[:LONGEST_TOKEN_BYTES].decode(errors="ignore")


def tokens(text: str) -> list[str]:
    """Return the tokens of a text in their order, within the limits above."""
    found: list[str] = []
    for word in _words(text):
        if word.isascii() and len(word) <= LONGEST_TOKEN:
            found.append(word)
        else:
            found.extend(_word_tokens(word))
    return _within_limits(found[:MOST_TOKENS])


def _within_limits(found: list[str]) -> list[str]:
    """Leave out what would be a new token once the distinct ones fill the space that an index row has."""
    if sum(map(len, found)) * 4 <= MOST_DISTINCT_BYTES:
        return found
    room = MOST_DISTINCT_BYTES
    known: set[str] = set()
    kept: list[str] = []
    for token in found:
        if token not in known:
            size = len(token.encode())
            if size > room:
                continue
            room -= size
            known.add(token)
        kept.append(token)
    return kept


def folded(text: str) -> str:
    """Return the tokens joined by single spaces, with one before and one after, or "" when there are none.

    The outer spaces let a run of tokens be looked for with LIKE '% a b %'.
    """
    found = tokens(text)
    return f" {' '.join(found)} " if found else ""


@dataclass(frozen=True)
class Term:
    """Tokens that stand side by side in a matching text; `begins` when the last may begin a longer one."""

    tokens: tuple[str, ...]
    begins: bool = False

    @property
    def piece(self) -> str:
        """Return the piece that a matching folded text holds."""
        return f" {' '.join(self.tokens)}{'' if self.begins else ' '}"

    @property
    def like(self) -> str:
        """Return the pattern that a matching folded text is LIKE; tokens hold neither % nor _."""
        return f"%{self.piece}%"

    @property
    def fts5(self) -> str:
        """Return the term as an FTS5 phrase; tokens hold no quotes."""
        return f'"{" ".join(self.tokens)}"{" *" if self.begins else ""}'

    @property
    def tsquery(self) -> str:
        """Return the term for CAST(… AS tsquery): all its tokens, wherever they stand, for `like` to check again."""
        quoted = [f"'{token}'" for token in self.tokens]
        return " & ".join(quoted) + (":*" if self.begins else "")

    def matches(self, folded_text: str) -> bool:
        """Tell whether a folded text holds the term: what both databases must agree with."""
        return self.piece in folded_text


@dataclass(frozen=True)
class Query:
    """What somebody looks for: terms that must all be there. False when there is nothing to look for."""

    terms: tuple[Term, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.terms)

    @property
    def whole_tokens(self) -> tuple[str, ...]:
        """Return the tokens that a matching text holds as they are, each once: not those that only begin one there."""
        found = (token for term in self.terms for token in (term.tokens[:-1] if term.begins else term.tokens))
        return tuple(dict.fromkeys(found))

    @property
    def token_pieces(self) -> tuple[str, ...]:
        """Return for each token alone the piece that a matching folded text holds."""
        begun = (f" {term.tokens[-1]}" for term in self.terms if term.begins)
        return (*(f" {token} " for token in self.whole_tokens), *begun)

    @cached_property
    def any_token(self) -> re.Pattern[str]:
        """Return what finds any of the tokens: a text that holds none of them holds no term either."""
        tokens = {token for term in self.terms for token in term.tokens}
        return re.compile("|".join(map(re.escape, sorted(tokens))) or "(?!)")

    @property
    def is_one_token(self) -> bool:
        """Tell whether whatever holds the one whole token matches."""
        return len(self.terms) == 1 and len(self.terms[0].tokens) == 1 and not self.terms[0].begins

    @property
    def fts5(self) -> str:
        """Return the expression for FTS5's MATCH."""
        return " AND ".join(term.fts5 for term in self.terms)

    @property
    def tsquery(self) -> str:
        """Return the expression for CAST(… AS tsquery); then each of `likes` has to be checked."""
        return " & ".join(term.tsquery for term in self.terms)

    @property
    def likes(self) -> tuple[str, ...]:
        """Return a LIKE pattern for each term that is more than one token, whose order a tsvector does not know."""
        return tuple(term.like for term in self.terms if len(term.tokens) > 1)

    def matches(self, folded_text: str) -> bool:
        """Tell whether a folded text holds every term."""
        return all(term.matches(folded_text) for term in self.terms)


def query(text: str) -> Query:
    """Return what somebody looks for: every word, and every run of words within double quotes of any kind.

    A quote that is never closed is no quote. Only LONGEST_QUERY characters and MOST_TERMS terms are read.
    """
    pieces = QUOTES.split(GERSHAYIM.sub(" ", text[:LONGEST_QUERY]))
    terms: dict[Term, None] = {}
    for place, piece in enumerate(pieces):
        is_quoted = place % 2 == 1 and place < len(pieces) - 1
        for wanted in [piece] if is_quoted else piece.split():
            if term := _term(wanted):
                terms[term] = None
    return Query(tuple(terms)[:MOST_TERMS])


def _term(wanted: str) -> Term | None:
    """Return the term for one word or one quotation; it may end where the text goes on, if its script has no spaces."""
    found = tokens(wanted)
    if not found or not PAIRED_CHARACTER.match(found[-1]):
        return Term(tuple(found)) if found else None
    # A run ends with its last character alone; in the text another may follow it, and make that token a pair.
    ends_a_run = len(found) > 1 and found[-2][1:] == found[-1]
    return Term(tuple(found[:-1])) if ends_a_run else Term(tuple(found), begins=True)

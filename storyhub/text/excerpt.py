"""The opening of a story: its first words, cut where a reader would stop."""

import re
import unicodedata

__all__ = ["opening"]

# A sentence ends at its mark, with the quotes and brackets that close after it, when white space and no lower-case
# letter follows ("e.g. this" goes on), or at once in scripts that put no space there; a line end ends it as well.
SENTENCE_END = re.compile(r"""[.!?…؟۔।॥።។‼⁇-⁉]+["'”’»›)\]]*(?=\s+[^\sa-zà-öø-ÿа-я])|[。！？｡]+["'”’」』）]*|(?=\n)""")
# The longest run of characters that is taken for one: a family of emoji has 11, stream-safe text (UAX #15) about 30.
LONGEST_CLUSTER = 64

VIRAMA = 9  # the combining class of the sign that ties two consonants of an Indic script into one
JOINER = "\u200d"


def opening(text: str, limit: int = 280) -> tuple[str, bool]:
    """Return at most `limit` code points of a text's beginning, and whether anything was left out.

    It stops at the last sentence end in the second half of the limit; else at the last word end there; else, for a
    very long word or a script without spaces, between two characters as a reader sees them (see _is_inside). White
    space around the text is not counted. No ellipsis is added: that is for the page, in its own language.
    """
    text = text.strip()
    if len(text) <= limit:
        return text, False
    shown = text[: _sentence_end(text, limit) or _word_end(text, limit) or _cluster_end(text, limit)]
    return shown.rstrip(), True


def _sentence_end(text: str, limit: int) -> int:
    # One character more is looked at, so that a sentence that ends just at the limit is seen to end.
    ends = [found.end() for found in SENTENCE_END.finditer(text, 0, limit + 2) if found.end() <= limit]
    return ends[-1] if ends and ends[-1] >= limit // 2 else 0


def _word_end(text: str, limit: int) -> int:
    for end in range(limit, limit // 2, -1):
        if text[end].isspace() and not text[end - 1].isspace():
            return end
    return 0


def _cluster_end(text: str, limit: int) -> int:
    """Return the last place at or before the limit that is inside no character; the limit, if none is near."""
    for end in range(limit, max(limit - LONGEST_CLUSTER, 0), -1):
        if not _is_inside(text, end):
            return end
    return limit


def _is_inside(text: str, place: int) -> bool:
    """Tell whether a cut at this place would go through what a reader sees as one character.

    The rules of UAX #29 as far as categories tell them: marks, joiners, selectors and skin tones belong to what stands
    before them, joined emoji and consonants stay joined, and so do the two letters of a flag and the letters of a
    Korean syllable. Surrogates are no matter here: strings count whole code points.
    """
    before, after = text[place - 1], text[place]
    if _is_extending(after) or before == JOINER or unicodedata.combining(before) == VIRAMA:
        return True
    if _is_flag_letter(before) and _is_flag_letter(after):
        return _flag_letters_before(text, place) % 2 == 1
    return _is_korean_lead_or_vowel(before) and "\u1100" <= after <= "\u11ff"


def _is_extending(character: str) -> bool:
    return (
        unicodedata.category(character) in {"Mn", "Mc", "Me"}
        or character in "\u200c\u200d\u0e33\u0eb3"  # joiners; the vowel am of Thai and Lao
        or "\U0001f3fb" <= character <= "\U0001f3ff"  # skin tones
        or "\U000e0020" <= character <= "\U000e007f"  # tags that spell the flag of a region
    )


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _flag_letters_before(text: str, place: int) -> int:
    first = place
    while first > 0 and _is_flag_letter(text[first - 1]):
        first -= 1
    return place - first


def _is_korean_lead_or_vowel(character: str) -> bool:
    return "\u1100" <= character <= "\u11a7"

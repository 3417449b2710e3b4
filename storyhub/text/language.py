"""Which language words are written in, and in which direction it runs.

Script alone decides where one language uses it; else CLD3, a small neural network over letter n-grams (Botha et al.,
EMNLP 2017; docs/decisions/0003-language-detection.md), which is loaded when it is first asked.
"""

import unicodedata
from collections import Counter
from functools import cache, lru_cache
from importlib import import_module
from typing import Literal, Protocol, cast

__all__ = ["Direction", "detect", "direction", "direction_of"]

Direction = Literal["ltr", "rtl"]

MOST_READ = 3_000  # characters; more adds nothing to the answer
FEWEST_LETTERS = 12  # with fewer, only a script can tell
# How sure CLD3 must be. Measured: see the decision. A short text is often taken for a small language, so ask for more.
SURE = 0.8
SURE_OF_FEW = 0.95
FEW_LETTERS = 40

# First and last code point of each script's letters, in order. Upper-case names: several languages share it.
SCRIPTS = (
    (0x0041, 0x024F, "LATIN"), (0x0250, 0x02AF, "LATIN"), (0x0370, 0x03FF, "el"), (0x0400, 0x052F, "CYRILLIC"),
    (0x0531, 0x058F, "hy"), (0x0591, 0x05F4, "HEBREW"), (0x0600, 0x06FF, "ARABIC"), (0x0750, 0x077F, "ARABIC"),
    (0x0780, 0x07BF, "dv"), (0x07C0, 0x07FF, "nqo"), (0x08A0, 0x08FF, "ARABIC"), (0x0900, 0x097F, "DEVANAGARI"),
    (0x0980, 0x09FF, "BENGALI"), (0x0A00, 0x0A7F, "pa"), (0x0A80, 0x0AFF, "gu"), (0x0B00, 0x0B7F, "or"),
    (0x0B80, 0x0BFF, "ta"), (0x0C00, 0x0C7F, "te"), (0x0C80, 0x0CFF, "kn"), (0x0D00, 0x0D7F, "ml"),
    (0x0D80, 0x0DFF, "si"), (0x0E00, 0x0E7F, "th"), (0x0E80, 0x0EFF, "lo"), (0x0F00, 0x0FFF, "bo"),
    (0x1000, 0x109F, "my"), (0x10A0, 0x10FF, "ka"), (0x1100, 0x11FF, "ko"), (0x1200, 0x139F, "ETHIOPIC"),
    (0x13A0, 0x13FF, "chr"), (0x1780, 0x17FF, "km"), (0x1800, 0x18AF, "mn"), (0x1C50, 0x1C7F, "sat"),
    (0x1C90, 0x1CBF, "ka"), (0x1E00, 0x1EFF, "LATIN"), (0x1F00, 0x1FFF, "el"), (0x3041, 0x30FF, "KANA"),
    (0x3131, 0x318E, "ko"), (0x31F0, 0x31FF, "KANA"), (0x3400, 0x4DBF, "HAN"), (0x4E00, 0x9FFF, "HAN"),
    (0xAC00, 0xD7A3, "ko"), (0xF900, 0xFAFF, "HAN"), (0xFB1D, 0xFB4F, "HEBREW"), (0xFB50, 0xFDFF, "ARABIC"),
    (0xFE70, 0xFEFC, "ARABIC"), (0xFF21, 0xFF5A, "LATIN"), (0xFF66, 0xFF9D, "KANA"), (0x20000, 0x3FFFD, "HAN"),
)  # fmt: skip

# Letters of Arabic, and those that only languages other than Arabic write with its script. CLD3 takes short Arabic
# for Persian, Sindhi or Pashto, though not one letter of theirs is in it.
ARABIC_ALONE = frozenset("أإةؤيكى")  # Persian, Urdu and Pashto keyboards give ی and ک for the last three
NOT_ARABIC = frozenset("پچژگکیےٹڈڑںہھۀۃټډړڼښږۍېګڕڵۆێەڭۇۈۋڤٻڀٺٽڦڄڃڇڌڏڊڍڙڪڳڱڻ")
YIDDISH = frozenset("װױײ")
ASSAMESE = frozenset("ৰৱ")
TIGRINYA = frozenset("ኣቐቑቒቓቔቕቖ")

# CLD3's names that are old or name a script as well.
NEWER = {"iw": "he", "in": "id", "ji": "yi", "jw": "jv", "mo": "ro", "tl": "fil"}

RIGHT_TO_LEFT = {
    "acm", "apc", "ar", "arc", "ary", "arz", "azb", "bal", "bcc", "bqi", "ckb", "dv", "fa", "glk", "he", "iw", "ji",
    "khw", "lrc", "luz", "mzn", "nqo", "ota", "pnb", "prs", "ps", "rhg", "sd", "sdh", "skr", "syr", "ug", "ur", "yi",
}  # fmt: skip
RIGHT_TO_LEFT_SCRIPTS = {"adlm", "arab", "aran", "hebr", "mand", "nkoo", "rohg", "samr", "syrc", "thaa"}


class _Guess(Protocol):
    language: str
    probability: float


class _Identifier(Protocol):
    def FindLanguage(self, text: str) -> _Guess: ...  # noqa: N802


@cache
def _identifier() -> _Identifier:
    # Imported here, so that a process that never asks pays nothing for it.
    network = import_module("gcld3").NNetLanguageIdentifier(min_num_bytes=0, max_num_bytes=4 * MOST_READ)
    return cast(_Identifier, network)


def detect(text: str) -> str | None:
    """Return the language as a BCP 47 primary tag ("pt"), or None where one should rather ask than guess."""
    letters = [character for character in text[:MOST_READ] if character.isalpha()]
    scripts = Counter(_script(character) for character in letters)
    del scripts[""]
    if not scripts:
        return None
    script, count = scripts.most_common(1)[0]
    if scripts["KANA"] and script in {"KANA", "HAN"}:
        return "ja"
    if script == "HAN":
        return "zh"
    if script.islower():
        return script if count >= 2 else None
    return _by_letters(script, set(letters)) or _by_words(text[:MOST_READ], count)


@lru_cache(4096)
def _script(character: str) -> str:
    code = ord(character)
    return next((name for first, last, name in SCRIPTS if first <= code <= last), "")


def _by_letters(script: str, letters: set[str]) -> str | None:
    """Return what a few letters decide in a script that few languages share."""
    match script:
        case "HEBREW":
            return "yi" if letters & YIDDISH else "he"
        case "BENGALI":
            return "as" if letters & ASSAMESE else "bn"
        case "ETHIOPIC":
            return "ti" if letters & TIGRINYA else "am" if len(letters) >= FEWEST_LETTERS else None
        case "ARABIC":
            return "ar" if letters & ARABIC_ALONE and not letters & NOT_ARABIC else None
        case _:
            return None


def _by_words(text: str, letters: int) -> str | None:
    if letters < FEWEST_LETTERS:
        return None
    guess = _identifier().FindLanguage(text=text)
    if guess.probability < (SURE if letters >= FEW_LETTERS else SURE_OF_FEW):
        return None
    primary = guess.language.split("-")[0]
    return NEWER.get(primary, primary)


def direction(language: str | None) -> Direction:
    """Return in which direction a language runs; a script subtag ("pa-Arab", "ug-Latn") decides before the language."""
    subtags = (language or "").replace("_", "-").lower().split("-")
    script = next((subtag for subtag in subtags[1:] if len(subtag) == 4 and subtag.isalpha()), None)
    is_right_to_left = script in RIGHT_TO_LEFT_SCRIPTS if script else subtags[0] in RIGHT_TO_LEFT
    return "rtl" if is_right_to_left else "ltr"


def direction_of(text: str) -> Direction:
    """Return the direction of the first strong character (UAX #9, P2 and P3); left to right when there is none."""
    for character in text:
        match unicodedata.bidirectional(character):
            case "L":
                return "ltr"
            case "R" | "AL":
                return "rtl"
    return "ltr"

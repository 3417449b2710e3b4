"""Words as they arrive: kept as typed, or refused, saying so."""

import time
import unicodedata
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyhub.text.incoming import NotText, check_form_body, clean, is_empty, length, read_bytes
from tests.text.naughty import CONTROLS, NAUGHTY, NOT_TEXT

anything = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.mark.parametrize("words", [words for words in NAUGHTY if words not in CONTROLS])
def test_words_stay_as_they_were_typed(words: str) -> None:
    assert clean(words) == unicodedata.normalize("NFC", words.replace("\r\n", "\n").replace("\r", "\n"))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("one\r\ntwo\rthree\nfour", "one\ntwo\nthree\nfour"),
        ("NUL\x00within", "NULwithin"),
        ("\x1b[31mred\x7f\x85\x9f", "[31mred"),
        ("a\ttab and\na line", "a\ttab and\na line"),
        ("e\u0301", "é"),
        ("e\x00\u0301", "é"),
        ("line\r\x00\nend", "line\nend"),
        ("  space around \n", "  space around \n"),
        ("\u202eturned\u202c \u2066kept\u2069 \ufeff \u00ad", "\u202eturned\u202c \u2066kept\u2069 \ufeff \u00ad"),
        ("می\u200cخواهم क्\u200dष 👩\u200d👧", "می\u200cخواهم क्\u200dष 👩\u200d👧"),
        ("\u2028\u2029\ufffe\U000e0fff", "\u2028\u2029\ufffe\U000e0fff"),
    ],
)
def test_only_line_ends_controls_and_composition_change(typed: str, kept: str) -> None:
    assert clean(typed) == kept


@given(anything)
def test_cleaning_twice_changes_nothing_more(words: str) -> None:
    assert clean(clean(words)) == clean(words)


@given(anything)
def test_nothing_else_is_lost_or_added(words: str) -> None:
    printing = "".join(c for c in words if unicodedata.category(c) != "Cc")
    kept = "".join(c for c in clean(words) if c not in "\n\t")
    assert unicodedata.normalize("NFD", kept) == unicodedata.normalize("NFD", printing) or "\n" in clean(words)


@given(anything)
def test_what_is_kept_can_be_stored_and_read_back(words: str) -> None:
    kept = clean(words)
    assert read_bytes(b"\xef\xbb\xbf" + kept.encode()) == kept
    assert not any(unicodedata.category(c) == "Cc" and c not in "\n\t" for c in kept)


@pytest.mark.parametrize("data", NOT_TEXT)
def test_bytes_that_are_not_text_are_refused(data: bytes) -> None:
    with pytest.raises(NotText):
        read_bytes(data)


URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"text=caf%E9&b=1", URLENCODED),
        (b"text=caf\xe9", URLENCODED + "; charset=utf-8"),
        (b"%ff=1", URLENCODED),
        (b"text=%F0%9F%98&next=%80", URLENCODED),
        (b"text=%ED%A0%80", URLENCODED),
        (b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\ncaf\xe9\r\n--x--\r\n', MULTIPART),
    ],
)
def test_a_form_that_is_not_text_is_refused_before_it_is_parsed(body: bytes, content_type: str) -> None:
    with pytest.raises(NotText):
        check_form_body(body, content_type)


@pytest.mark.parametrize("words", NAUGHTY)
def test_any_text_passes_in_a_form(words: str) -> None:
    check_form_body(urlencode({"text": words, "b": "1"}).encode(), URLENCODED)
    check_form_body(f"--x\r\n\r\n{words}\r\n--x--".encode(), MULTIPART)


@pytest.mark.parametrize("words", ["\ud800", "half \udfff of a pair", "\udc80escaped byte"])
def test_half_of_a_surrogate_pair_is_refused(words: str) -> None:
    with pytest.raises(NotText, match="position"):
        clean(words)


def test_one_signature_at_the_start_of_bytes_is_not_part_of_the_words() -> None:
    assert read_bytes("\ufeff\ufeffwords".encode()) == "\ufeffwords"


@pytest.mark.parametrize(
    "words", ["", " \n\t", "\u00a0\u3000\u2028", "\u200b\u200d\ufeff\u202e", "\u3164\u2800", "\x00"]
)
def test_what_nobody_can_see_is_empty(words: str) -> None:
    assert is_empty(words)


@pytest.mark.parametrize("words", ["x", "  .  ", "👩\u200d👧", "字", "\u0301", "\ufffd", "0"])
def test_what_somebody_can_see_is_not_empty(words: str) -> None:
    assert not is_empty(words)


def test_length_counts_code_points_after_cleaning() -> None:
    assert length("e\u0301\r\n👍🏿\x00") == 4
    assert length("  x ") == 4


@given(st.text(alphabet="aéǖ가\u0f73\u0344\u0301\u0316\u0327\u0345", min_size=40, max_size=200))
def test_words_with_many_marks_are_the_same_words(words: str) -> None:
    assert clean(words) == unicodedata.normalize("NFC", words)


def test_nobody_can_keep_a_process_busy_with_marks() -> None:
    began = time.process_time()
    clean("a" + "\u0301\u0316" * 100_000)
    assert time.process_time() - began < 10  # in the order in which they came it would take minutes

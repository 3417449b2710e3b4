"""Receipts: read in any numerals and spacing, mistyped ones told apart before anything is looked up."""

from __future__ import annotations

import contextlib
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyhub.protection import receipts

bodies = st.integers(0, 10**18 - 1).map(lambda number: f"{number:018d}")
whole = bodies.map(lambda body: body + receipts._check_digits(body))
ZEROS = [chr(code) for code in range(0x110000) if unicodedata.decimal(chr(code), None) == 0]


@given(st.just(None).map(lambda _: receipts.mint()))
def test_a_receipt_is_twenty_digits_of_which_the_last_two_check_the_others(receipt: str) -> None:
    assert len(receipt) == 20
    assert int(receipt) % 97 == 1  # ISO 7064 MOD 97-10
    assert receipts.read(receipt) == receipt


@given(whole, st.sampled_from(ZEROS))
def test_any_numerals_will_do(receipt: str, zero: str) -> None:
    typed = "".join(chr(ord(zero) + int(digit)) for digit in receipt)
    assert receipts.read(typed) == receipt


@given(
    whole,
    st.lists(st.sampled_from([" ", "-", "\u00a0", "\u2009", "\u200f", "\u2066", ".", "\n", "–", "_"]), max_size=30),
)
def test_any_spacing_will_do(receipt: str, spaces: list[str]) -> None:
    pieces = receipts.groups(receipt)
    typed = "".join(piece + "".join(spaces[number::5]) for number, piece in enumerate(pieces))
    assert receipts.read(typed) == receipt


@given(whole, st.integers(0, 19), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(receipt: str, place: int, by: int) -> None:
    wrong = receipt[:place] + str((int(receipt[place]) + by) % 10) + receipt[place + 1 :]
    with pytest.raises(receipts.Mistyped) as error:
        receipts.read(wrong)
    assert error.value.digits == 20


@given(whole, st.integers(0, 18))
def test_two_digits_that_changed_places_are_always_noticed(receipt: str, place: int) -> None:
    a, b = receipt[place], receipt[place + 1]
    if a != b:
        with pytest.raises(receipts.Mistyped):
            receipts.read(receipt[:place] + b + a + receipt[place + 2 :])


@given(whole, st.integers(0, 19))
def test_how_many_digits_are_missing_or_too_many_is_known(receipt: str, place: int) -> None:
    for typed, digits in ((receipt[:place] + receipt[place + 1 :], 19), (receipt[:place] + "0" + receipt[place:], 21)):
        with pytest.raises(receipts.Mistyped) as error:
            receipts.read(typed)
        assert error.value.digits == digits


@given(st.text(max_size=300))
def test_whatever_is_typed_is_a_receipt_or_mistyped_and_nothing_else(typed: str) -> None:
    with contextlib.suppress(receipts.Mistyped):
        assert len(receipts.read(typed)) == 20


@pytest.mark.parametrize("typed", ["", " ", "abcd efgh ijkl mnop qrst", "½" * 20, "²" * 20, "1" * 100_000, "一" * 20])
def test_what_only_looks_like_digits_is_mistyped(typed: str) -> None:
    with pytest.raises(receipts.Mistyped):
        receipts.read(typed)


def test_what_is_kept_of_a_receipt_leads_back_to_nothing() -> None:
    receipt = receipts.mint()
    kept = receipts.digest(receipt, "a key of the instance " * 3)
    assert len(kept) == 64
    assert receipt not in kept
    assert kept != receipts.digest(receipt, "another instance's key " * 3)
    assert kept == receipts.digest(receipt, "a key of the instance " * 3)


def test_receipts_are_shown_in_groups_that_read_left_to_right() -> None:
    assert receipts.groups("12345678901234567890") == ["1234", "5678", "9012", "3456", "7890"]


def test_no_two_are_alike() -> None:
    assert len({receipts.mint() for _ in range(2000)}) == 2000

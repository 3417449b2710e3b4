"""Sealed boxes: anybody can lock words away, and only the private half of the key, under its passphrase, opens them."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.public import PrivateKey

from storyhub.protection import boxes

PRIVATE = PrivateKey.generate()
PUBLIC = bytes(PRIVATE.public_key).hex()
PASSPHRASE = "five old lamps beside the water"


@pytest.fixture(scope="module")
def key() -> tuple[str, str]:
    return boxes.make_key(PASSPHRASE)


@settings(max_examples=60, deadline=None)
@given(words=st.text(max_size=3_000))
def test_whatever_was_sealed_comes_back_as_it_was(words: str) -> None:
    try:
        words.encode()
    except UnicodeEncodeError:
        return
    assert boxes.opened(boxes.sealed(words, PUBLIC), PRIVATE) == words


@pytest.mark.parametrize(("first", "second"), [("a", "my number is 555 0134"), ("x" * 600, "x" * 900)])
def test_the_size_of_a_box_tells_little_of_what_is_in_it(first: str, second: str) -> None:
    assert len(boxes.sealed(first, PUBLIC)) == len(boxes.sealed(second, PUBLIC))


def test_the_same_words_never_make_the_same_box() -> None:
    assert boxes.sealed("the same", PUBLIC) != boxes.sealed("the same", PUBLIC)


def test_another_key_opens_nothing() -> None:
    with pytest.raises(boxes.CannotOpen):
        boxes.opened(boxes.sealed("mine", PUBLIC), PrivateKey.generate())


@pytest.mark.parametrize("place", [0, 40, -1])
def test_a_box_in_which_one_bit_was_changed_does_not_open(place: int) -> None:
    box = bytearray(boxes.sealed("mine", PUBLIC))
    box[place] ^= 1
    with pytest.raises(boxes.CannotOpen):
        boxes.opened(bytes(box), PRIVATE)


@pytest.mark.parametrize("box", [b"", b"short", bytes(48), bytes(600)])
def test_what_is_no_box_does_not_open(box: bytes) -> None:
    with pytest.raises(boxes.CannotOpen):
        boxes.opened(box, PRIVATE)


def test_the_key_file_opens_with_its_passphrase_alone(key: tuple[str, str]) -> None:
    public, written = key
    assert boxes.opened(boxes.sealed("mine", public), boxes.unlock_key(written, PASSPHRASE)) == "mine"
    with pytest.raises(boxes.WrongPassphrase):
        boxes.unlock_key(written, PASSPHRASE + " ")


def test_the_private_half_does_not_stand_in_the_key_file(key: tuple[str, str]) -> None:
    private = bytes(boxes.unlock_key(key[1], PASSPHRASE))
    assert private.hex() not in key[1]
    assert base64.b64encode(private).decode() not in key[1]


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "something else"},
        {"salt": "!!"},
        {"salt": "AAAA"},
        {"locked": 5},
        {"memlimit": 10**12},
        {"opslimit": "many"},
    ],
)
def test_what_is_no_key_file_is_told_apart_from_a_wrong_passphrase(
    key: tuple[str, str], change: dict[str, object]
) -> None:
    with pytest.raises(boxes.NotAKey):
        boxes.unlock_key(json.dumps(json.loads(key[1]) | change), PASSPHRASE)


@pytest.mark.parametrize("written", ["", "[]", "null", "{}", "not json"])
def test_neither_is_anything_else(written: str) -> None:
    with pytest.raises(boxes.NotAKey):
        boxes.unlock_key(written, PASSPHRASE)


def test_a_public_key_is_read_however_it_was_copied() -> None:
    spaced = " ".join(PUBLIC[start : start + 8] for start in range(0, 64, 8)).upper()
    assert boxes.read_public_key(f" {spaced}\n") == PUBLIC
    for wrong in ("", PUBLIC[:-2], PUBLIC + "00", "g" * 64, "é" * 64):
        with pytest.raises(boxes.NotAKey):
            boxes.read_public_key(wrong)

"""After telling: the last group of the receipt typed once more, or going without one."""

from __future__ import annotations

import pytest

from storyhub.protection import receipts
from tests.pages import receipt_shown

WORDS = "A quiet word about the harbour."


@pytest.fixture
def sent(client):
    return client.open_page("/share").form("/share").fill(text=WORDS).send().form("/share/send").send()


def test_the_last_group_typed_right_takes_the_receipt_off_the_screen(client, sent):
    receipt = receipt_shown(sent)
    page = sent.form("/share/kept").fill(last=receipt[-4:]).send("step=kept")
    assert "Good, you have it" in page and receipt[-4:] not in page
    assert (page.title, sent.title) == ("Receipt", "Receipt")
    assert "waiting to be read" in page.follow("Look at my story").form("/receipt").fill(receipt=receipt).send()


@pytest.mark.parametrize("numerals", ["٠١٢٣٤٥٦٧٨٩", "০১২৩৪৫৬৭৮৯"])
def test_it_may_be_typed_in_any_numerals_or_as_a_whole(sent, numerals):
    receipt = receipt_shown(sent)
    for typed in (receipt[-4:], " ".join(receipts.groups(receipt))):
        last = typed.translate(str.maketrans("0123456789", numerals))
        assert "Good, you have it" in sent.form("/share/kept").fill(last=last).send("step=kept")


@pytest.mark.parametrize("wrong", ["", "0", "12345", "quite", "<b>"])
def test_typed_wrong_it_is_said_kindly_and_the_receipt_still_stands_there(sent, wrong):
    page = sent.form("/share/kept").fill(last=wrong).send("step=kept", status=422)
    assert "Your receipt is still here" in page and receipt_shown(page) == receipt_shown(sent)
    again = page.form("/share/kept").fill(last=receipt_shown(sent)[-4:]).send("step=kept")
    assert "Good, you have it" in again


def test_who_goes_without_it_is_told_what_that_means_and_what_is_left(client, sent):
    page = sent.form("/share/kept").send("step=not-kept")
    assert "You go without a receipt" in page and "take it back" in page
    assert not page.html.css("p.digits")
    assert page.follow("I lost my receipt").path == "/receipt/lost"


def test_a_page_left_open_gives_the_receipt_to_nobody(sent, held_clock):
    receipt = receipt_shown(sent)
    held_clock.forward(minutes=16)
    page = sent.form("/share/kept").fill(last="0000").send("step=kept", status=400)
    assert "open for a long time" in page and receipt not in page.response.text
    assert not page.html.css("p.digits")


def test_a_forged_page_gives_no_receipt(sent):
    page = sent.form("/share/kept").forge(sealed="gAAAAABold").send("step=kept", status=400)
    assert "open for a long time" in page and not page.html.css("p.digits")

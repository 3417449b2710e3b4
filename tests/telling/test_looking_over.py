"""The check before sending: what might show who somebody is stands marked in the words, and the words stay the same."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storyhub.models.story import Told
from storyhub.telling.looking_over import NAMES, WHY, Reason, _paragraphs, look_over
from storyhub.text.identifying import KINDS
from storyhub.text.identifying.spans import Span

WORDS = "My name is Adaeze and I was 14.\n\nMy uncle Chidi lived in Surulere. Call 0803 555 0177."
ARABIC = "اسمي فاطمة وعمري ٢٤ سنة، أسكن في طنطا.\n\nحدث هذا يوم ٣ مارس ٢٠٢١ بالقاهرة."
SWAHILI = "Nilikuwa nikienda sokoni asubuhi na mapema, na mtu huyo alinifuata. Simu yake ni 0712 345 678."
RECEIPT = "1705 1969 8474 7105 2989"


def look_at(client, text=WORDS, **facts):
    page = client.open_page("/share").form("/share").fill(text=text).send()
    if not facts:
        return page
    form = page.form("/share/send").fill(**facts)
    return page.client._page(page.client.send_form("/share", [*form.fields.items(multi=True)]), 200)


def marked(page) -> list[str]:
    """The words that are marked, without the numbers and names beside them."""
    found = []
    for mark in page.html.css("mark.found"):
        for beside in mark.css("bdi"):
            beside.decompose()
        found.append(mark.text())
    return found


def test_what_gives_somebody_away_is_marked_with_a_reason_that_is_seen_and_heard(client):
    page = look_at(client)
    reasons = [item.text() for item in page.html.css("ol.found > li")]
    assert any("a name" in reason and "2 times" in reason for reason in reasons)
    assert any("a phone number" in reason and "strangers can call it" in reason for reason in reasons)
    heard = [mark.css_first(".visually-hidden").text() for mark in page.html.css("mark.found")]
    assert heard[0].strip() == "(a name)"
    assert marked(page) == ["Adaeze", "14", "Chidi", "Surulere", "0803 555 0177"]


def test_each_mark_has_the_number_of_its_reason(client):
    page = look_at(client)
    reasons = [item.css_first("strong").text() for item in page.html.css("ol.found > li")]
    for mark in page.html.css("mark.found"):
        number = int(mark.css_first("bdi[aria-hidden]").text())
        assert f"({reasons[number - 1]})" in mark.css_first(".visually-hidden").text()


def test_the_page_always_says_that_things_can_be_missed(client):
    for text in (WORDS, ARABIC, SWAHILI, "He came closer every day and nobody said a word."):
        assert "We can miss things" in look_at(client, text).text
    assert "We found nothing" in look_at(client, "He came closer every day and nobody said a word.").text


def test_for_a_language_that_is_not_covered_it_says_that_names_were_not_looked_for_and_still_finds_numbers(client):
    page = look_at(client, SWAHILI)
    assert "We did not look for names or places" in page.text
    assert "We found nothing" not in page.text
    assert marked(page) == ["0712 345 678"]


def test_a_receipt_in_a_story_gets_a_firm_word_of_its_own(client):
    assert "Do not put your receipt in a story" in look_at(client, f"I keep it here: {RECEIPT}. He is my uncle.").text
    assert "Do not put your receipt" not in look_at(client).text


def test_nothing_is_removed_and_it_can_be_sent_as_it_is(client, session):
    page = look_at(client, f"{WORDS} {RECEIPT}")
    assert "you decide" in page.text
    form = page.form("/share/send")
    assert form.fields["text"].replace("\r\n", "\n") == f"{WORDS} {RECEIPT}"
    assert "receipt" in form.send().text.lower()


def test_the_marks_leave_the_words_and_paragraphs_as_the_public_will_see_them(client):
    page = look_at(client, ARABIC)
    told = page.html.css_first(".preview .told")
    for beside in told.css("mark bdi"):
        beside.decompose()
    assert [p.text() for p in told.css("p")] == ARABIC.split("\n\n")
    assert told.attributes["dir"] == "rtl"


def test_marked_words_are_escaped_as_all_others_are(client):
    text = "My name is <b>Adaeze</b> & I was 14. See https://x.example/?a=1&b=<script>alert(1)</script> please."
    page = look_at(client, text)
    told = page.html.css_first(".preview .told")
    assert not told.css("b, script")
    for beside in told.css("mark bdi"):
        beside.decompose()
    assert told.css_first("p").text() == text


def test_a_title_and_a_name_that_would_be_shown_are_looked_through_too(client):
    facts = {"title": "What Chidi Okafor did in Surulere", "name": "call 0803 555 0177", "show": ["name"]}
    preview = look_at(client, "He came closer every day and nobody said a word.", **facts)
    assert "Chidi Okafor" in marked(preview) and "0803 555 0177" in marked(preview)
    hidden = look_at(client, "He came closer every day and nobody said a word.", name="call 0803 555 0177")
    assert "0803 555 0177" not in marked(hidden)


def test_every_kind_has_a_name_and_a_reason():
    assert set(NAMES) == set(WHY) == set(KINDS)


PIECES = st.lists(
    st.sampled_from(["Maria ", "\n\n", "\n", "17 ", "اسمي فاطمة ", "ب", "القاهرة", "28 Marlowe Road", "e\u0301", " "])
)


@settings(max_examples=80, deadline=None)
@given(text=PIECES.map("".join), language=st.sampled_from(["en", "ar", "tr", None]))
def test_the_pieces_put_together_again_are_the_text(text, language):
    looked = look_over(Told(text=text, title=text.replace("\n", " "), language=language))
    assert "\n\n".join("".join(piece.text for piece in pieces) for pieces in looked.paragraphs) == text
    assert "".join(piece.text for piece in looked.title) == text.replace("\n", " ")


@pytest.mark.parametrize("text", ["", "x"])
def test_next_to_nothing_can_be_looked_over(text):
    assert look_over(Told(text=text)).reasons == []


class Counted(list[object]):
    """A list that counts how often something of it is looked at."""

    looks = 0

    def __getitem__(self, place):
        self.looks += 1
        return super().__getitem__(place)

    def __iter__(self):
        self.looks += len(self)
        return super().__iter__()


def test_as_many_paragraphs_as_finds_are_no_work_for_their_product():
    """Three thousand handles in as many paragraphs took the page three seconds, and anybody can send them."""
    text = "@bob\n\n" * 3_000
    spans = Counted(Span(place, place + 4, "handle", "at") for place in range(0, len(text) - 6, 6))
    paragraphs = [list(pieces) for pieces in _paragraphs(text, spans, {"handle": Reason(1, "handle", len(spans))})]
    assert sum(piece.reason is not None for pieces in paragraphs for piece in pieces) == len(spans)
    assert spans.looks < 10 * len(spans)

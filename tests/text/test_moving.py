"""Where passages stand after their text was changed: with their own words or nowhere."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from storyhub.text.moving import FEW_WORDS, Span, moved, moved_past

WORDS = st.lists(
    st.sampled_from(["he", "she", "said", "it", ",", "no", "😀", "👩\u200d👧", "مرة", "地", "\n\n", "“so”"]),
    max_size=60,
)
PLACES = st.lists(st.tuples(st.integers(0, 200), st.integers(1, 60)), max_size=8)


def spans_in(text: str, places: list[tuple[int, int]]) -> list[Span]:
    return [(start, min(start + size, len(text))) for start, size in places if start < len(text)]


def words(text: str) -> list[str]:
    """The words without the white space between them, which may have changed."""
    return list("".join(text.split()))


@given(WORDS, WORDS, PLACES)
def test_a_moved_passage_holds_the_words_that_it_held(before: list[str], after: list[str], places: list[Span]) -> None:
    old, new = " ".join(before), " ".join(after)
    spans = spans_in(old, places)
    for (start, end), (begins, ends) in moved(spans, old, new).items():
        assert 0 <= begins < ends <= len(new)
        assert words(new[begins:ends]) == words(old[start:end])


@given(st.text(max_size=80), st.text(max_size=80), PLACES)
def test_the_same_holds_for_any_text(old: str, new: str, places: list[Span]) -> None:
    for (start, end), (begins, ends) in moved(spans_in(old, places), old, new).items():
        assert words(new[begins:ends]) == words(old[start:end])


@given(WORDS, st.lists(st.sampled_from(["before", "that", "🌧"]), max_size=9), WORDS)
def test_what_was_written_around_a_passage_only_shifts_it(before: list[str], added: list[str], rest: list[str]) -> None:
    passage = "nobody on the whole long bus said one word"
    old = " ".join([*before, passage, *rest])
    new = " ".join([*added, *before, *added, passage, *added, *rest])
    start = old.index(passage)
    span = (start, start + len(passage))
    ((begins, ends),) = moved([span], old, new).values()
    assert new[begins:ends] == passage


@given(WORDS.map(" ".join), PLACES, PLACES, st.text(max_size=6))
def test_a_redaction_shifts_what_it_does_not_meet_and_nothing_else(
    text: str, places: list[Span], hidden: list[Span], mark: str
) -> None:
    apart: list[Span] = []
    for start, end in sorted(spans_in(text, hidden)):
        if not apart or start > apart[-1][1]:
            apart.append((start, end))
    new = text
    for start, end in reversed(apart):
        new = new[:start] + mark + new[end:]
    spans = spans_in(text, places)
    found = moved_past(spans, [(start, end, len(mark)) for start, end in apart])
    for start, end in spans:
        meets = any(start < last and first < end for first, last in apart)
        assert ((start, end) in found) is not meets
        if not meets:
            begins, ends = found[start, end]
            assert new[begins:ends] == text[start:end]


def test_a_passage_whose_words_were_changed_stands_nowhere() -> None:
    assert moved([(0, 11)], "He hit me there and laughed.", "He hurt me there and laughed.") == {}


def test_few_words_do_not_move_to_another_sentence() -> None:
    before, after = "I was alone in the office that day.", "Since the office party I stay at home."
    assert len(["the", "office"]) < FEW_WORDS
    start = before.index("the office")
    assert moved([(start, start + 10)], before, after) == {}


def test_one_of_two_equal_sentences_goes_with_its_own_neighbours() -> None:
    before, after = "He hit me. Then I left. He hit me.", "Then I left. He hit me."
    assert moved([(0, 10), (24, 34)], before, after) == {(24, 34): (13, 23)}


def test_a_long_story_takes_no_time_to_speak_of() -> None:
    text = "no it said he " * 5_000
    span = (70_000 - 30, 70_000 - 2)
    ((begins, ends),) = moved([span], text, "well " + text).values()
    assert (begins, ends) == (span[0] + 5, span[1] + 5)

"""What is marked in a story stands where it was found, also in a story that is made of little else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from storyhub.moderation.suggesting import marked, quoted
from storyhub.text import urgency
from storyhub.text.spans import paragraphs

TEXTS = st.text(alphabet="ab\n ", max_size=60)
SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=8)


@given(text=TEXTS, found=SPANS, urgent=SPANS)
def test_every_character_is_marked_as_what_covers_it_and_none_is_lost(
    text: str, found: list[tuple[int, int]], urgent: list[tuple[int, int]]
) -> None:
    spans = {
        kind: [(start, start + length) for start, length in some]
        for kind, some in (("found", found), ("urgent", urgent))
    }
    for begins, pieces in marked(paragraphs(text), spans["found"], spans["urgent"]):
        place = begins
        for words, kind in pieces:
            for character in words:
                assert text[place] == character
                covering = [name for name, some in spans.items() if any(s <= place < e for s, e in some)]
                assert kind == (covering[0] if covering else "")
                place += 1


def test_a_story_made_of_calls_for_help_is_marked_and_quoted_briefly() -> None:
    text = "sos\n\n" * 4000
    hits = urgency.find(text, "en")
    shown = marked(paragraphs(text), [], [(hit.start, hit.end) for hit in hits])
    assert sum(kind == "urgent" for _begins, pieces in shown for _words, kind in pieces) == len(hits) == 4000
    assert quoted(text, hits) == ["sos"]

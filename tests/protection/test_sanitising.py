"""What a browser shows is what was told, character for character; and nothing of it is ever markup."""

from __future__ import annotations

import html
import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from playwright.sync_api import Browser
from selectolax.lexbor import LexborHTMLParser

from storyhub.protection.sanitising import LONGEST_PIECE, LONGEST_STAFF_TEXT, Shown, shown, staff_html, text_of_html
from storyhub.text.incoming import clean
from tests.pages import shown_text
from tests.text.naughty import NAUGHTY

KEPT = [clean(text) for text in NAUGHTY]
# Words as they can be kept: no controls but tab and line feed, no halves of pairs, in NFC.
words = st.text().map(lambda text: "".join(c for c in text if not "\ud800" <= c <= "\udfff")).map(clean)
markup = st.lists(
    st.sampled_from(
        ["<", ">", "&", '"', "'", "&lt;", "&amp;", "&#60;", "<b>", "</p>", "<!--", "-->", "<a ", "\n", " ", "x"]
    )
).map("".join)


def as_shown(text: str) -> str:
    """What somebody reads, by an HTML parser that follows the standard."""
    page = LexborHTMLParser(f"<!doctype html><body><p dir=auto>{shown(text)}</p></body>")
    paragraphs = page.css("p")
    assert len(paragraphs) == 1
    assert {node.tag for node in paragraphs[0].css("*")} <= {"p", "br"}, "words became markup"
    return shown_text(paragraphs[0])


@pytest.mark.parametrize("text", KEPT, ids=range(len(KEPT)))
def test_naughty_words_are_shown_as_told(text: str) -> None:
    assert as_shown(text) == text


@given(words | markup)
@example("<" * (LONGEST_PIECE + 5))
@example("&" * (LONGEST_PIECE + 5))
@example("a" * (LONGEST_PIECE - 3) + "<b>&lt;" * 3)
def test_any_words_are_shown_as_told(text: str) -> None:
    assert as_shown(text) == text


@given(st.integers(LONGEST_PIECE - 12, LONGEST_PIECE + 2), st.sampled_from("<>&\"'"))
def test_no_character_is_cut_in_two_where_long_words_are_divided(place: int, sign: str) -> None:
    text = "x" * place + sign * 4 + "end"
    assert as_shown(text) == text


@pytest.mark.parametrize("piece", ["<a ", "&", "<", "&lt;"])
def test_twice_as_many_words_take_twice_as_long(piece: str) -> None:
    """bleach by itself is quadratic on these: whoever sends them could stop the site."""

    def seconds(length: int) -> float:
        text = piece * (length // len(piece))
        begin = time.process_time()
        shown(text)
        return time.process_time() - begin

    short = min(seconds(10_000) for _ in range(3))
    assert min(seconds(40_000) for _ in range(2)) < short * 10


def test_the_type_says_that_it_may_be_printed() -> None:
    assert isinstance(shown("<b>"), Shown)
    assert shown(None) == ""


@pytest.mark.browser
def test_a_real_browser_shows_every_naughty_word_as_told(browser: Browser) -> None:
    """All of them in one page, under the policy that the site has, and no script runs."""
    paragraphs = "".join(f"<p>{shown(text)}</p>" for text in KEPT)
    source = (
        "<!doctype html><meta charset=utf-8>"
        "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'\">"
        f"<title>unchanged</title><body>{paragraphs}</body>"
    )
    context = browser.new_context()
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: asked.append(dialog.message))
    page.set_content(source)
    read = page.evaluate(
        """() => [...document.querySelectorAll('body > p')].map(p => {
            let text = '', afterBreak = false;
            for (const node of p.childNodes) {
                const isBreak = node.nodeName === 'BR';
                text += isBreak ? '\\n' : afterBreak ? node.nodeValue.replace(/^\\n/, '') : node.nodeValue;
                afterBreak = isBreak;
            }
            return text;
        })"""
    )
    assert read == KEPT
    assert page.title() == "unchanged"
    assert not [url for url in asked if url != "about:blank"]
    context.close()


ATTACKS = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)", "[x](vbscript:x)", "<a href='java\tscript:alert(1)'>x</a>",
    "![x](https://example.invalid/p.png)", "<iframe src=//example.invalid></iframe>",
    "<svg><script>alert(1)</script></svg>", "<style>*{display:none}</style>",
    "<p style='position:fixed'>x</p>", "<p onclick=x>x</p>",
    "<form action=//e.invalid><input>",
    "<math><mi xlink:href='javascript:x'>x</mi></math>", "[x](<javascript:alert(1)>)", "[x]: javascript:alert(1)\n[x]",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>", "<base href=//e.invalid>",
    "<meta http-equiv=refresh>",
]  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_words_of_the_house_hold_a_few_harmless_tags_and_no_more(attack: str) -> None:
    made = LexborHTMLParser(f"<body>{staff_html(attack)}</body>")
    for node in made.css("body *"):
        assert node.tag in {"p", "br", "h2", "h3", "ul", "ol", "li", "strong", "em", "blockquote", "a", "hr"}
        for name, value in node.attributes.items():
            assert node.tag == "a"
            assert name in ("href", "rel")
            assert name == "rel" or re.match(r"(https?|mailto|tel):|/|#", value or ""), value


@given(st.text(max_size=200) | markup)
def test_whatever_a_steward_writes_never_runs(text: str) -> None:
    made = LexborHTMLParser(f"<body>{staff_html(text)}</body>")
    assert not made.css("script, style, img, iframe, svg, form, input, object, [onclick], [onerror], [style]")


def test_markdown_of_the_house_is_read() -> None:
    made = staff_html(
        "## Where help is\n\n- **Now:** [call](tel:+41000)\n- [write](https://example.org)\n\nIt *helps*."
    )
    for part in ("<h2>", "<li>", "<strong>Now:</strong>", 'href="tel:+41000"', "<em>helps</em>", "noopener"):
        assert part in made
    with pytest.raises(ValueError, match="too long"):
        staff_html("x" * (LONGEST_STAFF_TEXT + 1))


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"]), min_size=1))
def test_imported_html_keeps_its_words(text: str) -> None:
    assert text_of_html(f"<p>{html.escape(text)}</p>") == text


def test_imported_html_becomes_paragraphs_and_its_scripts_leave_nothing() -> None:
    source = "<h2>Then</h2><p>One<br>two &amp; three</p><script>alert(1)</script><div>four</div><style>x{}</style>"
    assert text_of_html(source) == "Then\n\nOne\ntwo & three\n\nfour"

"""The proof-reader itself: each kind of fault is found, and a page without any passes."""

from __future__ import annotations

import pytest

from tests.machine import Machine
from tests.pages import faults_of_page

GOOD = """<!doctype html>
<html lang="en" dir="ltr"><head><title>A page</title><link rel="stylesheet" href="/static/css/base.css?v=1"></head>
<body><main><h1>Here</h1>
<form action="/share" method="post"><input type="hidden" name="csrf_token" value="x">
<label for="text">Words</label><textarea id="text" name="text" aria-describedby="hint"></textarea><p id="hint">Any.</p>
<button>Send</button></form>
<a href="https://elsewhere.example/">elsewhere</a><img src="/static/img/mark.svg" alt=""></main>
<script src="/static/js/leave.js" defer></script></body></html>"""

FAULTS = {
    "no doctype": ("<!doctype html>", ""),
    "no heading": ("<h1>Here</h1>", ""),
    "two headings": ("<h1>Here</h1>", "<h1>Here</h1><h1>There</h1>"),
    "an empty heading": ("<h1>Here</h1>", "<h1> </h1>"),
    "no title": ("<title>A page</title>", ""),
    "no language": (' lang="en"', ""),
    "no direction": (' dir="ltr"', ""),
    "the wrong direction": ('lang="en"', 'lang="ar"'),
    "an id twice": ('<p id="hint">', '<p id="text">'),
    "a hint that is not there": ('<p id="hint">', "<p>"),
    "a field without a label": ('<label for="text">Words</label>', ""),
    "a label without words": ('<label for="text">Words</label>', '<label for="text"> </label>'),
    "a label of nothing": ('<label for="text">', '<label for="nothing">'),
    "a form without an action": (' action="/share"', ""),
    "a form that leads away": ('action="/share"', 'action="https://elsewhere.example/"'),
    "a form without a token": ('<input type="hidden" name="csrf_token" value="x">', ""),
    "a token in an address": ('method="post"', 'method="get"'),
    "a button without words": ("<button>Send</button>", "<button></button>"),
    "an inline style": ("<main>", '<main style="color:red">'),
    "a style in the page": ("</head>", "<style>p{}</style></head>"),
    "an inline script": ("</main>", "</main><script>x()</script>"),
    "a handler": ("<button>", '<button onclick="x()">'),
    "a script in a link": ("https://elsewhere.example/", " java\tscript:x()"),
    "data in a link": ("https://elsewhere.example/", "data:text/html,x"),
    "a style from elsewhere": ("/static/css/base.css?v=1", "https://elsewhere.example/x.css"),
    "a script from elsewhere": ("/static/js/leave.js", "//elsewhere.example/x.js"),
    "a picture from elsewhere": ("/static/img/mark.svg", "https://elsewhere.example/x.png"),
    "a picture without words": (' alt=""', ""),
    "a frame": ("</main>", '<iframe src="/x"></iframe></main>'),
    "another base": ("<title>", '<base href="/x/"><title>'),
    "a header in the page": ("<title>", '<meta http-equiv="refresh" content="0"><title>'),
    "a link to nowhere on the page": ('href="https://elsewhere.example/"', 'href="#nowhere"'),
    "a link without words": (">elsewhere</a>", "></a>"),
}


def test_a_good_page_has_no_fault() -> None:
    assert list(faults_of_page(GOOD)) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_found(fault: str) -> None:
    before, after = FAULTS[fault]
    assert before in GOOD
    assert list(faults_of_page(GOOD.replace(before, after, 1)))


def test_a_readers_form_on_a_cacheable_page_holds_no_token() -> None:
    assert list(faults_of_page(GOOD, lambda _action: True))
    without = GOOD.replace('<input type="hidden" name="csrf_token" value="x">', "")
    assert list(faults_of_page(without, lambda _action: True)) == []


def test_what_a_machine_lacks_is_named_with_the_way_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    poor = Machine({})
    with pytest.raises(pytest.skip.Exception, match="apt-get install chromium"):
        poor.chromium()
    assert list(poor.not_tested()) == ["Not tested here for want of Chromium: apt-get install chromium"]


def test_what_is_required_and_missing_fails_instead_of_being_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(pytest.fail.Exception, match="required"):
        Machine({"STORYHUB_TESTS_REQUIRE": "postgres,chromium"}).chromium()

"""The proof-reading client: acts as a person with a browser would, and reads every page that a test opens.

A test that only wants to see a story published also finds a field without a label, a header that went missing, a
cookie on a public page, or a view that forgot to commit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urljoin, urlsplit

from flask import Flask, Response, g, request
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser, LexborNode
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from storyhub.protection.access import Audience, audiences_of

# Written out once more on purpose: whoever loosens the policy must say so here too.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
WITHOUT_SESSION = {Audience.PUBLIC, Audience.READER}
UNSEEN = {"hidden", "submit", "button", "image", "reset"}
REDIRECTS = {301, 302, 303, 307, 308}
MOST_HOPS = 5


class Fault(AssertionError):
    """What the proof-reading found on a page."""


class PagesClient(FlaskClient):
    """A person's browser: follows redirects page by page, sends forms as they stand, and proof-reads all it sees.

    `prefix` is the language's, such as /ar: every address without it is asked for under it.
    """

    prefix = ""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        settings = self.application.extensions["settings"]
        if args and isinstance(args[0], str):
            args = (self._in_language(args[0]), *args[1:])
            kwargs.setdefault("base_url", settings.site_url)
        follow = kwargs.pop("follow_redirects", False)
        seen = self.application.extensions.setdefault("seen_by_tests", Seen())
        seen.forget()
        response = super().open(*args, **kwargs)
        proof_read(self.application, response, seen)
        if follow and response.status_code in REDIRECTS:
            return self._follow(response)
        return response

    def _in_language(self, path: str) -> str:
        stays = not self.prefix or not path.startswith("/") or path.startswith(("/static/", f"{self.prefix}/"))
        return path if stays else self.prefix + path

    def _follow(self, response: TestResponse) -> TestResponse:
        for _ in range(MOST_HOPS):
            if response.status_code not in REDIRECTS:
                return response
            there = urlsplit(urljoin(response.request.url, response.location or ""))
            same_method = response.status_code in (307, 308)
            response = self.open(
                there.path + (f"?{there.query}" if there.query else ""),
                method=response.request.method if same_method else "GET",
            )
        raise Fault(f"more than {MOST_HOPS} redirects, the last to {response.location}")

    def open_page(self, path: str, status: int = 200) -> Page:
        """Open an address as a person would, with the redirects, and expect this status."""
        return self._page(self.get(path, follow_redirects=True), status)

    def send_form(
        self, action: str, fields: Iterable[tuple[str, Any]], *, method: str = "POST", came_from: str = "/", **more: Any
    ) -> TestResponse:
        """Send a form's fields to an address with the headers that browsers add by themselves."""
        site = self.application.extensions["settings"].site_url
        headers = {"Origin": site, "Sec-Fetch-Site": "same-origin", "Referer": site + came_from}
        sent: MultiDict[str, Any] = MultiDict(fields)
        if method.upper() == "GET":
            return self.get(action, query_string=sent, headers=headers, follow_redirects=True)
        return self.post(action, data=sent, headers=headers, follow_redirects=True, **more)

    def _page(self, response: TestResponse, status: int | None) -> Page:
        page = Page(self, response)
        if status is not None and response.status_code != status:
            raise Fault(f"{page.path}: {response.status_code} instead of {status}: {page.text[:300]}")
        return page


class Page:
    """An answered page, as somebody who reads it would speak of it."""

    def __init__(self, client: PagesClient, response: TestResponse) -> None:
        self.client, self.response = client, response
        self.status = response.status_code
        self.path = urlsplit(response.request.url).path
        self.html = LexborHTMLParser(response.get_data().decode("utf-8", "replace"))

    def __contains__(self, words: str) -> bool:
        return words in self.text

    @property
    def heading(self) -> str:
        found = self.html.css_first("h1")
        return words_of(found) if found else ""

    @property
    def title(self) -> str:
        found = self.html.css_first("title")
        return words_of(found) if found else ""

    @property
    def text(self) -> str:
        """All that can be read on the page, with single spaces."""
        return words_of(self.html.body) if self.html.body else ""

    @property
    def words_told(self) -> list[str]:
        """The words of each story on the page, exactly as a browser shows them: white space kept, breaks as lines."""
        return [shown_text(node) for node in self.html.css(".e-content")]

    @staticmethod
    def read(element: LexborNode | None) -> str:
        """The words of an element exactly as a browser shows them."""
        return shown_text(element) if element is not None else ""

    @property
    def links(self) -> dict[str, str]:
        """Addresses by the words of their links."""
        return {words_of(link): link.attributes.get("href") or "" for link in self.html.css("a[href]")}

    def link(self, words: str) -> str:
        """The address of the first link whose words contain these."""
        for said, address in self.links.items():
            if words in said:
                return address
        raise Fault(f"{self.path} has no link “{words}”; it has {sorted(self.links)}")

    def follow(self, words: str, status: int = 200) -> Page:
        return self.client.open_page(urljoin(self.path, self.link(words)), status)

    def value_of(self, name: str) -> str:
        """What stands in a field, wherever it is on the page."""
        for form in self.forms:
            if name in form.names:
                return form.value(name)
        raise Fault(f"{self.path} has no field {name!r}")

    @property
    def forms(self) -> list[Form]:
        return [Form(self, node) for node in self.html.css("form")]

    def form(self, action_contains: str = "") -> Form:
        """The first form whose action contains this."""
        for form in self.forms:
            if action_contains in form.action:
                return form
        raise Fault(f"{self.path} has no form for {action_contains!r}; it has {[form.action for form in self.forms]}")

    def has_form(self, action_contains: str) -> bool:
        return any(action_contains in form.action for form in self.forms)

    def fields_with_errors(self) -> list[str]:
        """Names of the fields that are said to be wrong, each tied to what is wrong with it."""
        return [node.attributes.get("name") or "" for node in self.html.css("[aria-invalid=true]")]


class Form:
    """A form as it stands on a page. `fill` changes fields that are there; `send` sends all of them."""

    def __init__(self, page: Page, node: LexborNode) -> None:
        self.page, self.node = page, node
        self.action = node.attributes.get("action") or page.path
        self.method = (node.attributes.get("method") or "get").upper()
        self.fields: MultiDict[str, Any] = MultiDict(_successful(node))

    @property
    def names(self) -> set[str]:
        return {
            name for control in self.node.css("input, select, textarea") if (name := control.attributes.get("name"))
        }

    def value(self, name: str) -> str:
        return str(self.fields.get(name, "")).replace("\r\n", "\n")

    def values(self, name: str) -> list[str]:
        return [str(value) for value in self.fields.getlist(name)]

    def options(self, name: str) -> list[str]:
        """The values that can be chosen in a field."""
        chosen = f'select[name="{name}"] option, input[type=radio][name="{name}"], input[type=checkbox][name="{name}"]'
        return [option.attributes.get("value") or "" for option in self.node.css(chosen)]

    def fill(self, fields: dict[str, Any] | None = None, **more: Any) -> Form:
        """Type into fields, or choose in them (a list for several). Only what a person could do on this page."""
        for name, value in {**(fields or {}), **more}.items():
            if name not in self.names:
                raise Fault(f"{self.page.path}: no field {name!r} in the form for {self.action}: {sorted(self.names)}")
            values = list(value) if isinstance(value, list | tuple | set) else [value]
            options = self.options(name)
            for one in values:
                if options and str(one) not in options:
                    raise Fault(f"{self.page.path}: {one!r} can't be chosen in {name!r}: {options}")
            self.fields.setlist(name, [as_typed(one) for one in values])
        return self

    def forge(self, **fields: Any) -> Form:
        """Put in what no browser would send."""
        for name, value in fields.items():
            self.fields.setlist(name, list(value) if isinstance(value, list) else [value])
        return self

    def without(self, *names: str) -> Form:
        for name in names:
            self.fields.poplist(name)
        return self

    def send(self, button: str | None = None, status: int | None = 200, **more: Any) -> Page:
        """Send the form; `button` is "name=value" or words of the button that is pressed. None accepts any status."""
        fields = list(self.fields.items(multi=True))
        if (pressed := self._button(button)) is not None:
            fields.append(pressed)
        response = self.page.client.send_form(
            urljoin(self.page.path, self.action), fields, method=self.method, came_from=self.page.path, **more
        )
        return self.page.client._page(response, status)

    def _button(self, wanted: str | None) -> tuple[str, str] | None:
        buttons = self.node.css("button, input[type=submit]")
        for button in buttons:
            name, value = button.attributes.get("name"), button.attributes.get("value") or ""
            if wanted is None or wanted in (f"{name}={value}", name) or wanted in words_of(button):
                return (name, value) if name and (wanted is not None or len(buttons) == 1) else None
        if wanted is not None:
            raise Fault(f"{self.page.path}: the form for {self.action} has no button {wanted!r}")
        return None


def as_typed(value: Any) -> Any:
    """What a browser sends of what is typed: every kind of line end as CR LF; a file (a tuple) as it is."""
    if isinstance(value, tuple):
        return value
    return re.sub(r"\r\n|\r|\n", "\r\n", value) if isinstance(value, str) else str(value)


def _successful(form: LexborNode) -> Iterable[tuple[str, str]]:
    """The fields that a browser would send, in their order (HTML, "constructing the entry list")."""
    for control in form.css("input, select, textarea"):
        attributes = control.attributes
        name, kind = attributes.get("name"), attributes.get("type") or "text"
        if not name or "disabled" in attributes or kind in ("submit", "button", "image", "reset", "file"):
            continue
        if control.tag == "textarea":
            yield name, as_typed(control.text())
        elif control.tag == "select":
            options = control.css("option")
            chosen = [option for option in options if "selected" in option.attributes]
            if not chosen and "multiple" not in attributes:
                chosen = options[:1]
            for option in chosen:
                yield name, option.attributes.get("value", option.text()) or ""
        elif kind not in ("checkbox", "radio") or "checked" in attributes:
            yield name, attributes.get("value") or ("on" if kind == "checkbox" else "")


def words_of(node: LexborNode) -> str:
    pieces: list[str] = []
    _gather(node, pieces, ("script", "style", "template"))
    return " ".join("".join(pieces).split())


BLOCKS = {
    "p",
    "div",
    "li",
    "dt",
    "dd",
    "h1",
    "h2",
    "h3",
    "h4",
    "tr",
    "td",
    "th",
    "legend",
    "label",
    "option",
    "summary",
}


def _gather(node: LexborNode, pieces: list[str], leave_out: tuple[str, ...]) -> None:
    child = node.first_child
    while child is not None:
        if child.tag == "-text":
            pieces.append(child.text_content or "")
        elif child.tag not in leave_out:
            _gather(child, pieces, leave_out)
            if child.tag in BLOCKS or child.tag == "br":
                pieces.append(" ")
        child = child.next


def shown_text(node: LexborNode) -> str:
    """The text of an element that keeps white space, as a browser shows it: <br> is a line end, <p> a paragraph."""
    paragraphs = node.css("p")
    return "\n\n".join(map(_with_breaks, paragraphs)) if paragraphs else _with_breaks(node)


def _with_breaks(node: LexborNode) -> str:
    pieces: list[str] = []
    for part in node.traverse(include_text=True):
        if part.tag == "br":
            pieces.append("\n")
        elif part.tag == "-text":
            text = part.text_content or ""
            # What follows a break in the source is the source's own line end, for those who read the HTML.
            pieces.append(text.removeprefix("\n") if pieces and pieces[-1] == "\n" else text)
    return "".join(pieces)


class Seen:
    """What the application itself knew of the request that was just answered, noted by hooks of the tests."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self.endpoint: str | None = None
        self.audiences: frozenset[Audience] = frozenset()
        self.unsaved: list[str] = []


def watch(app: Flask) -> None:
    """Note for each request its audience, and what it left uncommitted when it ended."""
    seen = app.extensions.setdefault("seen_by_tests", Seen())
    app.test_client_class = PagesClient

    @app.after_request
    def note(response: Response) -> Response:
        seen.endpoint, seen.audiences = request.endpoint, frozenset(g.get("audiences") or ())
        return response

    # Registered after the extension's own, and therefore called before it lets the session go.
    app.teardown_appcontext(lambda _error: seen.unsaved.extend(unsaved_work(app)))


def unsaved_work(app: Flask) -> Iterable[str]:
    """What a request changed and did not commit: it would be lost without a word."""
    registry = app.extensions["sqlalchemy"].session
    if not registry.registry.has():
        return
    session = registry()
    for what, things in (("new", session.new), ("changed", session.dirty), ("deleted", session.deleted)):
        for thing in things:
            if what != "changed" or session.is_modified(thing):
                yield f"{what}: {type(thing).__name__}"
    if session.in_transaction():
        for connection in session.get_transaction()._connections:
            if getattr(connection, "info", {}).get("writes_of_tests"):
                yield f"written and never committed: {connection.info['writes_of_tests'][:2]}"


def proof_read(app: Flask, response: TestResponse, seen: Seen) -> None:
    """Raise Fault for anything on an answer that must not be there, or that is missing."""
    at = f"{response.request.method} {response.request.path} → {response.status_code}"
    faults = list(_faults_of_headers(response, seen))
    if seen.unsaved:
        faults.append(f"left work uncommitted: {', '.join(seen.unsaved)}")
    is_page = response.mimetype == "text/html" and response.status_code not in REDIRECTS
    if is_page and response.request.method != "HEAD":
        faults.extend(faults_of_page(response.get_data(as_text=True), _reader_actions(app)))
    if faults:
        raise Fault(f"{at}\n  " + "\n  ".join(faults))


def _faults_of_headers(response: TestResponse, seen: Seen) -> Iterable[str]:
    # The way out alone says nothing to the next site about where somebody came from.
    wanted = HEADERS | ({"Referrer-Policy": "no-referrer"} if seen.endpoint == "feed.leave" else {})
    if (seen.endpoint or "").startswith("moderation."):  # the desk's script says that somebody works on a story
        wanted = wanted | {"Content-Security-Policy": f"{HEADERS['Content-Security-Policy']}; connect-src 'self'"}
    for name, value in wanted.items():
        if response.headers.get_all(name) != [value]:
            yield f"{name} is {response.headers.get_all(name)}"
    if "Server" in response.headers:
        yield "the server names itself"
    cache = response.headers.get("Cache-Control", "")
    if not cache:
        yield "no Cache-Control"
    nobody_signed_in = not seen.audiences or seen.audiences <= WITHOUT_SESSION
    if nobody_signed_in:
        if response.headers.get_all("Set-Cookie"):
            yield f"a public page sets a cookie: {response.headers.get_all('Set-Cookie')}"
        if "cookie" in response.headers.get("Vary", "").lower():
            yield "a public page varies by cookie"
    elif "no-store" not in cache:
        yield f"a page that is not public may be kept: {cache!r}"
    if response.status_code >= 400 and "no-store" not in cache:
        yield f"an error may be kept: {cache!r}"
    for cookie in response.headers.get_all("Set-Cookie"):
        if "HttpOnly" not in cookie or "SameSite=Lax" not in cookie or ("Expires=" in cookie and "1970" not in cookie):
            yield f"a cookie that scripts can read, other sites can send, or that stays: {cookie}"


def _reader_actions(app: Flask) -> Callable[[str], bool]:
    """Tell whether a form's address is for readers: those come from cacheable pages, which hold no token."""

    def is_for_readers(action: str) -> bool:
        path = re.sub(r"^/ar(?=/)", "", urlsplit(action).path)
        try:
            endpoint, _ = app.url_map.bind("localhost").match(path, method="POST")
        except HTTPException:
            return False
        return audiences_of(app, endpoint) == {Audience.READER}

    return is_for_readers


def faults_of_page(source: str, is_for_readers: Callable[[str], bool] = lambda _action: False) -> Iterable[str]:
    """All that is wrong with a page's HTML."""
    page = LexborHTMLParser(source)
    if not source.lstrip().lower().startswith("<!doctype html>"):
        yield "no doctype"
    yield from _faults_of_document(page)
    yield from _faults_of_ids(page)
    yield from _faults_of_fields(page)
    yield from _faults_of_forms(page, is_for_readers)
    yield from _faults_of_loading(page)


def _faults_of_document(page: LexborHTMLParser) -> Iterable[str]:
    headings = page.css("h1")
    if len(headings) != 1 or not words_of(headings[0]):
        yield f"{len(headings)} <h1>"
    titles = page.css("head > title")
    if len(titles) != 1 or not words_of(titles[0]):
        yield "no <title>"
    html = page.css_first("html")
    language, direction = (html.attributes.get("lang"), html.attributes.get("dir")) if html else (None, None)
    if not language or direction not in ("ltr", "rtl"):
        yield f"lang={language} dir={direction} on <html>"
    elif (direction == "rtl") != (language.split("-")[0] in ("ar", "fa", "he", "ur")):
        yield f"a page in {language} runs {direction}"
    if len(page.css("main")) != 1:
        yield f"{len(page.css('main'))} <main>"


def _faults_of_ids(page: LexborHTMLParser) -> Iterable[str]:
    ids = [node.attributes.get("id") or "" for node in page.css("[id]")]
    for doubled in sorted({name for name in ids if ids.count(name) > 1}):
        yield f"the id {doubled!r} stands {ids.count(doubled)} times"
    for attribute in ("aria-describedby", "aria-labelledby", "aria-controls", "for", "list"):
        for node in page.css(f"[{attribute}]"):
            for target in (node.attributes.get(attribute) or "").split():
                if target not in ids:
                    yield f"{attribute}={target!r} on <{node.tag}> leads nowhere"
    for link in page.css('a[href^="#"]'):
        if (link.attributes.get("href") or "#")[1:] not in ids:
            yield f"the link {link.attributes.get('href')!r} leads nowhere on the page"


def _faults_of_fields(page: LexborHTMLParser) -> Iterable[str]:
    labelled = {node.attributes.get("for") for node in page.css("label[for]") if words_of(node)}
    for control in page.css("input, select, textarea"):
        attributes = control.attributes
        if control.tag == "input" and (attributes.get("type") or "text") in UNSEEN:
            continue
        named = attributes.get("aria-label") or attributes.get("aria-labelledby")
        if not named and attributes.get("id") not in labelled and not _within(control, "label"):
            yield f"the field {attributes.get('name')!r} has no label"
    for control in page.css("a[href], button, summary"):
        named = control.attributes.get("aria-label") or control.attributes.get("aria-labelledby")
        if not named and not words_of(control) and not control.css("img[alt], svg[aria-label], svg title"):
            yield f"a <{control.tag}> without words: {(control.html or '')[:100]}"
    for image in page.css("img"):
        if "alt" not in image.attributes:
            yield f"a picture without alt: {image.attributes.get('src')}"


def _within(node: LexborNode, tag: str) -> bool:
    parent = node.parent
    while parent is not None:
        if parent.tag == tag:
            return True
        parent = parent.parent
    return False


def _faults_of_forms(page: LexborHTMLParser, is_for_readers: Callable[[str], bool]) -> Iterable[str]:
    for form in page.css("form"):
        action = form.attributes.get("action")
        if not action:
            yield "a form without an action"
            continue
        if not _is_here(action):
            yield f"a form that leads away: {action}"
        method = (form.attributes.get("method") or "get").lower()
        has_token = bool(form.css('input[type=hidden][name="csrf_token"]'))
        if method == "post" and has_token == is_for_readers(action):
            yield f"the form for {action} " + ("holds a token, on a page for all" if has_token else "has no token")
        if method == "get" and has_token:
            yield f"the form for {action} would put its token into an address"


def _faults_of_loading(page: LexborHTMLParser) -> Iterable[str]:
    for node in page.css("*"):
        attributes = node.attributes
        for name, value in attributes.items():
            if name == "style" or name.startswith("on"):
                yield f"<{node.tag} {name}> is inline"
            if name in ("href", "src", "action", "formaction", "xlink:href") and _runs_script(value or ""):
                yield f"<{node.tag} {name}={value!r}> runs a script"
            loads = name in ("src", "srcset", "poster", "data") or (name in ("href", "xlink:href") and node.tag != "a")
            if loads and not _is_here(value or "") and attributes.get("rel") != "canonical":
                yield f"<{node.tag} {name}={value!r}> is loaded from elsewhere"
        if node.tag == "style" or (node.tag == "script" and (node.text() or "").strip()):
            yield f"an inline <{node.tag}>"
        if node.tag in ("iframe", "object", "embed", "base") or (node.tag == "meta" and "http-equiv" in attributes):
            yield f"<{node.tag}> has no place here"


def _runs_script(address: str) -> bool:
    return re.sub(r"[\s\x00-\x1f]", "", address).lower().startswith(("javascript:", "data:", "vbscript:"))


def _is_here(address: str) -> bool:
    parts = urlsplit(address)
    return (not parts.scheme and not parts.netloc) or parts.hostname in ("127.0.0.1", "localhost")


def receipt_shown(seen: Page | TestResponse) -> str:
    """The twenty digits of the receipt on a page."""
    source = seen.response if isinstance(seen, Page) else seen
    html = LexborHTMLParser(source.get_data(as_text=True))
    found = [re.sub(r"\s", "", words_of(node)) for node in html.css("p.digits")]
    if len(found) != 1 or not re.fullmatch(r"[0-9]{20}", found[0]):
        raise Fault(f"no receipt on the page: {found} in {words_of(html.body)[:300] if html.body else ''}")
    return found[0]

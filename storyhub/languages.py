"""The interface's languages, and the prefix by which a page is asked for in one of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import flask_babel
from babel import Locale, UnknownLocaleError
from flask import Flask, has_request_context, request

DEFAULT = "en"
LANGUAGES = ("en", "ar")
# Languages that are often read, offered by name; all others are given by their codes.
OFTEN_READ = (
    "ar",
    "bn",
    "de",
    "en",
    "es",
    "fa",
    "fr",
    "hi",
    "id",
    "it",
    "pl",
    "pt",
    "ru",
    "sw",
    "tr",
    "uk",
    "ur",
    "zh",
)
CODE = re.compile(r"[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8}){0,3}")  # the part of BCP 47 that names languages in use
# What may stand in a path as it is. A backslash may not: browsers would take "/\\elsewhere" for another site's address.
IN_A_PATH = "/+:@!$&'()*,;=~"


class LanguagePrefix:
    """WSGI: /ar/themes is /themes in Arabic. The prefix becomes part of SCRIPT_NAME, so that every link keeps it.

    Nothing is negotiated by headers: one address is one page, which any cache may keep.
    """

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self.application = application

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        _, _, rest = environ.get("PATH_INFO", "").partition("/")
        code, _slash, path = rest.partition("/")
        if code in LANGUAGES and code != DEFAULT:
            environ["storyhub.language"] = code
            environ["SCRIPT_NAME"] = f"{environ.get('SCRIPT_NAME', '')}/{code}"
            environ["PATH_INFO"] = f"/{path}"
        return self.application(environ, start_response)


_forced: ContextVar[str | None] = ContextVar("forced", default=None)


def current() -> str:
    """The language of the page that is being made."""
    return request.environ.get("storyhub.language", DEFAULT) if has_request_context() else DEFAULT


def root() -> str:
    """What stands before each path of the site in the page's language: "" or "/ar", and where the site is kept."""
    return request.script_root if has_request_context() else ""


@contextmanager
def force_locale(code: str) -> Iterator[None]:
    """Speak another language for a while: in a letter, for instance."""
    before = _forced.set(code)
    try:
        with flask_babel.force_locale(code):
            yield
    finally:
        _forced.reset(before)


MOST_SAID = 20_000  # sentences kept, in all languages

_said: dict[tuple[Any, ...], str] = {}
_form_of: dict[str, Callable[[int], int]] = {}  # of each language: which form a sentence has for a number


def gettext(string: str, /, **variables: Any) -> str:
    """What flask_babel's says, by one look-up: a page says hundreds of things, and each was looked for anew."""
    sentence = _sentence(string)
    return sentence % variables if variables else sentence


def ngettext(one: str, many: str, number: int, /, **variables: Any) -> str:
    return _counted(one, many, number) % {"num": number, **variables}


def _sentence(string: str) -> str:
    key = (_forced.get() or current(), string)
    return _said.get(key) or _keep(key, flask_babel.get_translations().ugettext(string))


def _counted(one: str, many: str, number: int) -> str:
    """The sentence for so many, kept by its form alone: no number is, since it may be one that a single story has."""
    language = _forced.get() or current()
    key = (language, one, (_form_of.get(language) or _learn_forms(language))(number))
    return _said.get(key) or _keep(key, flask_babel.get_translations().ungettext(one, many, number))


def _learn_forms(language: str) -> Callable[[int], int]:
    form_of: Callable[[int], int] = flask_babel.get_translations().plural
    _form_of[language] = form_of
    return form_of


def _number(number: float) -> str:
    key = (_forced.get() or current(), number)
    return _said.get(key) or _keep(key, flask_babel.format_number(number))


def _keep(key: tuple[Any, ...], sentence: str) -> str:
    if len(_said) >= MOST_SAID:
        _said.clear()
    _said[key] = sentence
    return sentence


def speak_quickly(app: Flask) -> None:
    """Let templates say things in the same way."""
    app.jinja_env.install_gettext_callables(_sentence, _counted, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.globals["_"] = app.jinja_env.globals["gettext"]
    app.jinja_env.filters["numberformat"] = _number


@lru_cache(maxsize=100)
def direction(code: str) -> str:
    """'rtl' or 'ltr' for a language of the interface."""
    return Locale.parse(code).text_direction


@lru_cache(maxsize=2000)  # codes may come from an address
def name(code: str, shown_in: str | None = None) -> str:
    """A language's name, in itself unless another is asked for; the bare code where nobody has named it."""
    try:
        return Locale.parse(code, sep="-").get_display_name(shown_in or code) or code
    except (ValueError, LookupError, UnknownLocaleError):  # a language can be known by name and have no data of its own
        return Locale.parse(shown_in or DEFAULT).languages.get(code, code)


def offered() -> list[tuple[str, str]]:
    """(code, name) of the languages that are often read, by their names in the page's language."""
    shown = sorted((name(code, current()), code) for code in {*OFTEN_READ, *LANGUAGES})
    return [(code, title) for title, code in shown]


def codes_in(typed: str | None) -> list[str]:
    """The codes in what somebody typed, however they set them apart.

    >>> codes_in("ku, pt-BR; am")
    ['ku', 'pt-BR', 'am']
    """
    return [code for code in re.split(r"[\s,;،؛]+", typed or "") if code]


def what_is_no_code(typed: str | None) -> str | None:
    """The first of the codes in what somebody typed that can't be one."""
    return next((code for code in codes_in(typed) if not CODE.fullmatch(code)), None)


def standard_code(code: str) -> str:
    """A language code as BCP 47 writes it: pt-BR, zh-Hant."""
    first, *rest = code.split("-")
    parts = [part.upper() if len(part) == 2 else part.title() if len(part) == 4 else part.lower() for part in rest]
    return "-".join([first.lower(), *parts])


def links(path: str, query: str) -> list[tuple[str, str, str]]:
    """(code, name, address) of this page in each of the other languages."""
    here = current()
    rows = []
    for code in LANGUAGES:
        if code != here:
            prefix = "" if code == DEFAULT else f"/{code}"
            rows.append((code, name(code), prefix + quote(path, safe=IN_A_PATH) + (f"?{query}" if query else "")))
    return rows


__all__ = [
    "DEFAULT",
    "LANGUAGES",
    "OFTEN_READ",
    "LanguagePrefix",
    "codes_in",
    "current",
    "direction",
    "force_locale",
    "gettext",
    "links",
    "name",
    "ngettext",
    "offered",
    "root",
    "speak_quickly",
    "standard_code",
    "what_is_no_code",
]

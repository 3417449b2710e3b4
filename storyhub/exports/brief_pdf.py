"""A page of HTML as a tagged PDF (PDF/UA-1), by WeasyPrint. Nothing is loaded but this program's own static files."""

from __future__ import annotations

import ctypes
import ctypes.util
import datetime as dt
import logging
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from storyhub.config import ROOT

PAGES = 2
SIZES = ("", "smaller", "small", "smallest")  # classes of the body, from the usual size of its words down
OWN = "storyhub:/static/"  # no network address: what it could mean is written here and nowhere else
FILES = {"css/components/brief.css": "text/css", "img/world.svg": "image/svg+xml"}

logging.getLogger("weasyprint").setLevel(logging.CRITICAL)  # it would quote the words of a page in its warnings
logging.getLogger("fontTools").setLevel(logging.CRITICAL)


class AsksForMore(ValueError):
    """Something is to be loaded that is none of the program's own files."""


class DoesNotFit(ValueError):
    """There is more in it than two pages hold, however small."""


@cache
def why_not() -> str | None:
    """Why this server can make no PDF, as a code; None where it can. WeasyPrint is loaded when this is first asked."""
    try:
        _program()
    except ImportError:
        return "program"
    except OSError:  # Pango is the system's
        return "libraries"
    return None


@cache
def has_letters_of(language: str) -> bool:
    """Whether the server has a font for a language, as fontconfig knows it; True where nobody can tell."""
    found = ctypes.util.find_library("fontconfig")
    if not found:
        return True
    config = ctypes.CDLL(found)
    for name in ("FcNameParse", "FcObjectSetCreate", "FcFontList"):
        getattr(config, name).restype = ctypes.c_void_p
    pattern = ctypes.c_void_p(config.FcNameParse(f":lang={language.split('-')[0]}".encode()))
    fonts = config.FcFontList(None, pattern, ctypes.c_void_p(config.FcObjectSetCreate()))
    return fonts is None or ctypes.cast(fonts, ctypes.POINTER(ctypes.c_int)).contents.value > 0


def own_file(address: str) -> tuple[bytes, str]:
    """One of the files that a brief is made with, and its kind. Raises AsksForMore for whatever else is asked for."""
    path = urlsplit(address)._replace(query="").geturl().removeprefix(OWN)
    if path not in FILES:
        raise AsksForMore("a brief loads nothing but its own files")
    return (ROOT / "static" / path).read_bytes(), FILES[path]


def image_url(path: str) -> str:
    """In the place of `static_url`, for a page that becomes a PDF."""
    return OWN + path


def pdf(html: Callable[[str], str], identifier: bytes) -> tuple[bytes, str]:
    """The PDF of a page, and the size of its words that made it two pages. Raises DoesNotFit.

    `html` is asked for the page with its words in this size. The same page and identifier give the same bytes.
    """
    for size in SIZES:
        document = _laid_out(html(size))
        if len(document.pages) == PAGES:
            made: bytes = document.write_pdf(pdf_identifier=identifier, **_OPTIONS)
            return made, size
    raise DoesNotFit


_OPTIONS: dict[str, Any] = {"pdf_variant": "pdf/ua-1", "pdf_tags": True}


def _program() -> Any:
    """Half a second, and libraries of the system: only for whoever needs it."""
    return import_module("weasyprint")


def _laid_out(html: str) -> Any:
    program = _program()

    class OwnFiles(program.urls.URLFetcher):  # type: ignore[name-defined]
        """Never the library's own fetching, and a page that asks for anything else is not made at all."""

        def fetch(self, url: str, headers: object = None) -> Any:  # noqa: ARG002 - as the library calls it
            data, kind = own_file(url)
            return program.urls.URLFetcherResponse(url, data, {"Content-Type": kind})

    page = program.HTML(string=html, base_url="storyhub:/", url_fetcher=OwnFiles(fail_on_errors=True))
    try:
        return page.render(**_OPTIONS)
    except program.urls.FatalURLFetchingError as error:  # it is no Exception, and would end the whole thread
        raise AsksForMore("a brief loads nothing but its own files") from error


def moment(day: dt.date) -> str:
    return f"{day.isoformat()}T00:00:00Z"

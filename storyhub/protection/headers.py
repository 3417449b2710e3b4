"""The headers of every answer: what a browser may load, tell and keep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response, g, request

from storyhub.protection.access import Audience
from storyhub.protection.door import ASKED, tag_of

F = TypeVar("F", bound=Callable[..., Any])

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
# For pages whose script asks this site something while they are open: the desk's alone.
POLICY_WITH_ASKING = f"{CONTENT_SECURITY_POLICY}; connect-src 'self'"
FIXED = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: with it Flask-WTF would refuse every form sent over https.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
}
STRICT_TRANSPORT = ("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
# Short, so that a withdrawn story is gone from every cache within the promised minute (promise 10); ETags make asking
# again cheap. Caches that stand in a row add up: nginx tells no Age of what it keeps, so whatever is behind it takes a
# page that was kept for its whole time as new. At worst a content network, a proxy and a browser have each just got it:
# 10 + 10 + 20 = 40 seconds, which leaves 20 for one more shared cache and for answers that are slow.
BROWSER_SECONDS = 20  # max-age
SHARED_SECONDS = 10  # s-maxage, for each cache that many readers share
KEPT = f"public, max-age={BROWSER_SECONDS}, s-maxage={SHARED_SECONDS}, must-revalidate"


def init_app(app: Flask, https: bool) -> None:
    said = [(name.lower(), (name, value)) for name, value in _said(https)]

    @app.after_request
    def add_headers(response: Response) -> Response:
        there = {name.lower() for name, _ in response.headers}  # looked through once, not once for each of ours
        response.headers.extend([header for name, header in said if name not in there])
        # Of files Flask would say no-cache by itself, and every page would ask for all of them again.
        if "cache-control" not in there or request.endpoint == "static":
            response.headers["Cache-Control"] = _caching(response)
        return response


def _said(https: bool) -> list[tuple[str, str]]:
    """What every answer says, unless its page says something else."""
    return [*FIXED.items(), *([STRICT_TRANSPORT] if https else [])]


def allow_asking_this_site(response: Response) -> None:
    """Let this page's script speak with this site, and with no other."""
    response.headers["Content-Security-Policy"] = POLICY_WITH_ASKING


def _caching(response: Response) -> str:
    if request.endpoint == "static" and response.status_code in (200, 304):
        return "public, max-age=31536000, immutable" if request.args.get("v") else "public, max-age=300"
    is_public = g.get("audiences") == {Audience.PUBLIC} and request.method in ("GET", "HEAD")
    if is_public and response.status_code in (200, 304, 301) and response.get_etag()[0]:
        return KEPT
    return "no-store"


def never_stored(view: F) -> F:
    """A public page that no cache may keep, because its answer isn't the edition's (a search, a sign of life)."""
    view.never_stored = True  # type: ignore[attr-defined]
    return view


def tag_pages(app: Flask, edition: Callable[[], int], build: str) -> None:
    """Give every public page an ETag of the site's edition, and answer who has that edition without making the page."""

    @app.before_request
    def answer_unchanged() -> Response | None:
        view = app.view_functions.get(request.endpoint or "")
        is_page = g.get("audiences") == {Audience.PUBLIC} and request.method in ("GET", "HEAD")
        if not is_page or request.endpoint == "static" or getattr(view, "never_stored", False):
            return None
        g.page_tag = tag_of(edition(), build, request.environ[ASKED])
        # Not by "*": whether there is such a page at all is known only once it has been looked for.
        if request.if_none_match.contains_weak(g.page_tag) and not request.if_none_match.star_tag:
            return Response(status=304)
        return None

    @app.after_request
    def add_tag(response: Response) -> Response:
        # Weak, because a proxy may compress what it passes on.
        if response.status_code in (200, 304) and "page_tag" in g:
            response.set_etag(g.page_tag, weak=True)
        return response


def said_of_unchanged(https: bool) -> list[tuple[str, str]]:
    """The headers of an answer that a public page has not changed, but for its tag."""
    return [*_said(https), ("Cache-Control", KEPT)]

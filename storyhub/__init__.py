"""StoryHub: a place to tell what happened, to be heard, and to be answered."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from functools import cache
from typing import Any

from flask import Flask, current_app, g, request
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.middleware.proxy_fix import ProxyFix

from storyhub import databases, errors, languages
from storyhub.config import ROOT, Settings, is_loopback, read_settings
from storyhub.extensions import babel, csrf, db, jobs, migrate
from storyhub.models import labels
from storyhub.models.people import Person, Role
from storyhub.models.site import Site, site_of_edition, the_site
from storyhub.models.support import SupportPlace, places_for
from storyhub.protection import access, headers, limits
from storyhub.protection.access import WITHOUT_ACCOUNT, Audience
from storyhub.protection.door import EDITION, Door
from storyhub.protection.identifiers import IdConverter
from storyhub.protection.sanitising import paragraphs, shown, staff_html
from storyhub.protection.sealing import SealedSessions, derived_key
from storyhub.protection.tags import ShapeTags
from storyhub.text import countries

LONGEST_BODY = 1024 * 1024  # bytes; a story of 20,000 characters takes 240 kB at the very most

__all__ = ["create_app"]


def create_app(settings: Settings | None = None) -> Flask:
    """The application, its rooms opened in the order in which a story meets them. Raises SettingError."""
    settings = settings or read_settings()
    app = Flask(
        "storyhub",
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
        instance_path=str(settings.instance),
    )
    app.extensions["settings"] = settings
    _configure(app, settings)
    _open_extensions(app, settings)
    _open_protection(app, settings)
    _open_rooms(app)
    _tell_templates(app)
    errors.init_app(app)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=derived_key(settings.secret_key, "forms").hex(),
        MAX_CONTENT_LENGTH=LONGEST_BODY,
        MAX_FORM_MEMORY_SIZE=LONGEST_BODY,
        MAX_FORM_PARTS=500,
        TRUSTED_HOSTS=_trusted_hosts(settings),
        SESSION_COOKIE_NAME="__Host-storyhub" if settings.https else "storyhub",
        SESSION_COOKIE_SECURE=settings.https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_PATH="/",
        WTF_CSRF_TIME_LIMIT=None,  # a form lives as long as its session: fifteen idle minutes
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "storyhub" / "translations"),
        BABEL_DEFAULT_LOCALE=languages.DEFAULT,
        BABEL_DEFAULT_TIMEZONE="UTC",
    )
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True, "extensions": [ShapeTags]}
    app.url_map.converters["id"] = IdConverter
    app.url_map.strict_slashes = False
    # Addresses of readers and their questions must not be written anywhere, not even to a console (promise 1).
    logging.getLogger("werkzeug").setLevel(logging.WARNING)


def _trusted_hosts(settings: Settings) -> list[str]:
    host = settings.site_url.partition("://")[2].rpartition("@")[2]
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    names = {name, "localhost", "127.0.0.1", "[::1]"}
    return sorted(names | ({settings.host} if is_loopback(settings.host) else set()))


def _open_extensions(app: Flask, settings: Settings) -> None:
    databases.configure(app, settings)
    db.init_app(app)
    databases.prepare(app)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"))
    csrf.init_app(app)
    babel.init_app(app, locale_selector=languages.current)
    languages.speak_quickly(app)
    if settings.redis_url:
        from huey.storage import RedisStorage

        jobs.open(RedisStorage, url=settings.redis_url)
    else:
        from huey.storage import SqliteStorage

        jobs.open(SqliteStorage, filename=str(settings.instance / "jobs.sqlite"), cache_mb=1)


def _open_protection(app: Flask, settings: Settings) -> None:
    app.session_interface = SealedSessions(settings.secret_key)
    app.wsgi_app = languages.LanguagePrefix(app.wsgi_app)  # type: ignore[method-assign]
    if hops := settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    access.init_app(app)
    limits.configure(app, settings)
    # In this order: what is done to answers runs from the last to the first, and caching asks whether there is a tag.
    headers.init_app(app, settings.https)
    headers.tag_pages(app, edition=lambda: site().edition, build=_build())
    app.wsgi_app = Door(  # type: ignore[method-assign]
        app.wsgi_app,
        edition=databases.public_edition(app),
        build=_build(),
        unchanged=headers.said_of_unchanged(settings.https),
    )


def _open_rooms(app: Flask) -> None:
    from storyhub import accountability, accounts, exports, feed, moderation, operations, telling, themes

    for room in (telling, moderation, feed, themes, exports, accountability, accounts, operations):
        room.init_app(app)


def site() -> Site:
    """The one site's row, read once in a request."""
    if "site" not in g:
        edition = request.environ.get(EDITION) if g.get("audiences") == {Audience.PUBLIC} else None
        g.site = the_site(db.session) if edition is None else site_of_edition(db.session, edition)
        # The way out answers from memory: it waits for no database, and leaves when there is none.
        current_app.extensions["leave_address"] = g.site.leave_address
    found: Site = g.site
    return found


def _site_even_when_broken() -> Site | None:
    try:
        return site()
    except (SQLAlchemyError, RuntimeError, ValueError):  # ValueError: a row that can't be read
        return None


def _support_near(country: str | None) -> list[SupportPlace]:
    """Help for somebody in this country. A page that shows a receipt must not fail for want of it."""
    try:
        return places_for(db.session, country)
    except SQLAlchemyError:
        return []


def _rooms_of(person: Person, rooms: list[tuple[Callable[[], str], str, tuple[Role, ...]]]) -> list[Any]:
    """(words, address, whether we are in it) of the rooms that this person may open; we are in one of them at most."""
    open_ones = [(words(), url) for words, url, roles in rooms if person.is_any(*roles)]
    around = [url for _, url in open_ones if f"{request.path}/".startswith(f"{url.rstrip('/')}/")]
    if not around:
        parts = current_app.config.get("PARTS_OF_ROOMS", {}).items()
        around = [room for part, room in parts if f"{request.path}/".startswith(f"{part}/")]
    here = max(around, key=len, default=None)
    return [(words, request.script_root + url, url == here) for words, url in open_ones]


def _tell_templates(app: Flask) -> None:
    @app.context_processor
    def everywhere() -> dict[str, Any]:
        code = languages.current()
        told: dict[str, Any] = {
            "site": _site_even_when_broken(),
            "language": code,
            "direction": languages.direction(code),
            "language_links": languages.links(request.path, request.query_string.decode("utf-8", "replace"))
            if request.method == "GET"
            else languages.links("/", ""),
            "language_name": languages.name,
            "direction_of": languages.direction,
        }
        for_accounts = g.get("audiences") and not g.audiences & WITHOUT_ACCOUNT
        if for_accounts and current_user.is_authenticated:  # nobody is, on the page that says so
            told["person"] = current_user
            told["rooms"] = _rooms_of(current_user, app.config.get("DESK_ROOMS", []))
        return told

    app.jinja_env.globals.update(
        shown=shown,
        paragraphs=paragraphs,
        staff_html=staff_html,
        static_url=static_url,
        labels=labels,
        support_near=_support_near,
    )
    app.jinja_env.filters.update(
        country_name=lambda code: countries.name(code, languages.current()),
        language_title=lambda code: languages.name(code, languages.current()),
        theme_name=lambda theme: theme.name_in(languages.current()),
        in_language=lambda texts: texts.get(languages.current()) or next(iter(texts.values()), ""),
    )


@cache
def static_url(path: str) -> str:
    """A static file's address with a hash of what it holds, so that browsers may keep it for ever."""
    digest = hashlib.sha256((ROOT / "static" / path).read_bytes()).hexdigest()[:12]
    return f"/static/{path}?v={digest}"


@cache
def _build() -> str:
    """A mark that changes whenever the pages' making does, so that an update is seen in spite of ETags."""
    digest = hashlib.sha256()
    for folder, pattern in (
        ("templates", "*.html"),
        ("storyhub", "*.py"),
        ("storyhub/translations", "*.mo"),
        ("static", "*.*"),
    ):
        for path in sorted((ROOT / folder).rglob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]

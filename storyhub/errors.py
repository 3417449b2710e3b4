"""What went wrong, as a page in plain words, or as problem+json (RFC 9457) under /api."""

from __future__ import annotations

import logging
import traceback
from http import HTTPStatus

from flask import Flask, Response, g, jsonify, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, InternalServerError

from storyhub.extensions import db
from storyhub.models.selection import Malformed, Unknown
from storyhub.models.story import NotPossible

log = logging.getLogger("storyhub")
# Errors that say which value was wrong: a database even quotes the row that it refuses.
QUOTING = (SQLAlchemyError, ValueError, LookupError)


def init_app(app: Flask) -> None:
    app.register_error_handler(HTTPException, show)
    app.register_error_handler(CSRFError, form_too_old)
    app.register_error_handler(Malformed, lambda _error: page(400))
    app.register_error_handler(Unknown, lambda _error: page(404))
    app.register_error_handler(NotPossible, somebody_was_first)
    app.register_error_handler(StaleDataError, somebody_was_first)
    app.register_error_handler(OperationalError, database_busy)
    app.register_error_handler(Exception, broke)
    # Flask would tell the address that was asked for, when even the page that says what went wrong can't be made.
    app.log_exception = log_without_address  # type: ignore[method-assign,assignment]


def show(error: HTTPException) -> Response:
    if error.response is not None:
        return error.response  # type: ignore[return-value]
    says = getattr(error, "says", None)
    response = page(error.code or 500, message=says and str(says), retry_after=getattr(error, "retry_after", None))
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value
    return response


def form_too_old(_error: CSRFError) -> Response:
    return page(
        400,
        title=_("This page waited too long"),
        message=_("For your safety a form is good for fifteen idle minutes. Nothing was changed."),
        carried=_typed(),
    )


def somebody_was_first(_error: Exception) -> Response:
    """Two decided at once, or the story changed meanwhile: one did it, and the other's words come back."""
    db.session.rollback()
    return page(409, carried=_typed())


def database_busy(error: OperationalError) -> Response:
    log.error("the database did not answer: %s", type(error.orig).__name__)
    db.session.rollback()
    return page(503, retry_after=30, carried=_typed())


def broke(error: Exception) -> Response:
    # Never with the request's address, query or form: a log is a place where words and people could leak.
    log.error("an error in %s: %s", request.endpoint, _told(error))
    db.session.rollback()
    return page(InternalServerError.code, carried=_typed())


def log_without_address(info: object) -> None:
    """In the place of Flask's own: what is logged of an error that nothing else could handle."""
    error = info[1] if isinstance(info, tuple) else None
    log.error("an error's page could not be made: %s", _told(error) if isinstance(error, BaseException) else "")


def _told(error: BaseException, quotes: bool = False) -> str:
    """An error for the log: its kind, the places in the code, what caused it; its words unless they quote values."""
    quotes = quotes or isinstance(error, QUOTING)
    cause = error.__cause__ or error.__context__
    words = type(error).__name__ + ("" if quotes else f": {error}")
    places = "".join(traceback.format_tb(error.__traceback__))
    return f"{words}\n{places}" + (f"because of {_told(cause, quotes)}" if cause else "")


def page(
    code: int,
    *,
    title: str | None = None,
    message: str | None = None,
    carried: str | None = None,
    retry_after: int | None = None,
) -> Response:
    """An error's answer: what happened, that nothing was lost, what to do; the words that reached us come back."""
    g.reads_only = True
    if request.path.startswith("/api/"):
        response = jsonify(type="about:blank", status=code, title=HTTPStatus(code).phrase)
        response.content_type = "application/problem+json"
    else:
        html = render_template(
            "errors/page.html", code=code, title=title, message=message, carried=carried, retry_after=retry_after
        )
        response = Response(html, mimetype="text/html")
    response.status_code = code
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def _typed() -> str | None:
    """The words of the form that failed, to be carried back; never a password or a receipt."""
    try:
        told = (request.form.get(name) for name in ("text", "words", "note", "letter"))
        return next((words for words in told if words), None)
    except HTTPException:
        return None

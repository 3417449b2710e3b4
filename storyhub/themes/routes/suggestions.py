"""Suggested themes: what was learned and how good it is, and story after story for a person to say yes or no to."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from storyhub import languages
from storyhub.extensions import db
from storyhub.models import retheming
from storyhub.models.long_work import order_work
from storyhub.models.suggested import Pair, SuggestedTheme, accept, refuse, take_back, the_model
from storyhub.models.theme import Theme
from storyhub.protection import identifiers
from storyhub.protection.access import audience, only_reads_at_the_desk
from storyhub.themes import queries, suggesting, suggestions_read

ORGANISERS = ("organiser", "steward")
LAST = "last_suggestions"  # in the session: what this person said yes and no to last, so that it can be taken back

suggestions = Blueprint("suggestions", __name__, url_prefix="/organise/suggestions")


@suggestions.get("")
@audience(*ORGANISERS)
def overview() -> str:
    only_reads_at_the_desk()
    return render_template(
        "themes/suggestions.html",
        page=suggestions_read.page(db.session, the_model(db.session), languages.current()),
        may_undo=bool(session.get(LAST)),
    )


@suggestions.post("/learning")
@audience(*ORGANISERS)
def learn() -> Response:
    """Learn anew and look through all public stories."""
    return _ordered(learn=True)


@suggestions.post("/looking")
@audience(*ORGANISERS)
def look() -> Response:
    """Look through all public stories, new ones too, with what was learned."""
    return _ordered(learn=False)


@suggestions.get("/themes/<slug>")
@audience(*ORGANISERS)
def theme(slug: str) -> str:
    only_reads_at_the_desk()
    found = _theme(slug)
    return render_template(
        "themes/suggested.html",
        theme=found,
        name=found.name_in(languages.current()),
        stories=suggesting.batch(db.session, found),
        waiting=suggesting.count_waiting(db.session, found),
        may_undo=bool(session.get(LAST)),
    )


@suggestions.post("/themes/<slug>")
@audience(*ORGANISERS)
def answer(slug: str) -> Response:
    """Code the stories that were said yes to, remember those that were said no to; all others go on waiting."""
    found = _theme(slug)
    yes, no = (_pairs(found, value) for value in ("yes", "no"))
    sureness = {pair: one.sureness for pair in yes if (one := db.session.get(SuggestedTheme, pair)) is not None}
    accepted, refused = accept(db.session, yes), refuse(db.session, no)
    _follow(accepted)
    db.session.commit()
    if accepted or refused:
        session[LAST] = {
            "yes": [[*pair, sureness[pair]] for pair in accepted],
            "no": [list(pair) for pair in refused],
            "slug": slug,
        }
        flash(_said(len(accepted), len(refused)), "success")
    else:
        flash(_("Nothing was marked, so nothing was changed."), "warning")
    there_are_more = suggesting.count_waiting(db.session, found)
    return redirect(url_for(".theme", slug=slug) if there_are_more else url_for(".overview"), 303)


@suggestions.post("/undo")
@audience(*ORGANISERS)
def undo() -> Response:
    """Let what was answered last wait again."""
    last = session.pop(LAST, None)
    if not last:
        flash(_("There is nothing left to take back."), "warning")
        return redirect(url_for(".overview"), 303)
    gone = take_back(
        db.session,
        accepted={(version, theme): sureness for version, theme, sureness in last["yes"]},
        refused=[(version, theme) for version, theme in last["no"]],
    )
    _follow(gone)
    db.session.commit()
    flash(_("It is taken back. These suggestions wait again."), "success")
    found = queries.theme_by_slug(db.session, last["slug"])
    return redirect(url_for(".theme", slug=found.slug) if found else url_for(".overview"), 303)


def _ordered(*, learn: bool) -> Response:
    work = order_work(db.session, "suggest", by=current_user.id, learn=learn)
    db.session.commit()
    return redirect(url_for("work.one", work_id=work.id), 303)


def _theme(slug: str) -> Theme:
    found = queries.theme_by_slug(db.session, slug)
    if found is None or found.retired:
        abort(404)
    return found


def _pairs(theme: Theme, wanted: str) -> list[Pair]:
    """The versions of this page that were marked so: fields are `answer-<version>`."""
    pairs = []
    for name, value in request.form.items():
        if name.startswith("answer-") and value == wanted:
            try:
                pairs.append((identifiers.read(name.removeprefix("answer-")), theme.id))
            except ValueError:
                abort(400)
    return pairs


def _follow(pairs: list[Pair]) -> None:
    minutes = current_app.extensions["settings"].release_minutes
    retheming.follow(db.session, [version for version, _theme in pairs], minutes=minutes)


def _said(yes: int, no: int) -> str:
    said = []
    if yes:
        said.append(ngettext("%(num)s story has the theme now.", "%(num)s stories have the theme now.", yes))
    if no:
        said.append(
            ngettext(
                "For %(num)s story it is not suggested again.", "For %(num)s stories it is not suggested again.", no
            )
        )
    return " ".join(said)

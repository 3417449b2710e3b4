"""Merging a theme into another one, and splitting one off: /organise/themes/<slug>/merge and /split."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from storyhub import languages
from storyhub.extensions import db
from storyhub.models import labels
from storyhub.models.long_work import LongWork, Refused
from storyhub.models.theme import Theme
from storyhub.protection import identifiers
from storyhub.protection.access import audience, only_reads_at_the_desk
from storyhub.text.excerpt import opening
from storyhub.themes import forms, queries
from storyhub.themes.moving import merge_themes, split_theme
from storyhub.themes.routes.codebook import ORGANISERS, name_of, not_possible, theme_called

MOST_PICKED = 2_000

regrouping = Blueprint("regrouping", __name__, url_prefix="/organise/themes")


@regrouping.get("/<slug>/merge", endpoint="merging")
@audience(*ORGANISERS)
def show_merging(slug: str) -> str:
    only_reads_at_the_desk()
    theme = theme_called(slug)
    return _merge_page(theme, forms.MergeForm(_targets(theme), formdata=None))


@regrouping.post("/<slug>/merge")
@audience(*ORGANISERS)
def merge(slug: str) -> Response | tuple[str, int]:
    theme = theme_called(slug)
    form = forms.MergeForm(_targets(theme))
    if not form.validate():
        return _merge_page(theme, form), 422
    into = theme_called(form.into.data)
    url = url_for("themes.theme", slug=into.slug)
    try:
        work = merge_themes(db.session, theme, into, by=current_user.id, url=_for_all_languages(url))
        db.session.commit()
    except Refused as refused:
        return not_possible(refused, url_for(".merging", slug=slug))
    said = _("“%(name)s” is merged into “%(other)s”.", name=name_of(theme), other=name_of(into))
    return _done(work, said, url)


@regrouping.get("/<slug>/split", endpoint="splitting")
@audience(*ORGANISERS)
def show_splitting(slug: str) -> str:
    only_reads_at_the_desk()
    return _split_page(theme_called(slug), forms.SplitForm(frozenset(), formdata=None))


@regrouping.post("/<slug>/split")
@audience(*ORGANISERS)
def split(slug: str) -> Response | str | tuple[str, int]:
    """Look on (`step`: find, older, newer), which keeps what is ticked and typed, or split."""
    theme = theme_called(slug)
    form = forms.SplitForm(queries.slugs(db.session))
    if request.form.get("step") != "split":
        return _split_page(theme, form)
    if not form.validate():
        return _split_page(theme, form), 422
    url = url_for("themes.theme", slug=form.slug.data)
    chosen: dict[str, Any] = {"ids": _picked()}
    if form.which.data == forms.ALL:
        chosen = {"found": form.q.data or ""}
    how: dict[str, Any] = {"under": form.under.data, "keeps": form.how.data == forms.ALSO, "by": current_user.id}
    try:
        work = split_theme(
            db.session, theme, form.slug.data or "", form.words(), **how, **chosen, url=_for_all_languages(url)
        )
        db.session.commit()
    except (Refused, IntegrityError) as error:
        db.session.rollback()
        form.form_errors.append(labels.WHY_NOT[error.code if isinstance(error, Refused) else "taken"])
        return _split_page(theme_called(slug), form), 409
    return _done(work, _("“%(name)s” is split off.", name=form[f"name_{languages.DEFAULT}"].data), url)


def _for_all_languages(url: str) -> str:
    """Without the prefix of a language: who watches the work may read another one than who asked for it."""
    return url.removeprefix(request.script_root)


def _done(work: LongWork | None, said: str, url: str) -> Response:
    if work is not None:
        return redirect(url_for("work.one", work_id=work.id), 303)
    flash(said + " " + _("You can take it back in the history."))
    return redirect(url, 303)


def _targets(theme: Theme) -> list[tuple[Theme, int]]:
    themes = queries.all_themes(db.session)
    offered = (one for one in themes if not one.retired and one.id != theme.id)
    return list(queries.tree_of(offered, {one.id: one for one in themes}, languages.current()))


def _merge_page(theme: Theme, form: forms.MergeForm) -> str:
    counts = queries.counts_of(db.session, theme)
    return render_template("themes/merge.html", theme=theme, name=name_of(theme), form=form, counts=counts)


def _picked() -> list[int]:
    """The stories that are ticked here, and those that were ticked on other pages of the list."""
    found: dict[int, None] = {}
    for name in ("picked", "story"):
        for text in request.form.getlist(name)[:MOST_PICKED]:
            try:
                found[identifiers.read(text)] = None
            except ValueError:
                continue  # nothing that a page of ours sent
    return list(found)


def _split_page(theme: Theme, form: forms.SplitForm) -> str:
    words, after = form.q.data or "", _after()
    stories, older = queries.stories_with(db.session, theme.id, words, after)
    picked = _picked()
    here = {public.story_id for public in stories}
    return render_template(
        "themes/split.html",
        theme=theme,
        name=name_of(theme),
        form=form,
        stories=[(public, *opening(public.version.text or "", 200)) for public in stories],
        picked=set(picked),
        elsewhere=[identifiers.shown(one) for one in picked if one not in here],
        found=queries.count_with(db.session, theme.id, words),
        older=identifiers.shown(older) if older is not None else None,
        is_first=after is None,
        identifier=identifiers.shown,
    )


def _after() -> int | None:
    """Where this page of the list begins: `step` is "older" and the cursor, or anything else for the first page."""
    step, _colon, cursor = request.form.get("step", "").partition(":")
    try:
        return identifiers.read(cursor) if step == "older" else None
    except ValueError:
        return None

"""The codebook's addresses under /organise/themes. What readers see of themes is in the feed."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response

from storyhub import languages
from storyhub.extensions import db
from storyhub.models import labels
from storyhub.models.codebook import bring_theme_back, make_theme, move_theme, retire_theme, target_of, word_theme
from storyhub.models.long_work import Refused
from storyhub.models.theme import Theme
from storyhub.protection.access import audience, only_reads_at_the_desk
from storyhub.themes import forms, queries
from storyhub.themes.changes import as_told

ORGANISERS = ("organiser", "steward")

codebook = Blueprint("themes", __name__, url_prefix="/organise/themes")


@codebook.get("")
@audience(*ORGANISERS)
def all_themes() -> str:
    only_reads_at_the_desk()
    return _page(forms.NewThemeForm(frozenset(), _parents(None), formdata=None))


@codebook.post("")
@audience(*ORGANISERS)
def create() -> Response | tuple[str, int]:
    form = forms.NewThemeForm(queries.slugs(db.session), _parents(None))
    if not form.validate():
        return _page(form), 422
    try:
        made = make_theme(db.session, form.slug.data or "", form.words(), by=current_user.id, parent=_chosen(form))
        db.session.commit()
    except (IntegrityError, Refused):  # somebody made the same one in the meantime
        db.session.rollback()
        form.slug.errors = [_("A theme with this address is there already.")]
        return _page(form), 409
    flash(_("“%(name)s” is in the codebook.", name=name_of(made)))
    return redirect(url_for(".all_themes"), 303)


@codebook.get("/<slug>")
@audience(*ORGANISERS)
def theme(slug: str) -> str:
    only_reads_at_the_desk()
    theme = theme_called(slug)
    return _theme_page(theme, forms.ThemeForm.of(theme, _parents(theme)))


@codebook.post("/<slug>")
@audience(*ORGANISERS)
def edit(slug: str) -> Response | tuple[str, int]:
    theme = theme_called(slug)
    form = forms.ThemeForm(_parents(theme))
    if not form.validate():
        return _theme_page(theme, form), 422
    try:
        word_theme(db.session, theme, form.words(), by=current_user.id, revision=form.revision_read)
        move_theme(db.session, theme, _chosen(form), by=current_user.id)
        db.session.commit()
    except (StaleDataError, IntegrityError):
        db.session.rollback()
        return _written_by_two(slug, form), 409
    except Refused as refused:
        db.session.rollback()
        form.parent.errors = [labels.WHY_NOT[refused.code]]
        return _theme_page(theme_called(slug), form), 409
    flash(_("“%(name)s” is kept as you wrote it.", name=name_of(theme)))
    return redirect(url_for(".all_themes"), 303)


@codebook.post("/<slug>/retirement")
@audience(*ORGANISERS)
def retire(slug: str) -> Response:
    """Out of the lists to choose from; stories that have it keep it, and its page stays."""
    theme = theme_called(slug)
    try:
        retire_theme(db.session, theme, by=current_user.id)
        db.session.commit()
    except Refused as refused:
        return not_possible(refused, url_for(".theme", slug=slug))
    flash(_("“%(name)s” can no longer be chosen.", name=name_of(theme)))
    return redirect(url_for(".all_themes"), 303)


@codebook.post("/<slug>/return")
@audience(*ORGANISERS)
def bring_back(slug: str) -> Response:
    theme = theme_called(slug)
    try:
        bring_theme_back(db.session, theme, by=current_user.id)
        db.session.commit()
    except Refused as refused:
        return not_possible(refused, url_for(".theme", slug=slug))
    flash(_("“%(name)s” can be chosen again.", name=name_of(theme)))
    return redirect(url_for(".all_themes"), 303)


def theme_called(slug: str) -> Theme:
    return queries.theme_by_slug(db.session, slug) or abort(404)


def name_of(theme: Theme) -> str:
    return theme.name_in(languages.current())


def not_possible(refused: Refused, url: str) -> Response:
    """Back to where it was asked for, with why it is not done."""
    db.session.rollback()
    flash(str(labels.WHY_NOT.get(refused.code, refused.code)), "error")
    return redirect(url, 303)


def _parents(theme: Theme | None) -> list[tuple[Theme, int]]:
    return queries.can_be_parent(db.session, theme, languages.current())


def _chosen(form: forms.ThemeForm) -> Theme | None:
    return theme_called(form.parent.data) if form.parent.data else None


def _page(form: forms.NewThemeForm) -> str:
    book = queries.whole_codebook(db.session, languages.current())
    return render_template("themes/themes.html", book=book, form=form)


def _theme_page(theme: Theme, form: forms.ThemeForm, there: list[tuple[str, str]] | None = None) -> str:
    changes = queries.history(db.session, theme=theme)
    return render_template(
        "themes/theme.html",
        theme=theme,
        form=form,
        name=name_of(theme),
        target=target_of(db.session, theme) if theme.merged_into_id else None,
        counts=queries.counts_of(db.session, theme),
        changes=[as_told(db.session, told) for told in changes[: queries.CHANGES]],
        there=there,
    )


def _written_by_two(slug: str, form: forms.ThemeForm) -> str:
    """Somebody else kept it first: their words stand beside what was typed, which stays in the form."""
    theme = theme_called(slug)
    now = forms.ThemeForm.of(theme, _parents(theme))
    form.revision.data = now.revision.data
    there = [(str(its.label.text), str(its.data or "")) for _mine, its in form.unlike(now)]
    return _theme_page(theme, form, there)

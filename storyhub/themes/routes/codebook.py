"""The codebook's addresses under /organise/themes. What readers see of themes is in the feed."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from storyhub import languages
from storyhub.extensions import db
from storyhub.models.publication import new_edition
from storyhub.models.theme import Theme
from storyhub.protection.access import audience
from storyhub.themes import forms, queries

ORGANISERS = ("organiser", "steward")

codebook = Blueprint("themes", __name__, url_prefix="/organise/themes")


@codebook.get("")
@audience(*ORGANISERS)
def all_themes() -> str:
    return _page(forms.NewThemeForm(frozenset(), formdata=None))


@codebook.post("")
@audience(*ORGANISERS)
def create() -> Response | tuple[str, int]:
    form = forms.NewThemeForm(queries.slugs(db.session))
    if not form.validate():
        return _page(form), 422
    theme = Theme(slug=form.slug.data, retired=False)
    form.put_into(theme)
    db.session.add(theme)
    new_edition(db.session)
    try:
        db.session.commit()
    except IntegrityError:  # somebody made the same one in the meantime
        db.session.rollback()
        form.slug.errors = [_("A theme with this address is there already.")]
        return _page(form), 409
    flash(_("“%(name)s” is in the codebook.", name=_name(theme)))
    return redirect(url_for(".all_themes"), 303)


@codebook.get("/<slug>")
@audience(*ORGANISERS)
def theme(slug: str) -> str:
    theme = _theme(slug)
    return render_template("themes/theme.html", theme=theme, form=forms.ThemeForm.of(theme), name=_name(theme))


@codebook.post("/<slug>")
@audience(*ORGANISERS)
def edit(slug: str) -> Response | tuple[str, int]:
    theme, form = _theme(slug), forms.ThemeForm()
    if not form.validate():
        return render_template("themes/theme.html", theme=theme, form=form, name=_name(theme)), 422
    form.put_into(theme)
    return _kept(_("“%(name)s” is kept as you wrote it.", name=_name(theme)))


@codebook.post("/<slug>/retirement")
@audience(*ORGANISERS)
def retire(slug: str) -> Response:
    """Out of the lists to choose from; stories that have it keep it, and its page stays."""
    theme = _theme(slug)
    theme.retired = True
    return _kept(_("“%(name)s” can no longer be chosen.", name=_name(theme)))


@codebook.post("/<slug>/return")
@audience(*ORGANISERS)
def bring_back(slug: str) -> Response:
    theme = _theme(slug)
    theme.retired = False
    return _kept(_("“%(name)s” can be chosen again.", name=_name(theme)))


def _page(form: forms.NewThemeForm) -> str:
    return render_template("themes/themes.html", used=queries.themes_with_counts(db.session), form=form)


def _kept(said: str) -> Response:
    new_edition(db.session)  # public pages name the theme as well
    db.session.commit()
    flash(said)
    return redirect(url_for(".all_themes"), 303)


def _theme(slug: str) -> Theme:
    return queries.theme_by_slug(db.session, slug) or abort(404)


def _name(theme: Theme) -> str:
    return theme.name_in(languages.current())

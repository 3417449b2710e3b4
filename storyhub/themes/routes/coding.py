"""Coding stories under /organise/coding: the list of what is to be coded, one story, and themes given and taken off."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, current_app, flash, render_template, request, session, url_for
from flask import redirect as redirected
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from storyhub import languages
from storyhub.extensions import db
from storyhub.models.publication import Publication
from storyhub.models.retheming import follow
from storyhub.models.selection import cursor
from storyhub.models.theme import Theme
from storyhub.protection import identifiers
from storyhub.protection.access import audience, only_reads_at_the_desk
from storyhub.text import countries
from storyhub.themes import coding, queries, to_code
from storyhub.themes.forms_of_coding import GivingForm
from storyhub.themes.to_code import Wanted

ORGANISERS = ("organiser", "steward")

coded = Blueprint("coding", __name__, url_prefix="/organise/coding")


@coded.get("")
@audience(*ORGANISERS)
def stories() -> str:
    only_reads_at_the_desk()
    wanted, after = Wanted.asked_for(request.args), cursor(request.args)
    found = to_code.find_stories(db.session, wanted, after)
    return render_template(
        "themes/coding.html",
        wanted=wanted,
        query=wanted.as_query(),
        rows=to_code.rows_of(db.session, found.positions),
        next_after=identifiers.shown(found.next_after) if found.next_after is not None else None,
        ended_early=found.ended_early,
        is_first=after is None,
        choices=filter_choices(wanted.theme),
    )


@coded.get("/<id:story_id>")
@audience(*ORGANISERS)
def story(story_id: int) -> str:
    only_reads_at_the_desk()
    return _page(coding.public_story(db.session, story_id) or abort(404))


@coded.post("/<id:story_id>/codings")
@audience(*ORGANISERS)
def give(story_id: int) -> AnyResponse:
    public = coding.public_story(db.session, story_id, lock=True) or abort(404)
    form = _form(public)
    if _is_another(public):
        return Response(_page(public, told_anew=True), 409)
    if not form.validate():
        return Response(_page(public, form), 422)
    chosen = [theme for theme, _depth in coding.codebook_tree(db.session) if theme.slug in form.themes.data]
    try:
        given = coding.give_themes(db.session, public.version_id, [theme.id for theme in chosen], form.where_spans)
    except coding.TooMany:
        db.session.rollback()
        form.words.errors = [_("This story has too many passages already. Give the theme to the whole of it.")]
        return Response(_page(coding.public_story(db.session, story_id) or abort(404), form), 422)
    if not given:
        return _kept(public, _("It had that already, so nothing changed."))
    named = _(", ").join(theme.name_in(languages.current()) for theme in chosen)
    where = (
        _("These words have a theme now: %(themes)s") if form.is_passage else _("The story has a theme now: %(themes)s")
    )
    return _kept(public, where % {"themes": named}, given=[one.id for one in given])


@coded.post("/<id:story_id>/removal")
@audience(*ORGANISERS)
def take_off(story_id: int) -> AnyResponse:
    public = coding.public_story(db.session, story_id, lock=True) or abort(404)
    kept = coding.take_off(db.session, public.version_id, _read_id("coding"))
    if kept is None:
        return _kept(public, _("It was not there any more, so nothing changed."))
    return _kept(public, _("The theme is taken off: %(theme)s", theme=_name(kept[0])), taken=kept)


@coded.post("/<id:story_id>/suggestion")
@audience(*ORGANISERS)
def answer_suggestion(story_id: int) -> AnyResponse:
    """A person says yes or no to what a program suggests for the whole story."""
    public = coding.public_story(db.session, story_id, lock=True) or abort(404)
    if _is_another(public):
        return Response(_page(public, told_anew=True), 409)
    theme_id, answer = _read_id("theme"), request.form.get("answer")
    if answer == "yes":
        given = coding.accept_suggestion(db.session, public.version_id, theme_id)
        if given:
            told = _("You said yes to “%(theme)s”.", theme=_name(theme_id))
            return _kept(public, told, given=[one.id for one in given])
    elif answer == "no":
        if coding.refuse_suggestion(db.session, public.version_id, theme_id):
            told = _("You said no to “%(theme)s”.", theme=_name(theme_id))
            return _kept(public, told, refused=theme_id)
    else:
        abort(400)
    return _kept(public, _("It was not there any more, so nothing changed."))


@coded.post("/<id:story_id>/undo")
@audience(*ORGANISERS)
def undo(story_id: int) -> AnyResponse:
    public = coding.public_story(db.session, story_id, lock=True) or abort(404)
    last = session.pop("coded", None)
    if last is None or last["version"] != public.version_id:
        return _kept(public, _("There is nothing to undo."))
    for coding_id in last["given"]:
        coding.take_off(db.session, public.version_id, coding_id)
    if last["taken"]:
        coding.bring_back(db.session, public.version_id, tuple(last["taken"]))
    if last["refused"]:
        coding.refuse_suggestion(db.session, public.version_id, last["refused"], refused=False)
    return _kept(public, _("It is as it was before."))


def _kept(public: Publication, said: str, **undo: Any) -> AnyResponse:
    """Keep what was done, let readers see it from the next window on, and remember in the cookie how to undo it."""
    follow(db.session, [public.version_id], minutes=current_app.extensions["settings"].release_minutes)
    story_id, version_id = public.story_id, public.version_id
    db.session.commit()
    session.pop("coded", None)
    if undo:
        session["coded"] = {"version": version_id, "given": [], "taken": None, "refused": None, **undo}
    flash(said)
    query: dict[str, Any] = Wanted.asked_for(request.args).as_query()
    return redirected(url_for(".story", story_id=story_id, **query), 303)


def _form(public: Publication, **more: Any) -> GivingForm:
    tree = coding.codebook_tree(db.session)
    names = [(theme.slug, theme.name_in(languages.current())) for theme, _depth in tree]
    return GivingForm(names, public.version.text or "", **more)


def _page(public: Publication, form: GivingForm | None = None, *, told_anew: bool = False) -> str:
    wanted = Wanted.asked_for(request.args)
    version = public.version
    given = coding.given_to(db.session, version)
    last = session.get("coded") or {}
    return render_template(
        "themes/code.html",
        public=public,
        version=version,
        version_shown=identifiers.shown(version.id),
        shown_id=identifiers.shown,
        form=form or _form(public, formdata=None, data={"version": identifiers.shown(version.id)}),
        tree=coding.codebook_tree(db.session),
        given=given,
        marked=coding.marked(version.text or "", given),
        suggestions=coding.suggestions_for(db.session, version),
        told_anew=told_anew,
        may_undo=last.get("version") == version.id,
        newer=to_code.newer(db.session, wanted, public.position),
        older=to_code.older(db.session, wanted, public.position),
        query=wanted.as_query(),
    )


def _is_another(public: Publication) -> bool:
    """Whether the words changed since the page was opened: places would be counted in other words than these."""
    return request.form.get("version") != identifiers.shown(public.version_id)


def _read_id(name: str) -> int:
    try:
        return identifiers.read(request.form.get(name, ""))
    except ValueError:
        abort(400)


def _name(theme_id: int) -> str:
    theme = db.session.get(Theme, theme_id)
    return theme.name_in(languages.current()) if theme else ""


def filter_choices(theme: str = "") -> dict[str, list[tuple[str, str]]]:
    """What can be chosen to narrow the stories: themes, and the languages, countries and years that there are."""
    language = languages.current()
    themes = [(one.slug, one.name_in(language)) for one, _depth in coding.codebook_tree(db.session)]
    retired = queries.theme_by_slug(db.session, theme) if theme and theme not in dict(themes) else None
    if retired:
        themes.append((retired.slug, retired.name_in(language)))
    codes = to_code.codes_in_use(db.session)
    return {
        "theme": themes,
        "language": [(tag, languages.name(tag, language)) for tag in codes["language"]],
        "country": [(code, countries.name(code, language) or code) for code in codes["country"]],
        "year": [(year, year) for year in reversed(codes["year"])],
    }

"""Discoveries, /organise/discoveries: search for what no theme covers, and decide about what was found."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from storyhub import languages
from storyhub.drawing import groups as drawing
from storyhub.drawing import map as maps
from storyhub.drawing.link import Link
from storyhub.drawing.years import year_bars
from storyhub.extensions import db
from storyhub.models import retheming
from storyhub.models.discovered import DiscoveredGroup, Discovery, GroupState, NotOpen
from storyhub.models.theme import Theme
from storyhub.models.version import hold_stories
from storyhub.protection import identifiers
from storyhub.protection.access import audience, only_reads_at_the_desk
from storyhub.text import countries
from storyhub.text import discovering as finding
from storyhub.themes import discovering
from storyhub.themes.discovering_forms import NEW, DismissForm, GroupForm, SearchForm
from storyhub.themes.discovering_job import order_discovery

ORGANISERS = ("organiser", "steward")
FEW_COUNTRIES = 3
MOST_PAGES = 20_000

discoveries = Blueprint("discoveries", __name__, url_prefix="/organise/discoveries")


@discoveries.get("", endpoint="all")
@audience(*ORGANISERS)
def show_all() -> str:
    only_reads_at_the_desk()
    return _list(SearchForm(_themes(), formdata=None))


@discoveries.post("", endpoint="search")
@audience(*ORGANISERS)
def search() -> Response | tuple[str, int]:
    form = SearchForm(_themes())
    if not form.validate():
        return _list(form), 422
    look, slug = form.look.data, form.theme.data
    if _stories(look, slug) < finding.ENOUGH:
        form.look.errors = [_("That is not enough: a search needs %(num)s stories.", num=finding.ENOUGH)]
        return _list(form), 422
    work = order_discovery(db.session, look, slug, fine=form.fine.data, by=current_user.id)
    db.session.commit()
    return redirect(url_for("work.one", work_id=work.id), 303)


@discoveries.get("/<id:discovery_id>", endpoint="one")
@audience(*ORGANISERS)
def show_one(discovery_id: int) -> str:
    only_reads_at_the_desk()  # of groups of very many stories
    discovery = db.session.get(Discovery, discovery_id) or abort(404)
    groups = discovering.groups_of(db.session, discovery)
    spots = [drawing.Spot(one.group.id, one.count, one.group.across, one.group.down) for one in groups if one.count]
    return render_template(
        "themes/discovery.html",
        discovery=discovery,
        asked=_asked(discovery),
        new=[_card(one) for one in groups if one.is_open and one.group.like_id is None],
        again=[_card(one) for one in groups if one.is_open and one.group.like_id is not None],
        decided=[_card(one) for one in groups if not one.is_open],
        drawn=zip(drawing.circles(spots), [one for one in groups if one.count], strict=True),
        size=(drawing.WIDTH, drawing.HEIGHT),
        groups=groups,
        url_of=_url_of,
        named=_names(),
        too_few=[(languages.name(tag, languages.current()) if tag else _("not known"), count)
                 for tag, count in sorted(discovery.too_few.items())],
        enough=finding.ENOUGH,
    )  # fmt: skip


@discoveries.get("/groups/<id:group_id>", endpoint="group")
@audience(*ORGANISERS)
def show_group(group_id: int) -> str:
    only_reads_at_the_desk()
    group = _group(group_id)
    return _group_page(group, _group_form(group, formdata=None))


@discoveries.post("/groups/<id:group_id>/theme", endpoint="give")
@audience(*ORGANISERS)
def give_theme(group_id: int) -> Response | tuple[str, int]:
    """Name the group, or put its stories to a theme that is there: those that somebody ticked, and no others."""
    group = _group(group_id)
    form = _group_form(group)
    form.validate()
    wanted = _versions(form.wanted)
    hold_stories(db.session, wanted)
    version_ids = discovering.public_among(db.session, group, wanted)
    if not version_ids:
        form.story.errors = [_("Please tick the stories that get the theme.")]
    if form.errors or not version_ids:
        return _group_page(group, form), 422
    try:
        theme, changed = _give(group, form, version_ids)
    except NotOpen:
        return _too_late(group)
    retheming.follow(db.session, changed, minutes=current_app.extensions["settings"].release_minutes)
    db.session.commit()
    name = theme.name_in(languages.current())
    flash(ngettext("%(num)s story got the theme “%(name)s”.", "%(num)s stories got the theme “%(name)s”.",
                   len(changed), name=name))  # fmt: skip
    return redirect(url_for(".group", group_id=group.id, page=_page_asked()), 303)


@discoveries.post("/groups/<id:group_id>/dismissal", endpoint="dismiss")
@audience(*ORGANISERS)
def dismiss(group_id: int) -> Response | tuple[str, int]:
    group, form = _group(group_id), DismissForm()
    if not form.validate():
        return _group_page(group, _group_form(group, formdata=None), form), 422
    try:
        group.dismiss(by=current_user.id, reason=form.reason.data or "")
    except NotOpen:
        return _too_late(group)
    db.session.commit()
    flash(_("It is dismissed. If the next search finds it again, it says so."))
    return redirect(url_for(".one", discovery_id=group.discovery_id), 303)


@discoveries.post("/groups/<id:group_id>/undo", endpoint="undo")
@audience(*ORGANISERS)
def undo(group_id: int) -> Response | tuple[str, int]:
    group = _group(group_id)
    try:
        changed = discovering.undo_group(db.session, group, by=current_user.id)
    except NotOpen:
        return _too_late(group)
    retheming.follow(db.session, changed, minutes=current_app.extensions["settings"].release_minutes)
    db.session.commit()
    flash(_("It is as it was found."))
    return redirect(url_for(".group", group_id=group.id), 303)


def _give(group: DiscoveredGroup, form: GroupForm, version_ids: list[int]) -> tuple[Theme, list[int]]:
    if form.theme.data == NEW:
        return discovering.name_group(db.session, group, *form.words(), version_ids, by=current_user.id)
    theme = next(one for one in _themes_of(group) if one.slug == form.theme.data)
    take = group.merge if group.state is GroupState.OPEN else group.give_more
    return theme, take(theme, version_ids, by=current_user.id)


def _too_late(group: DiscoveredGroup) -> tuple[str, int]:
    db.session.rollback()
    flash(_("Somebody decided about this group in the meantime. Nothing was changed."), "alarm")
    return _group_page(group, _group_form(group, formdata=None)), 409


def _versions(shown: list[str]) -> list[int]:
    found = []
    for one in shown:
        try:
            found.append(identifiers.read(one))
        except ValueError:
            continue
    return found


def _group(group_id: int) -> DiscoveredGroup:
    found: DiscoveredGroup = db.session.get(DiscoveredGroup, group_id, populate_existing=True) or abort(404)
    return found


def _themes() -> list[tuple[str, str]]:
    return _named(discovering.themes_to_choose(db.session))


def _named(themes: list[Theme]) -> list[tuple[str, str]]:
    return [(theme.slug, theme.name_in(languages.current())) for theme in themes]


def _names() -> dict[int, str]:
    return {theme.id: theme.name_in(languages.current()) for theme in discovering.all_themes(db.session)}


def _themes_of(group: DiscoveredGroup) -> list[Theme]:
    """What can be given to its stories: any theme while nothing is decided, then the one that was chosen."""
    if group.state is GroupState.OPEN:
        return discovering.themes_to_choose(db.session)
    theme = db.session.get(Theme, group.theme_id) if group.theme_id else None
    return [theme] if theme is not None else []


def _group_form(group: DiscoveredGroup, **more: Any) -> GroupForm:
    return GroupForm(_named(_themes_of(group)), only=group.state is not GroupState.OPEN, **more)


def _stories(look: str, slug: str) -> int:
    theme = next((one for one in discovering.themes_to_choose(db.session) if one.slug == slug), None)
    return discovering.how_many(db.session, look, theme.id if theme else None)


def _list(form: SearchForm) -> str:
    return render_template(
        "themes/discoveries.html",
        form=form,
        found=[(one, _asked(one), groups, left) for one, groups, left in discovering.discoveries(db.session)],
        without=discovering.how_many(db.session, discovering.WITHOUT),
        public=discovering.how_many(db.session, discovering.ALL),
        enough=finding.ENOUGH,
    )


def _asked(discovery: Discovery) -> str:
    """In words, what a search looked at."""
    look = discovery.asked.get("look")
    if look == discovering.ALL:
        return _("All public stories")
    if look == discovering.WITHIN:
        slug = discovery.asked.get("theme", "")
        theme = next((one for one in discovering.all_themes(db.session) if one.slug == slug), None)
        return _("Stories of the theme “%(name)s”", name=theme.name_in(languages.current()) if theme else slug)
    return _("Stories without a theme")


def _url_of(group: DiscoveredGroup) -> str:
    return url_for("discoveries.group", group_id=group.id)


def _card(one: discovering.Standing) -> dict[str, Any]:
    """A group with its small pictures."""
    here = languages.current()
    often = sorted(one.countries.items(), key=lambda pair: (-pair[1], pair[0]))
    return {
        "one": one,
        "url": _url_of(one.group),
        "years": year_bars(one.years),
        "countries": [countries.name(code, here) or code for code, _count in often[:FEW_COUNTRIES]],
        "more_countries": max(0, len(often) - FEW_COUNTRIES),
        "languages": [(languages.name(tag, here) if tag else _("not known"), count) for tag, count in one.languages],
    }


def _page_asked() -> int | None:
    page = request.args.get("page", 1, type=int)
    return page if 1 < page <= MOST_PAGES else None


def _group_page(group: DiscoveredGroup, form: GroupForm, dismissing: DismissForm | None = None) -> str:
    page = _page_asked() or 1
    (one,) = discovering.with_facts(db.session, [group])
    stories, more = discovering.stories_of(db.session, group, page)
    here = languages.current()
    places = [
        Link(countries.name(code, here) or code, url_for("feed.place", country=code), count)
        for code, count in sorted(one.countries.items(), key=lambda pair: (-pair[1], pair[0]))
        if countries.is_country(code)
    ]
    return render_template(
        "themes/discovered_group.html",
        group=group,
        one=one,
        card=_card(one),
        form=form,
        dismissing=dismissing or DismissForm(formdata=None),
        stories=stories,
        ticked=set(form.story.data or []),
        page=page,
        more=more,
        names=_names(),
        world=maps.world(),
        dots=maps.dots(one.countries),
        places=places,
        shown_id=identifiers.shown,
        country_name=lambda code: countries.name(code, here) or code,
    )

"""Changing a story with its receipt: its words and facts, and what the words may be used for."""

from __future__ import annotations

from flask import Response, make_response, render_template, request
from flask_babel import gettext as _

from storyhub import languages
from storyhub.extensions import csrf, db
from storyhub.models.states import NotPossible
from storyhub.models.story import State, Use, Wish
from storyhub.protection import limits
from storyhub.protection.access import audience
from storyhub.telling import actions, carrying, queries
from storyhub.telling.forms import EditForm, UsesForm
from storyhub.telling.looking_over import look_over
from storyhub.telling.routes.opening import UNREADABLE, Opened, opened, receipts, state_page, step_page, too_many, when
from storyhub.telling.routes.sharing import arrived
from storyhub.text import language as languages_of_words


@receipts.post("/receipt/consent")
@csrf.exempt
@audience("contributor")
def consent() -> Response:
    form = UsesForm()
    form.offer()
    found = opened(form, to_act=True)
    if isinstance(found, Response):
        return found
    story = found.story
    if story.state is State.WITHDRAWN:
        return state_page(found, too_late=_("This story was taken back. Its words are used for nothing any more."))
    if not found.is_ready:
        if not request.form.get("step"):
            form.consent.data = story.uses_next or list(story.consent)
        return step_page("telling/consent.html", found, standing=queries.standing(db.session, story))
    actions.allow(db.session, story, [Use(use) for use in form.consent.data or ()], when())
    db.session.commit()
    return state_page(found, done=_said_of_uses(found))


def _said_of_uses(found: Opened[UsesForm]) -> str:
    if found.story.uses_window is None:
        return _("Your choice is kept, and holds from now on.")
    return _("Your choice is kept. What you no longer allow ends now; what you allow besides begins a little later.")


@receipts.post("/receipt/edit")
@csrf.exempt
@audience("contributor")
def edit() -> Response:
    """The words to be changed; then the same look as before the first sending; then they wait to be decided."""
    form = EditForm(**arrived())
    form.offer(queries.themes_to_choose(db.session), languages.current())
    found = opened(form, to_act=True)
    if isinstance(found, Response):
        return found
    if not queries.standing(db.session, found.story).can_be_edited:
        return _cannot_be_edited(found)
    if found.story.standing_number is not None or found.story.state in (State.PUBLISHED, State.SET_ASIDE):
        del form.wish  # it is public: it cannot wait for a day any more, nor become uncounted
    if not request.form.get("step") and form.arrived_whole:
        _fill_in(found)
        return step_page("telling/edit.html", found)
    if form.errors or request.form.get("step") == "back":
        return make_response(_edit_page(found), UNREADABLE if form.errors else 200)
    if request.form.get("step") != "send" or not carrying.was_looked_over(form):
        form.looked.data = carrying.seal_looked_over(form)
        return make_response(_edit_page(found, looks=True))
    return _store(found)


def _store(found: Opened[EditForm]) -> Response:
    form, story = found.form, found.story
    wish = Wish(form.wish.data) if "wish" in form else None
    told = form.told(languages_of_words.detect(form.text.data or ""))
    # Each change is kept till it is decided: the disk is as much in danger as from new stories.
    if not limits.within(limits.table.TELLING_CEILING) and not limits.is_shared():
        return too_many(form.text.data, limits.table.TELLING_CEILING)
    try:
        is_new = actions.edit(db.session, story, told, queries.themes_named(db.session, form.themes.data or []), wish)
    except NotPossible:
        return _cannot_be_edited(found)
    db.session.commit()
    if not is_new and story.newest.made_by != "edited":
        return state_page(found, done=_("Nothing was changed."))
    if story.standing_number is not None:
        return state_page(
            found, done=_("Your changes have arrived. What is public stays as it is until they are decided.")
        )
    return state_page(found, done=_("Your changes have arrived, and wait to be read."))


def _cannot_be_edited(found: Opened[EditForm]) -> Response:
    if found.story.open_appeal is not None:
        return state_page(found, too_late=_("While your appeal is looked at, the words cannot be changed."))
    return state_page(found, too_late=_("This story was taken back, so there is nothing left to change."))


def _fill_in(found: Opened[EditForm]) -> None:
    """What the story says now: the newest words, so that what was hidden in them stays so unless it is typed anew."""
    form, story, newest = found.form, found.story, found.story.newest
    for name in ("text", "title", "name", "place", "country", "setting", "happened"):
        form[name].data = getattr(newest, name) or ""
    # A language that was told from the words is told anew from other words; one that was chosen stays.
    was_seen = languages_of_words.detect(newest.text or "") == newest.language
    form.language.data = "" if was_seen else newest.language or ""
    form.show.data = list(newest.show)
    form.themes.data = [theme.slug for theme in queries.themes_chosen(db.session, story)]
    if "wish" in form:
        form.wish.data = story.wish


def _edit_page(found: Opened[EditForm], *, looks: bool = False) -> str:
    form = found.form
    told = form.told(languages_of_words.detect(form.text.data or "")) if looks else None
    return render_template(
        "telling/edit.html",
        form=form,
        story=found.story,
        told=told,
        looked_over=look_over(told) if told else None,
        direction_of=languages_of_words.direction,
    )

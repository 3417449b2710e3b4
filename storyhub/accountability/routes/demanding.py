"""Where stewards write down what others demanded, which is counted in public, and keep words for a legal duty."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from storyhub.accountability import queries
from storyhub.accountability.demands import DemandForm, PauseForm
from storyhub.extensions import db
from storyhub.models.demand import DONE, WHAT, WHO, Done, What, Who, record_demand
from storyhub.models.story import State, Story
from storyhub.protection import identifiers
from storyhub.protection.access import audience

demanding = Blueprint("demanding", __name__, url_prefix="/organise/demands")


@demanding.get("")
@audience("steward")
def all_demands() -> str:
    return _page(DemandForm(formdata=None))


@demanding.post("")
@audience("steward")
def record() -> Response | tuple[str, int]:
    form = DemandForm()
    if not form.validate_on_submit():
        return _page(form), 422
    story = db.session.get(Story, form.story_id) if form.story_id is not None else None
    if form.story.data and story is None:
        form.story.errors = [_("We hold no story at this address.")]
        return _page(form), 422
    record_demand(
        db.session,
        by=current_user,
        who=Who(form.who.data),
        what=What(form.what.data),
        done=Done(form.done.data),
        story=story,
        note=form.note.data or None,
    )
    db.session.commit()
    flash(_("It is on the record, and is counted on the public report when the month is over."))
    return redirect(url_for(".all_demands"), 303)


@demanding.post("/pauses")
@audience("steward")
def pause() -> Response | tuple[str, int]:
    """Keep one story's words beyond their day: on the record, and said on its receipt."""
    form = PauseForm()
    if not form.validate_on_submit():
        return _page(DemandForm(formdata=None), form), 422
    story = db.session.get(Story, form.story_id, with_for_update=True) if form.story_id is not None else None
    if story is None or story.state is State.WITHDRAWN:
        form.story.errors = [_("We hold no story at this address.")]
        return _page(DemandForm(formdata=None), form), 422
    if not story.purge_paused:  # twice is the same as once
        story.pause_purge(by=current_user, note=form.note.data or None)
    db.session.commit()
    flash(_("The words of this story are kept until you let them be erased again. Its receipt says so."))
    return redirect(url_for(".all_demands"), 303)


@demanding.post("/pauses/<id:story_id>/end")
@audience("steward")
def resume(story_id: int) -> Response:
    story = db.session.get(Story, story_id, with_for_update=True) or abort(404)
    if story.purge_paused:
        story.resume_purge(by=current_user)
    db.session.commit()
    flash(_("The words of this story are erased when their day has come."))
    return redirect(url_for(".all_demands"), 303)


def _page(form: DemandForm, pausing: PauseForm | None = None) -> str:
    return render_template(
        "accountability/demands.html",
        form=form,
        pausing=pausing or PauseForm(formdata=None),
        demands=queries.demands(db.session),
        paused=queries.paused(db.session),
        name_of=identifiers.shown,
        who=WHO,
        what=WHAT,
        done=DONE,
    )

"""Where stewards write down what others demanded: each is counted on the public report."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from storyhub.accountability import queries
from storyhub.accountability.demands import DemandForm
from storyhub.extensions import db
from storyhub.models.demand import DONE, WHAT, WHO, Done, What, Who, record_demand
from storyhub.models.story import Story
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


def _page(form: DemandForm) -> str:
    return render_template(
        "accountability/demands.html", form=form, demands=queries.demands(db.session), who=WHO, what=WHAT, done=DONE
    )

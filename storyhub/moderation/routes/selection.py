"""What somebody chose in the queue, to decline as one: every opening is shown, and all is taken back as one."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from storyhub.extensions import db
from storyhub.moderation import forms, letters, together
from storyhub.moderation.routes.blueprint import READING, desk
from storyhub.moderation.routes.clusters import (
    beside_the_form,
    decline_all,
    most_spoken,
    say_what_was_done,
    with_what_was_typed,
)
from storyhub.protection import identifiers
from storyhub.protection.access import audience


@desk.post("/selection")
@audience(*READING)
def select() -> Response:
    """Takes in hand what is free of what was chosen, and shows it."""
    ids = chosen()
    if not ids:
        flash(_("Nothing was chosen. Tick the stories that you want to decide about as one."))
        return redirect(url_for(".queue", lane=request.form.get("lane") or None), 303)
    together.take_these(db.session, ids, by=current_user)
    db.session.commit()
    return selection_page(ids)


@desk.post("/selection/decline")
@audience(*READING)
def decline_selection() -> Response:
    ids = chosen()
    items = {identifiers.shown(item.id): item for item in together.these_in_hand(db.session, ids, by=current_user)}
    form = forms.DeclineTogether(most_spoken([item.language for item in items.values()]), items)
    done_before = None if items else together.decided_with(db.session, ids, by=current_user)
    if done_before is not None:
        return redirect(url_for(".cluster", cluster_id=done_before), 303)  # pressed twice
    if form.count.data != len(items):
        return again(ids, form)
    if not form.validate():
        return selection_page(ids, 422, form)
    apart = set(form.apart.data or [])
    together.leave_where_they_stand([items[shown] for shown in apart])
    declined = [item for shown, item in items.items() if shown not in apart]
    if not declined:
        db.session.commit()
        flash(_("You left out every one of them, so nothing was decided. They wait where they stood."))
        return redirect(url_for(".queue"), 303)
    found = together.put_together(db.session, declined)  # at this moment, so that it can be taken back as one
    number, for_two = decline_all(declined, found, form)
    found_id = found.id
    if not number:  # each waits by itself for a second person: nothing is to be taken back as one
        db.session.delete(found)
    db.session.commit()
    say_what_was_done(number, for_two, 0)
    if apart:
        said = ngettext("%(num)s was left out, and waits on.", "%(num)s were left out, and wait on.", len(apart))
        flash(said)
    return redirect(url_for(".cluster", cluster_id=found_id) if number else url_for(".queue"), 303)


@desk.post("/selection/release")
@audience(*READING)
def release_selection() -> Response:
    together.leave_where_they_stand(together.these_in_hand(db.session, chosen(), by=current_user))
    db.session.commit()
    flash(_("They wait where they stood, for whoever comes next."))
    return redirect(url_for(".queue"), 303)


def chosen() -> list[int]:
    """The items that were ticked, each once; a 400 for what is no item, or for more than anybody reads at once."""
    ticked = list(dict.fromkeys(request.form.getlist("items")))
    try:
        ids = [identifiers.read(shown) for shown in ticked]
    except ValueError:
        abort(400)
    return abort(400) if len(ids) > together.MOST_CHOSEN else ids


def selection_page(ids: list[int], status: int = 200, bound: forms.DeclineTogether | None = None) -> Response:
    seen = together.choice(db.session, ids, by=current_user)
    language = most_spoken([member.language for member in seen.mine])
    page = render_template(
        "moderation/selection.html",
        choice=seen,
        form=bound or fresh_form(seen, language),
        status=status,
        **beside_the_form(language),
    )
    return Response(page, status, mimetype="text/html")


def fresh_form(seen: together.Choice, language: str | None) -> forms.DeclineTogether:
    data = {"letter": letters.letter(None, language), "count": len(seen.mine)}
    members = [identifiers.shown(member.id) for member in seen.mine]
    return forms.DeclineTogether(language, members, formdata=None, data=data)


def again(ids: list[int], form: forms.DeclineTogether) -> Response:
    """Time was over, or some were decided meanwhile: nothing is done, and what is there now stands as typed."""
    together.take_these(db.session, ids, by=current_user)
    db.session.commit()
    seen = together.choice(db.session, ids, by=current_user)
    fresh = fresh_form(seen, form.story_language)
    fresh.apart.data = sorted(set(form.apart.data or []) & set(fresh.apart.offered()))
    return selection_page(ids, 409, with_what_was_typed(fresh, form))

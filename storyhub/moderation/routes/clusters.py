"""What came as one: its page, and one decision about all of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from storyhub import languages
from storyhub.extensions import db
from storyhub.models.cluster import Cluster
from storyhub.models.decision import Reason
from storyhub.models.queue import Lane, QueueItem
from storyhub.models.site import the_site
from storyhub.moderation import actions, forms, letters, together
from storyhub.moderation.beforehand import heavy_notes
from storyhub.moderation.routes.blueprint import READING, desk
from storyhub.moderation.routes.when import settings, when, window
from storyhub.moderation.wording import Wording
from storyhub.protection import identifiers
from storyhub.protection.access import audience, only_reads_at_the_desk
from storyhub.protection.sealing import derived_key


@desk.get("/clusters/<id:cluster_id>")
@audience(*READING)
def cluster(cluster_id: int) -> Response:
    """Opening it takes what is there in hand: what comes later is not decided with it."""
    found = cluster_at(cluster_id)
    if request.method == "GET" and not found.chosen:
        together.take_in_hand(db.session, found, by=current_user)
        db.session.commit()
    return cluster_page(found)


@desk.post("/clusters/<id:cluster_id>/decline")
@audience(*READING)
def decline_cluster(cluster_id: int) -> Response:
    found = cluster_at(cluster_id, lock=True)
    items = {identifiers.shown(item.id): item for item in together.in_hand(db.session, found, by=current_user)}
    language = most_spoken([item.language for item in items.values()])
    form = forms.DeclineTogether(language, items)
    if not items and together.was_declined_by(db.session, found, current_user):
        return redirect(url_for(".cluster", cluster_id=found.id), 303)  # pressed twice
    if form.count.data != len(items):
        return again(found, form)
    if not form.validate():
        return cluster_page(found, 422, form)
    apart = set(form.apart.data or [])
    together.leave_apart(db.session, [items[shown] for shown in sorted(apart)], by=current_user)
    number, for_two = decline_all([item for shown, item in items.items() if shown not in apart], found, form)
    db.session.commit()
    say_what_was_done(number, for_two, len(apart))
    return redirect(url_for(".cluster", cluster_id=cluster_id), 303)


@desk.post("/clusters/<id:cluster_id>/release")
@audience(*READING)
def scatter_cluster(cluster_id: int) -> Response:
    found = cluster_at(cluster_id, lock=True)
    number = 0 if found.scattered or found.chosen else together.scatter(db.session, found, by=current_user)
    db.session.commit()
    said = ngettext(
        "%(num)s story waits by itself in the usual lane again.",
        "%(num)s stories wait in the usual lane again.",
        number,
    )
    flash(said if number else _("These stories wait each by itself already."))
    return redirect(url_for(".queue", lane=Lane.USUAL), 303)


@desk.post("/clusters/<id:cluster_id>/undo")
@audience(*READING)
def undo_cluster(cluster_id: int) -> Response:
    found = cluster_at(cluster_id, lock=True)
    undone, left = together.undo_together(db.session, found, by=current_user)
    db.session.commit()
    flash(ngettext("Undone. %(num)s story waits again.", "Undone. %(num)s stories wait again.", undone))
    if left:
        flash(ngettext("%(num)s could not be undone.", "%(num)s could not be undone.", left))
    if found.chosen and not left:  # each waits where it stood, and nothing is left to see of them together
        return redirect(url_for(".queue"), 303)
    return redirect(url_for(".cluster", cluster_id=cluster_id), 303)


def cluster_at(cluster_id: int, lock: bool = False) -> Cluster:
    found = db.session.get(Cluster, cluster_id, with_for_update=lock or None)
    return found if found is not None else abort(404)


def cluster_page(found: Cluster, status: int = 200, bound: forms.DeclineTogether | None = None) -> Response:
    if request.method == "GET":
        only_reads_at_the_desk()
    sight = together.sight(db.session, found, by=current_user)
    key = derived_key(settings().secret_key, "likeness")
    language = most_spoken([member.language for member in sight.mine])
    page = render_template(
        "moderation/cluster.html",
        cluster=found,
        sight=sight,
        passages=together.passages(db.session, sight, key),
        form=bound or fresh_form(sight, language),
        status=status,
        may_undo=together.may_be_undone(db.session, found, by=current_user),
        **beside_the_form(language),
    )
    return Response(page, status, mimetype="text/html")


def beside_the_form(language: str | None) -> dict[str, Any]:
    """What stands around the form that declines many as one; `language`: the one that most of them are in."""
    return {
        "goes_out": when(window()) if settings().release_minutes else "",
        "drafts": {str(reason): letters.letter(reason, language) for reason in Reason},
        "letter_language": letters.language_of_letter(language),
        "identifier": identifiers.shown,
        "words": Wording(languages.current()),
    }


@desk.context_processor
def before_the_openings() -> dict[str, Any]:
    """`heavy_notes(members)`: what is said before an opening, for whoever wants to know first."""
    return {"heavy_notes": lambda seen: heavy_notes(db.session, [one.id for one in seen], current_user)}


def decline_all(items: Collection[QueueItem], found: Cluster, form: forms.DeclineTogether) -> tuple[int, int]:
    """Decline these as the form says, at once where there are no windows: how many, and how many are for two."""
    declined = together.decline_together(
        items,
        found,
        by=current_user,
        window=window(),
        reason=Reason(form.reason.data),
        letter=form.letter_for,
        note=form.note.data,
        asked=the_site(db.session).second_eyes,
    )
    site = settings()
    db.session.flush()
    actions.release_at_once(db.session, minutes=site.release_minutes, originals_days=site.originals_days)
    return declined


def fresh_form(sight: together.Sight, language: str | None) -> forms.DeclineTogether:
    unlike = [identifiers.shown(member.id) for member in sight.mine if member.unlike]
    data = {"letter": letters.letter(None, language), "count": len(sight.mine), "apart": unlike}
    return forms.DeclineTogether(
        language, [identifiers.shown(member.id) for member in sight.mine], formdata=None, data=data
    )


def again(found: Cluster, form: forms.DeclineTogether) -> Response:
    """Time was over, or some were decided or came meanwhile: nothing is done, and what is there now is shown."""
    together.take_in_hand(db.session, found, by=current_user)
    db.session.commit()
    sight = together.sight(db.session, found, by=current_user)
    fresh = fresh_form(sight, form.story_language)
    fresh.apart.data = sorted({*(form.apart.data or []), *(fresh.apart.data or [])} & set(fresh.apart.offered()))
    return cluster_page(found, 409, with_what_was_typed(fresh, form))


def with_what_was_typed(fresh: forms.DeclineTogether, typed: forms.DeclineTogether) -> forms.DeclineTogether:
    fresh.reason.data, fresh.letter.data, fresh.note.data = typed.reason.data, typed.letter.data, typed.note.data
    return fresh


def most_spoken(spoken: list[str | None]) -> str | None:
    counted = Counter(spoken).most_common(1)
    return counted[0][0] if counted else None


def say_what_was_done(number: int, for_two: int, apart: int) -> None:
    if number or not for_two:
        flash(what_was_done(number, apart, settings().release_minutes))
    if for_two:
        flash(
            ngettext(
                "%(num)s story waits for a second person, who decides.",
                "%(num)s stories wait for a second person, who decides.",
                for_two,
            )
        )


def what_was_done(number: int, apart: int, minutes: int) -> str:
    said = ngettext("%(num)s story will not be published.", "%(num)s stories will not be published.", number)
    if minutes:
        said += " " + _("The letters can be read with the receipts %(when)s.", when=when(window()))
    if apart:
        said += " " + ngettext(
            "%(num)s was left out, and waits in the usual lane.",
            "%(num)s were left out, and wait in the usual lane.",
            apart,
        )
    return said

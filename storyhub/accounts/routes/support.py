"""Places to find help, as a steward looks after them."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from storyhub import languages
from storyhub.accounts import actions
from storyhub.accounts.routes.sign_in import account
from storyhub.accounts.supporting import SupportPlaceForm
from storyhub.extensions import db
from storyhub.models.support import SupportPlace, by_country, listed_places, well_known_places
from storyhub.protection.access import audience


@account.get("/organise/settings/support")
@audience("steward")
def support() -> str:
    listed = listed_places(db.session)
    return render_template(
        "accounts/support.html",
        groups=by_country(listed, languages.current()),
        to_check=[place for place in listed if place.is_to_be_checked],
        directories=[] if any(one.country is None for one in listed) else well_known_places([languages.current()]),
    )


@account.route("/organise/settings/support/new", methods=["GET", "POST"])
@audience("steward")
def new_place() -> AnyResponse | str:
    form = SupportPlaceForm()
    if form.validate_on_submit():
        if actions.list_place(db.session, form.settled(), by=current_user.id) is not None:
            return _done(True)
        form.name.errors = [*form.name.errors, _("This place is listed already.")]
    return render_template("accounts/support_place.html", form=form, place=None)


@account.route("/organise/settings/support/<id:place_id>", methods=["GET", "POST"])
@audience("steward")
def one_place(place_id: int) -> AnyResponse | str:
    place = db.session.get(SupportPlace, place_id) or abort(404)
    form = SupportPlaceForm(place)
    if form.validate_on_submit():
        return _done(actions.change_place(db.session, place, form.settled(), by=current_user.id))
    return render_template("accounts/support_place.html", form=form, place=place)


@account.post("/organise/settings/support/<id:place_id>/check")
@audience("steward")
def check_place(place_id: int) -> AnyResponse:
    place = db.session.get(SupportPlace, place_id)
    return _done(place is not None and actions.check_place(db.session, place, by=current_user.id))


@account.post("/organise/settings/support/<id:place_id>/higher")
@audience("steward")
def raise_place(place_id: int) -> AnyResponse:
    place = db.session.get(SupportPlace, place_id)
    return _done(place is not None and actions.raise_place(db.session, place, by=current_user.id))


@account.post("/organise/settings/support/<id:place_id>/removal")
@audience("steward")
def remove_place(place_id: int) -> AnyResponse:
    """A second press, or one on an old page, finds it gone and changes nothing."""
    if (place := db.session.get(SupportPlace, place_id)) is not None:
        actions.remove_place(db.session, place, by=current_user.id)
    return _done(place is not None)


@account.post("/organise/settings/support/directories")
@audience("steward")
def take_over_directories() -> AnyResponse:
    return _done(actions.take_over_directories(db.session, by=current_user.id) > 0)


def _done(changed: bool) -> AnyResponse:
    db.session.commit()
    flash(_("Done.") if changed else _("Nothing was changed."), "success")
    return redirect(url_for("accounts.support"), 303)

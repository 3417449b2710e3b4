"""What a steward settles in the browser, and what is still missing before stories can be asked for."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from storyhub.accounts.actions import settle
from storyhub.accounts.routes.sign_in import account
from storyhub.accounts.settling import TEXTS, SettingsForm
from storyhub.extensions import db
from storyhub.models.people import Role
from storyhub.models.site import missing_before_telling, the_site
from storyhub.protection.access import audience


@account.get("/organise/")
@audience("organiser", "steward")
def organise() -> AnyResponse:
    """The nearest room: for a steward the settings, until all is there that telling needs."""
    rooms = [(url, roles) for _words, url, roles in current_app.config["DESK_ROOMS"] if url.startswith("/organise/")]
    url = next(url for url, roles in rooms if current_user.is_any(*roles))
    if current_user.is_any(Role.STEWARD) and missing_before_telling(db.session):
        url = url_for("accounts.settings").removeprefix(request.script_root)
    return redirect(request.script_root + url, 303)


@account.route("/organise/settings", methods=["GET", "POST"])
@audience("steward")
def settings() -> AnyResponse | str:
    form = SettingsForm(the_site(db.session))
    preview = "preview" in request.form
    if form.validate_on_submit() and not preview:
        changed = settle(db.session, form.settled(), by=current_user.id)
        db.session.commit()
        flash(_("Saved.") if changed else _("Nothing was changed."), "success")
        return redirect(url_for("accounts.settings"), 303)
    return render_template(
        "accounts/settings.html", form=form, texts=TEXTS, preview=preview, missing=missing_before_telling(db.session)
    )

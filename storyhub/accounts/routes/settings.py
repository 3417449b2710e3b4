"""What a steward settles in the browser, and what is still missing before stories can be asked for."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from storyhub.accounts.actions import settle
from storyhub.accounts.routes.sign_in import account
from storyhub.accounts.settling import TEXTS, SettingsForm
from storyhub.extensions import db
from storyhub.models.site import missing_before_telling, the_site
from storyhub.protection.access import audience


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

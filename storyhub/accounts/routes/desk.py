"""How the desk works, as a steward settles it."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from storyhub.accounts.actions import settle
from storyhub.accounts.desk import DeskForm
from storyhub.accounts.routes.sign_in import account
from storyhub.extensions import db
from storyhub.models.site import the_site
from storyhub.protection.access import audience


@account.route("/organise/settings/desk", methods=["GET", "POST"])
@audience("steward")
def desk_settings() -> AnyResponse | str | tuple[str, int]:
    form = DeskForm(the_site(db.session))
    if form.validate_on_submit():
        changed = settle(db.session, form.settled(), by=current_user.id)
        db.session.commit()
        flash(_("Saved.") if changed else _("Nothing was changed."), "success")
        return redirect(url_for("accounts.desk_settings"), 303)
    page = render_template("accounts/desk.html", form=form)
    return (page, 422) if form.is_submitted() else page

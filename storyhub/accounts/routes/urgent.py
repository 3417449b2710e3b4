"""Which words make a story urgent, as a steward reads, tries and changes them."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from storyhub.accounts import actions
from storyhub.accounts.routes.sign_in import account
from storyhub.accounts.urgent import UrgentForm, name_of, title_of, urgent_form
from storyhub.extensions import db
from storyhub.models.site import the_site
from storyhub.protection.access import audience


@account.route("/organise/settings/urgent", methods=["GET", "POST"])
@audience("steward")
def urgent() -> AnyResponse | str:
    site = the_site(db.session)
    form = urgent_form(site.urgent_words, site.languages_read)
    if code := request.form.get("restore"):
        form.put_back(code)
        return _page(form, restored=code)
    if not form.validate_on_submit():
        return _page(form)
    if "try" in request.form:
        return _page(form, tried=form.try_out() if form.sentence.data else None)
    changed = actions.keep_urgent_words(db.session, form.kept(), by=current_user.id)
    db.session.commit()
    flash(_("Saved.") if changed else _("Nothing was changed."), "success")
    return redirect(url_for("accounts.urgent"), 303)


def _page(form: UrgentForm, **told: object) -> str:
    return render_template("accounts/urgent.html", form=form, name_of=name_of, title_of=title_of, **told)

"""New recovery codes for somebody who has used up or lost theirs."""

from __future__ import annotations

from flask import render_template
from flask_login import current_user

from storyhub.accounts import codes
from storyhub.accounts.forms import ConfirmForm
from storyhub.accounts.routes.sign_in import account, slow_down_guessing
from storyhub.extensions import db
from storyhub.models.people import Person
from storyhub.protection.access import audience


@account.route("/account/recovery-codes", methods=["GET", "POST"])
@audience("account")
def recovery_codes() -> str:
    person: Person = current_user._get_current_object()
    form, made = ConfirmForm(), []
    if form.validate_on_submit():
        slow_down_guessing()
        if person.verify_and_update_password(form.password.data or ""):
            made = codes.new_recovery_codes(person)
        else:
            form.refuse()
        db.session.commit()
    left = len(codes.recovery_codes(person))
    return render_template("accounts/recovery_codes.html", form=form, made=made, left=left)

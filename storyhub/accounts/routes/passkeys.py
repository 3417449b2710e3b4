"""Signing in with a passkey, and the passkeys that somebody has."""

from __future__ import annotations

from flask import abort, current_app, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from storyhub.accounts import passkeys, signed_in
from storyhub.accounts.forms import NewPasskeyForm, PasskeyAnswerForm
from storyhub.accounts.routes.sign_in import account, slow_down_guessing, way_on
from storyhub.extensions import db
from storyhub.models.people import How, Person, WebAuthn
from storyhub.models.site import the_site
from storyhub.protection.access import audience


@account.route("/account/passkey", methods=["GET", "POST"], endpoint="passkey")
@audience("sign-in")
def sign_in_with_passkey() -> AnyResponse | str:
    if current_user.is_authenticated or not passkeys.possible(_site_url()):
        return redirect(way_on(request.args.get("next")), 303)
    form = PasskeyAnswerForm(data={"next": request.args.get("next", "")})
    # Taken out of the session, so that each challenge is answered once.
    challenge = session.pop("passkey", None)
    refused = False
    if form.validate_on_submit() and challenge:
        slow_down_guessing()
        try:
            person = passkeys.person_who_answers(
                db.session, form.credential.data or "", challenge=challenge, site_url=_site_url()
            )
        except passkeys.NotThisKey:
            db.session.rollback()
            refused = True
        else:
            signed_in.enter(person, How.PASSKEY)
            db.session.commit()
            return redirect(way_on(form.next.data), 303)
    options, session["passkey"] = passkeys.ask(_site_url())
    return render_template("accounts/passkey.html", form=form, options=options, refused=refused or form.is_submitted())


@account.route("/account/passkeys", methods=["GET", "POST"], endpoint="passkeys")
@audience("account")
def my_passkeys() -> str:
    person = _person()
    form = NewPasskeyForm()
    options = None
    if form.validate_on_submit() and passkeys.possible(_site_url()):
        slow_down_guessing()
        if person.verify_and_update_password(form.password.data or ""):
            options, challenge = passkeys.offer(person, _site_url(), the_site(db.session).name)
            session["new_passkey"] = {"challenge": challenge, "name": form.name.data}
        else:
            form.refuse()
        db.session.commit()
    return render_template(
        "accounts/passkeys.html",
        form=form,
        answer=PasskeyAnswerForm(formdata=None),
        options=options,
        keys=sorted(person.webauthn, key=lambda key: key.name),
        possible=passkeys.possible(_site_url()),
    )


@account.post("/account/passkeys/new")
@audience("account")
def new_passkey() -> AnyResponse:
    form, asked = PasskeyAnswerForm(), session.pop("new_passkey", None)
    try:
        if asked is None or not form.validate():
            raise passkeys.NotThisKey
        passkeys.add(_person(), form.credential.data or "", site_url=_site_url(), **asked)
        db.session.commit()
        flash(_("Your passkey was added. Try it when you next sign in."), "success")
    except passkeys.NotThisKey:
        db.session.rollback()
        flash(_("That did not work, and no passkey was added. Please try again."), "warning")
    return redirect(url_for("accounts.passkeys"), 303)


@account.post("/account/passkeys/<id:key_id>/removal")
@audience("account")
def remove_passkey(key_id: int) -> AnyResponse:
    key = db.session.get(WebAuthn, key_id)
    if key is None or key.person_id != current_user.id:
        abort(404)
    db.session.delete(key)
    db.session.commit()
    flash(_("The passkey opens nothing here any more."), "success")
    return redirect(url_for("accounts.passkeys"), 303)


def _person() -> Person:
    person: Person = current_user._get_current_object()
    return person


def _site_url() -> str:
    return str(current_app.extensions["settings"].site_url)

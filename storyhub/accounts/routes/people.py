"""Who has an account here and what they may do, for stewards."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from storyhub import clock
from storyhub.accounts.actions import give_till, renew
from storyhub.accounts.forms import EndForm, InviteForm
from storyhub.accounts.queries import everybody, open_invitations
from storyhub.accounts.routes.sign_in import account
from storyhub.extensions import db
from storyhub.models.labels import ROLES
from storyhub.models.people import Invitation, LastSteward, Person, Role, find_person, invite
from storyhub.protection.access import audience, needs_fresh_sign_in

DAYS = 7


@account.route("/organise/people", methods=["GET", "POST"])
@audience("steward")
@needs_fresh_sign_in
def people() -> AnyResponse | str | tuple[str, int]:
    form = InviteForm()
    if form.validate_on_submit():
        name, role, until = form.name.data or "", Role(form.role.data), form.until.data
        if (person := find_person(db.session, name)) is not None:
            return _unless_last(lambda: give_till(person, role, until, by=current_user.id))
        token = invite(db.session, name, role, by=current_user.id, days=DAYS, until=until)
        db.session.commit()
        # In the answer itself and not after a redirect: it can be shown this once, and must not stay in a session.
        return _page(InviteForm(formdata=None), link=_link(token), invited=name)
    return (_page(form), 422) if form.is_submitted() else _page(form)


@account.post("/organise/people/<id:person_id>/role-end")
@audience("steward")
@needs_fresh_sign_in
def end_role(person_id: int) -> AnyResponse | tuple[str, int]:
    form, person = EndForm(), _person(person_id)
    if form.validate():
        return _unless_last(lambda: person.end_role(Role(form.role.data), form.until.data, by=current_user.id))
    return _page(InviteForm(formdata=None), trouble=f"{person.name}: {form.trouble}"), 422


@account.post("/organise/people/<id:person_id>/role-taken-away")
@audience("steward")
@needs_fresh_sign_in
def take_role(person_id: int) -> AnyResponse:
    try:
        role = Role(request.form.get("role", ""))
    except ValueError:
        abort(400)
    return _unless_last(lambda: _person(person_id).take_away(role, by=current_user.id))


@account.post("/organise/people/<id:person_id>/disabling")
@audience("steward")
@needs_fresh_sign_in
def disable(person_id: int) -> AnyResponse:
    return _unless_last(lambda: _person(person_id).disable(by=current_user.id))


@account.post("/organise/people/<id:person_id>/enabling")
@audience("steward")
@needs_fresh_sign_in
def enable(person_id: int) -> AnyResponse:
    return _done(_person(person_id).enable(by=current_user.id))


@account.post("/organise/people/<id:person_id>/new-keys")
@audience("steward")
@needs_fresh_sign_in
def new_keys(person_id: int) -> AnyResponse | str:
    person = _person(person_id)
    if person.id == current_user.id or not person.holds():
        abort(409)
    token = renew(db.session, person, by=current_user.id, days=DAYS)
    db.session.commit()
    return _page(InviteForm(formdata=None), link=_link(token), invited=person.name)


@account.post("/organise/invitations/<id:invitation_id>/withdrawal")
@audience("steward")
@needs_fresh_sign_in
def withdraw_invitation(invitation_id: int) -> AnyResponse:
    invitation = db.session.get(Invitation, invitation_id)
    if invitation is not None and invitation.is_open:
        db.session.delete(invitation)
    return _done(invitation is not None)


def _page(form: InviteForm, link: str | None = None, invited: str | None = None, trouble: str | None = None) -> str:
    return render_template(
        "accounts/people.html",
        form=form,
        link=link,
        invited=invited,
        trouble=trouble,
        days=DAYS,
        today=clock.today(),
        people=everybody(db.session),
        invitations=open_invitations(db.session),
        roles=ROLES,
    )


def _person(person_id: int) -> Person:
    return db.session.get(Person, person_id) or abort(404)


def _link(token: str) -> str:
    return str(current_app.extensions["settings"].site_url) + url_for("accounts.invitation", token=token)


def _unless_last(change: Callable[[], bool]) -> AnyResponse:
    try:
        return _done(change())
    except LastSteward:
        db.session.rollback()
        flash(_("No steward would be left. First make somebody else a steward, without a last day."), "warning")
        return redirect(url_for("accounts.people"), 303)


def _done(changed: bool) -> AnyResponse:
    db.session.commit()
    flash(_("Done.") if changed else _("Nothing was changed."), "success")
    return redirect(url_for("accounts.people"), 303)

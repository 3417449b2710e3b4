"""Coming in and going out: invitation, password, code."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, url_for
from flask_login import current_user
from flask_security.tf_plugin import tf_check_state, tf_clean_session
from flask_security.utils import validate_redirect_url
from werkzeug.wrappers import Response as AnyResponse

from storyhub.accounts import codes, passkeys, signed_in
from storyhub.accounts.forms import CodeForm, PasswordForm, SignInForm
from storyhub.accounts.queries import person_who_knows
from storyhub.extensions import db, security
from storyhub.models.labels import ROLES
from storyhub.models.people import AlreadyUsed, How, Invitation, Person, Role, accept, find_invitation
from storyhub.protection import limits
from storyhub.protection.access import audience

# Named as Flask-Security names it, which builds the addresses of its endpoints by this name.
security_views = Blueprint("security", __name__, url_prefix="/account")
account = Blueprint("accounts", __name__)

AT_THE_DESK = (Role.MODERATOR, Role.SAFEGUARDING_LEAD, Role.OUTSIDE_READER)
ORGANISING = (Role.ORGANISER, Role.STEWARD)


@security_views.route("/sign-in", methods=["GET", "POST"])
@audience("sign-in")
def login() -> AnyResponse | str:
    if current_user.is_authenticated:
        return redirect(way_on(request.args.get("next")), 303)
    tf_clean_session()
    form = SignInForm(data={"next": request.args.get("next", "")})
    if form.validate_on_submit():
        slow_down_guessing()
        person = person_who_knows(db.session, form.username.data or "", form.password.data or "")
        if person is not None:
            return _enter(person, form.next.data)
        form.refuse()
    site_url = current_app.extensions["settings"].site_url
    return render_template("accounts/sign_in.html", form=form, passkeys_possible=passkeys.possible(site_url))


def _enter(person: Person, way: str | None) -> AnyResponse:
    way = way if way and _stays_here(way) else None
    if not person.tf_totp_secret:
        codes.begin(person)
    asks_for_code = security.two_factor_plugins.tf_enter(person, False, "password", next_loc=way)
    if asks_for_code is None:  # no second factor yet: in, but only as far as setting one up
        signed_in.enter(person, How.PASSWORD)
    db.session.commit()
    return cast(AnyResponse, asks_for_code) or redirect(url_for("accounts.second_factor"), 303)


@security_views.route("/tf-validate", methods=["GET", "POST"])
@audience("sign-in")
def two_factor_token_validation() -> AnyResponse | str:
    person = cast(Person | None, tf_check_state(["ready"]))
    if person is None or not person.active:
        return redirect(url_for("security.login"), 303)
    form = CodeForm(data={"next": request.args.get("next", "")})
    if form.validate_on_submit():
        slow_down_guessing()
        if codes.opens(person, form.code.data or ""):
            security.two_factor_plugins.tf_complete(person, False)
            signed_in.enter(person, How.PASSWORD)
            db.session.commit()
            return redirect(way_on(form.next.data), 303)
        form.refuse()
    return render_template("accounts/code.html", form=form)


@security_views.post("/sign-out")
@audience("sign-in")
def logout() -> AnyResponse:
    signed_in.leave()
    db.session.commit()
    return redirect(f"{request.script_root}/", 303)


@account.get("/account/")
@audience("account")
def home() -> AnyResponse:
    return redirect(_desk_of(current_user), 303)


@account.route("/account/invitation/<token>", methods=["GET", "POST"])
@audience("sign-in")
def invitation(token: str) -> AnyResponse | str | tuple[str, int]:
    found = find_invitation(db.session, token)
    if found is None:
        abort(404)
    if not found.is_open:
        return _closed(found)
    form = PasswordForm(found.name)
    if form.validate_on_submit():
        try:
            person = accept(db.session, found)
        except AlreadyUsed:
            db.session.rollback()
            return _closed(found)
        codes.set_up(person, form.password.data or "")
        signed_in.leave()
        signed_in.enter(person, How.INVITATION)
        db.session.commit()
        return redirect(url_for("accounts.second_factor"), 303)
    inviter = db.session.get(Person, found.invited_by_id) if found.invited_by_id else None
    return render_template(
        "accounts/invitation.html", token=token, form=form, invitation=found, inviter=inviter, roles=ROLES
    )


def _closed(found: Invitation) -> tuple[str, int]:
    return render_template("accounts/invitation_closed.html", is_used=found.used_on is not None), 410


@account.route("/account/second-factor", methods=["GET", "POST"])
@audience("sign-in")
def second_factor() -> AnyResponse | str:
    if (person := _person_without_second_factor()) is None:
        return redirect(url_for("accounts.home"), 303)
    form = CodeForm()
    if form.validate_on_submit():
        slow_down_guessing()
        if codes.confirms(person, form.code.data or ""):
            person.second_factor_confirmed = True
            db.session.commit()
            return redirect(_desk_of(person), 303)
        form.refuse()
    return render_template(
        "accounts/second_factor.html",
        form=form,
        name=person.name,
        secret=codes.secret_groups(person),
        recovery_codes=codes.recovery_codes(person),
    )


@account.get("/account/second-factor.svg")
@audience("sign-in")
def second_factor_picture() -> Response:
    if (person := _person_without_second_factor()) is None:
        abort(404)
    return Response(codes.picture(person), mimetype="image/svg+xml")


def _person_without_second_factor() -> Person | None:
    """Whoever is setting up an app. Afterwards nobody sees the secret again, not even its owner."""
    if not current_user.is_authenticated or current_user.second_factor_confirmed:
        return None
    person: Person = current_user._get_current_object()
    return person


def slow_down_guessing() -> None:
    """By network and never by name: nobody can lock somebody else out of their account."""
    limits.refuse_over(limits.table.SIGN_IN)


def way_on(way: str | None) -> str:
    return way if way and _stays_here(way) else url_for(current_app.config["SECURITY_POST_LOGIN_VIEW"])


def _stays_here(way: str) -> bool:
    return way.startswith("/") and way.isprintable() and "\\" not in way and validate_redirect_url(way)


def _desk_of(person: Person) -> str:
    """The room in which somebody's work is; for whoever has none at present, the page about themself."""
    if person.is_any(*AT_THE_DESK):
        return f"{request.script_root}/desk/"
    return f"{request.script_root}/organise/" if person.is_any(*ORGANISING) else url_for("accounts.me")

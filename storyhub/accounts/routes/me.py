"""What belongs to somebody's own account: its keys, and where it is open."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from storyhub.accounts import codes, passkeys, signed_in
from storyhub.accounts.queries import sign_ins_of
from storyhub.accounts.routes.sign_in import account
from storyhub.extensions import db
from storyhub.models.labels import ROLES
from storyhub.models.people import SIGN_INS_KEPT, Role
from storyhub.protection.access import audience

PREFERENCES = "/desk/preferences"
READING = (Role.MODERATOR, Role.SAFEGUARDING_LEAD, Role.OUTSIDE_READER)


@account.get("/account/me")
@audience("account")
def me() -> str:
    has_preferences = current_user.is_any(*READING, Role.STEWARD) and any(
        rule.rule == PREFERENCES for rule in current_app.url_map.iter_rules()
    )
    return render_template(
        "accounts/me.html",
        memberships=current_user.whole_memberships,
        roles=ROLES,
        keys=len(current_user.webauthn),
        passkeys_possible=passkeys.possible(str(current_app.extensions["settings"].site_url)),
        codes_left=len(codes.recovery_codes(current_user._get_current_object())),
        preferences=request.script_root + PREFERENCES if has_preferences else None,
        reads=current_user.is_any(*READING),
    )


@account.get("/account/sign-ins")
@audience("account")
def sign_ins() -> str:
    return render_template(
        "accounts/sign_ins.html",
        sign_ins=sign_ins_of(db.session, current_user.id, first=signed_in.here()),
        here=signed_in.here(),
        days=SIGN_INS_KEPT,
    )


@account.post("/account/sign-ins/others")
@audience("account")
def sign_out_elsewhere() -> AnyResponse:
    ended = current_user.end_other_sessions(signed_in.here())
    db.session.commit()
    flash(
        _("This is now the only browser in which you are signed in.") if ended else _("Nothing was changed."), "success"
    )
    return redirect(url_for("accounts.sign_ins"), 303)


@account.post("/account/sign-ins/all")
@audience("account")
def sign_out_everywhere() -> AnyResponse:
    current_user.end_sessions()
    signed_in.leave()
    db.session.commit()
    return redirect(url_for("security.login"), 303)

"""The password once more, before what lets power or data out; whatever was typed before is carried along."""

from __future__ import annotations

import secrets

from flask import current_app, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from storyhub.accounts.forms import ConfirmForm
from storyhub.accounts.routes.sign_in import account, slow_down_guessing, way_on
from storyhub.extensions import db
from storyhub.protection.access import SAFE_METHODS, audience, freshen, is_fresh

PREFIX = "confirm-"  # of what this page adds to a form that it carries
MARK = f"{PREFIX}mark"


def ask_again() -> AnyResponse | None:
    """What stands before a view that needs a fresh sign-in. None lets it through.

    The page's form goes where the first one went, with all that was in it: nothing is stored meanwhile.
    """
    if (mark := request.form.get(MARK)) and mark == session.get("confirmed"):
        flash(_("This was done already, and nothing was done twice."), "plain")
        return redirect(_way_back(), 303)
    if request.method in SAFE_METHODS:
        return None if is_fresh() else redirect(url_for("accounts.confirm", next=_here()), 303)
    if not is_fresh() and not confirms(form := ConfirmForm(prefix=PREFIX)):
        return AnyResponse(_page(form, request.path, _carried()), mimetype="text/html")
    if mark:
        session["confirmed"] = mark
    return None


@account.route("/account/confirm", methods=["GET", "POST"])
@audience("account")
def confirm() -> AnyResponse | str:
    """The same for a page that is only looked at."""
    way = way_on(request.values.get("next"))
    form = ConfirmForm(prefix=PREFIX)
    if confirms(form):
        return redirect(way, 303)
    return _page(form, "/account/confirm", [("next", way)])


def confirms(form: ConfirmForm) -> bool:
    """Whether the password was given with this request, and is right."""
    if form.password.name not in request.form or not form.validate():
        return False
    slow_down_guessing()
    if current_user.password and current_user.verify_and_update_password(form.password.data or ""):
        db.session.commit()
        freshen()
        return True
    form.refuse()
    return False


def _carried() -> list[tuple[str, str]]:
    """What was typed before; the token and the password are new each time."""
    fields = [(k, v) for k, v in request.form.items(multi=True) if k != "csrf_token" and not k.startswith(PREFIX)]
    return [*fields, (MARK, secrets.token_urlsafe(8))]


def _page(form: ConfirmForm, action: str, carried: list[tuple[str, str]]) -> str:
    return render_template(
        "accounts/confirm.html",
        form=form,
        action=request.script_root + action,
        carried=carried,
        way_back=_way_back(),
    )


def _way_back() -> str:
    """The room whose form this was."""
    rooms = [url for _words, url, _roles in current_app.config["DESK_ROOMS"] if request.path.startswith(url)]
    return request.script_root + max(rooms, key=len, default="/account/")


def _here() -> str:
    return request.script_root + request.full_path.rstrip("?")

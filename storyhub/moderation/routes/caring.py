"""How somebody wants to work, and the kind stop. Whoever opens these pages sees and changes only what is their own."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response as Page
from flask import flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from storyhub.extensions import db
from storyhub.moderation import caring
from storyhub.moderation.forms_of_care import Preferences
from storyhub.moderation.routes import pausing
from storyhub.moderation.routes.blueprint import DECIDING, DESK, desk
from storyhub.moderation.routes.hands import on_to_next, passed_over
from storyhub.moderation.routes.when import settings, when, window
from storyhub.protection.access import audience


@desk.get("/preferences")
@audience(*DESK)
def preferences() -> Response:
    return preferences_page(preferences_form())


@desk.post("/preferences")
@audience(*DESK)
def keep_preferences() -> Response:
    form = preferences_form()
    if not form.validate():
        return preferences_page(form, 422)
    if caring.is_of_another(db.session, form.address, current_user):
        form.refuse_address()
        return preferences_page(form, 422)
    form.give_to(current_user)
    try:
        db.session.commit()
    except IntegrityError:  # somebody else took the address a moment ago
        db.session.rollback()
        form.refuse_address()
        return preferences_page(form, 422)
    flash(_("Saved."))
    return redirect(url_for(".preferences"), 303)


@desk.get("/pause")
@audience(*DECIDING)
def pause() -> str:
    """A stop at one's own measure, or a break. It is never forced: one press goes on."""
    wanted = pausing.asked_for(request.args)
    done = caring.today(db.session, current_user, window())
    return render_template(
        "moderation/pause.html",
        is_full=current_user.daily_measure is not None and done.read >= current_user.daily_measure,
        said_of_today=what_was_done(done),
        wanted=pausing.as_arguments(wanted),
        just_decided=session.pop("just_decided", None),
    )


@desk.post("/pause")
@audience(*DECIDING)
def go_on() -> Response:
    pausing.go_on(all_day=request.form.get("until") == pausing.ALL_DAY)
    return on_to_next(pausing.asked_for(request.form))


@desk.get("/left-to-others")
@audience(*DECIDING)
def left_to_others() -> str:
    """All that waits is what somebody would rather not, or can't, read."""
    wanted = pausing.asked_for(request.args)
    return render_template(
        "moderation/left_to_others.html",
        number=caring.left_to_others(db.session, current_user, wanted, passed_over()),
        most=caring.MOST_LEFT,
        wanted=pausing.as_arguments(wanted),
        just_decided=session.pop("just_decided", None),
    )


@desk.context_processor
def offers() -> dict[str, Callable[[], int]]:
    return {"break_to_offer": pausing.break_to_offer}


def preferences_form() -> Preferences:
    sends_mail = getattr(settings(), "smtp_url", None) is not None
    return Preferences(current_user, sends_mail=sends_mail, reads=current_user.is_any(*DECIDING))


def preferences_page(form: Preferences, status: int = 200) -> Response:
    done = caring.today(db.session, current_user, window())
    page = render_template("moderation/preferences.html", form=form, said_of_today=what_was_done(done))
    return Page(page, status)


def what_was_done(done: caring.Today) -> str:
    """“You read 41 stories today. 29 go out today at 22:00 (UTC).”"""
    said = [ngettext("You read %(num)s story today.", "You read %(num)s stories today.", done.read)]
    if done.out:
        said.append(ngettext("%(num)s is public now.", "%(num)s are public now.", done.out))
    if done.going_out:
        goes_out = when(window())
        said.append(ngettext("%(num)s goes out %(when)s.", "%(num)s go out %(when)s.", done.going_out, when=goes_out))
    return " ".join(said)

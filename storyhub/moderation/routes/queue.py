"""What waits, what was decided lately, and the next story."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, session
from flask_login import current_user
from werkzeug.wrappers import Response

from storyhub import languages
from storyhub.extensions import db
from storyhub.models.queue import Kind, Lane
from storyhub.moderation import by_receipt, forms, queries
from storyhub.moderation.lanes import Wanted
from storyhub.moderation.routes import pausing
from storyhub.moderation.routes.blueprint import DESK, READING, desk
from storyhub.moderation.routes.hands import on_to_next, pass_over
from storyhub.moderation.wording import Wording
from storyhub.protection import identifiers, limits
from storyhub.protection.access import audience, only_reads_at_the_desk


@desk.get("/")
@audience(*DESK)
def queue() -> str:
    only_reads_at_the_desk()
    wanted, after = queries.wanted(db.session, request.args), queries.cursor(request.args)
    counts = queries.counts(db.session, current_user)
    lane = wanted.lane or (Lane.URGENT if counts[Lane.URGENT] else Lane.USUAL)
    has_all = queries.reads_everything(current_user)
    came_as_one = has_all and lane is Lane.HELD and wanted.is_for_anything
    return render_template(
        "moderation/queue.html",
        lane=lane,
        Kind=Kind,
        wanted=wanted,
        filters=queries.address_of(wanted),
        counts=counts,
        has_all=has_all,
        resting=by_receipt.resting_count(db.session) if has_all else 0,
        flood_since=limits.flood_since(),
        shared_flood_since=limits.flood_since(limits.table.FLOOD_SHARED),
        queue=queries.waiting(db.session, lane, wanted, after, by=current_user),
        clusters=queries.waiting_clusters(db.session, after=after) if came_as_one else [],
        ages=queries.ages(db.session, lane) if has_all else [],
        just_decided=session.pop("just_decided", None),
        identifier=identifiers.shown,
        words=Wording(languages.current()),
        **choices_of_filters(wanted),
    )


def choices_of_filters(wanted: Wanted) -> dict[str, Any]:
    """What can be chosen beside the queue. A theme that is retired is named where it is looked for."""
    themes = forms.theme_choices(queries.offered_themes(db.session), languages.current())
    if wanted.theme and wanted.theme.retired:
        themes += forms.theme_choices([wanted.theme], languages.current())
    return {
        "waiting_languages": queries.languages_waiting(db.session),
        "themes": themes,
        "campaigns": queries.campaign_choices(db.session, languages.current()),
        "ages_to_choose": sorted({least for least, _most in queries.AGES if least} | {wanted.age or 1}),
    }


@desk.post("/next")
@audience(*DESK)
def next_story() -> Response:
    """What is asked for in the queue stays asked for; on from a story's page (`past`) it goes by that."""
    if left := request.form.get("past", ""):
        pass_over(left)
    wanted = queries.wanted(db.session, request.form)
    if "past" in request.form and wanted == Wanted():
        return on_to_next(pausing.kept(Lane.USUAL))
    pausing.keep(wanted)
    return on_to_next(wanted)


@desk.get("/decided")
@audience(*READING)
def decided() -> str:
    only_reads_at_the_desk()
    before = request.args.get("before", "")
    number = int(before) if before.isdecimal() and len(before) < 10 else None
    rows, older = queries.decided(db.session, number, by=current_user)
    names = queries.names(db.session, {decision.by_id for decision, _item_id in rows})
    return render_template(
        "moderation/decided.html",
        rows=rows,
        older=older,
        names=names,
        counts=queries.counts(db.session, current_user),
        words=Wording(languages.current()),
    )

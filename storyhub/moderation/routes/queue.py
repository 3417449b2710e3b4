"""What waits, what was decided lately, and the next story."""

from __future__ import annotations

from flask import render_template, request, session
from flask_login import current_user
from werkzeug.wrappers import Response

from storyhub import languages
from storyhub.extensions import db
from storyhub.models.queue import Kind, Lane
from storyhub.moderation import by_receipt, queries
from storyhub.moderation.routes.blueprint import DESK, READING, desk
from storyhub.moderation.routes.hands import on_to_next, pass_over
from storyhub.moderation.wording import Wording
from storyhub.protection import limits
from storyhub.protection.access import audience


@desk.get("/")
@audience(*DESK)
def queue() -> str:
    wanted = queries.wanted(request.args)
    counts = queries.counts(db.session, current_user)
    lane = wanted.lane or (Lane.URGENT if counts[Lane.URGENT] else Lane.USUAL)
    reads = current_user.is_any(*READING)
    return render_template(
        "moderation/queue.html",
        lane=lane,
        Kind=Kind,
        wanted=wanted,
        counts=counts,
        resting=by_receipt.resting_count(db.session) if reads else 0,
        flood_since=limits.flood_since(),
        shared_flood_since=limits.flood_since(limits.table.FLOOD_SHARED),
        queue=queries.waiting(db.session, lane, wanted, queries.cursor(request.args), by=current_user),
        clusters=queries.waiting_clusters(db.session) if reads and lane is Lane.HELD and wanted.is_for_anything else [],
        just_decided=session.pop("just_decided", None),
        waiting_languages=queries.waiting_languages(db.session, current_user),
        words=Wording(languages.current()),
    )


@desk.post("/next")
@audience(*DESK)
def next_story() -> Response:
    if left := request.form.get("past", ""):
        pass_over(left)
    return on_to_next(queries.wanted(request.form))


@desk.get("/decided")
@audience(*READING)
def decided() -> str:
    before = request.args.get("before", "")
    rows, older = queries.decided(db.session, int(before) if before.isdecimal() and len(before) < 10 else None)
    names = queries.names(db.session, {decision.by_id for decision, _item_id in rows})
    return render_template(
        "moderation/decided.html",
        rows=rows,
        older=older,
        names=names,
        counts=queries.counts(db.session, current_user),
        words=Wording(languages.current()),
    )

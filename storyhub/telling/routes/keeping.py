"""After telling: whether the receipt was written down, so that nobody finds out too late that it was not."""

from __future__ import annotations

from flask import Response, make_response, render_template, request

from storyhub.extensions import csrf, db
from storyhub.protection import receipts as codes
from storyhub.protection.access import audience
from storyhub.telling import carrying, queries
from storyhub.telling.forms import KeptForm
from storyhub.telling.routes.opening import TOO_OLD, UNREADABLE
from storyhub.telling.routes.sharing import telling


@telling.post("/share/kept")
@csrf.exempt
@audience("contributor")
def kept() -> Response:
    """Hide the receipt once it was kept, or when it will not be; show it again until it was typed right."""
    form = KeptForm()
    form.validate()
    receipt = None if form.csrf_token.errors else carrying.receipt_just_shown(form)
    if receipt is None:
        return make_response(render_template("telling/kept.html", how="too-old"), TOO_OLD)
    if request.form.get("step") == "not-kept":
        return make_response(render_template("telling/kept.html", how="not-kept"))
    typed = codes.digits_of(form.last.data or "")
    if typed in (receipt, codes.groups(receipt)[-1]):
        return make_response(render_template("telling/kept.html", how="kept"))
    form.sealed.data, form.last.data = carrying.seal_looked_up(receipt), ""
    story = queries.story_with(db.session, codes.digest(receipt, carrying.settings().receipt_key))
    page = render_template(
        "telling/sent.html",
        form=form,
        groups=codes.groups(receipt),
        wish=story.wish if story else None,
        country=story.newest.country if story else None,
        mistyped=True,
    )
    return make_response(page, UNREADABLE)

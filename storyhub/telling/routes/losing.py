"""“This is my story and I lost my receipt”: what only its teller can know goes to the desk, with a new receipt."""

from __future__ import annotations

from flask import Response, make_response, render_template
from flask_babel import gettext as _

from storyhub.extensions import csrf, db
from storyhub.models.queue import Lane
from storyhub.models.states import NotPossible
from storyhub.protection import limits
from storyhub.protection import receipts as codes
from storyhub.protection.access import audience
from storyhub.telling import actions, carrying, queries
from storyhub.telling.forms import LostForm, ReceiptForm
from storyhub.telling.routes.opening import TOO_OLD, UNREADABLE, opened, receipts, state_page, too_many
from storyhub.telling.routes.sharing import arrived


@receipts.get("/receipt/lost")
@audience("contributor")
def lost() -> str:
    return lost_page(LostForm(formdata=None))


@receipts.post("/receipt/lost")
@csrf.exempt
@audience("contributor")
def say_it_is_mine() -> Response:
    form = LostForm(**arrived())
    form.validate()
    waited_too_long = bool(form.csrf_token.errors)
    form.csrf_token.errors = ()
    if form.errors:
        return make_response(lost_page(form), UNREADABLE)
    story = queries.public_story(db.session, form.story.data or "")
    if story is None:
        form.story.errors = [
            _("No public story stands at this address. Please copy it from the top of the story's page.")
        ]
        return make_response(lost_page(form), UNREADABLE)
    minted = None if waited_too_long else carrying.receipt_for_concern(form, story.id)
    if minted is None:
        return make_response(lost_page(form, waited_too_long=True), TOO_OLD)
    receipt, is_fresh = minted
    digest = codes.digest(receipt, carrying.settings().receipt_key)
    is_known = queries.concern_with(db.session, digest) or queries.story_with(db.session, digest)
    if not is_known:
        is_within = limits.within(limits.table.LOST_RECEIPT)
        if not is_within and not limits.is_shared():
            return too_many(form.words.data, limits.table.LOST_RECEIPT)
        try:
            # Where very many come from one place none is refused, and the lead's lane is not flooded either.
            lane = Lane.URGENT if is_within else Lane.HELD
            actions.say_it_is_mine(db.session, story, form.words.data or "", digest, lane)
        except NotPossible:
            form.story.errors = [_("This story was taken back a moment ago.")]
            return make_response(lost_page(form), UNREADABLE)
        db.session.commit()
    # Only now, when the words are stored for good, is the receipt shown.
    groups = codes.groups(receipt) if is_fresh else None
    return make_response(render_template("telling/lost_sent.html", groups=groups))


@receipts.post("/receipt/contradiction")
@csrf.exempt
@audience("contributor")
def contradict() -> Response:
    """The holder of the receipt says that somebody else asked for their story."""
    found = opened(ReceiptForm(), to_act=True)
    if isinstance(found, Response):
        return found
    actions.contradict(db.session, found.story, carrying.settings().originals_days)
    db.session.commit()
    return state_page(found, done=_("Nobody else gets your story. Your receipt stays the only one that opens it."))


def lost_page(form: LostForm, *, waited_too_long: bool = False) -> str:
    form.sealed.data = carrying.seal_beginning(form)
    return render_template(
        "telling/lost.html",
        form=form,
        waited_too_long=waited_too_long,
        originals_days=carrying.settings().originals_days,
    )

"""A receipt on its way: minted at the check and carried sealed in the form, so that a lost answer loses no story."""

from __future__ import annotations

import hashlib

from flask import current_app

from storyhub import clock
from storyhub.config import Settings
from storyhub.extensions import db
from storyhub.models.story import State
from storyhub.protection import receipts
from storyhub.protection.sealing import IDLE_SECONDS, Broken, Sealer
from storyhub.telling.forms import ReceiptForm, StoryForm
from storyhub.telling.queries import story_with


def settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found


# For how long a sending again shows the receipt once more. Whoever finds the form days later must not be given it.
LOST_ANSWER_SECONDS = 24 * 60 * 60


def seal(form: StoryForm) -> str:
    """A receipt for these words, for the form to carry; the same one for as long as nothing else is stored under it."""
    carried = _carried(form)
    if carried is None or _is_used_up(carried, form):
        carried = {"receipt": receipts.mint(), "minted": str(int(clock.now().timestamp()))}
    return _sealer().seal(carried | {"words": _fingerprint(form)})


def may_be_shown_again(form: StoryForm) -> bool:
    """Whether the form's receipt was minted so lately that its answer may have been lost on the way."""
    carried = _carried(form)
    return carried is not None and clock.now().timestamp() - int(carried["minted"]) < LOST_ANSWER_SECONDS


def receipt_for(form: StoryForm) -> str | None:
    """The receipt that was minted for just these words; None when they are not those that were looked over."""
    carried = _carried(form)
    return carried["receipt"] if carried and carried["words"] == _fingerprint(form) else None


def seal_looked_up(receipt: str) -> str:
    """A receipt that was typed, for the next page's forms to carry: never in an address, never readable."""
    return _look_up_sealer().seal(receipt)


def receipt_of(form: ReceiptForm) -> str | None:
    """The receipt that was typed or carried; None when what was carried is too old."""
    if form.receipt.data:
        return receipts.read(form.receipt.data)
    try:
        return str(_look_up_sealer().open(form.sealed.data or "", IDLE_SECONDS))
    except Broken:
        return None


def _carried(form: StoryForm) -> dict[str, str] | None:
    try:
        carried: dict[str, str] = _sealer().open(form.sealed.data or "")
        return carried
    except Broken:
        return None


def _fingerprint(form: StoryForm) -> str:
    return hashlib.sha256((form.text.data or "").encode()).hexdigest()


def _is_used_up(carried: dict[str, str], form: StoryForm) -> bool:
    """Whether other words are stored under a carried receipt, or its story was taken back."""
    story = story_with(db.session, receipts.digest(carried["receipt"], settings().receipt_key))
    return story is not None and (carried["words"] != _fingerprint(form) or story.state is State.WITHDRAWN)


def _sealer() -> Sealer:
    return Sealer(settings().secret_key, "receipt in a form")


def _look_up_sealer() -> Sealer:
    return Sealer(settings().secret_key, "receipt looked up")

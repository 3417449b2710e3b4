"""A receipt on its way: minted at the check and carried sealed in the form, so that a lost answer loses no story."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets

from flask import current_app

from storyhub import clock
from storyhub.config import Settings
from storyhub.extensions import db
from storyhub.models.story import State
from storyhub.protection import receipts
from storyhub.protection.sealing import IDLE_SECONDS, Broken, Sealer, derived_key
from storyhub.telling.forms import EditForm, KeptForm, LostForm, ReceiptForm, StoryForm
from storyhub.telling.forms_of_concern import ConcernForm
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


def receipt_of(form: ReceiptForm | EditForm) -> str | None:
    """The receipt that was typed or carried; None when what was carried is too old."""
    if form.receipt.data:
        return receipts.read(form.receipt.data)
    return _looked_up(form.sealed.data)


def receipt_just_shown(form: KeptForm) -> str | None:
    """The receipt on the page that asks whether it was written down; None when that page is too old."""
    return _looked_up(form.sealed.data)


def _looked_up(token: str | None) -> str | None:
    try:
        return str(_look_up_sealer().open(token or "", IDLE_SECONDS))
    except Broken:
        return None


def seal_looked_over(form: EditForm) -> str:
    """A sign that just these words were looked over, for the next page's form to carry."""
    return _looked_over_sealer().seal(_fingerprint(form))


def was_looked_over(form: EditForm) -> bool:
    try:
        return bool(_looked_over_sealer().open(form.looked.data or "") == _fingerprint(form))
    except Broken:
        return False


def seal_beginning(form: LostForm | ConcernForm) -> str:
    """What a receipt will be made of, together with the words that are told; carried from the first page on."""
    begun = _begun(form) or {"seed": secrets.token_hex(16), "minted": str(int(clock.now().timestamp()))}
    return _beginning_sealer().seal(begun)


def receipt_for_concern(form: LostForm | ConcernForm, story_id: int, *more: str) -> tuple[str, bool] | None:
    """The receipt for these words about this story, and whether it may still be shown: the same for the same form.

    It is made from a secret of this site, from chance, and from the words (and what `more` was chosen): other words
    have another receipt, and nothing has to be stored before they are. None when the form carries nothing of ours.
    """
    begun = _begun(form)
    if begun is None:
        return None
    told = json.dumps([begun["seed"], story_id, form.words.data, *more]).encode()
    key = derived_key(settings().receipt_key, "receipt of a concern")
    is_fresh = clock.now().timestamp() - int(begun["minted"]) < LOST_ANSWER_SECONDS
    return receipts.made_from(hmac.new(key, told, hashlib.sha256).digest()), is_fresh


def _begun(form: LostForm | ConcernForm) -> dict[str, str] | None:
    try:
        begun: dict[str, str] = _beginning_sealer().open(form.sealed.data or "")
        return begun
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


def _looked_over_sealer() -> Sealer:
    return Sealer(settings().secret_key, "changed words looked over")


def _beginning_sealer() -> Sealer:
    return Sealer(settings().secret_key, "receipt of a concern")


def _look_up_sealer() -> Sealer:
    return Sealer(settings().secret_key, "receipt looked up")

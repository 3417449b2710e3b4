"""The page of something that was raised about a story, and the forms that answer it.

It shows what the public can read and nothing that is unpublished: a steward, who answers demands, reads none of that.
For everything else there is the story's own page.
"""

from __future__ import annotations

from typing import Any

from flask import render_template, request, session
from flask_login import current_user
from werkzeug.wrappers import Response

from storyhub import languages
from storyhub.extensions import db
from storyhub.models import demand
from storyhub.models.concern import About, Answered, Concern
from storyhub.models.decision import Reason
from storyhub.models.queue import QueueItem
from storyhub.models.story import State, Story, StoryVersion
from storyhub.moderation import actions, answers, by_receipt, forms, queries
from storyhub.moderation.actions import Wanted
from storyhub.moderation.beforehand import beforehand
from storyhub.moderation.forms_of_concern import LIKELY, Acceptance, Answer, DemandAnswer, Nothing
from storyhub.moderation.routes.hands import shown_id, was_opened
from storyhub.moderation.routes.when import when
from storyhub.moderation.wording import Wording
from storyhub.text import spans

# The reason that stands in the public policy for what was raised.
REASON = {About.NAMES_ME: Reason.NAMES_A_PERSON}


def is_raised(item: QueueItem) -> bool:
    """Whether an item is something about a story, rather than the story itself or its lost receipt."""
    return item.concern is not None and item.concern.about is not About.MY_STORY


def concern_page(item: QueueItem, status: int = 200, **bound: forms.DeskForm) -> Response:
    """What was raised, beside the story as the public reads it; forms that came back wrong stand as they were."""
    concern, story = item.concern, item.story
    assert concern is not None  # noqa: S101 - `is_raised` said so
    in_hand = actions.is_in_hand_of(item, current_user)
    made = forms_for(concern) if in_hand else {}
    typed = {**_as_typed(concern), **bound} if status == 409 else bound
    version = public_version(story)
    known = beforehand(item, current_user, version) if version else None
    answer = concern.decision
    page = render_template(
        "moderation/concern.html",
        item=item,
        concern=concern,
        story=story,
        version=version,
        paragraphs=spans.paragraphs(version.text or "") if version else [],
        known=known,
        is_folded=known is not None and known.is_folded and not was_opened(status),
        in_hand=in_hand,
        may_decide=actions.may_decide(item, current_user),
        can_be_put_back=can_be_put_back(story),
        own_item=story.item if story.item is not None and story.item.is_shown_to(current_user) else None,
        others=by_receipt.open_concerns(db.session, story, current_user, but=concern),
        goes_out=when(story.outcome_window) if story.outcome_window else "",
        answer=answer,
        demand=demand,
        names=queries.names(db.session, {answer.by_id} if answer else set()),
        reason=REASON.get(concern.about, Reason.OTHER),
        letter_language=answers.language_for(concern),
        carried=_written() if status == 409 and not in_hand else [],
        status=status,
        item_shown=shown_id(item),
        beside=queries.waiting(db.session, item.lane, Wanted(), size=12, by=current_user).rows,
        just_decided=session.pop("just_decided", None),
        words=Wording(languages.current()),
        **{**made, **{name: form for name, form in typed.items() if name in made}},
    )
    return Response(page, status, mimetype="text/html")


def public_version(story: Story) -> StoryVersion | None:
    """The words that the public reads, or read before they were set aside."""
    if story.public is not None:
        return story.public.version
    if story.state is not State.SET_ASIDE:
        return None
    return story.version(story.standing_number or story.public_number)


def can_be_put_back(story: Story) -> bool:
    return story.state is State.SET_ASIDE and story.outcome is None and not story.awaits_desk


def forms_for(concern: Concern) -> dict[str, Any]:
    if concern.about is About.LEGAL_DEMAND:
        return {"demanded": demand_form(concern)}
    return {"acceptance": acceptance_form(concern), "nothing": nothing_form(concern)}


def acceptance_form(concern: Concern, bound: bool = False) -> Acceptance:
    draft = answers.draft(concern, Answered.ACCEPTED)
    likely = str(LIKELY[concern.about])
    return Acceptance(draft) if bound else Acceptance(draft, formdata=None, data={"letter": draft, "did": likely})


def nothing_form(concern: Concern, bound: bool = False) -> Nothing:
    draft = answers.draft(concern, Answered.REFUSED)
    return Nothing(draft) if bound else Nothing(draft, formdata=None, data={"letter": draft})


def demand_form(concern: Concern, bound: bool = False) -> DemandAnswer:
    draft = answers.draft_to_demand(concern)
    return DemandAnswer(draft) if bound else DemandAnswer(draft, formdata=None, data={"letter": draft})


def _as_typed(concern: Concern) -> dict[str, forms.DeskForm]:
    """The answer that could not be taken, as it was filled in."""
    made: dict[str, Answer] = {}
    if (request.endpoint or "").endswith(".answer_demand") and concern.about is About.LEGAL_DEMAND:
        made["demanded"] = demand_form(concern, bound=True)
    elif (request.endpoint or "").endswith(".answer_raised") and concern.about in LIKELY:
        is_nothing = request.form.get("answer") == Answered.REFUSED
        name, make = ("nothing", nothing_form) if is_nothing else ("acceptance", acceptance_form)
        made[name] = make(concern, bound=True)
    return dict(made)


def _written() -> list[str]:
    """What was typed beside what could not be done, so that it is not lost."""
    return [words for name in ("letter", "note") if (words := request.form.get(name, "").strip())]

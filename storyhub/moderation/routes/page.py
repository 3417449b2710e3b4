"""The page of one story, and the forms beside it."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, session
from flask_login import current_user
from werkzeug.wrappers import Response

from storyhub import clock, languages
from storyhub.extensions import db
from storyhub.models.appeal import Heard
from storyhub.models.concern import Answered
from storyhub.models.decision import Act, Reason
from storyhub.models.queue import READERS, QueueItem
from storyhub.models.site import the_site
from storyhub.models.story import NONE_LEFT, MadeBy, Story
from storyhub.moderation import (
    actions,
    asking_first,
    by_receipt,
    following_up,
    forms,
    letters,
    originals,
    queries,
    readers,
    second_eyes,
    suggesting,
)
from storyhub.moderation import forms_by_receipt as replies
from storyhub.moderation.actions import Wanted
from storyhub.moderation.beforehand import beforehand
from storyhub.moderation.routes.concerned import concern_page, is_raised
from storyhub.moderation.routes.hands import shown_id, was_opened
from storyhub.moderation.routes.when import settings, when, window
from storyhub.moderation.wording import Wording
from storyhub.protection.access import only_reads_at_the_desk
from storyhub.text.hostility import may_be_aimed_at_contributors


def story_page(
    item: QueueItem, status: int = 200, *, with_originals: bool = False, **bound: forms.DeskForm
) -> Response:
    """The page of one story; forms that came back wrong stand as they were filled in.

    `with_originals`: somebody asked for what is put away since the decision, and that is on the record.
    """
    if request.method == "GET":
        only_reads_at_the_desk()  # it is in hand, and that was committed
    if is_raised(item):
        return concern_page(item, status, **bound)
    sheet = queries.sheet(db.session, item)
    story, in_hand = sheet.story, actions.is_in_hand_of(item, current_user)
    made = forms_for(item, sheet) if in_hand else {}
    made["originals"] = forms.Originals(formdata=None)
    if following_up.is_due(item, current_user):
        made["follow_up"] = forms.FollowUp(formdata=None)
    kept = {name: form for name, form in bound.items() if name in made or name == "setting_aside"}
    page = render_template(
        "moderation/item.html",
        sheet=sheet,
        item=item,
        story=story,
        version=sheet.version,
        in_hand=in_hand,
        may_decide=actions.may_decide(item, current_user),
        is_redacted=sheet.version.made_by is MadeBy.REDACTED and bool(sheet.hidden) and not originals.is_decided(story),
        told_anew=status == 409 and was_told_anew(story),
        goes_out=goes_out(story),
        decided_for=when(story.outcome_window) if story.outcome_window else "",
        status=status,
        aimed=may_be_aimed_at_contributors(sheet.version.text or "", sheet.version.language),
        carried=written() if status == 409 and not kept else [],
        item_shown=shown_id(item),
        beside=queries.waiting(db.session, item.lane, Wanted(), size=12, by=current_user).rows,
        letter_language=letters.language_of_letter(sheet.version.language),
        just_decided=session.pop("just_decided", None),
        **{"setting_aside": forms.SettingAside(formdata=None), **made, **kept},
        words=Wording(languages.current()),
        with_originals=with_originals,
        **before_the_words(item, sheet, status, **{**made, **kept}),
        **beside_the_words(item),
    )
    return Response(page, status, mimetype="text/html")


def before_the_words(item: QueueItem, sheet: queries.Sheet, status: int, **shown: Any) -> dict[str, Any]:
    """What is said above the words, whether they are folded, and which of them are marked."""
    story, version, site = item.story, sheet.version, the_site(db.session)
    known = beforehand(item, current_user)
    is_unread = not readers.reads(current_user, version.language)
    urgent = suggesting.urgent_in(item, site.urgent_words)
    found = shown.get("found")
    publication = shown.get("publication")
    return {
        "known": known,
        "is_folded": known.is_folded and not was_opened(status),
        "urgent": suggesting.quoted(version.text or "", urgent),
        "marked": suggesting.marked(
            sheet.paragraphs, found.spans if found else [], [(hit.start, hit.end) for hit in urgent]
        ),
        "first": second_eyes.first_reading(db.session, item),
        "may_take_back": second_eyes.may_take_back(item, current_user),
        "is_put_away": item.concern is None and originals.are_put_away(story),
        "original": originals.original(story) if item.concern is None and originals.is_decided(story) else None,
        "for_two": publication is not None and is_for_two(item, publication, found),
        "asked_first": asking_first.is_to_be_asked(story, site),
        "site": site,
        "may_set_aside": current_user.is_any(*READERS),
        "is_unread": is_unread,
        "is_read_by_somebody": is_unread and readers.anybody_reads(db.session, version.language or ""),
    }


def is_for_two(item: QueueItem, form: forms.Published, found: suggesting.Found | None = None) -> bool:
    """Whether what this form says leads to a second person."""
    asked = the_site(db.session).second_eyes
    return bool(asked) and second_eyes.wants_two_to_publish(
        asked,
        item,
        found or suggesting.found_in(item.story.newest),
        notes=form.notes,
        accuses=form.is_accusing,
    )


def said(item: QueueItem, form: forms.Published) -> dict[str, str | int | None]:
    """What is on the record of a publication: after whose reading, and that no detail is left that must not be."""
    return {**second_eyes.as_second(item), **(NONE_LEFT if form.none_left.data else {})}


def beside_the_words(item: QueueItem) -> dict[str, Any]:
    """What the contributor came back with, and what was asked of them."""
    story = item.story
    if item.concern is not None:
        return {"concern": item.concern, "unpublished": by_receipt.unpublished(db.session, story)}
    is_shown = by_receipt.is_edited(story) and not originals.is_decided(story)
    return {
        "is_edited": is_shown,
        "edited": by_receipt.edited(db.session, story) if is_shown else None,
        "questions": by_receipt.questions(story),
        "appeal": by_receipt.last_appeal(story),
        "concerns": by_receipt.open_concerns(db.session, story, current_user),
    }


def forms_for(item: QueueItem, sheet: queries.Sheet) -> dict[str, Any]:
    """The forms for what can be done about an item by whoever holds it."""
    story = item.story
    if item.concern is not None:
        replies_to_it: dict[str, Any] = {"refusal": refusal_form(item)}
        if clock.today() >= item.concern.to_be_handed_over_on:
            replies_to_it["handover"] = handover_form(item)
        return replies_to_it
    if story.open_appeal is not None:
        return {"uphold": uphold_form(item), "overturn": overturn_form(item)}
    if not story.is_undecided:
        return {}
    found = suggesting.found_in(story.newest)
    hints = suggesting.hints_in(story.newest, sheet.offered, sheet.themes)
    made: dict[str, Any] = {
        "publication": publication_form(item, sheet, hints),
        "hints": hints,
        "decline": decline_form(item),
        "redaction": redaction_form(item, found=found),
        "found": found,
    }
    if story.receipt_digest:  # else nobody could come back and answer
        made["question"] = question_form(item)
        if story.newest.made_by is MadeBy.REDACTED:
            made["proposal"] = proposal_form(item)
    made["drafts"] = {str(reason): made["decline"].draft(reason) for reason in Reason}
    return made


def goes_out(story: Story) -> str:
    """When it goes out if it is decided now, in words; nothing where that is at once."""
    if story.standing_number is not None:  # the wish was kept when the story itself was published
        return when(window()) if settings().release_minutes else ""
    return when(story.due(window())) if settings().release_minutes or story.wish.days else ""


def was_told_anew(story: Story) -> bool:
    """Whether the contributor changed the words while the form was open."""
    seen = request.form.get("version", "")
    return story.newest.made_by is MadeBy.EDITED and seen not in ("", str(story.newest.number))


def written() -> list[str]:
    """What was typed beside what could not be done, so that it is not lost."""
    return [words for name in ("words", "letter", "note") if (words := request.form.get(name, "").strip())]


def publication_form(
    item: QueueItem,
    sheet: queries.Sheet | None = None,
    hints: suggesting.Hints = suggesting.NO_HINTS,
    bound: bool = False,
) -> forms.Publication:
    story = item.story
    choices = forms.theme_choices(queries.offered_themes(db.session), languages.current())
    if bound:
        return forms.Publication(choices, story, may_accuse=may_accuse(item))
    newest = story.newest
    themes = sheet.themes if sheet else story.themes()
    data = {"themes": [theme.slug for theme in themes], "content_notes": newest.content_notes, "version": newest.number}
    return forms.Publication(choices, story, hints=hints, may_accuse=may_accuse(item), formdata=None, data=data)


def may_accuse(item: QueueItem) -> bool:
    """Whether it matters who decides that somebody is accused: not any more when a second person does."""
    return second_eyes.Eyes.NAMED in the_site(db.session).second_eyes and second_eyes.is_still_first(item)


def decline_form(item: QueueItem, bound: bool = False) -> forms.Decline:
    """After a first reading it begins with the reason and the letter of the first person, if they would decline."""
    story, newest = item.story, item.story.newest
    about = {"of_edit": story.standing_number is not None, "is_read": story.receipt_digest is not None}
    if bound:
        return forms.Decline(newest.language, **about)
    first = second_eyes.first_reading(db.session, item)
    reason = str(first.decision.reason) if first and first.would == Act.DECLINE and first.decision.reason else ""
    letter = first.letter if first and reason else None
    data = {
        "reason": reason,
        "letter": letter or letters.letter(None, newest.language, of_edit=about["of_edit"]),
        "version": newest.number,
    }
    return forms.Decline(newest.language, formdata=None, data=data, **about)


def redaction_form(item: QueueItem, bound: bool = False, found: suggesting.Found | None = None) -> forms.Redaction:
    newest = item.story.newest
    offered = (found or suggesting.found_in(newest)).suggestions
    if bound:
        return forms.Redaction(newest, offered)
    return forms.Redaction(newest, offered, formdata=None, data={"version": newest.number})


def question_form(item: QueueItem, bound: bool = False) -> replies.Question:
    if bound:
        return replies.Question()
    data = {"version": item.story.newest.number, "days": the_site(db.session).days_to_answer}
    return replies.Question(formdata=None, data=data)


def proposal_form(item: QueueItem, bound: bool = False) -> replies.Proposal:
    story, site = item.story, the_site(db.session)
    if bound:
        return replies.Proposal(story, may_accuse=may_accuse(item))
    first = second_eyes.first_reading(db.session, item)
    data = {
        "version": story.newest.number,
        "days": site.days_to_answer,
        "otherwise": site.without_answer,
        "words": first.letter if first and first.would == Act.PROPOSE else None,
    }
    return replies.Proposal(story, formdata=None, data=data, may_accuse=may_accuse(item))


def uphold_form(item: QueueItem, bound: bool = False) -> replies.Upholding:
    language = item.story.newest.language
    if bound:
        return replies.Upholding(language)
    return replies.Upholding(language, formdata=None, data={"letter": letters.upheld(language)})


def overturn_form(item: QueueItem, bound: bool = False) -> replies.Overturning:
    language = item.story.newest.language
    return replies.Overturning(language) if bound else replies.Overturning(language, formdata=None)


def refusal_form(item: QueueItem, bound: bool = False) -> replies.Refusal:
    language = item.story.newest.language
    if bound:
        return replies.Refusal(language)
    return replies.Refusal(language, formdata=None, data={"letter": letters.not_shown_to_be_theirs(language)})


def handover_form(item: QueueItem, bound: bool = False) -> replies.Handover:
    language = item.story.newest.language
    return replies.Handover(language) if bound else replies.Handover(language, formdata=None)


MADE_BY = {
    "publish": ("publication", publication_form),
    "decline": ("decline", decline_form),
    "redact": ("redaction", redaction_form),
    "ask_contributor": ("question", question_form),
    "propose": ("proposal", proposal_form),
    Heard.UPHELD: ("uphold", uphold_form),
    Heard.OVERTURNED: ("overturn", overturn_form),
    Answered.REFUSED: ("refusal", refusal_form),
    Answered.ACCEPTED: ("handover", handover_form),
}


def as_typed(item: QueueItem) -> dict[str, forms.DeskForm]:
    """The form that could not be taken, as it was filled in; places in words that have changed are left out."""
    verb = (request.endpoint or "").rpartition(".")[2]
    which = {"hear": request.form.get("heard"), "answer_concern": request.form.get("answer")}.get(verb, verb)
    if which not in MADE_BY:
        return {}
    name, make = MADE_BY[which]
    form: forms.DeskForm = make(item, bound=True)  # type: ignore[operator]
    if isinstance(form, forms.Redaction):
        form.spans.data = ""
    form.version.data = str(item.story.newest.number)
    return {name: form}

"""What the codes are called on pages, in the reader's language. The codes themselves never change."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from storyhub.models.codebook import Change
from storyhub.models.concern import About, Did
from storyhub.models.decision import Act, Reason
from storyhub.models.people import Role
from storyhub.models.queue import Kind, Lane, Urgency
from storyhub.models.story import Setting, State, Use, Wish
from storyhub.models.theme import CodedBy

Names = dict[str, LazyString]

SETTINGS: Names = {
    Setting.STREET: _("in the street"),
    Setting.TRANSPORT: _("on a bus, train or taxi"),
    Setting.WORK: _("at work"),
    Setting.SCHOOL: _("at school or university"),
    Setting.HOME: _("at home"),
    Setting.ONLINE: _("online"),
    Setting.HEALTHCARE: _("in a hospital or clinic"),
    Setting.SHOP: _("in a shop or market"),
    Setting.NIGHTLIFE: _("in a bar or at a party"),
    Setting.SPORT: _("in sport"),
    Setting.INSTITUTION: _("in an office or institution"),
    Setting.OTHER: _("somewhere else"),
}
STATES: Names = {
    State.WAITING: _("waiting to be read"),
    State.PUBLISHED: _("published"),
    State.DECLINED: _("not published"),
    State.SET_ASIDE: _("set aside"),
    State.WITHDRAWN: _("taken back"),
    State.COUNTED: _("counted"),
}
WISHES: Names = {
    Wish.PUBLISH: _("Publish it when it has been read"),
    Wish.WEEK: _("Publish it in a week"),
    Wish.MONTH: _("Publish it in a month"),
    Wish.COUNT: _("Do not publish it; only count it"),
}
USES: Names = {
    Use.QUOTE: _("Quote from it in reports, with its source"),
    Use.RESEARCH: _("Use it for research"),
    Use.PRESS: _("Show it to journalists"),
    Use.FULL: _("Let other sites show it in full"),
}
# The published policy's reasons: a name for forms and counts, and a sentence for the policy and the letter.
REASONS: Names = {
    Reason.NOT_A_STORY: _("It does not tell of something that happened"),
    Reason.ADVERTISING: _("It is advertising"),
    Reason.ABUSE: _("It is meant to hurt others"),
    Reason.NAMES_A_PERSON: _("It would show who somebody is"),
    Reason.UNDER_18_DETAIL: _("It has sexual detail about someone under 18"),
    Reason.DUPLICATE: _("It has been told here before"),
    Reason.UNREADABLE: _("We could not read it"),
    Reason.ASKED_BY_CONTRIBUTOR: _("The person who told it asked for this"),
    Reason.OTHER: _("Another reason, given in the letter"),
}
ACTS: Names = {
    Act.PUBLISH: _("published"),
    Act.DECLINE: _("not published"),
    Act.COUNT: _("counted, not published"),
    Act.REDACT: _("words hidden"),
    Act.HOLD: _("held"),
    Act.ESCALATE: _("passed to the safeguarding lead"),
    Act.SET_ASIDE: _("set aside"),
    Act.RESTORE: _("put back"),
    Act.UNDO: _("decision undone"),
    Act.ASK: _("a question asked"),
    Act.PROPOSE: _("hidden words shown to the contributor"),
    Act.PUBLISH_EDIT: _("changed words published"),
    Act.DECLINE_EDIT: _("changed words not published"),
    Act.FIRST_READ: _("read by a first person, for a second to decide"),
    Act.READ_ORIGINAL: _("the words as first told were read again"),
    Act.UPHOLD: _("appeal heard, decision kept"),
    Act.OVERTURN: _("appeal heard, decision taken back"),
    Act.HAND_OVER: _("a new receipt given to the contributor"),
    Act.ACCEPT_CONCERN: _("a concern answered, and something done about it"),
    Act.REFUSE_CONCERN: _("a concern answered"),
    Act.FOLLOW_UP: _("what the safeguarding lead did"),
    Act.PAUSE_PURGE: _("erasing paused for a legal duty"),
    Act.RESUME_PURGE: _("erasing goes on"),
    Act.DEMAND: _("a demand by others answered"),
    Act.RESPOND: _("a response published, changed or taken back"),
    Act.IMPORT: _("stories brought in from a file"),
    Act.EXPORT: _("a file of stories taken out"),
    Act.SETTINGS: _("the site's settings changed"),
}
URGENCIES: Names = {
    Urgency.DANGER: _("some words suggest present danger"),
    Urgency.CHILD: _("some words suggest a child"),
    Urgency.PASSED_ON: _("somebody passed it to the safeguarding lead"),
}
ABOUT: Names = {
    About.NAMES_ME: _("It names me, or shows who I am"),
    About.NAMES_INSTITUTION: _("It names an institution that I speak for"),
    About.DANGER: _("Somebody is in danger"),
    About.LEGAL_DEMAND: _("A legal demand"),
    About.MY_STORY: _("It is my story, and I lost my receipt"),
}
DID: Names = {
    Did.SET_ASIDE: _("the story was set aside"),
    Did.HIDDEN: _("words were hidden"),
    Did.TOLD_ON: _("somebody who can help was told"),
    Did.OTHER: _("something else, as the letter says"),
}
LANES: Names = {Lane.URGENT: _("Urgent"), Lane.USUAL: _("Usual"), Lane.HELD: _("Held")}
KINDS: Names = {
    Kind.STORY: _("Story"),
    Kind.EDIT: _("Edit"),
    Kind.APPEAL: _("Appeal"),
    Kind.CONCERN: _("Concern"),
    Kind.ANSWER: _("Answer"),
}
ROLES: Names = {
    Role.MODERATOR: _("moderator"),
    Role.ORGANISER: _("organiser"),
    Role.STEWARD: _("steward"),
    Role.SAFEGUARDING_LEAD: _("safeguarding lead"),
    Role.GUEST_CURATOR: _("guest curator"),
    Role.OUTSIDE_READER: _("outside reader"),
}
# What a story may speak of, so that a reader can choose not to read it today.
NOTES: Names = {
    "sexual-violence": _("sexual violence"),
    "violence": _("violence"),
    "domestic-violence": _("violence at home"),
    "child": _("harm to a child"),
    "threats": _("threats"),
    "stalking": _("being followed or watched"),
    "self-harm": _("self-harm or suicide"),
    "racism": _("racism"),
    "hatred": _("hatred of who somebody is"),
    "death": _("death"),
}
# Who gave a theme: a kind, never a name.
CODED_BY: Names = {
    CodedBy.CONTRIBUTOR: _("its contributor's own choice"),
    CodedBy.MODERATOR: _("a moderator"),
    CodedBy.ORGANISER: _("an organiser"),
    CodedBy.IMPORT: _("a file"),
    CodedBy.SUGGESTION: _("a program, and a person agreed"),
}

# What left the house, by `Export.what`.
EXPORTED: Names = {
    "stories": _("Stories"),
    "table": _("A table"),
    "brief": _("A brief"),
    "round": _("A sample, as it was coded"),
    "sealed": _("Private notes, sealed"),
}

# Long work, and why some could not be done: each room adds its own here.
LONG_WORKS: Names = {
    "merge-themes": _("Merging two themes"),
    "split-theme": _("Splitting a theme"),
    "undo-codebook-change": _("Taking a change of the codebook back"),
    "discover": _("Searching for what no theme covers"),
    "suggest": _("Suggesting themes"),
    "export": _("Making a file of stories"),
}
WHY_NOT: Names = {
    "too-few-stories": _("There are not enough stories to search in. Nothing was changed."),
    "theme-gone": _("This theme is not there any more. Nothing was changed."),
    "died": _("It was begun three times and the worker ended each time. Please tell whoever looks after this site."),
    "too-few": _(
        "There is too little to learn from: at least 50 coded stories, and a theme that 20 of them have and 20 do not."
    ),
    "no-model": _("Nothing was learned yet. Please let it learn first."),
    "no-encoder": _(
        "What was learned needs the extra part for many languages, which is not installed here. "
        "Please let it learn again."
    ),
    "none-any-more": _("No story is like this and may be used for it any more. No file was made."),
    "no-such-theme": _("A theme or campaign that you chose is not there any more. No file was made."),
    "not-installed": _("This machine can't write that kind of file. Whoever looks after it can add it: make parquet"),
    "disk-full": _(
        "There is no room left on the machine. No file was made. Please tell whoever looks after this site."
    ),
    # Of the codebook
    "taken": _("A theme with this address is there already."),
    "merged": _("That theme was merged into another one. Take the merge back first."),
    "merged-parent": _("Nothing can stand under a theme that was merged. Choose the one that it was merged into."),
    "loop": _("A theme can't stand under itself, or under one that stands under it."),
    "itself": _("A theme can't be merged into itself."),
    "retired": _("Stories can't be given to a retired theme. Bring it back first."),
    "going-on": _(
        "Its stories are just being moved, or that was broken off. The history shows it, and can take it back."
    ),
    "undone-already": _("That was taken back already."),
    "changed-since": _("A later change stands in the way. Take that one back first."),
    "given-since": _("Stories have that theme by now. Retire it, or merge it into another one instead."),
    "no-stories": _("No stories are chosen yet."),
    "gone": _("That theme is no longer there."),
}
CHANGES: Names = {
    Change.MADE: _("made"),
    Change.WORDED: _("worded anew"),
    Change.MOVED: _("moved"),
    Change.MERGED: _("merged"),
    Change.SPLIT: _("split"),
    Change.RETIRED: _("retired"),
    Change.RETURNED: _("brought back"),
    Change.BROUGHT: _("brought in from a file"),
    Change.UNDID: _("taken back"),
}

"""Every limit by its name: how much, of whom, what happens over it, and what it is for."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from functools import cache

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from limits import RateLimitItem, parse_many


class Over(enum.StrEnum):
    """What happens over a limit. Only one of these turns anybody away."""

    WEIGHS = "weighs"  # nothing by itself; other signs weigh more
    HOLDS = "holds"  # received all the same, and waits in the held lane
    MARKS = "marks"  # received all the same, and marked as part of a surge
    THANKS = "thanks"  # received with the same thanks, and not counted
    SLOWS = "slows"  # answered after another press of the button, a few seconds later
    REFUSES = "refuses"  # a kind page that carries back what was written, and says when to try again


class Per(enum.StrEnum):
    """Of whom it counts. Networks are counted by a keyed hash (promise 2), and shared ones are never refused."""

    NETWORK = "network"
    SITE = "site"
    PAGE = "page"  # one opened form, by a random number in its seal
    PASSAGE = "passage"  # a run of words, by its keyed sample
    PRESS = "press"  # what one network says to one story, by a keyed hash of all of it together
    PERSON = "account"  # somebody with an account


@cache
def parsed(amounts: str) -> list[RateLimitItem]:
    return parse_many(amounts)


@dataclass(frozen=True)
class Limit:
    """A named limit. Amounts are of the whole minute, hour or day by the clock, so that no counter tells a moment."""

    name: str
    amounts: str
    over: Over
    per: Per
    protects: str
    says: LazyString | None = None  # on the page of whoever is over it

    @property
    def items(self) -> list[RateLimitItem]:
        return parsed(self.amounts)

    @property
    def amount(self) -> int:
        return self.items[0].amount

    @property
    def seconds(self) -> int:
        return self.items[0].get_expiry()


TELLING_VOLUME = Limit(
    "telling", "200/hour", Over.WEIGHS, Per.NETWORK,
    "above it short stories that say the same are held as well; volume alone holds nobody",
)  # fmt: skip
TELLING_ALIKE = Limit(
    "telling-alike", "10/hour", Over.HOLDS, Per.PASSAGE,
    "the desk from a brigade that sends one text again and again, whatever networks it comes from",
)  # fmt: skip
TELLING_ALIKE_SHORT = Limit(
    "telling-alike-short", "20/hour", Over.HOLDS, Per.PASSAGE,
    "the same of a line of a few words, only from a network above its volume: short lines are alike because life is",
)  # fmt: skip
TELLING_SAMPLED = Limit(
    "telling-sampled", "5000/hour", Over.WEIGHS, Per.SITE,
    "memory: above it no new text is sampled; those that were seen often are still known",
)  # fmt: skip
TELLING_PAGE = Limit(
    "telling-page", "10/hour", Over.HOLDS, Per.PAGE,
    "the desk from a program that opens the form once and sends for ever",
)  # fmt: skip
TELLING_CEILING = Limit(
    "telling-ceiling", "2000/hour", Over.REFUSES, Per.NETWORK,
    "the disk, and the people who read, from a machine gone wild",
)  # fmt: skip
SURGE = Limit(
    "surge", "30/10 minutes", Over.MARKS, Per.SITE,
    "the desk: what arrives in one burst carries one random number, by which it can be looked at together",
)  # fmt: skip
FLOOD = Limit(
    "flood", "100/minute", Over.HOLDS, Per.SITE,
    "the desk, when very many networks send at once what is not alike: all is received and held, and the desk told",
)  # fmt: skip
FLOOD_SHARED = Limit(
    "flood-shared", "100/minute", Over.HOLDS, Per.SITE,
    "the same of what comes by shared addresses, by itself: one program there must not hold everybody else's stories",
)  # fmt: skip
FLOOD_SHARE = Limit(
    "flood-share", "20/minute", Over.WEIGHS, Per.NETWORK,
    "everybody else from one network: what it sends above this is not counted as a flood of the site",
)  # fmt: skip
LOOK_UP = Limit(
    "look-up", "60/minute", Over.SLOWS, Per.NETWORK,
    "receipts from being guessed, of which there are a million million million; nobody is locked out",
)  # fmt: skip
LOOK_UP_SITE = Limit(
    "look-up-site", "1200/minute", Over.SLOWS, Per.SITE,
    "the same, when the guesses come from many networks",
)  # fmt: skip
LOST_RECEIPT = Limit(
    "lost-receipt", "20/hour", Over.REFUSES, Per.NETWORK,
    "the desk, and the tellers of public stories, from whoever says of all of them that they are theirs",
)  # fmt: skip
SIGN_IN = Limit(
    "sign-in", "30/minute;200/hour", Over.REFUSES, Per.NETWORK,
    "passwords from being guessed; by network and never by name, so that nobody can lock somebody else out",
    says=_l("Somebody in your network tried to sign in very often. A passkey still works."),
)  # fmt: skip
SECOND_FACTOR = Limit(
    "second-factor", "30/hour", Over.REFUSES, Per.PERSON,
    "the app's codes from being guessed by whoever knows the password; recovery codes always work",
)  # fmt: skip
CODE_ONCE = Limit(
    "code-once", "1/5 minutes", Over.REFUSES, Per.PERSON,
    "a code of the app from being used by whoever saw it typed",
)  # fmt: skip
SEARCH = Limit(
    "search", "240/minute", Over.REFUSES, Per.NETWORK,
    "the database from a program that asks for everything",
    says=_l("Very many searches came from your network in a short time. This may not be about you."),
)  # fmt: skip
API = Limit(
    "api", "600/minute", Over.REFUSES, Per.NETWORK,
    "the database from a program that asks without pause; what has not changed since is answered without being counted",
)  # fmt: skip
SOLIDARITY = Limit(
    "solidarity", "300/hour", Over.THANKS, Per.NETWORK,
    "the counts under stories, all of them, from a program that presses everywhere",
)  # fmt: skip
SOLIDARITY_ONCE = Limit(
    "solidarity-once", "1/day", Over.THANKS, Per.PRESS,
    "the counts under a story from being run up from one network",
)  # fmt: skip
SOLIDARITY_SHARED = Limit(
    "solidarity-shared", "10/day", Over.THANKS, Per.PRESS,
    "the same by shared addresses, where one cannot be told from many: so many of all who come by them",
)  # fmt: skip
CONCERNS = Limit(
    "concerns", "30/hour", Over.HOLDS, Per.NETWORK,
    "the desk from whoever raises concerns about everything: those above it wait in the held lane",
)  # fmt: skip
CONCERNS_CEILING = Limit(
    "concerns-ceiling", "300/hour", Over.REFUSES, Per.NETWORK,
    "the disk from a machine gone wild",
)  # fmt: skip

TABLE: dict[str, Limit] = {limit.name: limit for limit in list(globals().values()) if isinstance(limit, Limit)}
